package stat

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// weeks draws counts of two years: a season, a base that grows by 60 % a year, which is the offset, and a true rate of growth beyond it, steady or by one step.
func weeks(source *rand.Rand, n int, mean, rate float64, step bool, spread float64) (counts, offsets []float64) {
	for i := range n {
		base := math.Pow(1.6, float64(i-n)/52)
		own := math.Pow(1+rate, float64(i-n)/52)
		if step {
			own = 1
			if i >= n-30 {
				own = 1 + rate
			}
		}
		m := mean * base * own * (1 + .4*math.Sin(2*math.Pi*float64(i)/52+1))
		m *= distuv.Gamma{Alpha: 1 / spread, Beta: 1 / spread, Src: source}.Rand()
		counts = append(counts, distuv.Poisson{Lambda: m, Src: source}.Rand())
		offsets = append(offsets, 1000*base)
	}
	return counts, offsets
}

// What is drawn with a rate of growth is found to have it, with an interval that covers it in nine of ten cases, whatever season and base do; what does not
// grow is hardly ever found to.
func TestTrendOfWeeks(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 1))
	const runs = 120
	for _, c := range []struct {
		rate        float64
		least, most int // runs that are found to grow by more than a tenth
	}{{0, 0, 2}, {.1, 0, 13}, {.5, 108, runs}} {
		covered, growing, shifts, sum := 0, 0, 0, 0.
		for range runs {
			counts, offsets := weeks(source, 104, 40, c.rate, false, .02)
			got, ok := TrendOfWeeks(counts, offsets, .1)
			if !ok {
				t.Fatal("nothing was fitted")
			}
			if got.Low <= c.rate && c.rate <= got.High {
				covered++
			}
			if got.P < .05 && got.Confirmed {
				growing++
			}
			if got.Shift >= 0 {
				shifts++
			}
			sum += math.Log1p(got.Rate)
		}
		if covered < runs*84/100 || covered > runs*96/100 {
			t.Errorf("rate %g: %d of %d intervals cover it", c.rate, covered, runs)
		}
		if growing < c.least || growing > c.most {
			t.Errorf("rate %g: %d of %d are found to grow", c.rate, growing, runs)
		}
		if mean := math.Expm1(sum / runs); math.Abs(mean-c.rate) > .03 {
			t.Errorf("rate %g: the mean found is %.3f", c.rate, mean)
		}
		if shifts > runs/50 {
			t.Errorf("rate %g: %d of %d are taken for a step", c.rate, shifts, runs)
		}
	}
}

// A level that is another one from one week to the next is told from steady growth.
func TestLevelShift(t *testing.T) {
	source := rand.New(rand.NewPCG(2, 1))
	found := 0
	for range 50 {
		counts, offsets := weeks(source, 104, 60, .8, true, .005)
		got, ok := TrendOfWeeks(counts, offsets, .1)
		if !ok {
			t.Fatal("nothing was fitted")
		}
		if got.Shift >= 104-32 && got.Shift <= 104-28 && math.Abs(got.Step-.8) < .35 {
			found++
		}
	}
	if found < 40 {
		t.Errorf("of 50 steps %d were found", found)
	}
}

// What cannot be fitted says so.
func TestTrendOfTooFewWeeks(t *testing.T) {
	many := func(n int, x float64) (list []float64) {
		for range n {
			list = append(list, x)
		}
		return list
	}
	for name, c := range map[string][2][]float64{
		"a year": {many(52, 3), many(52, 1)}, "nothing": {many(104, 0), many(104, 1)}, "no offset": {many(104, 3), many(104, 0)}, "offsets of other weeks": {many(104, 3), many(103, 1)},
	} {
		if _, ok := TrendOfWeeks(c[0], c[1], .1); ok {
			t.Errorf("%s: fitted", name)
		}
	}
}
