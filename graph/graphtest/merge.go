package graphtest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"lacuna/graph"
)

// couple writes two customers who have everything between them, and some interactions.
func (x *fixture) couple() {
	x.t.Helper()
	x.accept(catalog())
	x.accept(couple())
}

func couple() graph.Batch {
	keep, retire := person("K", "Keep", email("k@x")), person("R", "Retire", email("r@x"), phone("1"))
	keep.Attributes = []graph.NamedValue{text("city", "Taipei"), number("age", 40), text("same", "v")}
	retire.Attributes = []graph.NamedValue{text("city", "Tainan"), text("hair", "red"), text("same", "v")}
	keep.Consents = []graph.Consent{{Purpose: "A", Granted: true, At: at(1)}, {Purpose: "B", Granted: true, At: at(1)}}
	retire.Consents = []graph.Consent{{Purpose: "B", Granted: false, At: at(2)}, {Purpose: "C", Granted: true, At: at(2)}}
	keep.Household, retire.Household = "h1", "h2"
	retire.Source, retire.ObservedAt = "shop", at(5)
	return graph.Batch{Customers: []graph.CustomerUpsert{keep, retire},
		Interactions: []graph.Interaction{view("k1", "K", 1), viewBy("k2", email("k@x"), 2), rich("r1", "R", 3), viewBy("r2", phone("1"), 4)}}
}

// testMerge checks what becomes of two customers who are one.
func testMerge(t *testing.T, f Factory) {
	t.Run("all that is the retired one's goes over", func(t *testing.T) { mergeMoves(fresh(t, f)) })
	t.Run("the report, dry and real", func(t *testing.T) { mergeReport(fresh(t, f)) })
	t.Run("loading again changes nothing", func(t *testing.T) {
		x := fresh(t, f)
		x.couple()
		x.merge("K", "R")
		x.repeat(couple())
		x.reopen()
		x.repeat(couple())
	})
	t.Run("what comes under the retired id or identities goes on", func(t *testing.T) {
		x := fresh(t, f)
		x.couple()
		x.merge("K", "R")
		x.accept(interactions(view("new1", "R", 8), viewBy("new2", phone("1"), 9)))
		x.same("interactions", []string{"new2", "new1", "r2", "r1", "k2", "k1"}, x.ids("K"))
		u := person("R", "", email("more@x"))
		u.Attributes = []graph.NamedValue{text("shoe", "44")}
		x.accept(customers(u))
		x.same("owner", "K", x.owner(graph.ByIdentity(email("more@x"))))
		x.same("customers", int64(1), x.stats().Customers)
	})
	t.Run("merging again", func(t *testing.T) { mergeAgain(fresh(t, f)) })
	t.Run("who is not there", func(t *testing.T) {
		x := fresh(t, f)
		x.couple()
		for _, pair := range [][2]string{{"K", "none"}, {"none", "R"}, {"none", "nobody"}} {
			for _, dry := range []bool{true, false} {
				if _, err := x.Merge(x.ctx(), pair[0], pair[1], dry); !errors.Is(err, graph.ErrNotFound) {
					t.Errorf("Merge(%v): %v, want ErrNotFound", pair, err)
				}
			}
		}
		for _, dry := range []bool{true, false} {
			if _, err := x.Merge(x.ctx(), "K", "K", dry); !errors.Is(err, graph.ErrConflict) {
				t.Errorf("Merge with oneself: %v, want ErrConflict", err)
			}
		}
	})
	t.Run("chains", func(t *testing.T) { mergeChains(fresh(t, f)) })
	t.Run("nobody has referred themselves", func(t *testing.T) {
		x := fresh(t, f)
		referred := func(by, source string, minute int) graph.CustomerUpsert {
			return graph.CustomerUpsert{ID: "K", ReferredBy: graph.ByID(by), Source: source, ObservedAt: at(minute)}
		}
		x.accept(customers(referred("S", "old", 1), referred("R", "new", 2)))
		m := x.merge("K", "R")
		x.same("referrer", "S", x.customer(graph.ByID("K")).ReferredBy)
		x.merge("K", "S")
		x.same("referrer of who has taken in both", "", x.customer(graph.ByID("K")).ReferredBy)
		x.same("referred", []string{}, x.related(graph.ReferredCustomers, "K"))
		x.unmerge(x.merges("K")[0].ID)
		x.unmerge(m.MergeID)
		x.same("referrer after all", "R", x.customer(graph.ByID("K")).ReferredBy)
	})
	t.Run("the log", func(t *testing.T) { mergeLog(fresh(t, f)) })
}

func mergeMoves(x *fixture) {
	x.couple()
	before := x.state()
	x.merge("K", "R")
	c := x.customer(graph.ByID("R"))
	x.same("profile", []any{"K", []string{"R"}, "Retire", "h2"}, []any{c.ID, c.MergedIDs, c.Name, c.Household})
	x.same("by either id", c, x.customer(graph.ByID("K")))
	var who []graph.Identity
	for _, i := range c.Identities {
		who = append(who, i.Identity)
	}
	x.same("identities", []graph.Identity{email("k@x"), email("r@x"), phone("1")}, who)
	x.same("attributes", map[string]string{"city": "Tainan", "age": "40", "hair": "red", "same": "v"}, shownAttributes(c))
	var consents []string
	for _, s := range c.Consents {
		consents = append(consents, s.Purpose+map[bool]string{true: "+", false: "-"}[s.Granted])
	}
	x.same("consents", []string{"A+", "B-", "C+"}, consents)
	x.same("interactions", []string{"r2", "r1", "k2", "k1"}, x.ids("K"))
	x.same("pages of the retired id", []string{}, x.ids("R"))
	x.same("seen", []any{at(1), at(4)}, []any{c.FirstSeenAt, c.LastSeenAt})
	x.same("household left", []string{}, x.related(graph.HouseholdMembers, "h1"))
	x.same("household joined", []string{"K"}, x.related(graph.HouseholdMembers, "h2"))
	x.same("customers", []string{"K"}, customerIDs(x.everyone("", graph.ByName, 10)))
	want := before.Stats
	want.Customers--
	x.same("stats", want, x.counts())
	for _, i := range x.history("K", graph.InteractionFilter{}, 10) {
		if i.Owner != "K" || (i.ID == "r1" && i.Customer != graph.ByID("R")) {
			x.t.Errorf("interaction %s: owner %s, reference %s", i.ID, i.Owner, i.Customer)
		}
	}
	x.scannedState()
}

