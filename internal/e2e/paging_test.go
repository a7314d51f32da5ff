package e2e

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"lacuna/graph"
	"lacuna/server"
)

// person is a customer as a test expects it.
type person struct {
	id, name string
	created  time.Time
	events   []event
}

// event is an interaction as a test expects it.
type event struct {
	id, product, query string
	kind               graph.InteractionType
	channel            graph.Channel
	at                 time.Time
}

// crowd makes people whose names, dates and moments are often equal, often missing, so that ties decide.
func crowd(random *rand.Rand, people, events int) []person {
	names := []string{"", "mei", "Mei", "ＭＥＩ", "林", "Zoë", "Abe Lin", "abe lin", "Abe"}
	list := make([]person, people)
	for i := range list {
		p := person{id: fmt.Sprintf("c%d", i), name: names[random.IntN(len(names))]}
		if random.IntN(3) > 0 {
			p.created = time.Date(2025, 1, 1+random.IntN(4), 0, 0, 0, 0, time.UTC)
		}
		for j := range random.IntN(events) {
			p.events = append(p.events, event{
				id: fmt.Sprintf("e%d-%d", i, j), kind: []graph.InteractionType{graph.View, graph.Search, graph.Purchase}[random.IntN(3)],
				channel: []graph.Channel{0, graph.Web, graph.App}[random.IntN(3)], product: []string{"", "p1", "p2", "p3"}[random.IntN(4)],
				query: []string{"", "ski Hakuba", "SKI", "onsen"}[random.IntN(4)], at: time.Date(2026, 1, 1+random.IntN(5), 0, 0, 0, 1000*random.IntN(2), time.UTC),
			})
		}
		list[i] = p
	}
	return list
}

// storeCrowd stores a crowd; p1 and p2 are below the category travel, p3 is beside it.
func storeCrowd(t *testing.T, people []person) graph.Store {
	t.Helper()
	store := newStore(t)
	b := &graph.Batch{
		Categories: []graph.Category{{ID: "travel"}, {ID: "japan", Parent: "travel"}, {ID: "else"}},
		Products:   []graph.Product{{ID: "p1", Categories: []string{"japan"}}, {ID: "p2", Categories: []string{"else", "travel"}}, {ID: "p3", Categories: []string{"else"}}},
	}
	for _, p := range people {
		b.Customers = append(b.Customers, graph.CustomerUpsert{ID: p.id, Name: p.name, CreatedAt: p.created, Source: "test"})
		for _, e := range p.events {
			b.Interactions = append(b.Interactions, graph.Interaction{
				ID: e.id, Type: e.kind, At: e.at, Customer: graph.ByID(p.id), Channel: e.channel, Product: e.product, Query: e.query, Source: "test",
			})
		}
	}
	outcomes, err := store.Write(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range slices.Concat(outcomes.Customers, outcomes.Interactions, outcomes.Products) {
		if o.Status != graph.Accepted {
			t.Fatal(o.Rejection)
		}
	}
	return store
}

// pages walks a connection to its end with pages of random sizes, and gives the ids. The query takes first and after
// and aliases its connection as page at the end of the path.
func pages(t *testing.T, random *rand.Rand, url, query string, variables object, path ...any) []any {
	t.Helper()
	ids := []any{}
	variables["after"] = nil
	for range 10_000 {
		variables["first"] = 1 + random.IntN(9)
		if random.IntN(8) == 0 {
			variables["first"] = 0
		}
		page := at(ask(t, url, query, variables), append(path, "page")...)
		nodes := each(at(page, "nodes"), "id")
		more := at(page, "pageInfo", "hasNextPage")
		if len(nodes) > variables["first"].(int) {
			t.Fatalf("%d on a page of %v", len(nodes), variables["first"])
		}
		ids = append(ids, nodes...)
		if more == false {
			return ids
		}
		if len(nodes) > 0 {
			variables["after"] = at(page, "pageInfo", "endCursor")
		} else if variables["first"] != 0 {
			t.Fatal("an empty page has a next one")
		}
	}
	t.Fatal("the pages do not end")
	return nil
}

// TestRandomPages holds that pages of any sizes give everything once and in order, whatever is equal or missing.
func TestRandomPages(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	people := crowd(random, 120, 30)
	s := newSite(t, server.Options{})
	s.server.Attach(storeCrowd(t, people))

	byID := func(a, b person) int { return cmp.Compare(a.id, b.id) }
	lastIf := func(a, b bool) int {
		switch {
		case a == b:
			return 0
		case a:
			return 1
		}
		return -1
	}
	for order, less := range map[string]func(a, b person) int{
		"ID": byID,
		"NAME": func(a, b person) int {
			return cmp.Or(lastIf(a.name == "", b.name == ""), cmp.Compare(graph.Fold(a.name), graph.Fold(b.name)), byID(a, b))
		},
		"NEWEST": func(a, b person) int {
			return cmp.Or(lastIf(a.created.IsZero(), b.created.IsZero()), b.created.Compare(a.created), byID(a, b))
		},
	} {
		want := []any{}
		for _, p := range slices.SortedFunc(slices.Values(people), less) {
			want = append(want, p.id)
		}
		const query = `query($first: Int!, $after: String, $order: CustomerOrder) { page: findCustomers(orderBy: $order, first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }`
		for range 3 {
			if d := diff.Diff(want, pages(t, random, s.url, query, object{"order": order})); d != "" {
				t.Errorf("by %s: %s", order, d)
			}
		}
	}
	const query = `query($id: ID!, $first: Int!, $after: String, $where: InteractionWhere) { customer(by: {id: $id}) {
		page: interactions(where: $where, first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } all: interactions(where: $where, first: 0) { totalCount } } }`
	for where, keep := range filters() {
		for _, p := range people[:20] {
			slices.SortFunc(p.events, func(a, b event) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.id, b.id)) })
			want := []any{}
			for _, e := range p.events {
				if keep(e) {
					want = append(want, e.id)
				}
			}
			variables := object{"id": p.id, "where": *where}
			if d := diff.Diff(want, pages(t, random, s.url, query, variables, "customer")); d != "" {
				t.Errorf("interactions of %s where %v: %s", p.id, *where, d)
			}
			variables["first"], variables["after"] = 0, nil
			if n := at(ask(t, s.url, query, variables), "customer", "all", "totalCount"); n != float64(len(want)) {
				t.Errorf("interactions of %s where %v: totalCount %v, there are %d", p.id, *where, n, len(want))
			}
		}
	}
}

