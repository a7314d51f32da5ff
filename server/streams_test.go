package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"lacuna/graph"
)

// site serves over real HTTP until the test ends, and gives the address and what tells it to stop.
func site(t *testing.T, o Options) (url string, store graph.Store, s *Server) {
	t.Helper()
	s, _ = newServer(o)
	store = openStore(t, 2, 1)
	s.Attach(store)
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		s.streams.end(context.WithoutCancel(t.Context()))
		web.CloseClientConnections()
		web.Close()
	})
	return web.URL, store, s
}

func dial(t *testing.T, url string, header http.Header) (*websocket.Conn, error) {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(url, "http")+"/graphql", &websocket.DialOptions{
		Subprotocols: []string{socketProtocol}, HTTPHeader: header,
	})
	if response != nil && response.Body != nil {
		response.Body.Close()
	}
	if conn != nil {
		t.Cleanup(func() { _ = conn.CloseNow() })
		conn.SetReadLimit(1 << 20)
	}
	return conn, err
}

// socketOf opens a socket and says hello.
func socketOf(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	conn, err := dial(t, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	say(t, conn, `{"type": "connection_init"}`)
	if m := hear(t, conn); m.Type != "connection_ack" {
		t.Fatalf("heard %+v", m)
	}
	return conn
}

func say(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, conn *websocket.Conn) (m message) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, text, err := conn.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// closed waits for the other side to close, and gives the code.
func closed(t *testing.T, conn *websocket.Conn) websocket.StatusCode {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		if _, _, err := conn.Read(ctx); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

func record(t *testing.T, store graph.Store, id, customer string) {
	t.Helper()
	_, err := store.Write(t.Context(), &graph.Batch{Interactions: []graph.Interaction{{
		ID: id, Type: graph.View, At: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), Customer: graph.ByID(customer), Product: "p1", Source: "test",
	}}})
	if err != nil {
		t.Fatal(err)
	}
}

const listen = `subscription($c: ID) { interactionRecorded(customer: $c) { id customer { id } product { id categories { id } } } }`

// TestSocket holds queries, refusals and a subscription over one socket.
func TestSocket(t *testing.T) {
	url, store, _ := site(t, Options{})
	conn := socketOf(t, url)
	say(t, conn, `{"type": "ping", "payload": {"a": 1}}`)
	if m := hear(t, conn); m.Type != "pong" || string(m.Payload) != `{"a":1}` {
		t.Errorf("heard %+v", m)
	}
	say(t, conn, `{"id": "q", "type": "subscribe", "payload": {"query": "{ customer(by: {id: \"c000\"}) { id } }"}}`)
	if m := hear(t, conn); m.ID != "q" || m.Type != "next" || !strings.HasPrefix(string(m.Payload), `{"data":{"customer":{"id":"c000"}}`) {
		t.Errorf("heard %+v %s", m, m.Payload)
	}
	if m := hear(t, conn); m.ID != "q" || m.Type != "complete" {
		t.Errorf("heard %+v", m)
	}
	say(t, conn, `{"id": "q", "type": "subscribe", "payload": {"query": "{ nope }"}}`)
	if m := hear(t, conn); m.ID != "q" || m.Type != "error" || !strings.Contains(string(m.Payload), `"INVALID_ARGUMENT"`) {
		t.Errorf("heard %+v %s", m, m.Payload)
	}
	say(t, conn, fmt.Sprintf(`{"id": "s", "type": "subscribe", "payload": {"query": %q, "variables": {"c": "c001"}}}`, listen))
	say(t, conn, `{"type": "ping"}`)
	hear(t, conn)
	eventuallyHears(t, conn, store, "s")
	say(t, conn, `{"id": "s", "type": "complete"}`)
	record(t, store, "late", "c001")
	say(t, conn, `{"id": "q2", "type": "subscribe", "payload": {"query": "mutation { upsertCustomers(input: [{id: \"n\"}]) { accepted } }"}}`)
	m := hear(t, conn)
	for m.ID == "s" { // told before it was completed
		m = hear(t, conn)
	}
	if m.ID != "q2" || !strings.Contains(string(m.Payload), `"accepted":1`) {
		t.Errorf("heard %+v %s", m, m.Payload)
	}
}

// eventuallyHears records interactions until the socket tells of one: when a subscription has begun is not told.
func eventuallyHears(t *testing.T, conn *websocket.Conn, store graph.Store, id string) {
	t.Helper()
	heard := make(chan message, 1)
	go func() {
		_, text, err := conn.Read(t.Context())
		var m message
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err != nil {
			m.Type = err.Error()
		}
		heard <- m
	}()
	for n := 0; ; n++ {
		record(t, store, fmt.Sprint("others-", n), "c000")
		record(t, store, fmt.Sprint("hers-", n), "c001")
		select {
		case m := <-heard:
			if m.ID != id || m.Type != "next" || !strings.Contains(string(m.Payload), `"id":"hers-`) || !strings.Contains(string(m.Payload), `"product":{"id":"p1","categories":[{"id":"k1"}]}`) {
				t.Errorf("heard %+v %s", m, m.Payload)
			}
			return
		case <-time.After(50 * time.Millisecond):
		}
		if n == 200 {
			t.Fatal("nothing is heard")
		}
	}
}

// TestSocketRules holds with which code each breach of the protocol ends.
func TestSocketRules(t *testing.T) {
	url, _, s := site(t, Options{})
	greeting := `{"type": "connection_init"}`
	sleeper := fmt.Sprintf(`{"id": "a", "type": "subscribe", "payload": {"query": %q}}`, listen)
	for name, c := range map[string]struct {
		say  []string
		code websocket.StatusCode
	}{
		"operation before the greeting": {[]string{sleeper}, 4401},
		"two greetings":                 {[]string{greeting, greeting}, 4429},
		"two of one id":                 {[]string{greeting, sleeper, sleeper}, 4409},
		"no JSON":                       {[]string{greeting, "secret"}, 4400},
		"no type":                       {[]string{greeting, "{}"}, 4400},
		"unknown type":                  {[]string{greeting, `{"type": "secret"}`}, 4400},
		"no id":                         {[]string{greeting, `{"type": "subscribe", "payload": {"query": "{ __typename }"}}`}, 4400},
		"no query":                      {[]string{greeting, `{"id": "a", "type": "subscribe", "payload": {}}`}, 4400},
		"too long a message":            {[]string{greeting, `{"type": "ping", "payload": "` + strings.Repeat("x", 70_000) + `"}`}, websocket.StatusMessageTooBig},
		"nesting without end":           {[]string{greeting, strings.Repeat("[", 60_000)}, 4400},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := dial(t, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range c.say {
				say(t, conn, text)
			}
			if code := closed(t, conn); code != c.code {
				t.Errorf("closed with %d, want %d", code, c.code)
			}
		})
	}
	if conn, err := dial(t, url, http.Header{"Origin": {"http://evil.example.com"}}); err == nil {
		_ = conn.CloseNow()
		t.Error("a page of another origin gets a socket")
	}
	if a := ask(t, s, `{ status { store } }`, nil); a.code() != "" {
		t.Error(a.Text)
	}
}

