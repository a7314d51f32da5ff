package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	theirs "github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2/ast"

	"lacuna/graph/generated"
	"lacuna/loader"
	"lacuna/resolvers"
)

// BenchmarkDoor compares the server with a bare gqlgen handler over the same resolvers: what the guard, the cost, the transport, the
// origin check, request ids and metrics take of its throughput, over HTTP on loopback with 16 callers a processor. Callers and server share
// the machine.
func BenchmarkDoor(b *testing.B) {
	store := openStore(b, 100, 20)
	s := New(Options{Logger: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry()})
	s.Attach(store)
	bare := handler.New(generated.NewExecutableSchema(resolvers.NewConfig(resolvers.Options{Store: store})))
	bare.AddTransport(theirs.POST{})
	bare.SetQueryCache(lru.New[*ast.QueryDocument](1_000))
	bare.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		return next(loader.Attach(ctx, store, loader.Wait))
	})
	for name, query := range map[string]string{
		"small":   `{ status { store customers } }`,
		"profile": `{ customer(by: {id: "c007"}) { id name identities { kind value } interactions(first: 20) { totalCount nodes { id type at product { id name categories { id name } } } } } }`,
	} {
		body, err := json.Marshal(map[string]string{"query": query})
		if err != nil {
			b.Fatal(err)
		}
		for kind, h := range map[string]http.Handler{"bare": bare, "door": s} {
			web := httptest.NewServer(h)
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
			b.Run(name+"/"+kind, func(b *testing.B) {
				b.ReportAllocs()
				b.SetParallelism(16)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, web.URL+"/graphql", strings.NewReader(string(body)))
						if err != nil {
							b.Error(err)
							return
						}
						r.Header.Set("Content-Type", "application/json")
						response, err := client.Do(r)
						if err != nil {
							b.Error(err)
							return
						}
						_, err = io.Copy(io.Discard, response.Body)
						if err = errors.Join(err, response.Body.Close()); err != nil || response.StatusCode != http.StatusOK {
							b.Error(response.StatusCode, err)
						}
					}
				})
			})
			client.CloseIdleConnections()
			web.Close()
		}
	}
}
