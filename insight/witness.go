package insight

import "math"

// hear draws the reference of a cell that is of sibling categories to what was seen in the category itself, once the cause is settled: where shelves are empty, of those who met what could be
// had; where searches miss, of those who found something. Nothing kept these from buying, and that they are of the same category says more than siblings do. Where the cause is another one,
// nobody is served as they should be.
func (j *judge) hear(k uint32, d *decision) {
	if !d.siblings || !d.reference {
		return
	}
	everyone := &j.g.cells[0][k]
	var witnesses float64
	switch d.cause {
	case StockOut:
		witnesses = everyone.served()
	case Findability:
		witnesses = float64(everyone.finders)
	default:
		return
	}
	if witnesses < leastPeers {
		return
	}
	told := rateOf(float64(everyone.buyers), witnesses, triesOf(float64(everyone.customers), witnesses, everyone.meanTries()))
	usual := j.usual[k]
	share := usual.variance / (usual.variance + told.variance)
	d.log += share * (told.log - usual.log)
	d.variance += share*told.variance - usual.variance
}

// triesOf is how many tries of one who had any succeeded, where each does with the same chance and some customers had none: of n tries a customer, that are n × chance / share of those who had.
func triesOf(customers, witnesses, tries float64) float64 {
	share := witnesses / customers
	if share >= 1 {
		return tries
	}
	return tries * -math.Expm1(math.Log1p(-share)/tries) / share
}
