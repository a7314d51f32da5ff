package neo4jstore

import (
	"context"
	"fmt"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
)

// Customers gives profiles by reference.
func (s *Store) Customers(ctx context.Context, refs []graph.CustomerRef) (map[graph.CustomerRef]*graph.Customer, error) {
	if err := graph.CheckCount("references", len(refs), graph.MaxKeys); err != nil {
		return nil, err
	}
	ids, keys, byKey := []string{}, []string{}, map[string]graph.CustomerRef{}
	seen := map[graph.CustomerRef]bool{}
	for _, ref := range refs {
		if seen[ref] {
			continue
		}
		seen[ref] = true
		if i, ok := ref.Identity(); ok {
			keys = append(keys, i.String())
			byKey[i.String()] = ref
		} else {
			ids = append(ids, ref.Value)
		}
	}
	records, err := s.read(ctx, "read customers", "customers", params{"ids": ids, "keys": keys})
	if err != nil {
		return nil, err
	}
	found := make(map[graph.CustomerRef]*graph.Customer, len(refs))
	for _, r := range records { // id asked for, key asked for, then the columns of a customer
		c, err := customerFrom(r.Values[2:])
		if err != nil {
			return nil, fmt.Errorf("read customers: %w", err)
		}
		if key := text(r.Values[1]); key != "" {
			found[byKey[key]] = c
		} else {
			found[graph.ByID(text(r.Values[0]))] = c
		}
	}
	return found, nil
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

// byIDs gives the profiles of customers of today in the order of their ids; who is gone meanwhile is left out.
func (s *Store) byIDs(ctx context.Context, what string, ids []string) ([]*graph.Customer, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	records, err := s.read(ctx, what, "customers", params{"ids": ids, "keys": []string{}})
	if err != nil {
		return nil, err
	}
	found := make(map[string]*neo4j.Record, len(records))
	for _, r := range records {
		found[text(r.Values[0])] = r
	}
	list := make([]*graph.Customer, 0, len(ids))
	for _, id := range ids {
		if found[id] == nil {
			continue
		}
		c, err := customerFrom(found[id].Values[2:])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		list = append(list, c)
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
