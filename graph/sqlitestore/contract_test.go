package sqlitestore

import (
	"context"
	"path/filepath"
	"testing"

	"lacuna/graph"
	"lacuna/graph/graphtest"
)

func TestContract(t *testing.T) {
	graphtest.Run(t, graphtest.Factory{
		NewLocation: func(t testing.TB) string {
			return filepath.Join(t.TempDir(), "store.db")
		},
		Open: func(ctx context.Context, location string, o graphtest.Options) (graph.Store, error) {
			return Open(ctx, location, Options{Clock: o.Clock, Rand: o.Rand, CreateIfMissing: true})
		},
	})
}
