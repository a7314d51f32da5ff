package server

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"lacuna/internal/access"
)

// The limits of connections that stay open.
const (
	mostStreams  = 1_000            // event streams and sockets together
	streamWrite  = 10 * time.Second // for a client to take one message
	socketInit   = 3 * time.Second  // for a client to begin
	socketBytes  = 64 << 10         // of one message of a client
	socketActive = 20               // operations under way on one socket
)

// streams are the connections that stay open. They end when the server stops, since nothing else would end them.
type streams struct {
	stopping context.Context
	stop     context.CancelFunc
	places   chan struct{}
	open     sync.WaitGroup
}

func newStreams() *streams {
	ctx, cancel := context.WithCancel(context.Background())
	return &streams{stopping: ctx, stop: cancel, places: make(chan struct{}, mostStreams)}
}

// enter takes a place for a connection and gives its context, which ends with the request's and when the server stops. leave
// gives the place back. It is not ok when all places are taken, or the server is stopping.
func (s *streams) enter(r *http.Request) (ctx context.Context, leave func(), ok bool) {
	if s.stopping.Err() != nil {
		return nil, nil, false
	}
	select {
	case s.places <- struct{}{}:
	default:
		return nil, nil, false
	}
	s.open.Add(1)
	ctx, cancel := context.WithCancel(r.Context())
	detach := context.AfterFunc(s.stopping, cancel)
	return ctx, func() {
		detach()
		cancel()
		<-s.places
		s.open.Done()
	}, true
}

// end tells all to end and waits until they have, or the context ends.
func (s *streams) end(ctx context.Context) {
	s.stop()
	ended := make(chan struct{})
	go func() {
		s.open.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// streaming tells whether a request asks for a connection that stays open.
func streaming(r *http.Request) bool {
	return isSocket(r) || acceptsEvents(r)
}

func isSocket(r *http.Request) bool { return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") }

func acceptsEvents(r *http.Request) bool {
	best := weight(r.Header.Values("Accept"), mediaEvents)
	return best.named && best.q > 0
}

// execution runs the operations of streams.
type execution struct {
	exec   graphql.GraphExecutor
	bounds bounds // of queries and mutations; subscriptions go on until their client has had enough
}

// run executes one operation and calls send with each of its answers. The answer to an operation that was refused says so in
// executed.
func (e execution) run(ctx context.Context, params *graphql.RawParams, send func(response *graphql.Response, executed bool) error) error {
	operation, errs := e.exec.CreateOperationContext(ctx, params)
	subscribes, stream := errs == nil && operation.Operation.Operation == ast.Subscription, ctx
	if errs == nil {
		if err := e.check(operation, subscribes); err != nil {
			errs = gqlerror.List{{Err: err, Message: err.Error()}}
		}
	}
	if errs != nil {
		return send(e.exec.DispatchError(graphql.WithOperationContext(ctx, operation), errs[:min(len(errs), mostRefusals)]), false)
	}
	if !subscribes {
		defer e.bounds.running.leave()
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.bounds.timeout)
		defer cancel()
	}
	respond, ctx := e.exec.DispatchOperation(ctx, operation)
	for {
		response := respond(ctx)
		if stream.Err() != nil { // nobody is there to hear that it was given up
			return stream.Err()
		}
		if response == nil {
			return nil
		}
		if err := send(response, true); err != nil || !subscribes {
			return err
		}
	}
}

// check refuses what cannot be carried, and takes a place for an operation that has one answer.
func (e execution) check(operation *graphql.OperationContext, subscribes bool) error {
	if err := checkOperation(http.MethodPost, operation, true); err != nil {
		return err
	}
	if !subscribes && !e.bounds.running.enter() {
		return busy{}
	}
	return nil
}

// holds tells whether the key with which a stream was opened is still one, of the same role.
func holds(ctx context.Context, identify func(string) (access.Principal, bool), key string) bool {
	if identify == nil {
		return true
	}
	p, ok := identify(key)
	return ok && p == access.From(ctx)
}
