package insight

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

// TestGrowth compares the members of random rules by period with the oracle's, at each period's own end in the zone.
func TestGrowth(t *testing.T) {
	c := &chaos{Rand: rand.New(rand.NewPCG(2, 15)), store: newStore(t)}
	c.begin(t)
	v, w := follow(t, c.store).current.Load(), readWorld(t, c.store)
	for range 60 {
		rule, grain, asOf := c.rule(2), pick(c, Week, Month, Quarter, Year), c.at()
		compiled, err := v.Compile(rule, "rule")
		if err != nil {
			t.Fatal(err)
		}
		between := pick(c, graph.TimeRange{}, graph.TimeRange{From: c.at(), To: asOf})
		if !between.To.IsZero() && !between.From.Before(between.To) {
			between = graph.TimeRange{}
		}
		points, err := compiled.Growth(t.Context(), grain, between, asOf)
		if err != nil {
			t.Fatal(err)
		}
		if between.From.IsZero() && len(points) != usualPeriods {
			t.Errorf("%d periods", len(points))
		}
		for i, p := range points {
			begin := p.PeriodStart.In(taipei)
			if h, m, s := begin.Clock(); h+m+s != 0 || grain == Week && begin.Weekday() != time.Monday || grain != Week && begin.Day() != 1 {
				t.Fatalf("a period of grain %d begins at %v", grain, begin)
			}
			now := w.expected(rule, earlier(grain.next(begin).Add(-time.Microsecond), asOf))
			before := w.expected(rule, earlier(begin.Add(-time.Microsecond), asOf))
			added := len(slices.DeleteFunc(slices.Clone(now), func(id string) bool { return slices.Contains(before, id) }))
			want := Point{p.PeriodStart, len(now), added, len(before) + added - len(now), len(now) - len(before)}
			if diff := cmp.Diff(want, p); diff != "" {
				t.Fatalf("period %d of grain %d as of %v: %s", i, grain, asOf, diff)
			}
		}
	}
}

