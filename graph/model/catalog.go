package model

import (
	"time"

	"lacuna/graph"
)

// Catalog is what products and categories are looked up in, read for a whole page at once, so that its entries need no
// reads of their own.
type Catalog struct {
	Products map[string]*graph.Product
	Tree     *graph.CategoryTree
}

// Product gives the product of an id, nil when there is none.
func (c *Catalog) Product(id string) *Product {
	p := c.Products[id]
	if p == nil {
		return nil
	}
	return &Product{Product: p, tree: c.Tree}
}

// Product is the schema's view of a product.
type Product struct {
	*graph.Product
	tree *graph.CategoryTree
}

// NewProduct views a product whose categories are in a tree.
func NewProduct(p *graph.Product, tree *graph.CategoryTree) Product {
	return Product{Product: p, tree: tree}
}

// Categories gives the categories in which the product is filed.
func (p Product) Categories() []Category {
	list := make([]Category, 0, len(p.Product.Categories))
	for _, id := range p.Product.Categories {
		if c := CategoryIn(p.tree, id); c != nil {
			list = append(list, *c)
		}
	}
	return list
}

// Name is nil when unknown.
func (p Product) Name() *string { return textOrNil(p.Product.Name) }

// Price is nil when unknown.
func (p Product) Price() *graph.Decimal { return p.Product.Price.Ptr() }

// Currency is nil when there is no price.
func (p Product) Currency() *string { return textOrNil(p.Product.Currency) }

// LaunchedAt is nil when unknown.
func (p Product) LaunchedAt() *time.Time { return timeOrNil(p.Product.LaunchedAt) }

// RetiredAt is nil when unknown.
func (p Product) RetiredAt() *time.Time { return timeOrNil(p.Product.RetiredAt) }

// InStock is nil when unknown.
func (p Product) InStock() *bool { return p.Product.InStock.Ptr() }

// Category is the schema's view of a category within its tree.
type Category struct {
	*graph.Category
	tree *graph.CategoryTree
}

// CategoryIn gives the category of a tree, nil when it has none of that id.
func CategoryIn(tree *graph.CategoryTree, id string) *Category {
	c := tree.Category(id)
	if c == nil {
		return nil
	}
	return &Category{Category: c, tree: tree}
}

// ChildrenIn gives the children of a category of a tree, or the roots for "".
func ChildrenIn(tree *graph.CategoryTree, id string) []Category {
	children := tree.Children(id)
	list := make([]Category, len(children))
	for i, c := range children {
		list[i] = Category{Category: c, tree: tree}
	}
	return list
}

// Name gives the name in a language.
func (c Category) Name(lang *string) string {
	if lang == nil {
		return c.Category.Name
	}
	return c.NameIn(*lang)
}

// Parent is nil for a root.
func (c Category) Parent() *Category { return CategoryIn(c.tree, c.Category.Parent) }

// Children gives the categories directly below.
func (c Category) Children() []Category { return ChildrenIn(c.tree, c.ID) }
