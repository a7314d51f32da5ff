package graphtest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"lacuna/graph"
)

// customer gives the customer that a reference leads to, who must be there.
func (x *fixture) customer(ref graph.CustomerRef) *graph.Customer {
	x.t.Helper()
	c := x.lookup(ref)
	if c == nil {
		x.t.Fatalf("customer %s is not found", ref)
	}
	return c
}

// lookup gives the customer that a reference leads to, or nil.
func (x *fixture) lookup(ref graph.CustomerRef) *graph.Customer {
	x.t.Helper()
	found, err := x.Customers(x.ctx(), []graph.CustomerRef{ref})
	if err != nil {
		x.t.Fatalf("Customers: %v", err)
	}
	return found[ref]
}

// owner gives the id of the customer that a reference leads to, "" for nobody.
func (x *fixture) owner(ref graph.CustomerRef) string {
	x.t.Helper()
	if c := x.lookup(ref); c != nil {
		return c.ID
	}
	return ""
}

// page gives one page of interactions.
func (x *fixture) page(q graph.InteractionQuery) graph.InteractionPage {
	x.t.Helper()
	pages, err := x.Interactions(x.ctx(), []graph.InteractionQuery{q})
	if err != nil {
		x.t.Fatalf("Interactions: %v", err)
	}
	if len(pages) != 1 {
		x.t.Fatalf("Interactions: %d pages for one query", len(pages))
	}
	return pages[0]
}

// history gives all interactions of a customer, and checks each page and the count on the way.
func (x *fixture) history(customer string, filter graph.InteractionFilter, size int) []graph.Interaction {
	x.t.Helper()
	var all []graph.Interaction
	q := graph.InteractionQuery{Customer: customer, Filter: filter, First: size}
	for {
		p := x.page(q)
		if len(p.Interactions) > size || (p.More && len(p.Interactions) != size) {
			x.t.Fatalf("a page of %d has %d interactions, more: %t", size, len(p.Interactions), p.More)
		}
		if q.After != nil && len(p.Interactions) > 0 && !isAfter(p.Interactions[0], *q.After) {
			x.t.Fatalf("a page begins with %s, which does not stand after %s", p.Interactions[0].ID, q.After.ID)
		}
		all = append(all, p.Interactions...)
		if !p.More {
			break
		}
		key := p.Interactions[len(p.Interactions)-1].Key()
		q.After = &key
	}
	counts, err := x.CountInteractions(x.ctx(), []graph.InteractionQuery{{Customer: customer, Filter: filter}})
	if err != nil {
		x.t.Fatalf("CountInteractions: %v", err)
	}
	if len(counts) != 1 || counts[0] != int64(len(all)) {
		x.t.Fatalf("CountInteractions gives %v, but there are %d", counts, len(all))
	}
	if filter.IsZero() {
		x.sameInProfile(customer, size)
	}
	return all
}

// sameInProfile checks that a profile shows the customer, page and total that the plural reads give.
func (x *fixture) sameInProfile(customer string, newest int) {
	x.t.Helper()
	ref := graph.ByID(customer)
	want := graph.Profile{Customer: x.lookup(ref)}
	if want.Customer != nil {
		q := graph.InteractionQuery{Customer: want.Customer.ID, First: newest}
		want.Newest = x.page(q)
		counts, err := x.CountInteractions(x.ctx(), []graph.InteractionQuery{q})
		if err != nil {
			x.t.Fatalf("CountInteractions: %v", err)
		}
		want.Count = counts[0]
	}
	found, err := x.Profiles(x.ctx(), []graph.ProfileQuery{{Customer: ref, Newest: newest, Count: true}})
	if err != nil {
		x.t.Fatalf("Profiles: %v", err)
	}
	x.same("profile of "+customer, graph.Profiles{List: []graph.Profile{want}}, found)
}

// isAfter tells whether an interaction stands after a key in the order of pages.
func isAfter(i graph.Interaction, key graph.InteractionKey) bool {
	return compareInteractions(i, graph.Interaction{ID: key.ID, At: key.At}) > 0
}

// ids gives the ids of all interactions of a customer, newest first.
func (x *fixture) ids(customer string) []string {
	x.t.Helper()
	return interactionIDs(x.history(customer, graph.InteractionFilter{}, graph.MaxPage))
}

