package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// storeCalls counts the calls of the store so far by method, from the server's own metrics.
func storeCalls(t *testing.T, s *Server) (total uint64, byMethod string) {
	t.Helper()
	families, err := s.options.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, family := range families {
		if family.GetName() != "lacuna_store_call_duration_seconds" {
			continue
		}
		for _, m := range family.GetMetric() {
			n := m.GetHistogram().GetSampleCount()
			total += n
			parts = append(parts, fmt.Sprintf("%s %d", labels(m), n))
		}
	}
	return total, strings.Join(parts, ", ")
}

func labels(m *dto.Metric) string {
	var values []string
	for _, l := range m.GetLabel() {
		values = append(values, l.GetValue())
	}
	return strings.Join(values, " ")
}

// TestBatching holds that lists of lists cost a few calls of the store, whatever their length: one a level, each kind of
// thing once. The owner of an interaction costs none, being the customer whose list it stands in.
func TestBatching(t *testing.T) {
	store := openStore(t, 100, 20)
	by := make([]any, 100)
	for i := range by {
		by[i] = map[string]any{"id": fmt.Sprintf("c%03d", i)}
	}
	for _, c := range []struct {
		name, query string
		variables   map[string]any
		calls       string // made, by method
		want        string // what the answer contains
		times       int
	}{
		{"customers", `query($by: [CustomerBy!]!) { customers(by: $by) { id interactions(first: 20) { totalCount nodes { id product { id categories { id } } category { id } } } } }`,
			map[string]any{"by": by}, "Profiles 1", `"categories":[{"id":"k`, 2000},
		{"findCustomers", `{ findCustomers(first: 100) { nodes { interactions(first: 20) { nodes { product { categories { name } } category { id } customer { id } } } } } }`,
			nil, "Categories 1, FindCustomers 1, Interactions 1, Products 1", `"categories":[{"name":"Category"}]},"category":{"id":"k`, 2000},
		{"parents", `{ findCustomers(first: 100) { nodes { interactions(first: 20) { nodes { product { categories { id parent { id } } } } } } } }`,
			nil, "Categories 1, FindCustomers 1, Interactions 1, Products 1", `"categories":[{"id":"k`, 2000},
		{"edges", `{ findCustomers(first: 100) { edges { node { interactions(first: 20) { edges { node { product { categories { id } } } } } } } } }`,
			nil, "Categories 1, FindCustomers 1, Interactions 1, Products 1", `"categories":[{"id":"k`, 2000},
		{"owners", `{ findCustomers(first: 100) { nodes { interactions(first: 20) { nodes { customer { id name } } } } } }`,
			nil, "FindCustomers 1, Interactions 1", `"customer":{"id":"c`, 2000},
		{"totals", `{ findCustomers(first: 100) { totalCount nodes { interactions(first: 0) { totalCount } } } }`,
			nil, "CountCustomers 1, CountInteractions 1, FindCustomers 1, Interactions 1", `"totalCount":20`, 100},
		{"households", `{ findCustomers(first: 100) { nodes { household { members { id name } } } } }`,
			nil, "Customers 1, FindCustomers 1, Related 1", `"name":"Somebody"`, 1000},
		{"referrers", `{ findCustomers(first: 100) { nodes { referrals { referredBy { id } } } } }`, nil, "Customers 1, FindCustomers 1", `{"id":"c000"}`, 99},
		{"referred", `{ findCustomers(first: 100) { nodes { referrals { referred { id } } } } }`, nil, "Customers 1, FindCustomers 1, Related 1", `{"id":"c`, 99},
		{"touchpoints", `{ findCustomers(first: 100) { nodes { touchpoints { channel phase interactions } } } }`,
			nil, "FindCustomers 1, Touchpoints 1", `"phase":"BEFORE"`, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := newServer(Options{BatchWait: 100 * time.Millisecond}) // patient, for a busy machine
			s.Attach(store)
			a := ask(t, s, c.query, c.variables)
			if a.code() != "" || strings.Count(a.Text, c.want) != c.times {
				t.Fatalf("%d of %s, want %d; %.300s", strings.Count(a.Text, c.want), c.want, c.times, a.Text)
			}
			if total, calls := storeCalls(t, s); calls != c.calls || total > 5 {
				t.Errorf("%d calls: %s; want %s", total, calls, c.calls)
			}
		})
	}
}

