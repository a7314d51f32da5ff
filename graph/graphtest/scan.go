package graphtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"lacuna/graph"
)

// scanned is what a scan gave, put together by id.
type scanned struct {
	categories   []graph.Category
	products     []*graph.Product
	segments     []graph.Segment
	customers    []*graph.Customer
	interactions map[string]graph.Interaction
	nameless     []graph.Interaction // whose owner is no customer of the scan
}

// scan reads everything and checks the form of it: order of kinds, handles, lengths.
func (x *fixture) scan(at graph.Cursor) scanned {
	x.t.Helper()
	s, err := scanAll(x.ctx(), x.Store, at)
	if err != nil {
		x.t.Fatalf("Scan: %v", err)
	}
	return s
}

func scanAll(ctx context.Context, feed graph.Feed, at graph.Cursor) (scanned, error) {
	s := scanned{interactions: map[string]graph.Interaction{}}
	categories, products, owners := map[uint32]string{0: ""}, map[uint32]string{0: ""}, map[uint32]string{0: ""}
	stage := 0
	for chunk, err := range feed.Scan(ctx, at, graph.ScanAll) {
		if err != nil {
			return s, err
		}
		now := stageOf(chunk)
		if now < stage {
			return s, fmt.Errorf("a chunk of stage %d comes after one of stage %d", now, stage)
		}
		stage = max(stage, now)
		for _, c := range chunk.Categories {
			c.Names = cloneNames(c.Names)
			s.categories, categories[c.Handle] = append(s.categories, c.Category), c.ID
		}
		for _, p := range chunk.Products {
			s.products, products[p.Handle] = append(s.products, copyProduct(p.Product)), p.ID
		}
		s.segments = append(s.segments, chunk.Segments...)
		for _, c := range chunk.Customers {
			s.customers, owners[c.Handle] = append(s.customers, copyCustomer(c.Customer)), c.ID
		}
		if chunk.Interactions == nil {
			continue
		}
		for n := range chunk.Interactions.Len {
			i := rowOf(chunk.Interactions, n, products, categories)
			owner, ok := owners[chunk.Interactions.Customer[n]]
			if i.Owner = owner; !ok || owner == "" {
				s.nameless = append(s.nameless, i)
			} else if _, twice := s.interactions[i.ID]; twice {
				return s, fmt.Errorf("interaction %s is scanned twice", i.ID)
			} else {
				s.interactions[i.ID] = i
			}
		}
	}
	if len(categories) != len(s.categories)+1 || len(products) != len(s.products)+1 || len(owners) != len(s.customers)+1 {
		return s, errors.New("handles repeat, or are zero")
	}
	return s, nil
}

func stageOf(c *graph.ScanChunk) int {
	for stage, filled := range []bool{len(c.Categories) > 0, len(c.Products) > 0, len(c.Segments) > 0, len(c.Customers) > 0, c.Interactions != nil} {
		if filled {
			return stage + 1
		}
	}
	return 0
}

func cloneNames(names map[string]string) map[string]string {
	clone := map[string]string{}
	maps.Copy(clone, names)
	return clone
}

// copyCustomer copies a scanned customer, whose memory is the scan's.
func copyCustomer(c graph.Customer) *graph.Customer {
	c.MergedIDs, c.Identities, c.Consents = slices.Clone(c.MergedIDs), slices.Clone(c.Identities), slices.Clone(c.Consents)
	c.Attributes = slices.Clone(c.Attributes)
	for i := range c.Attributes {
		c.Attributes[i].Alternatives = slices.Clone(c.Attributes[i].Alternatives)
	}
	return &c
}

// rowOf puts one row of the columns together. What is unknown has whatever value the column has there.
func rowOf(c *graph.InteractionColumns, n int, products, categories map[uint32]string) graph.Interaction {
	known := func(m graph.KnownNumbers) bool { return c.Known[n]&m != 0 }
	i := graph.Interaction{
		ID: c.ID[n], Type: c.Type[n], At: time.UnixMicro(c.AtMicros[n]).UTC(), Customer: c.Ref[n], Channel: c.Channel[n],
		Product: products[c.Product[n]], Category: categories[c.Category[n]], Query: c.Query[n], Currency: c.Currency[n],
		Campaign: c.Campaign[n], Session: c.Session[n], Source: c.Source[n], Attributes: slices.Clone(c.Attributes[n]), Ahead: known(graph.IsAhead),
	}
	if known(graph.ResultsKnown) {
		i.Results = graph.Some(int64(c.Results[n]))
	}
	if known(graph.QuantityKnown) {
		i.Quantity = graph.Some(c.Quantity[n])
	}
	if known(graph.AmountKnown) {
		i.Amount = graph.Some(c.Amount[n])
	}
	if known(graph.RatingKnown) {
		i.Rating = graph.Some(c.Rating[n])
	}
	if known(graph.AvailableKnown) {
		i.Available = graph.Some(known(graph.IsAvailable))
	}
	return i
}

