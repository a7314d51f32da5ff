package synth

import "time"

// span is the time that the records cover.
type span struct{ begin, end time.Time }

func (s span) days() int { return int(s.end.Sub(s.begin).Hours() / 24) }

// years gives how many years after the beginning a moment is.
func (s span) years(t time.Time) float64 { return t.Sub(s.begin).Hours() / 24 / 365.25 }

// supply is when a product could be had.
type supply struct {
	launched, retired time.Time // retired is zero while it is sold
	outages           []span
}

func newSupply(s stream, all span) (u supply) {
	days := all.days()
	u.launched = all.begin.AddDate(0, 0, -s.between(30, 900))
	if s.chance(.3) {
		u.launched = all.begin.AddDate(0, 0, s.IntN(max(1, days*9/10)))
	}
	if s.chance(.08) {
		if retired := all.begin.AddDate(0, 0, s.IntN(max(1, days))); retired.After(u.launched.AddDate(0, 2, 0)) {
			u.retired = retired
		}
	}
	for range s.poisson(.9 * float64(days) / 730) {
		begin := all.begin.AddDate(0, 0, s.IntN(max(1, days)))
		u.outages = append(u.outages, span{begin, begin.AddDate(0, 0, s.between(4, 28))})
	}
	return u
}

// sold tells whether the product is in the catalog.
func (u *supply) sold(t time.Time) bool {
	return !t.Before(u.launched) && (u.retired.IsZero() || t.Before(u.retired))
}

// available tells whether it can be bought.
func (u *supply) available(t time.Time) bool {
	if !u.sold(t) {
		return false
	}
	for _, o := range u.outages {
		if !t.Before(o.begin) && t.Before(o.end) {
			return false
		}
	}
	return true
}
