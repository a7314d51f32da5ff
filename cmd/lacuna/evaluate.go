package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"lacuna/insight"
	"lacuna/internal/evaluate"
	"lacuna/loader/bulk"
)

func newEvaluate() *cobra.Command {
	var asJSON, verbose, together bool
	cmd := &cobra.Command{
		Use:   "evaluate DIR...",
		Short: "Compare the gaps that are found in generated data with the truth",
		Long: "Evaluate loads folders of lacuna generate, each into a temporary store, looks for gaps, growth and emerging segments as\n" +
			"lacuna serve does, and compares what it finds with truth.json, which the engine never sees. With several folders the\n" +
			"table is of all together.",
		Example: `  lacuna generate planted/ --seed 7
  lacuna evaluate planted/
  lacuna evaluate --json seeds/*/`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("give a folder that lacuna generate wrote, such as planted/")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			scores := make([]*evaluate.Score, 0, len(args))
			for _, dir := range args {
				if together {
					earlier, err := readScores(dir)
					if err != nil {
						return err
					}
					scores = append(scores, earlier...)
					continue
				}
				list, err := evaluateFolder(cmd.Context(), dir, insight.Thresholds{})
				if err != nil {
					return err
				}
				scores = append(scores, list...)
			}
			table := evaluate.Summarise(scores)
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(evaluation{table, scores})
			}
			if verbose {
				for _, s := range scores {
					for _, note := range s.Notes {
						fmt.Fprintf(cmd.OutOrStdout(), "seed %d: %s\n", s.Seed, note)
					}
				}
			}
			return table.Print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&together, "together", false, "the arguments are files that --json wrote: print the table of all together")
	cmd.Flags().BoolVar(&verbose, "verbose", false, "say of every miss and every false alarm what was true and what was found")
	return cmd
}

// evaluation is what --json prints.
type evaluation struct {
	evaluate.Table
	Seeds []*evaluate.Score `json:"seeds"`
}

// readScores reads what --json wrote.
func readScores(path string) ([]*evaluate.Score, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read scores: %w", err)
	}
	var e evaluation
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, fmt.Errorf("read scores: %s: is it what lacuna evaluate --json wrote? %w", path, err)
	}
	return e.Seeds, nil
}

// evaluateFolder loads a folder, finds what there is to find, and compares it with the truth: once for each of several thresholds.
func evaluateFolder(ctx context.Context, dir string, thresholds ...insight.Thresholds) (scores []*evaluate.Score, err error) {
	truth, err := evaluate.ReadTruth(dir)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "lacuna-evaluate-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	logger := slog.New(slog.DiscardHandler)
	store, err := place{path: filepath.Join(folder, "evaluate.db")}.open(ctx, logger, func(string, ...any) {})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var files []string
	for _, name := range []string{"categories.csv", "products.csv", "customers.csv", "interactions.csv", "segments.ndjson"} {
		files = append(files, filepath.Join(dir, name))
	}
	summary, err := bulk.Load(ctx, store, files, bulk.Options{Source: "generate", Zone: time.UTC})
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", dir, err)
	}
	if summary.Rejected > 0 {
		return nil, fmt.Errorf("load %s: %d rows were rejected", dir, summary.Rejected)
	}
	for _, t := range thresholds {
		view, err := viewOf(ctx, store, insight.Options{Zone: time.UTC, Thresholds: t}, logger)
		if err != nil {
			return nil, err
		}
		score, err := evaluate.Gaps(ctx, truth, view)
		if err != nil {
			return nil, err
		}
		scores = append(scores, score)
	}
	return scores, nil
}
