package synth

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// journey is what somebody plans.
type journey struct {
	planned  time.Time // the day on which they begin to look
	place    *place
	depart   time.Time
	nights   int
	party    string
	guests   int // children included
	children int
	bought   map[need]bool
}

// plan decides on a journey: when, where to, how long and with whom.
func (w *world) plan(p *person, s stream, day time.Time) *journey {
	t := &journey{planned: day, bought: map[need]bool{}}
	abroad := s.chance(p.abroad)
	lead := 2 + s.IntN(28)
	if abroad {
		lead = 10 + s.IntN(100)
	}
	t.depart = day.AddDate(0, 0, lead)
	month := t.depart.Month() - 1
	weights := make([]float64, len(w.catalog.places))
	for i, place := range w.catalog.places {
		if place.domestic() != abroad {
			weights[i] = place.weight * math.Pow(place.growth, w.span.years(day)) * seasons[place.season][month] * p.tastes[i]
		}
	}
	t.place = w.catalog.places[max(0, s.pick(weights))]
	t.nights = 1 + s.IntN(2)
	if abroad {
		t.nights = 3 + s.IntN(5)
	}
	t.join(p, s)
	return t
}

// join decides who comes along.
func (t *journey) join(p *person, s stream) {
	switch {
	case p.kind == family && s.chance(.86):
		t.party, t.children = "family", p.children
		t.guests = 2 + t.children
	case p.kind == couple && s.chance(.8), p.kind == senior && s.chance(.6), s.chance(.15):
		t.party, t.guests = "couple", 2
	case s.chance(.4):
		t.party, t.guests = "friends", s.between(3, 6)
	default:
		t.party, t.guests = "solo", 1
	}
}

// wants tells how much each kind of person wants a service, and what of it is worth looking for where nobody offers it.
var wants = []struct {
	service  string
	by       map[kind]float64
	anywhere float64
}{
	{"stays-family", map[kind]float64{family: 9}, .45},
	{"stays-city", map[kind]float64{solo: 5, couple: 4, family: 2, senior: 3}, .4},
	{"stays-hotspring", map[kind]float64{solo: 1, couple: 4.5, family: 2.5, senior: 7}, .06},
	{"stays-resort", map[kind]float64{solo: .8, couple: 4, family: 3, senior: 1.5}, .15},
	{"stays-camping", map[kind]float64{solo: .6, couple: 1.2, family: 2.6}, .05},
	{"parks-theme", map[kind]float64{solo: 2, couple: 2.5, family: 6}, .02},
	{"parks-water", map[kind]float64{solo: .5, couple: .6, family: 2}, .02},
	{"parks-animals", map[kind]float64{solo: .8, couple: 1.3, family: 5, senior: .5}, .03},
	{"transport-car", map[kind]float64{solo: 1.5, couple: 3, family: 4, senior: 1}, .25},
	{"transport-rail", map[kind]float64{solo: 5, couple: 4, family: 2.5, senior: 4}, .04},
	{"transport-pass", map[kind]float64{solo: 4.5, couple: 3, family: 2, senior: 1.5}, .08},
	{"transport-transfer", map[kind]float64{solo: 1.5, couple: 2.5, family: 3.5, senior: 4}, .2},
	{"transport-ferry", map[kind]float64{solo: 1, couple: 1.5, family: 1.2, senior: 1.2}, .02},
	{"connect-esim", map[kind]float64{solo: 7, couple: 6, family: 4, senior: 1.5}, 1},
	{"connect-wifi", map[kind]float64{solo: .6, couple: .8, family: 2, senior: 1.4}, 1},
	{"tours-day", map[kind]float64{solo: 5, couple: 4, family: 3, senior: 6}, .2},
	{"tours-food", map[kind]float64{solo: 3, couple: 3, family: 1.2, senior: 1}, .1},
	{"tours-charter", map[kind]float64{solo: .5, couple: 1.5, family: 3.2, senior: 5}, .2},
	{"activities-sea", map[kind]float64{solo: 3, couple: 3, family: 2}, .04},
	{"activities-snow", map[kind]float64{solo: 1.8, couple: 1.6, family: 1.8}, .01},
	{"activities-workshop", map[kind]float64{solo: 1.2, couple: 1.6, family: 4, senior: .8}, .1},
	{"activities-costume", map[kind]float64{solo: 1.5, couple: 2.5, family: 1, senior: .3}, .02},
	{"activities-spa", map[kind]float64{solo: 1.2, couple: 2.8, family: .6, senior: 1.5}, .06},
	{"tickets-museum", map[kind]float64{solo: 2.5, couple: 1.8, family: 2, senior: 2.5}, .05},
	{"tickets-view", map[kind]float64{solo: 2.5, couple: 3, family: 2, senior: 1.5}, .04},
	{"tickets-show", map[kind]float64{solo: 1.8, couple: 1.6, family: 1, senior: .8}, .03},
	{"dining", map[kind]float64{solo: 1.5, couple: 3, family: 1.8, senior: 2}, .1},
}

// seasonal services are wanted in some months only.
func inSeason(service string, month time.Month) float64 {
	switch service {
	case "activities-snow":
		return [12]float64{2.2, 2, .8, 0, 0, 0, 0, 0, 0, 0, .3, 1.8}[month-1]
	case "activities-sea", "parks-water":
		return [12]float64{.15, .15, .4, .8, 1.2, 1.6, 2.2, 2, 1.3, .7, .3, .15}[month-1]
	case "stays-hotspring":
		return [12]float64{1.6, 1.5, 1.2, .9, .7, .6, .5, .5, .7, 1.1, 1.4, 1.6}[month-1]
	}
	return 1
}

// needs chooses what to look for next.
func (w *world) need(p *person, s stream, t *journey) need {
	weights := make([]float64, len(wants))
	who := p.kind
	if t.party == "solo" {
		who = solo
	}
	for i, want := range wants {
		n := t.need(want.service)
		if t.bought[n] || n.place == "taiwan" { // nobody needs a connection at home
			continue
		}
		weights[i] = want.by[who] * inSeason(want.service, t.depart.Month())
		if len(w.catalog.byNeed[n]) == 0 {
			weights[i] *= want.anywhere
		}
	}
	i := s.pick(weights)
	if i < 0 {
		return need{}
	}
	return t.need(wants[i].service)
}

func (t *journey) need(service string) need {
	if strings.HasPrefix(service, "connect-") {
		return need{t.place.country, service}
	}
	return need{t.place.id, service}
}

// quantity is how much of a product a journey takes: nights, one for all, or one for each guest.
func (t *journey) quantity(p *product) int {
	switch {
	case strings.HasPrefix(p.service, "stays-"):
		return t.nights
	case strings.HasPrefix(p.service, "parks-") && p.capacity > 0, p.service == "transport-car", p.service == "transport-transfer",
		p.service == "tours-charter", p.service == "connect-wifi", p.service == launchedCategory:
		return 1
	case p.service == "connect-esim":
		return max(1, t.guests-t.children)
	}
	return t.guests
}

func itoa(n int) string { return strconv.Itoa(n) }
