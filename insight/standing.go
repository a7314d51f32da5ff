package insight

import (
	"fmt"
	"slices"
	"sync"

	"lacuna/graph"
	"lacuna/insight/stat"
)

// standing is how every customer stands as of a moment, by number. Customers that do not exist then have zeros.
type standing struct {
	orders   []uint32  // purchases of one moment are one order
	last     []moment  // of the last order
	span     []float64 // days between the first and the last order
	revenue  []graph.Decimal
	scores   [3][]uint8 // recency, frequency, monetary: 1 to 5, 0 without an order
	group    []graph.RFMGroup
	stage    []graph.Lifecycle // 0 for who has ordered where nobody has come back yet
	tier     []graph.ValueTier
	cycle    stat.Cycles
	existing Set
}

const microsPerDay = 86_400 * microsPerSecond

// cache keeps figures of a view that many questions need, the most recent ones.
type cache struct {
	mu        sync.Mutex
	standings map[moment]*standingEntry
	recent    []moment

	sets  map[setKey]Set // members of segments
	rules sync.Map       // of segments, compiled, by id
	gaps  map[moment]*gapsEntry

	lifetimes map[moment]*lifetime

	knownOnce sync.Once
	known     []knownShare
}

// setKey names the members of a segment as of a moment.
type setKey struct {
	segment string
	asOf    moment
}

// keptSets is how many sets of members a view keeps: 25 kB each for 200,000 customers.
const keptSets = 1_000

type standingEntry struct {
	once sync.Once
	*standing
}

const keptStandings = 4

func newCache() *cache {
	return &cache{standings: map[moment]*standingEntry{}, sets: map[setKey]Set{}, gaps: map[moment]*gapsEntry{}, lifetimes: map[moment]*lifetime{}}
}

// standing gives how the customers stand as of a moment. It is computed once, whoever asks.
func (v *View) standing(asOf moment) *standing {
	v.cache.mu.Lock()
	entry := v.cache.standings[asOf]
	if entry == nil {
		entry = &standingEntry{}
		v.cache.standings[asOf] = entry
		v.cache.recent = append(v.cache.recent, asOf)
		if len(v.cache.recent) > keptStandings {
			delete(v.cache.standings, v.cache.recent[0])
			v.cache.recent = v.cache.recent[1:]
		}
	}
	v.cache.mu.Unlock()
	entry.once.Do(func() { entry.standing = v.newStanding(asOf) })
	return entry.standing
}

func (v *View) newStanding(asOf moment) *standing {
	n := int(v.customers)
	s := &standing{
		orders: make([]uint32, n), last: make([]moment, n), span: make([]float64, n), revenue: make([]graph.Decimal, n),
		group: make([]graph.RFMGroup, n), stage: make([]graph.Lifecycle, n), tier: make([]graph.ValueTier, n), existing: v.everyone(asOf),
	}
	for i := range s.scores {
		s.scores[i] = make([]uint8, n)
	}
	var gaps []float64
	var buyers []uint32
	for c := range s.existing.each() {
		if gaps = s.purchases(v, c, asOf, gaps); s.orders[c] > 0 {
			buyers = append(buyers, c)
		}
	}
	s.cycle = stat.Cycles{Median: median(gaps), Weight: v.options.Thresholds.CycleWeight}
	for c := range s.existing.each() {
		s.group[c] = graph.RFMProspects
		if s.orders[c] > 0 && len(gaps) == 0 {
			continue // nobody has come back yet: how long a cycle is cannot be known
		}
		since := float64(asOf-s.last[c]) / microsPerDay
		s.stage[c] = v.options.Thresholds.Lifecycle.Stage(int(s.orders[c]), since, s.cycle.Of(int(s.orders[c]), s.span[c]))
	}
	s.score(v, buyers)
	return s
}

// purchases notes what a customer has bought, and adds the days between orders to gaps.
func (s *standing) purchases(v *View, c uint32, asOf moment, gaps []float64) []float64 {
	p, slot := v.at(c)
	r := p.rows[slot].until(asOf)
	if r.len() == 0 {
		return gaps
	}
	var first moment
	for row := r.lo; row < r.hi; row++ {
		if typeOf(r.block.kind[row]) != graph.Purchase {
			continue
		}
		at := r.block.at(row)
		switch {
		case s.orders[c] == 0:
			first = at
		case at == s.last[c]:
			continue
		default:
			gaps = append(gaps, float64(at-s.last[c])/microsPerDay)
		}
		s.orders[c]++
		s.last[c] = at
	}
	if s.orders[c] == 0 {
		return gaps
	}
	s.span[c] = float64(s.last[c]-first) / microsPerDay
	found, amounts := r.block.amount.between(r.lo, r.hi)
	for i, row := range found {
		if typeOf(r.block.kind[row]) == graph.Purchase {
			s.revenue[c] += amounts[i].amount
		}
	}
	return gaps
}