func shownAttributes(c *graph.Customer) map[string]string {
	shown := map[string]string{}
	for _, a := range c.Attributes {
		shown[a.Name] = a.Value.String()
	}
	return shown
}

func mergeReport(x *fixture) {
	x.couple()
	before, version := x.state(), x.stats().Version
	dry, err := x.Merge(x.ctx(), "K", "R", true)
	if err != nil {
		x.t.Fatal(err)
	}
	x.same("state after a dry run", before, x.state())
	x.same("version after a dry run", version, x.stats().Version)
	x.same("log after a dry run", 0, len(x.merges("K")))
	got := dry
	got.Conflicts = nil
	slices.SortFunc(got.Identities, graph.CompareIdentities)
	x.same("report", graph.MergeReport{
		Keep: "K", Retired: "R", Identities: []graph.Identity{email("r@x"), phone("1")}, Attributes: []string{"hair"}, Consents: []string{"C"}, Interactions: 2,
	}, got)
	conflicts := map[string][3]string{}
	for _, c := range dry.Conflicts {
		conflicts[c.Field] = [3]string{c.Keep, c.Retired, c.Result}
	}
	x.same("fields in conflict", []string{"attr.city", "consent.B", "household", "name"}, sortedKeys(conflicts))
	delete(conflicts, "consent.B") // how consents are worded is the store's choice
	x.same("conflicts", map[string][3]string{
		"attr.city": {"Taipei", "Tainan", "Tainan"}, "household": {"h1", "h2", "h2"}, "name": {"Keep", "Retire", "Retire"},
	}, conflicts)
	done := x.merge("K", "R")
	if done.MergeID == "" {
		x.t.Error("a real merge has no id")
	}
	done.MergeID = ""
	x.same("real report", dry, done)
}

func mergeAgain(x *fixture) {
	x.couple()
	x.accept(customers(person("S", "Sam")))
	m := x.merge("K", "R")
	after, version := x.state(), x.stats().Version
	again := x.merge("K", "R")
	x.same("answer", []string{m.MergeID, "K", "R"}, []string{again.MergeID, again.Keep, again.Retired})
	x.same("state", after, x.state())
	x.same("version", version, x.stats().Version)
	x.merge("S", "K")
	x.same("answer after another merge", m.MergeID, x.merge("K", "R").MergeID)
	if _, err := x.Merge(x.ctx(), "S", "R", false); !errors.Is(err, graph.ErrConflict) {
		x.t.Errorf("merging who are one already, but not by that merge: %v, want ErrConflict", err)
	}
}

func mergeChains(x *fixture) {
	x.couple()
	x.accept(customers(person("S", "Sam", email("s@x")), person("T", "Tom")))
	x.accept(interactions(view("s1", "S", 7)))
	x.merge("R", "S")
	report := x.merge("K", "S") // S leads to R now
	x.same("resolved", []string{"K", "R"}, []string{report.Keep, report.Retired})
	x.same("interactions that moved", int64(3), report.Interactions)
	report = x.merge("R", "T") // R leads to K now
	x.same("resolved", []string{"K", "T"}, []string{report.Keep, report.Retired})
	for _, id := range []string{"K", "R", "S", "T"} {
		c := x.customer(graph.ByID(id))
		x.same("leads to", []any{"K", []string{"R", "S", "T"}}, []any{c.ID, c.MergedIDs})
	}
	x.same("interactions", []string{"s1", "r2", "r1", "k2", "k1"}, x.ids("K"))
	x.same("customers", int64(1), x.stats().Customers)
	x.reopen()
	x.same("after reopening", "K", x.owner(graph.ByIdentity(email("s@x"))))
	x.scannedState()
}

func mergeLog(x *fixture) {
	x.couple()
	x.accept(customers(person("S", "Sam")))
	keep, retire := *x.customer(graph.ByID("K")), *x.customer(graph.ByID("R"))
	one := x.merge("K", "R")
	x.clock.advance(1000)
	two := x.merge("K", "S")
	for _, id := range []string{"K", "R"} {
		log := x.merges(id)
		if len(log) == 0 || log[len(log)-1].ID != one.MergeID {
			x.t.Fatalf("log of %s: %+v", id, log)
		}
		x.same("first merge", graph.Merge{ID: one.MergeID, Keep: "K", Retired: "R", At: start, Reason: "requested",
			Before: [2]graph.Customer{keep, retire}}, log[len(log)-1])
	}
	log := x.merges("K")
	x.same("newest first", []string{two.MergeID, one.MergeID}, []string{log[0].ID, log[1].ID})
	if one.MergeID == two.MergeID || strings.TrimSpace(one.MergeID) == "" {
		x.t.Errorf("ids of merges: %q and %q", one.MergeID, two.MergeID)
	}
	if list, err := x.Merges(x.ctx(), "none"); len(list) > 0 || (err != nil && !errors.Is(err, graph.ErrNotFound)) {
		x.t.Errorf("merges of nobody: %v, %v", list, err)
	}
}
