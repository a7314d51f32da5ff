package graphtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"lacuna/graph"
)

// canaries are the words by which the erased customer could be known again.
var canaries = []string{"canary-id", "canary-retired", "canary name", "canary-mail@x", "+886999", "canary text", "canary query", "canary-session"}

// victim is a customer of two ids with a friend, who is referred by the victim and was once merged with one of them.
func (x *fixture) victim() {
	x.t.Helper()
	x.accept(catalog())
	x.accept(victim())
	x.merge("canary-id", "canary-retired")
	x.unmerge(x.merge("friend", "canary-id").MergeID)
}

func victim() graph.Batch {
	one, two := person("canary-id", "Canary Name", email("canary-mail@x")), person("canary-retired", "Canary Name Two", phone("+886999"))
	one.Household, one.Consents = "h", []graph.Consent{{Purpose: "A", Granted: true}}
	two.Attributes = []graph.NamedValue{text("hair", "canary text")}
	friend := person("friend", "Friend", email("f@x"))
	friend.ReferredBy, friend.Household = graph.ByID("canary-id"), "h"
	i := rich("i", "canary-id", 50)
	i.Query, i.Session = "canary query", "canary-session"
	return graph.Batch{
		Customers:    []graph.CustomerUpsert{one, two, friend},
		Interactions: []graph.Interaction{i, viewBy("j", phone("+886999"), 51), view("k", "canary-retired", 52), view("f", "friend", 5)},
	}
}

// testErase checks that nothing is left of who asked to be forgotten, and that old files do not bring them back.
func testErase(t *testing.T, f Factory) {
	t.Run("everything goes", func(t *testing.T) { eraseAll(fresh(t, f)) })
	t.Run("by a retired id", func(t *testing.T) {
		x := fresh(t, f)
		x.victim()
		x.same("resolved", "canary-id", x.erase("canary-retired", false).Customer)
		x.forgotten()
	})
	t.Run("old files are refused", func(t *testing.T) { eraseReload(fresh(t, f)) })
	t.Run("statistics stay when asked for", func(t *testing.T) { eraseKeeping(fresh(t, f)) })
	t.Run("the id that an identity would be given again", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(customers(person(graph.DerivedCustomerID(email("a@x")), "A"), person("2", "B", email("b@x"))))
		x.erase(graph.DerivedCustomerID(email("a@x")), false)
		x.reject(interactions(viewBy("i", email("a@x"), 0)), graph.RejectErased, "customer")
		x.reject(customers(person("3", "C", email("a@x"))), graph.RejectErased, "identities")
		x.reject(customers(graph.CustomerUpsert{ID: "3", Source: "s", ReferredBy: graph.ByIdentity(email("a@x"))}), graph.RejectErased, "referred_by")
		x.accept(interactions(viewBy("i", email("b@x"), 0)))
	})
	t.Run("who is not there", func(t *testing.T) {
		x := fresh(t, f)
		x.victim()
		x.erase("canary-id", false)
		for _, id := range []string{"none", "canary-id", "canary-retired"} {
			if _, err := x.Erase(x.ctx(), id, false); !errors.Is(err, graph.ErrNotFound) {
				t.Errorf("Erase: %v, want ErrNotFound", err)
			}
		}
	})
	t.Run("retractions are forgotten too", func(t *testing.T) {
		x := fresh(t, f)
		x.victim()
		x.accept(graph.Batch{Retractions: []graph.Retraction{{ID: "k", Reason: "canary text", Source: "desk"}}})
		x.erase("canary-id", false)
		x.reject(graph.Batch{Retractions: []graph.Retraction{{ID: "k", Reason: "again", Source: "desk"}}}, graph.RejectNotFound, "")
		x.reject(interactions(view("k", "canary-retired", 52)), graph.RejectErased, "")
	})
	t.Run("a merge's snapshots go with either of the two", func(t *testing.T) {
		x := fresh(t, f)
		x.couple()
		x.unmerge(x.merge("K", "R").MergeID)
		x.erase("R", false)
		x.same("the log of who stays", []graph.Merge{}, x.merges("K"))
		x.same("interactions of who stays", []string{"k2", "k1"}, x.ids("K"))
	})
	t.Run("others' snapshots and reports do not name them", func(t *testing.T) {
		x := fresh(t, f)
		x.victim()
		x.accept(customers(person("other", "Other"), person("friend-2", "Friend Two")))
		x.merge("friend", "other") // the friend was referred by the victim
		x.merge("friend", "friend-2")
		x.erase("canary-id", false)
		x.forgotten()
	})
	t.Run("readers of the feed forget, wherever they stand", func(t *testing.T) { eraseFollowed(t, f) })
}

