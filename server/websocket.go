package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"lacuna/internal/access"
)

// socketProtocol is the one that is spoken: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
const socketProtocol = "graphql-transport-ws"

// The codes with which the protocol closes a socket.
const (
	closeBadRequest     websocket.StatusCode = 4400
	closeUnauthorized   websocket.StatusCode = 4401
	closeForbidden      websocket.StatusCode = 4403
	closeBadProtocol    websocket.StatusCode = 4406
	closeInitTimeout    websocket.StatusCode = 4408
	closeSubscriberTwin websocket.StatusCode = 4409
	closeTooManyInits   websocket.StatusCode = 4429
)

// sockets carries operations over WebSocket, many on one connection.
type sockets struct {
	bounds  bounds
	origins []string // whose pages may open one, beside this server's own
	init    time.Duration
	pulse   time.Duration
	// identify finds who sends an API key; nil where there are none.
	identify func(key string) (access.Principal, bool)
}

var _ graphql.Transport = sockets{}

// Supports takes requests that ask for a socket.
func (sockets) Supports(r *http.Request) bool { return isSocket(r) }

// Do serves one socket until either side has had enough. Pages of other origins are refused but for
// those that are listed: browsers send no preflight here.
func (t sockets) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{socketProtocol}, OriginPatterns: t.origins})
	if err != nil {
		return // Accept has answered
	}
	defer func() { _ = conn.CloseNow() }() // where it is still open
	if conn.Subprotocol() != socketProtocol {
		_ = conn.Close(closeBadProtocol, "Subprotocol not acceptable")
		return
	}
	conn.SetReadLimit(socketBytes)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	s := &socket{sockets: t, conn: conn, exec: execution{exec, t.bounds}, headers: r.Header, key: keyOf(r), active: map[string]*underWay{}}
	s.base = context.WithoutCancel(ctx) // a read or a write whose context ends takes the connection with it, without a word
	farewell := context.AfterFunc(ctx, func() { _ = conn.Close(websocket.StatusGoingAway, "the server is stopping") })
	code, reason := s.serve(ctx)
	farewell()
	cancel()
	s.running.Wait()
	_ = conn.Close(code, reason)
}

// socket is one connection.
type socket struct {
	sockets

	conn    *websocket.Conn
	exec    execution
	headers http.Header
	key     string          // of who opened it, where there are keys
	base    context.Context // never ends
	running sync.WaitGroup

	mu     sync.Mutex
	active map[string]*underWay
}

// underWay is an operation that has begun.
type underWay struct{ cancel context.CancelFunc }

// message is one of the protocol.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// serve speaks the protocol until the socket is to be closed, and gives the code and the reason.
func (s *socket) serve(ctx context.Context) (websocket.StatusCode, string) {
	ctx, code, reason := s.begin(ctx)
	if code != 0 {
		return code, reason
	}
	go s.keepAlive(ctx)
	for {
		m, code, reason := s.read()
		if code != 0 {
			return code, reason
		}
		switch m.Type {
		case "ping":
			if s.write(message{Type: "pong", Payload: m.Payload}) != nil {
				return websocket.StatusGoingAway, ""
			}
		case "pong":
		case "subscribe":
			if code, reason := s.subscribe(ctx, m); code != 0 {
				return code, reason
			}
		case "complete":
			s.complete(m.ID)
		case "connection_init":
			return closeTooManyInits, "Too many initialisation requests"
		default:
			return closeBadRequest, "Invalid message"
		}
	}
}

// begin waits for the client to say who it is.
func (s *socket) begin(ctx context.Context) (context.Context, websocket.StatusCode, string) {
	impatience := time.AfterFunc(s.init, func() { _ = s.conn.Close(closeInitTimeout, "Connection initialisation timeout") })
	defer impatience.Stop()
	m, code, reason := s.read()
	switch {
	case code != 0:
		return ctx, code, reason
	case m.Type == "subscribe":
		return ctx, closeUnauthorized, "Unauthorized"
	case m.Type != "connection_init":
		return ctx, closeBadRequest, "Invalid message"
	}
	if s.identify != nil && access.From(ctx) == (access.Principal{}) { // browsers cannot send headers with a socket
		var payload struct{ Authorization string }
		if len(m.Payload) > 0 && json.Unmarshal(m.Payload, &payload) != nil {
			return ctx, closeBadRequest, "Invalid message"
		}
		scheme, key, _ := strings.Cut(payload.Authorization, " ")
		s.key = strings.TrimSpace(key)
		p, ok := s.identify(s.key)
		if !ok || !strings.EqualFold(scheme, "Bearer") {
			return ctx, closeForbidden, "Forbidden"
		}
		ctx = access.With(ctx, p)
	}
	if s.write(message{Type: "connection_ack"}) != nil {
		return ctx, websocket.StatusGoingAway, ""
	}
	return ctx, 0, ""
}

