package insight

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"lacuna/graph"
)

// buys records purchases of an amount on days.
func buys(t *testing.T, store graph.Store, customer string, amount int64, days ...int) {
	t.Helper()
	b := &graph.Batch{Customers: []graph.CustomerUpsert{{ID: customer, Source: "test", CreatedAt: start}}}
	for _, day := range days {
		b.Interactions = append(b.Interactions, graph.Interaction{ID: fmt.Sprint(customer, "-", day), Type: graph.Purchase, At: start.AddDate(0, 0, day),
			Customer: graph.ByID(customer), Amount: graph.Some(graph.Decimal(amount * graph.DecimalScale)), Currency: "TWD", Source: "test"})
	}
	if _, err := store.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// TestStanding holds orders, money, lifecycle and tiers of customers whose purchases can be counted by hand, as of two moments.
func TestStanding(t *testing.T) {
	store := newStore(t)
	buys(t, store, "regular", 100, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90) // a cycle of ten days
	buys(t, store, "lost", 50, 0, 10, 20)
	buys(t, store, "new", 10, 95)
	buys(t, store, "once", 20, 1)
	buys(t, store, "never", 0)
	v := follow(t, store).catchUp(t, true)
	at := start.AddDate(0, 0, 100)
	for id, want := range map[string]struct {
		orders int
		money  int64
		days   float64
		stage  graph.Lifecycle
		tier   graph.ValueTier
	}{
		"regular": {10, 1_000, 10, graph.LifecycleCore, graph.TierDiamond},
		"lost":    {3, 150, 80, graph.LifecycleAsleep, graph.TierRegular}, // the cumulative share before it is .85
		"new":     {1, 10, 5, graph.LifecycleNew, graph.TierRegular},
		"once":    {1, 20, 99, graph.LifecycleAsleep, graph.TierRegular},
		"never":   {0, 0, 0, graph.LifecycleProspect, graph.TierRegular},
	} {
		f, ok := v.Figures(id, at)
		if !ok || f.Orders != want.orders || f.Lifecycle != want.stage || f.Tier != want.tier {
			t.Errorf("%s: %+v", id, f)
		}
		if want.orders == 0 {
			if f.Monetary != nil || f.RecencyDays != nil || f.Group != graph.RFMProspects {
				t.Errorf("%s: %+v", id, f)
			}
			continue
		}
		if *f.Monetary != graph.Decimal(want.money*graph.DecimalScale) || math.Abs(*f.RecencyDays-want.days) > 1e-9 || f.Currency != "TWD" {
			t.Errorf("%s: %v %v %s", id, *f.Monetary, *f.RecencyDays, f.Currency)
		}
	}
	// A month earlier the same customer was not lost yet: figures are as of a moment.
	if f, _ := v.Figures("lost", start.AddDate(0, 0, 30)); f.Lifecycle != graph.LifecycleCore || f.Orders != 3 {
		t.Errorf("earlier: %+v", f)
	}
	if _, ok := v.Figures("new", start.AddDate(0, 0, -1)); ok {
		t.Error("a customer stands somewhere before they exist")
	}
	for rule, want := range map[*graph.Rule][]string{
		{Lifecycle: &graph.LifecycleRule{In: []graph.Lifecycle{graph.LifecycleCore, graph.LifecycleNew}}}: {"new", "regular"},
		{Tier: &graph.TierRule{In: []graph.ValueTier{graph.TierDiamond}}}:                                 {"regular"},
		{RFM: &graph.RFMRule{Groups: []graph.RFMGroup{graph.RFMProspects}}}:                               {"never"},
		{RFM: &graph.RFMRule{Frequency: &graph.ScoreRange{Gte: graph.Some(int64(3))}}}:                    {"lost", "regular"},
		{RFM: &graph.RFMRule{Recency: &graph.ScoreRange{Lte: graph.Some(int64(5))}}}:                      {"lost", "new", "once", "regular"},
	} {
		if got := ids(t, v, *rule, at); !slices.Equal(got, want) {
			t.Errorf("%+v: %v, want %v", rule, got, want)
		}
	}
}

// TestNobodyCameBack holds that stages are not guessed where no cycle can be known.
func TestNobodyCameBack(t *testing.T) {
	store := newStore(t)
	buys(t, store, "once", 10, 1)
	buys(t, store, "never", 0)
	v := follow(t, store).catchUp(t, true)
	if f, ok := v.Figures("once", start.AddDate(0, 0, 50)); !ok || f.Lifecycle != 0 || f.Orders != 1 {
		t.Errorf("%+v", f)
	}
	if f, ok := v.Figures("never", start.AddDate(0, 0, 50)); !ok || f.Lifecycle != graph.LifecycleProspect {
		t.Errorf("%+v", f)
	}
	all := graph.Rule{Lifecycle: &graph.LifecycleRule{In: []graph.Lifecycle{graph.LifecycleNew, graph.LifecycleCore, graph.LifecycleDozing, graph.LifecycleHalfAsleep, graph.LifecycleAsleep}}}
	if got := ids(t, v, all, start.AddDate(0, 0, 50)); len(got) != 0 {
		t.Errorf("%v stand somewhere", got)
	}
}

// TestPopulationAddsUp holds that classes add up to all, and the figures that can be counted by hand.
func TestPopulationAddsUp(t *testing.T) {
	store := newStore(t)
	for i := range 10 {
		buys(t, store, fmt.Sprint("c", i), int64(10-i), i, 20+i)
	}
	buys(t, store, "idle", 0)
	contacts := &graph.Batch{}
	for i, n := range []int{6, 2, 1, 1} {
		for k := range n {
			contacts.Interactions = append(contacts.Interactions, graph.Interaction{ID: fmt.Sprint("s", i, "-", k), Type: graph.Support, At: start, Customer: graph.ByID(fmt.Sprint("c", i)), Source: "test"})
		}
	}
	contacts.Interactions = append(contacts.Interactions, graph.Interaction{ID: "r", Type: graph.Return, At: start.AddDate(0, 0, 5), Customer: graph.ByID("c0"), Amount: graph.Some(graph.Decimal(3 * graph.DecimalScale)), Currency: "TWD", Source: "test"})
	contacts.Customers = []graph.CustomerUpsert{{ID: "c1", Source: "test", Identities: []graph.IdentityClaim{{Identity: graph.Identity{Kind: graph.LoyaltyCard, Value: "1"}, Verified: true}}}}
	if _, err := store.Write(t.Context(), contacts); err != nil {
		t.Fatal(err)
	}
	v := follow(t, store).catchUp(t, true)
	p, err := v.Population(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Customers != 11 || p.Buyers != 10 || p.Revenue != 110*graph.DecimalScale || p.Returns != 3*graph.DecimalScale || p.Currency != "TWD" {
		t.Errorf("%+v", p)
	}
	if p.TopFifth == nil || math.Abs(*p.TopFifth-38./110) > 1e-12 || p.Members != 1 || math.Abs(*p.MembersShare-18./110) > 1e-12 {
		t.Errorf("top fifth %v, %d members with %v", p.TopFifth, p.Members, p.MembersShare)
	}
	if p.Contacts != 10 || p.ContactCustomers != 4 || p.HalfOfContacts != 1 {
		t.Errorf("%d contacts of %d, half of them by %d", p.Contacts, p.ContactCustomers, p.HalfOfContacts)
	}
	customers, revenue, grid := 0, graph.Decimal(0), 0
	for _, s := range p.Lifecycles {
		customers, revenue = customers+s.Customers, revenue+s.Revenue
	}
	for _, c := range p.RFM {
		grid += c.Customers
	}
	if customers != p.Customers || revenue != p.Revenue || grid != p.Buyers || p.Cycle != 20 {
		t.Errorf("%d customers with %v in stages, %d in the grid, a cycle of %g", customers, revenue, grid, p.Cycle)
	}
	if len(p.Sources) != 1 || p.Sources[0].Source != "test" || p.Sources[0].Customers != 1 || p.Sources[0].Identities != 1 || p.Sources[0].Verified != 1 || p.Sources[0].LatestAt.IsZero() {
		t.Errorf("sources %+v", p.Sources)
	}
	// Money of another currency cannot be added: it is missing, not zero, and says why.
	other := &graph.Batch{Interactions: []graph.Interaction{{ID: "eur", Type: graph.Purchase, At: start, Customer: graph.ByID("c0"), Amount: graph.Some(graph.Decimal(1)), Currency: "EUR", Source: "test"}}}
	if _, err := store.Write(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	v = follow(t, store).catchUp(t, true)
	if p, err = v.Population(t.Context(), time.Time{}); err != nil || p.Reason != reasonMixed || len(p.Tiers) != 0 || p.TopFifth != nil {
		t.Errorf("%+v %v", p, err)
	}
	if f, _ := v.Figures("c0", time.Time{}); f.Monetary != nil || f.Reason != reasonMixed || f.Tier != 0 {
		t.Errorf("%+v", f)
	}
	for _, rule := range []graph.Rule{{Tier: &graph.TierRule{In: []graph.ValueTier{graph.TierGold}}}, {RFM: &graph.RFMRule{Groups: []graph.RFMGroup{graph.RFMLoyal}}}} {
		if _, err := v.Compile(rule, "rule"); err == nil {
			t.Errorf("%+v is evaluated without money", rule)
		}
	}
	if _, err := v.Compile(graph.Rule{Event: &graph.EventRule{Sum: &graph.SumRange{Of: graph.SumAmount, Gte: graph.Some(graph.Decimal(1))}}}, "rule"); err == nil {
		t.Error("amounts of several currencies are added up")
	}
}