func eraseAll(x *fixture) {
	x.victim()
	before := x.counts()
	report := x.erase("canary-id", false)
	x.same("report", []any{"canary-id", int64(2), int64(3)}, []any{report.Customer, report.Identities, report.Interactions})
	if report.Merges < 1 {
		x.t.Errorf("%d merges were removed", report.Merges)
	}
	before.Customers--
	before.Interactions -= 3
	before.LatestAt = at(5)
	x.same("stats", before, x.counts())
	x.forgotten()
	x.reopen()
	x.forgotten()
	x.scannedState()
}

// forgotten checks that no answer holds a word of the erased customer, but for ids in those entries of the feed by which
// readers know whom to forget.
func (x *fixture) forgotten() {
	x.t.Helper()
	for _, ref := range []graph.CustomerRef{graph.ByID("canary-id"), graph.ByID("canary-retired"), graph.ByIdentity(email("canary-mail@x")),
		graph.ByIdentity(phone("+886999"))} {
		if x.owner(ref) != "" {
			x.t.Error("a reference still leads to the erased customer")
		}
	}
	if n := len(x.ids("canary-id")) + len(x.ids("canary-retired")); n != 0 {
		x.t.Errorf("%d interactions are left", n)
	}
	x.same("household", []string{"friend"}, x.related(graph.HouseholdMembers, "h"))
	for _, search := range []string{"canary", "+886", "name"} {
		x.same("found", []string{}, customerIDs(x.everyone(search, graph.ByName, 10)))
	}
	told, _ := x.changes(x.oldest(), 1000)
	told = slices.DeleteFunc(told, func(c graph.Change) bool {
		return c.Kind == graph.CustomerErased || c.Kind == graph.CustomersMerged || c.Kind == graph.CustomersUnmerged
	})
	all := strings.ToLower(x.everything(told))
	for _, word := range canaries {
		if strings.Contains(all, word) {
			x.t.Errorf("%q is still told by the store", word)
		}
	}
}

// everything writes out all that the store tells.
func (x *fixture) everything(told []graph.Change) string {
	x.t.Helper()
	var all strings.Builder
	s, scan := x.state(), x.scan(x.head())
	for _, c := range slices.Concat(s.Customers, scan.customers) {
		fmt.Fprintf(&all, "%+v\n", *c)
	}
	for _, c := range told {
		if c.Interaction != nil {
			fmt.Fprintf(&all, "%+v\n", *c.Interaction)
			c.Interaction = nil
		}
		fmt.Fprintf(&all, "%+v\n", c)
	}
	fmt.Fprintf(&all, "%+v\n%+v\n%+v\n%+v\n", s.History, scan.interactions, scan.nameless, x.merges("friend"))
	return all.String()
}

// oldest gives the oldest cursor that is honoured.
func (x *fixture) oldest() graph.Cursor {
	if _, err := x.Changes(x.ctx(), "", 1); err == nil {
		return ""
	}
	return x.head()
}

