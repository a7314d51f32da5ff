package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"lacuna/graph"
	"lacuna/insight"
	"lacuna/internal/access"
	"lacuna/server"
	"lacuna/server/guard"
	"lacuna/web"
)

// serveFlags are what all commands that serve take.
type serveFlags struct {
	addr          string
	keys          string
	logLevel      slog.Level
	limits        map[string]int
	costRate      int
	inFlight      int
	timeout       time.Duration
	origins       []string
	pprof         string
	introspection bool
	members       bool
	figures       figureFlags
	snapshot      string // file to keep what was read in; "" for none
}

func (f *serveFlags) add(cmd *cobra.Command, zone *time.Location) {
	f.figures.add(cmd, zone)
	cmd.Flags().StringVar(&f.addr, "addr", "127.0.0.1:8080", "listen on this `address`, of loopback unless there are keys; port 0 chooses a free one")
	cmd.Flags().StringVar(&f.keys, "keys", "", "ask for API keys of this `file`, see 'lacuna token'; without it, only this machine is answered")
	cmd.Flags().StringToIntVar(&f.limits, "limits", nil, "change `limits` on requests, as depth=15,aliases=50: "+strings.Join(guard.Names(), ", "))
	cmd.Flags().IntVar(&f.costRate, "cost-rate", 200_000, "`cost` a second that each API key may ask for; extensions.cost of an answer tells what it cost")
	cmd.Flags().IntVar(&f.inFlight, "in-flight", 256, "execute so many requests at `once`; more are refused with 503 and Retry-After")
	cmd.Flags().DurationVar(&f.timeout, "request-timeout", 30*time.Second, "give up a request after this `time`")
	cmd.Flags().StringSliceVar(&f.origins, "origins", nil, "let pages of these `origins` ask, such as https://bi.example.com; by default this server's own alone")
	cmd.Flags().StringVar(&f.pprof, "pprof", "", "serve the runtime's profiles at /debug/pprof/ of this loopback `address`, such as 127.0.0.1:6060; off by default")
	cmd.Flags().BoolVar(&f.introspection, "introspection", true, "answer questions about the schema over GraphQL")
	cmd.Flags().BoolVar(&f.members, "write-members", false, "write who is in which segment since when into the store, at most each minute, for tools that look at the graph itself (default: where it is Neo4j)")
	cmd.Flags().TextVar(&f.logLevel, "log-level", slog.LevelInfo, "write log lines from this `level` on: debug, info, warn, error")
}

func newServe() *cobra.Command {
	var flags serveFlags
	var store storeFlags
	var keep bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a store over GraphQL",
		Long: "Serve answers GraphQL at /graphql, a start page at /, a playground at /playground, /schema.graphqls, /healthz, /readyz\n" +
			"and /metrics. It listens on loopback alone, unless keys are configured (lacuna token, --keys). The store's file is created\n" +
			"when it is missing. Other processes may load into it meanwhile.",
		Example: `  lacuna serve
  lacuna serve --store sqlite:shop.db --addr 127.0.0.1:9000
  LACUNA_NEO4J_PASSWORD=… lacuna serve --store neo4j://neo4j@127.0.0.1:7687/neo4j`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := store.place()
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("write-members") {
				flags.members = p.path == "" // a server has other readers
			}
			if keep {
				flags.snapshot = p.figures()
			}
			return serve(cmd, flags, p.name, func(ctx context.Context, logger *slog.Logger) (graph.Store, error) {
				return p.open(ctx, logger, printer(cmd.ErrOrStderr()))
			}, nil)
		},
	}
	flags.add(cmd, time.UTC)
	store.add(cmd)
	cmd.Flags().BoolVar(&keep, "keep-figures", true, "keep what figures are computed from in a file (beside the store's, or for Neo4j in the working directory), so that the next start need not read it again")
	return cmd
}

// figuresSuffix is what the file of figures is called after its store.
const figuresSuffix = ".figures"

// serve listens, opens the store and serves until the command's context ends. welcome, if any, is told the address.
func serve(cmd *cobra.Command, flags serveFlags, place string, open func(context.Context, *slog.Logger) (graph.Store, error), welcome func(address string)) error {
	stopTuning := tuneGarbage(cmd.Context())
	defer stopTuning()
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	logger := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: flags.logLevel}))
	pages, err := server.NewPages(web.Pages())
	if err != nil {
		return err
	}
	options, err := flags.options(logger)
	if err != nil {
		return err
	}
	options.Pages, options.Place = pages, place
	figures, err := flags.figures.options()
	if err != nil {
		return err
	}
	figures.Logger, figures.Snapshot = logger, flags.snapshot
	options.Engine = insight.New(figures)
	listener, err := server.Listen(ctx, flags.addr, options.Keys != nil)
	if wrong, ok := errors.AsType[*server.AddressError](err); ok {
		return usageError("--addr: %w", wrong)
	}
	if err != nil {
		return err
	}
	profiles, err := flags.profiles(ctx, stderr)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	s := server.New(options)
	err = s.Serve(ctx, listener, func(ctx context.Context) (graph.Store, error) { return open(ctx, logger) }, func(address string) {
		fmt.Fprintf(stderr, "listening on %s\n", address)
		if welcome != nil {
			welcome(address)
		}
	})
	return errors.Join(err, profiles())
}

// profiles begins to serve profiles where that is asked for. What it gives ends that.
func (f *serveFlags) profiles(ctx context.Context, stderr io.Writer) (end func() error, err error) {
	if f.pprof == "" {
		return func() error { return nil }, nil
	}
	listener, err := server.Listen(ctx, f.pprof, false)
	if wrong, ok := errors.AsType[*server.AddressError](err); ok {
		return nil, usageError("--pprof: %w", wrong)
	}
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(stderr, "profiles at http://%s/debug/pprof/\n", listener.Addr())
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- server.ServeProfiles(ctx, listener) }()
	return func() error {
		cancel()
		return <-ended
	}, nil
}

// options gives what the flags say of the server.
func (f *serveFlags) options(logger *slog.Logger) (server.Options, error) {
	o := server.Options{
		Logger: logger, Registry: prometheus.NewRegistry(), NoIntrospection: !f.introspection, Limits: guard.Default(),
		CostRate: f.costRate, InFlight: f.inFlight, RequestTimeout: f.timeout, Members: f.members,
	}
	switch {
	case f.costRate < 1:
		return o, usageError("--cost-rate: must be at least 1")
	case f.inFlight < 1:
		return o, usageError("--in-flight: must be at least 1")
	case f.timeout <= 0:
		return o, usageError("--request-timeout: must be more than 0, such as 30s")
	}
	var err error
	if o.Origins, err = server.ParseOrigins(f.origins); err != nil {
		return o, usageError("--origins: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(f.limits)) {
		if err := o.Limits.Set(name, f.limits[name]); err != nil {
			return o, usageError("--limits: %w", err)
		}
	}
	if f.keys == "" {
		return o, nil
	}
	watch, err := access.NewWatch(f.keys, logger, nil)
	if err != nil {
		return o, err
	}
	if watch.Keyring().Len() == 0 {
		return o, fmt.Errorf("%s has no keys, and nobody could ask: make one with 'lacuna token add NAME --keys %s'", f.keys, f.keys)
	}
	o.Keys = watch.Keyring
	return o, nil
}

func printer(w io.Writer) func(format string, args ...any) {
	return func(format string, args ...any) { fmt.Fprintf(w, format, args...) }
}

func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError("unexpected argument %q", args[0])
	}
	return nil
}
