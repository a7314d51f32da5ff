package insight

import (
	"context"
	"math"
	"sync"
	"time"
)

// buckets are the interactions of a block by category and month: for each the customers' numbers, every one once, then those of
// their further interactions there. With the segments of a customer as bits, the whole matrix of segments, categories and months is
// then a sum of bits, bucket by bucket.
type buckets struct {
	months    []time.Time // first moments in the zone; the last entry is where the last month ends
	handles   int         // of categories
	begin     []uint32    // of each bucket; bucket = category's handle × months + month; handle 0 is no category
	repeats   []uint32    // where those of further interactions begin
	customers []uint32
}

func (b *buckets) monthCount() int { return len(b.months) - 1 }

// bucketCache keeps a block's buckets. They hold for one catalog and zone.
type bucketCache struct {
	mu      sync.Mutex
	catalog *catalog
	zone    *time.Location
	*buckets
}

// bucketsOf gives the buckets of the base for the customers who have their interactions there.
func (v *View) bucketsOf() *buckets {
	c := &v.base.buckets
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.buckets == nil || c.zone != v.options.Zone || !sameFiling(c.catalog, v.catalog) {
		c.buckets, c.catalog, c.zone = v.newBuckets(), v.catalog, v.options.Zone
	}
	return c.buckets
}

// sameFiling tells whether what interactions were about is filed under the same categories. Things are only added.
func sameFiling(old, now *catalog) bool {
	if old == now {
		return true
	}
	if len(old.categories) != len(now.categories) {
		return false
	}
	for n := range old.things {
		a, b := old.things[n].categories, now.things[n].categories
		if len(a) != len(b) {
			return false
		}
		for i := range a {
			if a[i] != b[i] {
				return false
			}
		}
	}
	return true
}

// monthTable finds the months of seconds.
type monthTable struct {
	begins []uint32 // second in which each month begins; the first is 0
	months []time.Time
}

func (v *View) monthTable(first, last uint32) monthTable {
	var t monthTable
	begin := Month.begin(time.Unix(int64(first), 0).In(v.options.Zone))
	for begin.Unix() <= int64(last) {
		t.months = append(t.months, begin)
		t.begins = append(t.begins, uint32(max(begin.Unix(), 0)))
		begin = Month.next(begin)
	}
	t.months = append(t.months, begin)
	t.begins = append(t.begins, math.MaxUint32)
	return t
}

func (v *View) newBuckets() *buckets {
	base := v.base
	if len(base.second) == 0 {
		return &buckets{months: []time.Time{{}}, begin: make([]uint32, 1)}
	}
	first, last := base.second[0], base.second[0]
	for _, s := range base.second {
		first, last = min(first, s), max(last, s)
	}
	table := v.monthTable(first, last)
	b := &buckets{months: table.months, handles: len(v.catalog.categories)}
	months := b.monthCount()
	n := b.handles * months
	distinct, total, stamp := make([]uint32, n), make([]uint32, n+1), make([]uint32, n)
	b.each(v, &table, func(customer, bucket uint32) {
		total[bucket+1]++
		if stamp[bucket] != customer+1 {
			stamp[bucket] = customer + 1
			distinct[bucket]++
		}
	})
	for i := range n {
		total[i+1] += total[i]
	}
	b.begin, b.repeats = total, make([]uint32, n)
	firstAt, repeatAt := make([]uint32, n), make([]uint32, n)
	for i := range n {
		firstAt[i], b.repeats[i] = total[i], total[i]+distinct[i]
		repeatAt[i] = b.repeats[i]
	}
	clear(stamp)
	b.customers = make([]uint32, total[n])
	b.each(v, &table, func(customer, bucket uint32) {
		if stamp[bucket] != customer+1 {
			stamp[bucket] = customer + 1
			b.customers[firstAt[bucket]] = customer
			firstAt[bucket]++
			return
		}
		b.customers[repeatAt[bucket]] = customer
		repeatAt[bucket]++
	})
	return b
}

