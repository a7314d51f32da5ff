package neo4jstore

import (
	"cmp"
	"context"
	"slices"

	"lacuna/graph"
)

// contest notes that a customer's row claimed an identity of somebody else.
func (w *writer) contest(i graph.Identity, claimant string) error {
	return w.each("contested_note", []params{{"identity": i.String(), "claimant": w.s.erasedHash(graph.ByID(claimant))}})
}

// settleContested forgets those claimants of a customer's identities who are that customer.
func (w *writer) settleContested(root string) error {
	keys := w.identityKeys(root)
	if len(keys) == 0 {
		return nil
	}
	_, err := w.run("contested_settle", params{"identities": keys, "claimants": w.hashesOf(root)})
	return err
}

// Contested lists identities that others than their owner claim.
func (s *Store) Contested(ctx context.Context, first int) (list []graph.ContestedIdentity, err error) {
	if err := graph.CheckCount("identities", first, graph.MaxPage); err != nil {
		return nil, err
	}
	records, err := s.read(ctx, "read contested identities", "contested", nil)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		kind, _ := r.Values[0].(int64)
		n, _ := r.Values[3].(int64)
		list = append(list, graph.ContestedIdentity{Identity: graph.Identity{Kind: graph.IdentityKind(kind), Value: text(r.Values[1])}, Owner: text(r.Values[2]), Claimants: n})
	}
	slices.SortFunc(list, func(a, b graph.ContestedIdentity) int {
		return cmp.Or(cmp.Compare(b.Claimants, a.Claimants), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
	})
	return list[:min(first, len(list))], nil
}

// writeUnread notes records that are not read.
func (w *writer) writeUnread(u *graph.UnreadRecords) (graph.Outcome, error) {
	if r := u.Check(); r != nil {
		return r.Outcome(), nil
	}
	records, err := w.run("unread_put", unreadRow(u))
	if err != nil {
		return graph.Outcome{}, err
	}
	return graph.NewOutcome(records[0].Values[0] == true), nil
}

// Unread lists the names of records that are not read.
func (s *Store) Unread(ctx context.Context, first int) (list []graph.UnreadName, err error) {
	if err := graph.CheckCount("names", first, graph.MaxPage); err != nil {
		return nil, err
	}
	records, err := s.read(ctx, "read names of unread records", "unread", params{"limit": int64(first)})
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		n, _ := r.Values[1].(int64)
		files, _ := r.Values[2].(int64)
		list = append(list, graph.UnreadName{Name: text(r.Values[0]), Records: n, Files: files})
	}
	return list, nil
}
