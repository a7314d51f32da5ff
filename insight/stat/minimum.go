package stat

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

// farLog is how far from 0 the log of a parameter may go before [bounded] pulls it back: a likelihood that is flat towards infinity (customers who
// are all alike, nobody who ever leaves) has its maximum there.
const farLog = 9

// bounded adds to a loss and its gradient the square of what each x is beyond ±farLog, and nothing to what lies within.
func bounded(x, gradient []float64, loss float64) float64 {
	for i, v := range x {
		if beyond := math.Abs(v) - farLog; beyond > 0 {
			loss += beyond * beyond
			gradient[i] += math.Copysign(2*beyond, v)
		}
	}
	return loss
}

// minimum descends from each start by BFGS and gives the lowest point it came to. Loss returns the value at x and writes its gradient. It is not ok
// where no start led to a finite loss. The same loss and starts give the same point.
func minimum(loss func(x, gradient []float64) float64, starts ...[]float64) (best []float64, ok bool) {
	found := math.Inf(1)
	for _, start := range starts {
		// BFGS asks for value and gradient one after the other; both are computed at once.
		at, slope, value := make([]float64, len(start)), make([]float64, len(start)), math.NaN()
		evaluate := func(x []float64) {
			if !math.IsNaN(value) && slices.Equal(at, x) {
				return
			}
			copy(at, x)
			clear(slope)
			if value = loss(at, slope); math.IsNaN(value) {
				value = math.Inf(1)
			}
		}
		problem := optimize.Problem{
			Func: func(x []float64) float64 { evaluate(x); return value },
			Grad: func(gradient, x []float64) { evaluate(x); copy(gradient, slope) },
		}
		settings := &optimize.Settings{
			FuncEvaluations: 400, GradientThreshold: 1e-8, Converger: &optimize.FunctionConverge{Absolute: 1e-13, Iterations: 4},
		}
		// A line search that finds no better point ends with an error beside a point that is as good as any.
		result, _ := optimize.Minimize(problem, start, settings, &optimize.BFGS{})
		if result != nil && result.X != nil && result.F < found {
			best, found = slices.Clone(result.X), result.F
		}
	}
	return best, !math.IsInf(found, 1)
}