// filters gives conditions on interactions, and what they mean.
func filters() map[*object]func(event) bool {
	third := time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)
	travel := func(e event) bool { return e.product == "p1" || e.product == "p2" }
	ski := func(e event) bool { return strings.Contains(strings.ToLower(e.query), "ski") }
	return map[*object]func(event) bool{
		{}:                                            func(event) bool { return true },
		{"types": []any{"SEARCH", "PURCHASE"}}:        func(e event) bool { return e.kind != graph.View },
		{"channels": []any{"WEB"}}:                    func(e event) bool { return e.channel == graph.Web },
		{"category": "travel"}:                        travel,
		{"category": "japan"}:                         func(e event) bool { return e.product == "p1" },
		{"category": "nowhere"}:                       func(event) bool { return false },
		{"product": "p3"}:                             func(e event) bool { return e.product == "p3" },
		{"query": "ＳＫＩ"}:                              ski,
		{"category": "travel", "query": "ski"}:        func(e event) bool { return travel(e) && ski(e) },
		{"types": []any{"VIEW"}, "product": "p1"}:     func(e event) bool { return e.kind == graph.View && e.product == "p1" },
		{"types": nil, "channels": nil, "query": nil}: func(event) bool { return true },
		{"between": object{"from": "2026-01-02T08:00:00+08:00", "to": "2026-01-03T00:00:00Z"}}: func(e event) bool {
			return !e.at.Before(third.AddDate(0, 0, -1)) && e.at.Before(third)
		},
	}
}

// TestForeignCursors holds that a cursor leads on in the list and order that it came from, and nowhere else.
func TestForeignCursors(t *testing.T) {
	url := serveSample(t)
	lists := []string{
		`findCustomers(first: 1, after: $v)`, `findCustomers(orderBy: NAME, first: 1, after: $v)`, `findCustomers(orderBy: NEWEST, first: 1, after: $v)`,
		`products(first: 1, after: $v)`, `customer(by: {id: "c001"}) { page: interactions(first: 1, after: $v)`,
	}
	query := func(list string) string {
		if path, ok := strings.CutPrefix(list, "customer"); ok {
			return `query($v: String) { customer` + path + ` { nodes { id } pageInfo { endCursor } } } }`
		}
		return `query($v: String) { page: ` + list + ` { nodes { id } pageInfo { endCursor } } }`
	}
	cursors := make([]string, len(lists))
	for i, list := range lists {
		data := ask(t, url, query(list), nil)
		page := at(data, "page")
		if page == nil {
			page = at(data, "customer", "page")
		}
		cursors[i] = at(page, "pageInfo", "endCursor").(string)
	}
	for i, list := range lists {
		for j, cursor := range cursors {
			want := "INVALID_CURSOR"
			if i == j {
				want = ""
			}
			if a := post(t, url, query(list), object{"v": cursor}); a.code() != want {
				t.Errorf("%s after a cursor of %s is %s", list, lists[j], a.Text)
			}
		}
		for _, garbage := range []string{"", "x", "null", "%", cursors[i] + "A", cursors[i][1:], cursors[i][:len(cursors[i])-2], cursors[i] + "=", strings.Repeat("A", 5000), "台北"} {
			if a := post(t, url, query(list), object{"v": garbage}); a.code() != "INVALID_CURSOR" {
				t.Errorf("%s after %.50q is %s", list, garbage, a.Text)
			}
		}
	}
}
