package insight

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

// OutcomeVerdict is what came of a launch.
type OutcomeVerdict uint8

// The verdicts of a launch.
const (
	OutcomeUnknown  OutcomeVerdict = iota // it cannot be told, and the reason or the interval says why
	OutcomeClosing                        // the launch surely closes the gap, or a part of it
	OutcomeNoEffect                       // it surely closes less than half of it
)

var outcomeNames = [...]string{"CANNOT_TELL", "CLOSING", "NO_EFFECT"}

func (v OutcomeVerdict) String() string { return outcomeNames[v] }

// Outcome compares how often customers of a cell bought what they wanted after a launch with before, beside how that changed in cells which are like it.
// What cannot be computed is nil, and Reason says why.
type Outcome struct {
	Verdict                 OutcomeVerdict
	Reason                  string // TOO_EARLY, TOO_FEW_CUSTOMERS, TOO_FEW_CONTROLS, NOT_YET
	WeeksBefore, WeeksAfter int
	RateBefore, RateAfter   *float64
	Expected                *float64  // the rate after, had it changed as in the controls
	Reference               *float64  // the rate that would close the gap
	Closed                  *Estimate // share of the gap that the launch closed, with its 90 % interval
	Gained                  *Estimate // buyers in the weeks after beyond those expected, with its 90 % interval
	Controls                int       // cells that it is held against
}

// Reasons why an outcome is missing.
const (
	reasonTooEarly     = "TOO_EARLY"         // fewer than four weeks have passed since the launch
	reasonNotYet       = "NOT_YET"           // the launch is later than the moment
	reasonFewCustomers = "TOO_FEW_CUSTOMERS" // fewer than thirty before or after
	reasonFewControls  = "TOO_FEW_CONTROLS"  // fewer than five cells to hold it against
)

const (
	leastWeeksAfter     = 4
	leastOutcomeWanted  = 30
	leastControls       = 5
	leastSiblings       = 3
	leastControlWanted  = 40
	ninety              = 1.6448536269514722 // standard deviations to either end of a 90 % interval
	halfOfGap           = .5
	mostOutcomeLaunches = 8
)

// Outcome tells what came of a launch for a segment's wish for a category: the change of the log rate of buying a try from the weeks before the launch to those
// after it, up to a window each, less its mean change in the controls: cells of the same segment in sibling categories, or else in all of the level, in which nothing is flagged.
// The spread of the changes of the controls beyond sampling is part of the interval (differences in differences; Card and Krueger 1994). A wish that grows is no
// outcome: only who wanted it is counted.
func (g *Gaps) Outcome(ctx context.Context, segment, category string, launched time.Time) (Outcome, error) {
	ref, err := g.Find(segment, category)
	if err != nil {
		return Outcome{}, err
	}
	at := momentOf(launched)
	if g.at == latest || at > g.at {
		return Outcome{Reason: reasonNotYet}, nil
	}
	length := moment(g.view.options.Thresholds.Window) * 7 * microsPerDay
	const week = 7 * microsPerDay
	weeks := min(length, g.at+1-at) / week
	out := Outcome{WeeksBefore: int(length / week), WeeksAfter: int(weeks)}
	if weeks < leastWeeksAfter {
		out.Reason = reasonTooEarly
		return out, nil
	}
	before, err := g.view.Gaps(ctx, (at - 1).time())
	if err != nil {
		return Outcome{}, err
	}
	after, err := g.afterLaunch(ctx, at, weeks*week)
	if err != nil {
		return Outcome{}, err
	}
	earlier, err := before.Find(segment, category)
	if err != nil { // the segment's rule could not be evaluated then
		return Outcome{}, fmt.Errorf("before the launch: %w", err)
	}
	out.compare(g, before, after, ref, earlier)
	return out, nil
}

// launchEntry keeps what was counted of the weeks after launches.
type launchEntry struct {
	mu    sync.Mutex
	after map[[2]moment]*gapWork
}

// afterLaunch counts the weeks after a launch once.
func (g *Gaps) afterLaunch(ctx context.Context, at, length moment) (*gapWork, error) {
	g.launches.mu.Lock()
	defer g.launches.mu.Unlock()
	key := [2]moment{at, at + length}
	if work := g.launches.after[key]; work != nil {
		return work, nil
	}
	work, err := g.view.workOf(ctx, at+length-1, [2]moment{at, at + length}, [2]moment{at - length, at})
	if err != nil {
		return nil, err
	}
	if g.launches.after == nil || len(g.launches.after) >= mostOutcomeLaunches {
		g.launches.after = map[[2]moment]*gapWork{}
	}
	g.launches.after[key] = work
	return work, nil
}

// rateChange is how a cell's log rate of buying moved.
type rateChange struct{ log, variance float64 }

func changeOf(before, after *counts) rateChange {
	a, b := before.rate(), after.rate()
	return rateChange{b.log - a.log, a.variance + b.variance}
}

