package stat

import "math"

// Buyer is one customer's history of purchases, in any one unit of time for all. Repeat is the number of purchases after the first (whole),
// Recency the time from the first to the last of them (0 without), Age the time from the first to the end of what was observed.
// Weight is how many customers have this history; 0 is 1.
type Buyer struct{ Repeat, Recency, Age, Weight float64 }

// BGNBD is how customers buy until they leave (Fader, Hardie & Lee 2005, "Counting your customers the easy way"): a customer buys as a Poisson
// process whose rate is gamma distributed with shape R and rate Alpha (in units of time), and leaves after each repeat purchase with a chance
// that is beta distributed with A and B. Nobody leaves before the first repeat purchase.
type BGNBD struct{ R, Alpha, A, B float64 }

// Alive gives the chance that a customer has not left:
//
//	1 / (1 + a/(b+x−1) × ((α+T)/(α+t))^(r+x)), x = Repeat, t = Recency, T = Age
//
// It is 1 without a repeat purchase: the model lets nobody leave before it.
func (m BGNBD) Alive(b Buyer) float64 {
	if !(b.Repeat > 0) {
		return 1
	}
	return 1 / (1 + m.A/(m.B+b.Repeat-1)*math.Exp((m.R+b.Repeat)*math.Log((m.Alpha+b.Age)/(m.Alpha+b.Recency))))
}

// Expected gives E[X(t)], the repeat purchases of a customer of whom nothing is known within t of the first purchase, t in units of time.
func (m BGNBD) Expected(t float64) float64 { return stay{m.R, m.Alpha, m.A, m.B}.purchases(t) }

// ExpectedNext gives E[Y(t) | history], the purchases of a customer within t of the end of what was observed, t in units of time: equation 10 of the
// paper, which is the chance of being alive times what those buy who are. It takes about a microsecond where t is of the order of Alpha + Age.
func (m BGNBD) ExpectedNext(b Buyer, t float64) float64 {
	x := max(b.Repeat, 0)
	return m.Alive(b) * stay{m.R + x, m.Alpha + b.Age, m.A, m.B + x}.purchases(t)
}

// stay is a customer who is there: the rate of purchases is gamma distributed with r and alpha, the chance to leave after each beta distributed
// with a and b.
type stay struct{ r, alpha, a, b float64 }

// mostTerms is the length of series up to which it is cheaper than the integral.
const mostTerms = 700

// purchases gives the expected number within t. It is, with K the purchases if nobody left (negative binomial, z = t/(α+t)),
//
//	Σ_k P(K = k) Σ_{j<k} (b)_j/(a+b)_j  =  (a+b−1)/(a−1) × (1 − (α/(α+t))^r ₂F₁(r, b; a+b−1; z))
//
// The sum on the left has positive terms only and no pole at a = 1, so it is what is computed; for long horizons, where it would take too many
// terms, the same expectation as an integral over the chance to leave.
func (s stay) purchases(t float64) float64 {
	if !(t > 0) {
		return 0
	}
	z := t / (s.alpha + t)
	// The terms are done some deviations above the mean; where z is near 1 they fade as slowly as z^k.
	mean := s.r * t / s.alpha
	terms := mean + 8*math.Sqrt(mean/(1-z)) + 30/(1-z)
	if !(terms < mostTerms) {
		return s.integral(t)
	}
	// P(K = 0) does not underflow: its log is above −mean.
	chance, left, within, sum, ab := math.Exp(-s.r*math.Log1p(t/s.alpha)), 1., 0., 0., s.a+s.b
	for k := 0.; ; k++ {
		// Step to k+1: within becomes Σ_{j≤k} of the chances still to be there.
		// One division for both ratios: divisions are what the time goes into.
		next, beta := k+1, ab+k
		inverse := 1 / (next * beta)
		ratio := (s.r + k) * z * beta * inverse
		chance *= ratio
		within += left
		left *= (s.b + k) * next * inverse
		term := chance * within
		sum += term
		if term < 1e-12*sum*(1-max(ratio, z)) {
			return sum
		}
	}
}

// integral gives [stay.purchases] as E[(1 − (1 + pt/α)^−r) / p] over p, beta distributed with a and b: by the trapezoid rule over the log of
// p/(1−p), for which it converges exponentially. It goes outward from the mean of p until terms no longer count; from where they are
// those of a geometric series, the rest is added at once.
func (s stay) integral(t float64) float64 {
	q := t / s.alpha
	lga, _ := math.Lgamma(s.a)
	lgb, _ := math.Lgamma(s.b)
	lgab, _ := math.Lgamma(s.a + s.b)
	term := func(y float64) float64 {
		logRest := -max(y, 0) - math.Log1p(math.Exp(-math.Abs(y)))
		logP := y + logRest
		p := math.Exp(logP)
		bought := s.r * q
		if p > 0 {
			bought = -math.Expm1(-s.r*math.Log1p(p*q)) / p
		}
		return bought * math.Exp(s.a*logP+s.b*logRest+lgab-lga-lgb)
	}
	step := min(.4, .4*math.Sqrt(1/s.a+1/s.b))
	reach := 28 + math.Log1p(s.a+s.b+(s.r+1)*q)
	middle := math.Log(s.a / s.b)
	sum := term(middle)
	for _, side := range []struct{ step, fade float64 }{{-step, s.a}, {step, s.b}} {
		last := sum
		for y := middle + side.step; ; y += side.step {
			v := term(y)
			if math.Abs(y) > reach && y*side.step > 0 {
				sum += v / -math.Expm1(-side.fade*step)
				break
			}
			sum += v
			if v < 1e-14*sum && v <= last {
				break
			}
			last = v
		}
	}
	return sum * step
}
