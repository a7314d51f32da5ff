package neo4jstore

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"lacuna/graph"
	"lacuna/graph/neo4jstore/neo4jtest"
)

// cable is the way to the server, which can be cut.
type cable struct {
	*testing.T
	proxy  *toxiproxy.Proxy
	server neo4jtest.Location
}

// newCable puts a way before the tests' server, whose database it empties.
func newCable(t *testing.T) *cable {
	t.Helper()
	server := neo4jtest.Server(t)
	neo4jtest.Empty(t, server)
	_, upstream, _ := strings.Cut(server.URL, "://")
	c := &cable{T: t, server: server}
	c.proxy = toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop()), "bolt", "127.0.0.1:0", upstream)
	c.connect()
	t.Cleanup(c.proxy.Stop)
	return c
}

func (c *cable) connect() {
	c.Helper()
	for range 100 {
		if err := c.proxy.Start(); err == nil || errors.Is(err, toxiproxy.ErrProxyAlreadyStarted) {
			return
		}
		time.Sleep(10 * time.Millisecond) // the port is not free yet
	}
	c.Fatal("the way to the server cannot be opened again")
}

func (c *cable) toxic(text string) {
	c.Helper()
	if _, err := c.proxy.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
		c.Fatal(err)
	}
}

func (c *cable) open(o Options) *Store {
	c.Helper()
	o.URL, o.User, o.Password, o.CreateIfMissing = "bolt://"+c.proxy.Listen, c.server.User, c.server.Password, true
	s, err := Open(c.Context(), o)
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() {
		if err := s.Close(); err != nil {
			c.Error(err)
		}
	})
	return s
}

// within runs a call that must end soon.
func (c *cable) within(most time.Duration, what string, call func() error) error {
	c.Helper()
	begun := time.Now()
	err := call()
	if took := time.Since(begun); took > most+slack {
		c.Errorf("%s took %v, want at most %v", what, took, most)
	}
	return err
}

// slack is what a busy machine may add.
const slack = 4 * time.Second

func (c *cable) unavailable(s *Store, when string) {
	c.Helper()
	err := c.within(time.Second, "a read "+when, func() error {
		_, err := s.Customers(c.Context(), []graph.CustomerRef{graph.ByID("1")})
		return err
	})
	if !errors.Is(err, graph.ErrUnavailable) {
		c.Errorf("a read %s: %v, want ErrUnavailable", when, err)
	}
}

// recovers waits until the store answers again.
func (c *cable) recovers(s *Store) {
	c.Helper()
	for deadline := time.Now().Add(5*time.Second + slack); ; time.Sleep(20 * time.Millisecond) {
		_, err := s.Stats(c.Context())
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			c.Fatalf("it does not answer again: %v", err)
		}
	}
}

func row(id string) *graph.Batch {
	return &graph.Batch{Interactions: []graph.Interaction{{ID: id, Customer: graph.ByID("1"), Type: graph.View, At: instant(1e15), Source: "test"}}}
}

func TestServerAway(t *testing.T) {
	c := newCable(t)
	s := c.open(Options{ReadTimeout: time.Second})
	if _, err := s.Write(t.Context(), row("before")); err != nil {
		t.Fatal(err)
	}
	c.proxy.Stop()
	c.unavailable(s, "while the server is down")
	if _, err := s.Write(t.Context(), row("lost")); !errors.Is(err, graph.ErrUnavailable) {
		t.Errorf("a write while the server is down: %v", err)
	}
	err := c.within(time.Second, "opening", func() error {
		_, err := Open(t.Context(), Options{URL: "bolt://" + c.proxy.Listen, User: c.server.User, Password: c.server.Password})
		return err
	})
	if !errors.Is(err, graph.ErrUnavailable) || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("opening while the server is down: %v", err)
	}
	c.connect()
	c.recovers(s)

	c.toxic(`{"name": "reset", "type": "reset_peer", "attributes": {"timeout": 0}}`)
	c.unavailable(s, "over a connection that is reset")
	if err := c.proxy.Toxics.RemoveToxic(t.Context(), "reset"); err != nil {
		t.Fatal(err)
	}
	c.recovers(s)

	c.toxic(`{"name": "silent", "type": "timeout", "attributes": {"timeout": 0}}`)
	c.unavailable(s, "of a server that says nothing")
	if err := c.proxy.Toxics.RemoveToxic(t.Context(), "silent"); err != nil {
		t.Fatal(err)
	}
	c.recovers(s)

	c.toxic(`{"name": "slow", "type": "latency", "attributes": {"latency": 100}}`)
	if _, err := s.Stats(t.Context()); err != nil {
		t.Errorf("a slow server: %v", err)
	}
	if err := c.proxy.Toxics.RemoveToxic(t.Context(), "slow"); err != nil {
		t.Fatal(err)
	}
	stats, err := s.Stats(t.Context())
	if err != nil || stats.Interactions != 1 {
		t.Errorf("%d interactions are stored, %v, want 1", stats.Interactions, err)
	}
}

