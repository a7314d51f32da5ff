package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lacuna/graph"
	"lacuna/insight"
	"lacuna/internal/access"
	"lacuna/loader"
	"lacuna/server/guard"
)

// Options says how to serve. Zero durations and limits mean the defaults beside them.
type Options struct {
	Logger   *slog.Logger           // required
	Registry *prometheus.Registry   // required; the server's collectors are registered with it
	Pages    *Pages                 // what browsers are shown; nil: the schema, and a line at /
	Keys     func() *access.Keyring // those who may ask; nil: everybody on this machine
	Engine   *insight.Engine        // computes figures; nil: none are answered
	Members  bool                   // write who is in which segment into the store, at most each minute
	Place    string                 // what and where the store is, without secrets: "sqlite:lacuna.db"

	RequestTimeout  time.Duration // of one GraphQL request once it is read; 30 s
	HeaderTimeout   time.Duration // for a client to send a request's header; 5 s
	BodyTimeout     time.Duration // for a client to send a request's body; 10 s
	AnswerTimeout   time.Duration // for a client to take an answer, beside RequestTimeout; 30 s
	StopTimeout     time.Duration // for requests under way when told to stop; 10 s
	MaxBodyBytes    int64         // 1 MiB
	ComplexityLimit int           // 200,000: 200 customers with 20 interactions, their products and categories
	Limits          guard.Limits  // on documents and variables; guard.Default
	CostRate        int           // of requested cost a second, for each key; 200,000. Without keys there is no such limit
	InFlight        int           // GraphQL requests answered at once; more are refused with 503; 256
	Origins         Origins       // pages of other origins that may ask; none
	NoIntrospection bool          // refuses questions about the schema
	StreamPulse     time.Duration // between signs of life on a connection that stays open; 20 s
	BatchWait       time.Duration // how long reads of one level wait for each other; loader.Wait
}

func (o *Options) fill() {
	if o.Pages == nil {
		o.Pages = noPages()
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = 30 * time.Second
	}
	if o.HeaderTimeout == 0 {
		o.HeaderTimeout = 5 * time.Second
	}
	if o.BodyTimeout == 0 {
		o.BodyTimeout = 10 * time.Second
	}
	if o.AnswerTimeout == 0 {
		o.AnswerTimeout = 30 * time.Second
	}
	if o.StopTimeout == 0 {
		o.StopTimeout = 10 * time.Second
	}
	if o.MaxBodyBytes == 0 {
		o.MaxBodyBytes = 1 << 20
	}
	if o.ComplexityLimit == 0 {
		o.ComplexityLimit = 200_000
	}
	if o.Limits == (guard.Limits{}) {
		o.Limits = guard.Default()
	}
	if o.CostRate == 0 {
		o.CostRate = 200_000
	}
	if o.InFlight == 0 {
		o.InFlight = 256
	}
	if o.StreamPulse == 0 {
		o.StreamPulse = 20 * time.Second
	}
	if o.BatchWait == 0 {
		o.BatchWait = loader.Wait
	}
}

// Server is the HTTP side of one store. It is safe for concurrent use.
type Server struct {
	options Options
	metrics *metrics
	handler http.Handler
	reading *admission             // of requests whose body is being read
	running *admission             // of operations that are executed
	streams *streams               // the connections that stay open
	leaving atomic.Bool            // the server has been told to stop
	ready   atomic.Pointer[served] // nil until the store can answer, and again once it is closed
}

// served is what exists only while there is a store.
type served struct {
	store   graph.Store
	graphql http.Handler
}

// readersPerPlace is how many requests may be read for each that may be executed: a client that sends its body slowly should
// not keep others from being answered, nor very many of them fill the memory.
const readersPerPlace = 4

// New makes a server that answers 503 UNAVAILABLE to everything but health, metrics and pages until [Server.Attach].
func New(o Options) *Server {
	o.fill()
	m := newMetrics(o.Registry)
	s := &Server{
		options: o, metrics: m, reading: newAdmission(readersPerPlace*o.InFlight, m.shed), running: newAdmission(o.InFlight, m.shed), streams: newStreams(),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/graphql", s.authenticate(s.serveGraphQL, true))
	mux.HandleFunc(rowsPath, s.authenticate(s.serveRows, false))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", s.serveReady)
	mux.Handle("GET /metrics", s.metrics.handler(o.Registry))
	mux.Handle("/", o.Pages)
	if o.Engine != nil {
		o.Registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "lacuna_figures_age_seconds",
			Help: "How long ago figures were known to hold all that the store holds. High: the change feed cannot be read, or more arrives than can be taken in.",
		}, func() float64 { return o.Engine.Age().Seconds() }))
	}
	s.handler = s.observe(o.Origins.guard(mux, o.Keys == nil))
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Attach begins to answer from a store, which stays the caller's to close.
func (s *Server) Attach(store graph.Store) {
	observed := observeStore(store, s.metrics)
	s.ready.Store(&served{store: observed, graphql: s.newGraphQL(observed)})
}

