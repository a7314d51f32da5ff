package bulk

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"lacuna/graph"
)

// eventReader gives the lines of a file of events; their decoder reads them.
type eventReader struct{ lineReader }

func (e *eventReader) columns() []string    { return nil }
func (e *eventReader) fixed() bool          { return false }
func (e *eventReader) typed() bool          { return false }
func (e *eventReader) next(r *record) error { return e.nextLine(r) }

// The slots that describe a product, of an event or of one of its items.
const (
	productSlot slot = iota + 1
	productAltSlot
	skuSlot
	titleSlot
	priceSlot
	quantitySlot
	category1Slot
	category2Slot
	category3Slot
	category4Slot
	category5Slot
	firstFreeSlot // of the event alone
)

// productFacts is what an event says of a product.
type productFacts struct {
	id, name, category string
	price, quantity    graph.Optional[graph.Decimal]
}

// eventDecoder is what the layouts of events share: an event becomes interactions or a customer, and brings its products.
type eventDecoder struct {
	*decoder
	walker

	shape    *branch
	firsts   *firsts
	facts    []productFacts      // of the present event
	rows     []graph.Interaction // of the present event
	said     []statement         // by the present event, before any other
	lists    []string            // traits that are lists
	surveyed bool

	layout  Layout
	isEvent func() bool            // whether the object just parsed is an event of the layout
	people  func(line string) bool // whether a line may bring traits, at a glance
}

func (l *loader) eventDecoder(f inputFile, root *branch, people func(string) bool) *eventDecoder {
	d := &eventDecoder{decoder: l.cellDecoder(f, Customers), walker: *newWalker(), shape: root, firsts: l.firsts, layout: f.layout, people: people}
	d.opener = func() (reader, error) {
		read := &atomic.Int64{}
		text, err := openText(f, read)
		if err != nil {
			return nil, err
		}
		return &eventReader{lineReader{lines: newLines(text), read: read, closer: text}}, nil
	}
	return d
}

func (d *eventDecoder) bind(reader) {}

// maxGlances is how many records of a file are looked at for whether it is of its layout at all.
const maxGlances = 100

// checkColumns refuses a file none of whose first lines is an event of the layout, which would only give rejects. A short
// file that is of no other layout either is read: its rejects tell more.
func (d *eventDecoder) checkColumns(r reader) error {
	var rec record
	lines, found := 0, Generic
	for lines < maxGlances {
		err := r.next(&rec)
		if _, rejected := errors.AsType[*graph.Rejection](err); err != nil && !rejected {
			break // The end, or damage that the main pass will meet at the same place.
		}
		lines++
		if err != nil || d.parse(rec.raw.text, d.shape) != nil {
			continue
		}
		if d.isEvent() {
			return nil
		}
		if found == Generic {
			found = layoutOf(rec.raw.text)
		}
	}
	switch {
	case found != Generic:
		return fmt.Errorf("its first lines are no events of the layout %q but look like %q: name that with --format, or leave --format out", d.layout, found)
	case lines == maxGlances:
		return fmt.Errorf("none of its first %d lines is an event of the layout %q: name another with --format, or say with --map what its columns mean",
			lines, d.layout)
	}
	return nil
}

func (d *eventDecoder) notes() []string {
	var notes []string
	for i, name := range d.lists {
		if i == maxWarnings {
			return append(notes, fmt.Sprintf("and %d more traits are lists and not read", len(d.lists)-i))
		}
		notes = append(notes, fmt.Sprintf("trait %q is a list and not read: an attribute has one value", graph.Clip(name)))
	}
	return notes
}

// optional reads a text that may be missing.
func (d *eventDecoder) optional(s slot, name string) (string, *graph.Rejection) {
	return d.text(&d.event.cells[s], name)
}

// glance is optional for a text that is looked at and not kept.
func (d *eventDecoder) glance(s slot, name string) (string, *graph.Rejection) {
	if c := &d.event.cells[s]; c.kind == stringCell {
		return c.text, nil
	}
	return d.optional(s, name)
}

// has tells whether the event has a value for a slot.
func (d *eventDecoder) has(s slot) bool { return d.event.cells[s].kind != noCell }

