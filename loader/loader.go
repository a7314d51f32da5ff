package loader

import (
	"context"
	"sync"
	"time"

	"github.com/vikstrous/dataloadgen"

	"lacuna/graph"
)

// Wait is how long a batch is usually kept open for further keys. Resolvers of one level start within microseconds of
// each other; a longer wait only adds to the response time, once a level. On a machine that is busy for longer, a batch
// may be cut in two.
const Wait = time.Millisecond

// Loaders read for one response. Their methods are safe for concurrent use, and wait for the batch that they join.
type Loaders struct {
	store        graph.Store
	customers    *dataloadgen.Loader[graph.CustomerRef, *graph.Customer]
	profiles     *dataloadgen.Loader[*graph.ProfileQuery, graph.Profile]
	products     *dataloadgen.Loader[string, *graph.Product]
	interactions *dataloadgen.Loader[*graph.InteractionQuery, graph.InteractionPage]
	counts       *dataloadgen.Loader[*graph.InteractionQuery, int64]
	touchpoints  *dataloadgen.Loader[string, []graph.Touchpoint]
	members      *dataloadgen.Loader[string, []string]
	referred     *dataloadgen.Loader[string, []string]
	gapEvents    *dataloadgen.Loader[graph.GapKey, []graph.GapEvent]

	lock   sync.Mutex // of what follows
	tree   *graph.CategoryTree
	newest map[string]newest // by customer's id: what profiles have brought
}

// newest is the beginning of a customer's history.
type newest struct {
	page    graph.InteractionPage
	first   int // as many were asked for
	count   int64
	counted bool
}

type contextKey struct{}

// Attach gives a context with loaders of its own, see [New].
func Attach(ctx context.Context, store graph.Store, wait time.Duration) context.Context {
	return context.WithValue(ctx, contextKey{}, New(store, wait))
}

// For gives the loaders attached to a context; without them it panics, since the server attaches them to every response.
func For(ctx context.Context) *Loaders { return ctx.Value(contextKey{}).(*Loaders) }

// New makes loaders for one response, whose batches are kept open for so long.
func New(store graph.Store, wait time.Duration) *Loaders {
	options := []dataloadgen.Option{dataloadgen.WithWait(wait), dataloadgen.WithBatchCapacity(graph.MaxKeys)}
	l := &Loaders{
		store:        store,
		customers:    keyed(options, store.Customers),
		products:     keyed(options, store.Products),
		interactions: listed(options, store.Interactions),
		counts:       listed(options, store.CountInteractions),
		touchpoints:  keyed(options, store.Touchpoints),
		members:      keyed(options, relation(store, graph.HouseholdMembers)),
		referred:     keyed(options, relation(store, graph.ReferredCustomers)),
		gapEvents:    keyed(options, store.GapEvents),
		newest:       map[string]newest{},
	}
	l.profiles = listed(options, l.readProfiles)
	return l
}

// Customer gives the customer that a reference leads to, nil when there is none.
func (l *Loaders) Customer(ctx context.Context, ref graph.CustomerRef) (*graph.Customer, error) {
	return l.customers.Load(ctx, ref)
}

// Customers gives the customers that references lead to, nil where there is none.
func (l *Loaders) Customers(ctx context.Context, refs []graph.CustomerRef) ([]*graph.Customer, error) {
	return l.customers.LoadAll(ctx, refs)
}

// GapEvents gives what was decided about a gap, the oldest first.
func (l *Loaders) GapEvents(ctx context.Context, gap graph.GapKey) ([]graph.GapEvent, error) {
	return l.gapEvents.Load(ctx, gap)
}

// Profiles gives the customers that queries lead to, nil where there is none. What else they ask for is kept for those who ask for it later in
// the response. With alone nothing else of the response can join the batch, so that it is read at once.
func (l *Loaders) Profiles(ctx context.Context, queries []graph.ProfileQuery, alone bool) ([]*graph.Customer, error) {
	var found []graph.Profile
	var err error
	if alone {
		found, err = l.readProfiles(ctx, queries)
	} else {
		keys := make([]*graph.ProfileQuery, len(queries))
		for i := range queries {
			keys[i] = &queries[i]
		}
		found, err = l.profiles.LoadAll(ctx, keys)
	}
	if err != nil {
		return nil, err
	}
	customers := make([]*graph.Customer, len(found))
	for i := range found {
		customers[i] = found[i].Customer
	}
	return customers, nil
}