// Detach goes back to answering 503 UNAVAILABLE.
func (s *Server) Detach() { s.ready.Store(nil) }

// Serve accepts connections at once, opens the store, tells ready when it can answer, and serves until the context
// ends. Then it stops accepting, answers what still comes on open connections while it asks their clients to close them, lets
// requests under way end within StopTimeout, and closes the store. A store that cannot be opened ends it with that error.
func (s *Server) Serve(ctx context.Context, listener net.Listener, open func(context.Context) (graph.Store, error), ready func(address string)) error {
	var conns connections
	httpServer := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.options.HeaderTimeout,
		ReadTimeout:       s.options.RequestTimeout + s.options.AnswerTimeout, // beyond it the request counts as given up
		WriteTimeout:      s.options.RequestTimeout + s.options.AnswerTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ConnState:         conns.note,
		ErrorLog:          slog.NewLogLogger(s.options.Logger.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- httpServer.Serve(listener) }()

	store, err := open(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("open %s: %w", s.options.Place, err), httpServer.Close(), drop(<-ended))
	}
	s.Attach(store)
	stopEngine := s.startEngine(ctx, store)
	ready("http://" + listener.Addr().String())

	var failure error
	select {
	case <-ctx.Done():
		s.leaving.Store(true)
		failure = errors.Join(listener.Close(), drop(<-ended))
	case failure = <-ended:
	}
	s.options.Logger.Info("stopping", "timeout", s.options.StopTimeout.String())
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.StopTimeout)
	defer cancel()
	s.streams.end(stop)
	conns.settle(stop)
	failure = errors.Join(failure, httpServer.Shutdown(stop))
	if failure != nil {
		failure = errors.Join(failure, httpServer.Close()) // what would not end is cut off before the store goes
	}
	s.Detach()
	stopEngine()
	return errors.Join(failure, store.Close())
}

// startEngine begins to compute figures from a store and waits for the first ones. What it gives ends that, and waits for the end.
func (s *Server) startEngine(ctx context.Context, store graph.Store) (stop func()) {
	if s.options.Engine == nil {
		return func() {}
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx)) // until the last request has been answered
	var ended sync.WaitGroup
	ended.Go(func() { _ = s.options.Engine.Run(running, store) }) // it ends with the context alone
	if s.options.Members {
		ended.Go(func() { _ = s.options.Engine.KeepMemberships(running, store, time.Minute) })
	}
	select {
	case <-s.options.Engine.Tried():
	case <-ctx.Done():
	}
	return func() {
		cancel()
		ended.Wait()
	}
}

// drop forgets the errors with which a server whose listener was closed says that it stopped.
func drop(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// notReady answers while there is no store.
const notReady = "the store is being opened or closed; try again in a moment"

func (s *Server) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	current := s.ready.Load()
	if current == nil {
		writeError(w, r, http.StatusServiceUnavailable, codeUnavailable, notReady)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if streaming(r) {
		s.serveStream(w, r, current.graphql)
		return
	}
	current.graphql.ServeHTTP(w, r)
}

// serveStream answers a request whose connection stays open, for as long as the client and the server want it to.
func (s *Server) serveStream(w http.ResponseWriter, r *http.Request, h http.Handler) {
	ctx, leave, ok := s.streams.enter(r)
	if !ok {
		s.metrics.shed.Inc()
		writeError(w, r, http.StatusServiceUnavailable, codeUnavailable, "too many connections are open, or the server is stopping; try again in a moment")
		return
	}
	defer leave()
	h.ServeHTTP(w, r.WithContext(ctx))
}

// serveReady is 200 while the store answers and the server has not been told to stop.
func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) {
	current := s.ready.Load()
	if current == nil || s.leaving.Load() {
		writeError(w, r, http.StatusServiceUnavailable, codeUnavailable, "the store is being opened or closed")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	if _, err := current.store.Stats(ctx); err != nil {
		s.options.Logger.Warn("store does not answer", "error", err.Error(), "requestId", requestID(r.Context()))
		writeError(w, r, http.StatusServiceUnavailable, codeUnavailable, "the store does not answer")
		return
	}
	text := "ready"
	if e := s.options.Engine; e != nil {
		text = "ready; figures are being prepared"
		if _, err := e.View(); err == nil {
			text = fmt.Sprintf("ready; figures are %.1f s old", e.Age().Seconds())
		}
	}
	writeText(w, http.StatusOK, text)
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}
