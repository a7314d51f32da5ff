package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lacuna/graph"
	"lacuna/graph/sqlitestore"
	"lacuna/internal/config"
	"lacuna/internal/doctor"
)

type doctorFlags struct {
	store  storeFlags
	zone   *time.Location
	asJSON bool
}

func newDoctor() *cobra.Command {
	var flags doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check a store and its data, with a remedy for each finding",
		Long: "Doctor looks at the store's file (is it a store, of this version, writable, with room to grow) and reads all data once, for\n" +
			"what makes figures wrong: interactions about nothing, searches without a number of results, times that cannot be right,\n" +
			"mixed currencies, identities that many customers share or that are nobody's, events that were not read. It changes nothing.\n\n" +
			"Exit code: 0 nothing found or only notes, 3 warnings, 1 problems (also when the store cannot be read), 2 usage.",
		Example: `  lacuna doctor
  lacuna doctor --store sqlite:shop.db --zone Asia/Taipei
  lacuna doctor --json`,
		Args: noArguments,
		RunE: flags.run,
	}
	flags.store.add(cmd)
	cmd.Flags().BoolVar(&flags.asJSON, "json", false, "print the report as one JSON object")
	config.ZoneVar(cmd.Flags(), &flags.zone, time.UTC)
	return cmd
}

func (f *doctorFlags) run(cmd *cobra.Command, _ []string) error {
	p, err := f.store.place()
	if err != nil {
		return err
	}
	report, err := f.examine(cmd.Context(), p)
	if err != nil {
		return err
	}
	if err := printReport(cmd.OutOrStdout(), &report, f.asJSON); err != nil {
		return err
	}
	switch report.Worst {
	case doctor.Problem:
		return &exitError{code: exitFailed}
	case doctor.Warning:
		return &exitError{code: exitRejected}
	default:
		return nil
	}
}

// examine makes all checks that can be made. What keeps the store from being read is a finding too.
func (f *doctorFlags) examine(ctx context.Context, p place) (doctor.Report, error) {
	where, look := doctor.FileChecks(), fileFindings
	if p.path == "" {
		where, look = doctor.ServerChecks(), serverFindings
	}
	now, all := time.Now(), slices.Concat(where, doctor.DataChecks())
	findings, current, err := look(ctx, p)
	if err != nil {
		if ctx.Err() != nil {
			return doctor.Report{}, err
		}
		return doctor.NewReport(p.name, now, nil, all, nil, []doctor.Finding{unreadable(err)}), nil
	}
	if !current {
		return doctor.NewReport(p.name, now, nil, all, where, findings), nil
	}
	stored, found, err := f.examineData(ctx, p)
	if err != nil {
		if ctx.Err() != nil {
			return doctor.Report{}, err
		}
		return doctor.NewReport(p.name, now, nil, all, where, append(findings, unreadable(err))), nil
	}
	return doctor.NewReport(p.name, now, stored, all, all, append(findings, found...)), nil
}

func (f *doctorFlags) examineData(ctx context.Context, p place) (stored *doctor.Stored, found []doctor.Finding, err error) {
	store, err := p.openToRead(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return doctor.Examine(ctx, store, doctor.Options{Zone: f.zone})
}

// unreadable is the finding of a store that cannot be opened or read; the error says what to do.
func unreadable(err error) doctor.Finding {
	finding := doctor.Finding{Check: doctor.CheckStore, Severity: doctor.Problem, Message: err.Error()}
	switch {
	case errors.Is(err, graph.ErrNotFound):
		finding.Remedy = "name the store with --store, or load files to make one: lacuna load PATH"
	case errors.Is(err, graph.ErrNewerSchema):
		finding.Check, finding.Remedy = doctor.CheckSchema, "use the release of lacuna that wrote it, or a newer one"
	case errors.Is(err, graph.ErrDamaged):
		finding.Remedy = "go back to a backup, or make a new store and load the files again"
	case errors.Is(err, graph.ErrInvalid):
		finding.Remedy = "name the store with --store: sqlite:PATH, or neo4j://USER@HOST:7687/DATABASE with its password in LACUNA_NEO4J_PASSWORD"
	default:
		finding.Remedy = "see that the file and its folder are there and may be read by this user, or that the server runs, and that no large load is under way"
	}
	return finding
}

// Room on the disk: the least with which anything can be written, and the least with which a load of usual size can be.
const (
	leastFree = 64 << 20
	someFree  = 1 << 30
)

// fileFindings looks at a file, and tells whether its schema is of this version.
func fileFindings(ctx context.Context, p place) (findings []doctor.Finding, current bool, err error) {
	file, err := sqlitestore.Inspect(ctx, p.path)
	if err != nil {
		return nil, false, err
	}
	if file.Version < sqlitestore.SchemaVersion {
		findings = append(findings, doctor.Finding{
			Check: doctor.CheckSchema, Severity: doctor.Warning,
			Message: fmt.Sprintf("the schema has the older version %d, this program writes %d; the data was not checked", file.Version, sqlitestore.SchemaVersion),
			Remedy:  "make a copy of the file, then open it once for writing, which brings it up to date: lacuna serve",
		})
	}
	if file.NotWritable != "" {
		findings = append(findings, doctor.Finding{
			Check: doctor.CheckWrite, Severity: doctor.Warning, Message: "the store is read-only: " + file.NotWritable,
			Remedy: "give this user the right to write the file and its folder; until then it can be read and not loaded into",
		})
	}
	if free := file.FreeBytes; free >= 0 && free < max(someFree, file.Bytes) {
		severity := doctor.Warning
		if free < leastFree {
			severity = doctor.Problem
		}
		findings = append(findings, doctor.Finding{
			Check: doctor.CheckDisk, Severity: severity,
			Message: fmt.Sprintf("%d MB are free on the disk of a store of %d MB: a large load writes about as much again before it ends", free>>20, file.Bytes>>20),
			Remedy:  "make room, or move the store to a larger disk",
		})
	}
	return findings, file.Version == sqlitestore.SchemaVersion, nil
}

func printReport(w io.Writer, r *doctor.Report, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(r)
	}
	var text bytes.Buffer
	fmt.Fprintln(&text, r.Store)
	if s := r.Stored; s != nil {
		fmt.Fprintf(&text, "%d customers, %d interactions, %d products, %d categories, %d segments", s.Customers, s.Interactions, s.Products, s.Categories, s.Segments)
		if !s.LatestAt.IsZero() {
			fmt.Fprintf(&text, "; the latest interaction is of %s", s.LatestAt.Format(time.DateOnly))
		}
		fmt.Fprintln(&text)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&text, "\n%-8s %s: %s\n", f.Severity, f.Check, f.Message)
		for _, example := range f.Examples {
			fmt.Fprintf(&text, "           %s\n", example)
		}
		fmt.Fprintf(&text, "         → %s\n", f.Remedy)
	}
	for _, list := range []struct {
		title  string
		checks []string
	}{{"Nothing found by", r.Passed}, {"Not checked", r.Skipped}} {
		if len(list.checks) > 0 {
			fmt.Fprintf(&text, "\n%s: %s\n", list.title, strings.Join(list.checks, ", "))
		}
	}
	_, err := text.WriteTo(w)
	return err
}
