package insight

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"lacuna/graph"
)

// change is what a page of the feed asks for. What was written is read as it is now, so that nothing depends on how often or in
// which order the same customer is named; interactions alone are taken from the feed itself.
type change struct {
	profiles map[string]bool                 // ids of customers whose profile is to be read
	all      map[string]bool                 // ids of customers whose interactions are to be read anew too
	gone     map[string]bool                 // ids of erased customers
	recorded map[string][]*graph.Interaction // by owner
	products map[string]bool
	tree     bool
	segments bool
}

func newChange() *change {
	return &change{profiles: map[string]bool{}, all: map[string]bool{}, gone: map[string]bool{}, recorded: map[string][]*graph.Interaction{}, products: map[string]bool{}}
}

func (c *change) add(changes []graph.Change) {
	for i := range changes {
		switch x := &changes[i]; x.Kind {
		case graph.CategoryChanged:
			c.tree = true
		case graph.ProductChanged:
			c.products[x.ID] = true
		case graph.SegmentChanged, graph.SegmentDeleted:
			c.segments = true
		case graph.CustomerChanged:
			c.profiles[x.Customer] = true
		case graph.InteractionRecorded:
			if x.Interaction != nil {
				c.recorded[x.Customer] = append(c.recorded[x.Customer], x.Interaction)
			}
		case graph.InteractionRetracted:
			c.all[x.Customer] = true
		case graph.CustomersMerged, graph.CustomersUnmerged:
			c.all[x.Customer], c.all[x.ID] = true, true
		case graph.CustomerErased:
			c.gone[x.Customer], c.gone[x.ID] = true, true
		}
	}
	delete(c.profiles, "")
	delete(c.all, "")
	delete(c.gone, "")
}

// reread are customers whose interactions were read from the store. What the feed then tells of them may be among what was read, so
// they are read again instead, until the feed has been at its end after that.
type reread struct{ before, since map[string]bool }

// begin is called before a page is read.
func (r *reread) begin() {
	if r.before == nil {
		r.before = map[string]bool{}
	}
	maps.Copy(r.before, r.since)
	r.since = map[string]bool{}
}

// atEnd is called after a page was applied that reached the end.
func (r *reread) atEnd() { clear(r.before) }

func (r *reread) has(id string) bool { return r.before[id] || r.since[id] }

// apply brings the writer's state up to a change. Where it fails nothing was taken twice: it can be applied again.
func (w *writer) apply(ctx context.Context, c *change) error {
	if err := w.readCatalog(ctx, c); err != nil {
		return err
	}
	for id := range c.gone {
		w.erase(id)
	}
	for id := range c.recorded {
		if w.reread.has(id) && !c.gone[id] {
			c.all[id] = true
		}
		if n, ok := w.numbers.of(id); !ok || !w.pages[n>>pageBits].known.has(int(n&(pageSize-1))) {
			c.profiles[id] = true // a customer that came with an interaction, or is kept of an erased one
		}
	}
	maps.Copy(c.profiles, c.all)
	if err := w.readProfiles(ctx, c); err != nil {
		return err
	}
	b := newBuffer()
	touched := map[uint32]bool{}
	for _, id := range slices.Sorted(maps.Keys(c.all)) {
		n, ok := w.numbers.of(id)
		if !ok {
			continue
		}
		touched[n] = true
		w.reread.since[id] = true
		if err := w.readInteractions(ctx, b, id, n); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.recorded)) {
		if c.all[id] || c.gone[id] {
			continue
		}
		n := w.numberOf(id)
		touched[n] = true
		p, slot := w.pages[n>>pageBits], int(n&(pageSize-1))
		if r := p.rows[slot]; r.len() > 0 {
			b.copyRows(n, r)
		}
		for _, i := range c.recorded[id] {
			w.interaction(b, n, i)
		}
	}
	w.place(b, touched)
	if len(c.gone) > 0 {
		w.forgetUnused()
	}
	return nil
}

