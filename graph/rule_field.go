package graph

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// optional decodes a key's value when there is one.
func optional[T any](o object, key string, decode func(*place, any) T) Optional[T] {
	v := o.values[key]
	if v == nil || o.d.err != nil {
		return Optional[T]{}
	}
	return Some(decode(o.at.field(key), v))
}

// required decodes a key's value and demands that there is one.
func required[T any](o object, key string, decode func(*place, any) T) T {
	if o.values[key] == nil {
		o.d.fail(o.at.field(key), "is required")
	}
	return optional(o, key, decode).Value
}

// listOf makes a decoder of lists that are not empty.
func listOf[T any](d *ruleDecoder, entry func(*place, any) T) func(*place, any) []T {
	return func(p *place, v any) []T {
		list, ok := v.([]any)
		if !ok {
			return []T{entry(p, v)}
		}
		if len(list) == 0 {
			d.fail(p, "is empty: give at least one entry")
		}
		if len(list) > MaxRuleEntries {
			d.fail(p, "has %d entries, at most %d are read", len(list), MaxRuleEntries)
		}
		if d.err != nil {
			return nil
		}
		out := make([]T, 0, len(list))
		for i, v := range list {
			out = append(out, entry(p.item(i), v))
			if d.err != nil {
				return nil
			}
		}
		return out
	}
}

// named makes a decoder of the names of an enumeration.
func named[T ~uint8](d *ruleDecoder, what string, names enum) func(*place, any) T {
	return func(p *place, v any) T {
		name, ok := v.(string)
		if !ok {
			d.fail(p, "must be one of %s, not %s", strings.Join(names[1:], ", "), kindOf(v))
			return 0
		}
		code, err := names.parse(what, name)
		if err != nil {
			d.fail(p, "unknown %s %q: use one of %s", what, Clip(name), strings.Join(names[1:], ", "))
		}
		return T(code)
	}
}

// kindOf names a value's kind for people.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case bool:
		return "a boolean"
	case json.Number, float64, int, int32, int64:
		if _, ok := numberLiteral(v); !ok {
			return "a number that is not finite"
		}
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	default:
		return fmt.Sprintf("a %T", v)
	}
}

func (d *ruleDecoder) text(p *place, v any) string {
	s, ok := v.(string)
	switch {
	case !ok:
		d.fail(p, "must be text, not %s", kindOf(v))
	case s == "":
		d.fail(p, "is empty")
	default:
		d.failRejection(p, checkText("", s, MaxTextBytes))
	}
	return s
}

// label decodes what follows the rules of ids: names, tags, purposes.
func (d *ruleDecoder) label(p *place, v any) string {
	s := d.text(p, v)
	if d.err == nil {
		d.failRejection(p, checkID("", s))
	}
	return s
}

func (d *ruleDecoder) id(p *place, v any) string {
	if literal, ok := numberLiteral(v); ok && isInteger(literal) {
		v = literal
	}
	return d.label(p, v)
}

func (d *ruleDecoder) boolean(p *place, v any) bool {
	b, ok := v.(bool)
	if !ok {
		d.fail(p, "must be true or false, not %s", kindOf(v))
	}
	return b
}

func (d *ruleDecoder) duration(p *place, v any) Duration {
	s, ok := v.(string)
	if !ok {
		d.fail(p, "must be an ISO 8601 duration such as P90D, not %s", kindOf(v))
		return Duration{}
	}
	duration, err := parseDuration(s)
	if err != nil {
		d.fail(p, "duration %q: %v", Clip(s), err)
	}
	return duration
}

func (d *ruleDecoder) time(p *place, v any) time.Time {
	s, ok := v.(string)
	if !ok {
		d.fail(p, "must be a time such as 2026-01-31T00:00:00Z, not %s", kindOf(v))
		return time.Time{}
	}
	var t time.Time
	if err := t.UnmarshalText([]byte(s)); err != nil {
		d.fail(p, "%q is not a time: write RFC 3339, for example 2026-01-31T00:00:00Z", Clip(s))
		return time.Time{}
	}
	t = Instant(t)
	if t.IsZero() || checkTime("", t) != nil {
		d.fail(p, "is outside the years 1 to 9999")
	}
	return t
}

func (d *ruleDecoder) decimal(p *place, v any) Decimal {
	literal, ok := v.(string)
	if !ok {
		literal, ok = numberLiteral(v)
	}
	if !ok {
		d.fail(p, "must be a decimal number, not %s", kindOf(v))
		return 0
	}
	n, err := ParseDecimal(literal)
	switch {
	case err != nil:
		d.fail(p, "%q is not a decimal number that can be kept", Clip(literal))
	case n < 0:
		d.fail(p, "is negative")
	}
	return n
}

