package bulk

import (
	"math"
	"time"

	"lacuna/graph"
)

// attributeTypes is the types of attributes that are settled: by the store, or by this load.
type attributeTypes struct {
	settled map[graph.AttributeKey]graph.ValueKind
	fresh   []AttributeType // settled by this load
}

func (t *attributeTypes) settle(key graph.AttributeKey, kind graph.ValueKind) {
	if t.settled[key] != 0 || kind == 0 {
		return
	}
	t.settled[key] = kind
	t.fresh = append(t.fresh, AttributeType{Scope: key.Scope.String(), Name: key.Name, Type: kind.String()})
}

// detect tells the type that a cell suggests for its attribute. Text of CSV may be anything; what the format itself calls
// a string is text, but for dates, which JSON has no other way to write.
func detect(c *cell, typed bool) graph.ValueKind {
	switch c.kind {
	case textCell, numberCell:
		return graph.DetectKind(c.text)
	case stringCell:
		if !typed && len(c.text) == len(time.DateOnly) && graph.DetectKind(c.text) == graph.DateKind {
			return graph.DateKind
		}
		return graph.TextKind
	case intCell, floatCell, decimalCell:
		return graph.NumberKind
	case boolCell:
		return graph.BooleanKind
	case dateCell:
		return graph.DateKind
	case instantCell, localCell:
		return graph.TextKind
	default:
		return 0
	}
}

// attribute reads a cell as a value of its attribute's type.
func (d *decoder) attribute(b *binding, c *cell) (graph.Value, *graph.Rejection) {
	if c.kind == listCell || c.kind == jsonCell || c.kind == badCell {
		return graph.Value{}, badValue(c, attributePrefix+b.name, "one value")
	}
	if value, ok := d.value(c, b.kind); ok {
		return value, nil
	}
	return graph.Value{}, graph.Reject(graph.RejectAttributeType, attributePrefix+b.name,
		"is not a %s, which the attribute was settled to be", b.kind)
}

func (d *decoder) value(c *cell, kind graph.ValueKind) (graph.Value, bool) {
	switch c.kind {
	case textCell, stringCell, numberCell:
		text := c.text
		if kind == graph.TextKind && !c.own {
			text = d.interner.keep(text)
		}
		if c.kind == numberCell && kind != graph.NumberKind && kind != graph.TextKind {
			return graph.Value{}, false
		}
		value, err := graph.ParseValue(text, kind)
		return value, err == nil
	case intCell, floatCell, decimalCell:
		return numberValue(c, kind)
	case boolCell:
		if kind == graph.BooleanKind {
			return graph.BooleanValue(c.num != 0), true
		}
	case dateCell:
		if kind == graph.DateKind {
			return graph.DateValue(dayOf(c)), true
		}
	}
	if kind != graph.TextKind {
		return graph.Value{}, false
	}
	return graph.TextValue(typedText(c)), true
}

func numberValue(c *cell, kind graph.ValueKind) (graph.Value, bool) {
	switch {
	case kind == graph.TextKind:
		return graph.TextValue(scalarText(c)), true
	case kind != graph.NumberKind:
		return graph.Value{}, false
	case c.kind == floatCell:
		// NaN and infinities give the zero value, which the store rejects by its own name.
		return graph.NumberValue(math.Float64frombits(uint64(c.num))), true
	}
	value, err := graph.ParseValue(scalarText(c), graph.NumberKind)
	return value, err == nil
}

// typedText writes any typed value as text.
func typedText(c *cell) string {
	switch c.kind {
	case dateCell:
		return dayOf(c).Format(time.DateOnly)
	case instantCell:
		return time.UnixMicro(c.num).UTC().Format(time.RFC3339Nano)
	case localCell:
		return time.UnixMicro(c.num).UTC().Format("2006-01-02T15:04:05.999999999")
	default:
		return scalarText(c)
	}
}
