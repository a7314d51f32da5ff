package stat

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSmoothersOfKnownSeries: series without noise go on as they are made.
func TestSmoothersOfKnownSeries(t *testing.T) {
	const n, h = 40, 8
	season := []float64{3, -1, -4, 2}
	make40 := func(f func(i int) float64) (y, next []float64) {
		for i := range n + h {
			y = append(y, f(i))
		}
		return y[:n], y[n:]
	}
	compare := func(name string, got, want []float64, tolerance float64) {
		t.Helper()
		for k := range want {
			if !(math.Abs(got[k]-want[k]) <= tolerance) {
				t.Errorf("%s, step %d: %g, want %g", name, k+1, got[k], want[k])
			}
		}
	}
	constant, next := make40(func(int) float64 { return 7 })
	compare("theta of a constant", Theta(constant, 4, h), next, 1e-9)
	compare("ETS of a constant", DampedETS(constant, 4, h), next, 1e-6)
	zeros, next := make40(func(int) float64 { return 0 })
	compare("theta of zeros", Theta(zeros, 4, h), next, 0)
	compare("ETS of zeros", DampedETS(zeros, 4, h), next, 1e-12)
	compare("TSB of zeros", TSB(zeros, h), next, 0)
	seasonal, next := make40(func(i int) float64 { return 50 + season[i%4] })
	compare("ETS of seasons", DampedETS(seasonal, 4, h), next, .01)
	compare("seasonal naive", SeasonalNaive(seasonal, 4, h), next, 0)
	compare("theta of seasons", Theta(seasonal, 4, h), next, .5)
	fading, next := make40(func(i int) float64 { return 100 - 60*math.Pow(.95, float64(i)) })
	compare("ETS of a trend that fades", DampedETS(fading, 1, h), next, .1)
	fadingSeasons, next := make40(func(i int) float64 { return 100 - 60*math.Pow(.95, float64(i)) + season[i%4] })
	compare("ETS of a trend that fades, with seasons", DampedETS(fadingSeasons, 4, h), next, 1)
	// Of a straight line the theta method keeps half of the slope beyond the level, which is the last value where α is 1.
	line, _ := make40(func(i int) float64 { return 10 + 2*float64(i) })
	half := []float64{}
	for k := range h {
		half = append(half, line[n-1]+1+float64(k))
	}
	compare("theta of a line", Theta(line, 1, h), half, .01)
}

func TestSmoothersOfShortSeries(t *testing.T) {
	for n := range 14 {
		for _, period := range []int{0, 1, 2, 4, 12} {
			y := make([]float64, n)
			for i := range y {
				y[i] = float64(i * i % 7)
			}
			for name, f := range map[string]func([]float64, int, int) []float64{
				"theta": Theta, "ETS": DampedETS, "naive": SeasonalNaive, "TSB": func(y []float64, _, h int) []float64 { return TSB(y, h) },
			} {
				next := f(y, period, 3)
				if len(next) != 3 || math.IsNaN(next[0]+next[2]) || math.IsInf(next[0]+next[2], 0) {
					t.Errorf("%s of %v, season %d: %v", name, y, period, next)
				}
			}
		}
	}
}

// TestTSB: what sells now and then has its rate; what has stopped fades.
func TestTSB(t *testing.T) {
	source := rand.New(rand.NewPCG(2, 3))
	var steady, stopped []float64
	for i := range 400 {
		v := 0.
		if source.Float64() < .3 {
			v = 5 + 10*source.Float64()
		}
		steady = append(steady, v)
		if i >= 300 {
			v = 0
		}
		stopped = append(stopped, v)
	}
	within(t, "the rate", TSB(steady, 2)[1], 3, .8)
	if next := TSB(stopped, 1)[0]; next > .1 {
		t.Errorf("a hundred periods after the last sale %g are expected", next)
	}
	// By hand: of [0 2], p is 1/2 and z is 2; a p that falls after the 0 would err by more at the 2, so both stay.
	within(t, "two periods", TSB([]float64{0, 2}, 1)[0], 1, 1e-12)
}

