package stat

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// cdnow is the 2,357 customers of the sample of CDNOW: their histories at the end of 39 weeks, in weeks, and what they bought in the 39 weeks after.
type cdnow struct {
	buyers   []Buyer
	spenders []Spender // of the repeat buyers: their repeat transactions
	after    []float64 // days of purchase
}

func readCDNOW(t *testing.T) (data cdnow) {
	t.Helper()
	rows, err := csv.NewReader(publishedText(t, "cdnow/cdnow_customers_summary.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		data.buyers = append(data.buyers, Buyer{Repeat: number(t, row[1]), Recency: number(t, row[2]), Age: number(t, row[3])})
	}
	text, err := io.ReadAll(publishedText(t, "cdnow/CDNOW_sample.txt"))
	if err != nil {
		t.Fatal(err)
	}
	data.after = make([]float64, len(data.buyers))
	first, last, spent := map[int]string{}, map[int]string{}, map[int]float64{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		customer, day := int(number(t, fields[1]))-1, fields[2]
		if first[customer] == "" {
			first[customer] = day
		}
		if day > "19970930" {
			if last[customer] != day {
				data.after[customer]++
			}
		} else if day != first[customer] {
			spent[customer] += number(t, fields[4])
		}
		last[customer] = day
	}
	for i, b := range data.buyers {
		if b.Repeat > 0 {
			data.spenders = append(data.spenders, Spender{Transactions: b.Repeat, Mean: spent[i] / b.Repeat})
		}
	}
	return data
}

func within(t *testing.T, name string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %g, want %g ± %g", name, got, want, tolerance)
	}
}

// TestPublishedBGNBD is the example of Fader, Hardie & Lee (2005), and its 39 weeks to come.
func TestPublishedBGNBD(t *testing.T) {
	data := readCDNOW(t)
	buyers := data.buyers
	m, ll, err := FitBGNBD(buyers)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "r", m.R, .243, .0005)
	within(t, "α", m.Alpha, 4.414, .0005)
	within(t, "a", m.A, .793, .0005)
	within(t, "b", m.B, 2.426, .0005)
	within(t, "the log-likelihood", ll, -9582.4, .05)

	total, expected := 0., 0.
	next := make([]float64, len(buyers))
	for i, b := range buyers {
		next[i] = m.ExpectedNext(b, 39)
		expected += next[i]
		total += data.after[i]
	}
	within(t, "what was bought", total, 1882, 0)
	within(t, "what was expected", expected, 1653, .5)
	within(t, "the correlation", correlation(next, data.after), .626, .0005)
}

func correlation(x, y []float64) float64 {
	n, sx, sy, sxx, syy, sxy := float64(len(x)), 0., 0., 0., 0., 0.
	for i := range x {
		sx, sy, sxx, syy, sxy = sx+x[i], sy+y[i], sxx+x[i]*x[i], syy+y[i]*y[i], sxy+x[i]*y[i]
	}
	return (sxy - sx*sy/n) / math.Sqrt((sxx-sx*sx/n)*(syy-sy*sy/n))
}

// TestPublishedCustomer is the worked example of Fader, Hardie & Lee's spreadsheet note: one who bought twice in 38.86 weeks, last at 30.43.
func TestPublishedCustomer(t *testing.T) {
	m := BGNBD{.24259, 4.41353, .79292, 2.42589}
	within(t, "E[Y(39)]", m.ExpectedNext(Buyer{Repeat: 2, Recency: 30.43, Age: 38.86}, 39), 1.226, .0005)
}

// simulated draws customers of the model, with what each bought within horizon of the end of what was observed.
func simulated(m BGNBD, n int, seed uint64, horizon float64) (buyers []Buyer, next []float64, alive []bool) {
	source := rand.New(rand.NewPCG(seed, 1))
	for range n {
		rate := distuv.Gamma{Alpha: m.R, Beta: m.Alpha, Src: source}.Rand()
		leave := distuv.Beta{Alpha: m.A, Beta: m.B, Src: source}.Rand()
		b, after, here := Buyer{Age: 20 + 30*source.Float64()}, 0., true
		left := false
		for at := source.ExpFloat64() / rate; at < b.Age+horizon; at += source.ExpFloat64() / rate {
			if at < b.Age {
				b.Repeat, b.Recency = b.Repeat+1, at
			} else {
				after++
			}
			if left = source.Float64() < leave; left {
				here = at >= b.Age
				break
			}
		}
		buyers, next, alive = append(buyers, b), append(next, after), append(alive, here)
	}
	return buyers, next, alive
}

