package neo4jstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"lacuna/graph"
)

// errDryRun ends a transaction of which nothing is to be kept.
var errDryRun = errors.New("dry run")

// Merge unites two customers.
func (s *Store) Merge(ctx context.Context, keep, retire string, dryRun bool) (report graph.MergeReport, err error) {
	err = s.write(ctx, "merge customers", func(t *tx) error {
		w := newWriter(t)
		k, r, err := w.two(keep, retire)
		if err != nil {
			return err
		}
		if k == r {
			report, err = w.standingMerge(keep, retire)
			return err
		}
		if dryRun {
			if report, _, err = w.reportMerge(k, r); err != nil {
				return err
			}
			return errDryRun
		}
		if report, err = w.unite(k, r, "requested"); err != nil {
			return err
		}
		return w.flush()
	})
	if errors.Is(err, errDryRun) {
		return report, nil
	}
	if err != nil {
		return graph.MergeReport{}, err
	}
	return report, nil
}

// two gives the customers of today whom two ids lead to.
func (w *writer) two(a, b string) (x, y string, err error) {
	if err := w.ask([]graph.CustomerRef{graph.ByID(a), graph.ByID(b)}); err != nil {
		return "", "", err
	}
	x, y = w.people.find(graph.ByID(a)), w.people.find(graph.ByID(b))
	if x == "" || y == "" {
		return "", "", fmt.Errorf("there is no customer of that id: %w", graph.ErrNotFound)
	}
	return x, y, nil
}

// standingMerge gives the report of the merge that united these very two.
func (w *writer) standingMerge(keep, retired string) (report graph.MergeReport, err error) {
	records, err := w.run("merge_standing", params{"keep": keep, "retired": retired})
	if err != nil {
		return report, err
	}
	if len(records) == 0 {
		return report, fmt.Errorf("the two are one customer already: %w", graph.ErrConflict)
	}
	if err := json.Unmarshal([]byte(text(records[0].Values[0])), &report); err != nil {
		return report, damaged("read the report of a merge")
	}
	return report, nil
}

// reportMerge tells what would move from one customer of today to another, and gives both as they are.
func (w *writer) reportMerge(keep, retire string) (report graph.MergeReport, before [2]*graph.Customer, err error) {
	ids := []string{keep, retire}
	if err := w.complete(ids); err != nil {
		return report, before, err
	}
	for n, id := range ids {
		if before[n], err = w.profileOf(id); err != nil {
			return report, before, err
		}
	}
	rootOf := func(id string) string {
		if root := w.people.root(id); root != retire {
			return root
		}
		return keep
	}
	after, err := profile(keep, slices.Concat(w.people.of(keep), w.people.of(retire)), slices.Concat(w.people.identitiesOf(keep), w.people.identitiesOf(retire)), rootOf)
	if err != nil {
		return report, before, err
	}
	records, err := w.run("interactions_of", params{"customer": retire})
	if err != nil {
		return report, before, err
	}
	report = graph.MergeReport{Keep: keep, Retired: retire}
	report.Interactions, _ = records[0].Values[0].(int64)
	report.Compare(before[0], before[1], after)
	return report, before, nil
}

// unite makes all that is one customer's another's. Both are customers of today.
func (w *writer) unite(keep, retire, reason string) (graph.MergeReport, error) {
	// What was written before must be there: interactions are moved where they are stored.
	if err := w.flush(); err != nil {
		return graph.MergeReport{}, err
	}
	report, profiles, err := w.reportMerge(keep, retire)
	if err != nil {
		return report, err
	}
	if report.MergeID, err = w.newID("merge-"); err != nil {
		return report, err
	}
	if err := w.whenSeen(profiles); err != nil {
		return report, err
	}
	if err := w.referredAnew(retire); err != nil {
		return report, err
	}
	if err := w.moveInteractions("interactions_move", params{"from": retire, "to": keep}, report.Interactions); err != nil {
		return report, err
	}
	p := w.people
	for _, r := range p.of(retire) {
		r.root, r.dirty = keep, true
		p.place(r)
		for i := range p.owned[r.id] {
			i.dirty = true
		}
	}
	delete(p.members, retire)
	p.records[retire].leads = keep
	p.gone[retire], p.changed[keep] = true, true
	delete(p.changed, retire)
	w.state.Customers--
	w.change(graph.CustomersMerged, retire, keep)
	if err := w.settleContested(keep); err != nil {
		return report, err
	}
	merge := graph.Merge{ID: report.MergeID, Keep: keep, Retired: retire, At: w.now, Reason: reason, Before: [2]graph.Customer{*profiles[0], *profiles[1]}}
	return report, w.each("merge_create", []params{mergeRow(&graph.ArchivedMerge{Merge: merge, Report: report}, w.state.Seq)})
}

// moveInteractions gives interactions another owner. Where there are any, readers are told.
func (w *writer) moveInteractions(name string, p params, n int64) error {
	if n > 0 {
		if err := w.markOwners(); err != nil {
			return err
		}
	}
	_, err := w.run(name, p)
	return err
}

// referredAnew has those derived anew whom a customer has referred.
func (w *writer) referredAnew(referrer string) error {
	records, err := w.run("customers_referred", params{"referrer": referrer})
	if err != nil {
		return err
	}
	var ids []string
	for _, r := range records {
		ids = append(ids, text(r.Values[0]))
	}
	if err := w.complete(ids); err != nil {
		return err
	}
	for _, id := range ids {
		w.people.changed[w.people.root(id)] = true
	}
	return nil
}

