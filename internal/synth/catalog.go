package synth

import (
	"embed"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

//go:embed data
var data embed.FS

// table reads an embedded table and gives its rows by column.
func table(name string) []map[string]string {
	f, err := data.Open("data/" + name)
	if err != nil {
		panic(err) // it is embedded above
	}
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		panic(fmt.Sprint(name, ": ", err))
	}
	list := make([]map[string]string, 0, len(rows)-1)
	for _, cells := range rows[1:] {
		row := map[string]string{}
		for i, column := range rows[0] {
			row[column] = cells[i]
		}
		list = append(list, row)
	}
	return list
}

func number(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err) // of an embedded table
	}
	return n
}

// category is one of the tree; services and places are its leaves.
type category struct{ id, name, zh, parent string }

// place is where people travel to.
type place struct {
	category

	country  string // the root above it
	season   string
	weight   float64 // how much it is wanted at the beginning
	growth   float64 // of that, a year
	areas    [][2]string
	services []string // that are offered there
}

// domestic tells whether no passport is needed.
func (p *place) domestic() bool { return p.country == "taiwan" }

// product is something to buy.
type product struct {
	id, name         string
	place            string // "" for the whole country
	country, service string
	price            int // in the currency
	tags             []string
	attributes       map[string]string
	capacity         int     // guests; 0 where it does not matter
	popularity       float64 // how often it is chosen among its like
	quality          float64 // stars that people give, on average
	supply           supply
}

// catalog is all that is sold, and how people call it.
type catalog struct {
	categories []category
	names      map[string]category // by id
	places     []*place
	products   []*product
	byNeed     map[need][]*product
	words      map[string][]string // by service
}

// need is a service at a place. Without a place it is one for a country, whose id then stands there.
type need struct{ place, service string }

// levels are prices beside those in Taiwan.
var levels = map[string]float64{"japan": 1.3, "korea": 1.05, "thailand": .75, "vietnam": .7, "hkmacau": 1.25, "seasia": .9, "taiwan": 1}

func newCatalog(seed uint64, span span) *catalog {
	c := &catalog{names: map[string]category{}, byNeed: map[need][]*product{}, words: map[string][]string{}}
	for _, row := range table("categories.csv") {
		k := category{row["id"], row["name"], row["name_zh"], row["parent"]}
		c.categories = append(c.categories, k)
		c.names[k.id] = k
	}
	for _, row := range table("words.csv") {
		c.words[row["service"]] = strings.Split(row["words"], "|")
	}
	for _, row := range table("places.csv") {
		p := &place{
			category: c.names[row["id"]], country: c.root(row["id"]), season: row["season"], weight: number(row["weight"]), growth: number(row["growth"]),
			services: strings.Fields(row["supply"]),
		}
		for area := range strings.SplitSeq(row["areas"], "|") {
			en, zh, _ := strings.Cut(area, "=")
			p.areas = append(p.areas, [2]string{en, zh})
		}
		c.places = append(c.places, p)
	}
	c.offer(seed)
	for i, p := range c.products {
		p.id = fmt.Sprintf("p%04d", i+1)
		p.finish(newStream(seed, "product", i), span)
		at := p.place
		if at == "" {
			at = p.country
		}
		c.byNeed[need{at, p.service}] = append(c.byNeed[need{at, p.service}], p)
	}
	c.offerPlants(seed, span)
	return c
}

// root gives the top of the tree above a category.
func (c *catalog) root(id string) string {
	for c.names[id].parent != "" {
		id = c.names[id].parent
	}
	return id
}

// placeOf finds a place by its category; one that is none, as a country, stands for itself.
func (c *catalog) placeOf(id string) *place {
	for _, p := range c.places {
		if p.id == id {
			return p
		}
	}
	return &place{category: c.names[id], country: c.root(id)}
}

// offer is a kind of product of a service.
type offer map[string]string

// sight is something to see: with a service of its own, or a spot that tours go to.
type sight struct{ place, service, name, zh, price string }