func (l *Loaders) readProfiles(ctx context.Context, queries []graph.ProfileQuery) ([]graph.Profile, error) {
	found, err := l.store.Profiles(ctx, queries)
	if err != nil {
		return nil, err
	}
	for id, p := range found.Products {
		l.products.Prime(id, p)
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.tree == nil {
		l.tree = found.Tree
	}
	for i := range found.List {
		q, p := &queries[i], &found.List[i]
		if p.Customer == nil {
			continue
		}
		l.customers.Prime(q.Customer, p.Customer)
		known := l.newest[p.Customer.ID]
		if q.Newest > known.first {
			known.page, known.first = p.Newest, q.Newest
		}
		if q.Count {
			known.count, known.counted = p.Count, true
		}
		l.newest[p.Customer.ID] = known
	}
	return found.List, nil
}

// begun gives what profiles have brought of a query, if they have.
func (l *Loaders) begun(q *graph.InteractionQuery) (newest, bool) {
	if !q.Filter.IsZero() || q.After != nil {
		return newest{}, false
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	n, ok := l.newest[q.Customer]
	return n, ok
}

// Products gives the products of ids, as far as there are any.
func (l *Loaders) Products(ctx context.Context, ids []string) (map[string]*graph.Product, error) {
	list, err := l.products.LoadAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	products := make(map[string]*graph.Product, len(list))
	for i, p := range list {
		if p != nil {
			products[ids[i]] = p
		}
	}
	return products, nil
}

// Interactions gives one page.
func (l *Loaders) Interactions(ctx context.Context, q graph.InteractionQuery) (graph.InteractionPage, error) {
	n, ok := l.begun(&q)
	switch {
	case !ok:
	case q.First == 0 && n.counted:
		return graph.InteractionPage{More: n.count > 0}, nil
	case q.First > 0 && q.First <= n.first:
		return n.page.Cut(q.First), nil
	}
	return l.interactions.Load(ctx, &q)
}

// CountInteractions counts what a query pages through. It joins a batch at once; the function that it gives waits.
func (l *Loaders) CountInteractions(ctx context.Context, q graph.InteractionQuery) (count func() (int64, error)) {
	if n, ok := l.begun(&q); ok && n.counted {
		return func() (int64, error) { return n.count, nil }
	}
	return l.counts.LoadThunk(ctx, &q)
}

// Touchpoints counts a customer's interactions by channel and phase.
func (l *Loaders) Touchpoints(ctx context.Context, customer string) ([]graph.Touchpoint, error) {
	return l.touchpoints.Load(ctx, customer)
}

// Members lists the ids of the customers of a household.
func (l *Loaders) Members(ctx context.Context, household string) ([]string, error) {
	return l.members.Load(ctx, household)
}

// Referred lists the ids of the customers whom a customer referred.
func (l *Loaders) Referred(ctx context.Context, customer string) ([]string, error) {
	return l.referred.Load(ctx, customer)
}

// Tree gives the category tree, the same one throughout the response.
func (l *Loaders) Tree(ctx context.Context) (*graph.CategoryTree, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.tree != nil {
		return l.tree, nil
	}
	tree, err := l.store.Categories(ctx)
	if err != nil {
		return nil, err
	}
	l.tree = tree
	return tree, nil
}

// Forget drops what was read. A mutation calls it, so that what it answers with is read after it.
func (l *Loaders) Forget() {
	l.customers.ClearAll()
	l.products.ClearAll()
	l.touchpoints.ClearAll()
	l.members.ClearAll()
	l.referred.ClearAll()
	l.gapEvents.ClearAll()
	l.lock.Lock()
	l.tree = nil
	clear(l.newest)
	l.lock.Unlock()
}

// keyed loads by a plural read that answers with a map; what it lacks is the zero value.
func keyed[K comparable, V any](options []dataloadgen.Option, read func(context.Context, []K) (map[K]V, error)) *dataloadgen.Loader[K, V] {
	return load(options, func(ctx context.Context, keys []K) ([]V, error) {
		found, err := read(ctx, keys)
		if err != nil {
			return nil, err
		}
		values := make([]V, len(keys))
		for i, key := range keys {
			values[i] = found[key]
		}
		return values, nil
	})
}

// listed loads by a plural read that answers in the order of its queries. A query is a key by its address, since two
// fields that ask the same are rare and cost no further call.
func listed[Q, V any](options []dataloadgen.Option, read func(context.Context, []Q) ([]V, error)) *dataloadgen.Loader[*Q, V] {
	return load(options, func(ctx context.Context, keys []*Q) ([]V, error) {
		queries := make([]Q, len(keys))
		for i, q := range keys {
			queries[i] = *q
		}
		return read(ctx, queries)
	})
}

func load[K comparable, V any](options []dataloadgen.Option, read func(context.Context, []K) ([]V, error)) *dataloadgen.Loader[K, V] {
	return dataloadgen.NewLoader(func(ctx context.Context, keys []K) ([]V, []error) {
		values, err := read(ctx, keys)
		if err == nil {
			return values, nil
		}
		errs := make([]error, len(keys))
		for i := range errs {
			errs[i] = err
		}
		return make([]V, len(keys)), errs
	}, options...)
}

func relation(store graph.Store, r graph.Relation) func(context.Context, []string) (map[string][]string, error) {
	return func(ctx context.Context, keys []string) (map[string][]string, error) {
		return store.Related(ctx, r, keys)
	}
}
