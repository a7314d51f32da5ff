package neo4jstore

import (
	"context"
	"errors"
	"fmt"

	"lacuna/graph"
)

// scanChunk is how many records of a kind are given at a time.
const scanChunk = 5_000

// errStopped ends a scan that nobody wants to go on with.
var errStopped = errors.New("stopped")

// scanning is a scan under way.
type scanning struct {
	s          *Store
	ctx        context.Context
	fields     graph.ScanFields
	until      int64
	yield      func(*graph.ScanChunk, error) bool
	products   map[string]uint32
	categories map[string]uint32
	customers  map[string]uint32
	texts      map[string]string // one copy of what comes again and again
}

// Scan gives everything committed up to a position.
func (s *Store) Scan(ctx context.Context, at graph.Cursor, fields graph.ScanFields) graph.Scan {
	return func(yield func(*graph.ScanChunk, error) bool) {
		x := &scanning{s: s, ctx: ctx, fields: fields, yield: yield, products: map[string]uint32{}, categories: map[string]uint32{}, customers: map[string]uint32{}, texts: map[string]string{}}
		if err := x.run(at); err != nil && !errors.Is(err, errStopped) {
			yield(nil, fmt.Errorf("scan: %w", translate(ctx, err)))
		}
	}
}

func (x *scanning) run(at graph.Cursor) error {
	now, err := x.s.quiet(x.ctx, "read state")
	if err != nil {
		return err
	}
	if x.until, err = x.s.locate(x.ctx, "find position", at, &now); err != nil {
		return err
	}
	if err := x.s.enter(x.ctx); err != nil {
		return err
	}
	defer x.s.calls.Leave()
	c, err := x.s.catalogOf(x.ctx, "read catalog", now.Catalog)
	if err != nil {
		return err
	}
	for _, step := range []func() error{func() error { return x.catalog(c) }, x.people, x.interactions} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (x *scanning) give(chunk *graph.ScanChunk) error {
	if !x.yield(chunk, nil) {
		return errStopped
	}
	return x.ctx.Err()
}

func (x *scanning) catalog(c *catalog) error {
	var categories graph.ScanChunk
	for _, category := range c.parentsFirst() {
		x.categories[category.ID] = uint32(len(x.categories) + 1)
		categories.Categories = append(categories.Categories, graph.ScannedCategory{Handle: x.categories[category.ID], Category: category})
	}
	if len(categories.Categories) > 0 {
		if err := x.give(&categories); err != nil {
			return err
		}
	}
	var products graph.ScanChunk
	for _, id := range c.productIDs {
		x.products[id] = uint32(len(x.products) + 1)
		products.Products = append(products.Products, graph.ScannedProduct{Handle: x.products[id], Product: *copyProduct(c.products[id])})
	}
	if len(products.Products) > 0 {
		if err := x.give(&products); err != nil {
			return err
		}
	}
	if len(c.listed) > 0 {
		return x.give(&graph.ScanChunk{Segments: append([]graph.Segment(nil), c.listed...)})
	}
	return nil
}

func (x *scanning) people() error {
	var chunk graph.ScanChunk
	err := x.s.stream(x.ctx, "scan_customers", nil, func(v []any) error {
		c, err := decodeProfile(text(v[0]), text(v[1]))
		if err != nil {
			return err
		}
		if x.customers[c.ID] != 0 { // it was changed meanwhile
			return nil
		}
		x.customers[c.ID] = uint32(len(x.customers) + 1)
		chunk.Customers = append(chunk.Customers, graph.ScannedCustomer{Handle: x.customers[c.ID], Customer: *c})
		if len(chunk.Customers) < scanChunk {
			return nil
		}
		full := chunk
		chunk = graph.ScanChunk{}
		return x.give(&full)
	})
	if err != nil || len(chunk.Customers) == 0 {
		return err
	}
	return x.give(&chunk)
}

// owner gives the handle of an interaction's owner. Who is no customer of the scan gets one of their own.
func (x *scanning) owner(id string) uint32 {
	h := x.customers[id]
	if h == 0 {
		h = uint32(len(x.customers) + 1)
		x.customers[id] = h
	}
	return h
}

func (x *scanning) interactions() error {
	c := &graph.InteractionColumns{}
	err := x.s.stream(x.ctx, "scan_interactions", params{"until": x.until}, func(v []any) error {
		if err := x.add(c, v[0]); err != nil {
			return err
		}
		if c.Len < scanChunk {
			return nil
		}
		full := c
		c = &graph.InteractionColumns{}
		return x.give(&graph.ScanChunk{Interactions: full})
	})
	if err != nil || c.Len == 0 {
		return err
	}
	return x.give(&graph.ScanChunk{Interactions: c})
}

// one gives one copy of a text.
func (x *scanning) one(s string) string {
	if have, ok := x.texts[s]; ok {
		return have
	}
	if len(x.texts) < 1<<20 {
		x.texts[s] = s
	}
	return s
}

func (x *scanning) add(c *graph.InteractionColumns, row any) error {
	i, _, err := interactionFrom(row)
	if err != nil {
		return err
	}
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
	mark(i.Available.Value, graph.IsAvailable)
	mark(i.Ahead, graph.IsAhead)
	c.Len++
	c.Customer, c.Product, c.Category = append(c.Customer, x.owner(i.Owner)), append(c.Product, x.products[i.Product]), append(c.Category, x.categories[i.Category])
	c.AtMicros, c.Type, c.Channel = append(c.AtMicros, i.At.UnixMicro()), append(c.Type, i.Type), append(c.Channel, i.Channel)
	c.Known, c.Results = append(c.Known, known), append(c.Results, int32(i.Results.Value))
	c.Quantity, c.Amount, c.Rating = append(c.Quantity, i.Quantity.Value), append(c.Amount, i.Amount.Value), append(c.Rating, i.Rating.Value)
	c.Currency = append(c.Currency, x.one(i.Currency))
	if x.fields&graph.ScanIDs != 0 {
		c.ID, c.Ref = append(c.ID, i.ID), append(c.Ref, i.Customer)
	}
	if x.fields&graph.ScanTexts != 0 {
		c.Query, c.Session = append(c.Query, x.one(i.Query)), append(c.Session, i.Session)
		c.Campaign, c.Source = append(c.Campaign, x.one(i.Campaign)), append(c.Source, x.one(i.Source))
	}
	if x.fields&graph.ScanAttributes != 0 {
		c.Attributes = append(c.Attributes, i.Attributes)
	}
	return nil
}
