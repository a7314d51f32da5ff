package model

import (
	"context"

	"lacuna/graph"
)

// PageInfo tells whether and how to go on.
type PageInfo struct {
	HasNextPage bool
	EndCursor   *string
}

// page is what all connections have: entries, each with a cursor.
type page[T any] struct {
	list   []T
	more   bool
	cursor func(T) string
}

// Edge is an entry with a cursor.
type Edge[T any] struct {
	Cursor string
	Node   T
}

// Edges gives the entries with their cursors.
func (p page[T]) Edges() []Edge[T] {
	edges := make([]Edge[T], len(p.list))
	for i, node := range p.list {
		edges[i] = Edge[T]{p.cursor(node), node}
	}
	return edges
}

// Nodes gives the entries.
func (p page[T]) Nodes() []T { return p.list }

// PageInfo gives the last entry's cursor.
func (p page[T]) PageInfo() PageInfo {
	info := PageInfo{HasNextPage: p.more}
	if n := len(p.list); n > 0 {
		end := p.cursor(p.list[n-1])
		info.EndCursor = &end
	}
	return info
}

// CustomerConnection is a page of customers, and the query that its total counts.
type CustomerConnection struct {
	page[Customer]
	Query graph.CustomerQuery
	Total func(context.Context) (int64, error) // counts where the query alone does not tell; nil where it does
}

// NewCustomerConnection makes a page.
func NewCustomerConnection(p graph.CustomerPage, q graph.CustomerQuery, cursor func(Customer) string) *CustomerConnection {
	list := make([]Customer, len(p.Customers))
	for i, c := range p.Customers {
		list[i] = Customer{c}
	}
	return &CustomerConnection{page: page[Customer]{list, p.More, cursor}, Query: q}
}

// CustomerEdge is a customer with a cursor.
type CustomerEdge = Edge[Customer]

// InteractionConnection is a page of interactions, and where its total comes from; nil when it was not asked for.
type InteractionConnection struct {
	page[Interaction]
	Total func() (int64, error)
}

// NewInteractionConnection makes a page of a customer's interactions, whose products and categories are in a catalog.
func NewInteractionConnection(p graph.InteractionPage, of *graph.Customer, catalog *Catalog, cursor func(Interaction) string) *InteractionConnection {
	list := make([]Interaction, len(p.Interactions))
	for i := range p.Interactions {
		list[i] = Interaction{Interaction: &p.Interactions[i], customer: of, catalog: catalog}
	}
	return &InteractionConnection{page: page[Interaction]{list, p.More, cursor}}
}

// InteractionEdge is an interaction with a cursor.
type InteractionEdge = Edge[Interaction]

// ProductConnection is a page of products, and the query that its total counts.
type ProductConnection struct {
	page[Product]
	Query graph.ProductQuery
}

// NewProductConnection makes a page of products whose categories are in a tree.
func NewProductConnection(p graph.ProductPage, q graph.ProductQuery, tree *graph.CategoryTree, cursor func(Product) string) *ProductConnection {
	list := make([]Product, len(p.Products))
	for i, product := range p.Products {
		list[i] = NewProduct(product, tree)
	}
	return &ProductConnection{page: page[Product]{list, p.More, cursor}, Query: q}
}

// ProductEdge is a product with a cursor.
type ProductEdge = Edge[Product]
