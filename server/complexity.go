package server

import (
	"math"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
)

// boundComplexity makes lists count as often as they may be long, so that a small document cannot ask for millions of
// rows. Arithmetic saturates: an enormous first must not come out small.
func boundComplexity(c *generated.ComplexityRoot) {
	c.Query.Customers = func(child int, by []model.CustomerBy) int { return times(len(by), child) }
	c.Query.FindCustomers = func(child int, _ *string, _ *graph.CustomerOrder, first int32, _ *string) int {
		return times(int(first), child)
	}
	c.Query.Products = func(child int, _ *model.ProductWhere, first int32, _ *string) int { return times(int(first), child) }
	c.Customer.Interactions = func(child int, _ *model.InteractionWhere, first int32, _ *string) int {
		return times(int(first), child)
	}
	c.Household.Members = func(child int) int { return times(relatedCustomers, child) }
	c.Referrals.Referred = func(child int) int { return times(relatedCustomers, child) }
	c.Category.Children = func(child int) int { return times(usualList, child) }
	c.Product.Categories = func(child int) int { return times(usualCategories, child) }
	c.Query.Categories = func(child int, _ *string) int { return times(usualList, child) }
}

// How long lists without a stated length are taken to be. Related customers count for more than there usually are:
// nested in one another, a large household would multiply by its size at every level.
const (
	relatedCustomers = 100
	usualList        = 20
	usualCategories  = 2
)

// times is 1 + n × child, at most the largest int32.
func times(n, child int) int {
	n, child = max(n, 1), max(child, 1)
	if child > (math.MaxInt32-1)/n {
		return math.MaxInt32
	}
	return 1 + n*child
}
