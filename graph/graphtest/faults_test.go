package graphtest

import (
	"context"
	"errors"
	"iter"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"lacuna/graph"
)

// faulty is a store with something wrong. Methods that are nil are the store's own.
type faulty struct {
	graph.Store
	write        func(*graph.Batch, *graph.Outcomes)
	customers    func(*graph.Customer)
	find         func(*graph.CustomerQuery, *graph.CustomerPage)
	query        func(*graph.InteractionQuery)
	page         func(*graph.InteractionPage)
	profiles     func(*graph.Profiles)
	count        func([]int64)
	products     func(*graph.ProductQuery)
	changes      func(*graph.ChangePage)
	cursor       func(graph.Cursor) graph.Cursor
	columns      func(*graph.InteractionColumns)
	stats        func(*graph.Stats)
	merge        func(*graph.MergeReport)
	contested    func(graph.Store, []graph.ContestedIdentity) []graph.ContestedIdentity
	unread       func(*graph.UnreadName)
	member       func(*graph.SegmentMember)
	decision     func(*graph.GapEvent) error // of an event that is recorded; an error keeps it from the store
	decided      func(*graph.GapEvent)       // of an event that is read
	history      func([]graph.GapEvent)      // of one gap
	lack         func(*graph.Lack)           // that is read
	lacking      func(*graph.Lack)           // that is written
	lease        bool                        // which everybody gets
	dryRunMerges bool
	erase        func(ctx context.Context, s graph.Store, customer string) // instead of erasing
	prune        bool                                                      // pruning does nothing
	close        bool                                                      // closing does nothing
}

