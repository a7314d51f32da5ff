package synth

import (
	"slices"
	"strings"
	"time"
)

// world is one marketplace on its way to files.
type world struct {
	o       Options
	span    span
	catalog *catalog
	persons []*person
	days    []time.Time // of the span
	eager   []float64   // how many journeys are planned on or before each day, relative to others
	events  []event
	turns   map[int]int // of each owner
	trips   []trip      // of customers
}

// event is one interaction. Numbers of -1 are unknown.
type event struct {
	at                                           time.Time
	kind, customer, channel                      string
	product, category, query, campaign, session  string
	results, quantity, amount, rating, available int
	source                                       string
	trip                                         *journey // what it was for
	owner, turn                                  int      // whose it is, and which of theirs: its id
}

func newWorld(o Options) *world {
	w := &world{o: o, span: span{o.End.AddDate(0, 0, -7*o.Weeks), o.End}, turns: map[int]int{}}
	w.catalog = newCatalog(o.Seed, w.span)
	sum := 0.0
	for day := w.span.begin; day.Before(w.span.end); day = day.AddDate(0, 0, 1) {
		sum += eager(day, w.span)
		w.days, w.eager = append(w.days, day), append(w.eager, sum)
	}
	return w
}

// run makes everything that happens.
func (w *world) run() {
	guides := w.guides()
	w.persons = guides
	w.guideEvents()
	w.people(1)
	for i, p := range w.persons {
		if i >= len(guides) {
			w.live(p, newStream(w.o.Seed, "life", i), i)
		}
	}
	w.visitors()
	w.campaigns(len(guides))
	w.plantWishes()
	w.order()
}

// day chooses a day on which a journey is planned, not before a moment.
func (w *world) day(s stream, from time.Time) time.Time {
	first, _ := slices.BinarySearchFunc(w.days, from, time.Time.Compare)
	first = min(first, len(w.days)-1)
	before := 0.0
	if first > 0 {
		before = w.eager[first-1]
	}
	at, _ := slices.BinarySearch(w.eager, before+s.Float64()*(w.eager[len(w.eager)-1]-before))
	return w.days[min(at, len(w.days)-1)]
}

// live makes what a person does.
func (w *world) live(p *person, s stream, owner int) {
	from := p.created
	if from.Before(w.span.begin) {
		from = w.span.begin
	}
	years := w.span.end.Sub(from).Hours() / 24 / 365.25
	for range min(s.poisson(p.rate*years), 60) {
		t := w.plan(p, s, w.day(s, from))
		w.trips = append(w.trips, trip{p, owner, t})
		w.travel(p, s, owner, t)
	}
}

// visitors are people who looked around once and never said who they are.
func (w *world) visitors() {
	for i := range w.o.Customers / 25 {
		s := newStream(w.o.Seed, "visitor", i)
		p := &person{kind: kinds[s.pick([]float64{.45, .3, .2, .05})], abroad: .6, budget: s.lognormal(.3), cookie: "COOKIE:ck.visitor." + one(s, []string{"a", "b", "c"}) + itoa(i)}
		for range w.catalog.places {
			p.tastes = append(p.tastes, 1)
		}
		if p.kind == family {
			p.children = 2
		}
		t := w.plan(p, s, w.day(s, w.span.begin))
		w.session(p, s, len(w.persons)+i, t, t.planned)
	}
}

// record keeps an event, unless it lies beyond the end.
func (w *world) record(e event) {
	if e.at.Before(w.span.end) && !e.at.Before(w.span.begin) {
		w.turns[e.owner]++
		e.turn = w.turns[e.owner]
		w.events = append(w.events, e)
	}
}

// blank is an event of which nothing is known.
func blank(at time.Time, kind, customer, channel string) event {
	return event{
		at: at, kind: kind, customer: customer, channel: channel, results: -1, quantity: -1, amount: -1, rating: -1, available: -1,
		source: strings.ToLower(channel),
	}
}
