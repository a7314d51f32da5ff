package resolvers

import (
	"context"
	"time"

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
	list, err := customersFaced(ctx, []graph.CustomerRef{ref})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (query) Customers(ctx context.Context, by []model.CustomerBy) ([]*model.Customer, error) {
	refs, err := customerRefs(by)
	if err != nil {
		return nil, err
	}
	return customersFaced(ctx, refs)
}

func (r query) FindCustomers(ctx context.Context, where map[string]any, asOf *time.Time, search *string, orderBy *graph.CustomerOrder, first int32, after *string) (*model.CustomerConnection, error) {
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
	if where != nil {
		return r.customersWhere(ctx, where, asOf, q, first, after)
	}
	if asOf != nil {
		return nil, invalidArgument("asOf says when where is judged: give where too")
	}
	page, err := r.store.FindCustomers(ctx, q)
	if err != nil {
		return nil, err
	}
	return model.NewCustomerConnection(page, q, func(c model.Customer) string { return customerCursor(q.Order, c.Key()) }), nil
}

// customersWhere gives a page of those customers in whom a rule holds. In order of id it comes from the engine; otherwise the store's pages
// are looked through.
func (r query) customersWhere(ctx context.Context, where map[string]any, asOf *time.Time, q graph.CustomerQuery, first int32, after *string) (*model.CustomerConnection, error) {
	rule, err := decodeRule(where, "where")
	if err != nil {
		return nil, err
	}
	v, at, err := viewAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	compiled, err := v.Compile(rule, "where")
	if err != nil {
		return nil, err
	}
	if q.Order == graph.ByCustomerID && q.Search == "" {
		return membersPage(ctx, compiled, at, first, after)
	}
	members, err := compiled.Members(ctx, at)
	if err != nil {
		return nil, err
	}
	var found graph.CustomerPage
	err = r.look(ctx, q, func(c *graph.Customer) bool {
		switch {
		case !members.Has(c.ID):
		case len(found.Customers) < q.First:
			found.Customers = append(found.Customers, c)
		default:
			found.More = true
		}
		return !found.More
	})
	if err != nil {
		return nil, err
	}
	connection := model.NewCustomerConnection(found, q, func(c model.Customer) string { return customerCursor(q.Order, c.Key()) })
	connection.Total = func(ctx context.Context) (total int64, err error) {
		if q.Search == "" {
			return int64(members.Len()), nil
		}
		all := q
		all.After = nil
		err = r.look(ctx, all, func(c *graph.Customer) bool {
			if members.Has(c.ID) {
				total++
			}
			return true
		})
		return total, err
	}
	return connection, nil
}

// mostLooks is how many pages of the store are looked through for those in whom a rule holds.
const mostLooks = 200

// look calls visit with the customers that a query finds, from its After on, until it answers false.
func (r query) look(ctx context.Context, q graph.CustomerQuery, visit func(*graph.Customer) bool) error {
	q.First = graph.MaxPage
	for range mostLooks {
		page, err := r.store.FindCustomers(ctx, q)
		if err != nil {
			return err
		}
		for _, c := range page.Customers {
			if !visit(c) {
				return nil
			}
		}
		if !page.More {
			return nil
		}
		key := page.Customers[len(page.Customers)-1].Key()
		q.After = &key
	}
	return invalidArgument("too few of very many customers match: narrow the search, or leave orderBy and search out")
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
	if r.engine != nil {
		if _, err := r.engine.View(); err == nil {
			status.AgeSeconds = r.engine.Age().Seconds()
		}
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
