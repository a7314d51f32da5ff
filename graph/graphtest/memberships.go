package graphtest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"lacuna/graph"
)

const holder = "engine 1"

// testMemberships checks what a store keeps of who is in which segment.
func testMemberships(t *testing.T, f Factory) {
	t.Run("one holder at a time", func(t *testing.T) { membershipLease(fresh(t, f)) })
	t.Run("without the lease", func(t *testing.T) { membershipWithoutLease(fresh(t, f)) })
	t.Run("put and removed", func(t *testing.T) { membershipWrites(fresh(t, f)) })
	t.Run("who is not there", func(t *testing.T) { membershipPassedOver(fresh(t, f)) })
	t.Run("merged", func(t *testing.T) { membershipMerged(fresh(t, f)) })
	t.Run("erased", func(t *testing.T) { membershipErased(fresh(t, f)) })
	t.Run("deleted segments", func(t *testing.T) { membershipDeleted(fresh(t, f)) })
	t.Run("many", func(t *testing.T) { membershipMany(fresh(t, f)) })
}

// lease takes the lease or fails the test.
func (x *fixture) lease() {
	x.t.Helper()
	if held, err := x.LeaseMemberships(x.ctx(), holder, time.Hour); err != nil || !held {
		x.t.Fatalf("LeaseMemberships = %v, %v", held, err)
	}
}

// put and remove write memberships, which must not fail.
func (x *fixture) put(put []graph.SegmentMember, remove ...graph.SegmentMember) {
	x.t.Helper()
	if err := x.WriteMemberships(x.ctx(), holder, put, remove); err != nil {
		x.t.Fatalf("WriteMemberships: %v", err)
	}
}

// members gives since when customers are in a segment.
func (x *fixture) members(segment string) map[string]time.Time {
	x.t.Helper()
	found := map[string]time.Time{}
	for m, err := range x.SegmentMembers(x.ctx(), segment) {
		if err != nil {
			x.t.Fatalf("SegmentMembers: %v", err)
		}
		if _, twice := found[m.Customer]; twice || m.Segment != segment {
			x.t.Fatalf("SegmentMembers(%q) tells of %q in %q, twice: %v", segment, m.Customer, m.Segment, twice)
		}
		found[m.Customer] = m.Since
	}
	return found
}

func (x *fixture) memberCounts() map[string]int64 {
	x.t.Helper()
	counts, err := x.CountSegmentMembers(x.ctx())
	if err != nil {
		x.t.Fatalf("CountSegmentMembers: %v", err)
	}
	return counts
}

func in(segment, customer string, since time.Time) graph.SegmentMember {
	return graph.SegmentMember{Segment: segment, Customer: customer, Since: since}
}

// families writes two segments and three customers.
func (x *fixture) families() {
	x.t.Helper()
	yes := graph.Rule{Consent: &graph.ConsentRule{Purpose: "P", Granted: true}}
	x.accept(graph.Batch{Segments: []graph.Segment{{ID: "s1", Rule: yes}, {ID: "s2", Rule: yes}}, Customers: []graph.CustomerUpsert{person("1", "A"), person("2", "B"), person("3", "C")}})
}

func membershipLease(x *fixture) {
	other := x.handle()
	expect := func(s graph.Store, who string, d time.Duration, want bool) {
		x.t.Helper()
		if held, err := s.LeaseMemberships(x.ctx(), who, d); err != nil || held != want {
			x.t.Fatalf("LeaseMemberships(%s, %v) = %v, %v, want %v", who, d, held, err, want)
		}
	}
	expect(x, "a", time.Minute, true)
	expect(other, "b", time.Minute, false)
	expect(other, "b", 0, false)
	x.clock.advance(59 * time.Second)
	expect(x, "a", time.Minute, true)
	x.clock.advance(59 * time.Second)
	expect(other, "b", time.Minute, false)
	x.clock.advance(time.Second)
	expect(other, "b", time.Minute, true)
	expect(x, "a", time.Minute, false)
	expect(other, "b", 0, true)
	expect(x, "a", time.Minute, true)
	x.reopen()
	expect(x, "b", time.Minute, false)
	for who, d := range map[string]time.Duration{"": time.Minute, "a": -1} {
		if _, err := x.LeaseMemberships(x.ctx(), who, d); !errors.Is(err, graph.ErrInvalid) {
			x.t.Errorf("LeaseMemberships(%q, %v) is %v, want ErrInvalid", who, d, err)
		}
	}
}

func membershipWithoutLease(x *fixture) {
	x.families()
	refused := func(when string) {
		x.t.Helper()
		err := x.WriteMemberships(x.ctx(), holder, []graph.SegmentMember{in("s1", "2", at(0))}, []graph.SegmentMember{in("s1", "1", at(0))})
		if !errors.Is(err, graph.ErrConflict) {
			x.t.Fatalf("WriteMemberships %s is %v, want ErrConflict", when, err)
		}
	}
	refused("before there was a lease")
	x.lease()
	x.put([]graph.SegmentMember{in("s1", "1", at(0))})
	x.clock.advance(time.Hour)
	refused("after it has ended")
	if held, err := x.LeaseMemberships(x.ctx(), "another", time.Hour); err != nil || !held {
		x.t.Fatal(held, err)
	}
	refused("of another")
	x.same("members", map[string]time.Time{"1": at(0)}, x.members("s1"))
}

