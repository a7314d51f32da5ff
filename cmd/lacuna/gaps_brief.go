package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"lacuna/graph"
	"lacuna/internal/config"
	"lacuna/internal/rows"
)

// briefQuery asks for a gap and for its segment and category, which tell what is wrong where there is no such gap.
const briefQuery = `query($segment: ID!, $category: ID!, $asOf: DateTime) {
	gap(segment: $segment, category: $category, asOf: $asOf) { id asOf brief { title summary sections { heading lines } markdown } }
	segment(id: $segment) { id } category(id: $category) { id } }`

// notBeside are flags that say which gaps are listed, and how: a brief is of one gap.
var notBeside = []string{"segment", "category", "verdict", "level", "growing", "min-customers", "first", "csv"}

// gapOfBrief is what the program reads of the answer; it prints sections as they came.
type gapOfBrief struct {
	ID    string  `json:"id"`
	AsOf  *string `json:"asOf"`
	Brief struct {
		Title    string          `json:"title"`
		Summary  string          `json:"summary"`
		Sections json.RawMessage `json:"sections"`
		Markdown string          `json:"markdown"`
	} `json:"brief"`
}

// printBrief prints the brief of the gap of an id.
func printBrief(cmd *cobra.Command, flags *askFlags, id string, asJSON bool) error {
	for _, name := range notBeside {
		if config.Origin(cmd.Flags().Lookup(name)) == "--"+name {
			return usageError("--brief is of one gap, and excludes --%s", name)
		}
	}
	segment, category, err := readGapID(id)
	if err != nil {
		return err
	}
	return flags.asking(cmd, func(ask rows.Ask) error {
		gap, err := askBrief(cmd.Context(), ask, segment, category, flags.asOf)
		if err != nil {
			return err
		}
		if !asJSON {
			_, err := fmt.Fprint(cmd.OutOrStdout(), gap.Brief.Markdown)
			return err
		}
		encoder := json.NewEncoder(cmd.OutOrStdout())
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(gap)
	})
}

// readGapID reads Gap.id of the API: a segment and a category, each escaped as in the query of an address.
func readGapID(id string) (segment, category string, err error) {
	first, second, ok := strings.Cut(id, "/")
	segment, err = url.QueryUnescape(first)
	if err == nil {
		category, err = url.QueryUnescape(second)
	}
	if !ok || err != nil || segment == "" || category == "" {
		return "", "", usageError("--brief: %q is no id of a gap: write SEGMENT/CATEGORY, as the field id of 'lacuna gaps --json' has it, such as families/stays-family-okinawa", id)
	}
	return segment, category, nil
}

func askBrief(ctx context.Context, ask rows.Ask, segment, category, asOf string) (*gapOfBrief, error) {
	variables := map[string]any{"segment": segment, "category": category}
	if asOf != "" {
		variables["asOf"] = asOf
	}
	data, err := ask(ctx, briefQuery, variables)
	if err != nil {
		return nil, err
	}
	if data["gap"] == nil {
		missing := fmt.Sprintf("category %q", category)
		if data["segment"] == nil && segment != graph.EveryoneID {
			missing = fmt.Sprintf("segment %q", segment)
		}
		return nil, fmt.Errorf("there is no %s: 'lacuna gaps --json --level ALL' lists the ids of gaps", missing)
	}
	text, err := json.Marshal(data["gap"])
	if err != nil {
		return nil, err
	}
	gap := new(gapOfBrief)
	return gap, json.Unmarshal(text, gap)
}
