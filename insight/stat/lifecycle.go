package stat

import "lacuna/graph"

// Cycles are the times between orders in a population, towards which a customer's own cycle is drawn while it is not well known.
type Cycles struct {
	Median float64 // days between two orders, of all customers together
	Weight float64 // how many gaps it counts as in a customer's own cycle
}

// Of gives the cycle in days of a customer with so many orders in so many days from the first to the last: the mean of the customer's own
// gaps and of Weight gaps of the population's median.
func (c Cycles) Of(orders int, spanDays float64) float64 {
	gaps := float64(max(orders-1, 0))
	if gaps+c.Weight == 0 {
		return c.Median
	}
	return (spanDays + c.Weight*c.Median) / (gaps + c.Weight)
}

// Multiples are the ends of the stages of a lifecycle, in cycles since the last order.
type Multiples struct{ Core, Dozing, HalfAsleep float64 }

// DefaultMultiples are 1, 2 and 3.
func DefaultMultiples() Multiples { return Multiples{1, 2, 3} }

// Stage gives where a customer stands: PROSPECT without an order, NEW with one order that is no more than Core cycles old, else by the cycles
// since the last order CORE, DOZING, HALF_ASLEEP or ASLEEP.
func (m Multiples) Stage(orders int, sinceLastDays, cycleDays float64) graph.Lifecycle {
	switch {
	case orders == 0:
		return graph.LifecycleProspect
	case sinceLastDays <= m.Core*cycleDays && orders == 1:
		return graph.LifecycleNew
	case sinceLastDays <= m.Core*cycleDays:
		return graph.LifecycleCore
	case sinceLastDays <= m.Dozing*cycleDays:
		return graph.LifecycleDozing
	case sinceLastDays <= m.HalfAsleep*cycleDays:
		return graph.LifecycleHalfAsleep
	default:
		return graph.LifecycleAsleep
	}
}
