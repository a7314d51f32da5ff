package insight

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"lacuna/graph"
)

const watchedCustomers = 300

var everyVerdict = []Verdict{Served, Watch, Develop, Restock, FixFindability}

// watchedShop is a store whose gaps are watched by hand: nothing is looked at unless the test says so.
type watchedShop struct {
	*testing.T
	store  graph.Store
	engine *followed
	watch  *GapWatch
	random *rand.Rand
	rows   int
}

func newWatchedShop(t *testing.T) *watchedShop {
	t.Helper()
	w := &watchedShop{T: t, store: newStore(t), random: rand.New(rand.NewPCG(3, 4))}
	b := &graph.Batch{}
	for k := range 3 {
		top := fmt.Sprint("k", k)
		b.Categories = append(b.Categories, graph.Category{ID: top}, graph.Category{ID: top + "a", Parent: top}, graph.Category{ID: top + "b", Parent: top})
		b.Products = append(b.Products, graph.Product{ID: top + "a-p", Categories: []string{top + "a"}}, graph.Product{ID: top + "b-p", Categories: []string{top + "b"}})
	}
	for c := range watchedCustomers {
		b.Customers = append(b.Customers, graph.CustomerUpsert{ID: fmt.Sprintf("c%03d", c), Source: "test", ObservedAt: lackingEnd,
			Attributes: []graph.NamedValue{{Name: "half", Value: graph.TextValue([]string{"one", "two"}[c%2])}}})
	}
	b.Segments = []graph.Segment{halfSegment("one"), halfSegment("two")}
	w.write(b)
	w.week(0) // before anybody has done anything there are no segments
	w.engine = follow(t, w.store)
	w.watch = NewGapWatch(w.engine.Engine, w.store, slog.New(slog.DiscardHandler), time.Hour)
	return w
}

func halfSegment(half string) graph.Segment {
	return graph.Segment{ID: half, Rule: graph.Rule{Attribute: &graph.AttributeRule{Name: "half", Op: graph.OpEq, Values: []graph.Value{graph.TextValue(half)}}}}
}

func (w *watchedShop) write(b *graph.Batch) {
	w.Helper()
	o, err := w.store.Write(w.Context(), b)
	if err == nil {
		err = o.Refused()
	}
	if err != nil {
		w.Fatal(err)
	}
}

// week writes what customers do in a week. From the 13th on many more of them want k2, from the 34th on hardly anybody wants anything; often what they look
// at cannot be had.
func (w *watchedShop) week(n int) {
	w.Helper()
	b := &graph.Batch{}
	for c := range watchedCustomers {
		for k := range 3 {
			if often := .3; n >= 34 && w.random.Float64() > .004 || n < 13 && k == 2 && w.random.Float64() > .2 || w.random.Float64() > often {
				continue
			}
			w.rows++
			product := fmt.Sprintf("k%d%s-p", k, []string{"a", "b"}[w.random.IntN(2)])
			i := graph.Interaction{ID: fmt.Sprint("i", w.rows), Type: graph.View, Customer: graph.ByID(fmt.Sprintf("c%03d", c)), Product: product, Source: "test",
				Available: graph.Some(w.random.IntN(3+n%3) > 1), At: lackingEnd.AddDate(0, 0, 7*(n-60)).Add(time.Duration(w.rows) * time.Second)}
			if w.random.IntN(3) == 0 {
				i.Type, i.Available = graph.Purchase, graph.Some(true)
			}
			b.Interactions = append(b.Interactions, i)
		}
	}
	w.write(b)
}

func (w *watchedShop) listen(q GapQuery) *GapListener {
	w.Helper()
	l, err := w.watch.Listen(w.Context(), q)
	if err != nil {
		w.Fatal(err)
	}
	return l
}

func (w *watchedShop) look() {
	w.Helper()
	if err := w.watch.look(w.Context(), w.watch.now); err != nil {
		w.Fatal(err)
	}
}

// heard takes what waits for a listener.
func (w *watchedShop) heard(l *GapListener) (names []string) {
	w.Helper()
	for len(l.waiting) > 0 {
		gaps, ref, ok := l.Next(w.Context())
		if !ok || gaps != w.watch.now.gaps {
			w.Fatal("what waits is not told")
		}
		segment, category := gaps.Names(ref)
		names = append(names, segment+"/"+category)
	}
	return names
}