func interactionIDs(list []graph.Interaction) []string {
	ids := make([]string, 0, len(list))
	for i := range list {
		ids = append(ids, list[i].ID)
	}
	return ids
}

// everyone gives all customers that match a search in an order, page by page.
func (x *fixture) everyone(search string, order graph.CustomerOrder, size int) []*graph.Customer {
	x.t.Helper()
	var all []*graph.Customer
	q := graph.CustomerQuery{Search: search, Order: order, First: size}
	for {
		p, err := x.FindCustomers(x.ctx(), q)
		if err != nil {
			x.t.Fatalf("FindCustomers: %v", err)
		}
		if len(p.Customers) > size || (p.More && len(p.Customers) != size) {
			x.t.Fatalf("a page of %d has %d customers, more: %t", size, len(p.Customers), p.More)
		}
		if q.After != nil && len(p.Customers) > 0 && compareKeys(order, p.Customers[0].Key(), *q.After) <= 0 {
			x.t.Fatalf("a page begins with %s, which does not stand after %s", p.Customers[0].ID, q.After.ID)
		}
		all = append(all, p.Customers...)
		if !p.More {
			break
		}
		key := p.Customers[len(p.Customers)-1].Key()
		q.After = &key
	}
	n, err := x.CountCustomers(x.ctx(), q)
	if err != nil {
		x.t.Fatalf("CountCustomers: %v", err)
	}
	if n != int64(len(all)) {
		x.t.Fatalf("CountCustomers gives %d, but there are %d", n, len(all))
	}
	return all
}

func customerIDs(list []*graph.Customer) []string {
	ids := make([]string, 0, len(list))
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	return ids
}

// productPages gives the ids of all products that match, page by page.
func (x *fixture) productPages(q graph.ProductQuery, size int) []*graph.Product {
	x.t.Helper()
	var all []*graph.Product
	q.First = size
	for {
		p, err := x.FindProducts(x.ctx(), q)
		if err != nil {
			x.t.Fatalf("FindProducts: %v", err)
		}
		if len(p.Products) > size || (p.More && len(p.Products) != size) {
			x.t.Fatalf("a page of %d has %d products, more: %t", size, len(p.Products), p.More)
		}
		if len(p.Products) > 0 && p.Products[0].ID <= q.After {
			x.t.Fatalf("a page begins with %s, which does not stand after %s", p.Products[0].ID, q.After)
		}
		all = append(all, p.Products...)
		if !p.More {
			break
		}
		q.After = p.Products[len(p.Products)-1].ID
	}
	n, err := x.CountProducts(x.ctx(), q)
	if err != nil {
		x.t.Fatalf("CountProducts: %v", err)
	}
	if n != int64(len(all)) {
		x.t.Fatalf("CountProducts gives %d, but there are %d", n, len(all))
	}
	return all
}

func (x *fixture) stats() graph.Stats {
	x.t.Helper()
	s, err := x.Stats(x.ctx())
	if err != nil {
		x.t.Fatalf("Stats: %v", err)
	}
	return s
}

// counts gives the numbers of [graph.Stats] without the version, which no two stores share.
func (x *fixture) counts() graph.Stats {
	x.t.Helper()
	s := x.stats()
	s.Version = ""
	return s
}

func (x *fixture) tree() *graph.CategoryTree {
	x.t.Helper()
	tree, err := x.Categories(x.ctx())
	if err != nil {
		x.t.Fatalf("Categories: %v", err)
	}
	return tree
}

func (x *fixture) product(id string) *graph.Product {
	x.t.Helper()
	found, err := x.Products(x.ctx(), []string{id})
	if err != nil {
		x.t.Fatalf("Products: %v", err)
	}
	return found[id]
}

func (x *fixture) related(relation graph.Relation, key string) []string {
	x.t.Helper()
	found, err := x.Related(x.ctx(), relation, []string{key})
	if err != nil {
		x.t.Fatalf("Related: %v", err)
	}
	return found[key]
}

func (x *fixture) types() map[graph.AttributeKey]graph.ValueKind {
	x.t.Helper()
	types, err := x.AttributeTypes(x.ctx())
	if err != nil {
		x.t.Fatalf("AttributeTypes: %v", err)
	}
	return types
}

