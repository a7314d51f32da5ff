package loader

import (
	"context"
	"sync"
	"sync/atomic"

	"lacuna/graph"
)

// Loaders read for one response. Their methods are safe for concurrent use, and wait for the batch that they join.
type Loaders struct {
	store        graph.Store
	customers    *batcher[graph.CustomerRef, *graph.Customer]
	products     *batcher[string, *graph.Product]
	interactions *batcher[*graph.InteractionQuery, graph.InteractionPage]
	counts       *batcher[*graph.InteractionQuery, int64]
	touchpoints  *batcher[string, []graph.Touchpoint]
	members      *batcher[string, []string]
	referred     *batcher[string, []string]

	treeLock sync.Mutex
	tree     *graph.CategoryTree
}

type contextKey struct{}

// Attach gives a context with loaders of its own.
func Attach(ctx context.Context, store graph.Store) context.Context {
	return context.WithValue(ctx, contextKey{}, New(store))
}

// For gives the loaders attached to a context; without them it panics, since the server attaches them to every response.
func For(ctx context.Context) *Loaders { return ctx.Value(contextKey{}).(*Loaders) }

// New makes loaders for one response.
func New(store graph.Store) *Loaders {
	asked := &atomic.Uint64{}
	return &Loaders{
		store:        store,
		customers:    keyed(asked, store.Customers),
		products:     keyed(asked, store.Products),
		interactions: listed(asked, store.Interactions),
		counts:       listed(asked, store.CountInteractions),
		touchpoints:  keyed(asked, store.Touchpoints),
		members:      keyed(asked, relation(store, graph.HouseholdMembers)),
		referred:     keyed(asked, relation(store, graph.ReferredCustomers)),
	}
}

// Customer gives the customer that a reference leads to, nil when there is none.
func (l *Loaders) Customer(ctx context.Context, ref graph.CustomerRef) (*graph.Customer, error) {
	return l.customers.load(ctx, ref)
}

// Customers gives the customers that references lead to, nil where there is none.
func (l *Loaders) Customers(ctx context.Context, refs []graph.CustomerRef) ([]*graph.Customer, error) {
	return l.customers.loadAll(ctx, refs)
}

// Products gives the products of ids, as far as there are any.
func (l *Loaders) Products(ctx context.Context, ids []string) (map[string]*graph.Product, error) {
	list, err := l.products.loadAll(ctx, ids)
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
	return l.interactions.load(ctx, &q)
}

// CountInteractions counts what a query pages through.
func (l *Loaders) CountInteractions(ctx context.Context, q graph.InteractionQuery) (int64, error) {
	return l.counts.load(ctx, &q)
}

// Touchpoints counts a customer's interactions by channel and phase.
func (l *Loaders) Touchpoints(ctx context.Context, customer string) ([]graph.Touchpoint, error) {
	return l.touchpoints.load(ctx, customer)
}

// Members lists the ids of the customers of a household.
func (l *Loaders) Members(ctx context.Context, household string) ([]string, error) {
	return l.members.load(ctx, household)
}

// Referred lists the ids of the customers whom a customer referred.
func (l *Loaders) Referred(ctx context.Context, customer string) ([]string, error) {
	return l.referred.load(ctx, customer)
}

// Tree gives the category tree, the same one throughout the response.
func (l *Loaders) Tree(ctx context.Context) (*graph.CategoryTree, error) {
	l.treeLock.Lock()
	defer l.treeLock.Unlock()
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
	l.customers.forget()
	l.products.forget()
	l.touchpoints.forget()
	l.members.forget()
	l.referred.forget()
	l.treeLock.Lock()
	l.tree = nil
	l.treeLock.Unlock()
}

// keyed loads by a plural read that answers with a map; what it lacks is the zero value.
func keyed[K comparable, V any](asked *atomic.Uint64, read func(context.Context, []K) (map[K]V, error)) *batcher[K, V] {
	return newBatcher(asked, func(ctx context.Context, keys []K) ([]V, error) {
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
func listed[Q, V any](asked *atomic.Uint64, read func(context.Context, []Q) ([]V, error)) *batcher[*Q, V] {
	return newBatcher(asked, func(ctx context.Context, keys []*Q) ([]V, error) {
		queries := make([]Q, len(keys))
		for i, q := range keys {
			queries[i] = *q
		}
		return read(ctx, queries)
	})
}

func relation(store graph.Store, r graph.Relation) func(context.Context, []string) (map[string][]string, error) {
	return func(ctx context.Context, keys []string) (map[string][]string, error) {
		return store.Related(ctx, r, keys)
	}
}
