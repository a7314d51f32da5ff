package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"lacuna/graph"
)

// watched is a server with figures over forty customers who have not done anything, and a socket to it.
type watched struct {
	*testing.T
	server  *Server
	store   graph.Store
	url     string
	conn    *websocket.Conn
	decided int
	written int
}

func newWatched(t *testing.T) *watched {
	t.Helper()
	s, store, _ := figuredOver(t, Options{}, openStore(t, 40, 0))
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		s.streams.end(context.WithoutCancel(t.Context()))
		web.CloseClientConnections()
		web.Close()
	})
	return &watched{T: t, server: s, store: store, url: web.URL, conn: socketOf(t, web.URL)}
}

const gapsOfAnyKind = `verdicts: [DEVELOP, RESTOCK, FIX_FINDABILITY, SERVED, WATCH], level: ALL`

// listen begins a subscription to gaps of certain conditions, with more fields than all are asked for.
func (w *watched) listen(id, where, fields string) {
	w.Helper()
	query := `subscription { gapChanged` + where + ` { id verdict cause ranked status history { note } demand { customers } ` + fields + ` } }`
	say(w.T, w.conn, fmt.Sprintf(`{"id": %q, "type": "subscribe", "payload": {"query": %q}}`, id, query))
}

// gapEvent is one answer to a subscription.
type gapEvent struct {
	to   string // the subscription
	Data struct {
		GapChanged struct {
			ID, Verdict, Cause, Status string
			Ranked                     bool
			History                    []struct{ Note string }
			Demand                     struct{ Customers int }
			Segment                    struct{ Gaps []struct{ ID string } }
		}
	}
	Extensions struct {
		Data *struct{ Version, AsOf string }
	}
	Errors []struct {
		Message    string
		Extensions struct{ Code string }
	}
}

// note is that of the last decision, "" for none.
func (t *gapEvent) note() string {
	if h := t.Data.GapChanged.History; len(h) > 0 {
		return h[len(h)-1].Note
	}
	return ""
}

// next waits for the next answer that tells of a gap.
func (w *watched) next() (t *gapEvent) {
	w.Helper()
	m := hear(w.T, w.conn)
	if m.Type != "next" {
		w.Fatalf("heard %+v %s", m, m.Payload)
	}
	return w.read(m)
}

func (w *watched) read(m message) *gapEvent {
	w.Helper()
	t := &gapEvent{to: m.ID}
	if err := json.Unmarshal(m.Payload, t); err != nil {
		w.Fatalf("%v: %s", err, m.Payload)
	}
	if len(t.Errors) > 0 {
		w.Fatalf("%s is told %+v", m.ID, t.Errors)
	}
	return t
}

// decide notes a decision through the API, and gives its note.
func (w *watched) decide(gap, status string) (note string) {
	w.Helper()
	w.decided++
	note = fmt.Sprint("decision ", w.decided)
	a := ask(w.T, w.server, fmt.Sprintf(`mutation { setGapStatus(gap: %q, status: %s, note: %q) { gap { id } userErrors { message } } }`, gap, status, note), nil)
	if a.code() != "" || !strings.Contains(a.Text, `"userErrors":[]`) {
		w.Fatal(a.Text)
	}
	return note
}

// begun decides about a gap until a subscription tells of it: when one has begun is not told.
func (w *watched) begun(id, gap string) {
	w.Helper()
	for heard := false; !heard; {
		w.decide(gap, "REVIEWING")
		say(w.T, w.conn, `{"type": "ping"}`)
		for m := hear(w.T, w.conn); m.Type != "pong"; m = hear(w.T, w.conn) {
			if m.Type != "next" {
				w.Fatalf("heard %+v %s", m, m.Payload)
			}
			w.read(m)
			heard = heard || m.ID == id
		}
	}
}

// until waits for an answer of a kind.
func (w *watched) until(is func(*gapEvent) bool) *gapEvent {
	w.Helper()
	for {
		if t := w.next(); is(t) {
			return t
		}
	}
}

// all lets every customer do something with a product.
func (w *watched) all(kind graph.InteractionType, product string, available bool) {
	w.Helper()
	b := &graph.Batch{}
	for i := range 40 {
		w.written++
		b.Interactions = append(b.Interactions, graph.Interaction{
			ID: fmt.Sprint("w-", w.written), Type: kind, At: time.Date(2026, 3, 1, 0, w.written, 0, 0, time.UTC), Customer: graph.ByID(fmt.Sprintf("c%03d", i)), Product: product, Source: "test",
			Available: graph.Some(available),
		})
	}
	if _, err := w.store.Write(w.Context(), b); err != nil {
		w.Fatal(err)
	}
}

// TestGapChangedByDecision holds that a decision is told at once, with the status that it made.
func TestGapChangedByDecision(t *testing.T) {
	w := newWatched(t)
	w.listen("s", `(where: {`+gapsOfAnyKind+`})`, "")
	w.begun("s", "everyone/k1")
	for _, status := range []string{"IN_DEVELOPMENT", "LAUNCHED", "NEW"} {
		note := w.decide("everyone/k1", status)
		got := w.until(func(e *gapEvent) bool { return e.note() == note })
		if g := &got.Data.GapChanged; got.to != "s" || g.ID != "everyone/k1" || g.Status != status || g.Verdict != "SERVED" || got.Extensions.Data == nil {
			t.Errorf("heard %+v", got)
		}
	}
	elsewhere := graph.GapEvent{Gap: graph.GapKey{Segment: graph.EveryoneID, Category: "k2"}, ID: "elsewhere", At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Status: graph.GapDismissed, Note: "of another server"}
	if err := w.store.RecordGapEvent(t.Context(), elsewhere); err != nil {
		t.Fatal(err)
	}
	got := w.until(func(e *gapEvent) bool { return e.Data.GapChanged.ID == "everyone/k2" })
	if got.note() != elsewhere.Note || got.Data.GapChanged.Status != "DISMISSED" {
		t.Errorf("heard %+v", got)
	}
}

