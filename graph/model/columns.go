package model

import (
	"encoding/json"
	"io"
	"math"
	"strconv"

	"lacuna/graph"
	"lacuna/insight"
)

// Rule is a rule as the API writes it: JSON without keys that are not set.
type Rule struct{ graph.Rule }

// MarshalGQL writes it.
func (r Rule) MarshalGQL(w io.Writer) {
	text, err := r.MarshalJSON()
	if err != nil { // no rule that was checked
		text = []byte("null")
	}
	_, _ = w.Write(text)
}

// UnmarshalGQL refuses: rules come as RuleInput.
func (*Rule) UnmarshalGQL(any) error { return invalid("a rule is given as RuleInput") }

// StringColumn is a column of texts.
type StringColumn insight.Labels

// MarshalGQL writes a JSON list, each text being put into JSON once.
func (c StringColumn) MarshalGQL(w io.Writer) {
	names, size := make([][]byte, len(c.Names)), 2
	for i, name := range c.Names {
		names[i] = []byte("null")
		if name != nil {
			names[i], _ = json.Marshal(*name) // texts can be marshalled
		}
	}
	for _, code := range c.Codes {
		size += len(names[code]) + 1
	}
	buf := append(make([]byte, 0, size), '[')
	for i, code := range c.Codes {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(buf, names[code]...)
	}
	_, _ = w.Write(append(buf, ']'))
}

// UnmarshalGQL refuses: columns are answers.
func (*StringColumn) UnmarshalGQL(any) error { return invalid("a column is no input") }

// FloatColumn is a column of numbers.
type FloatColumn insight.Numbers

// MarshalGQL writes a JSON list.
func (c FloatColumn) MarshalGQL(w io.Writer) {
	buf := append(make([]byte, 0, 2+8*len(c.Values)), '[')
	for i, v := range c.Values {
		if i > 0 {
			buf = append(buf, ',')
		}
		switch {
		case c.Missing != nil && c.Missing[i] || math.IsNaN(v) || math.IsInf(v, 0):
			buf = append(buf, "null"...)
		case v == math.Trunc(v) && math.Abs(v) < 1<<53:
			buf = strconv.AppendInt(buf, int64(v), 10)
		default:
			buf = strconv.AppendFloat(buf, v, 'g', -1, 64)
		}
	}
	_, _ = w.Write(append(buf, ']'))
}

// UnmarshalGQL refuses: columns are answers.
func (*FloatColumn) UnmarshalGQL(any) error { return invalid("a column is no input") }
