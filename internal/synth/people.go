package synth

import (
	"fmt"
	"strings"
	"time"
)

// kind is how somebody lives, and so with whom they travel.
type kind string

const (
	solo   kind = "solo"
	couple kind = "couple"
	family kind = "family"
	senior kind = "senior"
)

var kinds = []kind{solo, couple, family, senior}

// person is a customer.
type person struct {
	id, name   string
	kind       kind
	household  string // "" where nobody else of it is a customer
	created    time.Time
	city       string
	birthYear  int
	children   int
	language   string
	identities []identity
	cookie     string // one of the identities, in the form in which interactions name it
	device     string
	card       string
	marketing  bool // allows messages
	analytics  bool
	referredBy string
	told       [3]bool // what the marketplace knows: birth year, children, city

	rate   float64   // journeys planned a year
	abroad float64   // of those, the share across a border
	budget float64   // what a price means to them; 1 is usual, 2 does not look at it
	tastes []float64 // for each place
	app    bool      // uses the app rather than the web

	spent int
	first time.Time // the first day of the first journey that was paid for
}

// identity is one by which a person is known.
type identity struct {
	kind, value string
	verified    bool
}

var (
	surnames = [][2]string{
		{"陳", "Chen"}, {"林", "Lin"}, {"黃", "Huang"}, {"張", "Chang"}, {"李", "Lee"}, {"王", "Wang"}, {"吳", "Wu"}, {"劉", "Liu"}, {"蔡", "Tsai"},
		{"楊", "Yang"}, {"許", "Hsu"}, {"鄭", "Cheng"}, {"謝", "Hsieh"}, {"郭", "Kuo"}, {"洪", "Hung"}, {"曾", "Tseng"}, {"邱", "Chiu"}, {"廖", "Liao"},
		{"賴", "Lai"}, {"徐", "Hsu"}, {"周", "Chou"}, {"葉", "Yeh"}, {"蘇", "Su"}, {"莊", "Chuang"}, {"江", "Chiang"}, {"何", "Ho"}, {"蕭", "Hsiao"}, {"羅", "Lo"},
	}
	givenNames = [][2]string{
		{"淑芬", "Shu-Fen"}, {"雅婷", "Ya-Ting"}, {"怡君", "Yi-Chun"}, {"美惠", "Mei-Hui"}, {"佳穎", "Chia-Ying"}, {"欣怡", "Hsin-Yi"}, {"詩涵", "Shih-Han"},
		{"雅雯", "Ya-Wen"}, {"靜宜", "Ching-Yi"}, {"佩珊", "Pei-Shan"}, {"宜蓁", "Yi-Chen"}, {"子晴", "Tzu-Ching"}, {"筱涵", "Hsiao-Han"}, {"惠如", "Hui-Ju"},
		{"秀英", "Hsiu-Ying"}, {"郁婷", "Yu-Ting"}, {"思妤", "Ssu-Yu"}, {"品妍", "Pin-Yen"}, {"志豪", "Chih-Hao"}, {"俊傑", "Chun-Chieh"}, {"家豪", "Chia-Hao"},
		{"冠宇", "Kuan-Yu"}, {"承翰", "Cheng-Han"}, {"柏翰", "Po-Han"}, {"宗翰", "Tsung-Han"}, {"建宏", "Chien-Hung"}, {"文雄", "Wen-Hsiung"}, {"明哲", "Ming-Che"},
		{"彥廷", "Yen-Ting"}, {"宥廷", "Yu-Ting"}, {"信宏", "Hsin-Hung"}, {"國華", "Kuo-Hua"}, {"哲維", "Che-Wei"}, {"子軒", "Tzu-Hsuan"}, {"振宇", "Chen-Yu"}, {"育誠", "Yu-Cheng"},
	}
	cities = []struct {
		name   string
		weight float64
	}{
		{"Taipei", 26}, {"New Taipei", 22}, {"Taoyuan", 12}, {"Taichung", 15}, {"Tainan", 8}, {"Kaohsiung", 13}, {"Hsinchu", 6}, {"Keelung", 2}, {"Yilan", 2},
		{"Changhua", 3}, {"Chiayi", 2}, {"Pingtung", 2}, {"Hualien", 1.5}, {"Taitung", 1},
	}
)