// TestGrowthEitherWay holds that both ways of evaluating a rule by period come to the same, and that a rule which compares customers has members.
func TestGrowthEitherWay(t *testing.T) {
	c := &chaos{Rand: rand.New(rand.NewPCG(6, 17)), store: newStore(t)}
	c.begin(t)
	v := follow(t, c.store).current.Load()
	ends := []moment{momentOf(start), momentOf(start.AddDate(0, 5, 0)), momentOf(start.AddDate(0, 9, 3)), momentOf(start.AddDate(1, 1, 0))}
	core := graph.Rule{Lifecycle: &graph.LifecycleRule{In: []graph.Lifecycle{graph.LifecycleCore, graph.LifecycleNew}}}
	for i := range 40 {
		rule := c.rule(2)
		if i%4 == 0 {
			rule = graph.Rule{Any: []graph.Rule{core, rule}}
		}
		compiled, err := v.Compile(rule, "rule")
		if err != nil {
			t.Fatal(err)
		}
		if comparing(compiled.root) != (i%4 == 0) {
			t.Errorf("rule %d is judged wrongly: %+v", i, rule)
		}
		paged, err := compiled.pagedGrowth(t.Context(), ends)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := compiled.comparedGrowth(t.Context(), ends)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(paged, whole); diff != "" || i%4 == 0 && whole[2].TotalMembers == 0 {
			t.Errorf("rule %d: %s", i, diff)
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// TestSince compares from when on customers belong with a look at every hour at which anything happened.
func TestSince(t *testing.T) {
	c := &chaos{Rand: rand.New(rand.NewPCG(4, 16)), store: newStore(t)}
	c.begin(t)
	c.manySegments(t)
	v, w := follow(t, c.store).current.Load(), readWorld(t, c.store)
	asOf := start.AddDate(1, 0, 0)
	checked := 0
	for id, customer := range w.customers {
		for _, m := range v.SegmentsOf(id, asOf) {
			rule := w.segments[m.Segment]
			if !w.holds(&rule, customer, asOf) {
				t.Fatalf("%s does not belong to %s", id, m.Segment)
			}
			if m.Since.IsZero() {
				continue
			}
			checked++
			if !w.exists(customer, m.Since) || !w.holds(&rule, customer, m.Since) {
				t.Fatalf("%s did not belong to %s at %v", id, m.Segment, m.Since)
			}
			if before := m.Since.Add(-time.Microsecond); w.exists(customer, before) && w.holds(&rule, customer, before) {
				t.Fatalf("%s belonged to %s before %v", id, m.Segment, m.Since)
			}
		}
	}
	if checked < 200 {
		t.Errorf("only %d memberships were looked at", checked)
	}
}

// planted writes customers who look at things in two years, of whom every more-th comes in the second one alone if it has a dog, each of
// them looking at category "dogs" and all others at "cats".
func planted(t *testing.T, store graph.Store, more int) {
	t.Helper()
	b := &graph.Batch{Categories: []graph.Category{{ID: "pets"}, {ID: "dogs", Parent: "pets"}, {ID: "cats", Parent: "pets"}}}
	for i := range 1_000 {
		id, dog := fmt.Sprint("c", i), i%5 == 0
		u := graph.CustomerUpsert{ID: id, Source: "test", CreatedAt: start.AddDate(-3, 0, 0), Attributes: []graph.NamedValue{
			{Name: "dog", Value: graph.BooleanValue(dog)}, {Name: "coin", Value: graph.TextValue(fmt.Sprint(i % 2))},
		}}
		b.Customers = append(b.Customers, u)
		category := "cats"
		if dog {
			category = "dogs"
		}
		for year, days := range []int{-365, 0} {
			if year == 0 && (i/5)%2 == 0 && (!dog || i%more != 0) || year == 1 && ((i/5)%2 == 0 || dog && i%more == 0) {
				b.Interactions = append(b.Interactions, graph.Interaction{ID: fmt.Sprint(id, "-", year), Type: graph.View, At: start.AddDate(0, 0, days-10), Customer: graph.ByID(id), Category: category, Source: "test"})
			}
		}
	}
	b.Interactions = append(b.Interactions, graph.Interaction{ID: "first", Type: graph.View, At: start.AddDate(-2, 0, 0), Customer: graph.ByID("c1"), Category: "cats", Source: "test"},
		graph.Interaction{ID: "last", Type: graph.View, At: start, Customer: graph.ByID("c1"), Category: "cats", Source: "test"})
	if _, err := store.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

var dogs = graph.Rule{Attribute: &graph.AttributeRule{Name: "dog", Op: graph.OpEq, Values: []graph.Value{graph.BooleanValue(true)}}}

// TestTrend holds that growth that was planted is seen, and that none is seen where all grow alike.
func TestTrend(t *testing.T) {
	for more, grows := range map[int]bool{20: true, 1_000_000: false} {
		store := newStore(t)
		planted(t, store, more)
		v := follow(t, store).current.Load()
		rule, err := v.Compile(dogs, "rule")
		if err != nil {
			t.Fatal(err)
		}
		g, err := rule.Trend(t.Context(), time.Time{})
		if err != nil || g.Significant != grows || !g.SeasonSeparable || g.Rate == nil || g.FromMembers == nil {
			t.Fatalf("more %d: %+v %v", more, g, err)
		}
		if (1+*g.FromMembers)*(1+*g.FromShare)-(1+*g.Rate) > 1e-9 || grows != (*g.Low > .1) || !grows && (*g.Low > 0 || *g.High < 0) {
			t.Errorf("more %d: rate %g (%g to %g), of members %g, of share %g", more, *g.Rate, *g.Low, *g.High, *g.FromMembers, *g.FromShare)
		}
		if g, err := rule.Trend(t.Context(), start.AddDate(-1, 0, 0)); err != nil || g.Reason != "UNDER_A_YEAR" || g.Rate != nil {
			t.Errorf("with too little before it: %+v %v", g, err)
		}
	}
}

// TestDifferentiators holds that what sets members apart is found, with its share, and that a coin is not.
func TestDifferentiators(t *testing.T) {
	store := newStore(t)
	planted(t, store, 20)
	v := follow(t, store).current.Load()
	rule, err := v.Compile(dogs, "rule")
	if err != nil {
		t.Fatal(err)
	}
	found, err := rule.Differentiators(t.Context(), time.Time{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]Differentiator{}
	for _, d := range found {
		if d.Attribute == "coin" {
			t.Errorf("a coin sets them apart: %+v", d)
		}
		names[d.Attribute+d.Value+d.Category] = d
	}
	if d := names["dogs"]; d.Share < .5 || d.Others != 0 || d.Q > 1e-9 {
		t.Errorf("dogs: %+v", d)
	}
	if d := names["cats"]; d.Share != 0 || d.Others < .4 || d.High > 0 {
		t.Errorf("cats: %+v", d)
	}
	if few, err := rule.Differentiators(t.Context(), time.Time{}, 1); err != nil || len(few) != 1 {
		t.Errorf("%d of one, %v", len(few), err)
	}
}
