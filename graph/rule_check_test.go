package graph

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestRuleReferences(t *testing.T) {
	rule, err := ParseRule([]byte(`{"all":[
		{"segment":{"in":["c","a"],"notIn":["b"]}},
		{"any":[{"not":{"segment":{"notIn":["a","d"]}}},{"event":{"category":"hotels","product":"p"}}]},
		{"sequence":{"steps":[{"category":"flights"},{},{"category":"hotels"}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d"}, rule.Segments()); diff != "" {
		t.Errorf("Segments(): %s", diff)
	}
	if diff := cmp.Diff([]string{"flights", "hotels"}, rule.Categories()); diff != "" {
		t.Errorf("Categories(): %s", diff)
	}
	if plain := (Rule{Event: &EventRule{}}); len(plain.Segments()) != 0 || len(plain.Categories()) != 0 {
		t.Errorf("a rule without references has %v and %v", plain.Segments(), plain.Categories())
	}
}

// refersTo gives a rule that refers to segments by way of nesting; "" refers to none.
func refersTo(ids string) Rule {
	rule := Rule{All: []Rule{{Event: &EventRule{}}}}
	for id := range strings.FieldsSeq(ids) {
		rule.All = append(rule.All, Rule{Not: &Rule{Segment: &SegmentRule{NotIn: []string{id}}}})
	}
	return rule
}

func rulesOf(links map[string]string) map[string]Rule {
	rules := map[string]Rule{}
	for id, to := range links {
		rules[id] = refersTo(to)
	}
	return rules
}

func check(existing, changed map[string]Rule) map[string]string {
	got := map[string]string{}
	for id, r := range CheckSegmentCycles(func(id string) (Rule, bool) { r, ok := existing[id]; return r, ok }, changed) {
		got[id] = string(r.Code) + ": " + r.Message
		if r.Field != "rule" {
			got[id] += " in " + r.Field
		}
	}
	return got
}

func TestCheckSegmentCycles(t *testing.T) {
	cycle := func(way string) string { return "cycle: would contain itself: " + way }
	unknown := func(id string) string { return `unknown_segment: refers to segment "` + id + `", which does not exist` }
	type links = map[string]string
	for name, test := range map[string]struct{ existing, changed, want links }{
		"nothing":   {},
		"plain":     {changed: links{"a": ""}},
		"forward":   {changed: links{"a": "b", "b": "c", "c": ""}},
		"stored":    {existing: links{"b": ""}, changed: links{"a": "b"}},
		"unknown":   {changed: links{"a": "x", "b": ""}, want: links{"a": unknown("x")}},
		"two":       {changed: links{"a": "y x"}, want: links{"a": unknown("x")}},
		"itself":    {changed: links{"a": "a"}, want: links{"a": cycle("a → a")}},
		"each":      {changed: links{"a": "b", "b": "a"}, want: links{"a": cycle("a → b → a"), "b": cycle("b → a → b")}},
		"onto":      {changed: links{"a": "a", "b": "a", "c": "b"}, want: links{"a": cycle("a → a"), "b": unknown("a"), "c": unknown("b")}},
		"chain":     {changed: links{"a": "b", "b": "x", "c": "a", "d": "e", "e": ""}, want: links{"a": unknown("b"), "b": unknown("x"), "c": unknown("a")}},
		"by stored": {existing: links{"a": "", "b": "a"}, changed: links{"a": "b", "c": "a"}, want: links{"a": cycle("a → b → a")}},
		"shortest": {changed: links{"a": "b d", "b": "c", "c": "a", "d": "a"}, want: links{"a": cycle("a → d → a"),
			"b": cycle("b → c → a → b"), "c": cycle("c → a → b → c"), "d": cycle("d → a → d")}},
		"turned":          {existing: links{"a": "b", "b": ""}, changed: links{"a": "", "b": "a"}},
		"stays as it was": {existing: links{"a": ""}, changed: links{"a": "x", "b": "a"}, want: links{"a": unknown("x")}},
		"comes back":      {existing: links{"a": "b", "b": ""}, changed: links{"a": "x", "b": "a"}, want: links{"a": unknown("x"), "b": cycle("b → a → b")}},
		"between": {changed: links{"a": "a", "m": "a z", "z": "z", "n": ""}, want: links{"a": cycle("a → a"), "z": cycle("z → z"),
			"m": unknown("a")}},
		"breaks elsewhere": {changed: links{"a": "b", "b": "a x"}, want: links{"a": unknown("b"), "b": unknown("x")}},
	} {
		if test.want == nil {
			test.want = links{}
		}
		if diff := cmp.Diff(test.want, check(rulesOf(test.existing), rulesOf(test.changed))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestCheckSegmentCyclesRandom holds, by a search that tries every way, that what is left has neither a cycle nor a
// loose end, that nothing is refused when all is well together, and that asking twice gives the same.
func TestCheckSegmentCyclesRandom(t *testing.T) {
	ids := []string{"a", "b", "c", "d", "e", "f"}
	rapid.Check(t, func(t *rapid.T) {
		existing, changed := map[string]Rule{}, map[string]Rule{}
		for i, id := range ids {
			if rapid.Bool().Draw(t, "stored") { // referring only to earlier ones: stored rules have no cycles
				var known []string
				for _, earlier := range ids[:i] {
					if _, ok := existing[earlier]; ok && rapid.Bool().Draw(t, "refers") {
						known = append(known, earlier)
					}
				}
				existing[id] = refersTo(strings.Join(known, " "))
			}
			if rapid.Bool().Draw(t, "changed") {
				changed[id] = refersTo(strings.Join(rapid.SliceOfN(rapid.SampledFrom(append(ids, "x")), 0, 2).Draw(t, "links"), " "))
			}
		}
		got := check(existing, changed)
		if diff := cmp.Diff(got, check(existing, changed)); diff != "" {
			t.Fatalf("asked twice: %s", diff)
		}
		all := maps.Clone(existing)
		maps.Copy(all, changed)
		if (broken(all) == "") != (len(got) == 0) {
			t.Fatalf("refused %v of %v", got, all)
		}
		final := maps.Clone(existing)
		for id := range changed {
			if got[id] == "" {
				final[id] = changed[id]
			}
		}
		if id := broken(final); id != "" {
			t.Fatalf("%q is broken in what is left: %v", id, final)
		}
	})
}

// broken gives a segment that refers to an unknown one or to itself, "" when there is none.
func broken(rules map[string]Rule) string {
	for id := range rules {
		todo, seen := []string{id}, map[string]bool{}
		for len(todo) > 0 {
			rule, ok := rules[todo[0]]
			if !ok {
				return id
			}
			for _, link := range rule.Segments() {
				if link == id {
					return id
				}
				if !seen[link] {
					seen[link] = true
					todo = append(todo, link)
				}
			}
			todo = todo[1:]
		}
	}
	return ""
}

// TestCheckSegmentCyclesLarge holds that long chains and rings take no more than moments.
func TestCheckSegmentCyclesLarge(t *testing.T) {
	const n = 20_000
	id := func(i int) string { return strings.Repeat("s", i%7) + string(rune('a'+i%26)) + string(rune(0x4e00+i)) }
	chain := map[string]Rule{}
	for i := range n {
		chain[id(i)] = refersTo(id(i + 1))
	}
	if got := check(nil, chain); len(got) != n {
		t.Errorf("a chain to nowhere: %d refused, want %d", len(got), n)
	}
	chain[id(n)] = refersTo("")
	if got := check(nil, chain); len(got) != 0 {
		t.Errorf("a chain: %d refused", len(got))
	}
	ring := map[string]Rule{}
	for i := range 500 {
		ring[id(i)] = refersTo(id((i + 1) % 500))
	}
	got := check(nil, ring)
	if len(got) != 500 || !strings.Contains(slices.Collect(maps.Values(got))[0], " → … 451 more … → ") {
		t.Errorf("a ring: %d refused", len(got))
	}
}
