package graph

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ValueKind is the type of an attribute. It is settled when the first value is stored, per [Scope] and name, and kept.
type ValueKind uint8

// The types that an attribute may have. The codes are stored: append, never reorder.
const (
	NumberKind ValueKind = iota + 1
	BooleanKind
	DateKind // a calendar day, "2006-01-02"
	TextKind
)

var valueKinds = enum{"", "number", "boolean", "date", "text"}

// String gives the name of the type.
func (k ValueKind) String() string { return valueKinds.name(uint8(k)) }

// Value is what an attribute says: a number, a boolean, a date or a text. The zero Value says nothing. Values are
// comparable with ==.
type Value struct {
	kind ValueKind
	num  float64
	text string
}

// NumberValue gives a number; NaN and infinities give the zero Value.
func NumberValue(f float64) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}
	}
	if f == 0 {
		f = 0 // no negative zero: it prints and compares as zero
	}
	return Value{kind: NumberKind, num: f}
}

// BooleanValue gives a boolean.
func BooleanValue(b bool) Value {
	if b {
		return Value{kind: BooleanKind, num: 1}
	}
	return Value{kind: BooleanKind}
}

// TextValue gives a text.
func TextValue(s string) Value { return Value{kind: TextKind, text: s} }

// DateValue gives a calendar day, of which only year, month and day count.
func DateValue(t time.Time) Value { return Value{kind: DateKind, text: t.Format(time.DateOnly)} }

// Kind tells the type, 0 for the zero Value.
func (v Value) Kind() ValueKind { return v.kind }

// IsZero tells whether v says nothing.
func (v Value) IsZero() bool { return v.kind == 0 }

// Number gives the number, and false when v is none.
func (v Value) Number() (float64, bool) { return v.num, v.kind == NumberKind }

// Boolean gives the boolean, and false when v is none.
func (v Value) Boolean() (value, ok bool) { return v.num == 1, v.kind == BooleanKind }

// Text gives the text of a text or a date, and false for other kinds.
func (v Value) Text() (string, bool) { return v.text, v.kind == TextKind || v.kind == DateKind }

// String writes v as a file would: 12.5, true, 2026-01-31 or the text itself.
func (v Value) String() string {
	switch v.kind {
	case NumberKind:
		return strconv.FormatFloat(v.num, 'f', -1, 64)
	case BooleanKind:
		return strconv.FormatBool(v.num == 1)
	default:
		return v.text
	}
}

// maxExactInteger is the largest integer up to which every integer is a float64, and no other integer rounds to it.
const maxExactInteger = 1<<53 - 1

// DetectKind tells the narrowest type that the text s can be read as. Numbers with leading zeros (postcodes, card
// numbers) and integers too long to be kept exactly are text.
func DetectKind(s string) ValueKind {
	if s == "" {
		return 0
	}
	if _, ok := parseNumber(s); ok {
		return NumberKind
	}
	if _, ok := parseBoolean(s); ok {
		return BooleanKind
	}
	if _, err := time.Parse(time.DateOnly, s); err == nil {
		return DateKind
	}
	return TextKind
}

// WiderKind gives the type that holds values of both: the same one, or text. 0 is no type yet.
func WiderKind(a, b ValueKind) ValueKind {
	switch {
	case a == b || b == 0:
		return a
	case a == 0:
		return b
	default:
		return TextKind
	}
}

// StoredValue reads what [Value.String] wrote of a value of a kind. Unlike [ParseValue] it takes every number, since what was taken is kept:
// files refuse integers that are not exact. What was not written so is [ErrDamaged].
func StoredValue(s string, kind ValueKind) (Value, error) {
	v := TextValue(s)
	var err error
	switch kind {
	case NumberKind:
		var f float64
		f, err = strconv.ParseFloat(s, 64)
		v = NumberValue(f)
	case BooleanKind, DateKind:
		v, err = ParseValue(s, kind)
	}
	if err != nil || v.kind != kind {
		return Value{}, fmt.Errorf("read a value: %w", ErrDamaged)
	}
	return v, nil
}

// ParseValue reads the text s as a value of the given type; a misfit is [ErrInvalid]. The message does not repeat s.
func ParseValue(s string, kind ValueKind) (Value, error) {
	switch kind {
	case NumberKind:
		if f, ok := parseNumber(s); ok {
			return NumberValue(f), nil
		}
	case BooleanKind:
		if b, ok := parseBoolean(s); ok {
			return BooleanValue(b), nil
		}
	case DateKind:
		if t, err := time.Parse(time.DateOnly, s); err == nil {
			return DateValue(t), nil
		}
	case TextKind:
		return TextValue(s), nil
	}
	return Value{}, fmt.Errorf("not a %s: %w", kind, ErrInvalid)
}

// parseNumber reads a plain decimal number: an optional minus, no leading zeros, digits, an optional fraction and
// exponent. What only a programmer would call a number (0x10, 1_000, Inf) is none.
func parseNumber(s string) (float64, bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || digits[0] < '0' || digits[0] > '9' {
		return 0, false
	}
	if len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return 0, false
	}
	for i := range len(digits) {
		c := digits[i]
		if (c < '0' || c > '9') && c != '.' && c != 'e' && c != 'E' && c != '-' && c != '+' {
			return 0, false
		}
	}
	if digits[len(digits)-1] == '.' {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return 0, false
	}
	if !strings.ContainsAny(digits, ".eE") && math.Abs(f) > maxExactInteger {
		return 0, false
	}
	return f, true
}

func parseBoolean(s string) (value, ok bool) {
	switch s {
	case "true", "TRUE", "True":
		return true, true
	case "false", "FALSE", "False":
		return false, true
	}
	return false, false
}

// NamedValue is one attribute of a product or an interaction.
type NamedValue struct {
	Name  string
	Value Value
}

// Scope is what an attribute belongs to; the same name may have another type in another scope.
type Scope uint8

// The scopes of attributes. The codes are stored: append, never reorder.
const (
	CustomerScope Scope = iota + 1
	ProductScope
	InteractionScope
)

var scopes = enum{"", "customer", "product", "interaction"}

// String gives the scope's name.
func (s Scope) String() string { return scopes.name(uint8(s)) }

// AttributeKey names an attribute within its scope.
type AttributeKey struct {
	Scope Scope
	Name  string
}

// Optional is a value that may be unknown, which is not the same as zero.
type Optional[T any] struct {
	Value T
	Known bool
}

// Some gives a known value.
func Some[T any](v T) Optional[T] { return Optional[T]{Value: v, Known: true} }

// Ptr gives nil for an unknown value.
func (o Optional[T]) Ptr() *T {
	if !o.Known {
		return nil
	}
	return &o.Value
}

// FromPtr gives an unknown value for nil.
func FromPtr[T any](p *T) Optional[T] {
	if p == nil {
		return Optional[T]{}
	}
	return Some(*p)
}

// Fit gives v as a value of the type that an attribute has, and false when it is none: a text that writes a calendar day
// is a date, and a date is a text. JSON knows no dates, so both come as text over the API.
func (v Value) Fit(kind ValueKind) (Value, bool) {
	switch {
	case v.kind == kind:
		return v, true
	case v.kind == DateKind && kind == TextKind:
		return TextValue(v.text), true
	case v.kind == TextKind && kind == DateKind:
		date, err := ParseValue(v.text, DateKind)
		return date, err == nil
	}
	return Value{}, false
}