// TestGapChangedByData holds that who listens hears of a gap that new data makes, and that one is no gap any more, with figures of the same data.
func TestGapChangedByData(t *testing.T) {
	w := newWatched(t)
	w.listen("any", `(where: {`+gapsOfAnyKind+`, categories: ["k1"]})`, "segment { gaps { id } }")
	w.begun("any", "everyone/k1")
	w.all(graph.View, "p1", false)
	got := w.until(func(e *gapEvent) bool { return e.Data.GapChanged.Verdict != "SERVED" })
	if g := &got.Data.GapChanged; g.Verdict != "RESTOCK" || g.Cause != "STOCK_OUT" || !g.Ranked || g.Demand.Customers != 40 || len(g.Segment.Gaps) != 1 || g.Segment.Gaps[0].ID != "everyone/k1" {
		t.Errorf("heard %+v", g)
	}
	first := got.Extensions.Data
	if first == nil || !strings.HasPrefix(first.AsOf, "2026-03-01T00:40") {
		t.Fatalf("figures are of %+v", first)
	}
	w.listen("gaps", "", "")
	w.begun("gaps", "everyone/k1")
	w.all(graph.Purchase, "p1", true)
	heard := map[string]bool{}
	for !heard["any"] || !heard["gaps"] {
		got := w.until(func(e *gapEvent) bool { return e.Data.GapChanged.Verdict == "SERVED" })
		if d := got.Extensions.Data; d == nil || d.Version == first.Version || !strings.HasPrefix(d.AsOf, "2026-03-01T01:20") || len(got.Data.GapChanged.Segment.Gaps) != 0 {
			t.Errorf("heard %+v of %+v", got, d)
		}
		heard[got.to] = true
	}
}

// TestGapChangedWhere holds that who asks for some gaps is told of no other.
func TestGapChangedWhere(t *testing.T) {
	w := newWatched(t)
	for _, category := range []string{"k0", "k1"} {
		w.listen(category, `(where: {`+gapsOfAnyKind+`, categories: ["`+category+`"]})`, "")
		w.begun(category, "everyone/"+category)
	}
	w.listen("none", `(where: {minCustomers: 41, verdicts: [RESTOCK]})`, "")
	w.all(graph.View, "p1", false)
	heard := map[string]bool{}
	for !heard["k1 RESTOCK"] || !heard["k0 SERVED"] {
		if heard["k1 RESTOCK"] {
			w.decide("everyone/k0", "DISMISSED")
		}
		got := w.next()
		if g := &got.Data.GapChanged; g.ID != "everyone/"+got.to {
			t.Fatalf("heard %+v", got)
		}
		heard[got.to+" "+got.Data.GapChanged.Verdict] = true
	}
}

// refusalIn gives message and code of a refusal, which stands in an answer where the operation had begun.
func refusalIn(t *testing.T, m message) string {
	t.Helper()
	type refusal struct {
		Message    string
		Extensions struct{ Code string }
	}
	var answered struct{ Errors []refusal }
	into := any(&answered)
	if m.Type == "error" {
		into = &answered.Errors
	}
	if err := json.Unmarshal(m.Payload, into); err != nil || len(answered.Errors) != 1 {
		t.Fatalf("%v: %s", err, m.Payload)
	}
	return answered.Errors[0].Message + " " + answered.Errors[0].Extensions.Code
}

// TestGapChangedRefusals holds that a filter is refused as that of gaps is, and who may not ask.
func TestGapChangedRefusals(t *testing.T) {
	w := newWatched(t)
	for i, where := range []string{`{segments: []}`, `{categories: []}`, `{verdicts: []}`, `{minCustomers: -1}`, `{segments: ["everyone", "nobody"]}`, `{categories: ["nothing"]}`, `{verdicts: [NONE]}`} {
		gaps := ask(t, w.server, `{ gaps(where: `+where+`) { totalCount } }`, nil)
		say(t, w.conn, fmt.Sprintf(`{"id": "s%d", "type": "subscribe", "payload": {"query": %q}}`, i, `subscription { gapChanged(where: `+where+`) { id } }`))
		m := hear(t, w.conn)
		if gaps.code() != "INVALID_ARGUMENT" || refusalIn(t, m) != gaps.Errors[0].Message+" INVALID_ARGUMENT" {
			t.Errorf("%s: %s %s, gaps says %s", where, m.Type, m.Payload, gaps.Text)
		}
		if m.Type == "next" {
			if m = hear(t, w.conn); m.Type != "complete" {
				t.Errorf("%s: then %+v", where, m)
			}
		}
	}
	s, _, admin, ingest := keyed(t)
	web := httptest.NewServer(s)
	defer web.Close()
	defer s.streams.end(t.Context())
	for key, code := range map[string]string{ingest: "FORBIDDEN", admin: "UNAVAILABLE"} { // that server has no figures
		conn, err := dial(t, web.URL, http.Header{"Authorization": {"Bearer " + key}})
		if err != nil {
			t.Fatal(err)
		}
		say(t, conn, `{"type": "connection_init"}`)
		hear(t, conn)
		say(t, conn, `{"id": "s", "type": "subscribe", "payload": {"query": "subscription { gapChanged { id } }"}}`)
		if m := hear(t, conn); m.ID != "s" || !strings.Contains(string(m.Payload), `"`+code+`"`) || strings.Contains(string(m.Payload), `"gapChanged":{`) {
			t.Errorf("%s: %+v %s", code, m, m.Payload)
		}
		_ = conn.CloseNow()
	}
}
