package synth

import (
	"strings"
	"time"
)

// The customers that texts speak of. Nothing about them is left to chance but the products that are in the catalog.
const (
	guideID    = "c001" // Mei Chen
	guidePhone = "PHONE:+886910000000"
	guideCard  = "LOYALTY_CARD:LC88000"
	guideEmail = "EMAIL:mei.chen@example.com"
	guideAd    = "COOKIE:ck.mei"
)

// guides makes Mei Chen, who probably is Mei-Ling Chen too, her husband, and the friend who brought her.
func (w *world) guides() []*person {
	created := w.span.begin.AddDate(0, 2, 14)
	list := []*person{
		{id: guideID, name: "陳美玲 Mei Chen", kind: family, household: "h01", created: created, city: "Tainan", birthYear: 1988, children: 2, identities: []identity{
			{"EMAIL", "mei.chen@example.com", true}, {"PHONE", "+886910000000", false}, {"LINE", "U0000meichen", false},
			{"LOYALTY_CARD", "LC88000", true}, {"DEVICE", "ios-0000-mei", false}, {"COOKIE", "ck.mei", false},
		}, referredBy: "c004", marketing: true, analytics: true},
		{id: "c002", name: "陳美玲 Mei-Ling Chen", kind: family, created: created.AddDate(0, 9, 3), city: "Tainan", birthYear: 1988, children: 1, identities: []identity{
			{"EMAIL", "meiling.chen@example.com", false}, {"LINE", "U0000meiling", false},
		}, marketing: true, analytics: true},
		{id: "c003", name: "林志豪 Jason Lin", kind: family, household: "h01", created: created.AddDate(0, 4, 0), city: "Taipei", birthYear: 1986, children: 2, identities: []identity{
			{"EMAIL", "jason.lin@example.com", true}, {"PHONE", "+886910000137", true},
		}, marketing: true, analytics: true, app: true},
		{id: "c004", name: "黃淑芬 Shu-Fen Huang", kind: family, created: created.AddDate(0, -1, 0), city: "Tainan", birthYear: 1987, children: 1, identities: []identity{
			{"EMAIL", "shufen.huang@example.com", true}, {"PHONE", "+886910000274", false},
		}, marketing: true, analytics: true},
	}
	for _, p := range list {
		p.language, p.told = "zh-Hant", [3]bool{true, true, true}
		for _, i := range p.identities {
			if i.kind == "LOYALTY_CARD" {
				p.card = i.kind + ":" + i.value
			}
		}
	}
	return list
}

// step is one thing that a guide does: days before the end of the records, and the hour.
type step struct {
	days          int
	clock         string
	kind, channel string
	customer      string
	need          need   // of the product, or of a search
	tag           string // that the product has; "" is any
	query         string
	rating        int
	campaign      string
}

