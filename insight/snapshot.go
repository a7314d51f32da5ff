package insight

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"lacuna/graph"
)

// snapshotForm is changed with the form of the file: one of another form is no snapshot.
const snapshotForm = "lacuna figures 3\n"

// save writes what was read of the source up to a position into a file, so that the next start need not read it again. The file
// is whole at any moment, and its owner's alone: it has personal data.
func (w *writer) save(path string, at graph.Cursor) (err error) {
	if w.tailRows > 0 {
		w.compact()
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp") // with the rights of its owner alone
	if err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write snapshot: %w", err), os.Remove(f.Name()))
		}
	}()
	a := writing(f)
	w.archive(a, &at)
	if err := errors.Join(a.err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// restore reads a snapshot. It answers false, with the reason, for one that cannot be used; a writer that failed is of no use.
func (w *writer) restore(ctx context.Context, path string) (at graph.Cursor, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // it was read
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	a := reading(f, info.Size())
	if w.archive(a, &at); a.err != nil {
		return "", a.err
	}
	// The store must be the one that was read: it has the position's tag there.
	if _, err := w.source.Changes(ctx, at, 1); err != nil {
		return "", err
	}
	return at, nil
}

// dropSnapshot removes a snapshot, if there is one.
func dropSnapshot(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove snapshot: %w", err)
	}
	return nil
}

// archive writes or reads all that a view is made from.
func (w *writer) archive(a *archive, at *graph.Cursor) {
	form := []byte(snapshotForm)
	if a.bytes(form); string(form) != snapshotForm {
		a.err = errDamaged
		return
	}
	cursor, rates := string(*at), w.options.rates()
	a.text(&cursor)
	a.text(&rates)
	*at = graph.Cursor(cursor)
	if rates != w.options.rates() {
		a.err = errors.New("its amounts were converted by other rates")
		return
	}
	w.catalog.archive(a)
	w.attributes.archive(a)
	w.eventAttributes.archive(a)
	for _, t := range []*texts{w.queries, w.currencies, w.purposes, w.households, w.sources} {
		list(a, &t.list, a.text)
	}
	column(a, &w.sizes)
	list(a, &w.segments, func(s *graph.Segment) {
		a.text(&s.ID)
		a.text(&s.Name)
		a.text(&s.Description)
		a.rule(&s.Rule)
	})
	number(a, &w.next)
	if a.out == nil {
		w.base = &block{}
	}
	w.base.archive(a)
	list(a, &w.pages, func(p *page) {
		if a.out == nil {
			*p = newPage()
		}
		p.archive(a, w.base)
	})
	if a.check(); a.out == nil && a.err == nil {
		a.err = w.restored()
	}
}

func (a *archive) rule(r *graph.Rule) {
	var text []byte
	if a.out != nil {
		text, a.err = r.MarshalJSON()
	}
	column(a, &text)
	if a.out == nil && a.err == nil {
		*r, a.err = graph.ParseRule(text)
	}
}

func (n *catalogNames) archive(a *archive) {
	list(a, &n.products, func(p *graph.Product) {
		a.text(&p.ID)
		a.text(&p.Name)
		list(a, &p.Categories, a.text)
		list(a, &p.Tags, a.text)
		optional(a, &p.Price)
		a.text(&p.Currency)
		a.moment(&p.LaunchedAt)
		a.moment(&p.RetiredAt)
		a.boolean(&p.InStock.Known)
		a.boolean(&p.InStock.Value)
		list(a, &p.Attributes, a.named)
	})
	list(a, &n.categories, func(c *graph.Category) {
		a.text(&c.ID)
		a.text(&c.Name)
		a.text(&c.Parent)
	})
	list(a, &n.exists, a.boolean)
	list(a, &n.things, func(t *about) {
		number(a, &t.product)
		number(a, &t.category)
	})
}

func (a *attributeNames) archive(to *archive) {
	list(to, &a.list, func(x *attribute) {
		to.text(&x.name)
		number(to, &x.kind)
		list(to, &x.values, to.value)
	})
}

func archiveSparse[T any](a *archive, s *sparse[T], values func(*[]T)) {
	column(a, &s.rows)
	values(&s.values)
	if len(s.rows) != len(s.values) && a.err == nil {
		a.err = errDamaged
	}
}

