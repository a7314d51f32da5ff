package planted

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// stream is a source of randomness for one purpose; streams do not depend on each other.
type stream struct {
	*rand.Rand
	source *rand.PCG
}

func newStream(seed uint64, purpose string) stream {
	h := fnv.New64a()
	_, _ = h.Write([]byte(purpose))
	source := rand.NewPCG(seed, h.Sum64())
	return stream{rand.New(source), source}
}

// copied gives a stream that goes on as this one does, without moving it.
func (s stream) copied() stream {
	source := *s.source
	return stream{rand.New(&source), &source}
}

func (s stream) chance(p float64) bool { return s.Float64() < p }

// within gives a number between two, evenly.
func (s stream) within(low, high float64) float64 { return low + s.Float64()*(high-low) }

func (s stream) lognormal(sigma float64) float64 { return math.Exp(sigma * s.NormFloat64()) }

// gamma draws a gamma distributed number of mean 1 (Marsaglia and Tsang 2000).
func (s stream) gamma(shape float64) float64 {
	boost, a := 1., shape
	if a < 1 {
		boost = math.Pow(s.Float64(), 1/a)
		a++
	}
	d := a - 1./3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(s.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return boost * d * v / shape
		}
	}
}

func (s stream) poisson(mean float64) int {
	if mean > 30 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*s.NormFloat64())))
	}
	limit, n, p := math.Exp(-mean), 0, s.Float64()
	for p > limit {
		n++
		p *= s.Float64()
	}
	return n
}

// pick chooses an index in proportion to its weight.
func (s stream) pick(weights []float64) int {
	sum := 0.
	for _, w := range weights {
		sum += w
	}
	at := s.Float64() * sum
	for i, w := range weights {
		if at < w {
			return i
		}
		at -= w
	}
	return len(weights) - 1
}