// whenSeen adds to customers when they were first and last seen.
func (w *writer) whenSeen(customers [2]*graph.Customer) error {
	for _, c := range customers {
		records, err := w.run("customer_seen", params{"customer": c.ID})
		if err != nil {
			return err
		}
		c.FirstSeenAt, c.LastSeenAt = moment(records[0].Values[0]), moment(records[0].Values[1])
	}
	return nil
}

// snapshot is a customer as it was.
type snapshot struct {
	ID      string
	Profile string
	First   *int64
	Last    *int64
}

func asMicros(v any) *int64 {
	if us, ok := v.(int64); ok {
		return &us
	}
	return nil
}

func parseSnapshot(text string) (c graph.Customer, err error) {
	if text == "" {
		return c, nil
	}
	var s snapshot
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return c, damaged("read the snapshot of a merge")
	}
	found, err := decodeProfile(s.ID, s.Profile)
	if err != nil {
		return c, err
	}
	if s.First != nil {
		found.FirstSeenAt = instant(*s.First)
	}
	if s.Last != nil {
		found.LastSeenAt = instant(*s.Last)
	}
	return *found, nil
}

// mergeFrom reads id, keep, retired, at, reason, undoneAt, keepBefore, retiredBefore, place.
func mergeFrom(v []any) (m graph.Merge, place int64, err error) {
	m = graph.Merge{ID: text(v[0]), Keep: text(v[1]), Retired: text(v[2]), At: moment(v[3]), Reason: text(v[4]), UndoneAt: moment(v[5])}
	for n := range m.Before {
		if m.Before[n], err = parseSnapshot(text(v[6+n])); err != nil {
			return m, 0, err
		}
	}
	place, _ = v[8].(int64)
	return m, place, nil
}

// Merges lists the merges that a customer took part in, newest first.
func (s *Store) Merges(ctx context.Context, customer string) (merges []graph.Merge, err error) {
	records, err := s.read(ctx, "read merges", "merges_of", params{"customer": customer})
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("read merges: there is no customer of that id: %w", graph.ErrNotFound)
	}
	for _, r := range records {
		if r.Values[0] == nil {
			continue
		}
		m, _, err := mergeFrom(r.Values)
		if err != nil {
			return nil, fmt.Errorf("read merges: %w", err)
		}
		merges = append(merges, m)
	}
	return merges, nil
}

// Unmerge undoes a merge.
func (s *Store) Unmerge(ctx context.Context, mergeID string) (m graph.Merge, err error) {
	err = s.write(ctx, "undo merge", func(t *tx) error {
		w := newWriter(t)
		records, err := w.run("merge_by_id", params{"id": mergeID})
		if err != nil {
			return err
		}
		if len(records) == 0 {
			return fmt.Errorf("there is no such merge: %w", graph.ErrNotFound)
		}
		var place int64
		if m, place, err = mergeFrom(records[0].Values); err != nil || !m.UndoneAt.IsZero() {
			return err
		}
		if records, err = w.run("merge_later", params{"place": place, "customer": m.Keep}); err != nil {
			return err
		}
		if len(records) > 0 {
			return fmt.Errorf("customer %q took part in the later merge %s: undo that one first: %w", graph.Clip(m.Keep), text(records[0].Values[0]), graph.ErrConflict)
		}
		if err := w.separate(&m); err != nil {
			return err
		}
		return w.flush()
	})
	if err != nil {
		return graph.Merge{}, err
	}
	return m, nil
}

// separate gives back to the retired customer, and to those who had been merged into it, what came under their ids.
func (w *writer) separate(m *graph.Merge) error {
	if err := w.ask([]graph.CustomerRef{graph.ByID(m.Keep)}); err != nil {
		return err
	}
	p, root := w.people, w.people.root(m.Keep)
	if err := w.complete([]string{root}); err != nil {
		return err
	}
	if err := w.referredAnew(root); err != nil {
		return err
	}
	// All that lead to the retired id again, level by level.
	back := map[string]bool{m.Retired: true}
	for grew := true; grew; {
		grew = false
		for id, r := range p.members[root] {
			if !back[id] && id != root && back[r.leads] && id != m.Keep {
				back[id], grew = true, true
			}
		}
	}
	for id := range back {
		r := p.members[root][id]
		r.root, r.dirty = m.Retired, true
		delete(p.members[root], id)
		p.place(r)
		for i := range p.owned[id] {
			i.dirty = true
		}
	}
	p.records[m.Retired].leads = ""
	p.complete[m.Retired] = true
	p.changed[root], p.changed[m.Retired] = true, true
	w.state.Customers++
	w.change(graph.CustomersUnmerged, m.Retired, m.Keep)
	// The customer must be there before interactions are given to it.
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.moveInteractions("interactions_back", params{"from": root, "to": m.Retired, "origins": keysOf(back)}, 1); err != nil {
		return err
	}
	m.UndoneAt, m.Before = w.now, [2]graph.Customer{}
	_, err := w.run("merge_undone", params{"id": m.ID, "at": w.now.UnixMicro()})
	return err
}

// hashesOf are what is kept of the ids that lead to a customer of today.
func (w *writer) hashesOf(root string) (list []string) {
	for _, r := range w.people.of(root) {
		list = append(list, w.s.erasedHash(graph.ByID(r.id)))
	}
	return list
}

// identityKeys names the identities of a customer of today.
func (w *writer) identityKeys(root string) (list []string) {
	for _, i := range w.people.identitiesOf(root) {
		list = append(list, i.String())
	}
	return list
}
