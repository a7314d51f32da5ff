package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
	"lacuna/insight"
	"lacuna/internal/access"
	"lacuna/loader"
	"lacuna/loader/follow"
	"lacuna/resolvers"
)

const cachedDocuments = 1_000

// watch makes the watch of gaps that change; nil where no figures are computed.
func (s *Server) watch(store graph.Store) *insight.GapWatch {
	if s.options.Engine == nil {
		return nil
	}
	return insight.NewGapWatch(s.options.Engine, store, s.options.Logger, insight.GapsEvery)
}

var errPanic = errors.New("panic")

// newGraphQL makes the handler of /graphql. Loaders are attached for each response, so that nothing read for one
// answer is seen by the next.
func (s *Server) newGraphQL(store graph.Store) http.Handler {
	config := resolvers.NewConfig(resolvers.Options{
		Store: store, Place: s.options.Place, Engine: s.options.Engine, Follower: follow.New(store, s.options.Logger, follow.Every), Watch: s.watch(store),
		Principal: func(ctx context.Context) string { return access.From(ctx).Name },
	})
	boundComplexity(&config.Complexity)
	h := handler.New(generated.NewExecutableSchema(config))
	var identify func(key string) (access.Principal, bool)
	if s.options.Keys != nil {
		identify = func(key string) (access.Principal, bool) { return s.options.Keys().Find(key) }
	}
	body, bound := bodies{s.reading, s.options.MaxBodyBytes, s.options.BodyTimeout}, bounds{s.running, s.options.RequestTimeout}
	h.AddTransport(rowsTransport{bounds: bound, present: s.present, run: newRequestID(), state: s.dataState(store)})
	h.AddTransport(sockets{bounds: bound, origins: s.options.Origins.list, init: socketInit, pulse: s.options.StreamPulse, identify: identify})
	h.AddTransport(eventStream{bodies: body, bounds: bound, pulse: s.options.StreamPulse, identify: identify})
	h.AddTransport(transport{bodies: body, bounds: bound})
	known := lru.New[*ast.QueryDocument](cachedDocuments)
	h.SetQueryCache(known)
	h.SetParserTokenLimit(s.options.Limits.Tokens + 1) // the end counts as one here
	h.SetDisableSuggestion(true)
	h.SetErrorPresenter(s.present)
	h.SetRecoverFunc(func(ctx context.Context, cause any) error {
		s.recordPanic(ctx, cause)
		return errPanic
	})
	h.Use(vetting{limits: s.options.Limits, known: known, refused: func(limit string) { s.metrics.refusals.WithLabelValues(limit).Inc() }})
	h.Use(permission{})
	h.Use(&oneOf{})
	if !s.options.NoIntrospection {
		h.Use(extension.Introspection{})
	}
	h.Use(extension.FixedComplexityLimit(s.options.ComplexityLimit))
	if s.options.Keys != nil {
		h.Use(newBuckets(s.options.CostRate, s.options.ComplexityLimit, time.Now))
	}
	h.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		if graphql.GetOperationContext(ctx).Operation.Operation == ast.Subscription {
			ctx = resolvers.WithEvents(ctx)
		}
		return next(ctx)
	})
	h.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		begun := time.Now()
		ctx = loader.Attach(ctx, store, s.options.BatchWait)
		if s.options.Engine != nil {
			ctx = resolvers.WithView(ctx, s.options.Engine.View)
		}
		response := next(ctx)
		s.metrics.graphql.count(ctx, response, time.Since(begun))
		if c, ok := costOf(ctx, response); ok {
			if response.Extensions == nil {
				response.Extensions = map[string]any{}
			}
			response.Extensions["cost"] = c
			s.metrics.cost.Observe(float64(c.Requested))
		}
		if version, asOf, ok := resolvers.DataOf(ctx); ok && response != nil {
			if response.Extensions == nil {
				response.Extensions = map[string]any{}
			}
			response.Extensions["data"] = dataInfo{string(version), model.Moment(asOf)}
		}
		return response
	})
	return h
}
