package server

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// quiet is how long no request must have come before idle connections are closed: a client that keeps one open sends its next
// request on it without asking, and would find it closed.
const quiet = 250 * time.Millisecond

// connections counts those of one http.Server.
type connections struct {
	open atomic.Int64
	last atomic.Int64 // when a request last came, in nanoseconds since 1970
}

// note is an http.Server's ConnState.
func (c *connections) note(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.open.Add(1)
	case http.StateActive:
		c.last.Store(time.Now().UnixNano())
	case http.StateClosed, http.StateHijacked:
		c.open.Add(-1)
	case http.StateIdle:
	}
}

// settle waits until all connections are closed, or no request has come for a while, or the context ends. Every answer
// meanwhile should ask the client to close its connection.
func (c *connections) settle(ctx context.Context) {
	begun := time.Now().UnixNano()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for c.open.Load() > 0 && time.Since(time.Unix(0, max(begun, c.last.Load()))) < quiet {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
