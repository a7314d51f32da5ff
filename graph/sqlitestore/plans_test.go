package sqlitestore

import (
	"fmt"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// TestPagesNeedNoSorting reads the plan of every query that pages are made of: each must go straight into an index and give
// rows in the index's order, so that a page costs the same at any depth.
func TestPagesNeedNoSorting(t *testing.T) {
	s := fresh(t)
	write(t, s, graph.Batch{Interactions: events(0, 5000, 50), CreateMissing: true})
	queries := map[string]string{
		"interactions of a moment": interactionsAtMoment, "interactions before": interactionsBefore, "count of interactions": countInteractions,
		"products": findProducts, "count of products": countProducts,
		"gap events": gapEventsOf, "all gap events": gapEventsAfter,
		"search":               "SELECT customer" + searchRange + " LIMIT ?3",
		"feed":                 "SELECT seq, kind FROM changes WHERE seq > ? ORDER BY seq LIMIT ?",
		"feed of interactions": "SELECT " + interactionColumns + " FROM interactions WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
		"touchpoints":          "SELECT channel, type, at FROM interactions WHERE customer = +? ORDER BY at DESC",
		"first seen":           "SELECT at FROM interactions WHERE customer = +? ORDER BY at LIMIT 1",
		"household":            "SELECT id FROM customers WHERE household = +? AND live = 1 ORDER BY id LIMIT ?",
		"referred":             "SELECT id FROM customers WHERE referrer = +? AND live = 1 ORDER BY id LIMIT ?",
		"attributes":           "SELECT field FROM observations WHERE customer = +? AND field >= 16 ORDER BY field",
		"commit":               "SELECT tag FROM commits WHERE seq >= ? ORDER BY seq LIMIT 1",
		"identity":             "SELECT customer FROM identities WHERE kind = ? AND value = ?",
		"merged ids":           "SELECT id FROM customers WHERE owner = ? AND merged <> 0",
		"referrals":            "DELETE FROM observations WHERE field + 0 = 4 AND value = ?",
	}
	for _, order := range []graph.CustomerOrder{graph.ByCustomerID, graph.ByName, graph.ByNewest} {
		for _, after := range []*graph.CustomerKey{nil, {ID: "c"}, {ID: "c", Name: "n", CreatedAt: testNow}} {
			for i, w := range walksOf(order, after) {
				for _, searching := range []bool{false, true} {
					queries[fmt.Sprintf("customers in order %d after %v, walk %d, searching %t", order, after, i, searching)] = w.query(searching)
				}
			}
		}
	}
	for name, query := range queries {
		t.Run(name, func(t *testing.T) {
			for _, step := range planOf(t, s, query) {
				if strings.Contains(step, "TEMP B-TREE") || strings.HasPrefix(step, "SCAN") && !allowedScan(step) {
					t.Errorf("%s\nplan: %s", query, step)
				}
			}
		})
	}
}

// allowedScan tells whether a step reads a list of keys handed in, a union's parts, or a value.
func allowedScan(step string) bool {
	for _, ok := range []string{"SCAN json_each", "SCAN (subquery", "SCAN CONSTANT ROW", "SCAN customer"} {
		if strings.HasPrefix(step, ok) {
			return true
		}
	}
	return false
}

func planOf(t *testing.T, s *Store, query string) (steps []string) {
	t.Helper()
	if err := s.writer.rows("EXPLAIN QUERY PLAN "+query, func(st *sqlite.Stmt) error {
		steps = append(steps, st.ColumnText(3))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return steps
}
