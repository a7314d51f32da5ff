package resolvers

import (
	"context"

	"lacuna/graph/generated"
	"lacuna/graph/model"
	"lacuna/loader"
)

type productConnection struct{ *root }

var _ generated.ProductConnectionResolver = productConnection{}

func (r productConnection) TotalCount(ctx context.Context, c *model.ProductConnection) (int32, error) {
	n, err := r.store.CountProducts(ctx, c.Query)
	return model.Count(n), err
}

// productByID gives nil for what is unknown.
func productByID(ctx context.Context, id string) (*model.Product, error) {
	found, err := loader.For(ctx).Products(ctx, []string{id})
	if err != nil || found[id] == nil {
		return nil, err
	}
	tree, err := loader.For(ctx).Tree(ctx)
	if err != nil {
		return nil, err
	}
	p := model.NewProduct(found[id], tree)
	return &p, nil
}