var (
	tokyoPark     = need{"japan-tokyo", "parks-theme"}
	japanESIM     = need{"japan", "connect-esim"}
	hokkaidoStay  = need{"japan-hokkaido", "stays-family"}
	hokkaidoCar   = need{"japan-hokkaido", "transport-car"}
	okinawaStay   = need{"japan-okinawa", "stays-family"}
	okinawaCar    = need{"japan-okinawa", "transport-car"}
	okinawaFish   = need{"japan-okinawa", "parks-animals"}
	okinawaPark   = need{"japan-okinawa", "parks-theme"}
	tainanRail    = need{"taiwan-tainan", "transport-rail"}
	guideSessions = []step{
		{587, "21:04", "SEARCH", "WEB", guideAd, tokyoPark, "", "東京 樂園", 0, ""},
		{587, "21:05", "CLICK", "WEB", guideAd, tokyoPark, "family", "", 0, ""},
		{587, "21:05", "VIEW", "WEB", guideAd, tokyoPark, "family", "", 0, ""},
		{586, "20:31", "VIEW", "APP", guideID, tokyoPark, "family", "", 0, ""},
		{586, "20:33", "ADD_TO_CART", "APP", guideID, tokyoPark, "family", "", 0, ""},
		{586, "20:36", "SEARCH", "APP", guideID, japanESIM, "", "日本 eSIM", 0, ""},
		{586, "20:37", "ADD_TO_CART", "APP", guideID, japanESIM, "", "", 0, ""},
		{586, "20:38", "CHECKOUT", "APP", guideID, need{}, "", "", 0, ""},
		{586, "20:39", "PURCHASE", "APP", guideID, tokyoPark, "family", "", 0, ""},
		{586, "20:39", "PURCHASE", "APP", guideID, japanESIM, "", "", 0, ""},
		{531, "22:12", "REVIEW", "APP", guideID, tokyoPark, "family", "", 5, ""},
		{530, "09:20", "SHARE", "SOCIAL", guideID, tokyoPark, "family", "", 0, ""},
		{455, "10:02", "CAMPAIGN_SENT", "EMAIL", guideEmail, need{"japan-hokkaido", ""}, "", "", 0, "hokkaido-in-summer"},
		{455, "21:47", "CAMPAIGN_OPENED", "EMAIL", guideEmail, need{"japan-hokkaido", ""}, "", "", 0, "hokkaido-in-summer"},
		{301, "21:15", "SEARCH", "WEB", guideID, hokkaidoStay, "", "親子 飯店 北海道", 0, ""},
		{301, "21:18", "SEARCH", "WEB", guideID, hokkaidoCar, "", "北海道 租車", 0, ""},
		{301, "21:19", "CLICK", "WEB", guideID, hokkaidoCar, "", "", 0, ""},
		{301, "21:19", "VIEW", "WEB", guideID, hokkaidoCar, "", "", 0, ""},
		{300, "12:40", "ADD_TO_CART", "WEB", guideID, hokkaidoCar, "", "", 0, ""},
		{300, "12:41", "CHECKOUT", "WEB", guideID, need{}, "", "", 0, ""},
		{300, "12:42", "PURCHASE", "WEB", guideID, hokkaidoCar, "", "", 0, ""},
		{293, "10:05", "SUPPORT", "CALL_CENTER", guidePhone, hokkaidoCar, "", "", 0, ""},
		{293, "10:17", "RETURN", "CALL_CENTER", guidePhone, hokkaidoCar, "", "", 0, ""},
		{131, "14:20", "PURCHASE", "STORE", guideCard, tainanRail, "", "", 0, ""},
		{24, "21:31", "SEARCH", "APP", guideID, okinawaStay, "", "沖繩 親子飯店", 0, ""},
		{24, "21:33", "SEARCH", "APP", guideID, okinawaStay, "", "okinawa family hotel", 0, ""},
		{24, "21:36", "SEARCH", "APP", guideID, okinawaFish, "", "沖繩 水族館", 0, ""},
		{24, "21:37", "CLICK", "APP", guideID, okinawaFish, "", "", 0, ""},
		{24, "21:37", "VIEW", "APP", guideID, okinawaFish, "", "", 0, ""},
		{24, "21:39", "WISHLIST", "APP", guideID, okinawaFish, "", "", 0, ""},
		{19, "20:48", "SEARCH", "WEB", guideID, okinawaStay, "", "沖繩 家庭房", 0, ""},
		{19, "20:52", "SEARCH", "WEB", guideID, okinawaPark, "", "沖繩 樂園", 0, ""},
		{19, "20:53", "VIEW", "WEB", guideID, okinawaPark, "family", "", 0, ""},
		{5, "18:55", "SEARCH", "APP", guideID, okinawaCar, "", "沖繩 租車", 0, ""},
		{5, "18:56", "CLICK", "APP", guideID, okinawaCar, "family", "", 0, ""},
		{5, "18:56", "VIEW", "APP", guideID, okinawaCar, "family", "", 0, ""},
		{5, "18:58", "ADD_TO_CART", "APP", guideID, okinawaCar, "family", "", 0, ""},
		{5, "18:59", "CHECKOUT", "APP", guideID, need{}, "", "", 0, ""},
		{5, "19:00", "PURCHASE", "APP", guideID, okinawaCar, "family", "", 0, ""},

		{240, "13:10", "SEARCH", "PARTNER", "c002", tokyoPark, "", "東京 親子 樂園", 0, ""},
		{240, "13:14", "PURCHASE", "PARTNER", "c002", tokyoPark, "family", "", 0, ""},
		{24, "21:50", "VIEW", "APP", "c003", okinawaFish, "", "", 0, ""},
		{18, "22:05", "SEARCH", "APP", "c003", okinawaStay, "", "沖繩 親子飯店", 0, ""},
		{410, "20:15", "PURCHASE", "WEB", "c004", tokyoPark, "family", "", 0, ""},
		{405, "20:15", "REFERRAL", "SOCIAL", "c004", need{"japan-tokyo", ""}, "", "", 0, ""},
	}
)

// guideEvents makes what the guides do, as far as it lies within the records.
func (w *world) guideEvents() {
	for i := range guideSessions {
		s := &guideSessions[i]
		day := w.span.end.AddDate(0, 0, -s.days)
		clock, err := time.Parse("15:04", s.clock)
		if err != nil {
			panic(err) // of the table above
		}
		at := time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), i%60, 0, day.Location())
		trip := &journey{place: w.catalog.placeOf(s.need.place), depart: day.AddDate(0, 1, 0), nights: 4, party: "family", guests: 4, children: 2}
		e := blank(at, s.kind, s.customer, s.channel)
		e.owner, e.campaign = 0, s.campaign
		if s.kind != "SUPPORT" && s.channel != "EMAIL" && s.channel != "STORE" {
			e.session = "s-mei-" + itoa(s.days)
		}
		switch {
		case s.kind == "SEARCH":
			e.query, e.category, e.trip = s.query, searchCategory(s.need), trip
			e.results = 0
			for _, p := range w.catalog.byNeed[s.need] {
				if p.supply.sold(at) {
					e.results++
				}
			}
		case s.need.service == "":
			e.category = s.need.place
		default:
			p := w.guideProduct(s)
			if p == nil {
				continue
			}
			w.fill(&e, s, p, trip)
		}
		w.record(e)
	}
}

// fill gives an event about a product what its kind has.
func (w *world) fill(e *event, s *step, p *product, trip *journey) {
	e.product = p.id
	switch s.kind {
	case "VIEW":
		e.available = 1
	case "ADD_TO_CART":
		e.available, e.quantity = 1, trip.quantity(p)
	case "PURCHASE", "RETURN":
		e.quantity = trip.quantity(p)
		e.amount = p.price * e.quantity
	case "REVIEW":
		e.rating = s.rating
	}
	if s.kind == "PURCHASE" {
		e.trip = trip
		w.note(e, trip)
	}
}

// note remembers what a guide spent.
func (w *world) note(bought *event, trip *journey) {
	for _, p := range w.persons {
		if bought.customer == p.id || bought.customer == p.card {
			p.spent += bought.amount
			if p.first.IsZero() || trip.depart.Before(p.first) {
				p.first = trip.depart
			}
		}
	}
}

// guideProduct is the first of its kind in the catalog, which is there all the time: a guide's needs are not left to chance.
func (w *world) guideProduct(s *step) *product {
	for _, p := range w.catalog.byNeed[s.need] {
		if s.tag == "" || strings.Contains(strings.Join(p.tags, "|"), s.tag) {
			p.supply = supply{launched: w.span.begin.AddDate(-1, 0, 0)}
			return p
		}
	}
	return nil
}
