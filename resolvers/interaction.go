package resolvers

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
	"lacuna/loader"
)

type interactionConnection struct{}

var _ generated.InteractionConnectionResolver = interactionConnection{}

func (interactionConnection) TotalCount(ctx context.Context, c *model.InteractionConnection) (int32, error) {
	n, err := loader.For(ctx).CountInteractions(ctx, c.Query)
	return model.Count(n), err
}

// catalogFor reads what a page of interactions is about, if the query asks for any of it. Doing so here, and not in a
// resolver of each interaction, saves a goroutine for each.
func catalogFor(ctx context.Context, page graph.InteractionPage) (*model.Catalog, error) {
	catalog := &model.Catalog{}
	field := graphql.GetFieldContext(ctx).Field
	if len(page.Interactions) == 0 || !asksForCatalog(graphql.GetOperationContext(ctx), field.Selections) {
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

// asksForCatalog tells whether a selection on a connection, or on a part of it, leads to products or categories.
func asksForCatalog(op *graphql.OperationContext, set ast.SelectionSet) bool {
	for _, field := range graphql.CollectFields(op, set, interactionTypes) {
		switch field.Name {
		case "product", "category":
			return true
		case "nodes", "edges", "node":
			if asksForCatalog(op, field.Selections) {
				return true
			}
		}
	}
	return false
}

// interactionTypes are the types between a connection and its interactions, which fragments may name.
var interactionTypes = []string{"InteractionConnection", "InteractionEdge", "Interaction"}