// integer makes a decoder of whole numbers within bounds.
func (d *ruleDecoder) integer(low, high int64) func(*place, any) int64 {
	return func(p *place, v any) int64 {
		literal, ok := numberLiteral(v)
		if !ok {
			d.fail(p, "must be a whole number, not %s", kindOf(v))
			return 0
		}
		n, err := strconv.ParseInt(literal, 10, 64)
		if err != nil {
			f, err := strconv.ParseFloat(literal, 64)
			if err != nil || f != math.Trunc(f) || math.Abs(f) > maxExactInteger {
				d.fail(p, "must be a whole number that can be kept exactly")
				return 0
			}
			n = int64(f)
		}
		if n < low || n > high {
			d.fail(p, "must be between %d and %d", low, high)
		}
		return n
	}
}

func (d *ruleDecoder) value(p *place, v any) Value {
	switch v := v.(type) {
	case string:
		d.failRejection(p, checkText("", v, MaxTextBytes))
		return TextValue(v)
	case bool:
		return BooleanValue(v)
	}
	literal, ok := numberLiteral(v)
	if !ok {
		d.fail(p, "must be text, a finite number or a boolean, not %s", kindOf(v))
		return Value{}
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil || (isInteger(literal) && !isExactly(f, literal)) {
		d.fail(p, "is a number too large to be kept exactly: such attributes are text")
	}
	return NumberValue(f)
}

// numberLiteral gives a number as JSON writes it, and false for what is none, or not finite.
func numberLiteral(v any) (string, bool) {
	switch n := v.(type) {
	case json.Number:
		s := string(n)
		return s, s != "" && s[0] != ' ' && strings.Trim(s, "0123456789.eE+-") == "" && json.Valid([]byte(s))
	case float64:
		return strconv.FormatFloat(n, 'g', -1, 64), !math.IsNaN(n) && !math.IsInf(n, 0)
	case int:
		return strconv.Itoa(n), true
	case int32:
		return strconv.FormatInt(int64(n), 10), true
	case int64:
		return strconv.FormatInt(n, 10), true
	}
	return "", false
}

// isExactly tells whether f is the whole number written, or would itself be written so.
func isExactly(f float64, literal string) bool {
	return math.Abs(f) <= maxExactInteger || strconv.FormatFloat(f, 'f', 0, 64) == literal ||
		strconv.FormatFloat(f, 'f', -1, 64) == literal
}

func isInteger(literal string) bool { return !strings.ContainsAny(literal, ".eE") }

func (d *ruleDecoder) prices(p *place, v any) DecimalRange {
	return readRange(d.object(p, v, []string{"gte", "lte"}), d.decimal)
}

// integerRange makes a decoder of ranges of whole numbers within bounds.
func integerRange(d *ruleDecoder, low, high int64) func(*place, any) Range[int64] {
	return func(p *place, v any) Range[int64] {
		return readRange(d.object(p, v, []string{"gte", "lte"}), d.integer(low, high))
	}
}

func readRange[T cmp.Ordered](o object, number func(*place, any) T) Range[T] {
	o.some("gte", "lte")
	r := Range[T]{Gte: optional(o, "gte", number), Lte: optional(o, "lte", number)}
	if r.Gte.Known && r.Lte.Known && r.Gte.Value > r.Lte.Value {
		o.d.fail(o.at, "is empty: gte is more than lte")
	}
	return r
}

func (d *ruleDecoder) counts(p *place, v any) CountRange {
	o := d.object(p, v, []string{"gte", "lte", "eq"})
	o.some("gte", "lte", "eq")
	o.apart("eq", "gte")
	o.apart("eq", "lte")
	number := d.integer(0, math.MaxInt64)
	if o.values["eq"] != nil {
		return CountRange{Eq: optional(o, "eq", number)}
	}
	r := readRange(o, number)
	return CountRange{Gte: r.Gte, Lte: r.Lte}
}

func (d *ruleDecoder) sum(p *place, v any) SumRange {
	o := d.object(p, v, []string{"of", "gte", "lte"})
	of := required(o, "of", named[SumField](d, "sum field", sumFields))
	r := readRange(o, d.decimal)
	return SumRange{Of: of, Gte: r.Gte, Lte: r.Lte}
}

func (d *ruleDecoder) times(p *place, v any) TimeRange {
	o := d.object(p, v, []string{"from", "to"})
	o.some("from", "to")
	r := TimeRange{From: optional(o, "from", d.time).Value, To: optional(o, "to", d.time).Value}
	if !r.From.IsZero() && !r.To.IsZero() && !r.From.Before(r.To) {
		d.fail(p, "is empty: from must be before to")
	}
	return r
}
