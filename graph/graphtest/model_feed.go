package graphtest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lacuna/graph"
)

// change adds an entry to the feed.
func (m *model) change(kind graph.ChangeKind, id, customer string) {
	m.d.log = append(m.d.log, entry{Change: graph.Change{Kind: kind, ID: id, Customer: customer}, at: m.o.Clock()})
}

func (d *modelData) cursor(position int) graph.Cursor {
	return graph.Cursor(fmt.Sprintf("%s-%d", d.tag, position))
}

// position reads a cursor.
func (d *modelData) position(c graph.Cursor) (int, error) {
	n := 0
	if c != "" {
		tag, number, _ := strings.Cut(string(c), "-")
		position, err := strconv.Atoi(number)
		if err != nil || tag != d.tag || position < 0 || position > len(d.log) {
			return 0, graph.ErrCursorExpired
		}
		n = position
	}
	if n < d.pruned {
		return 0, graph.ErrCursorExpired
	}
	return n, nil
}

func (m *model) Head(ctx context.Context) (graph.Cursor, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return m.d.cursor(len(m.d.log)), nil
}

func (m *model) Changes(ctx context.Context, after graph.Cursor, limit int) (graph.ChangePage, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return graph.ChangePage{}, err
	}
	defer leave()
	if err := tooMany(limit, graph.MaxBatch); err != nil {
		return graph.ChangePage{}, err
	}
	d := m.d
	n, err := d.position(after)
	if err != nil {
		return graph.ChangePage{}, err
	}
	var p graph.ChangePage
	for ; n < len(d.log) && len(p.Changes) < limit; n++ {
		c, ok := d.tell(n)
		if ok {
			p.Changes = append(p.Changes, c)
		}
	}
	p.Next, p.More = d.cursor(n), n < len(d.log)
	return p, nil
}

// tell gives an entry of the feed as it is told now, and false when it is left out.
func (d *modelData) tell(n int) (graph.Change, bool) {
	c := d.log[n].Change
	if c.Kind == graph.InteractionRecorded {
		i := d.interactions[c.ID]
		if i == nil || i.position != n {
			return c, false
		}
		now := d.copied(i)
		c.Customer, c.Interaction = now.Owner, &now
	}
	return c, !d.log[n].gone
}

func (m *model) PruneChanges(ctx context.Context, before time.Time) error {
	leave, err := m.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	d := m.d
	for n := d.pruned; n < len(d.log) && d.log[n].at.Before(before); n++ {
		d.pruned = n + 1
	}
	return nil
}

func (m *model) Scan(ctx context.Context, at graph.Cursor, fields graph.ScanFields) graph.Scan {
	return func(yield func(*graph.ScanChunk, error) bool) {
		chunks, err := m.scan(ctx, at, fields)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, c := range chunks {
			if !yield(c, nil) {
				return
			}
		}
	}
}

func (m *model) scan(ctx context.Context, at graph.Cursor, fields graph.ScanFields) ([]*graph.ScanChunk, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	d := m.d
	position, err := d.position(at)
	if err != nil {
		return nil, err
	}
	var chunks []*graph.ScanChunk
	handles := map[string]uint32{} // by kind and id
	handle := func(kind, id string) uint32 {
		handles[kind+id] = uint32(len(handles) + 1)
		return handles[kind+id]
	}
	for _, id := range sortedKeys(d.categories) {
		c := graph.ScannedCategory{Handle: handle("category", id), Category: d.categories[id]}
		chunks = append(chunks, &graph.ScanChunk{Categories: []graph.ScannedCategory{c}})
	}
	for _, id := range sortedKeys(d.products) {
		p := graph.ScannedProduct{Handle: handle("product", id), Product: *copyProduct(d.products[id])}
		chunks = append(chunks, &graph.ScanChunk{Products: []graph.ScannedProduct{p}})
	}
	for _, id := range sortedKeys(d.segments) {
		chunks = append(chunks, &graph.ScanChunk{Segments: []graph.Segment{d.segments[id]}})
	}
	for _, id := range d.current() {
		c := graph.ScannedCustomer{Handle: handle("customer", id), Customer: *d.profile(id)}
		c.FirstSeenAt, c.LastSeenAt = time.Time{}, time.Time{}
		chunks = append(chunks, &graph.ScanChunk{Customers: []graph.ScannedCustomer{c}})
	}
	columns := &graph.InteractionColumns{}
	for _, id := range sortedKeys(d.interactions) {
		if i := d.interactions[id]; i.position < position {
			appendColumns(columns, d.copied(i), fields, handles)
		}
	}
	if columns.Len > 0 {
		chunks = append(chunks, &graph.ScanChunk{Interactions: columns})
	}
	return chunks, nil
}

// appendColumns adds an interaction to the columns.
func appendColumns(c *graph.InteractionColumns, i graph.Interaction, fields graph.ScanFields, handles map[string]uint32) {
	var known graph.KnownNumbers
	mark := func(is bool, m graph.KnownNumbers) {
		if is {
			known |= m
		}
	}
	mark(i.Results.Known, graph.ResultsKnown)
	mark(i.Quantity.Known, graph.QuantityKnown)
	mark(i.Amount.Known, graph.AmountKnown)
	mark(i.Rating.Known, graph.RatingKnown)
	mark(i.Available.Known, graph.AvailableKnown)
	mark(i.Available.Known && i.Available.Value, graph.IsAvailable)
	mark(i.Ahead, graph.IsAhead)
	c.Len++
	c.Customer = append(c.Customer, handles["customer"+i.Owner])
	c.Product = append(c.Product, handles["product"+i.Product])
	c.Category = append(c.Category, handles["category"+i.Category])
	c.AtMicros, c.Type, c.Channel = append(c.AtMicros, i.At.UnixMicro()), append(c.Type, i.Type), append(c.Channel, i.Channel)
	c.Known, c.Results = append(c.Known, known), append(c.Results, int32(i.Results.Value))
	c.Quantity, c.Amount = append(c.Quantity, i.Quantity.Value), append(c.Amount, i.Amount.Value)
	c.Rating, c.Currency = append(c.Rating, i.Rating.Value), append(c.Currency, i.Currency)
	if fields&graph.ScanIDs != 0 {
		c.ID, c.Ref = append(c.ID, i.ID), append(c.Ref, i.Customer)
	}
	if fields&graph.ScanTexts != 0 {
		c.Query, c.Session = append(c.Query, i.Query), append(c.Session, i.Session)
		c.Campaign, c.Source = append(c.Campaign, i.Campaign), append(c.Source, i.Source)
	}
	if fields&graph.ScanAttributes != 0 {
		c.Attributes = append(c.Attributes, slices.Clone(i.Attributes))
	}
}
