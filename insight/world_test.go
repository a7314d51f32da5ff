package insight

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"lacuna/graph"
	"lacuna/graph/sqlitestore"
)

var taipei = func() *time.Location {
	zone, err := time.LoadLocation("Asia/Taipei")
	if err != nil {
		panic(err)
	}
	return zone
}()

func options() Options {
	o := Options{Logger: slog.New(slog.DiscardHandler), Zone: taipei}
	o.fill()
	return o
}

func newStore(t testing.TB) graph.Store {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), sqlitestore.Options{CreateIfMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// followed is an engine that follows a store when it is told to.
type followed struct {
	*Engine
	writer *writer
	at     graph.Cursor
}

func follow(t testing.TB, store graph.Store) *followed {
	t.Helper()
	f := &followed{Engine: New(options())}
	f.writer = newWriter(store, f.options)
	at, err := store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.writer.scan(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	f.at = at
	f.catchUp(t, true)
	return f
}

func (f *followed) catchUp(t testing.TB, publish bool) *View {
	t.Helper()
	at, err := f.Engine.catchUp(t.Context(), f.writer, f.at, publish)
	if err != nil {
		t.Fatal(err)
	}
	f.at = at
	return f.current.Load()
}

// readWorld reads a store by other ways than the engine does.
func readWorld(t testing.TB, store graph.Store) *world {
	t.Helper()
	w := &world{customers: map[string]*graph.Customer{}, interactions: map[string][]graph.Interaction{}, products: map[string]graph.Product{}, segments: map[string]graph.Rule{}, zone: taipei}
	query := graph.CustomerQuery{First: graph.MaxPage}
	page, err := store.FindCustomers(t.Context(), query)
	if err != nil || page.More {
		t.Fatal(page.More, err)
	}
	for _, c := range page.Customers {
		w.customers[c.ID] = c
		pages, err := store.Interactions(t.Context(), []graph.InteractionQuery{{Customer: c.ID, First: graph.MaxPage}})
		if err != nil || pages[0].More {
			t.Fatal(pages[0].More, err)
		}
		w.interactions[c.ID] = pages[0].Interactions
	}
	products, err := store.FindProducts(t.Context(), graph.ProductQuery{First: graph.MaxPage})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range products.Products {
		w.products[p.ID] = *p
	}
	if w.tree, err = store.Categories(t.Context()); err != nil {
		t.Fatal(err)
	}
	segments, err := store.Segments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range segments {
		w.segments[s.ID] = s.Rule
	}
	return w
}

// chaos writes whatever may be written.
type chaos struct {
	*rand.Rand
	store  graph.Store
	merges []string
	last   int // number of the last interaction
}

var start = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func (c *chaos) customer() string { return fmt.Sprintf("c%d", c.IntN(40)) }
func (c *chaos) product() string  { return fmt.Sprintf("p%d", c.IntN(12)) }
func (c *chaos) category() string { return fmt.Sprintf("k%d", c.IntN(9)) }

// at gives one of few moments, so that some are the same and some stand on the edges of windows.
func (c *chaos) at() time.Time {
	t := start.Add(time.Duration(c.IntN(400)) * 24 * time.Hour)
	switch c.IntN(4) {
	case 0:
		return t.Add(-8 * time.Hour) // midnight in Taipei
	case 1:
		return t.Add(time.Duration(c.IntN(1_000_000)) * time.Microsecond)
	default:
		return t
	}
}

func pick[T any](c *chaos, list ...T) T { return list[c.IntN(len(list))] }

func (c *chaos) values() (list []graph.NamedValue) {
	if c.IntN(3) > 0 {
		list = append(list, graph.NamedValue{Name: "city", Value: graph.TextValue(pick(c, "Taipei", "Tainan", "taipei north", "高雄"))})
	}
	if c.IntN(3) > 0 {
		list = append(list, graph.NamedValue{Name: "children", Value: graph.NumberValue(float64(c.IntN(4)))})
	}
	if c.IntN(3) == 0 {
		list = append(list, graph.NamedValue{Name: "member", Value: graph.BooleanValue(c.IntN(2) == 0)})
	}
	if c.IntN(3) == 0 {
		list = append(list, graph.NamedValue{Name: "birthday", Value: graph.DateValue(start.AddDate(-c.IntN(5), c.IntN(3), 0))})
	}
	return list
}

func (c *chaos) upsert() graph.CustomerUpsert {
	u := graph.CustomerUpsert{ID: c.customer(), Source: pick(c, "crm", "web"), Attributes: c.values(), ObservedAt: c.at()}
	if c.IntN(3) > 0 {
		u.CreatedAt = c.at()
	}
	if c.IntN(2) == 0 {
		u.Household = fmt.Sprintf("h%d", c.IntN(8))
	}
	if c.IntN(2) == 0 {
		u.Consents = []graph.Consent{{Purpose: pick(c, "MARKETING", "ANALYTICS"), Granted: c.IntN(2) == 0, At: c.at()}}
	}
	return u
}

func (c *chaos) interaction() graph.Interaction {
	c.last++
	i := graph.Interaction{ID: fmt.Sprintf("i%d", c.last), Type: pick(c, graph.View, graph.Search, graph.Wishlist, graph.AddToCart, graph.Purchase, graph.Purchase), At: c.at(),
		Customer: graph.ByID(c.customer()), Channel: graph.Channel(c.IntN(4)), Source: "test"}
	if c.IntN(4) > 0 {
		i.Product = c.product()
	}
	if i.Product == "" || c.IntN(5) == 0 {
		i.Category = c.category()
	}
	if i.Type == graph.Search {
		i.Query = pick(c, "Onsen", "onsen kyoto", "ｋｙｏｔｏ", "雪")
		i.Results = graph.Some(int64(c.IntN(3)))
	}
	if i.Type == graph.Purchase {
		i.Amount, i.Currency = graph.Some(graph.Decimal(c.IntN(100)*graph.DecimalScale/4)), "TWD"
		i.Quantity = graph.Some(graph.Decimal(c.IntN(4) * graph.DecimalScale))
	}
	if c.IntN(3) == 0 {
		i.Attributes = []graph.NamedValue{{Name: "party", Value: graph.NumberValue(float64(c.IntN(4)))}}
	}
	return i
}

// begin writes what there is at first.
func (c *chaos) begin(t testing.TB) {
	t.Helper()
	b := &graph.Batch{}
	for i := range 9 {
		k := graph.Category{ID: fmt.Sprintf("k%d", i), Name: "Category"}
		if i > 2 {
			k.Parent = fmt.Sprintf("k%d", (i-1)/2)
		}
		b.Categories = append(b.Categories, k)
	}
	for i := range 12 {
		p := graph.Product{ID: fmt.Sprintf("p%d", i), Categories: []string{c.category()}, Tags: []string{pick(c, "ski", "spa")}}
		if c.IntN(3) == 0 {
			p.Categories = append(p.Categories, c.category())
		}
		if c.IntN(4) > 0 {
			p.Price, p.Currency = graph.Some(graph.Decimal(c.IntN(10)*graph.DecimalScale)), "TWD"
		}
		b.Products = append(b.Products, p)
	}
	b.Segments = []graph.Segment{
		{ID: "far", Rule: graph.Rule{Attribute: &graph.AttributeRule{Name: "city", Op: graph.OpNe, Values: []graph.Value{graph.TextValue("Taipei")}}}},
		{ID: "lookers", Rule: graph.Rule{Event: &graph.EventRule{Types: []graph.InteractionType{graph.View}, Count: &graph.CountRange{Gte: graph.Some(int64(2))}}}},
	}
	for range 60 {
		b.Customers = append(b.Customers, c.upsert())
	}
	for range 300 {
		b.Interactions = append(b.Interactions, c.interaction())
	}
	c.write(t, b)
}

func (c *chaos) write(t testing.TB, b *graph.Batch) {
	t.Helper()
	outcomes, err := c.store.Write(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range slices.Concat(outcomes.Categories, outcomes.Products, outcomes.Segments) {
		if o.Rejection != nil && o.Rejection.Code != graph.RejectCycle {
			t.Fatal(o.Rejection)
		}
	}
}

// act does one thing that may change what is stored; some are refused.
func (c *chaos) act(t testing.TB) {
	t.Helper()
	tolerate := func(err error) {
		if err != nil && !errors.Is(err, graph.ErrNotFound) && !errors.Is(err, graph.ErrConflict) && !errors.Is(err, graph.ErrInvalid) {
			t.Fatal(err)
		}
	}
	switch c.IntN(12) {
	case 0:
		c.write(t, &graph.Batch{Customers: []graph.CustomerUpsert{c.upsert(), c.upsert()}})
	case 1:
		c.write(t, &graph.Batch{Retractions: []graph.Retraction{{ID: fmt.Sprintf("i%d", 1+c.IntN(c.last)), Reason: "wrong", Source: "test"}}})
	case 2:
		report, err := c.store.Merge(t.Context(), c.customer(), c.customer(), false)
		tolerate(err)
		if err == nil {
			c.merges = append(c.merges, report.MergeID)
		}
	case 3:
		if len(c.merges) > 0 {
			_, err := c.store.Unmerge(t.Context(), pick(c, c.merges...))
			tolerate(err)
		}
	case 4:
		if c.IntN(3) == 0 {
			_, err := c.store.Erase(t.Context(), c.customer(), c.IntN(2) == 0)
			tolerate(err)
		}
	case 5:
		c.write(t, &graph.Batch{Categories: []graph.Category{{ID: c.category(), Parent: c.category()}}})
	case 6:
		c.write(t, &graph.Batch{Products: []graph.Product{{ID: c.product(), Categories: []string{c.category()}}}})
	default:
		b := &graph.Batch{}
		for range 1 + c.IntN(8) {
			b.Interactions = append(b.Interactions, c.interaction())
		}
		c.write(t, b)
	}
}
