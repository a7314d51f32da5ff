package bulk

import (
	"context"
	"crypto/sha256"
	"fmt"

	"lacuna/graph"
)

// maxRemembered is how many interaction ids a dry run remembers to find repeats.
const maxRemembered = 1 << 20

// checker is the writer of a dry run: it checks rows as far as the rows themselves, the files before them and the stored
// catalog allow, and writes nothing. See [Options.DryRun] for what it cannot see.
type checker struct {
	products   map[string]bool
	categories map[string]bool
	segments   map[string]graph.Rule
	contents   map[[16]byte][32]byte // of interactions, by a hash of the id
}

func newChecker(ctx context.Context, store graph.Store) (*checker, error) {
	c := &checker{
		products: map[string]bool{}, categories: map[string]bool{}, segments: map[string]graph.Rule{},
		contents: map[[16]byte][32]byte{},
	}
	tree, err := store.Categories(ctx)
	if err != nil {
		return nil, fmt.Errorf("read categories: %w", err)
	}
	for _, root := range tree.Children("") {
		for _, id := range tree.Descendants(root.ID) {
			c.categories[id] = true
		}
	}
	segments, err := store.Segments(ctx)
	if err != nil {
		return nil, fmt.Errorf("read segments: %w", err)
	}
	for _, s := range segments {
		c.segments[s.ID] = s.Rule
	}
	for q := (graph.ProductQuery{First: graph.MaxPage}); ; {
		page, err := store.FindProducts(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("read products: %w", err)
		}
		for _, p := range page.Products {
			c.products[p.ID] = true
			q.After = p.ID
		}
		if !page.More {
			return c, nil
		}
	}
}

// Write checks a batch as [graph.Writer] would take it.
func (c *checker) Write(ctx context.Context, b *graph.Batch) (*graph.Outcomes, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := &graph.Outcomes{}
	for i := range b.Categories {
		c.categories[b.Categories[i].ID] = true // Parents may come later; cycles are found before.
	}
	for i := range b.Categories {
		row := &b.Categories[i]
		row.Normalize()
		out.Categories = append(out.Categories, outcome(row.Check(), c.knowCategory("parent", row.Parent, b.CreateMissing)))
	}
	for i := range b.Products {
		out.Products = append(out.Products, c.product(&b.Products[i], b.CreateMissing))
	}
	for i := range b.Customers {
		row := &b.Customers[i]
		row.Normalize()
		out.Customers = append(out.Customers, outcome(row.Check()))
	}
	out.Segments = c.checkSegments(b.Segments)
	for i := range b.Interactions {
		out.Interactions = append(out.Interactions, c.interaction(&b.Interactions[i], b.CreateMissing))
	}
	return out, nil
}

// outcome is accepted unless there is a rejection.
func outcome(rejections ...*graph.Rejection) graph.Outcome {
	for _, r := range rejections {
		if r != nil {
			return graph.Outcome{Status: graph.Rejected, Rejection: r}
		}
	}
	return graph.Outcome{Status: graph.Accepted}
}

func (c *checker) knowCategory(field, id string, create bool) *graph.Rejection {
	if id == "" || c.categories[id] {
		return nil
	}
	if create {
		c.categories[id] = true
		return nil
	}
	return graph.Reject(graph.RejectUnknownCategory, field, "%q is not a known category", graph.Clip(id))
}

func (c *checker) product(row *graph.Product, create bool) graph.Outcome {
	row.Normalize()
	o := outcome(row.Check())
	for _, id := range row.Categories {
		if o.Rejection == nil {
			o = outcome(c.knowCategory("categories", id, create))
		}
	}
	if o.Rejection == nil {
		c.products[row.ID] = true
	}
	return o
}

func (c *checker) checkSegments(rows []graph.Segment) []graph.Outcome {
	changed := make(map[string]graph.Rule, len(rows))
	for i := range rows {
		changed[rows[i].ID] = rows[i].Rule
	}
	wrong := graph.CheckSegmentCycles(func(id string) (graph.Rule, bool) { r, ok := c.segments[id]; return r, ok }, changed)
	var out []graph.Outcome
	for i := range rows {
		o := outcome(rows[i].Check(), wrong[rows[i].ID])
		if o.Rejection == nil {
			c.segments[rows[i].ID] = rows[i].Rule
		}
		out = append(out, o)
	}
	return out
}

func (c *checker) interaction(row *graph.Interaction, create bool) graph.Outcome {
	row.Normalize()
	if r := row.Check(); r != nil {
		return outcome(r)
	}
	if row.Product != "" && !c.products[row.Product] {
		if !create {
			return outcome(graph.Reject(graph.RejectUnknownProduct, "product", "%q is not a known product", graph.Clip(row.Product)))
		}
		c.products[row.Product] = true
	}
	if r := c.knowCategory("category", row.Category, create); r != nil {
		return outcome(r)
	}
	sum := sha256.Sum256([]byte(row.ID))
	key := [16]byte(sum[:16])
	content := row.ContentHash()
	before, seen := c.contents[key]
	switch {
	case seen && before == content:
		return graph.Outcome{Status: graph.Duplicate}
	case seen:
		return outcome(graph.Reject(graph.RejectConflict, "id", "stands in the files before with other content"))
	case len(c.contents) < maxRemembered:
		c.contents[key] = content
	}
	return graph.Outcome{Status: graph.Accepted}
}
