package insight

import (
	"strings"

	"lacuna/graph"
)

// attribute is the values that an attribute has had, by code; code 0 is no value. Values are only added, so that those of an older
// view stay where they are.
type attribute struct {
	name   string
	kind   graph.ValueKind
	values []graph.Value
}

// attributeNames are the numbers of attributes of one scope and the codes of their values. Its writer alone uses it.
type attributeNames struct {
	number map[string]int
	list   []attribute
	codes  []map[graph.Value]uint32
}

func newAttributeNames() *attributeNames { return &attributeNames{number: map[string]int{}} }

// code gives the attribute's number and the value's code.
func (a *attributeNames) code(name string, v graph.Value) (number int, code uint32) {
	number, ok := a.number[name]
	if !ok {
		number = len(a.list)
		name = strings.Clone(name)
		a.number[name] = number
		a.list = append(a.list, attribute{name: name, kind: v.Kind(), values: make([]graph.Value, 1)})
		a.codes = append(a.codes, map[graph.Value]uint32{})
	}
	code, ok = a.codes[number][v]
	if !ok {
		code = uint32(len(a.list[number].values))
		a.list[number].values = append(a.list[number].values, v)
		a.codes[number][v] = code
	}
	return number, code
}

// texts are the codes of texts; 0 is "". Its writer alone uses it.
type texts struct {
	code map[string]uint32
	list []string
}

func newTexts() *texts { return &texts{code: map[string]uint32{"": 0}, list: make([]string, 1)} }

func (t *texts) of(s string) uint32 {
	code, ok := t.code[s]
	if !ok {
		s = strings.Clone(s)
		code = uint32(len(t.list))
		t.code[s] = code
		t.list = append(t.list, s)
	}
	return code
}
