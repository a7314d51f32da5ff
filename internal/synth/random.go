package synth

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// stream is a source of randomness for one purpose.
type stream struct{ *rand.Rand }

// newStream gives the stream of a purpose and a number within it. Streams do not depend on each other.
func newStream(seed uint64, purpose string, n int) stream {
	h := fnv.New64a()
	h.Write([]byte(purpose))
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
	return stream{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// chance is true with a probability.
func (s stream) chance(p float64) bool { return s.Float64() < p }

// between gives a whole number from low to high.
func (s stream) between(low, high int) int { return low + s.IntN(high-low+1) }

// pick chooses an index in proportion to its weight; -1 when there is none of any weight.
func (s stream) pick(weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	if sum <= 0 {
		return -1
	}
	at := s.Float64() * sum
	last := -1
	for i, w := range weights {
		if w <= 0 {
			continue
		}
		last = i
		if at < w {
			return i
		}
		at -= w
	}
	return last
}

// one chooses one of several alike.
func one[T any](s stream, list []T) T { return list[s.IntN(len(list))] }

// weighted chooses one of several by weight.
func weighted[T any](s stream, list []T, weight func(T) float64) (chosen T, ok bool) {
	weights := make([]float64, len(list))
	for i := range list {
		weights[i] = weight(list[i])
	}
	i := s.pick(weights)
	if i < 0 {
		return chosen, false
	}
	return list[i], true
}

// lognormal has the median 1.
func (s stream) lognormal(sigma float64) float64 { return math.Exp(sigma * s.NormFloat64()) }

// gamma draws from the gamma distribution with a shape and the mean 1, after Marsaglia and Tsang (2000).
func (s stream) gamma(shape float64) float64 {
	if shape < 1 {
		return s.gamma(shape+1) * (shape + 1) / shape * math.Pow(1-s.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v *= v * v
		if math.Log(1-s.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v / shape
		}
	}
}

// poisson draws from the Poisson distribution, after Knuth; its mean is at most some dozens here.
func (s stream) poisson(mean float64) int {
	limit, product, n := math.Exp(-mean), s.Float64(), 0
	for product > limit {
		product *= s.Float64()
		n++
	}
	return n
}
