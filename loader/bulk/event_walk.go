package bulk

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"lacuna/graph"
)

// slot numbers a value that a layout of events knows; 0 is none.
type slot uint8

// The limits on what one event may have.
const (
	maxSlots   = 48
	itemSlots  = 16    // of maxSlots, the first ones
	maxItems   = 1_000 // products of an order, or of a list
	maxNesting = 8     // levels of objects within traits
)

// branch is a node of the shape of a layout's events: what is to be done with the value at its place.
type branch struct {
	value  slot               // where a plain value goes
	fields map[string]*branch // of an object
	traits bool               // the object's other members are traits
	each   bool               // an array of objects: each is an item, with slots of its own
	params bool               // an array of {"key": …, "value": {"string_value": …}}; fields go by key
}

// leaf is a branch that keeps a plain value.
func leaf(s slot) *branch { return &branch{value: s} }

// shape makes a branch of an object. Names that stand in one key, separated by spaces, mean the same.
func shape(fields map[string]*branch) *branch {
	b := &branch{fields: map[string]*branch{}}
	for names, child := range fields {
		for name := range strings.FieldsSeq(names) {
			b.fields[name] = child
		}
	}
	return b
}

// item is the cells of one product of an event.
type item [itemSlots]cell

// traitCell is what an event says of a person under a name of its own.
type traitCell struct {
	trait *trait
	cell  cell
}

// event is what a walker has found in one JSON object. Of several values for one slot the first one counts.
type event struct {
	cells  [maxSlots]cell
	items  []item
	traits []traitCell
}

// walker reads JSON objects along a shape. Texts are parts of the line, as in other readers.
type walker struct {
	buf   bytes.Buffer
	json  *jsontext.Decoder
	line  string
	event event
	known map[string]*trait // by path, as written
	path  []byte            // of the trait being read
}

func newWalker() *walker {
	w := &walker{known: map[string]*trait{}}
	w.json = jsontext.NewDecoder(&w.buf)
	return w
}

// parse reads one object into the walker's event.
func (w *walker) parse(text string, root *branch) *graph.Rejection {
	w.line = text
	w.event.items, w.event.traits = w.event.items[:0], w.event.traits[:0]
	clear(w.event.cells[:])
	w.buf.Reset()
	w.buf.WriteString(text)
	w.json.Reset(&w.buf, jsontext.AllowDuplicateNames(true))
	if w.json.PeekKind() != '{' {
		return graph.Reject(RejectBadJSON, "", "is not a JSON object: write one event a line")
	}
	err := w.object(root, w.event.cells[:], 0)
	if err == nil {
		if _, err := w.json.ReadToken(); !errors.Is(err, io.EOF) {
			return graph.Reject(RejectBadJSON, "", "goes on after the object's end: write one event a line")
		}
		return nil
	}
	if rejection, ok := errors.AsType[*graph.Rejection](err); ok {
		return rejection
	}
	return badJSON(err)
}

