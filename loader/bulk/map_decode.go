package bulk

import (
	"errors"
	"fmt"
	"hash/maphash"
	"slices"

	"lacuna/graph"
)

// tableDecoder reads a mapped table: each record gives a row of every kind that the table holds.
type tableDecoder struct {
	loader *loader
	file   inputFile
	table  *mapTable
	parts  []*tablePart
}

// tablePart makes the rows of one kind.
type tablePart struct {
	*decoder

	view   *view
	along  bool     // the rows come along with interactions
	once   bool     // of each field of a thing only the first statement counts
	id     int      // of the column among the view's
	words  []uint64 // the fields that the present row states first, in sets of 64
	firsts *firsts  // of this load
}

func (l *loader) tableDecoder(f inputFile) *tableDecoder {
	d := &tableDecoder{loader: l, file: f, table: f.table}
	for _, kind := range f.table.kinds {
		p := &tablePart{
			decoder: l.cellDecoder(f, kind.kind), view: newView(kind, l.options.Zone), firsts: l.firsts,
			along: kind.kind != Interactions && f.table.part(Interactions) != nil,
		}
		p.id = slices.Index(p.view.names, "id")
		p.once = kind.kind == Products || kind.kind == Categories || p.along && !slices.Contains(p.view.names, "updated_at")
		p.words = make([]uint64, (len(p.view.names)+63)/64)
		p.opener = func() (reader, error) {
			inner, err := d.open()
			if err != nil {
				return nil, err
			}
			shown := newView(kind, l.options.Zone)
			shown.use(inner)
			return shown, nil
		}
		d.parts = append(d.parts, p)
	}
	return d
}

func (d *tableDecoder) open() (reader, error) {
	wanted := map[string]bool{}
	for _, kind := range d.table.kinds {
		for name := range kind.columns {
			wanted[name] = true
		}
	}
	return openReader(d.file, func(name string) bool { return wanted[name] })
}

func (d *tableDecoder) bind(r reader) {
	for _, p := range d.parts {
		p.view.use(r)
		p.bind(p.view)
	}
}

func (d *tableDecoder) checkColumns(r reader) error {
	if !r.fixed() {
		return d.checkFirstRows(r)
	}
	return errors.Join(d.table.missingColumns(d.file.path, r.columns())...)
}

// checkFirstRows refuses a file whose first rows have not one of the columns that the map's required fields need, and which
// so would only give rejects.
func (d *tableDecoder) checkFirstRows(r reader) error {
	var rec record
	for range maxGlances {
		err := r.next(&rec)
		if _, rejected := errors.AsType[*graph.Rejection](err); err != nil && !rejected {
			break // The end, or damage that the main pass will meet at the same place.
		}
	}
	names := r.columns()
	required := false
	for _, kind := range d.table.kinds {
		for _, f := range kind.fields {
			if !slices.Contains(specs[kind.kind].required, f.name) {
				continue
			}
			for _, x := range f.parts {
				for _, name := range x.names() {
					required = true
					if slices.Contains(names, name) {
						return nil
					}
				}
			}
		}
	}
	if !required || len(names) == 0 {
		return nil
	}
	return errors.Join(d.table.missingColumns(d.file.path, names)...)
}

// notes tells of columns that no row had, where a file does not say from the start which ones it has.
func (d *tableDecoder) notes() []string {
	var notes []string
	for _, p := range d.parts {
		for _, name := range p.view.missing() {
			notes = append(notes, fmt.Sprintf("column %q of the map is in none of its rows", graph.Clip(name)))
		}
	}
	return notes
}

// decode makes a record's rows, all of them or none.
func (d *tableDecoder) decode(r *record, b *batch) *graph.Rejection {
	before := b.mark()
	for _, p := range d.parts {
		if rejection := p.add(p.view.fill(r), b, len(d.parts) > 1); rejection != nil {
			b.back(before)
			return rejection
		}
	}
	for _, p := range d.parts {
		p.said()
	}
	return nil
}

// add decodes the part's row. check is wanted where other rows depend on it.
func (p *tablePart) add(r *record, b *batch, check bool) *graph.Rejection {
	switch {
	case p.once:
		if !p.onlyNew(r) && p.along {
			return nil
		}
	case p.along && !p.isNew(r):
		return nil
	}
	if rejection := p.decode(r, b); rejection != nil || !check {
		return rejection
	}
	switch p.kind {
	case Interactions:
		row := &b.rows.Interactions[len(b.rows.Interactions)-1]
		row.Normalize()
		return row.Check()
	case Products:
		row := &b.rows.Products[len(b.rows.Products)-1]
		row.Normalize()
		return row.Check()
	case Customers:
		row := &b.rows.Customers[len(b.rows.Customers)-1]
		row.Normalize()
		return row.Check()
	default:
		row := &b.rows.Categories[len(b.rows.Categories)-1]
		row.Normalize()
		return row.Check()
	}
}

// onlyNew empties the cells of fields that this load has stated before, but for the id, so that the first statement of each
// counts. It answers whether anything is left.
func (p *tablePart) onlyNew(r *record) bool {
	clear(p.words)
	id := &r.cells[p.id]
	if id.kind == noCell {
		return true // It will be rejected.
	}
	left := false
	for word := range p.words {
		from := word * 64
		cells := r.cells[from:min(from+64, len(r.cells))]
		var fields uint64
		for i := range cells {
			if cells[i].kind != noCell {
				fields |= 1 << i
			}
		}
		fresh := p.firsts.fresh(p.key(id, word), fields)
		for i := range cells {
			if fresh&(1<<i) == 0 && from+i != p.id {
				cells[i] = cell{}
			}
		}
		p.words[word] = fresh
		left = left || fresh != 0
	}
	return left
}

// said notes what the rows that were just added have stated.
func (p *tablePart) said() {
	if !p.once {
		return
	}
	for word, fields := range p.words {
		if fields != 0 {
			p.firsts.note(p.key(&p.view.out.cells[p.id], word), fields)
		}
	}
}

// key names the thing of an id cell.
func (p *tablePart) key(id *cell, word int) uint64 {
	if id.kind == intCell {
		return p.firsts.number(p.kind, id.num, word)
	}
	text, _ := plainText(id)
	return p.firsts.key(p.kind, text, word)
}

// isNew tells whether a row was not met before in this load, word for word.
func (p *tablePart) isNew(r *record) bool {
	var h maphash.Hash
	h.SetSeed(p.firsts.seed)
	for i := range r.cells {
		c := &r.cells[i]
		h.WriteByte(byte(c.kind))
		switch c.kind {
		case listCell:
			for _, item := range r.list(c) {
				h.WriteString(item)
				h.WriteByte(0)
			}
		case textCell, stringCell, numberCell:
			h.WriteString(c.text)
			h.WriteByte(0)
		default:
			maphash.WriteComparable(&h, c.num)
		}
	}
	key := h.Sum64()
	if p.firsts.fresh(key, 1) == 0 {
		return false
	}
	p.firsts.note(key, 1)
	return true
}