// TestSocketCaps holds how many operations a socket may have under way, and that a silent one is closed.
func TestSocketCaps(t *testing.T) {
	url, _, _ := site(t, Options{})
	conn := socketOf(t, url)
	for i := range socketActive + 1 {
		say(t, conn, fmt.Sprintf(`{"id": "s%d", "type": "subscribe", "payload": {"query": %q}}`, i, listen))
	}
	if m := hear(t, conn); m.ID != fmt.Sprint("s", socketActive) || m.Type != "error" || !strings.Contains(string(m.Payload), codeTooManyRequests) {
		t.Errorf("heard %+v %s", m, m.Payload)
	}
	say(t, conn, `{"id": "s0", "type": "complete"}`)
	say(t, conn, `{"id": "again", "type": "subscribe", "payload": {"query": "{ __typename }"}}`)
	if m := hear(t, conn); m.ID != "again" || m.Type != "next" {
		t.Errorf("heard %+v", m)
	}
	silent, err := dial(t, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if code := closed(t, silent); code != 4408 {
		t.Errorf("a silent socket is closed with %d", code)
	}
}

// TestSocketKeys holds that a socket of a server with keys says one, in a header or in its greeting.
func TestSocketKeys(t *testing.T) {
	s, _, admin, ingest := keyed(t)
	web := httptest.NewServer(s)
	defer web.Close()
	defer s.streams.end(t.Context())
	greet := func(header http.Header, payload string) (conn *websocket.Conn, m message, code websocket.StatusCode) {
		conn, err := dial(t, web.URL, header)
		if err != nil {
			return nil, m, websocket.CloseStatus(err)
		}
		say(t, conn, `{"type": "connection_init", "payload": `+payload+`}`)
		_, text, err := conn.Read(t.Context())
		if err != nil {
			return conn, m, websocket.CloseStatus(err)
		}
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		return conn, m, 0
	}
	for name, c := range map[string]struct {
		header  http.Header
		payload string
		code    websocket.StatusCode
	}{
		"header":       {http.Header{"Authorization": {"Bearer " + admin}}, `{}`, 0},
		"payload":      {nil, `{"Authorization": "Bearer ` + admin + `"}`, 0},
		"none":         {nil, `{}`, 4403},
		"wrong":        {nil, `{"Authorization": "Bearer x"}`, 4403},
		"wrong header": {http.Header{"Authorization": {"Bearer x"}}, `{}`, -1},
	} {
		if _, m, code := greet(c.header, c.payload); code != c.code || code == 0 && m.Type != "connection_ack" {
			t.Errorf("%s: %d %+v", name, code, m)
		}
	}
	conn, _, _ := greet(nil, `{"Authorization": "Bearer `+ingest+`"}`)
	say(t, conn, fmt.Sprintf(`{"id": "s", "type": "subscribe", "payload": {"query": %q}}`, listen))
	if m := hear(t, conn); m.Type != "error" || !strings.Contains(string(m.Payload), "FORBIDDEN") {
		t.Errorf("an ingest key listens: %+v", m)
	}
}

// events reads a stream of server-sent events, comments left out.
func stream(t *testing.T, url, query string) (status int, next func() (event, data string)) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	var text string
	return response.StatusCode, func() (string, string) {
		buf := make([]byte, 4096)
		for {
			if block, rest, ok := strings.Cut(text, "\n\n"); ok {
				text = rest
				if strings.HasPrefix(block, ":") {
					continue
				}
				event, data, _ := strings.Cut(strings.TrimPrefix(block, "event: "), "\ndata:")
				return event, strings.TrimSpace(data)
			}
			n, err := response.Body.Read(buf)
			text += string(buf[:n])
			if err != nil && !strings.Contains(text, "\n\n") {
				if err == io.EOF {
					return "EOF", ""
				}
				return "broken off", ""
			}
		}
	}
}

