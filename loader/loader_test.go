package loader_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"lacuna/graph"
	"lacuna/loader"
)

// fakeStore answers plural reads with what was asked, and counts the calls.
type fakeStore struct {
	graph.Store
	lock  sync.Mutex
	calls map[string]int
	err   error
}

func (s *fakeStore) called(method string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.calls == nil {
		s.calls = map[string]int{}
	}
	s.calls[method]++
	return s.err
}

func (s *fakeStore) Customers(_ context.Context, refs []graph.CustomerRef) (map[graph.CustomerRef]*graph.Customer, error) {
	found := map[graph.CustomerRef]*graph.Customer{}
	for _, ref := range refs {
		if ref.Value != "unknown" {
			found[ref] = &graph.Customer{ID: ref.Value}
		}
	}
	return found, s.called("Customers")
}

func (s *fakeStore) Products(_ context.Context, ids []string) (map[string]*graph.Product, error) {
	found := map[string]*graph.Product{}
	for _, id := range ids {
		found[id] = &graph.Product{ID: id}
	}
	return found, s.called("Products")
}

func (s *fakeStore) Categories(context.Context) (*graph.CategoryTree, error) {
	return graph.NewCategoryTree(nil), s.called("Categories")
}

func (s *fakeStore) CountInteractions(_ context.Context, queries []graph.InteractionQuery) ([]int64, error) {
	counts := make([]int64, len(queries))
	for i, q := range queries {
		n, _ := strconv.Atoi(q.Customer)
		counts[i] = int64(n)
	}
	return counts, s.called("CountInteractions")
}

// patient keeps batches open long enough for a busy machine; hasty reads at once.
const (
	patient = 200 * time.Millisecond
	hasty   = time.Microsecond
)

// together runs call n times at once.
func together(n int, call func(i int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { call(i) })
	}
	group.Wait()
}

func TestOneCallForMany(t *testing.T) {
	store := &fakeStore{}
	ctx := loader.Attach(t.Context(), store, patient)
	together(100, func(i int) {
		want := strconv.Itoa(i % 10)
		c, err := loader.For(ctx).Customer(ctx, graph.ByID(want))
		if err != nil || c.ID != want {
			t.Errorf("customer %s is %v, %v", want, c, err)
		}
		if n, err := loader.For(ctx).CountInteractions(ctx, graph.InteractionQuery{Customer: strconv.Itoa(i)})(); err != nil || n != int64(i) {
			t.Errorf("customer %d has %d, %v", i, n, err)
		}
		if _, err := loader.For(ctx).Tree(ctx); err != nil {
			t.Error(err)
		}
	})
	if diff := cmp.Diff(map[string]int{"Customers": 1, "CountInteractions": 1, "Categories": 1}, store.calls); diff != "" {
		t.Error(diff)
	}
}

func TestUnknownIsNil(t *testing.T) {
	l := loader.New(&fakeStore{}, hasty)
	c, err := l.Customer(t.Context(), graph.ByID("unknown"))
	if c != nil || err != nil {
		t.Errorf("%v, %v", c, err)
	}
	list, err := l.Customers(t.Context(), []graph.CustomerRef{graph.ByID("a"), graph.ByID("unknown"), graph.ByID("a")})
	if err != nil || len(list) != 3 || list[0].ID != "a" || list[1] != nil || list[2].ID != "a" {
		t.Errorf("%v, %v", list, err)
	}
}

func TestErrorsReachEverybody(t *testing.T) {
	l := loader.New(&fakeStore{err: graph.ErrUnavailable}, patient)
	together(10, func(i int) {
		if _, err := l.Products(t.Context(), []string{strconv.Itoa(i)}); !errors.Is(err, graph.ErrUnavailable) {
			t.Errorf("product %d: %v", i, err)
		}
	})
	if _, err := l.Tree(t.Context()); !errors.Is(err, graph.ErrUnavailable) {
		t.Errorf("tree: %v", err)
	}
}

