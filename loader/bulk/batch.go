package bulk

import (
	"slices"

	"lacuna/graph"
)

// batchRows and batchBytes bound what is under way: a batch is handed to the store when either is reached.
const (
	batchRows  = 8_192
	batchBytes = 4 << 20
)

// origin is where a row came from.
type origin struct {
	line int64
	raw  rawRow
}

// reject is a record, or a row made of it, that was not taken.
type reject struct {
	origin
	kind   Kind // of the row; "" is the kind that the file is read for
	reason *graph.Rejection
}

// batch is decoded rows on their way to the store, with what could not be decoded.
type batch struct {
	rows    graph.Batch
	origins map[Kind][]origin // of each row, in the order of its list in rows
	rejects []reject
	ignored map[string]int64 // records left out on purpose, by name
	left    int              // how many these are
	size    int              // bytes of text, about
	read    int64            // bytes of the file read so far
	turn    int              // how often it was emptied
}

func newBatch() *batch { return &batch{origins: map[Kind][]origin{}, ignored: map[string]int64{}} }

// from notes where the row just added came from.
func (b *batch) from(kind Kind, r *record) {
	b.origins[kind] = append(b.origins[kind], origin{line: r.line, raw: r.raw})
	b.size += r.size
}

func (b *batch) reject(r *record, reason *graph.Rejection) {
	b.rejects = append(b.rejects, reject{origin: origin{line: r.line, raw: r.raw}, reason: reason})
	b.size += r.size
}

// ignore counts a record that is left out on purpose.
func (b *batch) ignore(name string) {
	b.ignored[name]++
	b.left++
}

func (b *batch) full() bool {
	return b.rows.Len()+len(b.rejects)+b.left >= batchRows || b.size >= batchBytes
}

// reset empties the batch and keeps its memory.
func (b *batch) reset() {
	b.turn++
	clear(b.rows.Customers)
	clear(b.rows.Interactions)
	b.rows = graph.Batch{
		Products: b.rows.Products[:0], Customers: b.rows.Customers[:0], Interactions: b.rows.Interactions[:0],
	}
	clear(b.ignored)
	b.left = 0
	for kind, origins := range b.origins {
		clear(origins)
		b.origins[kind] = origins[:0]
	}
	clear(b.rejects)
	b.rejects, b.size = b.rejects[:0], 0
}

// settle counts the outcomes of one kind and gathers what the store rejected.
func (b *batch) settle(kind Kind, outcomes []graph.Outcome, count func(Kind, graph.Status)) {
	for i, o := range outcomes {
		if o.Status == graph.Rejected {
			b.rejects = append(b.rejects, reject{origin: b.origins[kind][i], kind: kind, reason: o.Rejection})
			continue
		}
		count(kind, o.Status)
	}
}

// sortRejects puts the rejects into the order of the file.
func (b *batch) sortRejects() {
	slices.SortStableFunc(b.rejects, func(x, y reject) int { return int(x.line - y.line) })
}

// mark is a place in a batch to go back to.
type mark struct{ categories, products, customers, interactions, size int }

// mark notes the present place.
func (b *batch) mark() mark {
	return mark{len(b.rows.Categories), len(b.rows.Products), len(b.rows.Customers), len(b.rows.Interactions), b.size}
}

// back takes out the rows that were added since a mark.
func (b *batch) back(to mark) {
	b.rows.Categories, b.rows.Products = b.rows.Categories[:to.categories], b.rows.Products[:to.products]
	b.rows.Customers, b.rows.Interactions = b.rows.Customers[:to.customers], b.rows.Interactions[:to.interactions]
	b.size = to.size
	for _, k := range [...]struct {
		kind Kind
		n    int
	}{{Categories, to.categories}, {Products, to.products}, {Customers, to.customers}, {Interactions, to.interactions}} {
		if origins := b.origins[k.kind]; len(origins) > k.n {
			b.origins[k.kind] = origins[:k.n]
		}
	}
}
