package synth

import (
	"math"
	"strings"
	"time"
)

// travel makes the sessions of a journey, and what comes after.
func (w *world) travel(p *person, s stream, owner int, t *journey) {
	at := s.at(t.planned, hours)
	if at.Before(p.created) {
		at = p.created.Add(time.Minute)
	}
	for range 1 + s.poisson(1.1) {
		if !at.Before(t.depart) {
			break
		}
		w.session(p, s, owner, t, at)
		at = s.at(at.AddDate(0, 0, s.between(1, 6)), hours)
	}
}

// visit is one session under way.
type visit struct {
	*world

	p                         *person
	s                         stream
	owner                     int
	t                         *journey
	at                        time.Time
	customer, channel, number string
	cart                      []*product
	keen                      float64 // how likely what was looked at is bought; 1 is usual
}

// visit begins one sitting, of somebody who may not be logged in.
func (w *world) visit(p *person, s stream, owner int, t *journey, at time.Time) *visit {
	v := &visit{
		world: w, p: p, s: s, owner: owner, t: t, at: at, customer: p.id, channel: "WEB", number: "s" + itoa(owner) + "-" + itoa(w.turns[owner]), keen: 1,
	}
	if p.app {
		v.channel = "APP"
	}
	switch {
	case p.id == "", v.channel == "WEB" && p.cookie != "" && s.chance(.35):
		v.customer = p.cookie // not logged in
	case v.channel == "APP" && p.device != "" && s.chance(.15):
		v.customer = p.device
	}
	return v
}

// session makes one sitting: a few searches, what they lead to, and perhaps a purchase.
func (w *world) session(p *person, s stream, owner int, t *journey, at time.Time) {
	v := w.visit(p, s, owner, t, at)
	if s.chance(.45) {
		v.lookAround()
	}
	for range 1 + s.poisson(.9) {
		n := w.need(p, s, t)
		if n.service == "" {
			break
		}
		v.search(n)
	}
	if len(v.cart) > 0 {
		v.checkout()
	}
}

// step lets some time pass and begins an event.
func (v *visit) step(kind string) event {
	v.at = v.at.Add(time.Duration(8+v.s.IntN(110)) * time.Second)
	e := blank(v.at, kind, v.customer, v.channel)
	e.session, e.owner = v.number, v.owner
	return e
}

// lookAround searches for the place alone, or opens its list.
func (v *visit) lookAround() {
	place := v.t.place
	e := v.step("VIEW")
	if v.s.chance(.7) {
		e = v.step("SEARCH")
		e.query = one(v.s, []string{place.zh, place.zh + " 自由行", strings.ToLower(place.name), place.zh + " 行程", place.zh + " 景點"})
		e.results = v.sold(func(p *product) bool { return p.place == place.id })
		e.trip = v.t
	}
	e.category = place.id
	v.record(e)
}

// sold counts products that can be had now.
func (v *visit) sold(is func(*product) bool) int {
	n := 0
	for _, p := range v.catalog.products {
		if is(p) && p.supply.available(v.at) {
			n++
		}
	}
	return n
}

// search looks for a service, and at what was found.
func (v *visit) search(n need) {
	place := v.t.place.category
	if n.place != v.t.place.id {
		place = v.catalog.names[n.place]
	}
	e := v.step("SEARCH")
	word := one(v.s, v.catalog.words[n.service])
	e.query = place.zh + " " + word
	if word[0] < 0x80 && v.s.chance(.5) {
		e.query = strings.ToLower(place.name + " " + word)
	}
	var found []*product
	for _, p := range v.catalog.byNeed[n] {
		if p.supply.sold(v.at) {
			found = append(found, p)
		}
	}
	if v.s.chance(.025) { // a slip of the finger
		e.query, found = slip(v.s, e.query), nil
	}
	e.results, e.category, e.trip = len(found), searchCategory(n), v.t
	if v.s.chance(.006) {
		e.results = -1 // the count was not logged
	}
	v.record(e)
	for range min(len(found), v.s.poisson(1.25)) {
		if p, ok := weighted(v.s, found, v.appeal); ok {
			v.look(p)
		}
	}
}

// slip leaves out one letter.
func slip(s stream, text string) string {
	letters := []rune(text)
	at := s.IntN(len(letters))
	return string(letters[:at]) + string(letters[at+1:])
}

// appeal is how likely a product is chosen from a list.
func (v *visit) appeal(p *product) float64 {
	fit := 1.0
	if p.capacity > 0 && p.capacity < v.t.guests && !strings.HasPrefix(p.service, "tours") {
		fit = .25
	}
	for _, tag := range p.tags {
		if tag == "family" && v.t.children == 0 {
			fit *= .3
		}
	}
	return p.popularity * (p.quality - 2) * (p.quality - 2) * fit * math.Pow(float64(p.price), -.25/v.p.budget)
}