// TestBGNBDOfSimulatedCustomers fits customers who are known to follow the model: parameters, who is still there and what they buy are found.
func TestBGNBDOfSimulatedCustomers(t *testing.T) {
	truth := BGNBD{.8, 12, .9, 3}
	buyers, next, alive := simulated(truth, 40_000, 3, 40)
	m, _, err := FitBGNBD(buyers)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "r", m.R, truth.R, .04)
	within(t, "α", m.Alpha, truth.Alpha, .8)
	within(t, "a", m.A, truth.A, .15)
	within(t, "b", m.B, truth.B, .6)
	// By number of repeat purchases, within four standard errors.
	for _, model := range []BGNBD{truth, m} {
		var n, gap, square, here, expected [4]float64
		for i, b := range buyers {
			g := min(int(b.Repeat), 3)
			d := next[i] - model.ExpectedNext(b, 40)
			n[g]++
			gap[g] += d
			square[g] += d * d
			expected[g] += model.Alive(b)
			if alive[i] {
				here[g]++
			}
		}
		for g := range n {
			within(t, "what is bought beyond what is expected", gap[g]/n[g], 0, 4*math.Sqrt(square[g])/n[g])
			within(t, "who is there beyond who is expected", here[g]/n[g], expected[g]/n[g], 4*.5/math.Sqrt(n[g]))
		}
	}
	first := 0.
	for _, b := range buyers {
		first += b.Repeat - m.Expected(b.Age)
	}
	within(t, "repeat purchases beyond what is expected", first/float64(len(buyers)), 0, .02)
}

// TestPurchasesOracle holds the series against the integral and against the hypergeometric function of the paper, summed plainly.
func TestPurchasesOracle(t *testing.T) {
	source := rand.New(rand.NewPCG(5, 5))
	for range 3_000 {
		x := math.Floor(math.Exp(source.Float64()*6)) - 1
		s := stay{math.Exp(4*source.Float64()-3) + x, math.Exp(6*source.Float64() - 2), math.Exp(8*source.Float64() - 4), math.Exp(8*source.Float64()-4) + x}
		at := s.alpha * math.Exp(7*source.Float64()-6)
		got, other := s.purchases(at), s.integral(at)
		if !(math.Abs(got/other-1) < 1e-9) {
			t.Fatalf("%+v within %g: %g, the integral %g", s, at, got, other)
		}
		if z := at / (s.alpha + at); z < .8 && s.r < 20 && math.Abs(s.a-1) > .2 {
			f, term := 1., 1.
			for k := range 2_000 {
				j := float64(k)
				term *= (s.r + j) * (s.b + j) / (s.a + s.b - 1 + j) / (j + 1) * z
				f += term
			}
			want := (s.a + s.b - 1) / (s.a - 1) * (1 - math.Pow(s.alpha/(s.alpha+at), s.r)*f)
			if !(math.Abs(got-want) < 1e-7*(1+want)) {
				t.Fatalf("%+v within %g: %g, by the paper %g", s, at, got, want)
			}
		}
	}
}

// TestPurchasesOfExtremes: no overflow, and more time never brings less.
func TestPurchasesOfExtremes(t *testing.T) {
	for _, m := range []BGNBD{{.243, 4.414, .793, 2.426}, {8000, 1e12, 1, 1}, {1e-4, 1e-9, 1e-4, 8000}, {1, 1, 8000, 1e-4}, {50, 3, 8000, 8000}} {
		for _, b := range []Buyer{{}, {Age: 1e9}, {Repeat: 1, Recency: 1, Age: 1e6}, {Repeat: 500, Recency: 500, Age: 501}, {Repeat: 1e6, Recency: 1, Age: 1e7}} {
			last := 0.
			for _, at := range []float64{0, 1e-12, 1e-3, 1, 39, 1e4, 1e9, 1e15} {
				alive, next, first := m.Alive(b), m.ExpectedNext(b, at), m.Expected(at)
				if !(alive >= 0 && alive <= 1) || !(next >= last*(1-1e-9)) || math.IsInf(next, 0) || !(first >= 0) || math.IsInf(first, 0) {
					t.Errorf("%+v, %+v within %g: alive %g, next %g (before %g), first %g", m, b, at, alive, next, last, first)
				}
				last = next
			}
		}
	}
}

