package main

import (
	"context"
	"errors"
	"log/slog"

	"lacuna/graph"
	"lacuna/insight"
)

// viewOf reads a store once and gives a view of what it holds.
func viewOf(ctx context.Context, store graph.Store, o insight.Options, logger *slog.Logger) (*insight.View, error) {
	o.Logger = logger
	engine := insight.New(o)
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx, store) }()
	select {
	case <-engine.Tried():
	case <-ctx.Done():
	}
	stop()
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
		return nil, err
	}
	view, err := engine.View()
	if err != nil && context.Cause(ctx) == nil {
		return nil, err
	}
	return view, err
}
