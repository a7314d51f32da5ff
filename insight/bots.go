package insight

import "lacuna/graph"

// isBot tells of interactions, one customer's, that they are a program's and nobody's: it looked at more than a person can in ten minutes or a day
// without ever buying in earnest, or hardly ever stayed for as long as a second. Moments on the full hour say nothing of how long anyone stayed, as
// data of which only the day is known have no others; purchases are of no interest, as an order has many at one moment.
func (t *Thresholds) isBot(r rows) bool {
	b := r.block
	if r.len() < t.BotQuick || !t.mayBeBot(b.second[r.lo:r.hi]) {
		return false
	}
	looks, bought, quick, timed := 0, 0, 0, 0
	burst, day := false, false
	var recent, daily []uint32 // moments of the last looks
	before := uint32(0)
	for row := r.lo; row < r.hi; row++ {
		switch typeOf(b.kind[row]) {
		case graph.Purchase:
			bought++
			continue
		case graph.View, graph.Search, graph.Click:
		default:
			continue
		}
		at := b.second[row]
		looks++
		daily = append(daily, at)
		if n := len(daily); n > t.BotDaily && at-daily[n-1-t.BotDaily] < 86_400 {
			day = true
		}
		if at%3_600 == 0 {
			continue
		}
		if timed++; timed > 1 && at-before <= 1 {
			quick++
		}
		before = at
		recent = append(recent, at)
		if n := len(recent); n > t.BotBurst && at-recent[n-1-t.BotBurst] < 600 {
			burst = true
		}
	}
	if quick >= t.BotQuick && 2*quick > timed {
		return true
	}
	return (burst || day) && 50*bought < looks
}

// mayBeBot tells of the seconds of interactions, in order, whether they are close enough together at all: of nearly all customers they are not, whatever
// they are about.
func (t *Thresholds) mayBeBot(seconds []uint32) bool {
	quick := 0
	for i, at := range seconds {
		if i > 0 && at-seconds[i-1] <= 1 {
			quick++
		}
		if i >= t.BotBurst && at-seconds[i-t.BotBurst] < 600 || i >= t.BotDaily && at-seconds[i-t.BotDaily] < 86_400 {
			return true
		}
	}
	return quick >= t.BotQuick
}