func (x *fixture) head() graph.Cursor {
	x.t.Helper()
	c, err := x.Head(x.ctx())
	if err != nil {
		x.t.Fatalf("Head: %v", err)
	}
	return c
}

// changes gives everything after a position in pages of a size, and where it ends.
func (x *fixture) changes(after graph.Cursor, size int) ([]graph.Change, graph.Cursor) {
	x.t.Helper()
	all, next, err := follow(x.ctx(), x.Store, after, size)
	if err != nil {
		x.t.Fatalf("Changes: %v", err)
	}
	return all, next
}

// follow reads a feed to its end.
func follow(ctx context.Context, feed graph.Feed, after graph.Cursor, size int) ([]graph.Change, graph.Cursor, error) {
	var all []graph.Change
	for {
		p, err := feed.Changes(ctx, after, size)
		if err != nil {
			return nil, after, err
		}
		if p.Next == after && (p.More || len(p.Changes) > 0) {
			return nil, after, errors.New("a page of changes ends where it began")
		}
		all, after = append(all, p.Changes...), p.Next
		if !p.More {
			return all, after, nil
		}
	}
}

// merges gives the log of a customer's merges.
func (x *fixture) merges(customer string) []graph.Merge {
	x.t.Helper()
	list, err := x.Merges(x.ctx(), customer)
	if err != nil {
		x.t.Fatalf("Merges: %v", err)
	}
	return list
}

// merge unites two customers and gives the report.
func (x *fixture) merge(keep, retire string) graph.MergeReport {
	x.t.Helper()
	r, err := x.Merge(x.ctx(), keep, retire, false)
	if err != nil {
		x.t.Fatalf("Merge(%s, %s): %v", keep, retire, err)
	}
	return r
}

// unmerge undoes a merge.
func (x *fixture) unmerge(id string) graph.Merge {
	x.t.Helper()
	m, err := x.Unmerge(x.ctx(), id)
	if err != nil {
		x.t.Fatalf("Unmerge: %v", err)
	}
	return m
}

// erase erases a customer and gives the report.
func (x *fixture) erase(customer string, keepStatistics bool) graph.EraseReport {
	x.t.Helper()
	r, err := x.Erase(x.ctx(), customer, keepStatistics)
	if err != nil {
		x.t.Fatalf("Erase: %v", err)
	}
	return r
}

// state is all that a store tells, but for the feed.
type state struct {
	Stats     graph.Stats
	Customers []*graph.Customer
	History   map[string][]graph.Interaction
	Tree      []graph.Category
	Products  []*graph.Product
	Segments  []graph.Segment
	Types     map[graph.AttributeKey]graph.ValueKind
}

// state reads all that the store tells.
func (x *fixture) state() state {
	x.t.Helper()
	s := state{
		Stats: x.counts(), Customers: x.everyone("", graph.ByCustomerID, graph.MaxPage), History: map[string][]graph.Interaction{},
		Products: x.productPages(graph.ProductQuery{}, graph.MaxPage), Types: x.types(), Tree: treeList(x.tree()),
	}
	for _, c := range s.Customers {
		s.History[c.ID] = x.history(c.ID, graph.InteractionFilter{}, graph.MaxPage)
	}
	segments, err := x.Segments(x.ctx())
	if err != nil {
		x.t.Fatalf("Segments: %v", err)
	}
	s.Segments = segments
	return s
}

// treeList gives all categories, parents first, in order of id among siblings.
func treeList(tree *graph.CategoryTree) []graph.Category {
	var list []graph.Category
	var walk func(id string)
	walk = func(id string) {
		for _, c := range tree.Children(id) {
			list = append(list, *c)
			walk(c.ID)
		}
	}
	walk("")
	return list
}

// instants gives the moments of interactions.
func instants(list []graph.Interaction) []time.Time {
	moments := make([]time.Time, 0, len(list))
	for i := range list {
		moments = append(moments, list[i].At)
	}
	return moments
}

// sortedKeys gives a map's keys in order.
func sortedKeys[V any](m map[string]V) []string {
	return slices.SortedFunc(maps.Keys(m), strings.Compare)
}
