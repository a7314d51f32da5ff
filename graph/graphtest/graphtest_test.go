package graphtest

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"lacuna/graph"
)

func TestMain(m *testing.M) {
	if InChild() { // killed while it runs, or ended by its parent's end
		os.Exit(m.Run())
	}
	goleak.VerifyTestMain(m)
}

// TestModel runs the suite over the model, so that suite and model are known to agree.
func TestModel(t *testing.T) {
	runRoles(t, (&models{}).factory(func(s graph.Store) graph.Store { return s }))
}
