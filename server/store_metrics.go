package server

import (
	"context"
	"time"

	"lacuna/graph"
)

// observedStore times every call of a store by method. Calls that stream (Scan, Bulk, AllGapEvents) are not the server's and pass.
type observedStore struct {
	graph.Store
	metrics *metrics
}

func observeStore(store graph.Store, m *metrics) graph.Store {
	return &observedStore{Store: store, metrics: m}
}

// timed runs one call.
func timed[T any](o *observedStore, method string, call func() (T, error)) (T, error) {
	begun := time.Now()
	result, err := call()
	o.metrics.storeTime.WithLabelValues(method).Observe(time.Since(begun).Seconds())
	if err != nil {
		o.metrics.storeErrs.WithLabelValues(method).Inc()
	}
	return result, err
}

// batch notes how many keys a batched read asks for.
func (o *observedStore) batch(method string, keys int) {
	o.metrics.batchKeys.WithLabelValues(method).Observe(float64(keys))
}

func (o *observedStore) Stats(ctx context.Context) (graph.Stats, error) {
	return timed(o, "Stats", func() (graph.Stats, error) { return o.Store.Stats(ctx) })
}

func (o *observedStore) Customers(ctx context.Context, refs []graph.CustomerRef) (map[graph.CustomerRef]*graph.Customer, error) {
	o.batch("Customers", len(refs))
	return timed(o, "Customers", func() (map[graph.CustomerRef]*graph.Customer, error) { return o.Store.Customers(ctx, refs) })
}

func (o *observedStore) Profiles(ctx context.Context, queries []graph.ProfileQuery) (graph.Profiles, error) {
	o.batch("Profiles", len(queries))
	return timed(o, "Profiles", func() (graph.Profiles, error) { return o.Store.Profiles(ctx, queries) })
}

func (o *observedStore) FindCustomers(ctx context.Context, q graph.CustomerQuery) (graph.CustomerPage, error) {
	return timed(o, "FindCustomers", func() (graph.CustomerPage, error) { return o.Store.FindCustomers(ctx, q) })
}

func (o *observedStore) CountCustomers(ctx context.Context, q graph.CustomerQuery) (int64, error) {
	return timed(o, "CountCustomers", func() (int64, error) { return o.Store.CountCustomers(ctx, q) })
}

func (o *observedStore) Related(ctx context.Context, relation graph.Relation, keys []string) (map[string][]string, error) {
	o.batch("Related", len(keys))
	return timed(o, "Related", func() (map[string][]string, error) { return o.Store.Related(ctx, relation, keys) })
}

func (o *observedStore) Products(ctx context.Context, ids []string) (map[string]*graph.Product, error) {
	o.batch("Products", len(ids))
	return timed(o, "Products", func() (map[string]*graph.Product, error) { return o.Store.Products(ctx, ids) })
}

func (o *observedStore) FindProducts(ctx context.Context, q graph.ProductQuery) (graph.ProductPage, error) {
	return timed(o, "FindProducts", func() (graph.ProductPage, error) { return o.Store.FindProducts(ctx, q) })
}

func (o *observedStore) CountProducts(ctx context.Context, q graph.ProductQuery) (int64, error) {
	return timed(o, "CountProducts", func() (int64, error) { return o.Store.CountProducts(ctx, q) })
}

func (o *observedStore) Categories(ctx context.Context) (*graph.CategoryTree, error) {
	return timed(o, "Categories", func() (*graph.CategoryTree, error) { return o.Store.Categories(ctx) })
}

func (o *observedStore) Segments(ctx context.Context) ([]graph.Segment, error) {
	return timed(o, "Segments", func() ([]graph.Segment, error) { return o.Store.Segments(ctx) })
}

func (o *observedStore) Interactions(ctx context.Context, queries []graph.InteractionQuery) ([]graph.InteractionPage, error) {
	o.batch("Interactions", len(queries))
	return timed(o, "Interactions", func() ([]graph.InteractionPage, error) { return o.Store.Interactions(ctx, queries) })
}

func (o *observedStore) CountInteractions(ctx context.Context, queries []graph.InteractionQuery) ([]int64, error) {
	o.batch("CountInteractions", len(queries))
	return timed(o, "CountInteractions", func() ([]int64, error) { return o.Store.CountInteractions(ctx, queries) })
}

func (o *observedStore) Touchpoints(ctx context.Context, customers []string) (map[string][]graph.Touchpoint, error) {
	o.batch("Touchpoints", len(customers))
	return timed(o, "Touchpoints", func() (map[string][]graph.Touchpoint, error) { return o.Store.Touchpoints(ctx, customers) })
}

func (o *observedStore) Write(ctx context.Context, b *graph.Batch) (*graph.Outcomes, error) {
	return timed(o, "Write", func() (*graph.Outcomes, error) { return o.Store.Write(ctx, b) })
}

func (o *observedStore) Merge(ctx context.Context, keep, retire string, dryRun bool) (graph.MergeReport, error) {
	return timed(o, "Merge", func() (graph.MergeReport, error) { return o.Store.Merge(ctx, keep, retire, dryRun) })
}

func (o *observedStore) Unmerge(ctx context.Context, mergeID string) (graph.Merge, error) {
	return timed(o, "Unmerge", func() (graph.Merge, error) { return o.Store.Unmerge(ctx, mergeID) })
}

func (o *observedStore) Erase(ctx context.Context, customer string, keepStatistics bool) (graph.EraseReport, error) {
	return timed(o, "Erase", func() (graph.EraseReport, error) { return o.Store.Erase(ctx, customer, keepStatistics) })
}

func (o *observedStore) RecordGapEvent(ctx context.Context, e graph.GapEvent) error {
	_, err := timed(o, "RecordGapEvent", func() (struct{}, error) { return struct{}{}, o.Store.RecordGapEvent(ctx, e) })
	return err
}

func (o *observedStore) GapEvents(ctx context.Context, gaps []graph.GapKey) (map[graph.GapKey][]graph.GapEvent, error) {
	o.batch("GapEvents", len(gaps))
	return timed(o, "GapEvents", func() (map[graph.GapKey][]graph.GapEvent, error) { return o.Store.GapEvents(ctx, gaps) })
}
