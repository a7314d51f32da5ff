package insight

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"lacuna/graph"
)

// Source is what the engine reads: a part of [graph.Store].
type Source interface {
	graph.Feed
	graph.CustomerReader
	graph.CatalogReader
	graph.InteractionReader
	Stats(ctx context.Context) (graph.Stats, error)
}

// writer holds what the next view is made from. One goroutine uses it.
type writer struct {
	source  Source
	options Options

	catalog         *catalogNames
	attributes      *attributeNames
	eventAttributes *attributeNames
	queries         *texts
	currencies      *texts
	purposes        *texts // from 1
	households      *texts
	sources         *texts
	sizes           []uint32 // members of each household

	numbers   numbers
	numbering *numbering
	next      uint32 // number of the next new customer
	pages     []page
	ownWho    map[uint32]bool // pages whose profiles were copied since the last view
	ownDoing  map[uint32]bool // pages whose activity was copied since the last view
	segments  []graph.Segment
	base      *block
	tailRows  int // in blocks beside the base
	catalogOf *catalog
	stale     bool // the catalog is to be computed anew
	reread    reread
	kept      bool      // a snapshot is on disk that holds nobody who was erased since
	due       time.Time // when the next one is to be written
}

func newWriter(source Source, o Options) *writer {
	return &writer{
		source: source, options: o, catalog: newCatalogNames(), attributes: newAttributeNames(), eventAttributes: newAttributeNames(),
		queries: newTexts(), currencies: newTexts(), purposes: newTexts(), households: newTexts(), sources: newTexts(), sizes: make([]uint32, 1),
		numbers: newNumbers(), numbering: new(numbering), ownWho: map[uint32]bool{}, ownDoing: map[uint32]bool{}, stale: true,
	}
}

// currency gives the code of a currency. There are fewer than 255 in the world; more count as one more.
func (w *writer) currency(name string) uint8 { return uint8(min(w.currencies.of(name), math.MaxUint8)) }

// numberOf gives the number of a customer's id, a new one for a new id.
func (w *writer) numberOf(id string) uint32 {
	if n, ok := w.numbers.of(id); ok {
		return n
	}
	n := w.newNumber()
	w.numbers.add(strings.Clone(id), n)
	return n
}

// newNumber gives a number that nobody has had.
func (w *writer) newNumber() uint32 {
	n := w.next
	w.next++
	if int(n>>pageBits) == len(w.pages) {
		w.ownWho[uint32(len(w.pages))], w.ownDoing[uint32(len(w.pages))] = true, true
		w.pages = append(w.pages, newPage())
	}
	return n
}

// who gives the profiles of a customer's page, to be changed.
func (w *writer) who(customer uint32) (*profiles, int) {
	n := customer >> pageBits
	if !w.ownWho[n] {
		w.ownWho[n] = true
		w.pages[n].profiles = w.pages[n].clone()
	}
	return w.pages[n].profiles, int(customer & (pageSize - 1))
}

// doing gives the activity of a customer's page, to be changed.
func (w *writer) doing(customer uint32) (*activity, int) {
	n := customer >> pageBits
	if !w.ownDoing[n] {
		w.ownDoing[n] = true
		c := *w.pages[n].activity
		w.pages[n].activity = &c
	}
	return w.pages[n].activity, int(customer & (pageSize - 1))
}

// setProfile takes what is known of a customer.
func (w *writer) setProfile(number uint32, c *graph.Customer) {
	w.dropProfile(number)
	p, slot := w.who(number)
	w.doing(number) // when the customer began to exist may change
	p.ids[slot] = strings.Clone(c.ID)
	p.known.add(slot)
	p.created[slot] = latest
	if !c.CreatedAt.IsZero() {
		p.created[slot] = momentOf(c.CreatedAt)
	}
	if c.Household != "" {
		p.household[slot] = w.households.of(c.Household)
		for int(p.household[slot]) >= len(w.sizes) {
			w.sizes = append(w.sizes, 0)
		}
		w.sizes[p.household[slot]]++
	}
	for _, i := range c.Identities {
		p.identities[slot] |= 1 << (i.Kind - 1)
		if i.Verified {
			p.verified.add(slot)
		}
	}
	for _, a := range c.Attributes {
		number, code := w.attributes.code(a.Name, a.Value)
		for len(p.attributes) <= number {
			p.attributes = append(p.attributes, nil)
		}
		if p.attributes[number] == nil {
			p.attributes[number] = make([]uint32, pageSize)
		}
		p.attributes[number][slot] = code
	}
	p.lineage[slot] = w.lineageOf(c)
	for _, c := range c.Consents {
		number := int(w.purposes.of(c.Purpose))
		for len(p.consents) <= number {
			p.consents = append(p.consents, nil)
		}
		if p.consents[number] == nil {
			p.consents[number] = make([]consent, pageSize)
		}
		p.consents[number][slot] = denied
		if c.Granted {
			p.consents[number][slot] = granted
		}
	}
}

