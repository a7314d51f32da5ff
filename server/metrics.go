package server

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the server's collectors. Labels come from closed sets; only operation names are what clients send, see [operationNames].
type metrics struct {
	requests  *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	inFlight  prometheus.Gauge
	panics    prometheus.Counter
	graphql   *operationMetrics
	errors    *prometheus.CounterVec
	refusals  *prometheus.CounterVec
	shed      prometheus.Counter
	cost      prometheus.Histogram
	storeTime *prometheus.HistogramVec
	storeErrs *prometheus.CounterVec
	batchKeys *prometheus.HistogramVec
}

func newMetrics(registry *prometheus.Registry) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lacuna_http_requests_total",
			Help: "HTTP requests by path and status. Many of 5xx: the store or this process is in trouble.",
		}, []string{"path", "status"}),
		duration: histogram("lacuna_http_request_duration_seconds",
			"How long requests took by path. High for /graphql: heavy queries, or a slow store (see lacuna_store_call_duration_seconds).", "path"),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "lacuna_http_requests_in_flight",
			Help: "Requests being answered now. High and rising: more arrive than can be answered.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "lacuna_panics_total",
			Help: "Panics that were caught. Any is a defect; the log has the place.",
		}),
		graphql: newOperationMetrics(),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lacuna_graphql_errors_total",
			Help: "GraphQL errors by code. Many INTERNAL or UNAVAILABLE: look into the log by request id.",
		}, []string{"code"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lacuna_guard_refusals_total",
			Help: "Documents and variables that were refused before they were parsed, by the limit that they exceed. Many: a client is broken, or hostile.",
		}, []string{"limit"}),
		shed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "lacuna_graphql_shed_total",
			Help: "GraphQL requests and connections refused because too many were being read or answered. Any: there is more work than this machine can do.",
		}),
		cost: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "lacuna_graphql_cost", Help: "What executed operations might have cost at most, in fields. Near the limit: pages could be smaller.",
			Buckets: []float64{10, 100, 1_000, 10_000, 100_000, 1_000_000}, NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100,
		}),
		storeTime: histogram("lacuna_store_call_duration_seconds",
			"How long calls of the store took by method. High: a slow disk, a locked file, or very large pages.", "method"),
		storeErrs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lacuna_store_call_errors_total",
			Help: "Calls of the store that failed by method, those ended by their caller included.",
		}, []string{"method"}),
		batchKeys: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lacuna_loader_batch_keys", Help: "Keys of each batched read of the store by method. Mostly 1 where lists are asked for: batches are cut.",
			Buckets: []float64{1, 2, 5, 20, 100, 500}, NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100,
		}, []string{"method"}),
	}
	registry.MustRegister(m.requests, m.duration, m.inFlight, m.panics, m.graphql.total, m.graphql.duration, m.errors, m.refusals, m.shed, m.cost, m.storeTime, m.storeErrs, m.batchKeys,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// histogram is a native one, with a few classic buckets for scrapers that know only those.
func histogram(name, help, label string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: name, Help: help,
		Buckets:                        []float64{.001, .005, .025, .1, .5, 2.5, 10},
		NativeHistogramBucketFactor:    1.1,
		NativeHistogramMaxBucketNumber: 100,
	}, []string{label})
}

func (m *metrics) handler(registry *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
