package planted

import (
	"fmt"
	"math"
	"time"
)

// category is a node of the tree: roots, groups of leaves, leaves.
type category struct {
	id, name string
	parent   int // -1 for a root
	level    int
	leaves   []int // numbers of the leaves in it
}

// leaf is where products are filed and what occasions are about.
type leaf struct {
	category   int
	root       int
	popularity float64
	convert    float64 // chance that an occasion ends with a purchase where everything is as it should be
	price      float64
	rating     float64
	returns    float64
	products   []int
	word       string  // what customers search for
	lift       float64 // of the chance of buying, everybody's, from week lifted on; 0 for none
	lifted     int
}

const (
	bands    = 5
	features = 4 // yes-or-no attributes of products
)

var featureNames = [features]string{"child_friendly", "pet_friendly", "barrier_free", "organic"}

// styles are values of an attribute that nobody needs.
var styles = []string{"classic", "modern", "rustic", "plain"}

type product struct {
	leaf     int
	band     int
	has      [features]bool
	style    string
	price    float64
	launched time.Time // zero: always there
}

// bandMiddles are prices of bands as multiples of the median of the group.
var bandMiddles = [bands]float64{.36, .66, 1, 1.55, 2.6}

// bandShares are how the products of a leaf spread over the bands.
var bandShares = [bands]float64{.15, .2, .3, .2, .15}

func (w *world) makeTree() {
	s := newStream(w.Seed, "tree")
	roots := 6 + s.IntN(4)
	level := math.Exp(s.within(2, 8)) // of prices
	for r := range roots {
		root := w.addCategory(fmt.Sprintf("r%02d", r), fmt.Sprintf("Department %d", r), -1)
		rootPrice, rootConvert := level*s.lognormal(.5), s.within(.16, .34)
		groups := 340 / roots / 7
		for g := range groups {
			group := w.addCategory(fmt.Sprintf("r%02d-g%02d", r, g), fmt.Sprintf("Group %d of department %d", g, r), root)
			groupPrice, groupConvert := rootPrice*s.lognormal(.35), rootConvert*s.lognormal(.12)
			for l := range 5 + s.IntN(5) {
				k := w.addCategory(fmt.Sprintf("r%02d-g%02d-l%02d", r, g, l), fmt.Sprintf("Line %d %d %d", r, g, l), group)
				w.leaves = append(w.leaves, leaf{
					category: k, root: r, popularity: s.lognormal(.8), convert: min(.6, groupConvert*s.lognormal(.12)), price: groupPrice,
					rating: s.within(4, 4.4), returns: s.within(.03, .07), word: fmt.Sprintf("line%d%d%d", r, g, l),
				})
				n := len(w.leaves) - 1
				for _, at := range []int{k, group, root} {
					w.categories[at].leaves = append(w.categories[at].leaves, n)
				}
			}
		}
	}
	for n := range w.leaves {
		w.fillLeaf(n, s)
	}
}

func (w *world) addCategory(id, name string, parent int) int {
	level := 0
	if parent >= 0 {
		level = w.categories[parent].level + 1
	}
	w.categories = append(w.categories, category{id: id, name: name, parent: parent, level: level})
	return len(w.categories) - 1
}

// fillLeaf gives a leaf products in every band and with every feature.
func (w *world) fillLeaf(n int, s stream) {
	l := &w.leaves[n]
	count := 10 + s.IntN(9) + int(4*math.Sqrt(l.popularity))
	offset := s.Float64()
	for i := range count {
		// Bands are dealt out evenly, so that none is missing by chance.
		at, band := math.Mod(offset+(float64(i)+.5)/float64(count), 1), 0
		for band < bands-1 && at >= bandShares[band] {
			at -= bandShares[band]
			band++
		}
		w.addProduct(w.invent(n, i, band, s))
	}
}

// invent makes up the product of a leaf that comes after so many others.
func (w *world) invent(n, others, band int, s stream) product {
	p := product{leaf: n, band: band, style: styles[s.IntN(len(styles))], price: w.leaves[n].price * bandMiddles[band] * s.within(.93, 1.07)}
	for f := range features {
		p.has[f] = (others+f)%3 == 0 || s.chance(.1)
	}
	return p
}

func (w *world) addProduct(p product) {
	l := &w.leaves[p.leaf]
	l.products = append(l.products, len(w.products))
	w.products = append(w.products, p)
}
