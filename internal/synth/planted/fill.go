package planted

// unfilled is a leaf with its hole.
type unfilled struct {
	holes    []hole
	products []int
}

// fill closes the hole of a leaf: these are its products, what was taken out among them.
func (w *world) fill(n int, products []int) {
	w.unfilled[n] = unfilled{w.holes[n], w.leaves[n].products}
	delete(w.holes, n)
	w.leaves[n].products = products
}

// happen draws what comes of an occasion. Where a hole is filled, the occasion is drawn as if it were not, and that is forgotten: so all that comes after is
// as it is in the world with the hole. The same occasion is then drawn from the same randomness without the hole: what differs comes of the hole, not of chance.
func (w *world) happen(customer int32, n int, at int64, statesCategory bool, s stream) {
	hole, ok := w.unfilled[n]
	if !ok {
		w.occasion(customer, n, at, statesCategory, s)
		return
	}
	again, before, products := s.copied(), len(w.interactions), w.leaves[n].products
	w.holes[n], w.leaves[n].products = hole.holes, hole.products
	w.occasion(customer, n, at, statesCategory, s)
	w.interactions = w.interactions[:before]
	delete(w.holes, n)
	w.leaves[n].products = products
	w.occasion(customer, n, at, statesCategory, again)
}