// read gives the next message.
func (s *socket) read() (m message, code websocket.StatusCode, reason string) {
	kind, text, err := s.conn.Read(s.base)
	switch {
	case err != nil:
		if closed := websocket.CloseStatus(err); closed != -1 {
			return m, websocket.StatusNormalClosure, ""
		}
		return m, websocket.StatusMessageTooBig, ""
	case kind != websocket.MessageText || json.Unmarshal(text, &m) != nil || m.Type == "":
		return m, closeBadRequest, "Invalid message"
	}
	return m, 0, ""
}

// write sends a message; a client that does not take it in time is gone.
func (s *socket) write(m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.base, streamWrite)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, text)
}

// keepAlive pings now and then, and ends the connection of a client that does not answer, or whose key was taken away.
func (s *socket) keepAlive(ctx context.Context) {
	tick := time.NewTicker(s.pulse)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if !holds(ctx, s.identify, s.key) {
				_ = s.conn.Close(closeForbidden, "Forbidden")
				return
			}
			waiting, cancel := context.WithTimeout(s.base, streamWrite)
			err := s.conn.Ping(waiting)
			cancel()
			if err != nil {
				_ = s.conn.CloseNow()
				return
			}
		}
	}
}

// subscribe begins an operation.
func (s *socket) subscribe(ctx context.Context, m message) (websocket.StatusCode, string) {
	var params graphql.RawParams
	if m.ID == "" || !decode(string(m.Payload), &params) || params.Query == "" {
		return closeBadRequest, "Invalid message"
	}
	params.Headers = s.headers
	params.ReadTime = graphql.TraceTiming{Start: graphql.Now(), End: graphql.Now()}
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.active[m.ID] != nil:
		cancel()
		return closeSubscriberTwin, "Subscriber for " + clipped(m.ID) + " already exists"
	case len(s.active) >= socketActive:
		cancel()
		text, err := json.Marshal(gqlerror.List{{Message: "too many operations are under way on this socket: complete some, or open another",
			Extensions: map[string]any{"code": codeTooManyRequests, "requestId": requestID(ctx)}}})
		if err != nil || s.write(message{ID: m.ID, Type: "error", Payload: text}) != nil {
			return websocket.StatusGoingAway, ""
		}
		return 0, ""
	}
	begun := &underWay{cancel}
	s.active[m.ID] = begun
	s.running.Go(func() {
		defer cancel()
		defer s.forget(m.ID, begun)
		s.operate(ctx, m.ID, begun, &params)
	})
	return 0, ""
}

// clipped is an id as it may stand in the reason of a close, which is short.
func clipped(id string) string { return id[:min(len(id), 60)] }

// operate runs an operation and sends its answers. Its id is free before its end is told, since the client may use it at once.
func (s *socket) operate(ctx context.Context, id string, begun *underWay, params *graphql.RawParams) {
	err := s.exec.run(ctx, params, func(response *graphql.Response, executed bool) error {
		if !executed {
			text, err := json.Marshal(response.Errors)
			if err == nil && s.forget(id, begun) {
				err = s.write(message{ID: id, Type: "error", Payload: text})
			}
			return err
		}
		var text bytes.Buffer
		write(&text, response, true)
		return s.write(message{ID: id, Type: "next", Payload: bytes.TrimSpace(text.Bytes())})
	})
	if err == nil && s.forget(id, begun) {
		err = s.write(message{ID: id, Type: "complete"})
	}
	if err != nil && ctx.Err() == nil {
		_ = s.conn.CloseNow()
	}
}

// forget frees the id of an operation; it answers whether it was still taken by it.
func (s *socket) forget(id string, begun *underWay) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active[id] != begun {
		return false
	}
	delete(s.active, id)
	return true
}

// complete ends the operation of an id, whose client has had enough.
func (s *socket) complete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.active[id]; found != nil {
		found.cancel()
		delete(s.active, id)
	}
}