// look opens a product's page.
func (v *visit) look(p *product) {
	if v.s.chance(.85) {
		click := v.step("CLICK")
		click.product = p.id
		v.record(click)
	}
	view, available := v.step("VIEW"), p.supply.available(v.at)
	view.product, view.available = p.id, 0
	if available {
		view.available = 1
	}
	v.record(view)
	if v.s.chance(.08) {
		wish := v.step("WISHLIST")
		wish.product = p.id
		v.record(wish)
	}
	n := v.t.need(p.service)
	if !available || v.t.bought[n] || v.customer == "" || !v.s.chance(v.keen*(.3*math.Min(1, v.appeal(p))+.12)) {
		return
	}
	cart := v.step("ADD_TO_CART")
	cart.product, cart.quantity, cart.available = p.id, v.t.quantity(p), 1
	v.record(cart)
	v.cart = append(v.cart, p)
	v.t.bought[n] = true
}

// checkout buys the cart, or leaves it.
func (v *visit) checkout() {
	if v.p.id == "" || !v.s.chance(.8) { // visitors look
		for _, p := range v.cart {
			delete(v.t.bought, v.t.need(p.service))
		}
		return
	}
	v.customer = v.p.id
	v.record(v.step("CHECKOUT"))
	if !v.s.chance(.88) {
		return
	}
	if v.p.card != "" && v.s.chance(.2) { // reserved on the way, paid in a shop
		v.channel, v.customer = one(v.s, []string{"STORE", "STORE", "PARTNER"}), v.p.card
		v.at = v.s.at(v.at.AddDate(0, 0, 1), officeHours)
	}
	for _, p := range v.cart {
		v.buy(p)
	}
}

func (v *visit) buy(p *product) {
	e := v.step("PURCHASE")
	if !p.supply.available(v.at) || !v.at.Before(v.t.depart) || !v.at.Before(v.span.end) {
		return
	}
	e.product, e.quantity = p.id, v.t.quantity(p)
	e.amount = int(math.Round(float64(p.price*e.quantity) * []float64{1, .95, .9}[v.s.pick([]float64{.72, .2, .08})]))
	e.trip = v.t
	v.record(e)
	v.p.spent += e.amount
	if v.p.first.IsZero() || v.t.depart.Before(v.p.first) {
		v.p.first = v.t.depart
	}
	v.after(p, e)
}

// after makes what a purchase leads to.
func (v *visit) after(p *product, bought event) {
	back := v.t.depart.AddDate(0, 0, v.t.nights)
	returned := false
	if ahead := int(v.t.depart.Sub(bought.at).Hours() / 24); ahead > 1 && v.s.chance(.045) {
		returned = true
		e := blank(v.s.at(bought.at.AddDate(0, 0, v.s.between(1, ahead)), officeHours), "RETURN", v.p.id, one(v.s, []string{"CALL_CENTER", "WEB", "APP"}))
		e.product, e.quantity, e.amount, e.owner = p.id, bought.quantity, bought.amount, v.owner
		v.tell(p, e)
	}
	if v.s.chance(.06) {
		e := blank(v.s.at(bought.at.AddDate(0, 0, v.s.between(1, 20)), officeHours), "SUPPORT", v.phoneOrID(), "CALL_CENTER")
		e.product, e.owner = p.id, v.owner
		v.tell(p, e)
	}
	if returned {
		return
	}
	if v.s.chance(.22) {
		e := blank(v.s.at(back.AddDate(0, 0, v.s.between(1, 12)), hours), "REVIEW", v.p.id, v.channelOfReview())
		e.product, e.owner = p.id, v.owner
		e.rating = int(math.Max(1, math.Min(5, math.Round(p.quality+.8*v.s.NormFloat64()))))
		v.tell(p, e)
	}
	if v.s.chance(.03) {
		e := blank(v.s.at(back.AddDate(0, 0, v.s.between(0, 4)), hours), one(v.s, []string{"SHARE", "SHARE", "REFERRAL"}), v.p.id, "SOCIAL")
		e.product, e.owner = p.id, v.owner
		v.tell(p, e)
	}
}

// tell keeps what is said of a product, as long as it is in the catalog: afterwards it has no page, and no order to change.
func (v *visit) tell(p *product, e event) {
	if p.supply.sold(e.at) {
		v.record(e)
	}
}

// phoneOrID is how a caller is known.
func (v *visit) phoneOrID() string {
	for _, i := range v.p.identities {
		if i.kind == "PHONE" {
			return "PHONE:" + i.value
		}
	}
	return v.p.id
}

func (v *visit) channelOfReview() string {
	if v.p.app {
		return "APP"
	}
	return "WEB"
}
