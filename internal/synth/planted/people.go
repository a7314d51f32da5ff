package planted

import "fmt"

// trait is an attribute of customers.
type trait struct {
	name   string
	values []string
	shares []float64
}

// The traits; the numbers are places in person.traits.
const (
	traitHousehold = iota
	traitAge
	traitRegion
	traitTier
	traitWork
	traitHobby
	traitOrigin
	traitDevice
	traitPlan // a noisy copy of household
	traits
)

type person struct {
	traits  [traits]uint8
	known   [traits]bool
	rate    float64 // occasions a week
	convert float64
	band    [bands]float64    // chance of wanting each
	needs   [features]float64 // chance of needing each
	channel [3]float64
	born    int // week of the history in which the customer comes; at most 0: always there
	weight  []float64
	growth  []int // what the customer takes part in
}

func (w *world) makePeople() {
	s := newStream(w.Seed, "people")
	value := func(n int, name string) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("%s-%c", name, 'a'+i))
		}
		return list
	}
	skewed := func(n int) (shares []float64) {
		for range n {
			shares = append(shares, s.lognormal(.45))
		}
		return shares
	}
	w.traits = [traits]trait{
		{"household", []string{"single", "couple", "family", "senior"}, []float64{s.within(.3, .4), s.within(.25, .35), s.within(.18, .28), s.within(.08, .14)}},
		{"age_band", value(5, "age"), skewed(5)}, {"region", value(6, "region"), skewed(6)}, {"tier", value(3, "tier"), []float64{s.within(.3, .38), s.within(.36, .44), s.within(.2, .27)}},
		{"work", value(4, "work"), skewed(4)}, {"hobby", value(6, "hobby"), skewed(6)}, {"origin", value(5, "origin"), skewed(5)},
		{"device", value(3, "device"), skewed(3)}, {"plan", []string{"solo", "duo", "family", "gold"}, nil},
	}
	mean := s.within(.5, .7)
	shape := s.within(.9, 1.6)
	grows := w.confounder("base-growth")
	for range w.Customers {
		p := person{rate: mean * s.gamma(shape), convert: s.lognormal(.25), channel: [3]float64{s.Float64() + .2, s.Float64() + .2, s.Float64() * .5}}
		for t := range traits - 1 {
			p.traits[t] = uint8(s.pick(w.traits[t].shares))
		}
		p.traits[traitPlan] = p.traits[traitHousehold]
		if !w.confounder("proxy") || s.chance(.2) {
			p.traits[traitPlan] = uint8(s.IntN(4))
		}
		for t := range traits {
			p.known[t] = s.chance(.97)
		}
		p.born = int(s.within(-120, 0))
		if grows && s.chance(.3) || s.chance(.1) {
			p.born = int(s.within(0, float64(w.Weeks)))
		}
		if w.confounder("coverage") && s.chance(.2) {
			p.born = w.Weeks - 52 + s.IntN(52-window)
		}
		if w.confounder("mix-shift") && p.traits[traitRegion] == 0 && s.chance(.2) {
			p.born = int(s.within(0, float64(w.Weeks)))
		}
		w.needsOf(&p, s)
		w.people = append(w.people, p)
	}
}

// needsOf settles what a customer looks for in products: by household, age and tier, with noise.
func (w *world) needsOf(p *person, s stream) {
	p.needs = [features]float64{.04, .04, .04, .06}
	switch p.traits[traitHousehold] {
	case 2:
		p.needs[0] = s.within(.5, .9)
	case 3:
		p.needs[2] = s.within(.4, .8)
	}
	if p.traits[traitHobby] == 1 {
		p.needs[1] = s.within(.5, .9)
	}
	if p.traits[traitAge] == 2 {
		p.needs[3] = s.within(.4, .7)
	}
	switch p.traits[traitTier] {
	case 0:
		p.band = [bands]float64{.55, .25, .12, .05, .03}
	case 1:
		p.band = [bands]float64{.08, .2, .44, .2, .08}
	default:
		p.band = [bands]float64{.03, .05, .12, .25, .55}
		p.convert *= 1.15
	}
}
