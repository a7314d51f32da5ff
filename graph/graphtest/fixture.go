package graphtest

import (
	"context"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lacuna/graph"
)

// start is where every test's clock stands at first.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// clock is a clock that moves only when told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// lockedReader makes a source of randomness safe for concurrent use.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}

var openings atomic.Uint64

// newRand gives other bytes at every call, the same ones in every run.
func newRand() io.Reader {
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], openings.Add(1))
	return &lockedReader{r: rand.NewChaCha8(seed)}
}

// fixture is an open store with what a test needs to speak to it shortly.
type fixture struct {
	graph.Store
	t        testing.TB
	f        Factory
	location string
	clock    *clock
}

// fresh opens an empty store that is closed when the test ends.
func fresh(t testing.TB, f Factory) *fixture {
	t.Helper()
	x := &fixture{t: t, f: f, location: f.NewLocation(t), clock: &clock{now: start}}
	x.Store = x.handle()
	return x
}

// handle opens one more handle on the fixture's store.
func (x *fixture) handle() graph.Store {
	x.t.Helper()
	s, err := x.f.Open(x.ctx(), x.location, Options{Clock: x.clock.Now, Rand: newRand()})
	if err != nil {
		x.t.Fatalf("open store: %v", err)
	}
	x.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			x.t.Errorf("close store: %v", err)
		}
	})
	return s
}

// reopen closes the store and opens it again.
func (x *fixture) reopen() {
	x.t.Helper()
	if err := x.Close(); err != nil {
		x.t.Fatalf("close store: %v", err)
	}
	x.Store = x.handle()
}

// on gives the same fixture reporting to a subtest.
func (x *fixture) on(t testing.TB) *fixture {
	y := *x
	y.t = t
	return &y
}

// ctx gives a context that outlives the test's cleanups, which t.Context does not.
func (x *fixture) ctx() context.Context { return context.WithoutCancel(x.t.Context()) }

// write writes a batch, which must not fail as a whole.
func (x *fixture) write(b graph.Batch) *graph.Outcomes {
	x.t.Helper()
	o, err := x.Write(x.ctx(), &b)
	if err != nil {
		x.t.Fatalf("Write: %v", err)
	}
	return o
}

// accept writes a batch of which every row must be accepted.
func (x *fixture) accept(b graph.Batch) {
	x.t.Helper()
	x.expect(b, graph.Accepted)
}

// repeat writes a batch of which every row must be a duplicate, and checks that nothing has changed.
func (x *fixture) repeat(b graph.Batch) {
	x.t.Helper()
	before := x.state()
	x.expect(b, graph.Duplicate)
	x.same("after writing again what is stored", before, x.state())
}

func (x *fixture) expect(b graph.Batch, want graph.Status) {
	x.t.Helper()
	for i, o := range flat(x.write(b)) {
		if o.Status != want {
			x.t.Fatalf("outcome of row %d is %s, want %s", i, describe(o), statusNames[want])
		}
	}
}

// reject writes a batch whose only row must be rejected with a code, and checks that nothing has changed.
func (x *fixture) reject(b graph.Batch, code graph.RejectCode, field string) *graph.Rejection {
	x.t.Helper()
	before := x.state()
	all := flat(x.write(b))
	if len(all) != 1 {
		x.t.Fatalf("%d outcomes, want 1", len(all))
	}
	r := all[0].Rejection
	if all[0].Status != graph.Rejected || r == nil || r.Code != code {
		x.t.Fatalf("outcome is %s, want rejected as %s", describe(all[0]), code)
	}
	if field != "" && r.Field != field {
		x.t.Errorf("rejection is of field %q, want %q", r.Field, field)
	}
	if r.Message == "" {
		x.t.Error("rejection has no message")
	}
	x.same("after a rejected row", before, x.state())
	return r
}

// codes writes a batch and gives one word a row: "accepted", "duplicate", or the code of the rejection.
func (x *fixture) codes(b graph.Batch) []string {
	x.t.Helper()
	var words []string
	for _, o := range flat(x.write(b)) {
		words = append(words, word(o))
	}
	return words
}

// same fails the test unless two values are equal; empty and nil lists are one.
func (x *fixture) same(what string, want, got any) {
	x.t.Helper()
	if diff := differences(want, got, compareOptions); diff != "" {
		x.t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// differences tells what differs, "" for nothing. Nearly always there is nothing, which is told much faster than what there is.
func differences(want, got any, options ...cmp.Option) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got, options...)
}

var compareOptions = cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b graph.Value) bool { return a == b })}

var statusNames = map[graph.Status]string{graph.Accepted: "accepted", graph.Duplicate: "duplicate", graph.Rejected: "rejected"}

func word(o graph.Outcome) string {
	if o.Status == graph.Rejected && o.Rejection != nil {
		return string(o.Rejection.Code)
	}
	return statusNames[o.Status]
}

func describe(o graph.Outcome) string {
	if o.Rejection != nil {
		return "rejected as " + string(o.Rejection.Code) + " (" + o.Rejection.Error() + ")"
	}
	return word(o)
}

// flat lists the outcomes of all kinds in the order of the batch's fields.
func flat(o *graph.Outcomes) []graph.Outcome {
	var all []graph.Outcome
	for _, list := range [][]graph.Outcome{o.Categories, o.Products, o.Customers, o.Segments, o.Interactions, o.Retractions, o.DeleteSegments, o.Unread} {
		all = append(all, list...)
	}
	return all
}