func eraseReload(x *fixture) {
	x.victim()
	x.erase("canary-id", false)
	x.same("the same file again", append(slices.Repeat([]string{"erased"}, 6), "duplicate"), x.codes(victim()))
	x.forgotten()
	for name, b := range map[string]graph.Batch{
		"id":                     customers(person("canary-id", "")),
		"retired id":             customers(person("canary-retired", "")),
		"identity":               customers(person("new", "", email("CANARY-mail@x "))),
		"identity among others":  customers(person("new", "", email("a@x"), phone("+886 999"))),
		"referrer":               customers(graph.CustomerUpsert{ID: "new", Source: "s", ReferredBy: graph.ByID("canary-id")}),
		"referrer by identity":   customers(graph.CustomerUpsert{ID: "new", Source: "s", ReferredBy: graph.ByIdentity(phone("+886999"))}),
		"interaction":            interactions(view("new", "canary-id", 0)),
		"interaction, retired":   interactions(view("new", "canary-retired", 0)),
		"interaction, identity":  interactions(viewBy("new", email("canary-mail@x"), 0)),
		"interaction, its phone": interactions(viewBy("new", phone("+886999"), 0)),
	} {
		r := x.reject(b, graph.RejectErased, "")
		if strings.Contains(r.Message, "canary-mail") || strings.Contains(r.Message, "886") {
			x.t.Errorf("%s: the rejection repeats an identity", name)
		}
	}
	x.reopen()
	x.reject(customers(person("canary-retired", "")), graph.RejectErased, "")
}

func eraseKeeping(x *fixture) {
	x.victim()
	before := x.counts()
	report := x.erase("canary-id", true)
	x.same("interactions kept", int64(3), report.Interactions)
	x.forgotten()
	after := x.counts()
	x.same("interactions", before.Interactions, after.Interactions)
	x.same("latest", before.LatestAt, after.LatestAt)
	x.same("customers that are listed", int64(len(x.everyone("", graph.ByCustomerID, 10))), after.Customers)
	s := x.scan(x.head())
	kept := s.nameless
	for _, i := range s.interactions {
		if i.Owner != "friend" {
			kept = append(kept, i)
		}
	}
	sortInteractions(kept)
	want := rich("", "", 50)
	want.Query, want.Campaign, want.Session, want.Attributes, want.Source, want.Customer = "", "", "", nil, "", graph.CustomerRef{}
	wants := []graph.Interaction{{Type: graph.View, At: at(52)}, {Type: graph.View, At: at(51)}, want}
	for n := range kept {
		if slices.Contains([]string{"i", "j", "k", ""}, kept[n].ID) {
			x.t.Errorf("a kept interaction has the id %q", kept[n].ID)
		}
		if owner := kept[n].Owner; owner != "" && x.owner(graph.ByID(owner)) != "" {
			x.t.Error("a kept interaction leads to a customer")
		}
		kept[n].ID, kept[n].Owner = "", ""
	}
	x.same("kept interactions", wants, kept)
	x.same("the same file again", append(slices.Repeat([]string{"erased"}, 6), "duplicate"), x.codes(victim()))
}

// eraseFollowed keeps copies of the store that stopped reading at every moment before an erasure, and lets them go on after
// it: each must end with exactly what is stored.
func eraseFollowed(t *testing.T, f Factory) {
	for name, c := range map[string]struct {
		keep   bool      // statistics
		merged [2]string // who was merged into whom, and came back
	}{
		"all goes":                      {false, [2]string{"friend", "canary-id"}},
		"statistics stay":               {true, [2]string{"friend", "canary-id"}},
		"another came back, all goes":   {false, [2]string{"canary-id", "friend"}},
		"another came back, some stays": {true, [2]string{"canary-id", "friend"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := fresh(t, f)
			var copies []*replica
			step := func() { copies = append(copies, x.replica()) }
			step()
			x.accept(catalog())
			x.accept(victim())
			step()
			x.merge("canary-id", "canary-retired")
			step()
			m := x.merge(c.merged[0], c.merged[1])
			step()
			x.unmerge(m.MergeID)
			step()
			x.erase("canary-id", c.keep)
			step()
			x.accept(interactions(view("after", "friend", 60)))
			for n, r := range copies {
				r.follow(t, x)
				r.check(t, x, fmt.Sprint("a reader that stopped at step ", n))
			}
		})
	}
}
