package main

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lacuna/internal/rows"
)

var (
	gapLevels   = []string{"RANKED", "LEAF", "ALL"}
	gapVerdicts = []string{"DEVELOP", "RESTOCK", "FIX_FINDABILITY", "SERVED", "WATCH"}
)

func newGaps() *cobra.Command {
	var flags askFlags
	var o rows.Options
	var asJSON, asCSV bool
	var first int
	var brief string
	cmd := &cobra.Command{
		Use:   "gaps",
		Short: "List what groups of customers want and the catalog does not serve",
		Long: "Gaps compares what each segment, and everyone, wanted of each category in the last 13 weeks with what the catalog has for\n" +
			"them, and says what is to be done and why. Those worth most come first, by the low end of what closing them would bring in\n" +
			"the horizon. With --brief it puts one of them on a page, for who is to make a product of it. What each figure means is in\n" +
			"docs/gaps.md.",
		Example: `  lacuna gaps
  lacuna gaps --segment families --segment everyone
  lacuna gaps --verdict WATCH --level ALL
  lacuna gaps --brief families/stays-family-okinawa > brief.md
  lacuna gaps --margin 0.2 --horizon-days 180
  lacuna gaps --csv > gaps.csv`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON && asCSV {
				return usageError("--json and --csv exclude each other")
			}
			if first < 0 {
				return usageError("--first: must be 0 or more; 0 lists all")
			}
			o.Level, o.AsOf = strings.ToUpper(o.Level), flags.asOf
			if !slices.Contains(gapLevels, o.Level) {
				return usageError("--level: use one of %s", strings.Join(gapLevels, ", "))
			}
			for i := range o.Verdicts {
				if o.Verdicts[i] = strings.ToUpper(o.Verdicts[i]); !slices.Contains(gapVerdicts, o.Verdicts[i]) {
					return usageError("--verdict: use one of %s", strings.Join(gapVerdicts, ", "))
				}
			}
			if brief != "" {
				return printBrief(cmd, &flags, brief, asJSON)
			}
			return flags.asking(cmd, func(ask rows.Ask) error {
				if asCSV {
					view, err := rows.Find("gaps")
					if err != nil {
						return err
					}
					return rows.Write(cmd.OutOrStdout(), "csv", false, view.Columns(o), upTo(view.Rows(cmd.Context(), ask, o), first))
				}
				gaps := upTo(rows.Gaps(cmd.Context(), ask, o), first)
				if asJSON {
					return printGapsJSON(cmd.OutOrStdout(), gaps)
				}
				if err := printGaps(cmd.OutOrStdout(), gaps); err != nil {
					return err
				}
				list, err := missing(cmd.Context(), ask)
				for _, what := range list {
					fmt.Fprintf(cmd.ErrOrStderr(), "lacuna: %s\n", what)
				}
				return err
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringArrayVar(&o.Segments, "segment", nil, "only this `segment`, or everyone; may be repeated")
	cmd.Flags().StringArrayVar(&o.Categories, "category", nil, "only this `category`; may be repeated")
	cmd.Flags().StringArrayVar(&o.Verdicts, "verdict", nil, "only this `verdict`: DEVELOP, RESTOCK, FIX_FINDABILITY, SERVED or WATCH; may be repeated (by default the first three)")
	cmd.Flags().StringVar(&o.Level, "level", "RANKED", "`RANKED` lists a gap at the deepest category that carries it, LEAF only categories without any below, ALL every one")
	cmd.Flags().BoolVar(&o.Growing, "growing", false, "only what surely grows")
	cmd.Flags().IntVar(&o.MinCustomers, "min-customers", 0, "only with so many `customers` or more")
	cmd.Flags().IntVar(&first, "first", 50, "list so `many`; 0 for all")
	cmd.Flags().StringVar(&brief, "brief", "", "print the brief of this `gap` alone, SEGMENT/CATEGORY, as Markdown or with --json in parts")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON list")
	cmd.Flags().BoolVar(&asCSV, "csv", false, "print CSV")
	return cmd
}

// upTo ends a sequence after n; 0 never.
func upTo[T any](list iter.Seq2[T, error], n int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		given := 0
		for entry, err := range list {
			if given++; !yield(entry, err) || given == n {
				return
			}
		}
	}
}

func printGapsJSON(to io.Writer, gaps iter.Seq2[any, error]) error {
	list := []any{}
	for gap, err := range gaps {
		if err != nil {
			return err
		}
		list = append(list, gap)
	}
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	return encoder.Encode(list)
}