// faults are stores of which each breaks one promise, and the role that must notice, or a part of it.
var faults = []struct {
	name, role string
	f          faulty
}{
	{"drops the last row of a large batch", "writes/ten_thousand", faulty{write: func(b *graph.Batch, _ *graph.Outcomes) {
		if b != nil && len(b.Interactions) > 1_000 {
			b.Interactions = b.Interactions[:len(b.Interactions)-1]
		}
	}}},
	{"says accepted of a duplicate", "writes/every_kind", faulty{write: func(_ *graph.Batch, o *graph.Outcomes) {
		if o != nil {
			for i := range o.Interactions {
				if o.Interactions[i].Status == graph.Duplicate {
					o.Interactions[i].Status = graph.Accepted
				}
			}
		}
	}}},
	{"does not note who claims what is another's", "quality/contested", faulty{contested: func(graph.Store, []graph.ContestedIdentity) []graph.ContestedIdentity {
		return nil
	}}},
	{"lists contested identities by value alone", "quality/contested", faulty{contested: func(_ graph.Store, list []graph.ContestedIdentity) []graph.ContestedIdentity {
		slices.SortFunc(list, func(a, b graph.ContestedIdentity) int { return strings.Compare(a.Value, b.Value) })
		return list
	}}},
	{"forgets since when", "memberships", faulty{member: func(m *graph.SegmentMember) { m.Since = time.Time{} }}},
	{"cuts since when to seconds", "memberships", faulty{member: func(m *graph.SegmentMember) { m.Since = m.Since.Truncate(time.Second) }}},
	{"gives the lease to everybody", "memberships/one_holder", faulty{lease: true}},
	{"takes an unknown value for nothing", "lacks/put", faulty{lack: func(l *graph.Lack) { l.Value.Known = true }}},
	{"keeps no fractions of who would buy", "lacks/put", faulty{lacking: func(l *graph.Lack) { l.Unmet.Value = math.Trunc(l.Unmet.Value) }}},
	{"keeps what a deleted segment lacked", "lacks/deleted", faulty{write: func(b *graph.Batch, _ *graph.Outcomes) {
		if b != nil {
			b.DeleteSegments = nil
		}
	}}},
	{"forgets who decided", "gaps/recorded", faulty{decided: func(e *graph.GapEvent) { e.By = "" }}},
	{"takes the name of everyone for an unknown segment", "gaps/recorded", faulty{decision: func(e *graph.GapEvent) error {
		if e.Gap.Segment == graph.EveryoneID {
			return graph.RefuseGapSegment(e.Gap.Segment)
		}
		return nil
	}}},
	{"cuts decisions to seconds", "gaps/an_id_once", faulty{decision: func(e *graph.GapEvent) error {
		e.At = e.At.Truncate(time.Second)
		return nil
	}}},
	{"lists decisions by id alone", "gaps/order", faulty{history: func(list []graph.GapEvent) {
		slices.SortFunc(list, func(a, b graph.GapEvent) int { return strings.Compare(a.ID, b.ID) })
	}}},
	{"cuts notes", "gaps/refused", faulty{decision: func(e *graph.GapEvent) error {
		e.Note = graph.Clip(e.Note)
		return nil
	}}},
	{"does not move its version for a decision", "gaps/a_version", faulty{stats: func(s *graph.Stats) { s.Version = "v" }}},
	{"counts unread records of one file", "quality/unread", faulty{unread: func(u *graph.UnreadName) { u.Files = 1 }}},
	{"takes the source for content", "interactions", faulty{write: func(b *graph.Batch, _ *graph.Outcomes) {
		if b != nil {
			for i := range b.Interactions {
				b.Interactions[i].Session += b.Interactions[i].Source
			}
		}
	}}},
	{"cuts times to milliseconds", "time", faulty{write: func(b *graph.Batch, _ *graph.Outcomes) {
		if b != nil {
			for i := range b.Interactions {
				b.Interactions[i].At = b.Interactions[i].At.Truncate(time.Millisecond)
			}
		}
	}}},
	{"unites text", "text", faulty{write: func(b *graph.Batch, _ *graph.Outcomes) {
		if b != nil {
			for i := range b.Interactions {
				b.Interactions[i].Query = graph.Fold(b.Interactions[i].Query)
			}
		}
	}}},
	{"takes on a later time of the same value", "lineage", faulty{customers: func(c *graph.Customer) {
		for i := range c.Attributes {
			c.Attributes[i].ObservedAt = c.Attributes[i].ObservedAt.Add(time.Minute)
		}
	}}},
	{"forgets an alternative", "lineage", faulty{customers: func(c *graph.Customer) {
		for i := range c.Attributes {
			c.Attributes[i].Alternatives = nil
		}
	}}},
	{"reverses consents", "consents", faulty{customers: func(c *graph.Customer) {
		for i := range c.Consents {
			c.Consents[i].Granted = !c.Consents[i].Granted
		}
	}}},
	{"shows no retired ids", "merge", faulty{customers: func(c *graph.Customer) { c.MergedIDs = nil }}},
	{"ignores the types asked for", "filters", faulty{query: func(q *graph.InteractionQuery) { q.Filter.Types = nil }}},
	{"ignores the category asked for", "filters", faulty{query: func(q *graph.InteractionQuery) { q.Filter.Category = "" }}},
	{"ignores the end of a range", "filters", faulty{query: func(q *graph.InteractionQuery) { q.Filter.To = time.Time{} }}},
	{"includes the end of a range", "filters", faulty{query: func(q *graph.InteractionQuery) {
		if !q.Filter.To.IsZero() {
			q.Filter.To = q.Filter.To.Add(time.Microsecond)
		}
	}}},
	{"pages without the tie", "pages", faulty{query: func(q *graph.InteractionQuery) {
		if q.After != nil {
			q.After = &graph.InteractionKey{At: q.After.At, ID: "\U0010FFFF"}
		}
	}}},
	{"swaps two of a page", "pages", faulty{page: func(p *graph.InteractionPage) {
		if len(p.Interactions) > 1 {
			p.Interactions[0], p.Interactions[1] = p.Interactions[1], p.Interactions[0]
		}
	}}},
	{"never has more", "pages", faulty{page: func(p *graph.InteractionPage) { p.More = false }}},
	{"counts one too many", "interactions", faulty{count: func(n []int64) {
		if len(n) > 0 {
			n[0]++
		}
	}}},
	{"counts one too many in profiles", "profiles", faulty{profiles: func(p *graph.Profiles) {
		for i := range p.List {
			p.List[i].Count++
		}
	}}},
	{"shows one too few in profiles", "pages", faulty{profiles: func(p *graph.Profiles) {
		for i := range p.List {
			if n := len(p.List[i].Newest.Interactions); n > 1 {
				p.List[i].Newest = p.List[i].Newest.Cut(n - 1)
			}
		}
	}}},
	{"forgets the products of profiles", "profiles", faulty{profiles: func(p *graph.Profiles) { p.Products = nil }}},
	{"searches with letter case", "find/search", faulty{find: func(q *graph.CustomerQuery, _ *graph.CustomerPage) {
		if q != nil && q.Search != graph.Fold(q.Search) {
			q.Search = "\x01"
		}
	}}},
	{"has one order only", "find/orders", faulty{find: func(q *graph.CustomerQuery, _ *graph.CustomerPage) {
		if q != nil {
			q.Order = graph.ByCustomerID
		}
	}}},
	{"ignores the stock asked for", "products", faulty{products: func(q *graph.ProductQuery) { q.InStock = graph.Optional[bool]{} }}},
	{"repeats a change", "feed", faulty{changes: func(p *graph.ChangePage) {
		if n := len(p.Changes); n > 1 {
			p.Changes = append(p.Changes, p.Changes[n-1])
		}
	}}},
	{"loses a change", "concurrency", faulty{changes: func(p *graph.ChangePage) {
		if len(p.Changes) > 5 {
			p.Changes = slices.Delete(p.Changes, 2, 3)
		}
	}}},
	{"tells changes out of order", "concurrency", faulty{changes: func(p *graph.ChangePage) { slices.Reverse(p.Changes) }}},
	{"honours any cursor", "feed", faulty{cursor: func(graph.Cursor) graph.Cursor { return "" }}},
	{"does not forget what is pruned", "feed", faulty{prune: true}},
	{"mixes up a column", "scan/point_reads", faulty{columns: func(c *graph.InteractionColumns) { c.Amount, c.Quantity = c.Quantity, c.Amount }}},
	{"scans without owners", "scan/point_reads", faulty{columns: func(c *graph.InteractionColumns) { clear(c.Customer) }}},
	{"loses a scanned row", "scan/many", faulty{columns: func(c *graph.InteractionColumns) {
		if c.Len > 1_000 {
			c.Len--
		}
	}}},
	{"takes what is ahead for the latest", "time", faulty{stats: func(s *graph.Stats) {
		if !s.LatestAt.IsZero() {
			s.LatestAt = s.LatestAt.Add(time.Microsecond)
		}
	}}},
	{"keeps its version", "writes/version", faulty{stats: func(s *graph.Stats) { s.Version = "v" }}},
	{"merges on a dry run", "merge", faulty{dryRunMerges: true}},
	{"tells of no conflicts", "merge", faulty{merge: func(r *graph.MergeReport) { r.Conflicts = nil }}},
	{"only hides who is erased", "erase", faulty{erase: func(ctx context.Context, s graph.Store, customer string) {
		for {
			pages, err := s.Interactions(ctx, []graph.InteractionQuery{{Customer: customer, First: 1}})
			if err != nil || len(pages[0].Interactions) == 0 {
				return
			}
			if _, err := s.Write(ctx, new(retractions(pages[0].Interactions[0].ID))); err != nil {
				return
			}
		}
	}}},
	{"answers when it is closed", "errors", faulty{close: true}},
	{"shows another name", "model", faulty{customers: func(c *graph.Customer) {
		if len(c.MergedIDs) > 0 && len(c.Identities) > 1 {
			c.Name += "!"
		}
	}}},
}