// lineageOf adds up what each source said of a customer.
func (w *writer) lineageOf(c *graph.Customer) (list []lineage) {
	of := func(source string, at time.Time) *lineage {
		code := w.sources.of(source)
		i := slices.IndexFunc(list, func(l lineage) bool { return l.source == code })
		if i < 0 {
			i = len(list)
			list = append(list, lineage{source: code})
		}
		if second := at.Unix(); !at.IsZero() && second > 0 && second < math.MaxUint32 {
			list[i].latest = max(list[i].latest, uint32(second))
		}
		return &list[i]
	}
	count := func(n *uint8) { *n = min(*n, math.MaxUint8-1) + 1 }
	for i := range c.Attributes {
		a := &c.Attributes[i]
		l := of(a.Source, a.ObservedAt)
		count(&l.attributes)
		count(&l.shown)
		for _, o := range a.Alternatives {
			l := of(o.Source, o.ObservedAt)
			count(&l.attributes)
			if o.Value != a.Value {
				count(&l.contested)
			}
		}
	}
	for _, i := range c.Identities {
		l := of(i.Source, i.ObservedAt)
		count(&l.identities)
		if i.Verified {
			count(&l.verified)
		}
	}
	return list
}

// dropProfile forgets what is known of a customer, interactions apart.
func (w *writer) dropProfile(number uint32) {
	if !w.pages[number>>pageBits].known.has(int(number & (pageSize - 1))) {
		return
	}
	p, slot := w.who(number)
	w.doing(number)
	p.ids[slot] = ""
	p.known[slot>>6] &^= 1 << (slot & 63)
	p.verified[slot>>6] &^= 1 << (slot & 63)
	p.created[slot], p.identities[slot] = latest, 0
	if p.household[slot] != 0 {
		w.sizes[p.household[slot]]--
		p.household[slot] = 0
	}
	p.lineage[slot] = nil
	for _, column := range p.attributes {
		if column != nil {
			column[slot] = 0
		}
	}
	for _, column := range p.consents {
		if column != nil {
			column[slot] = notAsked
		}
	}
}

// setRows says where a customer's interactions are.
func (w *writer) setRows(number uint32, r rows) {
	a, slot := w.doing(number)
	if old := a.rows[slot]; old.block != w.base {
		w.tailRows -= old.len()
	}
	if r.block != w.base {
		w.tailRows += r.len()
	}
	a.rows[slot] = r
}

// view gives what was collected as a view of a version of the store.
func (w *writer) view(version graph.Cursor, stats graph.Stats) *View {
	if w.stale || w.catalogOf == nil || len(w.catalogOf.things) != len(w.catalog.things) {
		w.catalogOf, w.stale = w.catalog.catalog(), false
	}
	for n := range w.ownDoing {
		w.pages[n].settle(w.base)
	}
	clear(w.ownWho)
	clear(w.ownDoing)
	v := &View{
		version: version, options: w.options, latest: earliest, catalog: w.catalogOf, pages: slices.Clone(w.pages), customers: w.next, numbers: w.numbers.share(), numbering: w.numbering,
		attributes: slices.Clone(w.attributes.list), eventAttributes: slices.Clone(w.eventAttributes.list), queries: w.queries.list, currencies: w.currencies.list,
		purposes: w.purposes.list, sources: w.sources.list, sizes: slices.Clone(w.sizes), segments: w.segments, base: w.base, cache: newCache(), published: w.options.Now(),
	}
	if !stats.LatestAt.IsZero() {
		v.latest = momentOf(stats.LatestAt)
	}
	v.segment = make(map[string]int, len(v.segments))
	for i := range v.segments {
		v.segment[v.segments[i].ID] = i
	}
	return v
}

// numbering is by whom customers were numbered: numbers that others gave mean somebody else.
type numbering struct{ _ byte }

