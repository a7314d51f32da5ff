package insight

import "slices"

// page is 1,024 customers, by slot. It is never changed once it is part of a view: a change copies what it is about.
type page struct {
	*profiles
	*activity
}

// profiles is what is known of the customers of a page.
type profiles struct {
	ids        [pageSize]string // current ids; "" where nobody is (any more)
	known      pageSet          // has a profile; the others with interactions are what is kept of erased customers
	created    [pageSize]moment // latest where no source told
	household  [pageSize]uint32 // 0 for none
	identities [pageSize]uint8  // kinds of identities, a bit a kind
	verified   pageSet          // has a verified identity
	// Codes of the winning values of attributes, by the attribute's number; nil where nobody of the page has one. Code 0 is no value.
	attributes [][]uint32
	// Answers to purposes, by the purpose's number; nil where nobody of the page was asked.
	consents [][]consent
	// What each source said of each customer.
	lineage [pageSize][]lineage
}

// lineage is what one source said of one customer.
type lineage struct {
	source     uint32 // code
	attributes uint8  // values of attributes that it told; each count ends at 255
	shown      uint8  // of these, those that are shown
	contested  uint8  // of these, those that differ from what is shown
	identities uint8
	verified   uint8  // of these identities
	latest     uint32 // second in which it last told an attribute or identity
}

// activity is where the interactions of the customers of a page are.
type activity struct {
	rows [pageSize]rows
	// born is when each customer began to exist: the earlier of when it was created and its first interaction. Of whom neither is
	// known has always existed.
	born       [pageSize]moment
	latestBorn moment // of the page
	// The moments of the first and the last interaction of the page.
	first, last moment
	beside      int // interactions that are not in the base
}

// consent is an answer to a purpose.
type consent uint8

const (
	notAsked consent = iota
	granted
	denied
)

func newPage() page {
	return page{new(profiles), &activity{latestBorn: earliest, first: latest, last: earliest}}
}

// clone gives a copy that may be changed.
func (p *profiles) clone() *profiles {
	c := *p
	c.attributes, c.consents = make([][]uint32, len(p.attributes)), make([][]consent, len(p.consents))
	for i, column := range p.attributes {
		c.attributes[i] = slices.Clone(column)
	}
	for i, column := range p.consents {
		c.consents[i] = slices.Clone(column)
	}
	return &c
}

// settle computes when the customers began to exist, and what there is of interactions.
func (p page) settle(base *block) {
	p.latestBorn, p.first, p.last, p.beside = earliest, latest, earliest, 0
	for slot := range pageSize {
		r, born := p.rows[slot], earliest
		if r.len() > 0 {
			if r.block != base {
				p.beside += r.len()
			}
			p.first, p.last = min(p.first, r.block.at(r.lo)), max(p.last, r.block.at(r.hi-1))
		}
		switch {
		case !p.known.has(slot) && r.len() == 0:
		case r.len() > 0:
			born = r.block.at(r.lo)
			if p.known.has(slot) {
				born = min(born, p.created[slot])
			}
		case p.created[slot] != latest:
			born = p.created[slot]
		}
		p.born[slot] = born
		p.latestBorn = max(p.latestBorn, born)
	}
}

// existing gives the customers with a profile that exist as of a moment.
func (p page) existing(asOf moment) pageSet {
	if p.latestBorn <= asOf {
		return p.known
	}
	var set pageSet
	for slot := range p.known.each() {
		if p.born[slot] <= asOf {
			set.add(slot)
		}
	}
	return set
}

// attribute gives the code of a customer's value, 0 for none.
func (p *profiles) attribute(number, slot int) uint32 {
	if number >= len(p.attributes) || p.attributes[number] == nil {
		return 0
	}
	return p.attributes[number][slot]
}

// consent gives a customer's answer to a purpose.
func (p *profiles) consent(number, slot int) consent {
	if number >= len(p.consents) || p.consents[number] == nil {
		return notAsked
	}
	return p.consents[number][slot]
}