func membershipWrites(x *fixture) {
	x.families()
	x.same("of an empty store", map[string]int64{}, x.memberCounts())
	x.lease()
	head, stats := x.head(), x.stats()
	list := []graph.SegmentMember{in("s1", "1", at(1).Add(1500)), in("s1", "2", time.Time{}), in("s2", "1", at(-1))}
	for range 2 {
		x.put(list)
		x.same("members", map[string]time.Time{"1": at(1).Add(1000), "2": {}}, x.members("s1"))
		x.same("members of the other", map[string]time.Time{"1": at(-1)}, x.members("s2"))
		x.same("counts", map[string]int64{"s1": 2, "s2": 1}, x.memberCounts())
	}
	x.put([]graph.SegmentMember{in("s1", "2", at(5)), in("s1", "3", at(6))}, in("s1", "1", at(9)), in("s2", "3", time.Time{}))
	x.same("members later", map[string]time.Time{"2": at(5), "3": at(6)}, x.members("s1"))
	x.put(nil, in("s2", "1", time.Time{}))
	x.same("counts later", map[string]int64{"s1": 2}, x.memberCounts())
	x.same("the feed", head, x.head())
	x.same("the version", stats, x.stats())
	x.reopen()
	x.same("members after reopening", map[string]time.Time{"2": at(5), "3": at(6)}, x.members("s1"))
	x.same("counts after reopening", map[string]int64{"s1": 2}, x.memberCounts())
}

func membershipPassedOver(x *fixture) {
	x.families()
	x.lease()
	x.put([]graph.SegmentMember{in("s1", "nobody", at(0)), in("nothing", "1", at(0)), in("s1", "2", at(0))}, in("nothing", "1", at(0)), in("s2", "nobody", at(0)))
	x.same("members", map[string]time.Time{"2": at(0)}, x.members("s1"))
	x.same("members of nothing", map[string]time.Time{}, x.members("nothing"))
	x.same("counts", map[string]int64{"s1": 1}, x.memberCounts())
	if err := x.WriteMemberships(x.ctx(), holder, make([]graph.SegmentMember, graph.MaxBatch), make([]graph.SegmentMember, 1)); !errors.Is(err, graph.ErrInvalid) {
		x.t.Errorf("too many are %v, want ErrInvalid", err)
	}
}

func membershipMerged(x *fixture) {
	x.families()
	x.lease()
	x.put([]graph.SegmentMember{in("s1", "1", at(0)), in("s1", "2", at(1)), in("s2", "2", at(2)), in("s2", "3", at(3))})
	report := x.merge("1", "2")
	want := map[string]time.Time{"1": at(0)}
	x.same("after the merge", want, x.members("s1"))
	x.same("counts", map[string]int64{"s1": 1, "s2": 1}, x.memberCounts())
	x.put([]graph.SegmentMember{in("s1", "2", at(1))})
	x.same("a retired id is nobody's", want, x.members("s1"))
	x.unmerge(report.MergeID)
	x.same("after its undoing", want, x.members("s1"))
	x.put([]graph.SegmentMember{in("s1", "2", at(1))})
	x.same("when it was written again", map[string]time.Time{"1": at(0), "2": at(1)}, x.members("s1"))
	x.accept(graph.Batch{Interactions: []graph.Interaction{{ID: "i1", Type: graph.View, At: at(0), Customer: graph.ByIdentity(email("a@x")), Source: "s"}}})
	made := x.owner(graph.ByIdentity(email("a@x")))
	x.put([]graph.SegmentMember{in("s2", made, at(0))})
	x.accept(customers(person("3", "C", email("a@x")))) // which unites the two
	x.same("after a merge that nobody asked for", map[string]time.Time{"3": at(3)}, x.members("s2"))
	x.same("counts at last", map[string]int64{"s1": 2, "s2": 1}, x.memberCounts())
}

func membershipErased(x *fixture) {
	x.families()
	x.lease()
	for keep, id := range map[bool]string{false: "1", true: "2"} {
		x.put([]graph.SegmentMember{in("s1", id, at(0)), in("s2", id, at(1)), in("s2", "3", at(2))})
		x.erase(id, keep)
		x.same("members", map[string]time.Time{}, x.members("s1"))
		x.same("counts", map[string]int64{"s2": 1}, x.memberCounts())
	}
}

func membershipDeleted(x *fixture) {
	x.families()
	x.lease()
	x.put([]graph.SegmentMember{in("s1", "1", at(0)), in("s2", "1", at(1))})
	x.accept(graph.Batch{DeleteSegments: []string{"s1"}})
	x.same("counts", map[string]int64{"s2": 1}, x.memberCounts())
	yes := graph.Rule{Consent: &graph.ConsentRule{Purpose: "P", Granted: true}}
	x.accept(graph.Batch{Segments: []graph.Segment{{ID: "s1", Rule: yes}, {ID: "s2", Name: "changed", Rule: yes}}})
	x.same("members of one saved again", map[string]time.Time{}, x.members("s1"))
	x.same("members of one that was changed", map[string]time.Time{"1": at(1)}, x.members("s2"))
	x.same("counts at last", map[string]int64{"s2": 1}, x.memberCounts())
}

func membershipMany(x *fixture) {
	x.families()
	x.lease()
	n := 2*graph.MaxPage + 1
	var b graph.Batch
	var list []graph.SegmentMember
	want := map[string]time.Time{}
	for i := range n {
		id := fmt.Sprintf("many-%05d", i)
		b.Customers = append(b.Customers, person(id, "N"))
		list = append(list, in("s1", id, at(i)))
		want[id] = at(i)
	}
	x.accept(b)
	x.put(list)
	x.same("members", want, x.members("s1"))
	x.same("counts", map[string]int64{"s1": int64(n)}, x.memberCounts())
	for _, err := range x.SegmentMembers(x.ctx(), "s1") { // who stops early must leave nothing behind
		if err != nil {
			x.t.Fatal(err)
		}
		break
	}
	x.put(nil, list[:n/2]...)
	x.same("how many are left", n-n/2, len(x.members("s1")))
}