// object reads an object whose values go to cells.
func (w *walker) object(b *branch, cells []cell, depth int) error {
	if _, err := w.json.ReadToken(); err != nil {
		return err
	}
	for w.json.PeekKind() != '}' {
		key, err := w.json.ReadValue()
		if err != nil {
			return err
		}
		child := b.fields[string(key[1:len(key)-1])]
		switch {
		case child != nil:
			err = w.member(child, cells, depth)
		case b.traits:
			err = w.trait(key, depth)
		default:
			err = w.json.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	_, err := w.json.ReadToken()
	return err
}

// member reads a value that the shape knows. A value of another form than the shape's is kept where it has a slot, so that
// it can be refused, and is else left out.
func (w *walker) member(b *branch, cells []cell, depth int) error {
	kind := w.json.PeekKind()
	switch {
	case kind == '{' && (b.fields != nil || b.traits) && !b.each && !b.params:
		return w.object(b, cells, depth)
	case kind == '[' && b.each:
		return w.array(func() error { return w.item(b) })
	case kind == '[' && b.params:
		return w.array(func() error { return w.param(b, cells) })
	case b.value == 0:
		return w.json.SkipValue()
	}
	return w.scalar(&cells[b.value], kind)
}

// scalar reads a value into a cell, unless that has one.
func (w *walker) scalar(c *cell, kind jsontext.Kind) error {
	if c.kind != noCell || kind == 'n' {
		return w.json.SkipValue()
	}
	value, err := w.json.ReadValue()
	if err != nil {
		return err
	}
	end := w.json.InputOffset()
	switch kind {
	case '"':
		if c.text, c.own = stringText(w.line, value, end); c.text != "" {
			c.kind = stringCell
		}
	case '0':
		c.kind, c.text = numberCell, literal(w.line, value, end)
	case 't':
		c.kind, c.num = boolCell, 1
	case 'f':
		c.kind = boolCell
	default:
		c.kind, c.text = jsonCell, literal(w.line, value, end)
	}
	return nil
}

// array calls one for each element.
func (w *walker) array(one func() error) error {
	if _, err := w.json.ReadToken(); err != nil {
		return err
	}
	for w.json.PeekKind() != ']' {
		if err := one(); err != nil {
			return err
		}
	}
	_, err := w.json.ReadToken()
	return err
}

// item reads a product of the event. What is no object is left out.
func (w *walker) item(b *branch) error {
	if w.json.PeekKind() != '{' {
		return w.json.SkipValue()
	}
	if len(w.event.items) == maxItems {
		return graph.Reject(graph.RejectTooMany, "", "has more than %d products", maxItems)
	}
	w.event.items = append(w.event.items, item{})
	return w.object(b, w.event.items[len(w.event.items)-1][:], 0)
}

// param reads one {"key": …, "value": {…}}.
func (w *walker) param(b *branch, cells []cell) error {
	if w.json.PeekKind() != '{' {
		return w.json.SkipValue()
	}
	if _, err := w.json.ReadToken(); err != nil {
		return err
	}
	var found cell
	var child *branch
	keyed := false
	for w.json.PeekKind() != '}' {
		name, err := w.json.ReadValue()
		if err != nil {
			return err
		}
		isKey, isValue := string(name) == `"key"`, string(name) == `"value"`
		switch kind := w.json.PeekKind(); {
		case isKey && kind == '"':
			key, err := w.json.ReadValue()
			if err != nil {
				return err
			}
			child, keyed = b.fields[string(key[1:len(key)-1])], true
		case isValue && kind == '{' && (child != nil || !keyed):
			if err := w.paramValue(&found); err != nil {
				return err
			}
		default:
			if err := w.json.SkipValue(); err != nil {
				return err
			}
		}
	}
	if child != nil && cells[child.value].kind == noCell {
		cells[child.value] = found
	}
	_, err := w.json.ReadToken()
	return err
}

// paramValue reads the one of string_value, int_value, float_value and double_value that is there.
func (w *walker) paramValue(c *cell) error {
	if _, err := w.json.ReadToken(); err != nil {
		return err
	}
	for w.json.PeekKind() != '}' {
		if _, err := w.json.ReadValue(); err != nil {
			return err
		}
		if err := w.scalar(c, w.json.PeekKind()); err != nil {
			return err
		}
	}
	_, err := w.json.ReadToken()
	return err
}

// trait reads a member of traits. An object's members are traits of their own, as "address.city".
func (w *walker) trait(key jsontext.Value, depth int) error {
	from := len(w.path)
	defer func() { w.path = w.path[:from] }()
	if from > 0 {
		w.path = append(w.path, '.')
	}
	name, _ := stringText(w.line, key, w.json.InputOffset())
	w.path = append(w.path, name...)
	kind := w.json.PeekKind()
	if kind == '{' {
		if depth == maxNesting {
			return graph.Reject(RejectBadJSON, "", "has traits that are nested more than %d levels deep", maxNesting)
		}
		return w.object(&anyTraits, nil, depth+1)
	}
	var c cell
	if err := w.scalar(&c, kind); err != nil || c.kind == noCell {
		return err
	}
	t := w.known[string(w.path)]
	if t == nil {
		if len(w.known) == maxColumns {
			return graph.Reject(graph.RejectTooMany, "", "the file has more than %d different traits", maxColumns)
		}
		t = newTrait(string(w.path))
		w.known[string(w.path)] = t
	}
	w.event.traits = append(w.event.traits, traitCell{trait: t, cell: c})
	return nil
}

// anyTraits is the shape of an object within traits.
var anyTraits = branch{traits: true}