// each calls visit with every interaction of the base, once for each category.
func (b *buckets) each(v *View, table *monthTable, visit func(customer, bucket uint32)) {
	months := uint32(b.monthCount())
	things, second, thing := v.catalog.things, v.base.second, v.base.thing
	for n := range v.pages {
		for slot, r := range v.pages[n].rows {
			if r.block != v.base {
				continue
			}
			customer, month := uint32(n)<<pageBits|uint32(slot), uint32(0)
			for row := r.lo; row < r.hi; row++ {
				for s := second[row]; s >= table.begins[month+1] && month+1 < months; {
					month++
				}
				categories := things[thing[row]].categories
				if len(categories) == 0 {
					visit(customer, month)
				}
				for _, k := range categories {
					visit(customer, k*months+month)
				}
			}
		}
	}
}

// record is the segments of a customer, a bit each, 256 at a time.
type record [4]uint64

const recordBits = 256

// matrix is counts by category, month and segment, in this order: [cell × segments + segment], cells as in buckets.
type matrix struct {
	segments     int
	interactions []uint32
	customers    []uint32 // distinct
}

// matrixOf counts for up to 256 sets. Customers whose interactions are not in the base are counted one by one.
func (v *View) matrixOf(ctx context.Context, sets []Set, b *buckets) (*matrix, error) {
	cells := b.handles * b.monthCount()
	m := &matrix{segments: len(sets), interactions: make([]uint32, cells*len(sets)), customers: make([]uint32, cells*len(sets))}
	records := v.records(sets)
	words := (len(sets) + 63) / 64
	const perTask = 64
	err := inParallel(ctx, (cells+perTask-1)/perTask, func(task int) {
		var k kernel
		for cell := task * perTask; cell < min(cells, (task+1)*perTask); cell++ {
			begin, repeats, end := b.begin[cell], b.repeats[cell], b.begin[cell+1]
			if begin == end {
				continue
			}
			out := cell * len(sets)
			k.reset(int(end - begin))
			k.add(records, b.customers[begin:repeats], words)
			k.store(m.customers[out:out+len(sets)], words)
			k.add(records, b.customers[repeats:end], words)
			k.store(m.interactions[out:out+len(sets)], words)
		}
	})
	return m, err
}

// records turns sets into the segments of each customer of the base. Others have none there.
func (v *View) records(sets []Set) []record {
	return v.recordsIn(sets, func(p page) (inBase pageSet) {
		for slot, r := range p.rows {
			if r.block == v.base {
				inBase.add(slot)
			}
		}
		return inBase
	})
}

// recordsIn turns up to 256 sets into the segments of each customer among some of each page.
func (v *View) recordsIn(sets []Set, some func(p page) pageSet) []record {
	records := make([]record, len(v.pages)*pageSize)
	_ = inParallel(context.Background(), len(v.pages), func(n int) {
		among := some(v.pages[n])
		var bits [64]uint64
		for word := range pageWords {
			for group := 0; group < len(sets); group += 64 {
				some := uint64(0)
				for i := range bits {
					bits[i] = 0
					if group+i < len(sets) {
						bits[i] = sets[group+i][n][word] & among[word]
						some |= bits[i]
					}
				}
				if some == 0 {
					continue
				}
				transpose(&bits)
				for i := range bits {
					records[n<<pageBits|word<<6|i][group/64] = bits[i]
				}
			}
		}
	})
	return records
}

// transpose turns 64 × 64 bits: bit j of word i becomes bit i of word j. Hacker's Delight, 7-3.
func transpose(a *[64]uint64) {
	mask := uint64(0x00000000FFFFFFFF)
	for j := 32; j != 0; j >>= 1 {
		for k := 0; k < 64; k = (k + j + 1) &^ j {
			t := (a[k]>>j ^ a[k+j]) & mask
			a[k] ^= t << j
			a[k+j] ^= t
		}
		mask ^= mask << (j >> 1)
	}
}
