package graphtest

import (
	"testing"

	"lacuna/graph"
)

// testConsents checks what counts of several statements on one purpose.
func testConsents(t *testing.T, f Factory) {
	type statement struct {
		granted bool
		minute  int
	}
	for name, c := range map[string]struct {
		in    []statement
		codes []string
		want  statement
	}{
		"a first statement":             {[]statement{{true, 1}}, []string{"accepted"}, statement{true, 1}},
		"the later one counts":          {[]statement{{true, 1}, {false, 2}}, []string{"accepted", "accepted"}, statement{false, 2}},
		"the earlier one does not":      {[]statement{{false, 2}, {true, 1}}, []string{"accepted", "duplicate"}, statement{false, 2}},
		"a grant after a denial":        {[]statement{{false, 1}, {true, 2}}, []string{"accepted", "accepted"}, statement{true, 2}},
		"at one time the denial":        {[]statement{{true, 1}, {false, 1}}, []string{"accepted", "accepted"}, statement{false, 1}},
		"at one time the denial, first": {[]statement{{false, 1}, {true, 1}}, []string{"accepted", "duplicate"}, statement{false, 1}},
		"the same again":                {[]statement{{true, 1}, {true, 1}}, []string{"accepted", "duplicate"}, statement{true, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			x := fresh(t, f)
			var codes []string
			for _, s := range c.in {
				u := graph.CustomerUpsert{ID: "1", Source: "form", ObservedAt: at(90),
					Consents: []graph.Consent{{Purpose: "MARKETING", Granted: s.granted, At: at(s.minute)}}}
				codes = append(codes, x.codes(customers(u))...)
			}
			x.same("outcomes", c.codes, codes)
			want := []graph.Consent{{Purpose: "MARKETING", Granted: c.want.granted, Source: "form", At: at(c.want.minute)}}
			x.same("consents", want, x.customer(graph.ByID("1")).Consents)
		})
	}
	t.Run("source and time come from the row where they are empty", func(t *testing.T) {
		x := fresh(t, f)
		u := graph.CustomerUpsert{ID: "1", Source: "form", Consents: []graph.Consent{{Purpose: "B"}, {Purpose: "A", Source: "call", At: at(3)}}}
		x.accept(customers(u))
		want := []graph.Consent{{Purpose: "A", Source: "call", At: at(3)}, {Purpose: "B", Source: "form", At: start}}
		x.same("consents", want, x.customer(graph.ByID("1")).Consents)
	})
	t.Run("a purpose not asked about is absent", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(customers(person("1", "A")))
		x.same("consents", []graph.Consent{}, x.customer(graph.ByID("1")).Consents)
	})
}
