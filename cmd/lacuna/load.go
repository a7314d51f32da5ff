package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"lacuna/graph"
	"lacuna/graph/neo4jstore"
	"lacuna/internal/config"
	"lacuna/loader/bulk"
)

const defaultRejects = "lacuna-rejects.ndjson"

type loadFlags struct {
	store                   storeFlags
	format, tables, rejects string
	offline                 string
	asJSON                  bool
	options                 bulk.Options
}

func newLoad() *cobra.Command {
	var flags loadFlags
	cmd := &cobra.Command{
		Use:   "load PATH...",
		Short: "Load files into a store",
		Long: "Load reads a folder or single files:\n" +
			"  generic  files named categories, products, customers, segments or interactions, each as .csv, .ndjson or .parquet\n" +
			"  segment  events of the Segment spec, as Segment, RudderStack and PostHog export them, one JSON object a line\n" +
			"  ga4      events of a BigQuery export of Google Analytics 4, one JSON object a line\n" +
			"  --map    tables of any form, .csv, .ndjson or .parquet, whose columns a map explains\n" +
			"All also with .gz or .zst after their names. docs/importing.md has an example of each.\n\n" +
			"Rows that cannot be taken go to the rejects file with line and reason. Loading the same files again changes nothing,\n" +
			"also after an interruption.\n\n" +
			"The summary goes to stdout, progress to stderr. Exit code: 0 all rows taken, 3 some rejected, 1 failed, 2 usage.",
		Example: `  lacuna load shop/
  lacuna load customers.csv interactions.csv.gz --store sqlite:shop.db
  lacuna load segment-logs/ --currency USD
  lacuna load events.json.gz --format ga4 --source web
  lacuna load sales.csv --map sales.yaml
  lacuna load shop/ --dry-run --json
  lacuna load shop/ --offline import/`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("load what? Name a folder or files: lacuna load shop/")
			}
			return nil
		},
		RunE: flags.run,
	}
	f := cmd.Flags()
	flags.store.add(cmd)
	f.StringVar(&flags.format, "format", "", "`format` of the files: generic, segment or ga4 (default: told by the files)")
	f.StringVar(&flags.tables, "map", "", "read tables as this YAML `file` says: which column is what")
	f.StringVar(&flags.rejects, "rejects", defaultRejects, "write rejected rows to this `file`, made when there are any")
	f.StringVar(&flags.options.Source, "source", "", "`source` of rows that name none (default: the file's name)")
	f.BoolVar(&flags.options.CreateMissing, "create-missing", false, "create products and categories that rows name and no file defines")
	f.BoolVar(&flags.options.DryRun, "dry-run", false, "check everything, write nothing")
	f.StringVar(&flags.offline, "offline", "", "load nothing, write a `folder` of files from which a Neo4j server that is stopped imports everything, and its command")
	f.BoolVar(&flags.asJSON, "json", false, "print the summary as one JSON object")
	config.ZoneVar(f, &flags.options.Zone, time.UTC)
	config.CurrencyVar(f, &flags.options.Currency, "", "currency `code` of amounts without one (ISO 4217, as TWD); empty rejects them")
	return cmd
}

func (f *loadFlags) run(cmd *cobra.Command, paths []string) (err error) {
	if err := f.readLayout(); err != nil {
		return err
	}
	p, err := f.place()
	if err != nil {
		return err
	}
	if err := bulk.Check(paths, f.options); err != nil { // before a store is made
		return fmt.Errorf("%w\nnothing was loaded", err)
	}
	collectGarbage(50) // rows pass through by the gigabyte, and memory is not to grow with the file
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	store, err := f.open(ctx, p, logger, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	rejects := bulk.NewRejectsFile(f.rejects)
	progress := newProgress(stderr)
	f.options.Rejects = rejects
	f.options.Progress = progress.show
	f.options.Log = func(format string, args ...any) { progress.say("lacuna: "+format+"\n", args...) }
	summary, loadErr := bulk.Load(ctx, store, paths, f.options)
	progress.end()
	if err := errors.Join(printSummary(cmd.OutOrStdout(), summary, f.asJSON), rejects.Close()); err != nil {
		return err
	}
	if f.offline != "" && loadErr == nil {
		loadErr = f.writeOffline(ctx, store, cmd.OutOrStdout(), stderr)
	}
	return f.outcome(ctx, summary, loadErr, rejects.Created(), stderr)
}

// place names the store: with --offline it is none that stays.
func (f *loadFlags) place() (place, error) {
	if f.offline != "" {
		if f.options.DryRun {
			return place{}, usageError("--offline and --dry-run: use one of them")
		}
		if err := neo4jstore.CheckImport(f.offline); err != nil { // before anything is read
			return place{}, err
		}
	}
	return f.store.place()
}

// readLayout settles how the files are to be read.
func (f *loadFlags) readLayout() error {
	layout := bulk.Layout(f.format)
	switch {
	case f.tables != "" && f.format != "":
		return usageError("--format and --map: use one of them; a map is for tables of your own")
	case layout != "" && !slices.Contains(bulk.Layouts(), layout):
		return usageError("--format: unknown format %q; use generic, segment or ga4, or explain tables of your own with --map", f.format)
	case f.tables == "":
		f.options.Layout = layout
		return nil
	}
	text, err := os.ReadFile(f.tables)
	if err != nil {
		return fmt.Errorf("read map: %w (nothing was loaded)", err)
	}
	f.options.Map, err = bulk.ParseMap(f.tables, text)
	return err
}

func (f *loadFlags) open(ctx context.Context, p place, logger *slog.Logger, stderr io.Writer) (graph.Store, error) {
	switch {
	case f.offline != "":
		return openTemporary(ctx, logger, filepath.Dir(filepath.Clean(f.offline)))
	case f.options.DryRun:
		return p.openToCheck(ctx, logger)
	}
	return p.open(ctx, logger, printer(stderr))
}

// outcome turns what a load did into the command's exit code and last words; listed tells that there is a rejects file.
func (f *loadFlags) outcome(ctx context.Context, s bulk.Summary, err error, listed bool, stderr io.Writer) error {
	if s.Rejected > 0 && listed {
		were := "rows were"
		if s.Rejected == 1 {
			were = "row was"
		}
		fmt.Fprintf(stderr, "lacuna: %d %s rejected; see %s, mend what is wrong and load again\n", s.Rejected, were, f.rejects)
	}
	switch {
	case err != nil && f.offline != "":
		return fmt.Errorf("%w\nnothing was written to %s", err, f.offline)
	case err != nil && ctx.Err() != nil:
		return errors.New("interrupted; what was committed is stored, and the same command goes on from there")
	case err != nil && errors.Is(err, graph.ErrUnavailable):
		return fmt.Errorf("%w; the same command can be run again", err)
	case err != nil:
		return err
	case s.Rejected > 0:
		return &exitError{code: exitRejected}
	default:
		return nil
	}
}

func printSummary(w io.Writer, s bulk.Summary, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(s)
	}
	_, err := io.WriteString(w, s.Text()) // in one piece, so that a full disk is noticed
	return err
}
