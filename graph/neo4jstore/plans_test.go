package neo4jstore

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
	"lacuna/graph/neo4jstore/neo4jtest"
)

// walksEverything are the queries that are meant to read all there is, and why.
var walksEverything = map[string]string{
	"products": "the catalog is held in memory", "categories": "the catalog is held in memory", "segments": "the catalog is held in memory", "types": "the catalog is held in memory",
	"scan_customers": "a scan", "scan_interactions": "a scan", "members_count": "segments are few", "lacks": "as many as there are gaps", "contested": "as many as rows were rejected", "unread": "names are few",
	"interaction_latest": "only when the latest one was removed", "commits_before": "pruning", "changes_prune": "pruning", "erase_notes": "an erasure", "merges_naming": "an erasure", "merges_of": "a person's merges are few",
	"lanes_make": "lanes are few", "lanes_lock": "lanes are few", "lane_lock": "lanes are few",
	"export_merges": "an export", "export_retracted": "an export", "export_erased": "an export", "export_contested": "an export", "export_unread": "an export",
}

// TestPlans asks the server how it runs each query on a filled store: no query may read everything of a kind, nor sort more than its page,
// but for those that say why.
func TestPlans(t *testing.T) {
	s := fresh(t)
	fill(t, s)
	given := given()
	for _, name := range slices.Sorted(maps.Keys(queries)) {
		t.Run(name, func(t *testing.T) {
			plan := s.summary(t, "EXPLAIN", name, given).Plan()
			var walk func(plan neo4j.Plan)
			walk = func(plan neo4j.Plan) {
				operator, _, _ := strings.Cut(plan.Operator(), "@")
				switch {
				case walksEverything[name] != "":
				case strings.Contains(operator, "LabelScan"), strings.Contains(operator, "AllNodes"), strings.Contains(operator, "IndexScan"):
					t.Errorf("it reads everything: %s %v", operator, plan.Arguments()["Details"])
				case operator == "Sort":
					t.Errorf("it sorts: %v", plan.Arguments()["Details"])
				}
				for _, child := range plan.Children() {
					walk(child)
				}
			}
			walk(plan)
		})
	}
}

// fresh opens an empty store of the tests' server.
func fresh(t testing.TB) *Store {
	t.Helper()
	server := neo4jtest.Server(t)
	neo4jtest.Empty(t, server)
	s, err := Open(t.Context(), Options{URL: server.URL, User: server.User, Password: server.Password, CreateIfMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// summary runs a query, with EXPLAIN or PROFILE before it, and gives what the server tells of it.
func (s *Store) summary(t *testing.T, how, name string, p params) neo4j.ResultSummary {
	t.Helper()
	session := s.session(t.Context(), neo4j.AccessModeWrite)
	result, err := session.Run(t.Context(), how+" "+query(name), p)
	if err != nil {
		t.Fatal(err)
	}
	summary, err := result.Consume(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return summary
}

// given has a value for every parameter of every query.
func given() params {
	p := params{}
	for _, text := range queries {
		for _, part := range strings.Split(text, "$")[1:] {
			end := strings.IndexFunc(part, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
			if end < 0 {
				end = len(part)
			}
			p[part[:end]] = "x"
		}
	}
	for _, name := range []string{"rows", "keys", "ids", "queries", "customers", "identities", "claimants", "origins", "kept", "filed", "asks", "counted"} {
		p[name] = []any{}
	}
	for _, name := range []string{"limit", "from", "until", "seq", "at", "last", "before", "end", "now", "place", "mark", "tag", "records", "schema", "lane", "lanes"} {
		p[name] = int64(1)
	}
	return p
}

// fill writes enough that the planner has something to choose by.
func fill(t *testing.T, s *Store) {
	t.Helper()
	b := &graph.Batch{Categories: []graph.Category{{ID: "k"}}, Products: []graph.Product{{ID: "p", Categories: []string{"k"}}}}
	for n := range 2_000 {
		id := fmt.Sprintf("c%d", n%500)
		b.Interactions = append(b.Interactions, graph.Interaction{ID: fmt.Sprint("i", n), Customer: graph.ByID(id), Type: graph.View, At: instant(int64(n) * 1e9), Product: "p", Source: "test"})
		if n < 500 {
			b.Customers = append(b.Customers, graph.CustomerUpsert{
				ID: id, Name: fmt.Sprint("Name ", n), Source: "test", Household: fmt.Sprint("h", n/2), ReferredBy: graph.ByID(fmt.Sprintf("c%d", (n+1)%500)), CreatedAt: instant(int64(n) * 1e9),
				Identities: []graph.IdentityClaim{{Identity: graph.Identity{Kind: graph.EmailAddress, Value: id + "@x"}}},
			})
		}
	}
	if _, err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := execute(t.Context(), s.session(t.Context(), neo4j.AccessModeWrite), "CALL db.resampleOutdatedIndexes()", nil); err != nil {
		t.Fatal(err)
	}
}

// TestPagesCost holds that a page of interactions costs what it returns, at any depth and however many there are.
func TestPagesCost(t *testing.T) {
	s := fresh(t)
	b := &graph.Batch{CreateMissing: true}
	const many = 5_000
	for n := range many {
		b.Interactions = append(b.Interactions, graph.Interaction{ID: fmt.Sprint("i", n), Customer: graph.ByID("whale"), Type: graph.View, At: instant(int64(n+1) * 1e9), Product: "p", Source: "test"})
	}
	if _, err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	fill(t, s)
	for _, depth := range []int{0, many / 2, many - 100} {
		q := graph.InteractionQuery{Customer: "whale", First: 20}
		if depth > 0 {
			q.After = &graph.InteractionKey{At: instant(int64(many-depth) * 1e9), ID: fmt.Sprint("i", many-depth-1)}
		}
		p, err := s.pageParams(t.Context(), "test", []graph.InteractionQuery{q})
		if err != nil {
			t.Fatal(err)
		}
		p["limit"] = int64(21)
		if hits := dbHits(s.summary(t, "PROFILE", "interactions_page", p).Profile()); hits > 21*45 { // 21 columns and some for each of the 21 rows
			t.Errorf("a page of 20 at depth %d of %d takes %d db hits", depth, many, hits)
		}
	}
}

func dbHits(p neo4j.ProfiledPlan) int64 {
	hits := p.DbHits()
	for _, child := range p.Children() {
		hits += dbHits(child)
	}
	return hits
}
