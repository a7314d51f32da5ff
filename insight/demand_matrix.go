package insight

import (
	"context"
	"slices"
)

// From where on buckets are quicker than going customer by customer: so many segments, or such a share of the customers.
const (
	leastSegments = 8
	leastShare    = .08
)

// byBuckets tells whether the table is one that buckets give: interactions and customers by category and whole months, of all types and
// channels, of many segments or of many customers.
func (d *demand) byBuckets() bool {
	q := d.query
	if !d.all || len(q.Categories) > 0 || q.Grain != Month || len(d.view.base.second) == 0 {
		return false
	}
	switch by := slices.Sorted(slices.Values(q.By)); {
	case slices.Equal(by, []Dimension{BySegment, ByCategory, ByPeriod}):
		if len(d.sets) < leastSegments || d.among != nil {
			return false
		}
	case slices.Equal(by, []Dimension{ByCategory, ByPeriod}):
		if d.among == nil || float64(d.among.Len()) < leastShare*float64(d.view.customers) {
			return false
		}
	default:
		return false
	}
	for _, m := range q.Measures {
		if m != Customers && m != Interactions {
			return false
		}
	}
	b := d.view.bucketsOf()
	if b.handles*b.monthCount()*max(1, min(len(d.sets), recordBits)) > mostCells { // a wrong clock makes very many months
		return false
	}
	// Months that the time asked for cuts must lie outside of what there is.
	first, last := momentOf(b.months[0]), momentOf(b.months[len(b.months)-1])
	whole := func(m moment) bool {
		return m <= first || m >= last || m == momentOf(Month.begin(m.time().In(d.view.options.Zone)))
	}
	_, end := d.view.spread()
	return whole(d.from) && (whole(d.to) || d.to > end)
}

// runBuckets counts by buckets, and those customers one by one whose interactions are not in them.
func (d *demand) runBuckets(ctx context.Context) error {
	d.result = d.newCells()
	b := d.view.bucketsOf()
	if d.sets == nil {
		if err := d.countBuckets(ctx, b); err != nil {
			return err
		}
	}
	for begin := 0; begin < len(d.sets); begin += recordBits {
		end := min(len(d.sets), begin+recordBits)
		m, err := d.view.matrixOf(ctx, d.sets[begin:end], b)
		if err != nil {
			return err
		}
		d.take(m, b, begin)
	}
	if d.view.rowsBeside() == 0 {
		return ctx.Err()
	}
	rest := d.newCells()
	at := make([]uint32, 0, 16)
	for n, p := range d.view.pages {
		for slot, r := range p.rows {
			if r.block == d.view.base || r.block == nil || d.among != nil && !d.among[n].has(slot) {
				continue
			}
			if r = r.within(d.from, d.to); r.len() > 0 {
				at = d.customerOffsets(at[:0], p, n, slot)
				d.count(rest, r, uint32(n)<<pageBits|uint32(slot), at)
			}
		}
	}
	d.result.add(rest)
	return nil
}

// countBuckets counts the customers of one set in each bucket: a look at one bit for each interaction.
func (d *demand) countBuckets(ctx context.Context, b *buckets) error {
	inBase := make([]uint64, len(d.view.pages)*pageWords)
	for n, p := range d.view.pages {
		for word, w := range d.among[n] {
			inBase[n*pageWords+word] = w
		}
		if p.beside > 0 {
			for slot, r := range p.rows {
				if r.block != d.view.base {
					inBase[n*pageWords+slot>>6] &^= 1 << (slot & 63)
				}
			}
		}
	}
	count := func(customers []uint32) (n uint32) {
		for _, c := range customers {
			n += uint32(inBase[c>>6] >> (c & 63) & 1)
		}
		return n
	}
	months, categories := b.monthCount(), d.axis(ByCategory)
	return inParallel(ctx, b.handles, func(k int) {
		for month := range months {
			period, ok := slices.BinarySearch(d.begins[:len(d.begins)-1], momentOf(b.months[month]))
			if !ok {
				continue
			}
			cell := k*months + month
			distinct := count(b.customers[b.begin[cell]:b.repeats[cell]])
			d.result.basic[int(categories.offset(k))+period*int(d.periodAt)] = basic{
				customers: distinct, interactions: distinct + count(b.customers[b.repeats[cell]:b.begin[cell+1]]),
			}
		}
	})
}

// rowsBeside counts the interactions that are not in the base.
func (v *View) rowsBeside() (n int) {
	for _, p := range v.pages {
		n += p.beside
	}
	return n
}

// take puts a matrix of segments from first on into the cells, those months that are asked for.
func (d *demand) take(m *matrix, b *buckets, first int) {
	categories, months := d.axis(ByCategory), b.monthCount()
	for month := range months {
		begin := momentOf(b.months[month])
		period, ok := slices.BinarySearch(d.begins[:len(d.begins)-1], begin)
		if !ok {
			continue
		}
		for k := range b.handles {
			from := (k*months + month) * m.segments
			to := int(categories.offset(k)) + period*int(d.periodAt) + first*d.sliceAt
			for s := range m.segments {
				d.result.basic[to+s*d.sliceAt] = basic{interactions: m.interactions[from+s], customers: m.customers[from+s]}
			}
		}
	}
}
