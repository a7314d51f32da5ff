package server

import (
	"context"
	"errors"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/loader"
	"lacuna/resolvers"
)

const cachedDocuments = 1_000

var errPanic = errors.New("panic")

// newGraphQL makes the handler of /graphql. Loaders are attached for each response, so that nothing read for one
// answer is seen by the next.
func (s *Server) newGraphQL(store graph.Store) http.Handler {
	config := resolvers.NewConfig(resolvers.Options{Store: store, Place: s.options.Place})
	boundComplexity(&config.Complexity)
	h := handler.New(generated.NewExecutableSchema(config))
	h.AddTransport(transport{})
	h.SetQueryCache(lru.New[*ast.QueryDocument](cachedDocuments))
	h.SetParserTokenLimit(s.options.ParserTokens)
	h.SetDisableSuggestion(true)
	h.SetErrorPresenter(s.present)
	h.SetRecoverFunc(func(ctx context.Context, cause any) error {
		s.recordPanic(ctx, cause)
		return errPanic
	})
	h.Use(extension.Introspection{})
	h.Use(extension.FixedComplexityLimit(s.options.ComplexityLimit))
	h.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		response := next(loader.Attach(ctx, store, s.options.BatchWait))
		s.count(ctx, response)
		return response
	})
	return h
}

// count counts an operation by its type.
func (s *Server) count(ctx context.Context, response *graphql.Response) {
	operation, outcome := "unknown", "ok"
	if graphql.HasOperationContext(ctx) {
		if op := graphql.GetOperationContext(ctx).Operation; op != nil {
			operation = string(op.Operation)
		}
	}
	if response == nil || len(response.Errors) > 0 {
		outcome = "failed"
	}
	s.metrics.graphql.WithLabelValues(operation, outcome).Inc()
}