func (o *Outcome) compare(g, before *Gaps, after *gapWork, ref, earlier GapRef) {
	s, k := ref.segment, ref.category
	d := &before.decisions[earlier.segment][earlier.category]
	own, now := &before.cells[earlier.segment][earlier.category], &after.cells[s][k]
	if own.served() < leastOutcomeWanted || now.served() < leastOutcomeWanted {
		o.Reason = reasonFewCustomers
		return
	}
	common, between, n, ok := g.usualChange(before, after, s, earlier.segment, k)
	if o.Controls = n; !ok {
		o.Reason = reasonFewControls
		return
	}
	mine := changeOf(own, now)
	effect := mine.log - common.log
	spread := math.Sqrt(mine.variance + common.variance + between)
	tries, wanted := now.meanTries(), now.served()
	after90 := theta90{now.rate().log, math.Sqrt(now.rate().variance), tries}
	expect90 := theta90{own.rate().log + common.log, math.Sqrt(own.rate().variance + common.variance + between), tries}
	rateBefore, rateAfter, expected := theta(own.rate().log, own.meanTries()), after90.at(0), expect90.at(0)
	o.RateBefore, o.RateAfter, o.Expected = &rateBefore, &rateAfter, &expected
	low, high := differenceOf(&after90, &expect90)
	o.Gained = &Estimate{wanted * low, wanted * (rateAfter - expected), wanted * high}
	surely := effect-ninety*spread > 0
	if surely {
		o.Verdict = OutcomeClosing
	}
	if !d.reference {
		return
	}
	star := theta(d.log+common.log, tries)
	o.Reference = &star
	gap := star - expected
	if gap <= 0 {
		return
	}
	o.Closed = &Estimate{low / gap, (rateAfter - expected) / gap, high / gap}
	if !surely && o.Closed.High < halfOfGap {
		o.Verdict = OutcomeNoEffect
	}
}

// theta90 is a served rate whose log rate is known with a standard deviation.
type theta90 struct{ log, deviation, tries float64 }

func (t *theta90) at(z float64) float64 { return theta(t.log+z*t.deviation, t.tries) }

// differenceOf is the 90 % interval of the difference of two rates that are known apart: each adds what it may be off by itself (Zou and Donner 2008). What is not known of a small rate
// does not move a large one.
func differenceOf(a, b *theta90) (low, high float64) {
	mid := a.at(0) - b.at(0)
	return mid - math.Hypot(a.at(0)-a.at(-ninety), b.at(ninety)-b.at(0)), mid + math.Hypot(a.at(ninety)-a.at(0), b.at(0)-b.at(-ninety))
}

// usualChange is how rates changed where nothing was launched, with what true changes differ by, and of how many cells that is known: of the sibling categories for everyone, as a
// wave that lifts all of them is no merit of a launch, and by how much the segment's rates changed more than everyone's in all of the level. Where there are too few siblings, it is the segment's
// in all of the level.
func (g *Gaps) usualChange(before *Gaps, after *gapWork, s, earlier int, k uint32) (common rateChange, between float64, n int, ok bool) {
	all := g.controls(before, after, s, earlier, k, false)
	if len(all) < leastControls {
		return rateChange{}, 0, len(all), false
	}
	level, between := pooled(all)
	siblings, everyone := g.controls(before, after, 0, 0, k, true), g.controls(before, after, 0, 0, k, false)
	if len(siblings) < leastSiblings || len(everyone) < leastControls {
		return level, between, len(all), true
	}
	beside, _ := pooled(siblings)
	usual, spread := pooled(everyone)
	// Siblings are few, and move together: their mean is known as well as so many cells tell.
	common = rateChange{beside.log + level.log - usual.log, beside.variance + spread/float64(len(siblings)) + level.variance}
	return common, between, len(siblings), true
}

// controls are the changes of a segment's cells in which nothing is flagged before the launch or now, of the sibling categories or all of the level.
func (g *Gaps) controls(before *Gaps, after *gapWork, s, earlier int, k uint32, siblings bool) (list []rateChange) {
	catalog := g.view.catalog
	for _, other := range g.levels[g.depth[k]].categories {
		if siblings && catalog.categories[other].parent != catalog.categories[k].parent {
			continue
		}
		if other == k || flaggedVerdict(before.decisions[earlier][other].verdict) || flaggedVerdict(before.decisions[0][other].verdict) || flaggedVerdict(g.decisions[s][other].verdict) || before.impaired[other] {
			continue
		}
		a, b := &before.cells[earlier][other], &after.cells[s][other]
		if a.served() >= leastControlWanted && b.served() >= leastControlWanted {
			list = append(list, changeOf(a, b))
		}
	}
	return list
}

// pooled is the mean change of controls, each by what is known of it, with its variance, and the variance of true changes between them.
func pooled(list []rateChange) (mean rateChange, between float64) {
	logs, sampling := make([]deviation, 0, len(list)), 0.
	var middle []float64
	for _, c := range list {
		middle = append(middle, c.log)
		sampling += c.variance
	}
	center := medianOf(middle)
	for _, c := range list {
		logs = append(logs, deviation{sq(c.log - center), c.variance})
	}
	between = spreadBeyond(logs, usualSpread)
	weights := 0.
	for _, c := range list {
		w := 1 / (c.variance + between)
		mean.log, weights = mean.log+w*c.log, weights+w
	}
	mean.log /= weights
	mean.variance = 1 / weights
	return mean, between
}