func (b *block) archive(a *archive) {
	column(a, &b.second)
	column(a, &b.micro)
	column(a, &b.kind)
	column(a, &b.thing)
	archiveSparse(a, &b.results, func(v *[]int32) { column(a, v) })
	archiveSparse(a, &b.quantity, func(v *[]graph.Decimal) { column(a, v) })
	archiveSparse(a, &b.rating, func(v *[]graph.Decimal) { column(a, v) })
	archiveSparse(a, &b.query, func(v *[]uint32) { column(a, v) })
	archiveSparse(a, &b.available, func(v *[]bool) { list(a, v, a.boolean) })
	archiveSparse(a, &b.amount, func(v *[]money) {
		amounts, currencies := make([]graph.Decimal, len(*v)), make([]uint8, len(*v))
		for i, m := range *v {
			amounts[i], currencies[i] = m.amount, m.currency
		}
		column(a, &amounts)
		column(a, &currencies)
		if a.out != nil || a.err != nil || len(amounts) != len(currencies) {
			return
		}
		*v = make([]money, len(amounts))
		for i := range amounts {
			(*v)[i] = money{amounts[i], currencies[i]}
		}
	})
	numbers := make([]int, 0, len(b.values))
	for n := range b.values {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	list(a, &numbers, func(n *int) { number(a, n) })
	if a.out == nil {
		b.values = map[int]sparse[uint32]{}
	}
	for _, n := range numbers {
		s := b.values[n]
		archiveSparse(a, &s, func(v *[]uint32) { column(a, v) })
		b.values[n] = s
	}
}

func (p page) archive(a *archive, base *block) {
	for i := range p.ids {
		a.text(&p.ids[i])
	}
	for i := range p.known {
		a.u64(&p.known[i])
		a.u64(&p.verified[i])
	}
	fixed(a, p.created[:])
	fixed(a, p.household[:])
	fixed(a, p.identities[:])
	list(a, &p.attributes, func(c *[]uint32) { column(a, c) })
	list(a, &p.consents, func(c *[]consent) { column(a, c) })
	for slot := range p.lineage {
		list(a, &p.lineage[slot], func(l *lineage) {
			number(a, &l.source)
			number(a, &l.latest)
			for _, n := range []*uint8{&l.attributes, &l.shown, &l.contested, &l.identities, &l.verified} {
				number(a, n)
			}
		})
	}
	lo, hi := make([]uint32, pageSize), make([]uint32, pageSize)
	for slot, r := range p.rows {
		lo[slot], hi[slot] = r.lo, r.hi
	}
	fixed(a, lo)
	fixed(a, hi)
	if a.out != nil || a.err != nil {
		return
	}
	for slot := range p.rows {
		if lo[slot] > hi[slot] || int(hi[slot]) > len(base.second) {
			a.err = errDamaged
			return
		}
		if lo[slot] < hi[slot] {
			p.rows[slot] = rows{base, lo[slot], hi[slot]}
		}
	}
}

// fixed archives integers whose number is known.
func fixed[T integer](a *archive, part []T) {
	c := part
	if column(a, &c); a.out != nil || a.err != nil {
		return
	}
	if copy(part, c) != len(part) {
		a.err = errDamaged
	}
}

// restored makes what is looked up by name, and checks that columns belong together.
func (w *writer) restored() error {
	n := len(w.base.second)
	if len(w.base.kind) != n || len(w.base.thing) != n || w.base.micro != nil && len(w.base.micro) != n || int(w.next) > len(w.pages)*pageSize {
		return errDamaged
	}
	for handle := range w.catalog.products {
		w.catalog.product[w.catalog.products[handle].ID] = uint32(handle)
	}
	for handle := range w.catalog.categories {
		w.catalog.category[w.catalog.categories[handle].ID] = uint32(handle)
	}
	for number, t := range w.catalog.things {
		w.catalog.thing[t] = uint32(number)
	}
	for _, names := range []*attributeNames{w.attributes, w.eventAttributes} {
		names.codes = make([]map[graph.Value]uint32, len(names.list))
		for number := range names.list {
			names.number[names.list[number].name] = number
			names.codes[number] = make(map[graph.Value]uint32, len(names.list[number].values))
			for code, v := range names.list[number].values {
				if !v.IsZero() { // else it was forgotten
					names.codes[number][v] = uint32(code)
				}
			}
		}
	}
	for _, t := range []*texts{w.queries, w.currencies, w.purposes, w.households, w.sources} {
		for code, s := range t.list {
			if s != "" {
				t.code[s] = uint32(code)
			}
		}
	}
	w.numbers.old = make(map[string]uint32, w.next)
	for number := range w.next {
		if id := w.pages[number>>pageBits].ids[number&(pageSize-1)]; id != "" {
			w.numbers.old[id] = number
		}
		w.ownDoing[number>>pageBits] = true // to be settled
	}
	w.stale = true
	return nil
}
