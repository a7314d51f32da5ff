package server

import (
	"bytes"
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"lacuna/internal/access"
)

// mediaEvents is the media type of server-sent events.
const mediaEvents = "text/event-stream"

// eventStream carries operations over server-sent events, one a request, as the "distinct connections mode" of graphql-sse has it.
type eventStream struct {
	bodies bodies
	bounds bounds
	pulse  time.Duration
	// identify finds who sends an API key; nil where there are none.
	identify func(key string) (access.Principal, bool)
}

var _ graphql.Transport = eventStream{}

// Supports takes requests that accept events.
func (eventStream) Supports(r *http.Request) bool { return acceptsEvents(r) && !isSocket(r) }

// Do answers one request. What is no operation at all is refused before the stream begins.
func (t eventStream) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	params := new(graphql.RawParams)
	if err := t.bodies.read(params, w, r); err != nil {
		refuse(w, r, err)
		return
	}
	out := &events{w: w, control: http.NewResponseController(w)}
	if err := out.control.SetReadDeadline(time.Time{}); err != nil { // the body is read; the connection may stay silent from here on
		writeError(w, r, http.StatusInternalServerError, codeInternal, "this connection cannot carry events")
		return
	}
	w.Header().Set("Content-Type", mediaEvents)
	w.Header().Add("Vary", "Accept")
	w.Header().Set("X-Accel-Buffering", "no") // for a proxy that would hold events back
	w.WriteHeader(http.StatusOK)
	if out.write(":\n\n") != nil {
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	stop := out.keepAlive(t.pulse, func() {
		if !holds(ctx, t.identify, keyOf(r)) {
			cancel()
		}
	})
	defer stop()
	err := execution{exec, t.bounds}.run(ctx, params, func(response *graphql.Response, executed bool) error {
		var text bytes.Buffer
		text.WriteString("event: next\ndata: ")
		write(&text, response, executed)
		text.WriteString("\n")
		return out.write(text.String())
	})
	if err == nil {
		_ = out.write("event: complete\ndata:\n\n") // a client that is gone needs no end
	}
}

// events writes to a stream. It is safe for concurrent use.
type events struct {
	mu      sync.Mutex
	w       http.ResponseWriter
	control *http.ResponseController
}

func (e *events) write(text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.control.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil {
		return err
	}
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	return e.control.Flush()
}

// keepAlive writes a comment now and then, so that nobody between takes the connection for dead, and calls also with it.
func (e *events) keepAlive(pulse time.Duration, also func()) (stop func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(pulse)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				also()
				if e.write(":\n\n") != nil {
					return
				}
			}
		}
	}()
	return func() {
		close(ended)
		<-done
	}
}