// numbers are the numbers of customers by id: a large map that is shared with views and never changed, and a small one that is copied.
type numbers struct {
	old, recent map[string]uint32
	shared      bool // recent is a view's too
}

func newNumbers() numbers { return numbers{old: map[string]uint32{}, recent: map[string]uint32{}} }

func (n *numbers) of(id string) (uint32, bool) {
	if number, ok := n.recent[id]; ok {
		return number, true
	}
	number, ok := n.old[id]
	return number, ok
}

func (n *numbers) own() {
	if n.shared {
		n.recent, n.shared = maps.Clone(n.recent), false
	}
}

func (n *numbers) add(id string, number uint32) {
	n.own()
	n.recent[id] = number
}

// forget removes an id. It is rare, and may copy all.
func (n *numbers) forget(id string) {
	n.own()
	delete(n.recent, id)
	if _, ok := n.old[id]; ok {
		n.old = maps.Clone(n.old)
		delete(n.old, id)
	}
}

// share gives the numbers of now to a view.
func (n *numbers) share() numbers {
	if len(n.recent) > 1_000+len(n.old)/8 {
		all := make(map[string]uint32, len(n.old)+len(n.recent))
		maps.Copy(all, n.old)
		maps.Copy(all, n.recent)
		n.old, n.recent, n.shared = all, map[string]uint32{}, false
	}
	n.shared = true
	return *n
}

// scanned maps the handles of one scan.
type scanned struct {
	customers  []uint32 // number + 1
	products   []uint32
	categories []uint32
	queries    map[string]uint32
	lastThing  about
	lastNumber uint32
}

func set(list []uint32, handle, value uint32) []uint32 {
	if need := int(handle) + 1; need > len(list) {
		list = append(list, make([]uint32, need-len(list))...)
	}
	list[handle] = value
	return list
}

// customer gives the number of a handle. One that no customer was scanned with owns what is kept of somebody who was erased.
func (s *scanned) customer(w *writer, handle uint32) uint32 {
	if int(handle) < len(s.customers) && s.customers[handle] != 0 {
		return s.customers[handle] - 1
	}
	n := w.newNumber()
	s.customers = set(s.customers, handle, n+1)
	return n
}

func (s *scanned) thing(w *writer, product, category uint32) uint32 {
	a := about{}
	if product != 0 && int(product) < len(s.products) {
		a.product = s.products[product]
	}
	if category != 0 && int(category) < len(s.categories) {
		a.category = s.categories[category]
	}
	if a != s.lastThing {
		s.lastThing, s.lastNumber = a, w.catalog.thingOf(a.product, a.category)
	}
	return s.lastNumber
}

// query folds each text once: people search for the same things.
func (s *scanned) query(w *writer, text string) uint32 {
	code, ok := s.queries[text]
	if !ok {
		code = w.queries.of(graph.Fold(text))
		s.queries[strings.Clone(text)] = code
	}
	return code
}

// scan reads all that the source holds up to a position.
func (w *writer) scan(ctx context.Context, at graph.Cursor) error {
	s := &scanned{queries: map[string]uint32{}}
	b := newBuffer()
	for chunk, err := range w.source.Scan(ctx, at, graph.ScanTexts|graph.ScanAttributes) {
		if err != nil {
			return fmt.Errorf("read the store: %w", err)
		}
		for i := range chunk.Categories {
			c := &chunk.Categories[i]
			w.catalog.setCategory(c.Category)
			s.categories = set(s.categories, c.Handle, w.catalog.categoryOf(c.ID))
		}
		for i := range chunk.Products {
			p := &chunk.Products[i]
			w.catalog.setProduct(p.Product)
			s.products = set(s.products, p.Handle, w.catalog.productOf(p.ID))
		}
		w.segments = append(w.segments, chunk.Segments...)
		for i := range chunk.Customers {
			c := &chunk.Customers[i]
			n := w.numberOf(c.ID)
			s.customers = set(s.customers, c.Handle, n+1)
			w.setProfile(n, &c.Customer)
		}
		if chunk.Interactions != nil {
			w.columns(b, s, chunk.Interactions)
		}
	}
	w.seal(b)
	return nil
}

// seal makes the rows of a buffer, which are all that there are, the base.
func (w *writer) seal(b *buffer) {
	sealed, of := b.seal(int(w.next))
	w.base, w.tailRows = sealed, 0
	for number := range w.next {
		a, slot := w.doing(number)
		a.rows[slot] = of(number)
	}
}
