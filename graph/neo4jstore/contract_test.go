package neo4jstore

import (
	"context"
	"os"
	"testing"

	"go.uber.org/goleak"

	"lacuna/graph"
	"lacuna/graph/graphtest"
	"lacuna/graph/neo4jstore/neo4jtest"
)

// TestMain ends the server that tests started, and checks that no goroutine outlives its connection.
func TestMain(m *testing.M) {
	if graphtest.InChild() {
		os.Exit(m.Run())
	}
	// A toxic that is taken out while its connection ends can wait for ever to pass on what it read: a flaw of the proxy that the tests cut the way with.
	proxy := goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run")
	goleak.VerifyTestMain(m, proxy, goleak.Cleanup(func(code int) {
		if err := neo4jtest.End(); err != nil {
			panic(err)
		}
		os.Exit(code)
	}))
}

func TestContract(t *testing.T) {
	server := neo4jtest.Server(t)
	graphtest.Run(t, graphtest.Factory{
		NewLocation: func(t testing.TB) string {
			neo4jtest.Empty(t, server)
			return server.URL
		},
		Open: func(ctx context.Context, location string, o graphtest.Options) (graph.Store, error) {
			return Open(ctx, Options{URL: location, User: server.User, Password: server.Password, Clock: o.Clock, Rand: o.Rand, CreateIfMissing: true})
		},
	})
}
