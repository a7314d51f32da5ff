package neo4jstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
)

// ServerState is what there is to know of a server before its data is read.
type ServerState struct {
	Version   string        // "5.26.31"
	Edition   string        // "community" or "enterprise"
	Schema    int           // version of the store's schema; 0 where there is no store
	Offline   []string      // indexes that are not online
	ClockOff  time.Duration // how far the server's clock is ahead of ours, beyond the time that asking took
	KeepAlive string        // of the setting server.bolt.connection_keep_alive_for_requests; "" where it may not be seen
}

// Inspect looks at a server and changes nothing.
func Inspect(ctx context.Context, o Options) (state ServerState, err error) {
	o.fill()
	driver, err := newDriver(&o)
	if err != nil {
		return state, err
	}
	s := &Store{opts: o, driver: driver, bookmarks: neo4j.NewBookmarkManager(neo4j.BookmarkManagerConfig{})}
	defer func() { err = errors.Join(err, driver.Close(context.WithoutCancel(ctx))) }()
	fail := func(err error) (ServerState, error) {
		return state, fmt.Errorf("inspect Neo4j: %w", translate(ctx, err))
	}
	records, err := s.readOnce(ctx, "server_version", nil)
	if err == nil && len(records) == 0 {
		err = fmt.Errorf("%w: the server does not tell its version", graph.ErrUnavailable)
	}
	if err != nil {
		return fail(err)
	}
	state.Version, state.Edition = text(records[0].Values[0]), text(records[0].Values[1])
	if records, err = s.readOnce(ctx, "store_found", nil); err != nil {
		return fail(err)
	}
	if len(records) > 0 {
		version, _ := records[0].Values[0].(int64)
		state.Schema = int(version)
	}
	if records, err = s.readOnce(ctx, "indexes_offline", nil); err != nil {
		return fail(err)
	}
	for _, r := range records {
		state.Offline = append(state.Offline, text(r.Values[0]))
	}
	before := o.Clock()
	if records, err = s.readOnce(ctx, "server_clock", nil); err != nil {
		return fail(err)
	}
	after := o.Clock()
	ms, _ := records[0].Values[0].(int64)
	switch now := time.UnixMilli(ms); {
	case now.Before(before.Truncate(time.Millisecond)):
		state.ClockOff = now.Sub(before)
	case now.After(after):
		state.ClockOff = now.Sub(after)
	}
	if records, err = s.readOnce(ctx, "server_keep_alive", nil); err == nil && len(records) > 0 { // who may not see it is told nothing
		state.KeepAlive = text(records[0].Values[0])
	}
	return state, nil
}
