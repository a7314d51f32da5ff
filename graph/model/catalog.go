package model

import (
	"time"

	"lacuna/graph"
)

// Product is the schema's view of a product.
type Product struct{ *graph.Product }

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
