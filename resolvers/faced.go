package resolvers

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"lacuna/graph"
	"lacuna/graph/model"
	"lacuna/loader"
)

// customersFaced gives the customers whom a field of the query asks for by reference, nil for nobody, and reads with them what is shown beside
// a profile, so that it takes one round trip.
func customersFaced(ctx context.Context, refs []graph.CustomerRef) ([]*model.Customer, error) {
	op := graphql.GetOperationContext(ctx)
	alone := len(graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"})) == 1
	wanted := shownBeside(op, graphql.GetFieldContext(ctx).Field)
	var found []*graph.Customer
	var err error
	if wanted == (graph.ProfileQuery{}) && !alone {
		found, err = loader.For(ctx).Customers(ctx, refs)
	} else {
		queries := make([]graph.ProfileQuery, len(refs))
		for i, ref := range refs {
			queries[i] = wanted
			queries[i].Customer = ref
		}
		found, err = loader.For(ctx).Profiles(ctx, queries, alone)
	}
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

// shownBeside tells how many of the newest interactions a field of customers asks for, and what of them. Those who filter or page ask later.
func shownBeside(op *graphql.OperationContext, customers graphql.CollectedField) (wanted graph.ProfileQuery) {
	for _, field := range graphql.CollectFields(op, customers.Selections, []string{"Customer"}) {
		if field.Name != "interactions" {
			continue
		}
		given := field.ArgumentMap(op.Variables)
		if given["where"] != nil || given["after"] != nil {
			continue
		}
		first, err := graphql.UnmarshalInt32(given["first"])
		if err != nil {
			continue
		}
		size, err := pageSize(first)
		if err != nil {
			continue // which the field itself tells
		}
		wanted.Newest = max(wanted.Newest, size)
		wanted.Count = wanted.Count || selected(op, field.Selections, []string{"totalCount"})
		wanted.Catalog = wanted.Catalog || selected(op, field.Selections, []string{"product", "category"})
	}
	return wanted
}
