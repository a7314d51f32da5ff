package insight

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lacuna/graph"
)

// TestScripts runs the scripts in testdata: what is loaded, and what rules have for members then.
//
//	load                          what follows, indented, is stored
//	  customer ID [name=value]…   created=DATE is when it was registered, all else are attributes
//	  ID TYPE TIME [field=value]… an interaction: product, query, amount
//	eval TIME RULE                the members as of a moment follow, indented; none is nobody
//	growth FROM TO RULE           the months follow: month, members, added, removed
func TestScripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { runScript(t, file) })
	}
}

// script is one that is run.
type script struct {
	*testing.T
	store graph.Store
	view  *View
	batch graph.Batch
}

func runScript(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &script{T: t, store: newStore(t)}
	command, number := "", 0
	var below []string
	run := func() {
		if command != "" {
			s.run(fmt.Sprintf("%s:%d", file, number), command, below)
		}
	}
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, " "):
			below = append(below, strings.TrimSpace(line))
		default:
			run()
			command, number, below = line, i+1, nil
		}
	}
	run()
}

func (s *script) run(place, command string, below []string) {
	s.Helper()
	word, rest, _ := strings.Cut(command, " ")
	switch word {
	case "load":
		for _, line := range below {
			s.load(place, strings.Fields(line))
		}
		s.batch.CreateMissing = true
		outcomes, err := s.store.Write(s.Context(), &s.batch)
		if err != nil {
			s.Fatal(place, err)
		}
		for _, o := range append(outcomes.Customers, outcomes.Interactions...) {
			if o.Rejection != nil {
				s.Fatal(place, o.Rejection)
			}
		}
		s.view = follow(s, s.store).current.Load()
	case "eval":
		at, rule, _ := strings.Cut(rest, " ")
		got := strings.Join(ids(s, s.view, s.rule(place, rule), s.time(place, at)), " ")
		if want := strings.Join(below, " "); got != want && (got != "" || want != "none") {
			s.Errorf("%s: %q, want %q", place, got, want)
		}
	case "growth":
		fields := strings.SplitN(rest, " ", 3)
		s.growth(place, fields[0], fields[1], fields[2], below)
	default:
		s.Fatalf("%s: unknown command %s", place, word)
	}
}

func (s *script) load(place string, fields []string) {
	s.Helper()
	if fields[0] == "customer" {
		u := graph.CustomerUpsert{ID: fields[1], Source: "test"}
		for _, field := range fields[2:] {
			name, value, _ := strings.Cut(field, "=")
			if name == "created" {
				u.CreatedAt = s.time(place, value)
				continue
			}
			v, err := graph.ParseValue(value, graph.DetectKind(value))
			if err != nil {
				s.Fatal(place, err)
			}
			u.Attributes = append(u.Attributes, graph.NamedValue{Name: name, Value: v})
		}
		s.batch.Customers = append(s.batch.Customers, u)
		return
	}
	kind, err := graph.ParseInteractionType(fields[1])
	if err != nil {
		s.Fatal(place, err)
	}
	i := graph.Interaction{ID: fmt.Sprint(len(s.batch.Interactions)), Customer: graph.ByID(fields[0]), Type: kind, At: s.time(place, fields[2]), Source: "test"}
	for _, field := range fields[3:] {
		switch name, value, _ := strings.Cut(field, "="); name {
		case "product":
			i.Product = value
		case "query":
			i.Query = value
		case "amount":
			amount, err := graph.ParseDecimal(value)
			if err != nil {
				s.Fatal(place, err)
			}
			i.Amount, i.Currency = graph.Some(amount), "TWD"
		default:
			s.Fatalf("%s: unknown field %s", place, name)
		}
	}
	s.batch.Interactions = append(s.batch.Interactions, i)
}

// time reads a moment, or a day in the zone.
func (s *script) time(place, text string) time.Time {
	s.Helper()
	if at, err := time.ParseInLocation(time.DateOnly, text, taipei); err == nil {
		return at
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		s.Fatal(place, err)
	}
	return at
}

func (s *script) rule(place, text string) graph.Rule {
	s.Helper()
	rule, err := graph.ParseRule([]byte(text))
	if err != nil {
		s.Fatal(place, err)
	}
	return rule
}

func (s *script) growth(place, from, to, text string, want []string) {
	s.Helper()
	compiled, err := s.view.Compile(s.rule(place, text), "rule")
	if err != nil {
		s.Fatal(place, err)
	}
	points, err := compiled.Growth(s.Context(), Month, graph.TimeRange{From: s.time(place, from), To: s.time(place, to)}, s.time(place, to))
	if err != nil {
		s.Fatal(place, err)
	}
	var got []string
	for _, p := range points {
		got = append(got, fmt.Sprint(p.PeriodStart.In(taipei).Format("2006-01"), " ", p.TotalMembers, " ", p.MembersAdded, " ", p.MembersRemoved))
	}
	if !slices.Equal(got, want) {
		s.Errorf("%s: %v, want %v", place, got, want)
	}
}