// offer makes the products: every offer of a service, wherever the service is offered.
func (c *catalog) offer(seed uint64) {
	sights := map[string][]sight{}
	for _, row := range table("sights.csv") {
		sights[row["place"]] = append(sights[row["place"]], sight{row["place"], row["service"], row["name"], row["name_zh"], row["price"]})
	}
	offers := map[string][]offer{} // by scope
	for _, row := range table("offers.csv") {
		offers[row["scope"]] = append(offers[row["scope"]], row)
	}
	for i, p := range c.places {
		s := newStream(seed, "offers", i)
		c.offerSights(p, sights[p.id], offers)
		c.offerTours(p, sights[p.id], offers)
		for _, o := range offers["area"] {
			if p.offers(o["service"]) {
				for _, area := range p.areas {
					if s.chance(.62) {
						c.add(p, o, map[string]string{"area": area[0], "area_zh": area[1]}, "")
					}
				}
			}
		}
		for _, o := range offers["place"] {
			if p.offers(o["service"]) && s.chance(.85) {
				c.add(p, o, nil, "")
			}
		}
	}
	for _, k := range c.categories {
		if levels[k.id] != 0 && k.id != "taiwan" {
			for _, o := range offers["country"] {
				c.add(&place{category: k, country: k.id}, o, nil, "")
			}
		}
	}
}

func (p *place) offers(service string) bool {
	return slices.Contains(p.services, service)
}

func (c *catalog) offerSights(p *place, sights []sight, offers map[string][]offer) {
	for _, s := range sights {
		for _, o := range offers["sight"] {
			if s.service == o["service"] {
				c.add(p, o, map[string]string{"sight": s.name, "sight_zh": s.zh}, s.price)
			}
		}
	}
}

// offerTours makes tours to the spots of a place, and to each two that follow each other in its list.
func (c *catalog) offerTours(p *place, sights []sight, offers map[string][]offer) {
	var before *sight
	for i := range sights {
		s := &sights[i]
		if s.service != "" {
			continue
		}
		for _, o := range offers["spot"] {
			c.add(p, o, map[string]string{"sight": s.name, "sight_zh": s.zh}, "")
		}
		if before != nil {
			for _, o := range offers["pair"] {
				c.add(p, o, map[string]string{"sight": before.name, "sight_zh": before.zh, "sight2": s.name, "sight2_zh": s.zh}, "")
			}
		}
		before = s
	}
}

// once mends names whose place ends in the word that the offer goes on with.
var once = strings.NewReplacer("Station Station", "Station", "Onsen Hot Spring", "Onsen", "車站車站", "車站", "溫泉溫泉", "溫泉")

// add makes a product of an offer. A price that begins with x is a multiple of the sight's.
func (c *catalog) add(p *place, o offer, names map[string]string, price string) {
	values := []string{"{place}", p.name, "{place_zh}", p.zh}
	for name, value := range names {
		values = append(values, "{"+name+"}", value)
	}
	fill := strings.NewReplacer(values...)
	amount := 0.0
	if factor, ok := strings.CutPrefix(o["price"], "x"); ok {
		amount = number(factor) * number(price)
	} else {
		amount = number(o["price"]) * levels[p.country]
	}
	made := &product{
		name: once.Replace(fill.Replace(o["name"]) + " " + strings.TrimSpace(fill.Replace(o["name_zh"]))), country: p.country, service: o["service"],
		price: round(amount), tags: strings.Split(o["tags"], "|"), attributes: map[string]string{},
	}
	if p.id != p.country {
		made.place = p.id
	}
	for _, a := range []string{"hours", "capacity", "min_age"} {
		if o[a] != "" {
			made.attributes[a] = o[a]
		}
	}
	if o["capacity"] != "" {
		made.capacity = int(number(o["capacity"]))
	}
	c.products = append(c.products, made)
}

// round gives a price as shops write it.
func round(amount float64) int {
	if amount < 1_000 {
		return int(math.Max(10, math.Round(amount/10)*10)) - 1
	}
	return int(math.Round(amount/50) * 50)
}

// finish gives a product what its offer leaves open.
func (p *product) finish(s stream, span span) {
	p.price = max(19, round(float64(p.price)*(.85+.3*s.Float64())))
	p.popularity = s.lognormal(.9)
	p.quality = math.Min(4.95, 3.4+1.4*math.Sqrt(s.Float64()))
	p.attributes["free_cancellation"] = strconv.FormatBool(s.chance(.55))
	if strings.HasPrefix(p.service, "tours") || strings.HasPrefix(p.service, "activities") {
		p.attributes["guide_language"] = one(s, []string{"zh", "zh", "zh", "en", "zh en", "local"})
	}
	p.supply = newSupply(s, span)
}