// listed is what a query lists, with what is to be told of each.
func (w *watchedShop) listed(g *Gaps, q GapQuery) map[string]string {
	w.Helper()
	list := map[string]string{}
	for _, growing := range []bool{false, true} {
		if q.Growing != nil && *q.Growing != growing {
			continue
		}
		part := q
		part.Growing = &growing
		refs, err := g.List(w.Context(), part)
		if err != nil {
			w.Fatal(err)
		}
		for _, ref := range refs {
			gap := g.Gap(ref)
			list[gap.Segment+"/"+gap.Category] = fmt.Sprint(gap.Verdict, gap.Cause, gap.Ranked, growing)
		}
	}
	return list
}

// TestGapWatchTellsWhatLists holds against the lists themselves who hears what: each gap that a list has more, less or otherwise than before, and no other.
func TestGapWatchTellsWhatLists(t *testing.T) {
	all, yes, no := everyVerdict, true, false
	queries := map[string]GapQuery{
		"flagged": {}, "all": {Verdicts: all, Level: EveryLevel}, "every level": {Level: EveryLevel}, "leaves": {Verdicts: all, Level: LeafLevel}, "many": {Verdicts: all, MinCustomers: 40},
		"few": {Verdicts: all, Level: EveryLevel, MinCustomers: 25, Segments: []string{"one"}}, "some": {Verdicts: all, Level: EveryLevel, Categories: []string{"k0", "k1a"}, Segments: []string{Everyone, "two"}},
		"growing": {Verdicts: all, Growing: &yes}, "others": {Level: EveryLevel, Growing: &no},
	}
	w := newWatchedShop(t)
	listeners := map[string]*GapListener{}
	for name, q := range queries {
		listeners[name] = w.listen(q)
	}
	told, left := map[string]int{}, map[string]int{}
	for n := 1; n < 50; n++ {
		switch n {
		case 12:
			w.write(&graph.Batch{Categories: []graph.Category{{ID: "k1ax", Parent: "k1a"}}}) // k1a is no leaf any more
		case 17:
			w.write(&graph.Batch{Segments: []graph.Segment{{ID: "late", Rule: halfSegment("one").Rule}}})
		case 20:
			w.write(&graph.Batch{DeleteSegments: []string{"late"}})
		default:
			w.week(n)
		}
		before := w.watch.now.gaps
		w.engine.catchUp(t, false)
		w.look()
		for name, q := range queries {
			was, is := w.listed(before, q), w.listed(w.watch.now.gaps, q)
			var want []string
			for id, state := range is {
				if was[id] != state {
					want = append(want, id)
				}
			}
			for id := range was {
				segment, category, _ := strings.Cut(id, "/")
				if _, err := w.watch.now.gaps.Find(segment, category); is[id] == "" && err == nil {
					want = append(want, id)
					left[name]++
				}
			}
			got := w.heard(listeners[name])
			if diff := cmp.Diff(want, got, cmpopts.SortSlices(strings.Compare), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("week %d, %s: want (-), heard (+): %s", n, name, diff)
			}
			told[name] += len(got)
		}
	}
	for name := range queries {
		if told[name] == 0 || left[name] == 0 && name != "all" && name != "some" { // all cells are listed always
			t.Errorf("%s: %d are told, of which %d are not listed any more: that proves little", name, told[name], left[name])
		}
	}
}

// TestGapWatchTellsDecisions holds that a decision is told once, whoever recorded it, to those whose query lists the gap; what was decided before is not told.
func TestGapWatchTellsDecisions(t *testing.T) {
	w := newWatchedShop(t)
	decide := func(id, category string) *graph.GapEvent {
		e := &graph.GapEvent{Gap: graph.GapKey{Segment: "one", Category: category}, ID: id, At: lackingEnd, Status: graph.GapReviewing}
		if err := w.store.RecordGapEvent(t.Context(), *e); err != nil {
			t.Fatal(err)
		}
		return e
	}
	w.watch.Decided(decide("nobody listens", "k0"))
	all, others := w.listen(GapQuery{Verdicts: everyVerdict, Level: EveryLevel}), w.listen(GapQuery{Segments: []string{"two"}})
	expect := func(what string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, w.heard(all)); diff != "" || len(w.heard(others)) > 0 {
			t.Errorf("%s: %s", what, diff)
		}
	}
	w.look()
	expect("before")
	w.watch.Decided(decide("here", "k1"))
	expect("at once", "one/k1")
	decide("elsewhere", "k2")
	w.look()
	expect("a look later", "one/k2")
	w.watch.Decided(decide("1", "k1"))
	w.watch.Decided(decide("2", "k0"))
	w.watch.Decided(decide("3", "k1"))
	w.look()
	expect("twice before it is taken", "one/k1", "one/k0")
}