func (s *faulty) Write(ctx context.Context, b *graph.Batch) (*graph.Outcomes, error) {
	if s.write != nil {
		s.write(b, nil)
	}
	o, err := s.Store.Write(ctx, b)
	if s.write != nil && err == nil {
		s.write(nil, o)
	}
	return o, err
}

func (s *faulty) Customers(ctx context.Context, refs []graph.CustomerRef) (map[graph.CustomerRef]*graph.Customer, error) {
	found, err := s.Store.Customers(ctx, refs)
	if s.customers != nil {
		for _, c := range found {
			s.customers(c)
		}
	}
	return found, err
}

func (s *faulty) FindCustomers(ctx context.Context, q graph.CustomerQuery) (graph.CustomerPage, error) {
	if s.find != nil {
		s.find(&q, nil)
	}
	p, err := s.Store.FindCustomers(ctx, q)
	if s.customers != nil {
		for _, c := range p.Customers {
			s.customers(c)
		}
	}
	return p, err
}

func (s *faulty) Interactions(ctx context.Context, queries []graph.InteractionQuery) ([]graph.InteractionPage, error) {
	queries = slices.Clone(queries)
	for i := range queries {
		if s.query != nil {
			s.query(&queries[i])
		}
	}
	pages, err := s.Store.Interactions(ctx, queries)
	for i := range pages {
		if s.page != nil {
			s.page(&pages[i])
		}
	}
	return pages, err
}

