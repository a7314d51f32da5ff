package stat

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// GammaGamma is how much customers spend (Fader & Hardie 2013, note 025): the values of a customer's transactions are gamma distributed with shape P
// and a rate which is, over customers, gamma distributed with shape Q and rate Gamma (in units of money).
type GammaGamma struct{ P, Q, Gamma float64 }

// Spender is one customer's transactions: how many, and their mean value in any one unit of money for all. Weight is how many customers are so; 0 is 1.
type Spender struct{ Transactions, Mean, Weight float64 }

// Expected gives the mean value of a customer's transactions to come, in units of money: a weighted mean of what the customer and all spend,
//
//	P (Gamma + x z) / (P x + Q − 1), x = Transactions, z = Mean
//
// Without transactions it is the mean of all, P Gamma / (Q − 1).
func (m GammaGamma) Expected(s Spender) float64 {
	x := max(s.Transactions, 0)
	spent := 0.
	if x > 0 {
		spent = x * s.Mean
	}
	return m.P * (m.Gamma + spent) / (m.P*x + m.Q - 1)
}

// leastTail keeps Q above 1.05: at 1 and below all customers together have no mean.
const leastTail = .05

// FitGammaGamma gives the parameters of greatest likelihood with Q above 1.05. The order of spenders makes no difference. Spenders without a
// transaction or with a mean that is not above 0 are left out; with fewer than 100 customers it is [ErrTooFewBuyers]. The note takes
// repeat transactions of repeat buyers only.
func FitGammaGamma(spenders []Spender) (GammaGamma, error) {
	fit := gammaGammaFit{}
	money := 0.
	for _, s := range spenders {
		if s.Weight == 0 {
			s.Weight = 1
		}
		if s.Transactions > 0 && s.Mean > 0 && s.Weight > 0 && !math.IsInf(s.Transactions*s.Mean*s.Weight, 1) {
			fit.rows = append(fit.rows, s)
		}
	}
	// A fixed order of the sums, so that the same spenders give the same parameters.
	slices.SortFunc(fit.rows, func(a, b Spender) int {
		return cmp.Or(cmp.Compare(a.Transactions, b.Transactions), cmp.Compare(a.Mean, b.Mean), cmp.Compare(a.Weight, b.Weight))
	})
	for _, s := range fit.rows {
		fit.total += s.Weight
		money += s.Weight * s.Mean
	}
	if fit.total < leastBuyers {
		return GammaGamma{}, ErrTooFewBuyers
	}
	// In units of the mean the parameters are of the order of 1, whatever the currency.
	unit := money / fit.total
	for i := range fit.rows {
		fit.rows[i].Mean /= unit
	}
	x, ok := minimum(fit.loss, []float64{math.Log(2), math.Log(2), 0}, []float64{math.Log(20), math.Log(20), 0})
	if !ok {
		return GammaGamma{}, ErrTooFewBuyers
	}
	m := gammaGammaOf(x)
	m.Gamma *= unit
	return m, nil
}

// gammaGammaFit is the data of a fit, in order of Transactions.
type gammaGammaFit struct {
	rows  []Spender
	total float64 // customers
}

// gammaGammaOf reads the logs of P, of Q − 1.05 and of the mean of all (with which the likelihood is less of a ridge than with Gamma).
func gammaGammaOf(x []float64) GammaGamma {
	p, tail := math.Exp(x[0]), leastTail+math.Exp(x[1])
	return GammaGamma{P: p, Q: 1 + tail, Gamma: math.Exp(x[2]) * tail / p}
}

// loss gives the negative of the mean log-likelihood. For a customer with x transactions of mean z it is
//
//	log Γ(px+q)/Γ(px)/Γ(q) + q log γ/(γ+xz) + px log xz/(γ+xz), up to what does not depend on the parameters
func (f gammaGammaFit) loss(x, gradient []float64) float64 {
	m := gammaGammaOf(x)
	lgQ, _ := math.Lgamma(m.Q)
	psiQ := mathext.Digamma(m.Q)
	value, dP, dQ, dGamma := 0., 0., 0., 0.
	var gammas, psiShape, psiSum float64
	for i, s := range f.rows {
		n, shape := s.Transactions, m.P*s.Transactions
		if i == 0 || n != f.rows[i-1].Transactions {
			gammas = logGammaRatio(shape+m.Q, shape) - lgQ
			psiShape, psiSum = mathext.Digamma(shape), mathext.Digamma(shape+m.Q)
		}
		spent := n * s.Mean
		logRest, logSpent := math.Log(m.Gamma/(m.Gamma+spent)), math.Log(spent/(m.Gamma+spent))
		value += s.Weight * (gammas + m.Q*logRest + shape*logSpent)
		dP += s.Weight * n * (psiSum - psiShape + logSpent)
		dQ += s.Weight * (psiSum - psiQ + logRest)
		dGamma += s.Weight * (m.Q/m.Gamma - (shape+m.Q)/(m.Gamma+spent))
	}
	tail := m.Q - 1
	gradient[0] = -(m.P*dP - m.Gamma*dGamma) / f.total
	gradient[1] = -(dQ + m.Gamma/tail*dGamma) * (tail - leastTail) / f.total
	gradient[2] = -m.Gamma * dGamma / f.total
	return bounded(x, gradient, -value/f.total)
}