// TestEventStream holds a query, a refusal and a subscription over server-sent events.
func TestEventStream(t *testing.T) {
	url, store, _ := site(t, Options{})
	status, next := stream(t, url, `{ customer(by: {id: "c000"}) { id } }`)
	if event, data := next(); status != http.StatusOK || event != "next" || !strings.HasPrefix(data, `{"data":{"customer":{"id":"c000"}}`) {
		t.Errorf("%d %s %s", status, event, data)
	}
	if event, _ := next(); event != "complete" {
		t.Errorf("then %s", event)
	}
	_, next = stream(t, url, `{ nope }`)
	if event, data := next(); event != "next" || !strings.Contains(data, "INVALID_ARGUMENT") || strings.Contains(data, `"data"`) {
		t.Errorf("%s %s", event, data)
	}
	_, next = stream(t, url, `subscription { interactionRecorded { id customer { id } } }`)
	heard := make(chan string, 1)
	go func() { _, data := next(); heard <- data }()
	for n := 0; ; n++ {
		record(t, store, fmt.Sprint("i-", n), "c001")
		select {
		case data := <-heard:
			if !strings.Contains(data, `"interactionRecorded":{"id":"i-`) || !strings.Contains(data, `"customer":{"id":"c001"}`) {
				t.Errorf("heard %s", data)
			}
			return
		case <-time.After(50 * time.Millisecond):
		}
		if n == 200 {
			t.Fatal("nothing is heard")
		}
	}
}

// TestStreamsEnd holds that a server that stops ends what stays open, and takes nobody new.
func TestStreamsEnd(t *testing.T) {
	url, _, s := site(t, Options{})
	conn := socketOf(t, url)
	say(t, conn, fmt.Sprintf(`{"id": "s", "type": "subscribe", "payload": {"query": %q}}`, listen))
	_, next := stream(t, url, `subscription { interactionRecorded { id } }`)
	go s.streams.end(t.Context())
	if code := closed(t, conn); code != websocket.StatusGoingAway {
		t.Errorf("the socket is closed with %d", code)
	}
	if event, _ := next(); event != "complete" && event != "EOF" {
		t.Errorf("the stream ends with %s", event)
	}
	if status, _ := stream(t, url, `{ __typename }`); status != http.StatusServiceUnavailable {
		t.Errorf("afterwards %d", status)
	}
	if a := ask(t, s, `{ __typename }`, nil); a.Status != http.StatusOK {
		t.Errorf("a query is answered with %d", a.Status)
	}
}
