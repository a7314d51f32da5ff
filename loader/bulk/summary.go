package bulk

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lacuna/graph"
)

// Counts is what became of rows, and how quickly.
type Counts struct {
	Accepted      int64   `json:"accepted"`   // new, or changed something
	Duplicates    int64   `json:"duplicates"` // stored already, changed nothing
	Rejected      int64   `json:"rejected"`   // not taken; the rejects say why
	Seconds       float64 `json:"seconds"`
	RowsPerSecond float64 `json:"rowsPerSecond"` // of all three
}

// Rows is the number of rows, whatever became of them.
func (c Counts) Rows() int64 { return c.Accepted + c.Duplicates + c.Rejected }

func (c *Counts) add(status graph.Status) {
	switch status {
	case graph.Accepted:
		c.Accepted++
	case graph.Duplicate:
		c.Duplicates++
	default:
		c.Rejected++
	}
}

func (c *Counts) took(d time.Duration) {
	c.Seconds += d.Seconds()
	if c.Seconds > 0 {
		c.RowsPerSecond = float64(c.Rows()) / c.Seconds
	}
}

// Summary is what a load did. After an error it tells what was done until then.
//
// Its totals count the rows of all kinds of generic files. Where one row of a file gives rows of several kinds they count
// the interactions: of events the customers too, since each event is either; of mapped tables all kinds when the map has no
// interactions. What came along with these, products above all, is counted under Kinds alone. Rejected counts all.
type Summary struct {
	Counts
	Kinds map[Kind]*Counts `json:"kinds"` // of the kinds that were read
	Files []FileSummary    `json:"files"` // in the order of loading
	// Reasons counts rejected rows by the code of their reason.
	Reasons map[graph.RejectCode]int64 `json:"reasons,omitempty"`
	// Ignored counts what was understood and left out on purpose, by name.
	Ignored map[string]int64 `json:"ignored,omitempty"`
	// NotRead lists files of a folder that are none of Lacuna's, and why.
	NotRead []string `json:"notRead,omitempty"`
	// Types lists the attributes whose type this load settled, in order of scope and name.
	Types  []AttributeType `json:"types,omitempty"`
	DryRun bool            `json:"dryRun,omitempty"`
}

// FileSummary is what became of the rows of one file.
type FileSummary struct {
	File     string   `json:"file"` // path
	Kind     Kind     `json:"kind"`
	Format   string   `json:"format"`             // "csv", "ndjson" or "parquet"; of events "segment" or "ga4"
	Warnings []string `json:"warnings,omitempty"` // unknown columns and the like
	Counts
}

// AttributeType is the type that an attribute has from now on.
type AttributeType struct {
	Scope string `json:"scope"` // "customer", "product" or "interaction"
	Name  string `json:"name"`
	Type  string `json:"type"` // "number", "boolean", "date" or "text"
}

func sortTypes(types []AttributeType) {
	slices.SortFunc(types, func(a, b AttributeType) int {
		if c := strings.Compare(a.Scope, b.Scope); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// Text gives the summary as a table for people, with what is worth saying below it.
func (s *Summary) Text() string {
	var text strings.Builder
	if s.DryRun {
		fmt.Fprintln(&text, "dry run: nothing was written")
	}
	fmt.Fprintf(&text, "%-14s %12s %12s %12s %10s\n", "", "accepted", "duplicates", "rejected", "rows/s")
	line := func(name string, c *Counts) {
		fmt.Fprintf(&text, "%-14s %12d %12d %12d %10.0f\n", name, c.Accepted, c.Duplicates, c.Rejected, c.RowsPerSecond)
	}
	var rows int64
	for _, kind := range kindOrder {
		if c := s.Kinds[kind]; c != nil {
			rows += c.Rows()
			line(string(kind), c)
		}
	}
	if rows == s.Rows() { // else some rows came along with others and are counted by kind alone
		line("all", &s.Counts)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Ignored)) {
		fmt.Fprintf(&text, "ignored %d × %s\n", s.Ignored[name], name)
	}
	for _, t := range s.Types {
		fmt.Fprintf(&text, "attribute %s.%s is %s\n", t.Scope, t.Name, t.Type)
	}
	return text.String()
}
