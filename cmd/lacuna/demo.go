package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"lacuna/graph"
	"lacuna/internal/synth"
	"lacuna/loader/bulk"
)

func newDemo() *cobra.Command {
	var flags serveFlags
	var seed uint64
	var files string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve an invented travel marketplace to look around in",
		Long: "Demo invents a travel marketplace in Taiwan (9,000 customers, 1,600 products, two years of searches, purchases and all\n" +
			"else), loads it into a temporary store, which is gone when it ends, and serves it. The same seed gives the same data.\n" +
			"One gap was closed: families/transport-campervan has a history and an outcome.\n" +
			"With --files it only writes the files, for lacuna load and all that works on a store; they carry no history.",
		Example: `  lacuna demo
  lacuna demo --addr 127.0.0.1:9000
  lacuna demo --files market/`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if files == "" {
				return demo(cmd, flags, seed)
			}
			made, err := synth.Write(files, synth.Options{Seed: seed})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), demoWritten, made.Customers, made.Products, made.Interactions, files, synth.Zone)
			return err
		},
	}
	flags.add(cmd, demoZone())
	cmd.Flags().Uint64Var(&seed, "seed", synth.DefaultSeed, "invent another marketplace from this `number`")
	cmd.Flags().StringVar(&files, "files", "", "write the marketplace into this `folder`, and end")
	return cmd
}

func demo(cmd *cobra.Command, flags serveFlags, seed uint64) (err error) {
	folder, err := os.MkdirTemp("", "lacuna-demo-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	open := func(ctx context.Context, logger *slog.Logger) (graph.Store, error) {
		return openDemo(ctx, folder, seed, logger, printer(cmd.ErrOrStderr()))
	}
	return serve(cmd, flags, "sqlite:demo", open, func(address string) {
		fmt.Fprintf(cmd.OutOrStdout(), demoWelcome, address)
	})
}

// openDemo makes the marketplace's files and loads them through the same path as anybody's.
func openDemo(ctx context.Context, folder string, seed uint64, logger *slog.Logger, say func(string, ...any)) (graph.Store, error) {
	files, begun := filepath.Join(folder, "files"), time.Now()
	say("inventing a travel marketplace\n")
	if _, err := synth.Write(files, synth.Options{Seed: seed}); err != nil {
		return nil, err
	}
	debug.FreeOSMemory() // what was invented is in the files now
	store, err := place{path: filepath.Join(folder, "demo.db")}.open(ctx, logger, func(string, ...any) {})
	if err != nil {
		return nil, err
	}
	summary, err := loadDemo(ctx, store, files)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("load the marketplace: %w", err), store.Close())
	}
	if err := decideDemo(ctx, store, synth.Options{Seed: seed}); err != nil {
		return nil, errors.Join(fmt.Errorf("record what was decided about gaps: %w", err), store.Close())
	}
	if err := os.RemoveAll(files); err != nil {
		return nil, errors.Join(fmt.Errorf("remove the marketplace's files: %w", err), store.Close())
	}
	say("loaded %d rows, ready after %.0f s\n", summary.Rows(), time.Since(begun).Seconds())
	return store, nil
}

// demoZone is where the marketplace is.
func demoZone() *time.Location {
	zone, err := time.LoadLocation(synth.Zone)
	if err != nil {
		panic(err) // zones are in the program
	}
	return zone
}

func loadDemo(ctx context.Context, store graph.Store, files string) (bulk.Summary, error) {
	summary, err := bulk.Load(ctx, store, []string{files}, bulk.Options{Source: "demo", Zone: demoZone(), Currency: synth.Currency})
	if err == nil && summary.Rejected > 0 {
		err = fmt.Errorf("%d rows were rejected", summary.Rejected)
	}
	return summary, err
}

// decideDemo records what was decided about the marketplace's gaps, which files cannot carry.
func decideDemo(ctx context.Context, store graph.Store, o synth.Options) error {
	list, err := synth.Decisions(o)
	if err != nil {
		return err
	}
	for _, d := range list {
		status, err := graph.ParseGapStatus(d.Status)
		if err != nil {
			return err
		}
		e := graph.GapEvent{Gap: graph.GapKey{Segment: d.Segment, Category: d.Category}, ID: d.ID, At: d.At, Status: status, Product: d.Product, Note: d.Note, By: d.By}
		if err := store.RecordGapEvent(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

const demoWritten = `%d customers, %d products and %d interactions in %[4]s. What to do with them:

  lacuna load %[4]s --zone %[5]s
  lacuna gaps --zone %[5]s
`

const demoWelcome = `
An invented travel marketplace is loaded. Open it in a browser:

  %[1]s/             what is loaded, and questions to begin with
  %[1]s/playground   ask anything, with completion and examples

or ask from a terminal who a customer is:

  curl -s %[1]s/graphql -H 'Content-Type: application/json' -d '{"query":
    "{ customer(by: {identity: {kind: EMAIL, value: \"mei.chen@example.com\"}}) { id name identities { kind value } interactions(first: 5) { totalCount nodes { at type product { name } category { name(lang: \"zh\") } } } } }"}'

End with Ctrl-C; nothing is kept.
`
