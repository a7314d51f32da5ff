package resolvers

import (
	"context"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
	"lacuna/loader"
)

type interaction struct{}

var _ generated.InteractionResolver = interaction{}

func (interaction) Customer(ctx context.Context, i *model.Interaction) (*model.Customer, error) {
	return customerByRef(ctx, graph.ByID(i.Owner))
}

func (interaction) Product(ctx context.Context, i *model.Interaction) (*model.Product, error) {
	return productByID(ctx, i.Interaction.Product)
}

func (interaction) Category(ctx context.Context, i *model.Interaction) (*model.Category, error) {
	id := i.Interaction.Category
	if id == "" {
		p, err := productByID(ctx, i.Interaction.Product)
		if err != nil || p == nil || len(p.Product.Categories) == 0 {
			return nil, err
		}
		id = p.Product.Categories[0]
	}
	tree, err := loader.For(ctx).Tree(ctx)
	if err != nil {
		return nil, err
	}
	return model.CategoryIn(tree, id), nil
}

type interactionConnection struct{}

var _ generated.InteractionConnectionResolver = interactionConnection{}

func (interactionConnection) TotalCount(ctx context.Context, c *model.InteractionConnection) (int32, error) {
	n, err := loader.For(ctx).CountInteractions(ctx, c.Query)
	return model.Count(n), err
}
