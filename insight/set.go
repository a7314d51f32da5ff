package insight

import (
	"iter"
	"math/bits"
)

const (
	pageBits  = 10
	pageSize  = 1 << pageBits // customers of a page
	pageWords = pageSize / 64
)

// pageSet is customers of one page as bits.
type pageSet [pageWords]uint64

func (s *pageSet) add(slot int)      { s[slot>>6] |= 1 << (slot & 63) }
func (s *pageSet) unset(slot int)    { s[slot>>6] &^= 1 << (slot & 63) }
func (s *pageSet) has(slot int) bool { return s[slot>>6]>>(slot&63)&1 == 1 }

func (s *pageSet) count() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// unite adds the slots of another.
func (s *pageSet) unite(o *pageSet) {
	for i := range s {
		s[i] |= o[i]
	}
}

// remove takes out the slots of another.
func (s *pageSet) remove(o *pageSet) {
	for i := range s {
		s[i] &^= o[i]
	}
}

// keep leaves the slots that a function holds of.
func (s *pageSet) keep(holds func(slot int) bool) {
	for slot := range s.each() {
		if !holds(slot) {
			s.unset(slot)
		}
	}
}

// common counts the slots of both.
func (s *pageSet) common(o *pageSet) (n int) {
	for i := range s {
		n += bits.OnesCount64(s[i] & o[i])
	}
	return n
}

// each gives the slots in order.
func (s *pageSet) each() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, w := range s {
			for ; w != 0; w &= w - 1 {
				if !yield(i<<6 + bits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}

// Set is customers of a view as bits, one a customer, page by page. It holds only with the view that it came from. A set that
// was handed out is not changed.
type Set []pageSet

// Len is the number of customers.
func (s Set) Len() (n int) {
	for i := range s {
		n += s[i].count()
	}
	return n
}

func (s Set) has(customer uint32) bool {
	page := int(customer >> pageBits)
	return page < len(s) && s[page].has(int(customer&(pageSize-1)))
}

// each gives the customers' numbers in order.
func (s Set) each() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for p := range s {
			for slot := range s[p].each() {
				if !yield(uint32(p)<<pageBits | uint32(slot)) {
					return
				}
			}
		}
	}
}

// common counts the customers of both sets.
func (s Set) common(o Set) (n int) {
	for p := range min(len(s), len(o)) {
		n += s[p].common(&o[p])
	}
	return n
}

// without counts the customers of s that are not in o.
func (s Set) without(o Set) int { return s.Len() - s.common(o) }
