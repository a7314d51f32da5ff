package stat

import (
	"slices"

	"lacuna/graph"
)

// Quintiles scores values from 1, the lowest, to 5. Ties have the same score: 1 + floor(5 × less / n), less being how many values are strictly
// smaller, so that where very many are alike a score may be missing. cuts are the smallest values with scores 2 to 5; where a score is missing the cut
// is the next one's.
func Quintiles(values []float64) (scores []uint8, cuts [4]float64) {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	scores = make([]uint8, len(values))
	for i, v := range values {
		less, _ := slices.BinarySearch(sorted, v)
		scores[i] = uint8(1 + 5*less/len(values))
	}
	for _, v := range slices.Backward(sorted) {
		less, _ := slices.BinarySearch(sorted, v)
		for score := 2; score <= 1+5*less/len(sorted); score++ {
			cuts[score-2] = v
		}
	}
	return scores, cuts
}

// RFMGroup gives the group of a customer with orders by their scores of recency, frequency and monetary value, 1 to 5 each. The groups are
// those of Shopify's CustomerRfmGroup, whose help describes them in words; frequency and monetary value count together, by their
// mean, rounded up.
//
//	recency \ mean   1          2           3                4                  5
//	5                NEW        NEW         ACTIVE           CHAMPIONS          CHAMPIONS
//	4                PROMISING  PROMISING   ACTIVE           LOYAL              LOYAL
//	3                ALMOST_LOST            NEEDS_ATTENTION  LOYAL              LOYAL
//	2                ALMOST_LOST            AT_RISK          AT_RISK            PREVIOUSLY_LOYAL
//	1                DORMANT    DORMANT     AT_RISK          PREVIOUSLY_LOYAL   PREVIOUSLY_LOYAL
func RFMGroup(recency, frequency, monetary uint8) graph.RFMGroup {
	return rfmGroups[recency-1][(frequency+monetary+1)/2-1]
}

var rfmGroups = [5][5]graph.RFMGroup{
	{graph.RFMDormant, graph.RFMDormant, graph.RFMAtRisk, graph.RFMPreviouslyLoyal, graph.RFMPreviouslyLoyal},
	{graph.RFMAlmostLost, graph.RFMAlmostLost, graph.RFMAtRisk, graph.RFMAtRisk, graph.RFMPreviouslyLoyal},
	{graph.RFMAlmostLost, graph.RFMAlmostLost, graph.RFMNeedsAttention, graph.RFMLoyal, graph.RFMLoyal},
	{graph.RFMPromising, graph.RFMPromising, graph.RFMActive, graph.RFMLoyal, graph.RFMLoyal},
	{graph.RFMNew, graph.RFMNew, graph.RFMActive, graph.RFMChampions, graph.RFMChampions},
}
