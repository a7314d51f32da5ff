package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"lacuna/graph"
	"lacuna/insight"
	"lacuna/internal/rows"
	"lacuna/server"
)

// askFlags are what commands take that ask a store as a client would.
type askFlags struct {
	store   storeFlags
	figures figureFlags
	asOf    string
}

func (f *askFlags) add(cmd *cobra.Command) {
	f.store.add(cmd)
	f.figures.add(cmd, time.UTC)
	cmd.Flags().StringVar(&f.asOf, "as-of", "", "compute as of this `moment`, RFC 3339; by default that of the latest interaction")
}

// asking calls do with what asks the store in GraphQL, by the same way as over HTTP.
func (f *askFlags) asking(cmd *cobra.Command, do func(ask rows.Ask) error) error {
	return f.reading(cmd, func(r *rows.Reading) error { return do(r.Ask) })
}

// reading is asking, and tells which data the answers are of.
func (f *askFlags) reading(cmd *cobra.Command, do func(r *rows.Reading) error) (err error) {
	p, err := f.store.place()
	if err != nil {
		return err
	}
	if _, err := time.Parse(time.RFC3339, f.asOf); f.asOf != "" && err != nil {
		return usageError("--as-of: %q is not a moment: write RFC 3339, such as 2026-01-31T00:00:00Z", f.asOf)
	}
	figures, err := f.figures.options()
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	store, err := p.openToRead(cmd.Context(), logger)
	if errors.Is(err, graph.ErrNotFound) {
		return fmt.Errorf("%w: load some data first: lacuna load PATH --store %s", err, p.name)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	figures.Logger = logger
	engine := insight.New(figures)
	ctx, cancel := context.WithCancel(cmd.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = engine.Run(ctx, store) // it ends with the context alone
	}()
	defer func() { cancel(); <-ended }()
	select {
	case <-engine.Tried():
	case <-ctx.Done():
		return ctx.Err()
	}
	s := server.New(server.Options{Logger: logger, Registry: prometheus.NewRegistry(), Engine: engine, Place: p.name, RequestTimeout: 10 * time.Minute, ComplexityLimit: 10_000_000})
	s.Attach(store)
	return do(rows.NewReading(func(ctx context.Context, query string, variables map[string]any) (map[string]any, *rows.Of, error) {
		return askServer(ctx, s, query, variables)
	}))
}

// answered collects an answer of the server.
type answered struct {
	bytes.Buffer
	header http.Header
}

func (a *answered) Header() http.Header { return a.header }
func (*answered) WriteHeader(int)       {}

// askServer sends a question to a server in this process.
func askServer(ctx context.Context, s http.Handler, query string, variables map[string]any) (map[string]any, *rows.Of, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	to := &answered{header: http.Header{}}
	s.ServeHTTP(to, r)
	var answer struct {
		Data   map[string]any
		Errors []struct {
			Message string
			Path    []any
		}
		Extensions struct{ Data *rows.Of }
	}
	if err := json.Unmarshal(to.Bytes(), &answer); err != nil {
		return nil, nil, fmt.Errorf("read answer: %w", err)
	}
	if len(answer.Errors) > 0 {
		return nil, nil, fmt.Errorf("%v: %s", answer.Errors[0].Path, answer.Errors[0].Message)
	}
	return answer.Data, answer.Extensions.Data, nil
}

func newExport() *cobra.Command {
	var flags askFlags
	var form rows.Form
	var out string
	var views strings.Builder
	var names []string
	for _, v := range rows.Views() {
		fmt.Fprintf(&views, "  %-16s%s\n", v.Name, v.Help)
		names = append(names, v.Name)
	}
	cmd := &cobra.Command{
		Use:   "export VIEW",
		Short: "Write figures as flat rows: CSV, JSON, NDJSON or Parquet",
		Long:  "Export writes a view of a store as flat rows, which say the same as the API does:\n\n" + views.String() + "\nA server gives the same at /v1/rows/VIEW.FORMAT.",
		Example: `  lacuna export demand --by SEGMENT,CATEGORY,PERIOD --measures CUSTOMERS,REVENUE > demand.csv
  lacuna export gaps --verdicts DEVELOP --level LEAF --format json
  lacuna export customers --format parquet --out customers.parquet`,
		ValidArgs: names,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError("name one view: %s", strings.Join(names, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			view, err := rows.Find(args[0])
			if err != nil {
				return usageError("%w", err)
			}
			if !slices.Contains(rows.Formats(), form.Format) {
				return usageError("--format: there is no format %q: use one of %s", form.Format, strings.Join(rows.Formats(), ", "))
			}
			if form.BOM && form.Format != "csv" {
				return usageError("--bom: is for CSV alone")
			}
			o, err := exportOptions(cmd.Flags(), view)
			if err != nil {
				return err
			}
			return flags.reading(cmd, func(r *rows.Reading) error {
				form.Tail = func() rows.Tail { return rows.Tail{Of: r.Last} }
				return writeTo(out, cmd.OutOrStdout(), func(w io.Writer) error {
					return form.Write(w, view.Columns(o), view.Rows(cmd.Context(), r.Ask, o))
				})
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&form.Format, "format", "csv", "write in this `format`: "+strings.Join(rows.Formats(), ", "))
	cmd.Flags().StringVar(&out, "out", "", "write to this `file`; by default to standard output")
	cmd.Flags().BoolVar(&form.BOM, "bom", false, "begin CSV with a byte order mark, for spreadsheet programs")
	for _, p := range rows.Parameters() {
		addParameter(cmd.Flags(), &p)
	}
	return cmd
}

// parameterFlag is the flag of a view's parameter: min-customers of minCustomers.
func parameterFlag(name string) string {
	var flag strings.Builder
	for _, c := range name {
		if unicode.IsUpper(c) {
			flag.WriteByte('-')
		}
		flag.WriteRune(unicode.ToLower(c))
	}
	return flag.String()
}

// addParameter adds the flag of a view's parameter, unless all commands that ask have it.
func addParameter(flags *pflag.FlagSet, p *rows.Parameter) {
	name, help := parameterFlag(p.Name), p.Help
	if flags.Lookup(name) != nil {
		return
	}
	if choice := p.Choice(); choice != "" && len(p.Values) > 1 && !strings.Contains(help, p.Values[0]+" ") {
		help += " (" + choice + ")"
	}
	switch {
	case len(p.Values) == 1:
		flags.Bool(name, false, help)
	case p.List:
		flags.StringSlice(name, nil, help)
	default:
		flags.String(name, "", help)
	}
}

// exportOptions reads the flags that a view is asked with. One that was set and that the view does not have is a mistake.
func exportOptions(flags *pflag.FlagSet, view rows.View) (o rows.Options, err error) {
	given := rows.Given{}
	for _, p := range rows.Parameters() {
		flag := flags.Lookup(parameterFlag(p.Name))
		if !flag.Changed {
			continue
		}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			given[p.Name] = list.GetSlice()
		} else {
			given[p.Name] = []string{flag.Value.String()}
		}
	}
	o, err = view.Options(given)
	if wrong, ok := errors.AsType[*rows.ParameterError](err); ok {
		return o, usageError("--%s: %s", parameterFlag(strings.Trim(wrong.Name, `"`)), wrong.Problem)
	}
	return o, err
}

// writeTo calls write with a file, which is removed again where that fails, or with standard output where none is named.
func writeTo(path string, stdout io.Writer, write func(io.Writer) error) (err error) {
	if path == "" {
		return write(stdout)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func newSegments() *cobra.Command {
	var flags askFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "segments",
		Short:   "List the segments with their sizes and growth",
		Long:    "Segments lists a store's segments: how many members each has, and by how much its active members have grown beside all customers\nsince the same weeks a year before.",
		Example: "  lacuna segments --store sqlite:shop.db",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			view, err := rows.Find("segments")
			if err != nil {
				return err
			}
			o := rows.Options{AsOf: flags.asOf}
			return flags.asking(cmd, func(ask rows.Ask) error {
				if asJSON {
					return rows.Write(cmd.OutOrStdout(), "ndjson", false, view.Columns(o), view.Rows(cmd.Context(), ask, o))
				}
				return printSegments(cmd, view, ask, o)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object a line")
	return cmd
}

func printSegments(cmd *cobra.Command, view rows.View, ask rows.Ask, o rows.Options) error {
	at := map[string]int{}
	for i, c := range view.Columns(o) {
		at[c.Name] = i
	}
	out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
	fmt.Fprintln(out, "ID\tNAME\tMEMBERS\tGROWTH\t90 %\tSTATE")
	for row, err := range view.Rows(cmd.Context(), ask, o) {
		if err != nil {
			return err
		}
		growth, between := "–", ""
		if rate, ok := row[at["growth"]].(float64); ok {
			growth = fmt.Sprintf("%+.1f %%", 100*rate)
			if row[at["growing"]] == true {
				growth += " ▲"
			}
			low, _ := row[at["growth_low"]].(float64)
			high, _ := row[at["growth_high"]].(float64)
			between = fmt.Sprintf("%+.1f … %+.1f", 100*low, 100*high)
		} else if reason, ok := row[at["reason"]].(string); ok {
			growth = reason
		}
		state := fmt.Sprint(row[at["state"]])
		if problem, ok := row[at["error"]].(string); ok {
			state = problem
		}
		fmt.Fprintf(out, "%v\t%v\t%v\t%s\t%s\t%s\n", row[at["id"]], row[at["name"]], row[at["size"]], growth, between, state)
	}
	return out.Flush()
}