// TestBGNBDScale: other units, another order and weights for equal histories change nothing but the units.
func TestBGNBDScale(t *testing.T) {
	buyers, _, _ := simulated(BGNBD{.5, 9, 1.2, 4}, 3_000, 9, 0)
	m, ll, err := FitBGNBD(buyers)
	if err != nil {
		t.Fatal(err)
	}
	repeats := 0.
	for _, b := range buyers {
		repeats += b.Repeat
	}
	for _, unit := range []float64{1e-6, 7 * 24 * time.Hour.Seconds(), 1e12} {
		scaled := slices.Clone(buyers)
		for i := range scaled {
			scaled[i].Recency *= unit
			scaled[i].Age *= unit
			scaled[i].Weight = 1e3
		}
		slices.Reverse(scaled)
		other, otherLL, err := FitBGNBD(scaled)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "r", other.R/m.R, 1, 1e-4)
		within(t, "α", other.Alpha/unit/m.Alpha, 1, 1e-4)
		within(t, "a", other.A/m.A, 1, 1e-3)
		within(t, "b", other.B/m.B, 1, 1e-3)
		within(t, "the log-likelihood", otherLL/1e3+repeats*math.Log(unit), ll, 1e-3)
	}
	shuffled := slices.Clone(buyers)
	slices.Reverse(shuffled)
	if same, _, err := FitBGNBD(shuffled); err != nil || same != m {
		t.Errorf("in another order %+v %v, want %+v", same, err, m)
	}
	doubled := slices.Concat(buyers, buyers)
	twice, _, err := FitBGNBD(doubled)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "r of each customer twice", twice.R, m.R, 1e-4)
}

// TestBGNBDGradient compares with differences of the likelihood.
func TestBGNBDGradient(t *testing.T) {
	rows := []Buyer{{0, 0, 3, 2}, {1, .5, 2, 1}, {1, 2, 2, 1}, {7, 3, 5, 3}, {300, 2, 5, 1}}
	fit := bgnbdFit{rows: rows, runs: []bgnbdRun{{0, 0, 1}, {1, 1, 3}, {7, 3, 4}, {300, 4, 5}}, total: 8}
	checkGradient(t, fit.loss, []float64{.3, -.4, .2, 1.1})
	spent := gammaGammaFit{rows: []Spender{{1, .3, 1}, {1, 2, 2}, {4, 1.1, 1}, {80, .7, 1}}, total: 5}
	checkGradient(t, spent.loss, []float64{.3, .4, -.2})
}

func checkGradient(t *testing.T, loss func(x, gradient []float64) float64, x []float64) {
	t.Helper()
	gradient, unused := make([]float64, len(x)), make([]float64, len(x))
	loss(x, gradient)
	for i := range x {
		const step = 1e-5
		up, down := slices.Clone(x), slices.Clone(x)
		up[i] += step
		down[i] -= step
		within(t, "the gradient", gradient[i], (loss(up, unused)-loss(down, unused))/(2*step), 1e-6*(1+math.Abs(gradient[i])))
	}
}

// TestBGNBDOfOddCustomers: nobody ever leaves, all are alike, all bought at once; the fit stays finite and says so.
func TestBGNBDOfOddCustomers(t *testing.T) {
	alike := slices.Repeat([]Buyer{{Repeat: 10, Recency: 99, Age: 100}}, 500)
	atOnce := slices.Repeat([]Buyer{{Repeat: 1, Age: 50}, {Age: 50}}, 200)
	whale := append(slices.Repeat([]Buyer{{Repeat: 1, Recency: 20, Age: 60}}, 300), Buyer{Repeat: 1e6, Recency: 59, Age: 60})
	for i, buyers := range [][]Buyer{alike, atOnce, whale} {
		m, ll, err := FitBGNBD(buyers)
		if err != nil {
			t.Fatal(err)
		}
		next := m.ExpectedNext(buyers[0], 100)
		if math.IsNaN(ll) || math.IsInf(ll, 0) || !(next >= 0) || math.IsInf(next, 0) || !(m.R > 0 && m.Alpha > 0 && m.A > 0 && m.B > 0) {
			t.Errorf("case %d: %+v, log-likelihood %g, next %g", i, m, ll, next)
		}
		if i == 0 {
			within(t, "what those buy who are alike and stay", next, 10, 1)
		}
	}
}

func TestTooFewBuyersHaveNoModel(t *testing.T) {
	few := append(slices.Repeat([]Buyer{{Repeat: 2, Recency: 3, Age: 9}}, 99), slices.Repeat([]Buyer{{Age: 9}}, 900)...)
	impossible := []Buyer{{Repeat: 1, Recency: 10, Age: 9}, {Repeat: -1, Age: 9}, {Repeat: 1, Recency: math.NaN(), Age: 9}, {Repeat: 2, Recency: 1, Age: math.Inf(1)}}
	if _, _, err := FitBGNBD(append(few, impossible...)); !errors.Is(err, ErrTooFewBuyers) {
		t.Errorf("99 repeat buyers: %v", err)
	}
	if _, _, err := FitBGNBD(append(few, Buyer{Repeat: 1, Recency: 2, Age: 9, Weight: 1})); err != nil {
		t.Errorf("100 repeat buyers: %v", err)
	}
	spenders := []Spender{{Transactions: 2, Mean: 5, Weight: 99}, {Transactions: 0, Mean: 5, Weight: 99}, {Transactions: 3, Mean: 0, Weight: 99}}
	if _, err := FitGammaGamma(spenders); !errors.Is(err, ErrTooFewBuyers) {
		t.Errorf("99 spenders: %v", err)
	}
}