func (s *faulty) CountInteractions(ctx context.Context, queries []graph.InteractionQuery) ([]int64, error) {
	queries = slices.Clone(queries)
	for i := range queries {
		if s.query != nil {
			s.query(&queries[i])
		}
	}
	counts, err := s.Store.CountInteractions(ctx, queries)
	if s.count != nil {
		s.count(counts)
	}
	return counts, err
}

func (s *faulty) Profiles(ctx context.Context, queries []graph.ProfileQuery) (graph.Profiles, error) {
	found, err := s.Store.Profiles(ctx, queries)
	if s.profiles != nil {
		s.profiles(&found)
	}
	for i := range found.List {
		if c := found.List[i].Customer; s.customers != nil && c != nil {
			s.customers(c)
		}
	}
	return found, err
}

func (s *faulty) FindProducts(ctx context.Context, q graph.ProductQuery) (graph.ProductPage, error) {
	if s.products != nil {
		s.products(&q)
	}
	return s.Store.FindProducts(ctx, q)
}

func (s *faulty) CountProducts(ctx context.Context, q graph.ProductQuery) (int64, error) {
	if s.products != nil {
		s.products(&q)
	}
	return s.Store.CountProducts(ctx, q)
}

func (s *faulty) Changes(ctx context.Context, after graph.Cursor, limit int) (graph.ChangePage, error) {
	p, err := s.Store.Changes(ctx, after, limit)
	if s.cursor != nil && errors.Is(err, graph.ErrCursorExpired) {
		p, err = s.Store.Changes(ctx, s.cursor(after), limit)
	}
	if s.changes != nil && err == nil {
		s.changes(&p)
	}
	return p, err
}

func (s *faulty) Scan(ctx context.Context, at graph.Cursor, fields graph.ScanFields) graph.Scan {
	return func(yield func(*graph.ScanChunk, error) bool) {
		for chunk, err := range s.Store.Scan(ctx, at, fields) {
			if s.columns != nil && err == nil && chunk.Interactions != nil {
				s.columns(chunk.Interactions)
			}
			if !yield(chunk, err) {
				return
			}
		}
	}
}

func (s *faulty) Stats(ctx context.Context) (graph.Stats, error) {
	stats, err := s.Store.Stats(ctx)
	if s.stats != nil {
		s.stats(&stats)
	}
	return stats, err
}

func (s *faulty) Contested(ctx context.Context, first int) ([]graph.ContestedIdentity, error) {
	list, err := s.Store.Contested(ctx, first)
	if s.contested != nil && err == nil {
		list = s.contested(s.Store, list)
	}
	return list, err
}

func (s *faulty) Unread(ctx context.Context, first int) ([]graph.UnreadName, error) {
	list, err := s.Store.Unread(ctx, first)
	if s.unread != nil {
		for i := range list {
			s.unread(&list[i])
		}
	}
	return list, err
}

func (s *faulty) SegmentMembers(ctx context.Context, segment string) iter.Seq2[graph.SegmentMember, error] {
	return func(yield func(graph.SegmentMember, error) bool) {
		for m, err := range s.Store.SegmentMembers(ctx, segment) {
			if s.member != nil {
				s.member(&m)
			}
			if !yield(m, err) {
				return
			}
		}
	}
}

