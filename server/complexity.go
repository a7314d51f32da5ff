package server

import (
	"math"
	"time"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
)

// boundComplexity makes lists count as often as they may be long, so that a small document cannot ask for millions of
// rows. Arithmetic saturates: an enormous first must not come out small.
func boundComplexity(c *generated.ComplexityRoot) {
	c.Query.Customers = func(child int, by []model.CustomerBy) int { return times(len(by), child) }
	c.Query.FindCustomers = func(child int, where map[string]any, _ *time.Time, _ *string, _ *graph.CustomerOrder, first int32, _ *string) int {
		if where != nil {
			return plus(aScan, times(int(first), child))
		}
		return times(int(first), child)
	}
	boundFigures(c)
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

// What figures cost beside their fields, in fields: they are computed over all customers, some by period.
const (
	draws    = 10 // some thousand random numbers
	aScan    = 500
	aSeries  = 2_000
	aTable   = 5_000
	inSample = 10

	partsOfScore = 5
)

// boundFigures does the same for what the engine computes.
func boundFigures(c *generated.ComplexityRoot) {
	c.Customer.Segments = func(child int) int { return plus(aScan/10, times(usualList, child)) }
	c.Query.Segments = func(child int, _ *model.SegmentWhere, _ *model.SegmentOrder, first int32, _ *string) int {
		return plus(aScan, times(int(first), child))
	}
	c.Query.PreviewSegment = func(child int, _ map[string]any, _ *time.Time) int { return plus(aScan, child) }
	c.Query.ExplainMembership = func(child int, _ string, _ *string, _ map[string]any, _ *time.Time) int { return plus(aScan, child) }
	c.Query.SegmentOverlap = func(child int, segments []string, _ *time.Time) int {
		return plus(times(len(segments), aScan), times(len(segments)*len(segments)/2, child))
	}
	c.Query.Demand = func(child int, _ []model.Dimension, _ []model.Measure, _ *model.DateTimeRange, _ *model.Grain, _ *model.DemandWhere, _ *time.Time, _ *string) int {
		return plus(aTable, child)
	}
	c.Query.Population = func(child int, _ *time.Time) int { return plus(aTable, child) }
	c.Query.Gaps = func(child int, _ *model.GapWhere, _ model.GapOrder, first int32, _ *string, _ *time.Time) int {
		return plus(aTable, times(int(first), child))
	}
	c.Subscription.GapChanged = func(child int, _ *model.GapWhere) int { return plus(aTable, child) }
	c.Query.Gap = func(child int, _, _ string, _ *time.Time) int { return plus(aTable, child) }
	c.Query.SimulateProduct = func(child int, _ model.ProductIdea, _ *time.Time) int { return plus(aTable, times(usualList, child)) }
	c.Gap.Trend = func(child int) int { return plus(aScan/10, child) }
	c.Gap.Value = func(child int) int { return plus(draws, child) }
	c.Gap.ValueReason = func(child int) int { return plus(draws, child) }
	c.Gap.Score = func(child int) int { return plus(draws, child) }
	c.Gap.Breakdown = func(child int) int { return plus(draws, times(partsOfScore, child)) }
	c.Gap.History = func(child int) int { return times(inSample, child) }
	c.Gap.Series = func(child int) int { return plus(aScan/10, times(usualList, child)) }
	c.Gap.Forecast = func(child int) int { return plus(aScan/10, times(usualList/2, child)) }
	c.Gap.Evidence = func(child int, first int32, _ *string) int { return plus(aScan/10, times(int(first), child)) }
	c.Gap.Brief = func(child int) int { return plus(aScan, child) }
	c.Gap.Outcome = func(child int) int { return plus(aTable, child) }
	c.Evidence.Customers = func(child int, first int32, _ *string) int { return times(int(first), child) }
	c.Query.GapMatrix = func(child int, _, _ []string, _ model.GapMeasure, _ *time.Time) int { return plus(2*aTable, child) }
	c.Query.EmergingSegments = func(child int, first int32, _ *time.Time) int { return plus(4*aTable, times(int(first), child)) }
	c.EmergingSegment.Differentiators = func(child int, first int32) int { return plus(aTable, times(int(first), child)) }
	c.Segment.Gaps = func(child int, first int32, _ *time.Time) int { return plus(aTable, times(int(first), child)) }
	c.Segment.Size = func(child int, _ *time.Time) int { return plus(aScan, child) }
	c.Segment.Growth = func(child int, _ *model.Grain, _ *model.DateTimeRange, _ *time.Time) int {
		return plus(aSeries, times(usualList, child))
	}
	c.Segment.Trend = func(child int, _ *time.Time) int { return plus(aSeries, child) }
	c.Segment.Members = func(child int, first int32, _ *string, _ *time.Time) int {
		return plus(aScan, times(int(first), child))
	}
	c.Segment.Differentiators = func(child int, first int32, _ *time.Time) int { return plus(aTable, times(int(first), child)) }
	c.SegmentPreview.Sample = func(child int, first int32) int { return times(int(first), child) }
	c.SegmentPreview.Growth = func(child int, _ *model.Grain, _ *model.DateTimeRange) int {
		return plus(aSeries, times(usualList, child))
	}
	c.SegmentPreview.Trend = func(child int) int { return plus(aSeries, child) }
	c.SegmentPreview.PerRule = func(child int) int { return plus(aSeries, times(usualList, child)) }
	c.RuleTrace.Children = func(child int) int { return times(inSample, child) }
}

// plus adds, at most the largest int32.
func plus(a, b int) int { return min(a+b, math.MaxInt32) }

// times is 1 + n × child, at most the largest int32.
func times(n, child int) int {
	n, child = max(n, 1), max(child, 1)
	if child > (math.MaxInt32-1)/n {
		return math.MaxInt32
	}
	return 1 + n*child
}