// TestPublishedGammaGamma is the example of note 025: 946 repeat buyers of CDNOW.
func TestPublishedGammaGamma(t *testing.T) {
	spenders := readCDNOW(t).spenders
	m, err := FitGammaGamma(spenders)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "the buyers", float64(len(spenders)), 946, 0)
	within(t, "p", m.P, 6.25, .005)
	within(t, "q", m.Q, 3.74, .005)
	within(t, "γ", m.Gamma, 15.44, .005)
	within(t, "the mean of all", m.Expected(Spender{}), m.P*m.Gamma/(m.Q-1), 1e-12)
}

// TestGammaGammaOfSimulatedSpenders finds the parameters of customers who are known to follow the model, in any currency.
func TestGammaGammaOfSimulatedSpenders(t *testing.T) {
	source := rand.New(rand.NewPCG(11, 2))
	truth := GammaGamma{P: 4, Q: 3, Gamma: 20}
	var spenders []Spender
	var means []float64
	for range 40_000 {
		rate := distuv.Gamma{Alpha: truth.Q, Beta: truth.Gamma, Src: source}.Rand()
		n := 1 + math.Floor(9*source.Float64())
		spenders = append(spenders, Spender{Transactions: n, Mean: distuv.Gamma{Alpha: truth.P * n, Beta: rate, Src: source}.Rand() / n})
		means = append(means, truth.P/rate)
	}
	for _, unit := range []float64{1e-2, 1, 1e6} {
		scaled := slices.Clone(spenders)
		for i := range scaled {
			scaled[i].Mean *= unit
		}
		m, err := FitGammaGamma(scaled)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "p", m.P, truth.P, .2)
		within(t, "q", m.Q, truth.Q, .12)
		within(t, "γ", m.Gamma/unit, truth.Gamma, 1.5)
		gap, square := 0., 0.
		for i, s := range scaled {
			d := means[i] - m.Expected(s)/unit
			gap += d
			square += d * d
		}
		n := float64(len(means))
		within(t, "what customers spend beyond what is expected", gap/n, 0, 4*math.Sqrt(square)/n)
	}
}

// TestGammaGammaOfOddSpenders: all spend the same, or a few spend almost everything.
func TestGammaGammaOfOddSpenders(t *testing.T) {
	alike, err := FitGammaGamma([]Spender{{Transactions: 3, Mean: 70, Weight: 400}})
	if err != nil {
		t.Fatal(err)
	}
	within(t, "what those spend who are alike", alike.Expected(Spender{}), 70, .5)
	wild := []Spender{{Transactions: 1, Mean: 1e-2, Weight: 200}, {Transactions: 2, Mean: 1, Weight: 100}, {Transactions: 500, Mean: 1e6, Weight: 3}}
	m, err := FitGammaGamma(wild)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(wild, Spender{}) {
		if v := m.Expected(s); !(v > 0) || math.IsInf(v, 0) {
			t.Errorf("%+v: %+v is expected to spend %g", m, s, v)
		}
	}
}

func BenchmarkFitBGNBD20000(b *testing.B) {
	buyers, _, _ := simulated(BGNBD{.5, 9, 1.2, 4}, 20_000, 9, 0)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := FitBGNBD(buyers); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFitGammaGamma20000(b *testing.B) {
	source := rand.New(rand.NewPCG(11, 2))
	var spenders []Spender
	for range 20_000 {
		spenders = append(spenders, Spender{Transactions: 1 + math.Floor(9*source.Float64()), Mean: math.Exp(source.NormFloat64())})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := FitGammaGamma(spenders); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkExpectedNext is for one history, the horizon as long as it.
func BenchmarkExpectedNext(b *testing.B) {
	m := BGNBD{.243, 4.414, .793, 2.426}
	buyers, _, _ := simulated(m, 10_000, 4, 0)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		m.ExpectedNext(buyers[i], 39)
		i = (i + 1) % len(buyers)
	}
}

// BenchmarkExpectedNextFar is for one history, the horizon a thousand times as long.
func BenchmarkExpectedNextFar(b *testing.B) {
	m := BGNBD{.243, 4.414, .793, 2.426}
	b.ReportAllocs()
	for b.Loop() {
		m.ExpectedNext(Buyer{Repeat: 3, Recency: 20, Age: 39}, 39_000)
	}
}
