package insight

import (
	"math"
	"slices"
	"sort"
	"time"

	"lacuna/graph"
)

// moment is a point in time in microseconds since 1970.
type moment int64

// The ends of what the engine tells apart. Interactions outside of the years 1970 to 2105 count at the nearer end.
const (
	earliest moment = math.MinInt64
	latest   moment = math.MaxInt64
)

const microsPerSecond = 1_000_000

func momentOf(t time.Time) moment { return moment(t.UnixMicro()) }

func (m moment) time() time.Time { return time.UnixMicro(int64(m)).UTC() }

// split gives the second and the rest, clamped to what a block can hold. Everything before 1970 is before second 0.
func (m moment) split() (second int64, micro uint32) {
	second = int64(m) / microsPerSecond
	rest := int64(m) % microsPerSecond
	if rest < 0 {
		second, rest = second-1, rest+microsPerSecond
	}
	return second, uint32(rest)
}

// block is a run of interactions as columns of equal length. The rows of one customer stand side by side, in order of time. It is
// never changed once it is part of a view.
type block struct {
	second []uint32 // since 1970
	micro  []uint32 // of the second; nil while all are 0
	kind   []uint8  // type in the lower four bits, channel in the upper
	thing  []uint32 // what it is about, see [things]

	results   sparse[int32]
	quantity  sparse[graph.Decimal]
	amount    sparse[money]
	rating    sparse[graph.Decimal]
	available sparse[bool]
	query     sparse[uint32]         // code of the folded text
	values    map[int]sparse[uint32] // codes of attributes of interactions, by the attribute's number

	buckets bucketCache
}

// money is an amount with the code of its currency.
type money struct {
	amount   graph.Decimal
	currency uint8
}

func kindOf(t graph.InteractionType, c graph.Channel) uint8 { return uint8(t) | uint8(c)<<4 }

func typeOf(kind uint8) graph.InteractionType { return graph.InteractionType(kind & 15) }

func channelOf(kind uint8) graph.Channel { return graph.Channel(kind >> 4) }

// at gives the moment of a row.
func (b *block) at(row uint32) moment {
	m := moment(b.second[row]) * microsPerSecond
	if b.micro != nil {
		m += moment(b.micro[row])
	}
	return m
}

// after gives the first row of lo to hi, one customer's, that is later than a moment, or hi.
func (b *block) after(lo, hi uint32, m moment) uint32 {
	second, micro := m.split()
	switch {
	case second < 0:
		return lo
	case second > math.MaxUint32:
		return hi
	}
	s := uint32(second)
	if b.micro == nil {
		if lo == hi || b.second[hi-1] <= s { // mostly all, or none
			return hi
		}
		return lo + uint32(sort.Search(int(hi-lo), func(i int) bool { return b.second[lo+uint32(i)] > s }))
	}
	return lo + uint32(sort.Search(int(hi-lo), func(i int) bool {
		row := lo + uint32(i)
		return b.second[row] > s || b.second[row] == s && b.micro[row] > micro
	}))
}

// sparse is a column that few rows have: their numbers in order, and the values.
type sparse[T any] struct {
	rows   []uint32
	values []T
}

// of gives the value of a row.
func (s *sparse[T]) of(row uint32) (value T, ok bool) {
	i, ok := slices.BinarySearch(s.rows, row)
	if ok {
		value = s.values[i]
	}
	return value, ok
}

// between gives the rows and values from row lo to before hi.
func (s *sparse[T]) between(lo, hi uint32) ([]uint32, []T) {
	if len(s.rows) == 0 || lo >= hi || s.rows[len(s.rows)-1] < lo || s.rows[0] >= hi {
		return nil, nil
	}
	i := sort.Search(len(s.rows), func(i int) bool { return s.rows[i] >= lo })
	j := i + sort.Search(len(s.rows)-i, func(k int) bool { return s.rows[i+k] >= hi })
	return s.rows[i:j], s.values[i:j]
}

// put appends a row's value. Rows come in order.
func (s *sparse[T]) put(row uint32, value T) {
	s.rows = append(s.rows, row)
	s.values = append(s.values, value)
}

// rows are the interactions of one customer: lo to before hi of a block. The zero value has none.
type rows struct {
	block  *block
	lo, hi uint32
}

func (r rows) len() int { return int(r.hi - r.lo) }

// until leaves out what is later than a moment.
func (r rows) until(m moment) rows {
	if r.block != nil {
		r.hi = r.block.after(r.lo, r.hi, m)
	}
	return r
}

// within gives the rows of from ≤ at < to.
func (r rows) within(from, to moment) rows {
	if r.block == nil {
		return r
	}
	if from != earliest {
		r.lo = r.block.after(r.lo, r.hi, from-1)
	}
	if to != latest {
		r.hi = r.block.after(r.lo, r.hi, to-1)
	}
	return r
}
