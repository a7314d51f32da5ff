package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"lacuna/graph"
	"lacuna/server"
	"lacuna/web"
)

// serveFlags are what all commands that serve take.
type serveFlags struct {
	addr     string
	logLevel slog.Level
}

func (f *serveFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.addr, "addr", "127.0.0.1:8080", "listen on this `address`, loopback only; port 0 chooses a free one")
	cmd.Flags().TextVar(&f.logLevel, "log-level", slog.LevelInfo, "write log lines from this `level` on: debug, info, warn, error")
}

func newServe() *cobra.Command {
	var flags serveFlags
	var location string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a store over GraphQL",
		Long: "Serve answers GraphQL at /graphql, a start page at /, a playground at /playground, /schema.graphqls, /healthz, /readyz\n" +
			"and /metrics. It listens on loopback alone, since no authentication is configured. The store's file is created when\n" +
			"it is missing. Other processes may load into it meanwhile.",
		Example: `  lacuna serve
  lacuna serve --store sqlite:shop.db --addr 127.0.0.1:9000`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := storePath(location)
			if err != nil {
				return err
			}
			return serve(cmd, flags, location, func(ctx context.Context, logger *slog.Logger) (graph.Store, error) {
				return openStore(ctx, path, logger, printer(cmd.ErrOrStderr()))
			}, nil)
		},
	}
	flags.add(cmd)
	addStoreFlag(cmd, &location)
	return cmd
}

// serve listens, opens the store and serves until the command's context ends. welcome, if any, is told the address.
func serve(cmd *cobra.Command, flags serveFlags, place string, open func(context.Context, *slog.Logger) (graph.Store, error), welcome func(address string)) error {
	collectGarbage(400) // what lives on is small, and what one request leaves behind is not: a tenth of its time
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	logger := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: flags.logLevel}))
	pages, err := server.NewPages(web.Pages())
	if err != nil {
		return err
	}
	listener, err := server.Listen(ctx, flags.addr)
	if wrong, ok := errors.AsType[*server.AddressError](err); ok {
		return usageError("--addr: %w", wrong)
	}
	if err != nil {
		return err
	}
	s := server.New(server.Options{Logger: logger, Registry: prometheus.NewRegistry(), Pages: pages, Place: place})
	return s.Serve(ctx, listener, func(ctx context.Context) (graph.Store, error) { return open(ctx, logger) }, func(address string) {
		fmt.Fprintf(stderr, "listening on %s\n", address)
		if welcome != nil {
			welcome(address)
		}
	})
}

// collectGarbage sets by how many percent the heap may grow between collections. Whoever sets GOGC has the last word.
func collectGarbage(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

func printer(w io.Writer) func(format string, args ...any) {
	return func(format string, args ...any) { fmt.Fprintf(w, format, args...) }
}

func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError("unexpected argument %q", args[0])
	}
	return nil
}
