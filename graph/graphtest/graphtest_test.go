package graphtest

import (
	"testing"

	"lacuna/graph"
)

// TestModel runs the suite over the model, so that suite and model are known to agree.
func TestModel(t *testing.T) {
	runRoles(t, (&models{}).factory(func(s graph.Store) graph.Store { return s }))
}
