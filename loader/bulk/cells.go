package bulk

import (
	"math"
	"strconv"
	"strings"
	"time"

	"lacuna/graph"
)

// The functions of this file read a cell as what its column holds. Rejections name the field and never repeat the value.

// text reads a cell as text that may be kept.
func (d *decoder) text(c *cell, name string) (string, *graph.Rejection) {
	switch c.kind {
	case noCell:
		return "", nil
	case textCell, stringCell, numberCell:
		if c.own {
			return c.text, nil
		}
		return d.interner.keep(c.text), nil
	case intCell, floatCell, decimalCell, boolCell:
		return scalarText(c), nil
	default:
		return "", badValue(c, name, "one text")
	}
}

// uniqueText is text for what hardly ever repeats, such as ids.
func (d *decoder) uniqueText(c *cell, name string) (string, *graph.Rejection) {
	if (c.kind == textCell || c.kind == stringCell) && !c.own {
		return strings.Clone(c.text), nil
	}
	return d.text(c, name)
}

func badValue(c *cell, name, wanted string) *graph.Rejection {
	is := map[cellKind]string{listCell: "is a list", jsonCell: "is an object or a mixed list", instantCell: "is a time",
		localCell: "is a time", dateCell: "is a date"}[c.kind]
	if c.kind == badCell {
		is = c.text
	}
	if is == "" {
		is = "cannot be read"
	}
	return graph.Reject(RejectBadValue, name, "%s: %s is wanted", is, wanted)
}

// scalarText writes a typed number or boolean as CSV would.
func scalarText(c *cell) string {
	switch c.kind {
	case intCell:
		return strconv.FormatInt(c.num, 10)
	case floatCell:
		return strconv.FormatFloat(math.Float64frombits(uint64(c.num)), 'f', -1, 64)
	case decimalCell:
		return decimalText(c.num, int(c.scale))
	case boolCell:
		return strconv.FormatBool(c.num != 0)
	default:
		return ""
	}
}

// decimalText writes unscaled × 10^-scale without trailing zeros.
func decimalText(unscaled int64, scale int) string {
	text := strconv.FormatInt(unscaled, 10)
	sign := ""
	if unscaled < 0 {
		sign, text = "-", text[1:]
	}
	if scale == 0 {
		return sign + text
	}
	if len(text) <= scale {
		text = strings.Repeat("0", scale-len(text)+1) + text
	}
	point := len(text) - scale
	return sign + strings.TrimSuffix(strings.TrimRight(text[:point]+"."+text[point:], "0"), ".")
}

// instant reads a time; an empty cell is the zero time.
func (d *decoder) instant(c *cell, name string) (time.Time, *graph.Rejection) {
	switch c.kind {
	case noCell:
		return time.Time{}, nil
	case textCell, stringCell:
		if t, ok := parseTime(c.text, d.zone); ok {
			return t, nil
		}
	case badCell:
		return time.Time{}, graph.Reject(graph.RejectBadTime, name, "%s", c.text)
	case instantCell:
		return time.UnixMicro(c.num).UTC(), nil
	case localCell:
		wall := time.UnixMicro(c.num).UTC()
		return time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), d.zone), nil
	case dateCell:
		day := dayOf(c)
		return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, d.zone), nil
	}
	return time.Time{}, graph.Reject(graph.RejectBadTime, name,
		"is not a time: write 2026-01-31T18:30:00+08:00 with its offset, or a date alone")
}

func dayOf(c *cell) time.Time { return time.Unix(c.num*86400, 0).UTC() }

// decimal reads money, quantities and ratings.
func (d *decoder) decimal(c *cell, name string) (graph.Optional[graph.Decimal], *graph.Rejection) {
	var value graph.Decimal
	var err error
	switch c.kind {
	case noCell:
		return graph.Optional[graph.Decimal]{}, nil
	case textCell, stringCell, numberCell:
		value, err = graph.ParseDecimal(c.text)
	case intCell:
		value, err = graph.DecimalFromInt(c.num)
	case floatCell:
		value, err = graph.DecimalFromFloat(math.Float64frombits(uint64(c.num)))
	case decimalCell:
		var ok bool
		if value, ok = rescale(c.num, int(c.scale)); !ok {
			value, err = graph.ParseDecimal(decimalText(c.num, int(c.scale)))
		}
	default:
		return graph.Optional[graph.Decimal]{}, badValue(c, name, "a number")
	}
	if err != nil {
		return graph.Optional[graph.Decimal]{}, graph.Reject(graph.RejectBadNumber, name,
			"is not a number that can be kept: write 1234.5, without thousands separators or a currency sign")
	}
	return graph.Some(value), nil
}

// rescale turns a decimal of at most four places into a Decimal exactly, when that is plainly possible.
func rescale(unscaled int64, scale int) (graph.Decimal, bool) {
	if scale > 4 || unscaled > math.MaxInt64/graph.DecimalScale || unscaled < math.MinInt64/graph.DecimalScale {
		return 0, false
	}
	for ; scale < 4; scale++ {
		unscaled *= 10
	}
	return graph.Decimal(unscaled), true
}

// integer reads a whole number; "3.0" is one too, since some programs write whole numbers so.
func (d *decoder) integer(c *cell, name string) (graph.Optional[int64], *graph.Rejection) {
	if c.kind == intCell {
		return graph.Some(c.num), nil
	}
	value, rejection := d.decimal(c, name)
	if rejection != nil || !value.Known {
		return graph.Optional[int64]{}, rejection
	}
	if value.Value%graph.DecimalScale != 0 {
		return graph.Optional[int64]{}, graph.Reject(graph.RejectBadNumber, name, "is not a whole number")
	}
	return graph.Some(int64(value.Value / graph.DecimalScale)), nil
}

// boolean reads true and false in any letter case, 1 and 0.
func (d *decoder) boolean(c *cell, name string) (graph.Optional[bool], *graph.Rejection) {
	switch c.kind {
	case noCell:
		return graph.Optional[bool]{}, nil
	case boolCell:
		return graph.Some(c.num != 0), nil
	case intCell:
		if c.num == 0 || c.num == 1 {
			return graph.Some(c.num == 1), nil
		}
	case textCell, stringCell, numberCell:
		switch {
		case c.text == "1" || strings.EqualFold(c.text, "true"):
			return graph.Some(true), nil
		case c.text == "0" || strings.EqualFold(c.text, "false"):
			return graph.Some(false), nil
		}
	}
	return graph.Optional[bool]{}, graph.Reject(RejectBadValue, name, "is neither true nor false")
}

// list reads several texts: a list, or one text whose parts are separated by "|". Empty parts are left out. The result is
// valid until the next call.
func (d *decoder) list(r *record, c *cell, name string) ([]string, *graph.Rejection) {
	d.parts = d.parts[:0]
	switch c.kind {
	case noCell:
		return nil, nil
	case listCell:
		for _, item := range r.list(c) {
			if item != "" {
				d.parts = append(d.parts, d.interner.keep(item))
			}
		}
		return d.parts, nil
	case textCell, stringCell:
		for part := range strings.SplitSeq(c.text, "|") {
			if part != "" {
				d.parts = append(d.parts, d.interner.keep(part))
			}
		}
		return d.parts, nil
	}
	text, rejection := d.text(c, name)
	if rejection != nil {
		return nil, badValue(c, name, "a list of texts")
	}
	d.parts = append(d.parts, text)
	return d.parts, nil
}
