package resolvers

import (
	"context"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
	"lacuna/loader"
)

type query struct{ *root }

var _ generated.QueryResolver = query{}

func (query) Customer(ctx context.Context, by model.CustomerBy) (*model.Customer, error) {
	ref, err := customerRef(&by, "by")
	if err != nil {
		return nil, err
	}
	return customerByRef(ctx, ref)
}

func (query) Customers(ctx context.Context, by []model.CustomerBy) ([]*model.Customer, error) {
	refs, err := customerRefs(by)
	if err != nil {
		return nil, err
	}
	found, err := loader.For(ctx).Customers(ctx, refs)
	if err != nil {
		return nil, err
	}
	list := make([]*model.Customer, len(found))
	for i, c := range found {
		if c != nil {
			list[i] = &model.Customer{Customer: c}
		}
	}
	return list, nil
}

func (r query) FindCustomers(ctx context.Context, search *string, orderBy *graph.CustomerOrder, first int32, after *string) (*model.CustomerConnection, error) {
	q := graph.CustomerQuery{Search: text(search)}
	if orderBy != nil {
		q.Order = *orderBy
	}
	err := refuseEmpty(map[string]*string{"search": search})
	if err != nil {
		return nil, err
	}
	if q.First, err = pageSize(first); err != nil {
		return nil, err
	}
	if q.After, err = customerKey(q.Order, after); err != nil {
		return nil, err
	}
	page, err := r.store.FindCustomers(ctx, q)
	if err != nil {
		return nil, err
	}
	return model.NewCustomerConnection(page, q, func(c model.Customer) string { return customerCursor(q.Order, c.Key()) }), nil
}

func (r query) Status(ctx context.Context) (*model.Status, error) {
	stats, err := r.store.Stats(ctx)
	if err != nil {
		return nil, err
	}
	status := &model.Status{
		Store: r.place, DataVersion: string(stats.Version),
		Customers: model.Count(stats.Customers), Interactions: model.Count(stats.Interactions),
		Products: model.Count(stats.Products), Categories: model.Count(stats.Categories), Segments: model.Count(stats.Segments),
	}
	if !stats.LatestAt.IsZero() {
		status.AsOf = &stats.LatestAt
	}
	return status, nil
}

func (query) Product(ctx context.Context, id string) (*model.Product, error) {
	return productByID(ctx, id)
}

func (r query) Products(ctx context.Context, where *model.ProductWhere, first int32, after *string) (*model.ProductConnection, error) {
	q, err := productFilter(where)
	if err != nil {
		return nil, err
	}
	if q.First, err = pageSize(first); err != nil {
		return nil, err
	}
	if q.After, err = productKey(after); err != nil {
		return nil, err
	}
	page, err := r.store.FindProducts(ctx, q)
	if err != nil {
		return nil, err
	}
	tree, err := loader.For(ctx).Tree(ctx)
	if err != nil {
		return nil, err
	}
	return model.NewProductConnection(page, q, tree, func(p model.Product) string { return encodeCursor(productCursor, p.ID) }), nil
}

func (query) Category(ctx context.Context, id string) (*model.Category, error) {
	tree, err := loader.For(ctx).Tree(ctx)
	if err != nil {
		return nil, err
	}
	return model.CategoryIn(tree, id), nil
}

func (query) Categories(ctx context.Context, parent *string) ([]model.Category, error) {
	tree, err := loader.For(ctx).Tree(ctx)
	if err != nil {
		return nil, err
	}
	return model.ChildrenIn(tree, text(parent)), nil
}
