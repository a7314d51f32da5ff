package insight

import (
	"slices"

	"lacuna/graph"
)

// catalog is products, categories and what interactions are about. It is never changed once it is part of a view.
type catalog struct {
	products []product // by handle; 0 is none
	// Categories by handle; 0 is none. A handle keeps its meaning, also when the tree changes.
	categories []category
	byID       map[string]uint32
	walk       []uint32 // handles of the categories that exist, parents before children, those of one parent by id
	things     []thing  // by number; 0 is about nothing
}

// product is one, with its categories as handles.
type product struct {
	graph.Product
	categories []uint32
}

// category is one, with its place in the tree: it and its descendants are walk[from:to].
type category struct {
	graph.Category
	parent   uint32 // handle; 0 for a root
	from, to uint32
	exists   bool
}

// thing is what interactions are about: a product, or a stated category, or both.
type thing struct {
	product    uint32   // handle
	category   uint32   // the stated one
	categories []uint32 // handles: the stated one, else those of the product
}

// about is what identifies a thing.
type about struct{ product, category uint32 }

// newCatalog computes what follows from products, categories and things.
func newCatalog(products []graph.Product, names *catalogNames) *catalog {
	c := &catalog{products: make([]product, len(products)), categories: make([]category, len(names.categories)), things: make([]thing, len(names.things)), byID: map[string]uint32{}}
	existing := make([]graph.Category, 0, len(names.categories))
	for handle := range names.categories {
		c.categories[handle] = category{Category: names.categories[handle], exists: names.exists[handle]}
		if names.exists[handle] {
			existing = append(existing, names.categories[handle])
		}
	}
	tree := graph.NewCategoryTree(existing)
	var visit func(id string, parent uint32)
	visit = func(id string, parent uint32) {
		for _, child := range tree.Children(id) {
			handle := names.category[child.ID]
			c.categories[handle].parent = parent
			c.categories[handle].from = uint32(len(c.walk))
			c.walk = append(c.walk, handle)
			c.byID[child.ID] = handle
			visit(child.ID, handle)
			c.categories[handle].to = uint32(len(c.walk))
		}
	}
	visit("", 0)
	for handle := range products {
		p := product{Product: products[handle]}
		for _, id := range p.Categories {
			if k, ok := names.category[id]; ok {
				p.categories = append(p.categories, k)
			}
		}
		c.products[handle] = p
	}
	for n, a := range names.things {
		t := thing{product: a.product, category: a.category}
		switch {
		case a.category != 0:
			t.categories = []uint32{a.category}
		case a.product != 0:
			t.categories = c.products[a.product].categories
		}
		c.things[n] = t
	}
	return c
}

// within tells for each category's handle whether it is a category or one of its descendants.
func (c *catalog) within(root uint32) []bool {
	in := make([]bool, len(c.categories))
	if k := c.categories[root]; k.exists {
		for _, handle := range c.walk[k.from:k.to] {
			in[handle] = true
		}
	}
	return in
}

// catalogNames are the numbers of products, categories and things. Its writer alone uses it; they only grow.
type catalogNames struct {
	product    map[string]uint32
	products   []graph.Product
	category   map[string]uint32
	categories []graph.Category
	exists     []bool
	thing      map[about]uint32
	things     []about
}

func newCatalogNames() *catalogNames {
	return &catalogNames{
		product: map[string]uint32{}, products: make([]graph.Product, 1),
		category: map[string]uint32{}, categories: make([]graph.Category, 1), exists: make([]bool, 1),
		thing: map[about]uint32{{}: 0}, things: make([]about, 1),
	}
}

// productOf gives the handle of a product, 0 for "".
func (n *catalogNames) productOf(id string) uint32 {
	if id == "" {
		return 0
	}
	handle, ok := n.product[id]
	if !ok {
		handle = uint32(len(n.products))
		n.product[id] = handle
		n.products = append(n.products, graph.Product{ID: id})
	}
	return handle
}

// categoryOf gives the handle of a category, 0 for "".
func (n *catalogNames) categoryOf(id string) uint32 {
	if id == "" {
		return 0
	}
	handle, ok := n.category[id]
	if !ok {
		handle = uint32(len(n.categories))
		n.category[id] = handle
		n.categories = append(n.categories, graph.Category{ID: id})
		n.exists = append(n.exists, false)
	}
	return handle
}

// setProduct takes what is known of a product.
func (n *catalogNames) setProduct(p graph.Product) {
	for _, id := range p.Categories {
		n.categoryOf(id)
	}
	n.products[n.productOf(p.ID)] = p
}

// setCategory takes what is known of a category.
func (n *catalogNames) setCategory(c graph.Category) {
	handle := n.categoryOf(c.ID)
	n.categories[handle], n.exists[handle] = c, true
}

// thingOf gives the number of what interactions of a product and a stated category are about.
func (n *catalogNames) thingOf(product, category uint32) uint32 {
	a := about{product, category}
	number, ok := n.thing[a]
	if !ok {
		number = uint32(len(n.things))
		n.thing[a] = number
		n.things = append(n.things, a)
	}
	return number
}

// catalog gives the catalog of now.
func (n *catalogNames) catalog() *catalog { return newCatalog(slices.Clone(n.products), n) }
