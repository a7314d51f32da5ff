package stat

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Difference is how a share in one group differs from that in another.
type Difference struct {
	Share, Others float64
	Low, High     float64 // 95 % interval of Share − Others
	Lift          float64 // Share / Others; infinite where nobody else is
	P             float64 // of there being no difference, two-sided
}

// Proportions compares k of n with ko of no. The interval is Newcombe's hybrid of two score intervals (1998, method 10), P that of the pooled score
// test (chi-square with one degree of freedom, uncorrected) or, where a count of fewer than 5 is expected, of Fisher's exact test.
// It is not ok where a group is empty.
func Proportions(k, n, ko, no int64) (d Difference, ok bool) {
	if n <= 0 || no <= 0 {
		return d, false
	}
	d.Share, d.Others = float64(k)/float64(n), float64(ko)/float64(no)
	l1, u1 := wilson(k, n)
	l2, u2 := wilson(ko, no)
	diff := d.Share - d.Others
	d.Low = diff - math.Sqrt(sq(d.Share-l1)+sq(u2-d.Others))
	d.High = diff + math.Sqrt(sq(u1-d.Share)+sq(d.Others-l2))
	switch {
	case ko > 0:
		d.Lift = d.Share / d.Others
	case k > 0:
		d.Lift = math.Inf(1)
	default:
		d.Lift = 1
	}
	pooled := float64(k+ko) / float64(n+no)
	if least := float64(min(n, no)) * min(pooled, 1-pooled); least < 5 {
		d.P = fisher(k, n, ko, no)
		return d, true
	}
	z := diff / math.Sqrt(pooled*(1-pooled)*(1/float64(n)+1/float64(no)))
	d.P = 2 * distuv.UnitNormal.CDF(-math.Abs(z))
	return d, true
}

func sq(x float64) float64 { return x * x }

// wilson gives the 95 % score interval of a proportion (1927).
func wilson(k, n int64) (low, high float64) {
	const z = 1.959963984540054
	p, m := float64(k)/float64(n), float64(n)
	centre := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, centre-half), min(1, centre+half)
}

// fisher gives the two-sided P of Fisher's exact test: of all tables with these margins that are no more likely than this one.
func fisher(k, n, ko, no int64) float64 {
	total, hits := n+no, k+ko
	log := func(a, b int64) float64 { // of the binomial coefficient
		x, _ := math.Lgamma(float64(a + 1))
		y, _ := math.Lgamma(float64(b + 1))
		z, _ := math.Lgamma(float64(a - b + 1))
		return x - y - z
	}
	chance := func(i int64) float64 { return math.Exp(log(n, i) + log(no, hits-i) - log(total, hits)) }
	limit, p := chance(k)*(1+1e-7), 0.
	for i := max(0, hits-no); i <= min(n, hits); i++ {
		if c := chance(i); c <= limit {
			p += c
		}
	}
	return min(p, 1)
}
