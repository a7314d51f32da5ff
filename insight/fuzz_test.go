package insight

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

// FuzzRule evaluates any rule that can be read, as of any day: it is refused with a path, or has the members that the oracle finds.
func FuzzRule(f *testing.F) {
	c := &chaos{Rand: rand.New(rand.NewPCG(3, 14)), store: newStore(f)}
	c.begin(f)
	v, w := follow(f, c.store).current.Load(), readWorld(f, c.store)
	for range 60 {
		text, err := json.Marshal(c.rule(2))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), int16(c.IntN(500)))
	}
	f.Add(`{"rfm": {"recency": {"gte": 4}, "groups": ["LOYAL"]}}`, int16(300))
	f.Add(`{"any": [{"lifecycle": {"in": ["CORE"]}}, {"tier": {"in": ["DIAMOND"]}}]}`, int16(300))
	f.Fuzz(func(t *testing.T, text string, day int16) {
		rule, err := graph.ParseRule([]byte(text))
		if err != nil {
			t.Skip()
		}
		asOf := start.Add(time.Duration(day) * 24 * time.Hour)
		compiled, err := v.Compile(rule, "rule")
		if refused, ok := errors.AsType[*graph.RuleError](err); ok && refused.Path != "" {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		members, err := compiled.Members(t.Context(), asOf)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := members.Page(1_000, "")
		if _, err := compiled.Explain(rule, "c1", asOf); err != nil && !errors.Is(err, graph.ErrNotFound) {
			t.Fatal(err)
		}
		if known, want := w.tries(rule, asOf); known && len(want)+len(got) > 0 {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s as of %v: %s", text, asOf, diff)
			}
		}
	})
}

// tries gives what the oracle says, unless the rule has parts that it does not know.
func (w *world) tries(rule graph.Rule, asOf time.Time) (known bool, list []string) {
	defer func() {
		if recover() != nil {
			known = false
		}
	}()
	return true, w.expected(rule, asOf)
}
