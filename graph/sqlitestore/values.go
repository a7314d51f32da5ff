package sqlitestore

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// sqlValue gives a value as a column holds it: a number as REAL, a boolean as 0 or 1, a date or a text as TEXT. The type
// stands with the attribute.
func sqlValue(v graph.Value) any {
	if n, ok := v.Number(); ok {
		return n
	}
	if b, ok := v.Boolean(); ok {
		return b
	}
	text, _ := v.Text()
	return text
}

// columnValue reads a value of a known type.
func columnValue(st *sqlite.Stmt, col int, kind graph.ValueKind) (graph.Value, error) {
	switch kind {
	case graph.NumberKind:
		return graph.NumberValue(st.ColumnFloat(col)), nil
	case graph.BooleanKind:
		return graph.BooleanValue(st.ColumnInt64(col) != 0), nil
	default:
		return textValue(st.ColumnText(col), kind)
	}
}

func textValue(s string, kind graph.ValueKind) (graph.Value, error) {
	if kind != graph.DateKind {
		return graph.TextValue(s), nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return graph.Value{}, damaged("read a date")
	}
	return graph.DateValue(t), nil
}

// appendNamedValues writes attributes as a JSON object: numbers, booleans and, for dates and texts, strings.
func appendNamedValues(dst []byte, values []graph.NamedValue) ([]byte, error) {
	dst = append(dst, '{')
	var err error
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = jsontext.AppendQuote(dst, v.Name); err != nil {
			return nil, err
		}
		dst = append(dst, ':')
		switch v.Value.Kind() {
		case graph.NumberKind:
			n, _ := v.Value.Number()
			dst = strconv.AppendFloat(dst, n, 'g', -1, 64)
		case graph.BooleanKind:
			b, _ := v.Value.Boolean()
			dst = strconv.AppendBool(dst, b)
		default:
			text, _ := v.Value.Text()
			if dst, err = jsontext.AppendQuote(dst, text); err != nil {
				return nil, err
			}
		}
	}
	return append(dst, '}'), nil
}

// parseNamedValues reads what appendNamedValues wrote; kindOf tells the settled type of a text.
func parseNamedValues(s string, kindOf func(name string) (graph.ValueKind, error)) ([]graph.NamedValue, error) {
	if s == "" {
		return nil, nil
	}
	p := objectParser{rest: s}
	if !p.skip('{') {
		return nil, damaged("read attributes")
	}
	var values []graph.NamedValue
	for !p.skip('}') {
		if len(values) > 0 && !p.skip(',') {
			return nil, damaged("read attributes")
		}
		name, ok := p.text()
		if !ok || !p.skip(':') {
			return nil, damaged("read attributes")
		}
		value, err := p.value(name, kindOf)
		if err != nil {
			return nil, err
		}
		values = append(values, graph.NamedValue{Name: name, Value: value})
	}
	if p.rest != "" {
		return nil, damaged("read attributes")
	}
	return values, nil
}

// objectParser reads a JSON object without spaces, whose members are numbers, booleans and strings.
type objectParser struct {
	rest string
}

func (p *objectParser) skip(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// text reads a string. What has no escapes is cut out without copying.
func (p *objectParser) text() (string, bool) {
	if p.rest == "" || p.rest[0] != '"' {
		return "", false
	}
	for i := 1; i < len(p.rest); i++ {
		switch p.rest[i] {
		case '"':
			s := p.rest[1:i]
			p.rest = p.rest[i+1:]
			return s, true
		case '\\':
			return p.escaped()
		}
	}
	return "", false
}

func (p *objectParser) escaped() (string, bool) {
	for i := 1; i < len(p.rest); i++ {
		switch p.rest[i] {
		case '\\':
			i++
		case '"':
			s, err := jsontext.AppendUnquote(nil, p.rest[:i+1])
			p.rest = p.rest[i+1:]
			return string(s), err == nil
		}
	}
	return "", false
}

func (p *objectParser) value(name string, kindOf func(string) (graph.ValueKind, error)) (graph.Value, error) {
	if p.rest == "" {
		return graph.Value{}, damaged("read attributes")
	}
	if p.rest[0] == '"' {
		s, ok := p.text()
		if !ok {
			return graph.Value{}, damaged("read attributes")
		}
		kind, err := kindOf(name)
		if err != nil {
			return graph.Value{}, err
		}
		return textValue(s, kind)
	}
	end := 0
	for end < len(p.rest) && p.rest[end] != ',' && p.rest[end] != '}' {
		end++
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	if word == "true" || word == "false" {
		return graph.BooleanValue(word == "true"), nil
	}
	n, err := strconv.ParseFloat(word, 64)
	if err != nil {
		return graph.Value{}, damaged("read attributes")
	}
	return graph.NumberValue(n), nil
}

// toJSON writes what people may look at in the file: snapshots, reports, names by language.
func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func fromJSON(what, s string, into any) error {
	if s == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(s), into); err != nil {
		return damaged(what)
	}
	return nil
}