// amounts draws a series of which the model is known: a level that wanders, seasons and noise, all on the log scale.
func amounts(source *rand.Rand, n int) []float64 {
	y, level := make([]float64, n), 5.
	for i := range y {
		level += .04 * source.NormFloat64()
		y[i] = math.Exp(level + .3*math.Sin(2*math.Pi*float64(i)/12) + .08*source.NormFloat64())
	}
	return y
}

// TestForecastOfSimulatedSeries: of monthly series whose model is known the interval holds what it promises, and mid is nearer than the naive forecast.
func TestForecastOfSimulatedSeries(t *testing.T) {
	source := rand.New(rand.NewPCG(21, 4))
	const n, h, series = 60, 6, 60
	covered, gap, naive := 0., 0., 0.
	for range series {
		y := amounts(source, n+h)
		p, err := Forecast(y[:n], 12, h, .8)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range y[n:] {
			if v >= p.Low[k] && v <= p.High[k] {
				covered += 1. / series / h
			}
			gap += math.Abs(v - p.Mid[k])
			naive += math.Abs(v - p.Naive[k])
		}
	}
	within(t, "the coverage", covered, .8, .08)
	if !(gap < .8*naive) {
		t.Errorf("errors of %g, those of the naive forecast are %g", gap, naive)
	}
}

func TestForecastHoldsItsPromises(t *testing.T) {
	source := rand.New(rand.NewPCG(8, 8))
	busy := amounts(source, 40)
	rare := make([]float64, 40)
	for i := range rare {
		if i%3 == 0 {
			rare[i] = 4
		}
	}
	falling := make([]float64, 24)
	for i := range falling {
		falling[i] = max(0, 100-6*float64(i))
	}
	for name, c := range map[string]struct {
		y      []float64
		method string
	}{
		"busy": {busy, MethodThetaETS}, "rare": {rare, MethodTSB}, "falling": {falling, MethodThetaETS}, "zeros": {make([]float64, 12), MethodTSB},
		"tiny": {busy[:8], MethodThetaETS}, "short of two seasons": {busy[:20], MethodThetaETS}, "constant": {slices.Repeat([]float64{3}, 30), MethodThetaETS},
	} {
		p, err := Forecast(c.y, 12, 10, .8)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p.Method != c.method {
			t.Errorf("%s: method %s, want %s", name, p.Method, c.method)
		}
		if diff := cmp.Diff(SeasonalNaive(c.y, 12, 10), p.Naive); diff != "" {
			t.Errorf("%s: naive %s", name, diff)
		}
		for k := range p.Mid {
			if !(p.Low[k] >= 0 && p.Low[k] <= p.Mid[k]+1e-9 && p.Mid[k] <= p.High[k]+1e-9) || math.IsInf(p.High[k], 0) {
				t.Errorf("%s, step %d: %g, %g, %g", name, k+1, p.Low[k], p.Mid[k], p.High[k])
			}
		}
		wide, err := Forecast(c.y, 12, 10, .5)
		if err != nil || wide.High[0]-wide.Low[0] > p.High[0]-p.Low[0] {
			t.Errorf("%s: half the values need %g to %g, four of five %g to %g: %v", name, wide.Low[0], wide.High[0], p.Low[0], p.High[0], err)
		}
	}
}

// TestForecastScale: in another currency the same is forecast.
func TestForecastScale(t *testing.T) {
	y := amounts(rand.New(rand.NewPCG(6, 6)), 48)
	p, err := Forecast(y, 12, 6, .8)
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range []float64{1e-2, 1e6} {
		scaled := slices.Clone(y)
		for i := range scaled {
			scaled[i] *= unit
		}
		q, err := Forecast(scaled, 12, 6, .8)
		if err != nil {
			t.Fatal(err)
		}
		for k := range p.Mid {
			within(t, "mid", q.Mid[k]/unit/p.Mid[k], 1, 1e-3)
			within(t, "low", q.Low[k]/unit/p.Low[k], 1, 1e-3)
			within(t, "high", q.High[k]/unit/p.High[k], 1, 1e-3)
		}
	}
}

