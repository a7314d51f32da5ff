package server

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/prometheus/client_golang/prometheus"
)

// An operation's name becomes a label once it was asked so often. Names are written by clients, so their number is bounded, and
// what was written once, by mistake or in malice, is never kept.
const (
	namesKept    = 100   // as labels
	namesAwaited = 1_000 // that are counted, the least recent ones forgotten
	namesEarn    = 10    // answers without an error until a name is a label
	nameBytes    = 64    // longer names are no labels
)

// What stands for a name that is no label.
const (
	nameOther = "other"
	nameNone  = "unnamed"
)

// operationNames chooses the labels. It is safe for concurrent use, and readers of known names do not wait for each other.
type operationNames struct {
	known sync.Map // of name to nothing

	mu      sync.Mutex
	awaited *lru.Cache[string, int]
	kept    int
}

func newOperationNames() *operationNames {
	awaited, err := lru.New[string, int](namesAwaited)
	if err != nil {
		panic(err) // its size is positive
	}
	return &operationNames{awaited: awaited}
}

// label gives the label of an operation's name. Only names of operations that were answered without an error earn one.
func (o *operationNames) label(name string, answered bool) string {
	if name == "" {
		return nameNone
	}
	if _, ok := o.known.Load(name); ok {
		return name
	}
	if !answered || len(name) > nameBytes {
		return nameOther
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.kept == namesKept {
		return nameOther
	}
	seen, _ := o.awaited.Get(name)
	if seen+1 < namesEarn {
		o.awaited.Add(name, seen+1)
		return nameOther
	}
	o.awaited.Remove(name)
	o.kept++
	o.known.Store(name, nil)
	return name
}

// operationMetrics counts and times operations.
type operationMetrics struct {
	names    *operationNames
	total    *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newOperationMetrics() *operationMetrics {
	return &operationMetrics{
		names: newOperationNames(),
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lacuna_graphql_operations_total",
			Help: "GraphQL answers by type, operation name and the code of their first error, OK without one. Names count as \"other\" until they were answered ten times; at most 100 are told apart.",
		}, []string{"type", "name", "code"}),
		duration: histogram("lacuna_graphql_operation_duration_seconds",
			"How long queries and mutations took to execute by operation name. High: that query asks for much, or the store is slow.", "name"),
	}
}

// count counts an answer that took so long.
func (m *operationMetrics) count(ctx context.Context, response *graphql.Response, took time.Duration) {
	kind, name := "unknown", ""
	if graphql.HasOperationContext(ctx) {
		if op := graphql.GetOperationContext(ctx).Operation; op != nil {
			kind, name = string(op.Operation), op.Name
		}
	}
	code := "OK"
	if response == nil {
		code = codeTimeout
	} else if len(response.Errors) > 0 {
		code = fmt.Sprint(response.Errors[0].Extensions["code"]) // one of a few, as the presenter made it
	}
	name = m.names.label(name, code == "OK")
	m.total.WithLabelValues(kind, name, code).Inc()
	if kind != "subscription" { // whose answers come when something happens
		m.duration.WithLabelValues(name).Observe(took.Seconds())
	}
}
