package graphtest_test

import (
	"context"
	"path/filepath"
	"testing"

	"lacuna/graph"
	"lacuna/graph/graphtest"
	"lacuna/graph/sqlitestore"
)

// TestSQLite runs the whole suite, kills included, over the embedded store.
func TestSQLite(t *testing.T) {
	graphtest.Run(t, graphtest.Factory{
		NewLocation: func(t testing.TB) string { return filepath.Join(t.TempDir(), "lacuna.db") },
		Open: func(ctx context.Context, location string, o graphtest.Options) (graph.Store, error) {
			return sqlitestore.Open(ctx, location, sqlitestore.Options{Clock: o.Clock, Rand: o.Rand, CreateIfMissing: true})
		},
	})
}
