package insight

import (
	"context"
	"math"
)

// ScorePart is one reason of a score, and how many points of those that it may have it gives.
type ScorePart struct {
	Name        string
	Points, Max float64
	Why         string // the figure behind it
}

// The parts of a score, and how many points each may give; 100 together.
const (
	PartValue     = "VALUE"     // the low end of the value, beside the highest of all listed gaps
	PartCertainty = "CERTAINTY" // how sure it is that customers are served worse than they should be
	PartShortage  = "SHORTAGE"  // how far below its reference the served rate is
	PartDemand    = "DEMAND"    // how much more than others the segment wants it
	PartGrowth    = "GROWTH"    // whether ever more want it
)

var partMax = map[string]float64{PartValue: 40, PartCertainty: 20, PartShortage: 15, PartDemand: 15, PartGrowth: 10}

// Score tells in points of 100 how much speaks for a gap, and why: the score is the sum of the parts.
func (g *Gaps) Score(ctx context.Context, ref GapRef) (parts []ScorePart, err error) {
	values, reasons, err := g.Values(ctx, []GapRef{ref})
	if err != nil {
		return nil, err
	}
	highest, err := g.highestValue(ctx)
	if err != nil {
		return nil, err
	}
	gap := g.Gap(ref)
	add := func(name string, share float64, why string) {
		if math.IsNaN(share) {
			share = 0
		}
		parts = append(parts, ScorePart{name, partMax[name] * min(1, max(0, share)), partMax[name], why})
	}
	if v := values[0]; v != nil && highest > 0 {
		// The root keeps the smaller ones apart, too.
		add(PartValue, math.Sqrt(max(0, v.Low)/highest), "a low end of "+roughly(v.Low)+", the highest is "+roughly(highest))
	} else {
		add(PartValue, 0, "no value: "+reasons[0])
	}
	if below := gap.Served.Below; below != nil {
		add(PartCertainty, 2*(*below-.5), "the served rate is too low with a chance of "+chance(*below))
		add(PartShortage, 1 - *gap.Served.Rate / *gap.Served.Reference, percent(*gap.Served.Rate)+" of those who want it buy, "+percent(*gap.Served.Reference)+" would")
	} else {
		add(PartCertainty, 0, "no reference: "+gap.Served.Reason)
		add(PartShortage, 0, "no reference: "+gap.Served.Reason)
	}
	if index := gap.Demand.Index; index != nil {
		add(PartDemand, math.Log2(index.Low/100)/2, sayNumber("the demand index is %s at least", index.Low))
	} else {
		add(PartDemand, 0, "no index: "+gap.Demand.IndexReason)
	}
	switch growth := gap.Growth; {
	case growth.Significant && growth.Low != nil:
		add(PartGrowth, 2**growth.Low, percent(*growth.Low)+" more a year at least")
	case growth.Reason != "":
		add(PartGrowth, 0, "not surely growing: "+growth.Reason)
	default:
		add(PartGrowth, 0, "not surely growing")
	}
	return parts, nil
}

// highestValue is the highest low end of what is listed by itself, computed once.
func (g *Gaps) highestValue(ctx context.Context) (float64, error) {
	e := &g.worths
	e.mu.Lock()
	known := e.highest
	e.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	list, err := g.List(ctx, GapQuery{Order: ByValue})
	if err != nil {
		return 0, err
	}
	highest := 0.
	if len(list) > 0 {
		highest = max(0, list[0].key) // what comes after values lies below 0
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.highest = &highest
	return highest, nil
}
