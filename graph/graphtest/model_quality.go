package graphtest

import (
	"cmp"
	"context"
	"slices"

	"lacuna/graph"
)

type unreadKey struct{ source, file, name string }

// contest notes that a row of id claimed an identity of somebody else.
func (d *modelData) contest(identity graph.Identity, id string) {
	if d.contested[identity] == nil {
		d.contested[identity] = map[string]bool{}
	}
	d.contested[identity][id] = true
}

// settleContested forgets those who claim what is theirs by now, and what is nobody's.
func (d *modelData) settleContested() {
	for identity, claimants := range d.contested {
		owner := d.find(graph.ByIdentity(identity))
		for id := range claimants {
			if owner == "" || d.find(graph.ByID(id)) == owner || d.erased[graph.ByID(id)] {
				delete(claimants, id)
			}
		}
	}
}

func (m *model) Contested(ctx context.Context, first int) ([]graph.ContestedIdentity, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if first < 0 || first > graph.MaxPage {
		return nil, graph.ErrInvalid
	}
	var list []graph.ContestedIdentity
	for identity, claimants := range m.d.contested {
		if len(claimants) > 0 {
			list = append(list, graph.ContestedIdentity{Identity: identity, Owner: m.d.find(graph.ByIdentity(identity)), Claimants: int64(len(claimants))})
		}
	}
	slices.SortFunc(list, func(a, b graph.ContestedIdentity) int {
		return cmp.Or(cmp.Compare(b.Claimants, a.Claimants), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
	})
	return list[:min(first, len(list))], nil
}

func (m *model) writeUnread(u *graph.UnreadRecords) graph.Outcome {
	if r := u.Check(); r != nil {
		return rejected(r)
	}
	key := unreadKey{u.Source, u.File, u.Name}
	old, have := m.d.unread[key]
	m.d.unread[key] = u.Records
	return changed(!have || old != u.Records)
}

func (m *model) Unread(ctx context.Context, first int) ([]graph.UnreadName, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if first < 0 || first > graph.MaxPage {
		return nil, graph.ErrInvalid
	}
	sums := map[string]graph.UnreadName{}
	for key, records := range m.d.unread {
		sum := sums[key.name]
		sums[key.name] = graph.UnreadName{Name: key.name, Records: sum.Records + records, Files: sum.Files + 1}
	}
	var list []graph.UnreadName
	for _, sum := range sums {
		if sum.Records > 0 {
			list = append(list, sum)
		}
	}
	slices.SortFunc(list, func(a, b graph.UnreadName) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Name, b.Name))
	})
	return list[:min(first, len(list))], nil
}