// TestWidths: the quantile of a finite sample, or the root of the step where errors are too few.
func TestWidths(t *testing.T) {
	got := widths([][]float64{{4, 1, 3, 2, 5, 6, 7, 9, 8}, {1, 1, 1, 1}, {1, 2, 3}, nil}, .8)
	want := []float64{8, 8, 8 * math.Sqrt(1.5), 8 * math.Sqrt(1.5) * math.Sqrt(4./3)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestForecastProduct(t *testing.T) {
	source := rand.New(rand.NewPCG(31, 4))
	const n, h, series = 48, 6, 40
	covered := 0.
	for range series {
		base, share, product := amounts(source, n+h), make([]float64, n+h), make([]float64, n+h)
		odds := -2.
		for i := range base {
			odds += .05 * source.NormFloat64()
			share[i] = 1 / (1 + math.Exp(-odds))
			product[i] = base[i] * share[i]
		}
		p, err := ForecastProduct(base[:n], share[:n], 12, h, .8)
		if err != nil {
			t.Fatal(err)
		}
		alone, err := Forecast(base[:n], 12, h, .8)
		if err != nil {
			t.Fatal(err)
		}
		part, err := Forecast(share[:n], 12, h, .8)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range product[n:] {
			within(t, "the product", p.Mid[k], alone.Mid[k]*part.Mid[k], 1e-9*p.Mid[k])
			within(t, "the naive forecast", p.Naive[k], product[n-12+k], 0)
			if v >= p.Low[k] && v <= p.High[k] {
				covered += 1. / series / h
			}
		}
	}
	within(t, "the coverage", covered, .8, .08)

	// A share that nears 1 does not pass it.
	base, share := slices.Repeat([]float64{100}, 20), make([]float64, 20)
	for i := range share {
		share[i] = .5 + .025*float64(i)
	}
	p, err := ForecastProduct(base, share, 1, 8, .8)
	if err != nil {
		t.Fatal(err)
	}
	if last := p.Mid[7]; last > 100+1e-6 || last < 90 {
		t.Errorf("%g of a hundred", last)
	}
}

func TestForecastOfWhatCannotBe(t *testing.T) {
	y := slices.Repeat([]float64{1, 2}, 10)
	for name, call := range map[string]func() error{
		"seven values":       func() error { _, err := Forecast(y[:7], 1, 2, .8); return err },
		"22 values for 95 %": func() error { _, err := Forecast(slices.Repeat(y, 2)[:22], 1, 2, .95); return err },
		"a product of seven": func() error { _, err := ForecastProduct(y[:7], y[:7], 1, 2, .8); return err },
		"nothing at all":     func() error { _, err := Forecast(nil, 1, 2, .8); return err },
	} {
		if err := call(); !errors.Is(err, ErrShortSeries) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, call := range map[string]func() error{
		"not a number":    func() error { _, err := Forecast(append(slices.Clone(y), math.NaN()), 1, 2, .8); return err },
		"below 0":         func() error { _, err := Forecast(append(slices.Clone(y), -1), 1, 2, .8); return err },
		"no steps":        func() error { _, err := Forecast(y, 1, 0, .8); return err },
		"no season":       func() error { _, err := Forecast(y, 0, 2, .8); return err },
		"certainty":       func() error { _, err := Forecast(y, 1, 2, 1); return err },
		"unequal lengths": func() error { _, err := ForecastProduct(y, y[:19], 1, 2, .8); return err },
	} {
		if err := call(); err == nil || errors.Is(err, ErrShortSeries) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Forecast(slices.Repeat(y, 2)[:23], 1, 2, .95); err != nil {
		t.Errorf("23 values for 95 %%: %v", err)
	}
}

// BenchmarkForecast60 is of five years of months.
func BenchmarkForecast60(b *testing.B) {
	y := amounts(rand.New(rand.NewPCG(6, 6)), 60)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Forecast(y, 12, 6, .8); err != nil {
			b.Fatal(err)
		}
	}
}
