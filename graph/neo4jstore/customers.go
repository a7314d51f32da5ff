package neo4jstore

import (
	"context"
	"fmt"

	"lacuna/graph"
)

// Customers gives profiles by reference.
func (s *Store) Customers(ctx context.Context, refs []graph.CustomerRef) (map[graph.CustomerRef]*graph.Customer, error) {
	if err := graph.CheckCount("references", len(refs), graph.MaxKeys); err != nil {
		return nil, err
	}
	return s.byRefs(ctx, "read customers", refs)
}

func (s *Store) byRefs(ctx context.Context, what string, refs []graph.CustomerRef) (map[graph.CustomerRef]*graph.Customer, error) {
	queries := make([]graph.ProfileQuery, 0, len(refs))
	seen := make(map[graph.CustomerRef]bool, len(refs))
	for _, ref := range refs {
		if !seen[ref] {
			seen[ref] = true
			queries = append(queries, graph.ProfileQuery{Customer: ref})
		}
	}
	profiles, err := s.profiles(ctx, what, queries)
	if err != nil {
		return nil, err
	}
	found := make(map[graph.CustomerRef]*graph.Customer, len(queries))
	for n, p := range profiles.List {
		if p.Customer != nil {
			found[queries[n].Customer] = p.Customer
		}
	}
	return found, nil
}

// byIDs gives the profiles of customers of today in the order of their ids; who is gone meanwhile is left out.
func (s *Store) byIDs(ctx context.Context, what string, ids []string) ([]*graph.Customer, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	refs := make([]graph.CustomerRef, len(ids))
	for n, id := range ids {
		refs[n] = graph.ByID(id)
	}
	found, err := s.byRefs(ctx, what, refs)
	if err != nil {
		return nil, err
	}
	list := make([]*graph.Customer, 0, len(ids))
	for n, ref := range refs {
		if c := found[ref]; c != nil && c.ID == ids[n] {
			list = append(list, c)
		}
	}
	return list, nil
}

// Related lists customers who stand in a relation to each key.
func (s *Store) Related(ctx context.Context, relation graph.Relation, keys []string) (map[string][]string, error) {
	if err := graph.CheckCount("keys", len(keys), graph.MaxKeys); err != nil {
		return nil, err
	}
	name, ok := map[graph.Relation]string{graph.HouseholdMembers: "related_household", graph.ReferredCustomers: "related_referred"}[relation]
	if !ok {
		return nil, fmt.Errorf("read related customers: there is no relation %d: %w", relation, graph.ErrInvalid)
	}
	records, err := s.read(ctx, "read related customers", name, params{"keys": keys, "limit": int64(graph.MaxRelated)})
	if err != nil {
		return nil, err
	}
	found := map[string][]string{}
	for _, r := range records {
		if list := texts(r.Values[1]); len(list) > 0 {
			found[text(r.Values[0])] = list
		}
	}
	return found, nil
}