func (s *faulty) WriteLacks(ctx context.Context, holder string, put []graph.Lack, remove []graph.GapKey) error {
	put = slices.Clone(put)
	for i := range put {
		if s.lacking != nil {
			s.lacking(&put[i])
		}
	}
	return s.Store.WriteLacks(ctx, holder, put, remove)
}

func (s *faulty) Lacks(ctx context.Context) ([]graph.Lack, error) {
	list, err := s.Store.Lacks(ctx)
	for i := range list {
		if s.lack != nil {
			s.lack(&list[i])
		}
	}
	return list, err
}

func (s *faulty) RecordGapEvent(ctx context.Context, e graph.GapEvent) error {
	if s.decision != nil {
		if err := s.decision(&e); err != nil {
			return err
		}
	}
	return s.Store.RecordGapEvent(ctx, e)
}

func (s *faulty) GapEvents(ctx context.Context, gaps []graph.GapKey) (map[graph.GapKey][]graph.GapEvent, error) {
	found, err := s.Store.GapEvents(ctx, gaps)
	for _, list := range found {
		for i := range list {
			if s.decided != nil {
				s.decided(&list[i])
			}
		}
		if s.history != nil {
			s.history(list)
		}
	}
	return found, err
}

func (s *faulty) AllGapEvents(ctx context.Context) iter.Seq2[graph.GapEvent, error] {
	return func(yield func(graph.GapEvent, error) bool) {
		for e, err := range s.Store.AllGapEvents(ctx) {
			if s.decided != nil {
				s.decided(&e)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func (s *faulty) LeaseMemberships(ctx context.Context, holder string, duration time.Duration) (bool, error) {
	held, err := s.Store.LeaseMemberships(ctx, holder, duration)
	return held || s.lease, err
}

func (s *faulty) Merge(ctx context.Context, keep, retire string, dryRun bool) (graph.MergeReport, error) {
	r, err := s.Store.Merge(ctx, keep, retire, dryRun && !s.dryRunMerges)
	if s.merge != nil {
		s.merge(&r)
	}
	return r, err
}

func (s *faulty) Erase(ctx context.Context, customer string, keepStatistics bool) (graph.EraseReport, error) {
	if s.erase != nil {
		s.erase(ctx, s.Store, customer)
		return graph.EraseReport{Customer: customer}, nil
	}
	return s.Store.Erase(ctx, customer, keepStatistics)
}

func (s *faulty) PruneChanges(ctx context.Context, before time.Time) error {
	if s.prune {
		return nil
	}
	return s.Store.PruneChanges(ctx, before)
}

func (s *faulty) Close() error {
	if s.close {
		return nil
	}
	return s.Store.Close()
}

const envFault = "LACUNA_GRAPHTEST_FAULT"

// TestFaults checks that the suite notices each fault. A suite that fails fails its test, so each runs in a process of its
// own; that it passes without a fault is [TestModel].
func TestFaults(t *testing.T) {
	if name := os.Getenv(envFault); name != "" {
		for _, fault := range faults {
			if fault.name == name {
				role, _, _ := strings.Cut(fault.role, "/")
				runRole(t, role, fault.f)
			}
		}
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			role, _, _ := strings.Cut(fault.role, "/")
			cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestFaults$/"+fault.role, "-rapid.shrinktime=1ms")
			cmd.Env = append(os.Environ(), envFault+"="+fault.name)
			out, err := cmd.CombinedOutput()
			if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Fatalf("the suite does not notice: %v\n%s", err, out)
			}
			if !strings.Contains(string(out), "--- FAIL: TestFaults/"+role) || strings.Contains(string(out), "panic:") {
				t.Fatalf("the suite breaks off instead of telling what is wrong:\n%s", out)
			}
		})
	}
}

// runRole runs one role over models with a fault.
func runRole(t *testing.T, name string, f faulty) {
	for _, r := range roles {
		if r.name == name {
			factory := (&models{}).factory(func(s graph.Store) graph.Store {
				broken := f
				broken.Store = s
				return &broken
			})
			t.Run(name, func(t *testing.T) { r.run(t, factory) })
		}
	}
}
