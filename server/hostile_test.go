package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"lacuna/graph"
	"lacuna/internal/access"
)

const hostilePerKind = 40 // connections, more than there are places

// hostile runs a server of few places, and as much patience with headers and bodies as told, and what attacks it, so often at once. An honest client asks meanwhile,
// and must be answered each time.
func hostile(t *testing.T, header, body time.Duration, attack func(t *testing.T, address string)) {
	t.Helper()
	s, _ := newServer(Options{
		InFlight: 16, HeaderTimeout: header, BodyTimeout: body,
		RequestTimeout: 10 * time.Second, AnswerTimeout: time.Millisecond, ComplexityLimit: 1 << 30,
	})
	address, ready, stop := serving(t, s, func(context.Context) (graph.Store, error) { return keeping{openStore(t, 100, 50)}, nil })
	<-ready
	over := make(chan struct{})
	var all sync.WaitGroup
	for range hostilePerKind {
		all.Go(func() { attack(t, strings.TrimPrefix(address, "http://")) })
	}
	go func() { all.Wait(); close(over) }()
	honest, refused := 0, 0
	for going := true; going; {
		select {
		case <-over:
			going = false
		case <-time.After(10 * time.Millisecond):
		}
		status, body := fetch(t, request(t, http.MethodPost, address+"/graphql", `{"query": "{ customer(by: {id: \"c000\"}) { id } }"}`))
		switch {
		case status == http.StatusServiceUnavailable && strings.Contains(body, codeUnavailable):
			refused++
		case status == http.StatusOK && strings.Contains(body, `"c000"`):
			honest++
		default:
			t.Errorf("an honest client gets %d %.300s", status, body)
			going = false
		}
	}
	<-over
	if honest == 0 || refused > honest {
		t.Errorf("%d honest requests were answered, %d refused", honest, refused)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// keeping leaves closing the store to the test.
type keeping struct{ graph.Store }

func (keeping) Close() error { return nil }

// connect opens a connection that takes little in advance.
func connect(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Error(err)
		runtime.Goexit()
	}
	tcp := conn.(*net.TCPConn)
	if err := errors.Join(tcp.SetReadBuffer(4096), tcp.SetDeadline(time.Now().Add(40*time.Second))); err != nil {
		t.Error(err)
	}
	return tcp
}

// drip sends text byte by byte, slowly, until the other side has had enough.
func drip(conn net.Conn) {
	for {
		if _, err := conn.Write([]byte("x")); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// rest reads what the other side says until it ends the connection.
func rest(t *testing.T, conn net.Conn) string {
	t.Helper()
	text, err := io.ReadAll(conn)
	if errors.Is(err, context.DeadlineExceeded) || err != nil && strings.Contains(err.Error(), "timeout") {
		t.Error("the server keeps the connection")
	}
	return string(text)
}

const postHead = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

// TestSlowHeaders holds that a client which never ends its header is let go of.
func TestSlowHeaders(t *testing.T) {
	hostile(t, 2*time.Second, time.Minute, func(t *testing.T, address string) {
		conn := connect(t, address)
		defer conn.Close()
		fmt.Fprint(conn, postHead+"X-Slow: ")
		go drip(conn)
		rest(t, conn)
	})
}

// TestSlowBodies holds that a client which sends its body slowly keeps no place, and is told in the end.
func TestSlowBodies(t *testing.T) {
	hostile(t, time.Minute, 2*time.Second, func(t *testing.T, address string) {
		conn := connect(t, address)
		defer conn.Close()
		fmt.Fprint(conn, postHead+"Content-Length: 100000\r\n\r\n")
		go drip(conn)
		if text := rest(t, conn); !strings.HasPrefix(text, "HTTP/1.1 408 ") || !strings.Contains(text, codeInvalidArgument) {
			t.Errorf("the answer is %.300q", text)
		}
	})
}

// TestSlowReaders holds that a client which does not take its answer keeps no place, and is let go of.
func TestSlowReaders(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for a deadline of seconds")
	}
	t.Parallel()
	name := strings.Repeat("x", 3_000) // so that the answer is larger than what lies on its way
	body := fmt.Sprintf(`{"query": "{ findCustomers(first: 100) { nodes { interactions(first: 20) { nodes { %s: id } } } } }"}`, name)
	hostile(t, time.Minute, time.Minute, func(t *testing.T, address string) {
		conn := connect(t, address)
		defer conn.Close()
		begun := time.Now()
		fmt.Fprintf(conn, postHead+"Content-Length: %d\r\n\r\n%s", len(body), body)
		for { // until the server has given up
			if _, err := conn.Write([]byte("\r\n")); err != nil {
				break
			}
			if time.Since(begun) > 30*time.Second {
				t.Error("the server keeps the connection")
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
}

// TestHeaderFlood holds that a header has an end.
func TestHeaderFlood(t *testing.T) {
	hostile(t, time.Minute, time.Minute, func(t *testing.T, address string) {
		conn := connect(t, address)
		defer conn.Close()
		go func() {
			fmt.Fprint(conn, postHead)
			for i := 0; ; i++ {
				if _, err := fmt.Fprintf(conn, "X-%d: %s\r\n", i, strings.Repeat("v", 100)); err != nil {
					return
				}
			}
		}()
		if text := rest(t, conn); text != "" && !strings.HasPrefix(text, "HTTP/1.1 4") { // 431, where no reset overtakes it and the machine is not too slow
			t.Errorf("the answer is %.300q", text)
		}
	})
}

// TestLargeBodies holds that a body of any announced or unannounced length is read to its limit and no further.
func TestLargeBodies(t *testing.T) {
	chunk := strings.Repeat(" ", 64<<10)
	for name, head := range map[string]string{"announced": "Content-Length: 67108864\r\n\r\n", "chunked": "Transfer-Encoding: chunked\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			hostile(t, time.Minute, time.Minute, func(t *testing.T, address string) {
				conn := connect(t, address)
				defer conn.Close()
				go func() {
					fmt.Fprint(conn, postHead+head)
					for range 1024 {
						text := chunk
						if name == "chunked" {
							text = fmt.Sprintf("%x\r\n%s\r\n", len(chunk), chunk)
						}
						if _, err := conn.Write([]byte(text)); err != nil {
							return
						}
					}
				}()
				if text := rest(t, conn); text != "" && !strings.HasPrefix(text, "HTTP/1.1 413 ") {
					t.Errorf("the answer is %.300q", text)
				}
			})
			runtime.ReadMemStats(&after)
			if each := (after.TotalAlloc - before.TotalAlloc) / hostilePerKind; each > 64<<20 {
				t.Errorf("each took %d MB", each>>20)
			}
		})
	}
}

// TestSocketFlood holds that operations begun and completed by the thousand leave nothing, nor do pings that are not listened to.
func TestSocketFlood(t *testing.T) {
	hostile(t, time.Minute, time.Minute, func(t *testing.T, address string) {
		conn, err := dial(t, "http://"+address, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.CloseNow() }()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		send := func(text string) bool { return conn.Write(ctx, websocket.MessageText, []byte(text)) == nil }
		going := send(`{"type": "connection_init"}`)
		for i := 0; i < 200 && going; i++ {
			going = send(fmt.Sprintf(`{"id": "%d", "type": "subscribe", "payload": {"query": "{ findCustomers(first: 50) { nodes { name } } }"}}`, i)) &&
				send(fmt.Sprintf(`{"id": "%d", "type": "complete"}`, i)) && send(`{"type": "ping", "payload": {"x": "`+strings.Repeat("x", 1_000)+`"}}`)
		}
	})
	if n := runtime.NumGoroutine(); n > 100 {
		t.Errorf("%d goroutines are left", n)
	}
}

// TestKeyTakenAway holds that streams which were opened with a key end when it is no longer one.
func TestKeyTakenAway(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "keys.json")
	keys, err := access.Load(empty)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := keys.Add("the-admin", access.Admin, rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var current atomic.Pointer[access.Keyring]
	current.Store(keys)
	s, _ := newServer(Options{Keys: current.Load, StreamPulse: 20 * time.Millisecond})
	address, ready, stop := serving(t, s, func(context.Context) (graph.Store, error) { return keeping{openStore(t, 2, 0)}, nil })
	<-ready
	conn, err := dial(t, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	say(t, conn, `{"type": "connection_init", "payload": {"Authorization": "Bearer `+admin+`"}}`)
	if m := hear(t, conn); m.Type != "connection_ack" {
		t.Fatalf("heard %+v", m)
	}
	say(t, conn, fmt.Sprintf(`{"id": "s", "type": "subscribe", "payload": {"query": %q}}`, listen))
	r := request(t, http.MethodPost, address+"/graphql", `{"query": "subscription { interactionRecorded { id } }"}`)
	r.Header.Set("Authorization", "Bearer "+admin)
	r.Header.Set("Accept", mediaEvents)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	time.Sleep(100 * time.Millisecond)
	without, err := access.Load(empty)
	if err != nil {
		t.Fatal(err)
	}
	current.Store(without)
	if code := closed(t, conn); code != closeForbidden {
		t.Errorf("the socket is closed with %d", code)
	}
	if text, err := io.ReadAll(response.Body); err != nil || strings.Contains(string(text), "next") {
		t.Errorf("the stream ends with %q %v", text, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
