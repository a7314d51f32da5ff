package insight

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	mostWeeks  = 156 // of a history
	mostMonths = 60
)

// cellHistory is what happened in a cell in the weeks that end with the last window, and in the months of the calendar, the last of which may not be over.
// A customer counts once in each. Bots are left out.
type cellHistory struct {
	weeks  []weekCount // in order of time
	months []monthCount
	// pairs are of everyone's customers and categories of the level, by week: what all do.
	pairs []uint32
	// active are the segment's customers with any intent, by month.
	active []uint32
}

type weekCount struct{ customers, buyers uint32 }

// monthCount is what the customers of a segment did in a category in a month.
type monthCount struct {
	weekCount
	searches, zeroResults uint32 // interactions
	seen, available       uint32 // interactions that tell whether a product could be had, and those in which it could
}

// histories are those of cells that were asked for. All listed gaps are counted with the first one, as one walk through the data costs the same for all.
type histories struct {
	mu     sync.Mutex
	begins []time.Time // of the months, and the end of the last
	cells  map[cellPlace]*cellHistory
}

type cellPlace struct {
	segment  int
	category uint32
}

// historiesOf counts the histories of cells, each once.
func (g *Gaps) historiesOf(ctx context.Context, places []cellPlace) ([]*cellHistory, error) {
	g.histories.mu.Lock()
	defer g.histories.mu.Unlock()
	var wanted []cellPlace
	want := func(at cellPlace) {
		if g.histories.cells[at] == nil && !slices.Contains(wanted, at) {
			wanted = append(wanted, at)
		}
	}
	for _, at := range places {
		want(at)
	}
	if g.histories.cells == nil {
		g.histories.cells = map[cellPlace]*cellHistory{}
		for s := range g.segments {
			for _, k := range g.view.catalog.walk {
				if g.ranked[s][k] || g.growing(s, k) {
					want(cellPlace{s, k})
				}
			}
		}
	}
	if len(wanted) > 0 {
		h, err := g.newHistorian(ctx, wanted)
		if err != nil {
			return nil, err
		}
		found, err := h.run(ctx)
		if err != nil {
			return nil, err
		}
		g.histories.begins = h.begins
		for i, at := range wanted {
			g.histories.cells[at] = &found[i]
		}
	}
	list := make([]*cellHistory, len(places))
	for i, at := range places {
		list[i] = g.histories.cells[at]
	}
	return list, nil
}

// historian walks through the data for the histories of some cells.
type historian struct {
	g        *Gaps
	cells    []cellPlace
	byK      map[uint32][]int // cells by category
	segments []int            // that the cells are of
	placeOf  []int            // of each cell's segment
	members  [][]Set          // by place in segments, by month; one set where it is the same for all
	begins   []time.Time
	from     []int64 // seconds in which months begin, and the end
	week     int64   // second in which the first week begins
	weeks    int
}

func (g *Gaps) newHistorian(ctx context.Context, cells []cellPlace) (*historian, error) {
	v := g.view
	first, _ := v.spread()
	first = max(first, earliest+1)
	const length = 7 * microsPerDay
	h := &historian{g: g, cells: cells, byK: map[uint32][]int{}, weeks: int(min(mostWeeks, (g.now[1]-first)/length))}
	h.week = secondFrom(g.now[1] - moment(h.weeks)*length)
	begin := Month.begin((g.now[1] - 1).time().In(v.options.Zone))
	h.begins = []time.Time{begin, Month.next(begin)}
	for momentOf(begin) > first && len(h.begins) <= mostMonths {
		begin = Month.begin(begin.Add(-time.Hour))
		h.begins = slices.Insert(h.begins, 0, begin)
	}
	for _, b := range h.begins {
		h.from = append(h.from, secondFrom(momentOf(b)))
	}
	for i, c := range cells {
		h.byK[c.category] = append(h.byK[c.category], i)
		if !slices.Contains(h.segments, c.segment) {
			h.segments = append(h.segments, c.segment)
		}
		h.placeOf = append(h.placeOf, slices.Index(h.segments, c.segment))
	}
	for _, s := range h.segments {
		sets := []Set{g.segments[s].now}
		if g.segments[s].behavioural {
			sets = sets[:0]
			for _, b := range h.begins[1:] {
				set, err := v.segmentSet(ctx, g.segments[s].id, min(momentOf(b)-1, g.at))
				if err != nil {
					return nil, err
				}
				sets = append(sets, set)
			}
		}
		h.members = append(h.members, sets)
	}
	return h, nil
}

// secondFrom is the first whole second that does not lie before a moment.
func secondFrom(m moment) int64 {
	second, fraction := m.split()
	if fraction > 0 {
		second++
	}
	return second
}

func (h *historian) run(ctx context.Context) ([]cellHistory, error) {
	tasks := (len(h.g.view.pages) + pagesOfTask - 1) / pagesOfTask
	parts := make([]*historyPart, tasks)
	err := inParallel(ctx, tasks, func(task int) {
		p := h.newPart()
		for n := task * pagesOfTask; n < min(len(h.g.view.pages), (task+1)*pagesOfTask); n++ {
			p.page(n)
		}
		parts[task] = p
	})
	if err != nil {
		return nil, err
	}
	sum := h.newPart()
	for _, p := range parts {
		sum.add(p)
	}
	for i, c := range h.cells {
		sum.cells[i].pairs = sum.pairs[h.g.depth[c.category]]
		sum.cells[i].active = sum.active[h.placeOf[i]]
	}
	return sum.cells, nil
}

// historyPart is what some pages of customers did.
type historyPart struct {
	*historian
	cells  []cellHistory
	pairs  [][]uint32 // by level, by week
	active [][]uint32 // by place in segments, by month
	// By category, of the customer under way: the week and month last counted, those of the last purchase, each + 1 and beside the customer's serial.
	week, month, weekBought, monthBought []uint64
	activeMonth                          uint64
	serial                               uint64
	member                               []bool // of the customer under way, by place in segments
}

func (h *historian) newPart() *historyPart {
	p := &historyPart{historian: h, cells: make([]cellHistory, len(h.cells)), member: make([]bool, len(h.segments))}
	for i := range p.cells {
		p.cells[i] = cellHistory{weeks: make([]weekCount, h.weeks), months: make([]monthCount, len(h.begins)-1)}
	}
	for range h.g.levels {
		p.pairs = append(p.pairs, make([]uint32, h.weeks))
	}
	for range h.segments {
		p.active = append(p.active, make([]uint32, len(h.begins)-1))
	}
	for _, list := range []*[]uint64{&p.week, &p.month, &p.weekBought, &p.monthBought} {
		*list = make([]uint64, len(h.g.view.catalog.categories))
	}
	return p
}

func (p *historyPart) add(o *historyPart) {
	for i := range p.cells {
		for w := range p.cells[i].weeks {
			p.cells[i].weeks[w].add(&o.cells[i].weeks[w])
		}
		for m := range p.cells[i].months {
			a, b := &p.cells[i].months[m], &o.cells[i].months[m]
			a.add(&b.weekCount)
			a.searches += b.searches
			a.zeroResults += b.zeroResults
			a.seen += b.seen
			a.available += b.available
		}
	}
	for l := range p.pairs {
		sum(p.pairs[l], o.pairs[l])
	}
	for s := range p.active {
		sum(p.active[s], o.active[s])
	}
}

func (w *weekCount) add(o *weekCount) {
	w.customers += o.customers
	w.buyers += o.buyers
}
