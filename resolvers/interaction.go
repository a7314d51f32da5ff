package resolvers

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
	"lacuna/loader"
)

type interactionConnection struct{}

var _ generated.InteractionConnectionResolver = interactionConnection{}

func (interactionConnection) TotalCount(_ context.Context, c *model.InteractionConnection) (int32, error) {
	n, err := c.Total()
	return model.Count(n), err
}

// interactionsOf reads a page of a customer's interactions with what they are about. A total is asked for beside the
// page: once pages are there, the customers of a list no longer ask for theirs at the same time.
func interactionsOf(ctx context.Context, c *model.Customer, q graph.InteractionQuery) (*model.InteractionConnection, error) {
	var total func() (int64, error)
	if asksFor(ctx, "totalCount") {
		total = loader.For(ctx).CountInteractions(ctx, q)
	}
	page, err := loader.For(ctx).Interactions(ctx, q)
	if err != nil {
		return nil, err
	}
	catalog, err := catalogFor(ctx, page)
	if err != nil {
		return nil, err
	}
	connection := model.NewInteractionConnection(page, c.Customer, catalog, func(i model.Interaction) string {
		return encodeCursor(interactionCursor, encodeTime(i.At), i.ID)
	})
	connection.Total = total
	return connection, nil
}

// catalogFor reads what a page of interactions is about, if the query asks for any of it. Doing so here, and not in a
// resolver of each interaction, saves a goroutine for each.
func catalogFor(ctx context.Context, page graph.InteractionPage) (*model.Catalog, error) {
	catalog := &model.Catalog{}
	if len(page.Interactions) == 0 || !asksFor(ctx, "product", "category") {
		return catalog, nil
	}
	ids := make([]string, 0, len(page.Interactions))
	for i := range page.Interactions {
		if id := page.Interactions[i].Product; id != "" {
			ids = append(ids, id)
		}
	}
	var err error
	if catalog.Products, err = loader.For(ctx).Products(ctx, ids); err != nil {
		return nil, err
	}
	catalog.Tree, err = loader.For(ctx).Tree(ctx)
	return catalog, err
}

// asksFor tells whether the field that a context belongs to, a connection of interactions, is asked for any of these
// fields, itself or its interactions.
func asksFor(ctx context.Context, names ...string) bool {
	return selected(graphql.GetOperationContext(ctx), graphql.GetFieldContext(ctx).Field.Selections, names)
}

func selected(op *graphql.OperationContext, set ast.SelectionSet, names []string) bool {
	for _, field := range graphql.CollectFields(op, set, interactionTypes) {
		if slices.Contains(names, field.Name) {
			return true
		}
		switch field.Name {
		case "nodes", "edges", "node":
			if selected(op, field.Selections, names) {
				return true
			}
		}
	}
	return false
}

// interactionTypes are the types between a connection and its interactions, which fragments may name.
var interactionTypes = []string{"InteractionConnection", "InteractionEdge", "Interaction"}
