package insight

import (
	"cmp"
	"math/bits"
	"slices"

	"lacuna/graph"
)

// buffer collects interactions in any order and makes a block of them.
type buffer struct {
	customer []uint32
	block    block // columns in order of arrival
}

func newBuffer() *buffer { return &buffer{block: block{values: map[int]sparse[uint32]{}}} }

func (b *buffer) len() int { return len(b.customer) }

// add begins a row and gives its number.
func (b *buffer) add(customer uint32, at moment, kind uint8, thing uint32) uint32 {
	row := uint32(len(b.customer))
	second, micro := at.split()
	if second < 0 {
		second, micro = 0, 0
	} else if second > int64(^uint32(0)) {
		second, micro = int64(^uint32(0)), 0
	}
	b.customer = append(b.customer, customer)
	b.block.second = append(b.block.second, uint32(second))
	b.block.kind = append(b.block.kind, kind)
	b.block.thing = append(b.block.thing, thing)
	if micro != 0 && b.block.micro == nil {
		b.block.micro = make([]uint32, row, cap(b.block.second))
	}
	if b.block.micro != nil {
		b.block.micro = append(b.block.micro, micro)
	}
	return row
}

// addValue notes an attribute of a row.
func (b *buffer) addValue(row uint32, number int, code uint32) {
	column := b.block.values[number]
	column.put(row, code)
	b.block.values[number] = column
}

// copyRows adds rows of a block as they are, under a customer.
func (b *buffer) copyRows(customer uint32, r rows) {
	if r.len() == 0 {
		return
	}
	for row := r.lo; row < r.hi; row++ {
		b.add(customer, r.block.at(row), r.block.kind[row], r.block.thing[row])
	}
	shift := uint32(b.len()) - r.hi // may wrap around, and back
	copySparse(&b.block.results, &r.block.results, r, shift)
	copySparse(&b.block.quantity, &r.block.quantity, r, shift)
	copySparse(&b.block.amount, &r.block.amount, r, shift)
	copySparse(&b.block.rating, &r.block.rating, r, shift)
	copySparse(&b.block.available, &r.block.available, r, shift)
	copySparse(&b.block.query, &r.block.query, r, shift)
	for number, column := range r.block.values {
		if from, codes := column.between(r.lo, r.hi); len(from) > 0 {
			for i, row := range from {
				b.addValue(row+shift, number, codes[i])
			}
		}
	}
}

func copySparse[T any](to, from *sparse[T], r rows, shift uint32) {
	found, values := from.between(r.lo, r.hi)
	for i, row := range found {
		to.put(row+shift, values[i])
	}
}

// seal makes a block of the rows collected, and tells each customer's. The buffer is used up.
func (b *buffer) seal(customers int) (sealed *block, of func(customer uint32) rows) {
	n := b.len()
	begin := make([]uint32, customers+1)
	for _, c := range b.customer {
		begin[c+1]++
	}
	for c := range customers {
		begin[c+1] += begin[c]
	}
	order, next := make([]uint32, n), slices.Clone(begin)
	for row, c := range b.customer {
		order[next[c]] = uint32(row)
		next[c]++
	}
	b.customer = nil
	for c := range customers {
		b.sortByTime(order[begin[c]:begin[c+1]])
	}
	sealed = &block{second: gather(b.block.second, order), kind: gather(b.block.kind, order), thing: gather(b.block.thing, order)}
	if b.block.micro != nil {
		sealed.micro = gather(b.block.micro, order)
	}
	place := make([]uint32, n)
	for to, from := range order {
		place[from] = uint32(to)
	}
	m := &mover{place: place, at: order} // the order is not needed any more
	sealed.results, sealed.quantity, sealed.amount = move(m, &b.block.results), move(m, &b.block.quantity), move(m, &b.block.amount)
	sealed.rating, sealed.available, sealed.query = move(m, &b.block.rating), move(m, &b.block.available), move(m, &b.block.query)
	sealed.values = make(map[int]sparse[uint32], len(b.block.values))
	for number, column := range b.block.values {
		sealed.values[number] = move(m, &column)
	}
	b.block = block{}
	return sealed, func(customer uint32) rows {
		r := rows{sealed, begin[customer], begin[customer+1]}
		if r.lo == r.hi {
			return rows{}
		}
		return r
	}
}