func TestNothingOutlivesAResponse(t *testing.T) {
	store := &fakeStore{}
	read := func(ctx context.Context) {
		t.Helper()
		if _, err := loader.For(ctx).Products(ctx, []string{"p"}); err != nil {
			t.Fatal(err)
		}
	}
	first := loader.Attach(t.Context(), store, hasty)
	read(first)
	read(first)
	if store.calls["Products"] != 1 {
		t.Errorf("one response read %d times", store.calls["Products"])
	}
	loader.For(first).Forget()
	read(first)
	read(loader.Attach(t.Context(), store, hasty))
	if store.calls["Products"] != 3 {
		t.Errorf("after a write, and for another response, %d reads in all; want 3", store.calls["Products"])
	}
}

func TestAnEndedRequestWaitsForNobody(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := loader.New(&fakeStore{}, patient)
	if _, err := l.Products(ctx, []string{"p"}); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// panicky has a defect.
type panicky struct{ graph.Store }

func (panicky) Products(context.Context, []string) (map[string]*graph.Product, error) {
	panic("defect")
}

func TestAPanicIsAnError(t *testing.T) {
	l := loader.New(panicky{}, hasty)
	if _, err := l.Products(t.Context(), []string{"p"}); err == nil || !strings.Contains(err.Error(), "panic") {
		t.Errorf("%v does not say what happened", err)
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func (s *fakeStore) Profiles(_ context.Context, queries []graph.ProfileQuery) (graph.Profiles, error) {
	found := graph.Profiles{Products: map[string]*graph.Product{"p": {ID: "p"}}, Tree: graph.NewCategoryTree(nil)}
	for _, q := range queries {
		p := graph.Profile{Customer: &graph.Customer{ID: q.Customer.Value}}
		for n := range min(q.Newest, 3) {
			p.Newest.Interactions = append(p.Newest.Interactions, graph.Interaction{ID: strconv.Itoa(n)})
		}
		p.Newest.More = q.Newest < 3
		if q.Count {
			p.Count = 3
		}
		found.List = append(found.List, p)
	}
	return found, s.called("Profiles")
}

func (s *fakeStore) Interactions(_ context.Context, queries []graph.InteractionQuery) ([]graph.InteractionPage, error) {
	return make([]graph.InteractionPage, len(queries)), s.called("Interactions")
}

// TestWhatProfilesBring holds that what was read with a profile is not read again, and that nothing else is taken for it.
func TestWhatProfilesBring(t *testing.T) {
	store := &fakeStore{}
	l := loader.New(store, hasty)
	list, err := l.Profiles(t.Context(), []graph.ProfileQuery{{Customer: graph.ByID("a"), Newest: 2, Count: true, Catalog: true}}, true)
	if err != nil || len(list) != 1 || list[0].ID != "a" {
		t.Fatal(list, err)
	}
	page := func(q graph.InteractionQuery) (int, bool) {
		t.Helper()
		q.Customer = "a"
		p, err := l.Interactions(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		return len(p.Interactions), p.More
	}
	for first, more := range []bool{true, true, true} {
		if n, got := page(graph.InteractionQuery{First: first}); n != first || got != more {
			t.Errorf("the newest %d are %d, more: %t", first, n, got)
		}
	}
	if n, err := l.CountInteractions(t.Context(), graph.InteractionQuery{Customer: "a"})(); n != 3 || err != nil {
		t.Errorf("%d interactions, %v", n, err)
	}
	if _, err := l.Products(t.Context(), []string{"p"}); err != nil {
		t.Error(err)
	}
	if _, err := l.Tree(t.Context()); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]int{"Profiles": 1}, store.calls); diff != "" {
		t.Error(diff)
	}
	page(graph.InteractionQuery{First: 3})
	page(graph.InteractionQuery{First: 2, After: &graph.InteractionKey{ID: "1"}})
	page(graph.InteractionQuery{First: 2, Filter: graph.InteractionFilter{Product: "p"}})
	if _, err := l.CountInteractions(t.Context(), graph.InteractionQuery{Customer: "a", Filter: graph.InteractionFilter{Product: "p"}})(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]int{"Profiles": 1, "Interactions": 3, "CountInteractions": 1}, store.calls); diff != "" {
		t.Error(diff)
	}
	l.Forget()
	page(graph.InteractionQuery{First: 1})
	if store.calls["Interactions"] != 4 {
		t.Error("after a write what was read before is given")
	}
}
