package neo4jstore

import (
	"context"
	"fmt"
	"math"
	"slices"

	"lacuna/graph"
)

// maxSorted is up to how many matches a search sorts. Where more match, one in so many customers does, and walking along the order finds
// them soon.
const maxSorted = 2_000

// walk is a run along an index: a query, and the key that it goes on after.
type walk struct {
	name string
	p    params
}

// walksOf gives the walks of an order from a key on: those that have what the order asks for, then those that lack it.
func walksOf(order graph.CustomerOrder, after *graph.CustomerKey) []walk {
	if after == nil {
		after = &graph.CustomerKey{}
		switch order {
		case graph.ByName:
			return []walk{{"walk_named", params{"key": "", "rest": "", "id": ""}}, {"walk_nameless", params{"id": ""}}}
		case graph.ByNewest:
			return []walk{{"walk_dated", params{"at": int64(math.MaxInt64), "id": ""}}, {"walk_dateless", params{"id": ""}}}
		}
	}
	switch {
	case order == graph.ByName && after.Name == "":
		return []walk{{"walk_nameless", params{"id": after.ID}}}
	case order == graph.ByName:
		key, rest := nameKey(after.Name)
		return []walk{{"walk_named", params{"key": key, "rest": rest, "id": after.ID}}, {"walk_nameless", params{"id": ""}}}
	case order == graph.ByNewest && after.CreatedAt.IsZero():
		return []walk{{"walk_dateless", params{"id": after.ID}}}
	case order == graph.ByNewest:
		return []walk{{"walk_dated", params{"at": after.CreatedAt.UnixMicro(), "id": after.ID}}, {"walk_dateless", params{"id": ""}}}
	default:
		return []walk{{"walk_ids", params{"id": after.ID}}}
	}
}

// FindCustomers gives one page of customers.
func (s *Store) FindCustomers(ctx context.Context, q graph.CustomerQuery) (page graph.CustomerPage, err error) {
	if err := graph.CheckCount("customers", q.First, graph.MaxPage); err != nil {
		return page, err
	}
	if q.Order > graph.ByNewest {
		return page, fmt.Errorf("find customers: there is no order %d: %w", q.Order, graph.ErrInvalid)
	}
	ids, err := s.findIDs(ctx, &q)
	if err != nil {
		return page, err
	}
	if page.More = len(ids) > q.First; page.More {
		ids = ids[:q.First]
	}
	if page.Customers, err = s.byIDs(ctx, "find customers", ids); err != nil {
		return graph.CustomerPage{}, err
	}
	return page, nil
}

// findIDs gives the ids of a page and of one customer more, if there is one.
func (s *Store) findIDs(ctx context.Context, q *graph.CustomerQuery) (ids []string, err error) {
	search := graph.Fold(q.Search)
	if search != "" {
		matches, all, err := s.matches(ctx, search)
		if err != nil {
			return nil, err
		}
		if all {
			return pageOf(matches, q), nil
		}
	}
	for _, w := range walksOf(q.Order, q.After) {
		w.p["limit"], w.p["search"], w.p["searchKey"] = int64(q.First+1-len(ids)), orNull(search), orNull(termKey(search))
		records, err := s.read(ctx, "find customers", w.name, w.p)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			ids = append(ids, text(r.Values[0]))
		}
		if len(ids) > q.First {
			break
		}
	}
	return ids, nil
}

// matches gives the places of all who match a search, unless there are too many.
func (s *Store) matches(ctx context.Context, search string) (list []graph.CustomerKey, all bool, err error) {
	records, err := s.read(ctx, "find customers", "search", params{"search": search, "searchKey": termKey(search), "limit": int64(maxSorted + 1)})
	if err != nil || len(records) > maxSorted {
		return nil, false, err
	}
	for _, r := range records {
		list = append(list, graph.CustomerKey{ID: text(r.Values[0]), Name: text(r.Values[1]) + text(r.Values[2]), CreatedAt: moment(r.Values[3])})
	}
	return list, true, nil
}

// pageOf puts those who match in order.
func pageOf(matches []graph.CustomerKey, q *graph.CustomerQuery) (ids []string) {
	if q.After != nil {
		matches = slices.DeleteFunc(matches, func(k graph.CustomerKey) bool { return q.Order.Compare(&k, q.After) <= 0 })
	}
	slices.SortFunc(matches, func(a, b graph.CustomerKey) int { return q.Order.Compare(&a, &b) })
	for _, k := range matches[:min(len(matches), q.First+1)] {
		ids = append(ids, k.ID)
	}
	return ids
}

// CountCustomers counts customers.
func (s *Store) CountCustomers(ctx context.Context, q graph.CustomerQuery) (int64, error) {
	search := graph.Fold(q.Search)
	if search == "" {
		stats, err := s.Stats(ctx)
		return stats.Customers, err
	}
	records, err := s.read(ctx, "count customers", "search_count", params{"search": search, "searchKey": termKey(search)})
	if err != nil {
		return 0, err
	}
	n, _ := records[0].Values[0].(int64)
	return n, nil
}