// TestBatchingOfBoth holds that who was referred and by whom costs at most one call more than either: the readers of both
// may come at different times.
func TestBatchingOfBoth(t *testing.T) {
	s, _ := newServer(Options{BatchWait: 100 * time.Millisecond})
	s.Attach(openStore(t, 100, 0))
	a := ask(t, s, `{ findCustomers(first: 100) { nodes { referrals { referredBy { id } referred { id } } } } }`, nil)
	if n := strings.Count(a.Text, `{"id":"c`); a.code() != "" || n != 99+99 {
		t.Fatalf("%d customers; %.300s", n, a.Text)
	}
	if total, calls := storeCalls(t, s); total > 4 {
		t.Errorf("%d calls: %s", total, calls)
	}
}

// TestTotalsInAnyForm holds that a total is there however the document asks for it.
func TestTotalsInAnyForm(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 2))
	for _, selection := range []string{
		`interactions { totalCount }`, `interactions { n: totalCount totalCount }`, `interactions { ... { totalCount } }`, `interactions { ...T }`,
		`interactions { ... on InteractionConnection @include(if: true) { totalCount } }`, `interactions { totalCount @skip(if: false) nodes { id } }`,
		`interactions { edges { node { id customer { interactions { totalCount } } } } totalCount }`, `i: interactions(first: 0) { totalCount }`,
	} {
		query := `{ customer(by: {id: "c000"}) { ` + selection + ` } } `
		if strings.Contains(selection, "...T") {
			query += `fragment T on InteractionConnection { totalCount }`
		}
		if a := ask(t, s, query, nil); a.code() != "" || !strings.Contains(a.Text, `"totalCount":2`) {
			t.Errorf("%s: %s", selection, a.Text)
		}
	}
}

// TestTotalsAreCountedWhenAsked holds that nobody pays for a total that was not selected.
func TestTotalsAreCountedWhenAsked(t *testing.T) {
	store := openStore(t, 3, 2)
	for query, want := range map[string]uint64{
		`{ findCustomers { nodes { id } } }`:                                                       1,
		`{ findCustomers { totalCount } }`:                                                         2,
		`{ products { nodes { id } } }`:                                                            2, // and the tree
		`{ products { totalCount nodes { id } } }`:                                                 3,
		`{ customer(by: {id: "c000"}) { interactions { nodes { id } } } }`:                         1,
		`{ customer(by: {id: "c000"}) { interactions(first: 0) { totalCount } } }`:                 1,
		`{ customer(by: {id: "c000"}) { interactions(where: {types: [VIEW]}) { nodes { id } } } }`: 2,
		`{ customer(by: {id: "c000"}) { a: interactions(first: 1) { nodes { id } } b: interactions(first: 2) { totalCount nodes { product { id } category { id } } } } }`: 1,
		`{ a: customer(by: {id: "c000"}) { interactions { totalCount } } b: customers(by: [{id: "c001"}, {id: "c000"}]) { interactions { nodes { id } } } }`:              1,
		`{ customer(by: {id: "c000"}) { name identities { value } } }`:                                                                                                    1,
		`{ a: customer(by: {id: "c000"}) { id } b: customer(by: {id: "c001"}) { id } }`:                                                                                   1,
	} {
		s, _ := newServer(Options{BatchWait: 100 * time.Millisecond}) // patient, for a busy machine
		s.Attach(store)
		if a := ask(t, s, query, nil); a.code() != "" {
			t.Fatalf("%s: %s", query, a.Text)
		}
		if total, calls := storeCalls(t, s); total != want {
			t.Errorf("%s made %d calls, want %d: %s", query, total, want, calls)
		}
	}
}