// attributes gathers the event's traits but for those that take claims for itself. Of two of one name the first counts.
func (d *eventDecoder) attributes(take func(t *trait, c *cell) (bool, *graph.Rejection)) ([]graph.NamedValue, *graph.Rejection) {
	d.values = d.values[:0]
	for i := range d.event.traits {
		t, c := d.event.traits[i].trait, &d.event.traits[i].cell
		if taken, rejection := take(t, c); taken || rejection != nil {
			if rejection != nil {
				return nil, rejection
			}
			continue
		}
		if c.kind == jsonCell {
			if !t.list {
				t.list = true
				d.lists = append(d.lists, t.name)
			}
			continue
		}
		if slices.ContainsFunc(d.values, func(v graph.NamedValue) bool { return v.Name == t.name }) {
			continue
		}
		if t.kindOf(d.types) == 0 {
			if err := d.surveyTraits(); err != nil {
				return nil, graph.Reject(graph.RejectAttributeType, "", "the types of the file's traits could not be settled: %v", err)
			}
			d.types.settle(graph.AttributeKey{Scope: graph.CustomerScope, Name: t.name}, detect(c, false))
			t.kindOf(d.types)
		}
		if rejection := d.addAttribute(&t.binding, c); rejection != nil {
			return nil, rejection
		}
	}
	return d.keepAttributes(), nil
}

// surveyTraits reads the whole file once and settles the type of each trait to the narrowest that holds all of its values.
func (d *eventDecoder) surveyTraits() error {
	if d.surveyed {
		return nil
	}
	d.surveyed = true
	d.survey()
	r, err := d.open()
	if err != nil {
		return err
	}
	w := newWalker()
	kinds := map[string]graph.ValueKind{}
	for rec := range surveyed(r) {
		if !d.people(rec.raw.text) || w.parse(rec.raw.text, d.shape) != nil {
			continue
		}
		for i := range w.event.traits {
			t, c := w.event.traits[i].trait, &w.event.traits[i].cell
			if c.kind != jsonCell && kinds[t.name] != graph.TextKind {
				kinds[t.name] = graph.WiderKind(kinds[t.name], detect(c, false))
			}
		}
	}
	for name, kind := range kinds {
		if !personal[name] {
			d.types.settle(graph.AttributeKey{Scope: graph.CustomerScope, Name: name}, kind)
		}
	}
	return r.Close()
}

// fact reads what cells say of a product.
func (d *eventDecoder) fact(cells []cell) (f productFacts, rejection *graph.Rejection) {
	for _, s := range [...]slot{productSlot, productAltSlot, skuSlot} {
		if f.id, rejection = d.text(&cells[s], "product_id"); f.id != "" || rejection != nil {
			break
		}
	}
	if rejection == nil {
		f.name, rejection = d.text(&cells[titleSlot], "name")
	}
	if rejection == nil {
		f.price, rejection = d.decimal(&cells[priceSlot], "price")
	}
	if rejection == nil {
		f.quantity, rejection = d.decimal(&cells[quantitySlot], "quantity")
	}
	if rejection == nil {
		f.category, rejection = d.categoryPath(cells[category1Slot : category5Slot+1])
	}
	return f, rejection
}

// categoryPath joins the parts of a category's path. It stops at the first empty one.
func (d *eventDecoder) categoryPath(cells []cell) (string, *graph.Rejection) {
	d.parts = d.parts[:0]
	for i := range cells {
		part, rejection := d.text(&cells[i], "category")
		if rejection != nil {
			return "", rejection
		}
		if part = strings.TrimSpace(part); part == "" {
			break
		}
		d.parts = append(d.parts, part)
	}
	switch len(d.parts) {
	case 0:
		return "", nil
	case 1:
		return d.parts[0], nil
	}
	return d.interner.keep(strings.Join(d.parts, pathSeparator)), nil
}

// readFacts reads the products of the event: its items, else the one that it is about.
func (d *eventDecoder) readFacts() *graph.Rejection {
	d.facts = d.facts[:0]
	for i := range d.event.items {
		f, rejection := d.fact(d.event.items[i][:])
		if rejection != nil {
			return rejection
		}
		d.facts = append(d.facts, f)
	}
	if len(d.facts) > 0 {
		return nil
	}
	f, rejection := d.fact(d.event.cells[:itemSlots])
	if rejection == nil && (f.id != "" || f.category != "" || f.price.Known || f.quantity.Known) {
		d.facts = append(d.facts, f)
	}
	return rejection
}

