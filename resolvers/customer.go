package resolvers

import (
	"context"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
	"lacuna/loader"
)

type customer struct{}

var _ generated.CustomerResolver = customer{}

func (customer) Household(_ context.Context, c *model.Customer) (*model.Household, error) {
	if c.Household == "" {
		return nil, nil //nolint:nilnil // null is the answer
	}
	return &model.Household{ID: c.Household}, nil
}

func (customer) Referrals(_ context.Context, c *model.Customer) (*model.Referrals, error) {
	return &model.Referrals{Customer: c.ID, By: c.ReferredBy}, nil
}

func (customer) Interactions(ctx context.Context, c *model.Customer, where *model.InteractionWhere, first int32, after *string) (*model.InteractionConnection, error) {
	q := graph.InteractionQuery{Customer: c.ID}
	var err error
	if q.Filter, err = interactionFilter(where); err != nil {
		return nil, err
	}
	if q.First, err = pageSize(first); err != nil {
		return nil, err
	}
	if q.After, err = interactionKey(after); err != nil {
		return nil, err
	}
	return interactionsOf(ctx, c, q)
}

func (customer) Touchpoints(ctx context.Context, c *model.Customer) ([]model.Touchpoint, error) {
	found, err := loader.For(ctx).Touchpoints(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	list := make([]model.Touchpoint, len(found))
	for i, t := range found {
		list[i] = model.Touchpoint{Touchpoint: t}
	}
	return list, nil
}

type customerConnection struct{ *root }

var _ generated.CustomerConnectionResolver = customerConnection{}

func (r customerConnection) TotalCount(ctx context.Context, c *model.CustomerConnection) (int32, error) {
	if c.Total != nil {
		n, err := c.Total(ctx)
		return model.Count(n), err
	}
	n, err := r.store.CountCustomers(ctx, c.Query)
	return model.Count(n), err
}

type household struct{}

var _ generated.HouseholdResolver = household{}

func (household) Members(ctx context.Context, h *model.Household) ([]model.Customer, error) {
	ids, err := loader.For(ctx).Members(ctx, h.ID)
	if err != nil {
		return nil, err
	}
	return customersByID(ctx, ids)
}

type referrals struct{}

var _ generated.ReferralsResolver = referrals{}

func (referrals) ReferredBy(ctx context.Context, r *model.Referrals) (*model.Customer, error) {
	if r.By == "" {
		return nil, nil //nolint:nilnil // null is the answer
	}
	return customerByRef(ctx, graph.ByID(r.By))
}

func (referrals) Referred(ctx context.Context, r *model.Referrals) ([]model.Customer, error) {
	ids, err := loader.For(ctx).Referred(ctx, r.Customer)
	if err != nil {
		return nil, err
	}
	return customersByID(ctx, ids)
}

// customerByRef gives nil for nobody.
func customerByRef(ctx context.Context, ref graph.CustomerRef) (*model.Customer, error) {
	found, err := loader.For(ctx).Customer(ctx, ref)
	if found == nil || err != nil {
		return nil, err
	}
	return &model.Customer{Customer: found}, nil
}

// customersByID leaves out those who are gone since their ids were listed.
func customersByID(ctx context.Context, ids []string) ([]model.Customer, error) {
	refs := make([]graph.CustomerRef, len(ids))
	for i, id := range ids {
		refs[i] = graph.ByID(id)
	}
	found, err := loader.For(ctx).Customers(ctx, refs)
	if err != nil {
		return nil, err
	}
	list := make([]model.Customer, 0, len(found))
	for _, c := range found {
		if c != nil {
			list = append(list, model.Customer{Customer: c})
		}
	}
	return list, nil
}
