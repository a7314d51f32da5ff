package neo4jstore

import (
	"context"
	"encoding/hex"

	"lacuna/graph"
)

// writer is a transaction with what it knows of customers and interactions.
type writer struct {
	*tx
	people  *people
	rows    *catalogRows
	events  *events
	written bool   // the transaction itself has written something
	lanes   *lanes // that make interactions; nil where there are none
}

func newWriter(t *tx) *writer {
	return &writer{tx: t, people: newPeople(), rows: newCatalogRows(), events: newEvents()}
}

// flush writes all that has changed.
func (w *writer) flush() error {
	if w.lanes != nil && !w.isPlain() { // from now on the transaction goes on alone
		if err := w.lanes.wait(); err != nil {
			return err
		}
		w.lanes = nil
	}
	w.written = w.lanes == nil
	for _, step := range []func() error{w.flushCatalog, w.flushPeople, w.flushEvents} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// Write stores a batch in one commit.
func (s *Store) Write(ctx context.Context, b *graph.Batch) (out *graph.Outcomes, err error) {
	if err := graph.CheckCount("rows", b.Len(), graph.MaxBatch); err != nil {
		return nil, err
	}
	err = s.write(ctx, "write batch", func(t *tx) error {
		out, err = newWriter(t).batch(b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (w *writer) batch(b *graph.Batch) (*graph.Outcomes, error) {
	out := &graph.Outcomes{}
	var err error
	if out.Categories, err = w.writeCategories(b.Categories, b.CreateMissing); err != nil {
		return nil, err
	}
	if err := eachRow(b.Products, &out.Products, func(p *graph.Product) (graph.Outcome, error) { return w.writeProduct(p, b.CreateMissing) }); err != nil {
		return nil, err
	}
	if err := w.prepare(b); err != nil {
		return nil, err
	}
	if err := eachRow(b.Customers, &out.Customers, w.writeCustomer); err != nil {
		return nil, err
	}
	if out.Segments, err = w.writeSegments(b.Segments); err != nil {
		return nil, err
	}
	if err := eachRow(b.Interactions, &out.Interactions, func(i *graph.Interaction) (graph.Outcome, error) { return w.writeInteraction(i, b.CreateMissing) }); err != nil {
		return nil, err
	}
	if err := eachRow(b.Retractions, &out.Retractions, w.retract); err != nil {
		return nil, err
	}
	if err := w.flush(); err != nil {
		return nil, err
	}
	for _, id := range b.DeleteSegments {
		o, err := w.deleteSegment(id)
		if err != nil {
			return nil, err
		}
		out.DeleteSegments = append(out.DeleteSegments, o)
	}
	err = eachRow(b.Unread, &out.Unread, w.writeUnread)
	return out, err
}

func eachRow[T any](rows []T, out *[]graph.Outcome, write func(*T) (graph.Outcome, error)) error {
	for i := range rows {
		o, err := write(&rows[i])
		if err != nil {
			return err
		}
		*out = append(*out, o)
	}
	return nil
}

// prepare reads what the rows of a batch are judged by.
func (w *writer) prepare(b *graph.Batch) error {
	if len(b.Customers)+len(b.Interactions)+len(b.Retractions) == 0 {
		return nil
	}
	if err := w.useCatalog(); err != nil {
		return err
	}
	var refs, whole []graph.CustomerRef
	for i := range b.Customers {
		u := &b.Customers[i]
		u.Normalize()
		whole = append(whole, graph.ByID(u.ID))
		for _, claim := range u.Identities {
			whole = append(whole, graph.ByIdentity(claim.Identity))
		}
		refs = append(refs, u.ReferredBy)
	}
	var ids []string
	for i := range b.Interactions {
		b.Interactions[i].Normalize()
		refs, ids = append(refs, b.Interactions[i].Customer), append(ids, b.Interactions[i].ID)
	}
	for i := range b.Retractions {
		ids = append(ids, b.Retractions[i].ID)
	}
	if err := w.ask(append(refs, whole...)); err != nil {
		return err
	}
	roots := map[string]bool{}
	for _, ref := range whole {
		roots[w.people.find(ref)] = true
	}
	if err := w.complete(keysOf(roots)); err != nil {
		return err
	}
	return w.askEvents(ids)
}

func keysOf(set map[string]bool) (list []string) {
	for key := range set {
		list = append(list, key)
	}
	return list
}

// erasedHash is [graph.ErasedHash] with the store's key, as text.
func (s *Store) erasedHash(ref graph.CustomerRef) string {
	return hex.EncodeToString(graph.ErasedHash(s.eraseKey, ref))
}

// newID makes an id that nobody can guess.
func (t *tx) newID(prefix string) (string, error) { return graph.RandomID(t.s.opts.Rand, prefix) }