// about makes a row that is about all of the event's products at once: a list, a search, a checkout. Its category is the
// event's own, else the one that all of the products have. A row with a product states none: the product has it.
func (d *eventDecoder) about(row graph.Interaction) *graph.Rejection {
	var rejection *graph.Rejection
	if row.Category, rejection = d.categoryPath(d.event.cells[category1Slot : category5Slot+1]); rejection != nil {
		return rejection
	}
	switch {
	case len(d.facts) == 1 && d.facts[0].id != "":
		row.Product, row.Category = d.facts[0].id, ""
	case row.Category == "" && len(d.facts) > 0:
		row.Category = d.facts[0].category
		for _, f := range d.facts {
			if f.category != row.Category {
				row.Category = ""
				break
			}
		}
	}
	d.rows = append(d.rows, row)
	return nil
}

// aboutEach makes a row for each of the event's products.
func (d *eventDecoder) aboutEach(row graph.Interaction) {
	if len(d.facts) == 0 {
		d.rows = append(d.rows, row)
		return
	}
	for i, f := range d.facts {
		next := row
		if next.ID != "" && (i > 0 || len(d.event.items) > 0) {
			next.ID = row.ID + "#" + strconv.Itoa(i+1)
		}
		next.Product = f.id
		if row.Type == graph.AddToCart || row.Type == graph.Purchase || row.Type == graph.Return {
			next.Quantity = f.quantity
		}
		if f.id == "" {
			next.Category = f.category
		}
		d.rows = append(d.rows, next)
	}
}

// commit adds the event's rows and products to the batch: all of them, or none where one cannot be taken.
func (d *eventDecoder) commit(r *record, b *batch, currency string) *graph.Rejection {
	before := b.mark()
	rejection := d.addProducts(r, b, currency)
	// The check of a row that nothing else depends on is left to the store, which makes it anyhow.
	alone := len(d.rows) == 1 && d.rows[0].Category == "" && len(d.said) == 0
	for i := range d.rows {
		row := &d.rows[i]
		if row.ID == "" {
			row.Normalize()
			row.ID = contentID(row, i)
		}
		if rejection == nil && !alone {
			row.Normalize()
			rejection = row.Check()
		}
	}
	if rejection != nil {
		b.back(before)
		for _, s := range d.said {
			d.firsts.forget(s.key, s.fields)
		}
		return rejection
	}
	for i := range d.rows {
		b.rows.Interactions = append(b.rows.Interactions, d.rows[i])
		b.from(Interactions, r)
	}
	return nil
}

// addProducts adds what the event is the first to say of products.
func (d *eventDecoder) addProducts(r *record, b *batch, currency string) *graph.Rejection {
	d.said = d.said[:0]
	for i := range d.facts {
		p, key, fields := d.unstated(&d.facts[i], currency)
		if fields == 0 {
			continue
		}
		if rejection := p.Check(); rejection != nil {
			return rejection
		}
		d.firsts.note(key, fields)
		d.said = append(d.said, statement{key: key, fields: fields})
		b.rows.Products = append(b.rows.Products, p)
		b.from(Products, r)
	}
	return nil
}

// The fields of a product that events state.
const (
	statesProduct uint64 = 1 << iota
	statesName
	statesCategory
	statesPrice
)

// statement is fields of a thing, by its key among [firsts].
type statement struct{ key, fields uint64 }

// unstated gives what no event of this load has said of a product before, and which fields that are, by the product's key.
func (d *eventDecoder) unstated(f *productFacts, currency string) (p graph.Product, key, fresh uint64) {
	if f.id == "" {
		return p, 0, 0
	}
	fields := statesProduct
	if f.name != "" {
		fields |= statesName
	}
	if f.category != "" {
		fields |= statesCategory
	}
	if f.price.Known && f.price.Value >= 0 && graph.ValidCurrency(currency) {
		fields |= statesPrice
	}
	key = d.firsts.key(Products, f.id, 0)
	if fresh = d.firsts.fresh(key, fields); fresh == 0 {
		return p, key, 0
	}
	p.ID = f.id
	if fresh&statesName != 0 {
		p.Name = f.name
	}
	if fresh&statesCategory != 0 {
		p.Categories = []string{f.category}
	}
	if fresh&statesPrice != 0 {
		p.Price, p.Currency = f.price, currency
	}
	return p, key, fresh
}

// contentID is the id of the nth row of an event that has none: delivered twice, it gives the same.
func contentID(row *graph.Interaction, n int) string {
	content := row.ContentHash()
	sum := sha256.Sum256(binary.BigEndian.AppendUint32(content[:], uint32(n)))
	return "event-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:26])
}