// scannedState compares a scan with what the point reads tell.
func (x *fixture) scannedState() {
	x.t.Helper()
	s, want := x.scan(x.head()), x.state()
	byID := map[string]graph.Interaction{}
	for _, list := range want.History {
		for _, i := range list {
			byID[i.ID] = i
		}
	}
	x.same("scanned interactions", byID, s.interactions)
	slices.SortFunc(s.customers, func(a, b *graph.Customer) int { return compareKeys(graph.ByCustomerID, a.Key(), b.Key()) })
	for _, c := range want.Customers {
		c.FirstSeenAt, c.LastSeenAt = time.Time{}, time.Time{}
	}
	x.same("scanned customers", want.Customers, s.customers)
	x.same("scanned categories", want.Tree, treeList(graph.NewCategoryTree(s.categories)))
	slices.SortFunc(s.products, func(a, b *graph.Product) int {
		return compareInteractions(graph.Interaction{ID: a.ID}, graph.Interaction{ID: b.ID})
	})
	x.same("scanned products", want.Products, s.products)
	slices.SortFunc(s.segments, func(a, b graph.Segment) int {
		return compareInteractions(graph.Interaction{ID: a.ID}, graph.Interaction{ID: b.ID})
	})
	x.same("scanned segments", want.Segments, s.segments)
}

// testScan checks that a scan gives what the point reads give, up to its cursor.
func testScan(t *testing.T, f Factory) {
	t.Run("an empty store", func(t *testing.T) {
		x := fresh(t, f)
		for chunk, err := range x.Scan(x.ctx(), x.head(), graph.ScanAll) {
			if err != nil || stageOf(chunk) != 0 {
				t.Errorf("scanned %+v, %v", chunk, err)
			}
		}
	})
	t.Run("equals the point reads", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(everyKind())
		x.scannedState()
		late := view("ahead", "9", 0)
		late.At = start.Add(time.Hour)
		x.accept(interactions(rich("k", "2", 3), late, view("l", "1", -1_000_000)))
		x.merge("2", "1")
		x.accept(retractions("l"))
		x.scannedState()
		x.erase("9", false)
		x.scannedState()
	})
	t.Run("many rows", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(catalog())
		var b graph.Batch
		for n, id := range numbered("i", 9_000) {
			i := view(id, fmt.Sprint("c", n%50), n)
			if n%4 == 0 {
				i = rich(id, fmt.Sprint("c", n%50), n)
				i.Query, i.Session = fmt.Sprint("query ", n), fmt.Sprint("s", n)
			}
			b.Interactions = append(b.Interactions, i)
		}
		x.accept(b)
		x.scannedState()
	})
	t.Run("nothing recorded after its cursor", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(everyKind())
		head := x.head()
		x.accept(interactions(view("later", "1", -5)))
		x.same("interactions", []string{"i", "j"}, sortedKeys(x.scan(head).interactions))
		x.same("interactions before the first commit", []string{}, sortedKeys(x.scan("").interactions))
	})
	t.Run("columns that were not asked for", func(t *testing.T) { scanColumns(fresh(t, f)) })
	t.Run("ended early", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(everyKind())
		for _, err := range x.Scan(x.ctx(), x.head(), graph.ScanAll) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		x.accept(interactions(view("k", "1", 9))) // a scan given up holds nobody back
		ctx, cancel := context.WithCancel(x.ctx())
		var last error
		for chunk, err := range x.Scan(ctx, x.head(), graph.ScanAll) {
			cancel()
			if last = err; err == nil && chunk == nil {
				t.Error("neither chunk nor error")
			}
		}
		cancel()
		if last != nil && !errors.Is(last, context.Canceled) {
			t.Errorf("a cancelled scan ends with %v", last)
		}
	})
}

func scanColumns(x *fixture) {
	x.accept(everyKind())
	for fields := graph.ScanFields(0); fields <= graph.ScanAll; fields++ {
		rows := 0
		for chunk, err := range x.Scan(x.ctx(), x.head(), fields) {
			if err != nil {
				x.t.Fatal(err)
			}
			c := chunk.Interactions
			if c == nil {
				continue
			}
			rows += c.Len
			lengths := []int{len(c.Customer), len(c.Product), len(c.Category), len(c.AtMicros), len(c.Type), len(c.Channel), len(c.Known),
				len(c.Results), len(c.Quantity), len(c.Amount), len(c.Rating), len(c.Currency)}
			x.same("lengths", slices.Repeat([]int{c.Len}, len(lengths)), lengths)
			optional := []struct {
				asked bool
				has   int
				isNil bool
			}{
				{fields&graph.ScanIDs != 0, len(c.ID), c.ID == nil}, {fields&graph.ScanIDs != 0, len(c.Ref), c.Ref == nil},
				{fields&graph.ScanTexts != 0, len(c.Query), c.Query == nil}, {fields&graph.ScanTexts != 0, len(c.Session), c.Session == nil},
				{fields&graph.ScanTexts != 0, len(c.Campaign), c.Campaign == nil}, {fields&graph.ScanTexts != 0, len(c.Source), c.Source == nil},
				{fields&graph.ScanAttributes != 0, len(c.Attributes), c.Attributes == nil},
			}
			for n, o := range optional {
				if o.asked && o.has != c.Len || !o.asked && !o.isNil {
					x.t.Errorf("fields %b, optional column %d: length %d, nil: %t", fields, n, o.has, o.isNil)
				}
			}
		}
		x.same("rows", 2, rows)
	}
}
