package insight

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"lacuna/graph"
)

func refOf(t *testing.T, g *Gaps, segment, category string) GapRef {
	t.Helper()
	ref, err := g.Find(segment, category)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// A score is the sum of its parts, none of which gives more than it may, and the most valuable gap has all points of value.
func TestScoreAddsUp(t *testing.T) {
	g := lackingGaps(t, 0)
	list, err := g.List(t.Context(), GapQuery{Order: ByValue})
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	for i, ref := range list {
		parts, err := g.Score(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		sum, most := 0., 0.
		for _, p := range parts {
			if p.Points < 0 || p.Points > p.Max || p.Why == "" {
				t.Errorf("%+v", p)
			}
			sum, most = sum+p.Points, most+p.Max
		}
		if most != 100 || sum <= 0 || sum > 100 || i == 0 && parts[0].Points != parts[0].Max {
			t.Errorf("%+v: %g of %g", parts, sum, most)
		}
	}
}

// What a score is computed from is computed once, however many gaps there are and whoever asks: a page of five hundred would draw each of them five hundred times.
func TestScoreIsComputedOnce(t *testing.T) {
	g := lackingGaps(t, 0)
	ref := refOf(t, g, "families", "missing")
	score := func() {
		if _, err := g.Score(t.Context(), ref); err != nil {
			t.Fatal(err)
		}
	}
	score()
	one, _, err := g.Values(t.Context(), []GapRef{ref})
	if err != nil {
		t.Fatal(err)
	}
	if again, _, _ := g.Values(t.Context(), []GapRef{ref}); again[0] != one[0] {
		t.Error("a value is computed twice")
	}
	if n := testing.AllocsPerRun(5, score); n > 200 {
		t.Errorf("a score that was told takes %g allocations", n)
	}
}

// A value is further buyers times orders times spending, and margin and cannibalisation scale it.
func TestValueOfGap(t *testing.T) {
	store := newStore(t)
	lackingWorld(t, store, 0)
	view := follow(t, store).current.Load()
	value := func(change func(*Thresholds)) *Value {
		v := *view
		v.cache = newCache()
		change(&v.options.Thresholds)
		g, err := v.Gaps(t.Context(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		list, reasons, err := g.Values(t.Context(), []GapRef{refOf(t, g, "families", "missing")})
		if err != nil || list[0] == nil {
			t.Fatal(reasons, err)
		}
		return list[0]
	}
	plain := value(func(*Thresholds) {})
	g, err := view.Gaps(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	unmet := g.Gap(refOf(t, g, "families", "missing")).Unmet
	if told := unmet.Mid * plain.OrdersPerBuyer * plain.SpendPerOrder; math.Abs(plain.Mid/told-1) > .1 {
		t.Errorf("%+v is not %g further buyers × orders × spending = %g", plain, unmet.Mid, told)
	}
	if math.Abs(plain.SpendPerOrder-100) > 5 || plain.OrdersPerBuyer < 1 || plain.OrdersPerBuyer > 3 || plain.Currency != "TWD" || plain.FairShare == nil || *plain.FairShare <= 0 {
		t.Errorf("%+v", plain)
	}
	less := value(func(t *Thresholds) { t.Margin, t.Cannibalisation = .4, .25 })
	if share := less.Mid / plain.Mid; math.Abs(share-.3) > 1e-9 {
		t.Errorf("a margin of .4 with .25 lost to others is worth %g of the whole", share)
	}
	if longer := value(func(t *Thresholds) { t.HorizonDays = 730 }); longer.Mid <= plain.Mid {
		t.Errorf("two years are worth %g, one is worth %g", longer.Mid, plain.Mid)
	}
}

// Evidence leads to the customers behind it, and words of fewer than five customers are not told.
func TestEvidenceLeadsToCustomers(t *testing.T) {
	g := lackingGaps(t, 0)
	list, err := g.Evidence(t.Context(), refOf(t, g, "families", "missing"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*Evidence{}
	for i := range list {
		e := &list[i]
		found[e.ID] = e
		if e.members.Len() != e.Customers || e.Customers == 0 || e.Interactions < e.Customers {
			t.Errorf("%+v has %d members", e, e.members.Len())
		}
		if (e.Kind == FoundNothing || e.Kind == SearchedFor) && e.Customers < leastTold {
			t.Errorf("%q is told of %d customers", e.What, e.Customers)
		}
	}
	words := found["FOUND_NOTHING:words for missing"]
	if words == nil || words.Customers != g.Gap(refOf(t, g, "families", "missing")).Demand.Customers || found["SEARCHED_FOR:nights=3"] == nil {
		t.Fatalf("found %v", found)
	}
	// A day on which hardly anyone travels is told by its month.
	month := lackingEnd.AddDate(0, -1, 20).Format("2006-01")
	if e := found["SEARCHED_FOR:depart="+month]; e == nil || e.What != "depart in "+month || e.Customers < 2*leastTold {
		t.Errorf("of %s: %+v", month, e)
	}
	if !slices.IsSortedFunc(list, func(a, b Evidence) int { return int(a.Kind) - int(b.Kind) }) {
		t.Error("the kinds are not in order")
	}
}

// The brief says who, how many, why and what it is worth, and what customers typed is no markup in it.
func TestBrief(t *testing.T) {
	g := lackingGaps(t, 0)
	b, err := g.Brief(t.Context(), refOf(t, g, "families", "missing"))
	if err != nil {
		t.Fatal(err)
	}
	text := b.Markdown()
	for _, part := range []string{"# Missing for families", "Develop: there is hardly any product.", "## What it is worth", "## What would prove it wrong", "searched for “words for missing” and found nothing", "TWD"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing from:\n%s", part, text)
		}
	}
	if got := escapeMarkdown("<b> [x](y) *z*\n# h"); strings.ContainsAny(got, "<\n") || !strings.Contains(got, `\[x\]`) {
		t.Errorf("markup is left in %q", got)
	}
}

// An idea closes the gaps that it fits, takes from what is like it, and is refused where it names what is not there.
func TestSimulateProduct(t *testing.T) {
	g := lackingGaps(t, 0)
	idea := &ProductIdea{Categories: []string{"missing"}, Price: graph.Some(graph.Decimal(100 * graph.DecimalScale)), Variants: 8}
	s, err := g.Simulate(t.Context(), idea)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(s.Gaps, func(c Closure) bool { return g.segments[c.Ref.segment].id == "families" })
	if i < 0 || !s.Gaps[i].Closes {
		t.Fatalf("%+v", s)
	}
	c, unmet := s.Gaps[i], g.Gap(s.Gaps[i].Ref).Unmet
	if math.Abs(c.Reach-1) > 1e-9 || math.Abs(c.Customers.Mid-unmet.Mid) > 1e-9 || c.Value == nil || len(s.Takes) > 0 {
		t.Errorf("eight products, as many as elsewhere: %+v of %+v", c, unmet)
	}
	if s.Customers.Mid < c.Customers.Mid-1e-9 || s.Customers.Mid > float64(g.decisions[0][c.Ref.category].customers) {
		t.Errorf("in all %+v, of one gap %+v", s.Customers, c.Customers)
	}
	idea.Variants = 1
	if one, err := g.Simulate(t.Context(), idea); err != nil || one.Customers.Mid >= s.Customers.Mid || one.Customers.Mid <= 0 {
		t.Errorf("one product: %+v, %v", one, err)
	}
	beside, err := g.Simulate(t.Context(), &ProductIdea{Categories: []string{"shelf1"}, Price: graph.Some(graph.Decimal(100 * graph.DecimalScale)), Variants: 1})
	if err != nil || len(beside.Gaps) > 0 || len(beside.Takes) == 0 || beside.TakenValue == nil || *beside.TakenValue <= 0 {
		t.Errorf("where all is well: %+v, %v", beside, err)
	}
	for name, wrong := range map[string]ProductIdea{
		"product.categories:": {Variants: 1}, "product.categories[0]": {Categories: []string{"nowhere"}, Variants: 1}, "product.variants": {Categories: []string{"missing"}},
		"product.currency": {Categories: []string{"missing"}, Variants: 1, Currency: "EUR"}, "product.price": {Categories: []string{"missing"}, Variants: 1, Price: graph.Some(graph.Decimal(-1))},
	} {
		if _, err := g.Simulate(t.Context(), &wrong); !errors.Is(err, graph.ErrInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A launch that works is seen, one that nobody made closes nothing, and what is too early or unknown says so.
func TestOutcomeOfLaunch(t *testing.T) {
	worked := lackingGaps(t, 14)
	at := lackingEnd.AddDate(0, 0, -7*14)
	o, err := worked.Outcome(t.Context(), "families", "missing", at)
	if err != nil {
		t.Fatal(err)
	}
	if o.Verdict != OutcomeClosing || o.Closed == nil || o.Closed.Low <= 0 || o.Closed.High < .7 || o.Gained.Low <= 0 || o.Controls < leastControls || *o.RateAfter < .25 || *o.RateBefore > .05 {
		t.Errorf("%+v, closed %+v, gained %+v, %g to %g", o, o.Closed, o.Gained, *o.RateBefore, *o.RateAfter)
	}
	// Nobody bought before, which is known as well as how many do now: what is gained can be no more than who bought.
	wanted := o.Gained.Mid / (*o.RateAfter - *o.Expected)
	if now := wanted * *o.RateAfter; o.Gained.High > 1.5*now || o.Gained.Low < now/2 {
		t.Errorf("of %g who want it %g buy, and %+v are gained", wanted, now, o.Gained)
	}
	never := lackingGaps(t, 0)
	if o, err = never.Outcome(t.Context(), "families", "missing", at); err != nil || o.Verdict == OutcomeClosing || o.Reason != "" {
		t.Errorf("without a launch: %+v, %v", o, err)
	}
	if o, err = never.Outcome(t.Context(), "families", "missing", lackingEnd.AddDate(0, 0, -20)); err != nil || o.Reason != reasonTooEarly {
		t.Errorf("after three weeks: %+v, %v", o, err)
	}
	if o, err = never.Outcome(t.Context(), "families", "missing", lackingEnd.AddDate(0, 1, 0)); err != nil || o.Reason != reasonNotYet {
		t.Errorf("of a launch to come: %+v, %v", o, err)
	}
	if _, err = never.Outcome(t.Context(), "families", "nowhere", at); !errors.Is(err, graph.ErrInvalid) {
		t.Errorf("of a category that is not there: %v", err)
	}
}

// Months of a gap are told with a forecast, and a customer's value with the models of all.
func TestForecastAndCLV(t *testing.T) {
	g := lackingGaps(t, 0)
	ref := refOf(t, g, "families", "missing")
	points, err := g.Series(t.Context(), ref)
	if err != nil || len(points) < 24 || !points[10].Complete || points[0].Complete || points[10].Customers == 0 || points[10].ActiveProducts != 0 {
		t.Fatalf("%+v, %v", points, err)
	}
	f, err := g.Forecast(t.Context(), ref)
	if err != nil || len(f.Points) != forecastMonths || f.Method == "" {
		t.Fatalf("%+v, %v", f, err)
	}
	for _, p := range f.Points {
		if !(p.Low <= p.Mid && p.Mid <= p.High) || p.Mid < float64(points[10].Customers)/4 || p.Mid > 4*float64(points[10].Customers) {
			t.Errorf("%+v, of %d a month", p, points[10].Customers)
		}
	}
	clv, ok := g.view.CLV("m001", time.Time{})
	if !ok || clv.ExpectedPurchases == nil || *clv.ExpectedPurchases <= 0 || *clv.ProbabilityAlive <= 0 || *clv.ProbabilityAlive > 1 || clv.Historic == nil || clv.Currency != "TWD" {
		t.Fatalf("%+v", clv)
	}
	if spend := *clv.ExpectedValue / *clv.ExpectedPurchases; math.Abs(spend-100) > 25 {
		t.Errorf("%g an order, where every purchase was of 100", spend)
	}
	if _, ok := g.view.CLV("nobody", time.Time{}); ok {
		t.Error("nobody has a value")
	}
}