// sortByTime puts one customer's rows in order of time; rows of one moment stay as they came.
func (b *buffer) sortByTime(order []uint32) {
	compare := func(x, y uint32) int {
		if c := cmp.Compare(b.block.second[x], b.block.second[y]); c != 0 || b.block.micro == nil {
			return c
		}
		return cmp.Compare(b.block.micro[x], b.block.micro[y])
	}
	if !slices.IsSortedFunc(order, compare) {
		slices.SortStableFunc(order, compare)
	}
}

func gather[T any](column []T, order []uint32) []T {
	out := make([]T, len(order))
	for to, from := range order {
		out[to] = column[from]
	}
	return out
}

// mover moves sparse columns to where their rows have gone.
type mover struct {
	place []uint32 // of each row
	at    []uint32 // of each place; scratch
}

func move[T any](m *mover, column *sparse[T]) sparse[T] {
	if len(column.rows) == 0 {
		return sparse[T]{}
	}
	taken := make([]uint64, (len(m.place)+63)/64)
	for i, row := range column.rows {
		place := m.place[row]
		m.at[place] = uint32(i)
		taken[place>>6] |= 1 << (place & 63)
	}
	out := sparse[T]{rows: make([]uint32, 0, len(column.rows)), values: make([]T, 0, len(column.rows))}
	for word, w := range taken {
		for ; w != 0; w &= w - 1 {
			place := uint32(word<<6 + bits.TrailingZeros64(w))
			out.put(place, column.values[m.at[place]])
		}
	}
	*column = sparse[T]{}
	return out
}

// interaction adds a row with all that the engine keeps of an interaction.
func (w *writer) interaction(b *buffer, customer uint32, i *graph.Interaction) {
	thing := w.catalog.thingOf(w.catalog.productOf(i.Product), w.catalog.categoryOf(i.Category))
	row := b.add(customer, momentOf(i.At), kindOf(i.Type, i.Channel), thing)
	if i.Results.Known {
		b.block.results.put(row, int32(i.Results.Value))
	}
	if i.Quantity.Known {
		b.block.quantity.put(row, i.Quantity.Value)
	}
	if i.Amount.Known {
		b.block.amount.put(row, w.money(i.Amount.Value, i.Currency, momentOf(i.At)))
	}
	if i.Rating.Known {
		b.block.rating.put(row, i.Rating.Value)
	}
	if i.Available.Known {
		b.block.available.put(row, i.Available.Value)
	}
	if i.Query != "" {
		b.block.query.put(row, w.queries.of(graph.Fold(i.Query)))
	}
	for _, a := range i.Attributes {
		number, code := w.eventAttributes.code(a.Name, a.Value)
		b.addValue(row, number, code)
	}
}

// columns adds the rows of a chunk of a scan. Handles are the scan's: see [scanned].
func (w *writer) columns(b *buffer, s *scanned, c *graph.InteractionColumns) {
	for i := range c.Len {
		thing := s.thing(w, c.Product[i], c.Category[i])
		row := b.add(s.customer(w, c.Customer[i]), moment(c.AtMicros[i]), kindOf(c.Type[i], c.Channel[i]), thing)
		known := c.Known[i]
		if known&graph.ResultsKnown != 0 {
			b.block.results.put(row, c.Results[i])
		}
		if known&graph.QuantityKnown != 0 {
			b.block.quantity.put(row, c.Quantity[i])
		}
		if known&graph.AmountKnown != 0 {
			b.block.amount.put(row, w.money(c.Amount[i], c.Currency[i], moment(c.AtMicros[i])))
		}
		if known&graph.RatingKnown != 0 {
			b.block.rating.put(row, c.Rating[i])
		}
		if known&graph.AvailableKnown != 0 {
			b.block.available.put(row, known&graph.IsAvailable != 0)
		}
		if q := c.Query[i]; q != "" {
			b.block.query.put(row, s.query(w, q))
		}
		for _, a := range c.Attributes[i] {
			number, code := w.eventAttributes.code(a.Name, a.Value)
			b.addValue(row, number, code)
		}
	}
}
