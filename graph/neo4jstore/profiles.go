package neo4jstore

import (
	"context"
	"fmt"

	"lacuna/graph"
)

// Profiles gives customers with their newest interactions.
func (s *Store) Profiles(ctx context.Context, queries []graph.ProfileQuery) (graph.Profiles, error) {
	if err := graph.CheckProfiles(queries); err != nil {
		return graph.Profiles{}, err
	}
	return s.profiles(ctx, "read profiles", queries)
}

// profileAnswer is what the server gave for one query: id, profile, first, last, interactions, count, nil for nobody, and the state as of which.
type profileAnswer struct {
	values []any
	state  any
}

func (s *Store) profiles(ctx context.Context, what string, queries []graph.ProfileQuery) (found graph.Profiles, err error) {
	if err := s.enter(ctx); err != nil {
		return found, fmt.Errorf("%s: %w", what, err)
	}
	defer s.calls.Leave()
	if len(queries) == 0 {
		return found, nil
	}
	var answers []profileAnswer
	if len(queries) == 1 && queries[0].Newest <= gatherNewest {
		answers = make([]profileAnswer, 1)
		if answers[0], err = s.ask(ctx, queries[0]); err != nil && ctx.Err() != nil {
			err = fmt.Errorf("%s: %w", what, err)
		}
	} else {
		answers, err = s.askProfiles(ctx, what, queries)
	}
	if err != nil {
		return found, err
	}
	found.List = make([]graph.Profile, len(queries))
	for n := range answers {
		if answers[n].values == nil {
			continue
		}
		if found.List[n], err = profileFrom(answers[n].values, &queries[n]); err != nil {
			return graph.Profiles{}, fmt.Errorf("%s: %w", what, err)
		}
	}
	if named, asked := graph.NamedProducts(queries, found.List); asked {
		return s.withCatalog(ctx, what, found, named, answers[0].state)
	}
	return found, nil
}

// askProfiles asks the server, in one round trip.
func (s *Store) askProfiles(ctx context.Context, what string, queries []graph.ProfileQuery) ([]profileAnswer, error) {
	asks, most, counted := make([]params, len(queries)), 0, []int64{}
	for n := range queries {
		q := &queries[n]
		ask := params{"n": int64(n), "id": nil, "key": nil}
		if i, ok := q.Customer.Identity(); ok {
			ask["key"] = i.String()
		} else {
			ask["id"] = q.Customer.Value
		}
		asks[n], most = ask, max(most, q.Newest)
		if q.Count {
			counted = []int64{1}
		}
	}
	if most > 0 {
		most++ // one more tells whether there are further ones
	}
	record, err := s.settled(ctx, what, "profiles", params{"asks": asks, "limit": int64(most), "counted": counted})
	if err != nil {
		return nil, err
	}
	answers := make([]profileAnswer, len(queries))
	for n := range answers {
		answers[n].state = record.Values[3]
	}
	for _, entry := range listOf(record.Values[0]) {
		of := listOf(entry)
		answers[of[0].(int64)].values = of[1:]
	}
	return answers, nil
}

// profileFrom reads id, profile, first, last, interactions, count.
func profileFrom(v []any, q *graph.ProfileQuery) (p graph.Profile, err error) {
	if p.Customer, err = customerFrom(v); err != nil {
		return p, err
	}
	if q.Newest > 0 {
		p.Newest, err = pageFrom(v[4], q.Newest)
	}
	if q.Count {
		p.Count, _ = v[5].(int64)
	}
	return p, err
}

// customerFrom reads id, profile, first, last.
func customerFrom(v []any) (*graph.Customer, error) {
	c, err := decodeProfile(text(v[0]), text(v[1]))
	if err != nil {
		return nil, err
	}
	c.FirstSeenAt, c.LastSeenAt = moment(v[2]), moment(v[3])
	return c, nil
}

// withCatalog adds products, as of the state that was read with the interactions that name them.
func (s *Store) withCatalog(ctx context.Context, what string, found graph.Profiles, named map[string]bool, at any) (graph.Profiles, error) {
	now, err := parseState(at)
	if err != nil {
		return graph.Profiles{}, fmt.Errorf("%s: %w", what, err)
	}
	c, err := s.catalogOf(ctx, what, now.Catalog)
	if err != nil {
		return graph.Profiles{}, err
	}
	found.Products, found.Tree = make(map[string]*graph.Product, len(named)), c.tree
	for id := range named {
		if p := c.products[id]; p != nil {
			found.Products[id] = copyProduct(p)
		}
	}
	return found, nil
}
