package synth

import (
	"slices"
	"time"
)

// plant is a wish of which it is known how it is served: what `lacuna gaps` is to find, or to see through. It comes on top of what journeys
// need anyway, from streams and under numbers of its own, so that everything else stays as it is without it.
type plant struct {
	category string
	wish     func(p *person, t *journey) float64 // chance that a journey leads to it
	toward   string                              // the place that is looked at; "" is that of the journey
	places   []string                            // where it is offered, and asked for, unless there is a place it is toward
	unknown  []string                            // words that the search does not know
	missed   float64                             // share of those who use them
	keen     float64                             // how likely what was found is bought, beside other things
	soldOut  int                                 // weeks before the end since which nothing of it can be had
	launched int                                 // weeks before the end since which it is sold; 0 for all the time
}

// plants are the wishes. Each is of somebody's, in some hundreds of journeys a quarter at most.
var plants = []plant{
	{ // hardly a family hotel on Okinawa, which families look for
		category: "stays-family-okinawa", toward: "japan-okinawa",
		wish: func(p *person, t *journey) float64 { return when(p.kind == family && !t.place.domestic(), .18) },
	},
	{ // nothing at all on Shikoku, which who goes to Japan looks for
		category: "japan-shikoku", toward: "japan-shikoku",
		wish: func(_ *person, t *journey) float64 { return when(t.place.country == "japan", .16) },
	},
	{ // rides that cost little and rides that cost much, and none between
		category: "tours-cycling", keen: .25, wish: func(*person, *journey) float64 { return .2 },
		places: []string{"taiwan-taitung", "taiwan-hualien", "taiwan-yilan", "taiwan-newtaipei", "taiwan-pingtung"},
	},
	{ // matches for which there is no seat left
		category: "tickets-sports", keen: 1, soldOut: 11, wish: func(*person, *journey) float64 { return .2 },
		places: []string{"taiwan-taipei", "taiwan-newtaipei", "taiwan-taoyuan", "taiwan-tainan", "taiwan-kaohsiung"},
	},
	{ // walks that are sold under one name and looked for by another
		category: "activities-forest", keen: 1.2, unknown: []string{"森林浴", "芬多精步道", "shinrin-yoku"}, missed: .75,
		wish:   func(*person, *journey) float64 { return .22 },
		places: []string{"taiwan-nantou", "taiwan-chiayi", "taiwan-yilan", "taiwan-hualien", "taiwan-taitung"},
	},
	{ // vans to sleep in, which families looked for until they were offered: see [Decisions]
		category: launchedCategory, keen: 1, launched: launchedWeeks,
		wish: func(p *person, t *journey) float64 { return when(t.place.domestic(), .05+when(p.kind == family, .2)) },
		places: []string{
			"taiwan-taipei", "taiwan-yilan", "taiwan-taichung", "taiwan-nantou", "taiwan-chiayi", "taiwan-tainan", "taiwan-kaohsiung", "taiwan-pingtung", "taiwan-hualien", "taiwan-taitung",
		},
	},
	{ // a wave that comes each autumn, and is served
		category: "activities-foliage", keen: .8,
		wish: func(_ *person, t *journey) float64 {
			return [12]float64{8: .06, 9: .3, 10: .4, 11: .12}[t.depart.Month()-1]
		},
		places: []string{"taiwan-nantou", "taiwan-taichung", "taiwan-chiayi", "japan-kansai", "japan-kyushu"},
	},
}

// when gives a chance where something holds.
func when(holds bool, chance float64) float64 {
	if holds {
		return chance
	}
	return 0
}

// offerPlants makes the products of the plants, numbered by what they are: no other product's number or price depends on them.
func (c *catalog) offerPlants(seed uint64, all span) {
	offers := map[string][]offer{}
	for _, row := range table("offers.csv") {
		if row["scope"] == "planted" {
			offers[row["service"]] = append(offers[row["service"]], row)
		}
	}
	for i := range plants {
		plant := &plants[i]
		for _, id := range plant.places {
			for _, o := range offers[plant.category] {
				c.add(c.placeOf(id), o, nil, "")
				p := c.products[len(c.products)-1]
				p.id = plantedProduct(id, plant.category, o["key"])
				p.finish(newStream(seed, "product "+p.id, 0), all)
				p.supply = supply{launched: all.begin.AddDate(-1, 0, 0)}
				if plant.launched > 0 {
					p.supply.launched = all.end.AddDate(0, 0, -7*plant.launched)
				}
				if plant.soldOut > 0 {
					p.supply.outages = []span{{all.end.AddDate(0, 0, -7*plant.soldOut), all.end.AddDate(0, 0, 1)}}
				}
				at := need{id, plant.category}
				c.byNeed[at] = append(c.byNeed[at], p)
			}
		}
	}
}

