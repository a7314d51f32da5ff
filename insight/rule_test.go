package insight

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

// rule makes a rule of any kind that the oracle knows.
func (c *chaos) rule(depth int) graph.Rule {
	kind := c.IntN(9)
	if depth == 0 {
		kind = 3 + c.IntN(6)
	}
	several := func() (list []graph.Rule) {
		for range 1 + c.IntN(3) {
			list = append(list, c.rule(depth-1))
		}
		return list
	}
	switch kind {
	case 0:
		return graph.Rule{All: several()}
	case 1:
		return graph.Rule{Any: several()}
	case 2:
		inner := c.rule(depth - 1)
		return graph.Rule{Not: &inner}
	case 3:
		return graph.Rule{Segment: pick(c, &graph.SegmentRule{In: []string{"far"}}, &graph.SegmentRule{In: []string{"far", "lookers"}}, &graph.SegmentRule{NotIn: []string{"lookers"}},
			&graph.SegmentRule{In: []string{"lookers"}, NotIn: []string{"far"}})}
	case 4:
		return graph.Rule{Consent: &graph.ConsentRule{Purpose: pick(c, "MARKETING", "ANALYTICS", "NEVER_ASKED"), Granted: c.IntN(2) == 0}}
	case 5:
		yes, no := true, false
		return graph.Rule{Household: pick(c, &graph.HouseholdRule{Exists: &yes}, &graph.HouseholdRule{Exists: &no},
			&graph.HouseholdRule{Size: &graph.SizeRange{Gte: graph.Some(int64(1 + c.IntN(5)))}}, &graph.HouseholdRule{Exists: &yes, Size: &graph.SizeRange{Lte: graph.Some(int64(3))}})}
	case 6:
		steps := []graph.EventRule{}
		for range 1 + c.IntN(3) {
			steps = append(steps, c.eventRule())
		}
		s := &graph.SequenceRule{Steps: steps}
		if c.IntN(2) == 0 {
			s.Within = &graph.Duration{Days: 1 + c.IntN(60)}
		}
		return graph.Rule{Sequence: s}
	case 7:
		r := graph.Rule{Attribute: c.attributeRule()}
		return r
	default:
		e := c.eventRule()
		switch c.IntN(5) {
		case 0:
			e.Count = &graph.CountRange{Eq: graph.Some(int64(c.IntN(3)))}
		case 1:
			e.Count = &graph.CountRange{Gte: graph.Some(int64(c.IntN(3))), Lte: graph.Some(int64(2 + c.IntN(4)))}
		case 2:
			e.Sum = &graph.SumRange{Of: pick(c, graph.SumAmount, graph.SumQuantity), Gte: graph.Some(graph.Decimal(c.IntN(20) * graph.DecimalScale))}
		case 3:
			e.Sum = &graph.SumRange{Of: graph.SumAmount, Lte: graph.Some(graph.Decimal(c.IntN(60) * graph.DecimalScale))}
		}
		return graph.Rule{Event: &e}
	}
}

func (c *chaos) eventRule() graph.EventRule {
	var e graph.EventRule
	if c.IntN(2) == 0 {
		e.Types = pick(c, []graph.InteractionType{graph.View}, []graph.InteractionType{graph.Search, graph.Purchase}, []graph.InteractionType{graph.Purchase})
	}
	switch c.IntN(6) {
	case 0:
		e.Category = pick(c, c.category(), "nowhere")
	case 1:
		e.Product = c.product()
	case 2:
		e.Tag = "ski"
	case 3:
		e.Price = &graph.DecimalRange{Gte: graph.Some(graph.Decimal(3 * graph.DecimalScale))}
	case 4:
		e.Category, e.Tag = c.category(), "spa"
	}
	switch c.IntN(6) {
	case 0:
		e.Channel = graph.Web
	case 1:
		e.Query = pick(c, "ONSEN", "kyoto", "雪", "nothing")
	case 2:
		e.Attribute = pick(c, &graph.AttributeRule{Name: "party", Op: graph.OpGte, Values: []graph.Value{graph.NumberValue(2)}},
			&graph.AttributeRule{Name: "party", Op: graph.OpExists, Values: []graph.Value{graph.BooleanValue(false)}},
			&graph.AttributeRule{Name: "unheard", Op: graph.OpExists, Values: []graph.Value{graph.BooleanValue(true)}})
	}
	switch c.IntN(4) {
	case 0:
		e.Within = pick(c, &graph.Duration{Days: 30 + c.IntN(200)}, &graph.Duration{Months: 1 + c.IntN(8)})
	case 1:
		e.Between = pick(c, &graph.TimeRange{From: c.at()}, &graph.TimeRange{To: c.at()}, &graph.TimeRange{From: start.AddDate(0, 2, 0), To: start.AddDate(0, 9, 0)})
	}
	return e
}

