package bulk

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

var update = flag.Bool("update", false, "write the golden files anew")

// account writes what a load did, line by line.
func account(l *loaded, m *memory) string {
	var s strings.Builder
	for _, kind := range kindOrder {
		if c := l.summary.Kinds[kind]; c != nil {
			fmt.Fprintf(&s, "%s: %d accepted, %d duplicates, %d rejected\n", kind, c.Accepted, c.Duplicates, c.Rejected)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.summary.Ignored)) {
		fmt.Fprintf(&s, "ignored %d %s\n", l.summary.Ignored[name], name)
	}
	for _, r := range l.rejects {
		fmt.Fprintf(&s, "line %d rejected: %s\n", r.Line, r.Reason)
	}
	for _, t := range l.summary.Types {
		fmt.Fprintf(&s, "%s.%s is %s\n", t.Scope, t.Name, t.Type)
	}
	for _, text := range l.log {
		fmt.Fprintf(&s, "log: %s\n", text[strings.Index(text, ": ")+2:])
	}
	for _, c := range m.categories {
		fmt.Fprintf(&s, "category %q name %q parent %q\n", c.ID, c.Name, c.Parent)
	}
	for _, p := range m.products {
		fmt.Fprintf(&s, "product %s name %q in %q", p.ID, p.Name, p.Categories)
		if p.Price.Known {
			fmt.Fprintf(&s, " at %s %s", p.Price.Value, p.Currency)
		}
		s.WriteString("\n")
	}
	for _, c := range m.customers {
		fmt.Fprintf(&s, "customer %s name %q observed %s %v", c.ID, c.Name, c.ObservedAt.Format(time.RFC3339), c.Identities)
		if !c.CreatedAt.IsZero() {
			fmt.Fprintf(&s, " created %s", c.CreatedAt.Format(time.RFC3339))
		}
		for _, a := range c.Attributes {
			fmt.Fprintf(&s, " %s=%s", a.Name, a.Value)
		}
		s.WriteString("\n")
	}
	rows := slices.SortedFunc(maps.Values(m.rows), func(a, b graph.Interaction) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	for _, r := range rows {
		s.WriteString(interactionText(r))
	}
	return s.String()
}

// interactionText writes the fields of an interaction that say something.
func interactionText(r graph.Interaction) string {
	s := fmt.Sprintf("%s %s %s %s", r.At.Format(time.RFC3339Nano), r.ID, r.Type, r.Customer)
	for _, f := range []struct{ name, value string }{
		{"product", r.Product}, {"category", r.Category}, {"query", r.Query}, {"campaign", r.Campaign}, {"session", r.Session}, {"currency", r.Currency},
	} {
		if f.value != "" {
			s += fmt.Sprintf(" %s=%q", f.name, f.value)
		}
	}
	if r.Channel != 0 {
		s += " " + r.Channel.String()
	}
	if r.Quantity.Known {
		s += " quantity=" + r.Quantity.Value.String()
	}
	if r.Amount.Known {
		s += " amount=" + r.Amount.Value.String()
	}
	if r.Rating.Known {
		s += " rating=" + r.Rating.Value.String()
	}
	if r.Results.Known {
		s += fmt.Sprintf(" results=%d", r.Results.Value)
	}
	return s + "\n"
}

// TestEvents compares what becomes of every event with the golden files, and wants that a second load changes nothing.
func TestEvents(t *testing.T) {
	for _, c := range []struct {
		name   string
		layout Layout
	}{{"segment", SegmentSpec}, {"ga4", GA4}} {
		t.Run(c.name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", c.name+".ndjson"))
			if err != nil {
				t.Fatal(err)
			}
			path := put(t, "events.ndjson", string(text))
			store := newMemory()
			l := load(t, store, Options{}, path)
			if l.err != nil || l.summary.Files[0].Format != string(c.layout) {
				t.Fatalf("%v, format %+v", l.err, l.summary.Files)
			}
			got, golden := account(l, store), filepath.Join("testdata", c.name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			rows := len(store.rows)
			second := load(t, store, Options{Layout: c.layout}, path)
			if second.err != nil || len(store.rows) != rows || second.summary.Kinds[Interactions].Accepted != 0 || second.summary.Kinds[Categories] != nil {
				t.Errorf("second load: %v %+v", second.err, second.summary.Kinds[Interactions])
			}
			for _, p := range store.products[len(store.products)/2:] {
				if p.Name != "" || p.Categories != nil || p.Price.Known {
					t.Errorf("the second load states what is stored: %+v", p)
				}
			}
		})
	}
}

// TestEveryEventIsInTheGolden holds the fixtures to the tables.
func TestEveryEventIsInTheGolden(t *testing.T) {
	for _, c := range []struct {
		file  string
		specs map[string]eventSpec
		key   func(string) string
	}{
		{"segment.ndjson", segmentEvents, eventKey},
		{"ga4.ndjson", ga4Events, func(name string) string { return name }},
	} {
		text, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for part := range strings.SplitSeq(string(text), `"`) {
			found[c.key(part)] = true
		}
		for name := range c.specs {
			if !found[name] {
				t.Errorf("%s has no %s", c.file, name)
			}
		}
	}
}