// TestGapWatchCutsOff holds that a listener who takes nothing does not hold more and more, nor others up.
func TestGapWatchCutsOff(t *testing.T) {
	w := newWatchedShop(t)
	slow, other := w.listen(GapQuery{}), w.listen(GapQuery{Categories: []string{"k0"}})
	changes := make([]gapChange, mostBehind+2)
	for i := range changes {
		changes[i] = gapChange{key: graph.GapKey{Segment: "one", Category: fmt.Sprint("none", i)}, after: gapState{gapNews: gapNews{verdict: Restock, ranked: true}}}
	}
	changes[mostBehind+1].key.Category = "k0"
	w.watch.tell(w.watch.now, w.watch.now.gaps, changes[:mostBehind])
	if len(slow.waiting) != mostBehind {
		t.Errorf("%d wait", len(slow.waiting))
	}
	w.watch.tell(w.watch.now, w.watch.now.gaps, changes)
	if _, _, ok := slow.Next(t.Context()); ok || slow.waiting != nil || slow.listed != nil {
		t.Errorf("%d still wait", len(slow.waiting))
	}
	if got := w.heard(other); len(got) != 1 || got[0] != "one/k0" {
		t.Errorf("the other hears %v", got)
	}
	again := w.listen(GapQuery{})
	w.watch.tell(w.watch.now, w.watch.now.gaps, changes[mostBehind:])
	if got := w.heard(again); len(got) != 1 { // of which the other one is not there
		t.Errorf("it hears %v", got)
	}
}

// TestGapWatchEnds holds that with the last listener all ends, that a look that is still under way then harms nobody, and that it begins anew.
func TestGapWatchEnds(t *testing.T) {
	w := newWatchedShop(t)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		var listeners []*GapListener
		for range 3 {
			l, err := w.watch.Listen(ctx, GapQuery{})
			if err != nil {
				t.Fatal(err)
			}
			listeners = append(listeners, l)
		}
		late := w.watch.now
		cancel()
		for _, l := range listeners {
			if _, _, ok := l.Next(t.Context()); ok {
				t.Error("something is told")
			}
		}
		w.watch.mu.Lock()
		if w.watch.now != nil {
			t.Error("it goes on")
		}
		w.watch.mu.Unlock()
		if err := w.watch.look(t.Context(), late); err != nil {
			t.Error(err)
		}
	}
}

// silent is a store that does not answer.
type silent struct{ graph.Store }

var errSilent = errors.New("silent")

func (silent) Head(context.Context) (graph.Cursor, error) { return "", errSilent }

func (silent) AllGapEvents(context.Context) iter.Seq2[graph.GapEvent, error] {
	return func(yield func(graph.GapEvent, error) bool) { yield(graph.GapEvent{}, errSilent) }
}

// halfSilent only answers where its feed ends.
type halfSilent struct{ silent }

func (halfSilent) Head(context.Context) (graph.Cursor, error) { return "head", nil }

// TestGapWatchRefuses holds what cannot be listened to, and that a failure ends nothing.
func TestGapWatchRefuses(t *testing.T) {
	w := newWatchedShop(t)
	if _, err := NewGapWatch(New(options()), w.store, slog.New(slog.DiscardHandler), time.Hour).Listen(t.Context(), GapQuery{}); !errors.Is(err, ErrNotReady) {
		t.Errorf("before there is data: %v", err)
	}
	for _, q := range []GapQuery{{Segments: []string{"nobody"}}, {Categories: []string{"k0", "nothing"}}} {
		if _, err := w.watch.Listen(t.Context(), q); !errors.Is(err, graph.ErrInvalid) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	for _, store := range []graph.Store{silent{w.store}, halfSilent{silent{w.store}}} {
		if _, err := NewGapWatch(w.engine.Engine, store, slog.New(slog.DiscardHandler), time.Hour).Listen(t.Context(), GapQuery{}); !errors.Is(err, errSilent) || w.watch.now != nil {
			t.Errorf("of %T: %v", store, err)
		}
	}
	l := w.listen(GapQuery{Verdicts: everyVerdict, Level: EveryLevel})
	w.watch.store = halfSilent{silent{w.store}}
	if err := w.watch.look(t.Context(), w.watch.now); !errors.Is(err, errSilent) {
		t.Error(err)
	}
	w.watch.store = w.store
	w.look()
	if got := w.heard(l); got != nil {
		t.Errorf("heard %v", got)
	}
}