// TestRefused holds that what a person can mend is told so that they can.
func TestRefused(t *testing.T) {
	server := neo4jtest.Server(t)
	for _, c := range []struct {
		name string
		o    Options
		want error
		says string
	}{
		{"wrong password", Options{URL: server.URL, User: server.User, Password: "another"}, graph.ErrInvalid, "the user or the password"},
		{"wrong database", Options{URL: server.URL, User: server.User, Password: server.Password, Database: "nothing"}, graph.ErrInvalid, "no database of that name"},
		{"no URL", Options{URL: "here"}, graph.ErrInvalid, ""},
	} {
		_, err := Open(t.Context(), c.o)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), c.o.Password) && c.o.Password != "" {
			t.Errorf("%s: %v, want %v: %s", c.name, err, c.want, c.says)
		}
	}
}

// TestCuts writes while the way to the server is cut again and again: what was acknowledged is there, once.
func TestCuts(t *testing.T) {
	cuts := 5
	if os.Getenv("LACUNA_SOAK") == "1" {
		cuts = 50
	}
	c := newCable(t)
	surviveWriting(t, c.open(Options{ReadTimeout: time.Second}), func() error {
		for range cuts {
			time.Sleep(150 * time.Millisecond)
			c.proxy.Stop()
			time.Sleep(30 * time.Millisecond)
			c.connect()
		}
		return nil
	})
}

// TestKilledServer kills the server itself while it is written to, as a power cut would, and starts it again.
func TestKilledServer(t *testing.T) {
	neo4jtest.Server(t) // where none can be had the test is left out
	server, err := neo4jtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	}()
	s, err := Open(t.Context(), Options{URL: server.URL, User: server.User, Password: server.Password, CreateIfMissing: true, ReadTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	surviveWriting(t, s, func() error {
		time.Sleep(time.Second)
		if err := server.Kill(); err != nil {
			return err
		}
		return server.Restart()
	})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// surviveWriting writes while something is done to the server, and checks that what was acknowledged is there and in the feed, once.
func surviveWriting(t *testing.T, s *Store, harm func() error) {
	t.Helper()
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	acknowledged, failed := 0, 0
	for ended := false; !ended; {
		if acknowledged == 10 { // a server that has just begun is slow
			go func() { done <- harm() }()
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			ended = true
		default:
		}
		b := &graph.Batch{}
		for n := range 20 {
			b.Interactions = append(b.Interactions, row(fmt.Sprintf("%d-%d", acknowledged, n)).Interactions...)
		}
		for deadline := time.Now().Add(time.Minute); ; {
			_, err := s.Write(t.Context(), b)
			if err == nil {
				break
			}
			if failed++; !errors.Is(err, graph.ErrUnavailable) || time.Now().After(deadline) {
				t.Fatalf("a write: %v", err)
			}
			time.Sleep(5 * time.Millisecond)
		}
		acknowledged++
	}
	stats, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	told := recordedSince(t, s, head)
	for id, times := range told {
		if times != 1 {
			t.Errorf("%s is told %d times", id, times)
		}
	}
	if want := int64(20 * acknowledged); stats.Interactions != want || int64(len(told)) != want {
		t.Errorf("%d were acknowledged; %d are stored and %d told", want, stats.Interactions, len(told))
	}
	t.Logf("%d batches were acknowledged, %d tries failed", acknowledged, failed)
}

// recordedSince counts how often the feed tells of each interaction.
func recordedSince(t *testing.T, s *Store, head graph.Cursor) map[string]int {
	t.Helper()
	told := map[string]int{}
	for {
		page, err := s.Changes(t.Context(), head, 1_000)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range page.Changes {
			if change.Kind == graph.InteractionRecorded {
				told[change.ID]++
			}
		}
		if head = page.Next; !page.More {
			return told
		}
	}
}
