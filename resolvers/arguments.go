package resolvers

import (
	"fmt"
	"maps"
	"slices"

	"lacuna/graph"
	"lacuna/graph/model"
)

const (
	mostPerPage   = 500
	mostCustomers = 200   // of one customers field
	mostRows      = 1_000 // of one mutation
)

func pageSize(first int32) (int, error) {
	if first < 0 || first > mostPerPage {
		return 0, invalidArgument("first is %d: use 0 to %d, and after for more", first, mostPerPage)
	}
	return int(first), nil
}

func checkRows(n int) error {
	if n > mostRows {
		return invalidArgument("input has %d rows: send at most %d at a time", n, mostRows)
	}
	return nil
}

// customerRef decodes who is meant. Exactly one key must be given; the executor does not see to that in variables.
func customerRef(by *model.CustomerBy, path string) (graph.CustomerRef, error) {
	switch {
	case by == nil || (by.ID == nil) == (by.Identity == nil):
		return graph.CustomerRef{}, invalidArgument("%s: give exactly one of id and identity", path)
	case by.ID != nil && *by.ID == "":
		return graph.CustomerRef{}, invalidArgument("%s.id is empty", path)
	case by.ID != nil:
		return graph.ByID(*by.ID), nil
	}
	identity := graph.Identity{Kind: by.Identity.Kind, Value: by.Identity.Value}.Normalize()
	if identity.Value == "" {
		return graph.CustomerRef{}, invalidArgument("%s.identity.value is empty", path)
	}
	return graph.ByIdentity(identity), nil
}

func customerRefs(by []model.CustomerBy) ([]graph.CustomerRef, error) {
	if len(by) > mostCustomers {
		return nil, invalidArgument("by has %d entries: ask for at most %d customers at a time", len(by), mostCustomers)
	}
	refs := make([]graph.CustomerRef, len(by))
	for i := range by {
		ref, err := customerRef(&by[i], fmt.Sprintf("by[%d]", i))
		if err != nil {
			return nil, err
		}
		refs[i] = ref
	}
	return refs, nil
}

func interactionFilter(where *model.InteractionWhere) (graph.InteractionFilter, error) {
	if where == nil {
		return graph.InteractionFilter{}, nil
	}
	f := graph.InteractionFilter{
		Types: where.Types, Channels: where.Channels,
		Category: text(where.Category), Product: text(where.Product), Query: text(where.Query),
	}
	// An empty condition would silently match everything, which is never what was meant.
	switch {
	case where.Types != nil && len(where.Types) == 0:
		return f, invalidArgument("where.types is empty: name types or leave it out")
	case where.Channels != nil && len(where.Channels) == 0:
		return f, invalidArgument("where.channels is empty: name channels or leave it out")
	}
	if err := refuseEmpty(map[string]*string{"where.category": where.Category, "where.product": where.Product, "where.query": where.Query}); err != nil {
		return f, err
	}
	if where.Between != nil {
		f.From, f.To = where.Between.From, where.Between.To
		if !f.From.Before(f.To) {
			return f, invalidArgument("where.between: from must be before to")
		}
	}
	return f, nil
}

func productFilter(where *model.ProductWhere) (graph.ProductQuery, error) {
	if where == nil {
		return graph.ProductQuery{}, nil
	}
	q := graph.ProductQuery{
		Category: text(where.Category), Tag: text(where.Tag), Search: text(where.Search), InStock: graph.FromPtr(where.InStock),
	}
	return q, refuseEmpty(map[string]*string{"where.category": where.Category, "where.tag": where.Tag, "where.search": where.Search})
}

// refuseEmpty refuses the first empty condition in order of path, so that the same request is told the same.
func refuseEmpty(conditions map[string]*string) error {
	for _, path := range slices.Sorted(maps.Keys(conditions)) {
		if value := conditions[path]; value != nil && *value == "" {
			return invalidArgument("%s is empty: fill it or leave it out", path)
		}
	}
	return nil
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