func (c *chaos) attributeRule() *graph.AttributeRule {
	operands := map[string][]graph.Value{
		"city":     {graph.TextValue("Taipei"), graph.TextValue("Tainan"), graph.TextValue("nowhere"), graph.TextValue("高雄")},
		"children": {graph.NumberValue(0), graph.NumberValue(2), graph.NumberValue(1.5)},
		"member":   {graph.BooleanValue(true), graph.BooleanValue(false)},
		"birthday": {graph.TextValue("2024-01-01"), graph.TextValue("2022-02-01")},
		"unheard":  {graph.TextValue("x")},
	}
	name := pick(c, "city", "children", "member", "birthday", "unheard")
	r := &graph.AttributeRule{Name: name}
	one := func() graph.Value { return pick(c, operands[name]...) }
	for {
		r.Op = graph.OpEq + graph.Operator(c.IntN(int(graph.OpExists)))
		if name == "member" && r.Op >= graph.OpGt && r.Op <= graph.OpLte || name == "member" && r.Op == graph.OpBetween {
			continue // refused, see TestRefused
		}
		if r.Op == graph.OpContains && name != "city" && name != "unheard" {
			continue
		}
		break
	}
	switch r.Op {
	case graph.OpExists:
		r.Values = []graph.Value{graph.BooleanValue(c.IntN(2) == 0)}
	case graph.OpBetween:
		r.Values = map[string][]graph.Value{
			"city": {graph.TextValue("Tainan"), graph.TextValue("Taipei")}, "children": {graph.NumberValue(0), graph.NumberValue(2)},
			"birthday": {graph.TextValue("2022-02-01"), graph.TextValue("2024-01-01")}, "unheard": {graph.TextValue("a"), graph.TextValue("x")},
		}[name]
	case graph.OpIn, graph.OpNotIn:
		r.Values = []graph.Value{one(), one()}
	case graph.OpContains:
		r.Values = []graph.Value{graph.TextValue(pick(c, "TAI", "北", "north"))}
	default:
		r.Values = []graph.Value{one()}
	}
	return r
}

func ids(t testing.TB, v *View, rule graph.Rule, asOf time.Time) []string {
	t.Helper()
	compiled, err := v.Compile(rule, "rule")
	if err != nil {
		t.Fatal(err)
	}
	members, err := compiled.Members(t.Context(), asOf)
	if err != nil {
		t.Fatal(err)
	}
	list, more := members.Page(1_000, "")
	if more || len(list) != members.Len() {
		t.Fatalf("%d of %d, more %v", len(list), members.Len(), more)
	}
	return list
}

// expected gives what the oracle says.
func (w *world) expected(rule graph.Rule, asOf time.Time) []string {
	list := []string{}
	for id, c := range w.customers {
		if w.exists(c, asOf) && w.holds(&rule, c, asOf) {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return list
}

// TestRules compares random rules on random data with the oracle: every kind, operator, type and nesting, missing values, windows
// whose edges are hit, as of any moment; on data that was read at once, and that came bit by bit.
func TestRules(t *testing.T) {
	for seed := range uint64(6) {
		c := &chaos{Rand: rand.New(rand.NewPCG(seed, 7)), store: newStore(t)}
		c.begin(t)
		f := follow(t, c.store)
		for round := range 4 {
			for range 15 * round {
				c.act(t)
			}
			v, w := f.catchUp(t, false), readWorld(t, c.store)
			for range 250 {
				rule, asOf := c.rule(3), c.at()
				got := ids(t, v, rule, asOf)
				if diff := cmp.Diff(w.expected(rule, asOf), got); len(got)+len(diff) > 0 && diff != "" && len(w.expected(rule, asOf))+len(got) > 0 {
					text, _ := json.Marshal(rule)
					t.Fatalf("seed %d, round %d, as of %v: %s\n%s", seed, round, asOf, text, diff)
				}
			}
		}
	}
}

// TestRefused holds that an operator which does not apply is refused, with the path to it.
func TestRefused(t *testing.T) {
	c := &chaos{Rand: rand.New(rand.NewPCG(1, 1)), store: newStore(t)}
	c.begin(t)
	v := follow(t, c.store).current.Load()
	for text, path := range map[string]string{
		`{"attribute": {"name": "city", "gt": 5}}`:                                                                              "rule.attribute.gt",
		`{"attribute": {"name": "children", "eq": "two"}}`:                                                                      "rule.attribute.eq",
		`{"attribute": {"name": "children", "contains": "2"}}`:                                                                  "rule.attribute.contains",
		`{"attribute": {"name": "birthday", "lt": "yesterday"}}`:                                                                "rule.attribute.lt",
		`{"all": [{"attribute": {"name": "city", "exists": true}}, {"not": {"attribute": {"name": "children", "in": ["a"]}}}]}`: "rule.all[1].not.attribute.in",
		`{"event": {"attribute": {"name": "party", "eq": "many"}}}`:                                                             "rule.event.attribute.eq",
		`{"sequence": {"steps": [{"types": ["VIEW"]}, {"attribute": {"name": "party", "lt": "x"}}]}}`:                           "rule.sequence.steps[1].attribute.lt",
		`{"segment": {"in": ["nobody"]}}`:                                                                                       "rule.segment.in",
	} {
		var tree any
		if err := json.Unmarshal([]byte(text), &tree); err != nil {
			t.Fatal(err)
		}
		rule, err := graph.DecodeRule(tree, "rule")
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		_, err = v.Compile(rule, "rule")
		if refused, ok := errors.AsType[*graph.RuleError](err); !ok || refused.Path != path {
			t.Errorf("%s: %v, want it refused at %s", text, err, path)
		}
	}
}
