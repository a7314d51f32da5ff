package main

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"text/tabwriter"

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
	cmd := &cobra.Command{
		Use:   "gaps",
		Short: "List what groups of customers want and the catalog does not serve",
		Long: "Gaps compares what each segment, and everyone, wanted of each category in the last 13 weeks with what the catalog has for\n" +
			"them, and says what is to be done and why. The largest come first, by the low end of how many customers more would have\n" +
			"bought. What each figure means is in docs/gaps.md.",
		Example: `  lacuna gaps
  lacuna gaps --segment families --segment everyone
  lacuna gaps --verdict WATCH --level ALL
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

// gapOfJSON is what of a gap the table shows.
type gapOfJSON struct {
	Segment        struct{ ID string }
	Need           string
	Category       struct{ ID string }
	Verdict, Cause string
	Demand         struct {
		Customers int
		Index     *struct{ Mid float64 }
	}
	Served         struct{ Rate, Reference *float64 }
	UnmetCustomers *struct{ Low, Mid, High float64 }
	Growth         struct {
		Rate        *float64
		Significant bool
	}
}

func printGaps(to io.Writer, gaps iter.Seq2[any, error]) error {
	w := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	n := 0
	for entry, err := range gaps {
		if err != nil {
			return err
		}
		text, err := json.Marshal(entry)
		if err != nil {
			return err
		}
		var g gapOfJSON
		if err := json.Unmarshal(text, &g); err != nil {
			return err
		}
		if n++; n == 1 {
			fmt.Fprintln(w, "VERDICT\tCAUSE\tSEGMENT\tCATEGORY\tNEED\tCUSTOMERS\tINDEX\tSERVED\tOF\tUNMET\tGROWTH")
		}
		index, served, of, unmet, growth := "–", "–", "–", "–", "–"
		if g.Demand.Index != nil {
			index = fmt.Sprintf("%.0f", g.Demand.Index.Mid)
		}
		if g.Served.Rate != nil {
			served = fmt.Sprintf("%.1f %%", 100**g.Served.Rate)
		}
		if g.Served.Reference != nil {
			of = fmt.Sprintf("%.1f %%", 100**g.Served.Reference)
		}
		if g.UnmetCustomers != nil {
			unmet = fmt.Sprintf("%.0f (%.0f–%.0f)", g.UnmetCustomers.Mid, g.UnmetCustomers.Low, g.UnmetCustomers.High)
		}
		if g.Growth.Rate != nil {
			growth = fmt.Sprintf("%+.0f %%", 100**g.Growth.Rate)
			if g.Growth.Significant {
				growth += " growing"
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", g.Verdict, g.Cause, g.Segment.ID, g.Category.ID, g.Need, g.Demand.Customers, index, served, of, unmet, growth)
	}
	if n == 0 {
		fmt.Fprintln(w, "no gaps: nothing in the last weeks is surely served worse than it should be (--verdict WATCH lists what is low without a known cause)")
	}
	return w.Flush()
}
