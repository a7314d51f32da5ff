package resolvers

import (
	"context"

	"lacuna/graph/generated"
	"lacuna/graph/model"
	"lacuna/loader"
)

type product struct{}

var _ generated.ProductResolver = product{}

func (product) Categories(ctx context.Context, p *model.Product) ([]model.Category, error) {
	tree, err := loader.For(ctx).Tree(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]model.Category, 0, len(p.Product.Categories))
	for _, id := range p.Product.Categories {
		if c := model.CategoryIn(tree, id); c != nil {
			list = append(list, *c)
		}
	}
	return list, nil
}

type productConnection struct{ *root }

var _ generated.ProductConnectionResolver = productConnection{}

func (r productConnection) TotalCount(ctx context.Context, c *model.ProductConnection) (int32, error) {
	n, err := r.store.CountProducts(ctx, c.Query)
	return model.Count(n), err
}

// productByID gives nil for "" and for what is unknown.
func productByID(ctx context.Context, id string) (*model.Product, error) {
	if id == "" {
		return nil, nil //nolint:nilnil // null is the answer
	}
	found, err := loader.For(ctx).Product(ctx, id)
	if found == nil || err != nil {
		return nil, err
	}
	return &model.Product{Product: found}, nil
}
