package insight

import (
	"time"

	"lacuna/graph"
)

// View is one version of the data with every figure that is computed on it. It never changes and is safe for concurrent use.
type View struct {
	version graph.Cursor
	options Options
	latest  moment // the default moment; earliest while there is no interaction
	// published is when the view was made.
	published time.Time

	catalog         *catalog
	pages           []page
	customers       uint32 // numbers given
	numbers         numbers
	numbering       *numbering
	attributes      []attribute // of customers
	eventAttributes []attribute // of interactions
	queries         []string    // folded, by code
	currencies      []string    // by code
	purposes        []string    // by number, from 1
	sources         []string    // by code
	sizes           []uint32    // members of households
	segments        []graph.Segment
	segment         map[string]int
	base            *block

	cache *cache
}

// Version names the state of the store that the view is of.
func (v *View) Version() graph.Cursor { return v.version }

// AsOf gives the moment of a figure: the one asked for or, for the zero time, that of the latest interaction that was not in the future when it
// was recorded. Without any interaction it is the zero time.
func (v *View) AsOf(asked time.Time) time.Time {
	if !asked.IsZero() {
		return graph.Instant(asked)
	}
	if v.latest == earliest {
		return time.Time{}
	}
	return v.latest.time()
}

// moment is AsOf as a moment. Without any interaction everything stored counts.
func (v *View) moment(asked time.Time) moment {
	if t := v.AsOf(asked); !t.IsZero() {
		return momentOf(t)
	}
	return latest
}

// page of a customer, and its place in it.
func (v *View) at(customer uint32) (page, int) {
	return v.pages[customer>>pageBits], int(customer & (pageSize - 1))
}

// find gives the number of the customer who has an id now.
func (v *View) find(id string) (customer uint32, ok bool) {
	customer, ok = v.numbers.of(id)
	if !ok || customer >= v.customers {
		return 0, false
	}
	p, slot := v.at(customer)
	return customer, p.known.has(slot)
}

// id gives a customer's id.
func (v *View) id(customer uint32) string {
	p, slot := v.at(customer)
	return p.ids[slot]
}

// PublishedAt is when the view was made.
func (v *View) PublishedAt() time.Time { return v.published }

// HasCategory tells whether a category exists.
func (v *View) HasCategory(id string) bool { return v.catalog.handle(id) != 0 }