// place makes a block of a buffer's rows, which are all of the customers touched.
func (w *writer) place(b *buffer, touched map[uint32]bool) {
	if len(touched) == 0 {
		return
	}
	// Numbers are many and those touched few: they are numbered for themselves.
	list := slices.Sorted(maps.Keys(touched))
	small := make(map[uint32]uint32, len(list))
	for i, n := range list {
		small[n] = uint32(i)
	}
	for i, n := range b.customer {
		b.customer[i] = small[n]
	}
	_, of := b.seal(len(list))
	for i, n := range list {
		w.setRows(n, of(uint32(i)))
	}
}

// erase forgets a customer.
func (w *writer) erase(id string) {
	n, ok := w.numbers.of(id)
	if !ok {
		return
	}
	w.dropProfile(n)
	w.setRows(n, rows{})
	w.numbers.forget(id)
}

func (w *writer) readCatalog(ctx context.Context, c *change) error {
	if c.tree {
		tree, err := w.source.Categories(ctx)
		if err != nil {
			return fmt.Errorf("read categories: %w", err)
		}
		var visit func(parent string)
		visit = func(parent string) {
			for _, child := range tree.Children(parent) {
				w.catalog.setCategory(*child)
				visit(child.ID)
			}
		}
		visit("")
		w.stale = true
	}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(c.products)), graph.MaxKeys) {
		products, err := w.source.Products(ctx, ids)
		if err != nil {
			return fmt.Errorf("read products: %w", err)
		}
		for _, id := range ids {
			if p := products[id]; p != nil {
				w.catalog.setProduct(*p)
			}
		}
		w.stale = true
	}
	if c.segments {
		segments, err := w.source.Segments(ctx)
		if err != nil {
			return fmt.Errorf("read segments: %w", err)
		}
		w.segments = segments
	}
	return nil
}

// readProfiles reads the profiles of customers. Who is no customer any more, having been merged or erased, is forgotten with its
// interactions.
func (w *writer) readProfiles(ctx context.Context, c *change) error {
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(c.profiles)), graph.MaxKeys) {
		refs := make([]graph.CustomerRef, len(ids))
		for i, id := range ids {
			refs[i] = graph.ByID(id)
		}
		found, err := w.source.Customers(ctx, refs)
		if err != nil {
			return fmt.Errorf("read customers: %w", err)
		}
		for i, id := range ids {
			customer := found[refs[i]]
			switch {
			case customer != nil && customer.ID == id:
				w.setProfile(w.numberOf(id), customer)
			case customer != nil: // it leads to another
				if n, ok := w.numbers.of(id); ok {
					w.dropProfile(n)
					w.setRows(n, rows{})
				}
				delete(c.all, id)
			default:
				n, ok := w.numbers.of(id)
				if ok {
					w.dropProfile(n)
				}
				if ok && c.all[id] {
					w.setRows(n, rows{})
				}
				delete(c.all, id)
			}
		}
	}
	return nil
}

// readInteractions reads all interactions of a customer.
func (w *writer) readInteractions(ctx context.Context, b *buffer, id string, number uint32) error {
	q := graph.InteractionQuery{Customer: id, First: graph.MaxPage}
	for {
		pages, err := w.source.Interactions(ctx, []graph.InteractionQuery{q})
		if err != nil {
			return fmt.Errorf("read interactions: %w", err)
		}
		list := pages[0].Interactions
		for i := range list {
			w.interaction(b, number, &list[i])
		}
		if !pages[0].More {
			return nil
		}
		key := list[len(list)-1].Key()
		q.After = &key
	}
}

// compact makes one base of all blocks.
func (w *writer) compact() {
	b := newBuffer()
	for n := range w.next {
		if r := w.pages[n>>pageBits].rows[n&(pageSize-1)]; r.len() > 0 {
			b.copyRows(n, r)
		}
	}
	w.seal(b)
}
