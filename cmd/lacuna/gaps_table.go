package main

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"
	"text/tabwriter"
)

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
	Value          *struct {
		Low, Mid, High float64 `json:",string"`
		Currency       string
	}
	Growth struct {
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
			fmt.Fprintln(w, "VERDICT\tCAUSE\tSEGMENT\tCATEGORY\tNEED\tCUSTOMERS\tINDEX\tSERVED\tOF\tUNMET\tVALUE\tGROWTH")
		}
		index, served, of, unmet, value, growth := "–", "–", "–", "–", "–", "–"
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
		if v := g.Value; v != nil {
			value = strings.TrimSpace(fmt.Sprintf("%s (%s–%s) %s", compact(v.Mid), compact(v.Low), compact(v.High), v.Currency))
		}
		if g.Growth.Rate != nil {
			growth = fmt.Sprintf("%+.0f %%", 100**g.Growth.Rate)
			if g.Growth.Significant {
				growth += " growing"
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", g.Verdict, g.Cause, g.Segment.ID, g.Category.ID, g.Need, g.Demand.Customers, index, served, of, unmet, value, growth)
	}
	if n == 0 {
		fmt.Fprintln(w, "no gaps: nothing in the last weeks is surely served worse than it should be (--verdict WATCH lists what is low without a known cause)")
	}
	return w.Flush()
}

// compact writes an amount for a table, in three digits at most: 964 k, 1.9 M.
func compact(n float64) string {
	unit := ""
	for _, next := range []string{" k", " M", " G", " T"} {
		if math.Abs(n) < 999.5 {
			break
		}
		n, unit = n/1_000, next
	}
	if math.Abs(n) < 9.95 && unit != "" {
		return fmt.Sprintf("%.1f%s", n, unit)
	}
	return fmt.Sprintf("%.0f%s", n, unit)
}