// plantedProduct is the id of a plant's product.
func plantedProduct(place, category, key string) string {
	return "p-" + place + "-" + category + "-" + key
}

// searchCategory is what the search takes a need for.
func searchCategory(n need) string {
	if n == okinawaStay {
		return "stays-family-okinawa"
	}
	return n.service
}

// trip is a journey that somebody has planned.
type trip struct {
	p     *person
	owner int
	t     *journey
}

// plantOwners sets the numbers of what plants lead to apart from those of persons.
const plantOwners = 1_000_000

// plantWishes makes what the plants lead to.
func (w *world) plantWishes() {
	for i := range plants {
		plant := &plants[i]
		nth := map[int]int{}
		for _, trip := range w.trips {
			nth[trip.owner]++
			s := newStream(w.o.Seed, "plant "+plant.category, trip.owner<<8|nth[trip.owner])
			if plant.asks(trip.t) && s.chance(plant.wish(trip.p, trip.t)) {
				w.wish(plant, trip, s, plantOwners*(i+1)+trip.owner)
			}
		}
	}
	w.fad(plantOwners * (len(plants) + 1))
}

// asks tells whether the plant is looked for on a journey.
func (p *plant) asks(t *journey) bool {
	return p.toward != "" || slices.Contains(p.places, t.place.id)
}

// wish is a sitting or two in which somebody looks for a plant.
func (w *world) wish(plant *plant, trip trip, s stream, owner int) {
	t := *trip.t
	t.bought = map[need]bool{}
	if plant.toward != "" {
		t.place = w.catalog.placeOf(plant.toward)
	}
	misses := s.chance(plant.missed)
	at := s.at(t.planned.AddDate(0, 0, s.between(0, 2)), hours)
	for range 1 + s.IntN(2) {
		if !at.After(trip.p.created) || !at.Before(t.depart) {
			return
		}
		v := w.visit(trip.p, s, owner, &t, at)
		v.keen = plant.keen
		v.longFor(plant, misses)
		if len(v.cart) > 0 {
			v.checkout()
		}
		at = s.at(at.AddDate(0, 0, s.between(1, 4)), hours)
	}
}

// longFor searches for a plant, and looks at what was found.
func (v *visit) longFor(plant *plant, misses bool) {
	e := v.step("SEARCH")
	word, found := "", slices.DeleteFunc(slices.Clone(v.catalog.byNeed[need{v.t.place.id, plant.category}]), func(p *product) bool { return !p.supply.sold(v.at) })
	switch words := v.catalog.words[plant.category]; {
	case misses:
		word, found = one(v.s, plant.unknown), nil
	default:
		word = one(v.s, words)
	}
	e.query = v.t.place.zh + " " + word
	e.results, e.category, e.trip = len(found), plant.category, v.t
	v.record(e)
	if len(found) == 0 {
		return
	}
	for range 1 + v.s.poisson(.6) {
		if p, ok := weighted(v.s, found, v.appeal); ok {
			v.look(p)
		}
	}
}

// fad is one customer who cannot leave the camp sites of Yilan alone: evening after evening of the last two months, at the pace of a human.
func (w *world) fad(owner int) {
	const evenings, looks = 56, 24
	s := newStream(w.o.Seed, "fad", 0)
	for _, p := range w.persons {
		if p.kind != solo || !p.created.Before(w.span.begin) {
			continue
		}
		where := need{"taiwan-yilan", "stays-camping"}
		t := &journey{place: w.catalog.placeOf(where.place), depart: w.span.end.AddDate(0, 1, 0), nights: 1, party: "solo", guests: 1, bought: map[need]bool{}}
		for n := range evenings {
			day := w.span.end.AddDate(0, 0, n-evenings)
			v := w.visit(p, s, owner, t, time.Date(day.Year(), day.Month(), day.Day(), 20, s.IntN(60), 0, 0, day.Location()))
			for range looks {
				if product := one(s, w.catalog.byNeed[where]); product.supply.available(v.at) {
					e := v.step("VIEW")
					e.product, e.available = product.id, 1
					v.record(e)
				}
			}
		}
		return
	}
}
