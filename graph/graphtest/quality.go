package graphtest

import (
	"testing"

	"lacuna/graph"
)

// contested lists what the store tells, by identity: the owner and the number of claimants.
func (x *fixture) contested() []graph.ContestedIdentity {
	x.t.Helper()
	list, err := x.Contested(x.ctx(), graph.MaxPage)
	if err != nil {
		x.t.Fatalf("Contested: %v", err)
	}
	return list
}

func (x *fixture) unread() []graph.UnreadName {
	x.t.Helper()
	list, err := x.Unread(x.ctx(), graph.MaxPage)
	if err != nil {
		x.t.Fatalf("Unread: %v", err)
	}
	return list
}

func unread(rows ...graph.UnreadRecords) graph.Batch { return graph.Batch{Unread: rows} }

// testQuality checks what a store notes of rows and records that it could not take.
func testQuality(t *testing.T, f Factory) {
	t.Run("contested identities", func(t *testing.T) { qualityContested(fresh(t, f)) })
	t.Run("claimants who turn out to be the owner", func(t *testing.T) { qualityUnited(fresh(t, f)) })
	t.Run("erased claimants and owners", func(t *testing.T) { qualityErased(fresh(t, f)) })
	t.Run("unread records", func(t *testing.T) { qualityUnread(fresh(t, f)) })
	t.Run("notes are no part of the graph", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(customers(person("1", "A", email("a@x"))))
		head, stats := x.head(), x.stats()
		x.reject(customers(person("2", "B", email("a@x"))), graph.RejectIdentityTaken, "identities")
		x.accept(unread(graph.UnreadRecords{Source: "s", File: "f", Name: "Page Viewed", Records: 3}))
		x.same("version", stats, x.stats())
		x.same("head", head, x.head())
	})
}

func qualityContested(x *fixture) {
	x.same("of an empty store", []graph.ContestedIdentity{}, x.contested())
	x.accept(customers(person("1", "A", email("a@x"), phone("9")), person("2", "B", email("b@x"))))
	for range 2 {
		x.reject(customers(person("3", "C", email("a@x"))), graph.RejectIdentityTaken, "identities")
		x.reject(customers(person("4", "D", email("b@x"))), graph.RejectIdentityTaken, "identities")
		x.reject(customers(person("5", "E", email("A@x "))), graph.RejectIdentityTaken, "identities")
		x.reject(customers(person("4", "D", phone("9"))), graph.RejectIdentityTaken, "identities")
	}
	want := []graph.ContestedIdentity{
		{Identity: email("a@x"), Owner: "1", Claimants: 2}, {Identity: email("b@x"), Owner: "2", Claimants: 1}, {Identity: phone("9"), Owner: "1", Claimants: 1},
	}
	x.same("contested", want, x.contested())
	x.reopen()
	x.same("contested", want, x.contested())
	for n := range want {
		list, err := x.Contested(x.ctx(), n)
		if err != nil {
			x.t.Fatal(err)
		}
		x.same("the first", want[:n], list)
	}
	err := x.Bulk(x.ctx(), func(w graph.Writer) error {
		return second(w.Write(x.ctx(), new(customers(person("6", "F", email("a@x"))))))
	})
	if err != nil {
		x.t.Fatal(err)
	}
	x.same("claimants after a bulk load", int64(3), x.contested()[0].Claimants)
}

func qualityUnited(x *fixture) {
	x.accept(customers(person("1", "A", email("a@x")), person("2", "B", email("b@x"))))
	x.reject(customers(person("2", "B", email("a@x"))), graph.RejectIdentityTaken, "identities")
	x.reject(customers(person("3", "C", email("a@x"))), graph.RejectIdentityTaken, "identities")
	x.reject(customers(person("1", "A", email("b@x"))), graph.RejectIdentityTaken, "identities")
	report := x.merge("2", "1")
	want := []graph.ContestedIdentity{{Identity: email("a@x"), Owner: "2", Claimants: 1}}
	x.same("after the merge", want, x.contested())
	x.unmerge(report.MergeID)
	want[0].Owner = "1"
	x.same("after its undoing", want, x.contested())
	x.reject(customers(person("2", "B", email("a@x"))), graph.RejectIdentityTaken, "identities")
	x.same("when the row came again", int64(2), x.contested()[0].Claimants)
}

func qualityErased(x *fixture) {
	x.accept(customers(person("1", "A", email("a@x")), person("2", "B", email("b@x")), person("3", "C")))
	x.reject(customers(person("2", "B", email("a@x"))), graph.RejectIdentityTaken, "identities")
	x.reject(customers(person("3", "C", email("a@x"))), graph.RejectIdentityTaken, "identities")
	x.reject(customers(person("3", "C", email("b@x"))), graph.RejectIdentityTaken, "identities")
	x.erase("3", false)
	x.same("once a claimant was erased", []graph.ContestedIdentity{{Identity: email("a@x"), Owner: "1", Claimants: 1}}, x.contested())
	x.erase("1", true)
	x.same("once the owner was erased", []graph.ContestedIdentity{}, x.contested())
}

func qualityUnread(x *fixture) {
	x.same("of an empty store", []graph.UnreadName{}, x.unread())
	b := unread(graph.UnreadRecords{Source: "s", File: "monday", Name: "Page Viewed", Records: 3},
		graph.UnreadRecords{Source: "s", File: "tuesday", Name: "Page Viewed", Records: 4},
		graph.UnreadRecords{Source: "t", File: "monday", Name: "Scrolled", Records: 9},
		graph.UnreadRecords{Source: "s", File: "monday", Name: "Beta", Records: 7})
	x.accept(b)
	x.expect(b, graph.Duplicate)
	x.same("sums", []graph.UnreadName{{Name: "Scrolled", Records: 9, Files: 1}, {Name: "Beta", Records: 7, Files: 1}, {Name: "Page Viewed", Records: 7, Files: 2}}, x.unread())
	x.accept(unread(graph.UnreadRecords{Source: "s", File: "monday", Name: "Page Viewed", Records: 13},
		graph.UnreadRecords{Source: "t", File: "monday", Name: "Scrolled", Records: 0}))
	want := []graph.UnreadName{{Name: "Page Viewed", Records: 17, Files: 2}, {Name: "Beta", Records: 7, Files: 1}}
	x.same("numbers are replaced", want, x.unread())
	x.reopen()
	x.same("after reopening", want, x.unread())
	list, err := x.Unread(x.ctx(), 1)
	if err != nil {
		x.t.Fatal(err)
	}
	x.same("the first", want[:1], list)
	for field, row := range map[string]graph.UnreadRecords{
		"source": {File: "f", Name: "n"}, "file": {Source: "s", Name: "n"}, "name": {Source: "s", File: "f"}, "records": {Source: "s", File: "f", Name: "n", Records: -1},
	} {
		o := flat(x.write(unread(row)))[0]
		if o.Status != graph.Rejected || o.Rejection.Field != field {
			x.t.Errorf("without %s: %s", field, describe(o))
		}
	}
}
