package insight

import "lacuna/graph"

func (p *historyPart) page(n int) {
	g := p.g
	data := g.view.pages[n]
	from := min(p.historian.week, p.from[0])
	for slot := range data.known.each() {
		r := data.rows[slot].within(moment(from)*microsPerSecond, g.now[1])
		if r.len() == 0 || g.bots[n].has(slot) {
			continue
		}
		p.serial++
		for i := range p.segments {
			p.member[i] = len(p.members[i]) == 1 && (p.segments[i] == 0 || p.members[i][0][n].has(slot))
		}
		p.customer(n, slot, r)
	}
}

// stamp marks a period of the customer under way.
func (p *historyPart) stamp(period int) uint64 { return p.serial<<16 | uint64(period+1) }

func (p *historyPart) customer(n, slot int, r rows) {
	g, b := p.g, r.block
	told, could := b.available.between(r.lo, r.hi)
	counted, results := b.results.between(r.lo, r.hi)
	month := 0
	for row := r.lo; row < r.hi; row++ {
		for len(told) > 0 && told[0] < row {
			told, could = told[1:], could[1:]
		}
		for len(counted) > 0 && counted[0] < row {
			counted, results = counted[1:], results[1:]
		}
		kind := typeOf(b.kind[row])
		second := int64(b.second[row])
		if !intent[kind] {
			continue
		}
		for month+1 < len(p.from)-1 && second >= p.from[month+1] {
			month++
		}
		did := monthCount{weekCount: weekCount{customers: 1}}
		switch kind {
		case graph.Purchase:
			did.buyers = 1
		case graph.Search:
			did.searches = 1
			if len(counted) > 0 && counted[0] == row && results[0] == 0 {
				did.zeroResults = 1
			}
		}
		if len(told) > 0 && told[0] == row {
			did.seen = 1
			if could[0] {
				did.available = 1
			}
		}
		week := -1
		if second >= p.historian.week {
			week = int((second - p.historian.week) / (7 * 86_400))
		}
		if second < p.from[0] {
			month = -1
		}
		p.activeIn(n, slot, month)
		for _, k := range g.way.of(b, row) {
			p.note(n, slot, k, week, month, did)
		}
		month = max(month, 0)
	}
}

// belongs tells whether the customer under way is in a segment in a month.
func (p *historyPart) belongs(i, n, slot, month int) bool {
	return p.member[i] || len(p.members[i]) > 1 && month >= 0 && p.members[i][month][n].has(slot)
}

func (p *historyPart) activeIn(n, slot, month int) {
	if month < 0 || p.activeMonth == p.stamp(month) {
		return
	}
	p.activeMonth = p.stamp(month)
	for i := range p.segments {
		if p.belongs(i, n, slot, month) {
			p.active[i][month]++
		}
	}
}

// note counts what was done in a category.
func (p *historyPart) note(n, slot int, k uint32, week, month int, did monthCount) {
	first := func(stamps []uint64, period int) uint32 {
		if period < 0 || stamps[k] == p.stamp(period) {
			return 0
		}
		stamps[k] = p.stamp(period)
		return 1
	}
	weekly, monthly := weekCount{customers: first(p.week, week)}, did
	if weekly.customers > 0 {
		p.pairs[p.g.depth[k]][week]++
	}
	cells := p.byK[k]
	if len(cells) == 0 {
		return
	}
	monthly.customers = first(p.month, month)
	if did.buyers > 0 {
		weekly.buyers, monthly.buyers = first(p.weekBought, week), first(p.monthBought, month)
	}
	for _, i := range cells {
		place := p.placeOf[i]
		if week >= 0 && p.member[place] {
			p.cells[i].weeks[week].add(&weekly)
		}
		if month >= 0 && p.belongs(place, n, slot, month) {
			m := &p.cells[i].months[month]
			m.add(&monthly.weekCount)
			m.searches += did.searches
			m.zeroResults += did.zeroResults
			m.seen += did.seen
			m.available += did.available
		}
	}
}
