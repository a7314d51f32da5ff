package neo4jstore

import (
	"slices"
	"strings"
	"testing"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
	"lacuna/graph/neo4jstore/neo4jtest"
)

// TestMigrations holds that a database of an older version has, once it was opened, every index and constraint of a new one, and what it held.
func TestMigrations(t *testing.T) {
	s := fresh(t)
	if _, err := s.Write(t.Context(), &graph.Batch{Categories: []graph.Category{{ID: "c"}}}); err != nil {
		t.Fatal(err)
	}
	for version := 1; version < SchemaVersion; version++ {
		for later := SchemaVersion; later > version; later-- {
			list, err := statements(later)
			if err != nil {
				t.Fatal(err)
			}
			for _, statement := range list { // CREATE INDEX name …, CREATE CONSTRAINT name …
				words := strings.Fields(statement)
				console(t, s, "DROP "+words[1]+" "+words[2], nil)
			}
		}
		console(t, s, "MATCH (s:LacunaStore {id: 1}) SET s.schema = $version", params{"version": int64(version)})
		server := neo4jtest.Server(t)
		again, err := Open(t.Context(), Options{URL: server.URL, User: server.User, Password: server.Password})
		if err != nil {
			t.Fatalf("open a store of version %d: %v", version, err)
		}
		if again.Created() {
			t.Errorf("a store of version %d is said to be new", version)
		}
		if err := again.RecordGapEvent(t.Context(), graph.GapEvent{Gap: graph.GapKey{Segment: graph.EveryoneID, Category: "c"}, ID: "1", At: instant(1), Status: graph.GapNew}); err != nil {
			t.Errorf("write to a store of version %d: %v", version, err)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		state, err := Inspect(t.Context(), Options{URL: server.URL, User: server.User, Password: server.Password})
		if err != nil || state.Schema != SchemaVersion {
			t.Errorf("version %d became %d, %v", version, state.Schema, err)
		}
		for later := 1; later <= SchemaVersion; later++ {
			list, err := statements(later)
			if err != nil {
				t.Fatal(err)
			}
			names := console(t, s, "SHOW INDEXES YIELD name RETURN name", nil)
			for _, statement := range list {
				if name := strings.Fields(statement)[2]; !slices.Contains(names, name) {
					t.Errorf("a store of version %d has no %s", version, name)
				}
			}
		}
	}
	if _, err := statements(SchemaVersion + 1); err == nil {
		t.Error("there are statements beyond SchemaVersion")
	}
}

// console runs a statement by itself, and gives the texts of its first column.
func console(t *testing.T, s *Store, statement string, p params) (column []string) {
	t.Helper()
	session := s.session(t.Context(), neo4j.AccessModeWrite)
	result, err := session.Run(t.Context(), statement, p)
	if err != nil {
		t.Fatal(err)
	}
	records, err := result.Collect(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	for _, r := range records {
		if len(r.Values) > 0 {
			column = append(column, text(r.Values[0]))
		}
	}
	if err := session.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return column
}
