package bulk

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"lacuna/graph"
)

// rowDecoder turns the records of one file into rows of the graph. It is not safe for concurrent use.
type rowDecoder interface {
	// open opens the file from its beginning. Errors name the file.
	open() (reader, error)

	// bind takes up the columns that the reader knows by now.
	bind(r reader)

	// checkColumns refuses a file that lacks a required column, when it says from the start which ones it has.
	checkColumns(r reader) error

	// decode adds what a record says to the batch, or answers why it cannot and adds nothing.
	decode(r *record, b *batch) *graph.Rejection

	// notes tells, once the file is read, of what it has and was not read.
	notes() []string
}

// decoder decodes generic files: the record's columns have the names of a kind's fields.
type decoder struct {
	kind     Kind
	spec     *kindSpec
	zone     *time.Location
	currency string
	source   string    // of rows that name none
	observed time.Time // of customers without updated_at
	opener   func() (reader, error)
	types    *attributeTypes
	interner *interner

	bindings  []binding
	order     []int // the columns of a file whose columns are all known, attributes by name
	unknown   []string
	unsettled int  // bindings of attributes whose type is not settled
	typed     bool // see reader.typed

	ids      *rowIDs // nil until a row without an id is met
	survey   func()  // announces a survey
	parts    []string
	values   []graph.NamedValue
	freeAttr []graph.NamedValue
}

func (d *decoder) open() (reader, error) { return d.opener() }

func (d *decoder) bind(r reader) {
	names := r.columns()
	for _, name := range names[len(d.bindings):] {
		b := d.spec.bind(name)
		if b.field == unknownField {
			d.unknown = append(d.unknown, name)
		}
		if b.field == attributeField {
			b.kind = d.types.settled[graph.AttributeKey{Scope: d.spec.scope, Name: b.name}]
			if b.kind == 0 {
				d.unsettled++
			}
		}
		d.bindings = append(d.bindings, b)
	}
	if r.fixed() && d.order == nil {
		d.order = make([]int, 0, len(names))
		for i, b := range d.bindings {
			if b.field != unknownField {
				d.order = append(d.order, i)
			}
		}
		slices.SortStableFunc(d.order, func(i, j int) int { return cmp.Compare(d.bindings[i].name, d.bindings[j].name) })
	}
	d.typed = r.typed()
}

// checkColumns does not repeat a first line of which nothing is known: it is probably no header but somebody's data.
func (d *decoder) checkColumns(r reader) error {
	names := r.columns()
	missing := d.spec.missing(names)
	if !r.fixed() || len(missing) == 0 {
		return nil
	}
	found := "none of its " + strconv.Itoa(len(names)) + " columns is known, is there a header?"
	if len(d.unknown) < len(names) {
		shown := make([]string, 0, len(names))
		for _, name := range names[:min(len(names), 40)] {
			shown = append(shown, graph.Clip(name))
		}
		found = "found: " + strings.Join(shown, " ")
	}
	return fmt.Errorf("column %s is missing: the first line must name the columns; %s; known in %s: %s",
		strings.Join(missing, " and "), found, d.kind, d.spec.names())
}

func (d *decoder) decode(r *record, b *batch) *graph.Rejection {
	if err := d.settleTypes(r); err != nil {
		return graph.Reject(graph.RejectAttributeType, "", "the types of the file's attributes could not be settled: %v", err)
	}
	return d.spec.decode(d, r, b)
}

// each calls set for every cell of the record that is not empty and belongs to a known column.
func (d *decoder) each(r *record, set func(*binding, *cell) *graph.Rejection) *graph.Rejection {
	if r.columns == nil {
		for _, i := range d.order {
			if c := &r.cells[i]; c.kind != noCell {
				if rejection := set(&d.bindings[i], c); rejection != nil {
					return rejection
				}
			}
		}
		return nil
	}
	for i, column := range r.columns {
		if c := &r.cells[i]; c.kind != noCell && d.bindings[column].field != unknownField {
			if rejection := set(&d.bindings[column], c); rejection != nil {
				return rejection
			}
		}
	}
	return nil
}

// settleTypes surveys the file when the record has a value of an attribute whose type nobody has settled.
func (d *decoder) settleTypes(r *record) error {
	for i := range r.cells {
		if d.unsettled == 0 {
			break
		}
		b := &d.bindings[r.column(i)]
		if b.field != attributeField || b.kind != 0 || r.cells[i].kind == noCell {
			continue
		}
		key := graph.AttributeKey{Scope: d.spec.scope, Name: b.name}
		if d.types.settled[key] == 0 && !d.typed {
			if err := d.surveyTypes(); err != nil {
				return err
			}
		}
		d.types.settle(key, detect(&r.cells[i], d.typed))
		if b.kind = d.types.settled[key]; b.kind != 0 {
			d.unsettled--
		}
	}
	return nil
}

// surveyTypes reads the whole file once and settles the type of each attribute to the narrowest that holds all of its
// values. What cannot be read is left to the main pass to report.
func (d *decoder) surveyTypes() error {
	d.survey()
	r, err := d.open()
	if err != nil {
		return err
	}
	kinds := make([]graph.ValueKind, 0, len(d.bindings))
	var bound []binding
	for rec := range surveyed(r) {
		for names := r.columns(); len(bound) < len(names); {
			bound, kinds = append(bound, d.spec.bind(names[len(bound)])), append(kinds, 0)
		}
		for i := range rec.cells {
			c, column := &rec.cells[i], rec.column(i)
			if c.kind != noCell && bound[column].field == attributeField && kinds[column] != graph.TextKind {
				kinds[column] = graph.WiderKind(kinds[column], detect(c, false))
			}
		}
	}
	for i, b := range bound {
		if b.field == attributeField {
			d.types.settle(graph.AttributeKey{Scope: d.spec.scope, Name: b.name}, kinds[i])
		}
	}
	return r.Close()
}

// keepAttributes moves the values gathered for one row into memory that stays, many rows' in one piece.
func (d *decoder) keepAttributes() []graph.NamedValue {
	n := len(d.values)
	if n == 0 {
		return nil
	}
	if len(d.freeAttr) < n {
		d.freeAttr = make([]graph.NamedValue, max(n, 4096))
	}
	kept := d.freeAttr[:n:n]
	d.freeAttr = d.freeAttr[n:]
	copy(kept, d.values)
	return kept
}

func (d *decoder) addAttribute(b *binding, c *cell) *graph.Rejection {
	value, rejection := d.attribute(b, c)
	if rejection == nil {
		d.values = append(d.values, graph.NamedValue{Name: b.name, Value: value})
	}
	return rejection
}

// isEnd tells the end of a file from damage.
func isEnd(err error) bool { return errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) }