// people makes the customers from a number on, household by household.
func (w *world) people(from int) {
	for h := 0; len(w.persons) < w.o.Customers; h++ {
		s := newStream(w.o.Seed, "household", h)
		created := w.arrival(s)
		// Families with children have found the marketplace later than others.
		late := max(0, w.span.years(created))
		k := kinds[s.pick([]float64{.38, .27 - .02*late, .24 + .05*late, .11})]
		size := 1
		if k != solo && s.chance(.4) {
			size = 2
		}
		household, children, city := "", 0, weightedCity(s)
		if size == 2 || k == family && s.chance(.5) {
			household = fmt.Sprintf("h%04d", h+10)
		}
		if k == family {
			children = 1 + s.pick([]float64{.45, .43, .12})
		}
		for i := 0; i < size && len(w.persons) < w.o.Customers; i++ {
			p := &person{kind: k, household: household, children: children, city: city, created: created}
			if i > 0 {
				p.created = minTime(created.AddDate(0, 0, s.IntN(300)), w.span.end.AddDate(0, 0, -1))
			}
			w.finish(p, newStream(w.o.Seed, "person", len(w.persons)), from+len(w.persons))
			w.persons = append(w.persons, p)
		}
	}
}

func weightedCity(s stream) string {
	weights := make([]float64, len(cities))
	for i, c := range cities {
		weights[i] = c.weight
	}
	return cities[s.pick(weights)].name
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// arrival is when a household finds the marketplace: half of them before the records begin, the others at a growing rate.
func (w *world) arrival(s stream) time.Time {
	if s.chance(.48) {
		return s.at(w.span.begin.AddDate(0, 0, -s.between(1, 900)), hours)
	}
	days := float64(w.span.days() - 1)
	u := s.Float64()
	return s.at(w.span.begin.AddDate(0, 0, int(days*(1-(1-u)*(1-.25*u)))), hours)
}

// finish gives a person all that is their own.
func (w *world) finish(p *person, s stream, n int) {
	p.id = fmt.Sprintf("c%03d", n)
	surname, given := one(s, surnames), one(s, givenNames)
	english := given[1] + " " + surname[1]
	switch zh := surname[0] + given[0]; {
	case s.chance(.55):
		p.name = zh
	case s.chance(.8):
		p.name = zh + " " + english
	default:
		p.name = english
	}
	p.birthYear = map[kind]int{solo: 1996, couple: 1991, family: 1986, senior: 1960}[p.kind] + int(5*s.NormFloat64())
	p.birthYear = min(p.birthYear, w.span.end.Year()-20) // customers are of age
	p.language = []string{"zh-Hant", "en", "ja"}[s.pick([]float64{.94, .045, .015})]
	p.identify(s, strings.ToLower(strings.ReplaceAll(given[1], "-", "")+"."+surname[1]), n)
	p.marketing, p.analytics = s.chance(.68), s.chance(.9)
	p.told = [3]bool{s.chance(.7), s.chance(.8), s.chance(.9)}
	if n > 20 && s.chance(.06) {
		p.referredBy = w.referrer(4+s.IntN(n-5), p.created)
	}
	p.rate = 2.5 * s.gamma(.8)
	p.abroad = map[kind]float64{solo: .6, couple: .55, family: .5, senior: .45}[p.kind]
	p.budget = s.lognormal(.35)
	p.app = s.chance(.55)
	for range w.catalog.places {
		p.tastes = append(p.tastes, s.gamma(.7))
	}
}

// referrer gives the customer of a number, or the next lower one who was there already at a moment; "" when nobody was.
func (w *world) referrer(number int, at time.Time) string {
	for ; number >= 1; number-- {
		if p := w.persons[number-1]; p.created.Before(at) {
			return p.id
		}
	}
	return ""
}

// identify gives the identities of a person; nobody has all of them.
func (p *person) identify(s stream, mailbox string, n int) {
	add := func(kind, value string, verified bool) string {
		p.identities = append(p.identities, identity{kind, value, verified})
		return kind + ":" + value
	}
	if s.chance(.88) {
		add("EMAIL", fmt.Sprintf("%s%d@example.com", mailbox, n), s.chance(.6))
	}
	if s.chance(.76) || len(p.identities) == 0 {
		add("PHONE", fmt.Sprintf("+886910%06d", (n*7919+13)%1_000_000), s.chance(.4))
	}
	if s.chance(.5) {
		add("LINE", fmt.Sprintf("U%06x%04dtravel", s.IntN(1<<24), n), false)
	}
	if s.chance(.34) {
		p.card = add("LOYALTY_CARD", fmt.Sprintf("LC%06d", 100_000+n*17), true)
	}
	if s.chance(.48) {
		p.device = add("DEVICE", fmt.Sprintf("%s-%08x-%d", one(s, []string{"ios", "android"}), s.Uint32(), n), false)
	}
	if s.chance(.7) {
		p.cookie = add("COOKIE", fmt.Sprintf("ck.%08x.%d", s.Uint32(), n), false)
	}
}