// score gives scores, groups and tiers to those who have bought. Money is left out where it cannot be added up.
func (s *standing) score(v *View, buyers []uint32) {
	values := make([]float64, len(buyers))
	for i, of := range []func(c uint32) float64{
		func(c uint32) float64 { return float64(s.last[c]) },
		func(c uint32) float64 { return float64(s.orders[c]) },
		func(c uint32) float64 { return float64(s.revenue[c]) },
	} {
		if i == 2 && v.mixedCurrencies() {
			return
		}
		for k, c := range buyers {
			values[k] = of(c)
		}
		scores, _ := stat.Quintiles(values)
		for k, c := range buyers {
			s.scores[i][c] = scores[k]
		}
	}
	tiers := stat.Tiers(values, v.options.Thresholds.Tiers)
	for k, c := range buyers {
		s.group[c] = stat.RFMGroup(s.scores[0][c], s.scores[1][c], s.scores[2][c])
		s.tier[c] = tiers[k]
	}
	for c := range s.existing.each() {
		if s.tier[c] == 0 {
			s.tier[c] = graph.TierRegular
		}
	}
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// The rules about how customers stand.
type (
	rfmNode       struct{ rule graph.RFMRule }
	lifecycleNode struct{ in []graph.Lifecycle }
	tierNode      struct{ in []graph.ValueTier }
)

// keepStanding leaves in each set those of whom a condition holds, as they stand at the moment beside it.
func keepStanding(es []evaluation, number int, sets []pageSet, holds func(s *standing, c uint32) bool) {
	for i := range es {
		s := es[i].view.standing(es[i].asOf)
		sets[i].keep(func(slot int) bool { return holds(s, uint32(number)<<pageBits|uint32(slot)) })
	}
}

func (n rfmNode) narrow(es []evaluation, number int, _ page, sets []pageSet) {
	keepStanding(es, number, sets, func(s *standing, c uint32) bool {
		for i, asked := range []*graph.ScoreRange{n.rule.Recency, n.rule.Frequency, n.rule.Monetary} {
			if asked != nil && (s.scores[i][c] == 0 || !asked.Contains(int64(s.scores[i][c]))) {
				return false
			}
		}
		return len(n.rule.Groups) == 0 || slices.Contains(n.rule.Groups, s.group[c])
	})
}

func (n lifecycleNode) narrow(es []evaluation, number int, _ page, sets []pageSet) {
	keepStanding(es, number, sets, func(s *standing, c uint32) bool { return slices.Contains(n.in, s.stage[c]) })
}

func (n tierNode) narrow(es []evaluation, number int, _ page, sets []pageSet) {
	keepStanding(es, number, sets, func(s *standing, c uint32) bool { return slices.Contains(n.in, s.tier[c]) })
}

func (rfmNode) constant() bool       { return false }
func (lifecycleNode) constant() bool { return false }
func (tierNode) constant() bool      { return false }

func (n rfmNode) observe(e *evaluation, p page, slot int) string {
	s, c := e.view.standing(e.asOf), p.number(e, slot)
	if s.orders[c] == 0 {
		return "no order yet: group PROSPECTS"
	}
	return fmt.Sprintf("recency %d, frequency %d, monetary %d: group %s", s.scores[0][c], s.scores[1][c], s.scores[2][c], s.group[c])
}

func (n lifecycleNode) observe(e *evaluation, p page, slot int) string {
	return "lifecycle " + e.view.standing(e.asOf).stage[p.number(e, slot)].String()
}

func (n tierNode) observe(e *evaluation, p page, slot int) string {
	return "tier " + e.view.standing(e.asOf).tier[p.number(e, slot)].String()
}

// number gives the number of a customer of a page of the view.
func (p page) number(e *evaluation, slot int) uint32 {
	n, _ := e.view.numbers.of(p.ids[slot])
	return n
}
