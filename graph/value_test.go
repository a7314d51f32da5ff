package graph

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDetectKind(t *testing.T) {
	for in, want := range map[string]ValueKind{
		"": 0, "0": NumberKind, "-0": NumberKind, "12": NumberKind, "-12.5": NumberKind, "0.5": NumberKind, "1e3": NumberKind,
		"1.5E-3": NumberKind, "9007199254740991": NumberKind, "-9007199254740991": NumberKind,
		"9007199254740992": TextKind, "9007199254740993": TextKind, "-9007199254740993": TextKind, "4711000000000000001": TextKind,
		"007": TextKind, "00": TextKind, "-01": TextKind, "00.5": TextKind, "+1": TextKind, ".5": TextKind, "5.": TextKind, "1e": TextKind,
		"1e999": TextKind, "0x10": TextKind, "1_000": TextKind, "1,5": TextKind, "1-2": TextKind, "1.2.3": TextKind,
		"Inf": TextKind, "NaN": TextKind, "-": TextKind, "１２": TextKind,
		"true": BooleanKind, "FALSE": BooleanKind, "True": BooleanKind, "tRUE": TextKind, "yes": TextKind, "t": TextKind,
		"2026-01-31": DateKind, "2024-02-29": DateKind, "2026-02-29": TextKind, "2026-1-31": TextKind, "2026-01-31T00:00:00Z": TextKind,
		"20260131": NumberKind, "family": TextKind, "漢字": TextKind,
	} {
		if got := DetectKind(in); got != want {
			t.Errorf("DetectKind(%q) = %v, want %v", in, got, want)
		}
		if got := DetectKind(" " + in); got != TextKind {
			t.Errorf("DetectKind(%q after a space) = %v", in, got)
		}
	}
}

func TestWiderKind(t *testing.T) {
	for _, test := range [][3]ValueKind{{0, 0, 0}, {0, DateKind, DateKind}, {DateKind, 0, DateKind}, {NumberKind, NumberKind, NumberKind},
		{NumberKind, DateKind, TextKind}, {TextKind, BooleanKind, TextKind}} {
		if got := WiderKind(test[0], test[1]); got != test[2] {
			t.Errorf("WiderKind(%v, %v) = %v, want %v", test[0], test[1], got, test[2])
		}
	}
}

func TestParseValue(t *testing.T) {
	for _, test := range []struct {
		in   string
		kind ValueKind
		want Value // zero for a misfit
	}{
		{"12.50", NumberKind, NumberValue(12.5)}, {"-0", NumberKind, NumberValue(0)}, {"012", NumberKind, Value{}}, {"x", NumberKind, Value{}},
		{"TRUE", BooleanKind, BooleanValue(true)}, {"false", BooleanKind, BooleanValue(false)}, {"1", BooleanKind, Value{}},
		{"2026-01-31", DateKind, DateValue(time.Date(2026, 1, 31, 23, 0, 0, 0, time.UTC))}, {"2026-01-32", DateKind, Value{}},
		{"", DateKind, Value{}}, {"12", TextKind, TextValue("12")}, {"", TextKind, TextValue("")}, {"x", 0, Value{}}, {"x", 9, Value{}},
	} {
		got, err := ParseValue(test.in, test.kind)
		if got != test.want || (err != nil) != test.want.IsZero() || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("ParseValue(%q, %v) = %#v, %v; want %#v", test.in, test.kind, got, err, test.want)
		}
	}
}

func TestValue(t *testing.T) {
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if v := NumberValue(f); !v.IsZero() {
			t.Errorf("NumberValue(%v) = %v", f, v)
		}
	}
	if NumberValue(math.Copysign(0, -1)) != NumberValue(0) || NumberValue(math.Copysign(0, -1)).String() != "0" {
		t.Error("there is a negative zero")
	}
	for v, want := range map[Value]string{{}: "", NumberValue(12.5): "12.5", NumberValue(1e21): "1000000000000000000000", BooleanValue(true): "true",
		BooleanValue(false): "false", TextValue("a"): "a", DateValue(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)): "2026-01-31"} {
		if v.String() != want {
			t.Errorf("%#v.String() = %q, want %q", v, v, want)
		}
		_, number := v.Number()
		_, boolean := v.Boolean()
		_, text := v.Text()
		kind := v.Kind()
		if number != (kind == NumberKind) || boolean != (kind == BooleanKind) || text != (kind == TextKind || kind == DateKind) ||
			v.IsZero() != (kind == 0) {
			t.Errorf("%#v answers for a kind that it is not", v)
		}
	}
	if TextValue("2026-01-31") == DateValue(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)) || TextValue("") == (Value{}) {
		t.Error("values of different kinds are equal")
	}
}

// TestValueRoundTrip holds that a value is read back from its text, and that a detected kind can be read.
func TestValueRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]ValueKind{NumberKind, BooleanKind, DateKind, TextKind}).Draw(t, "kind")
		v := DateValue(drawTime(t))
		if kind != DateKind {
			v = drawValue(t, kind)
		}
		if f, ok := v.Number(); ok && f == math.Trunc(f) && math.Abs(f) > maxExactInteger {
			return // such integers are text
		}
		if got, err := ParseValue(v.String(), kind); err != nil || got != v {
			t.Errorf("ParseValue(%q, %v) = %#v, %v; want %#v", v, kind, got, err, v)
		}
		if kind != TextKind && DetectKind(v.String()) != kind {
			t.Errorf("DetectKind(%q) = %v, want %v", v, DetectKind(v.String()), kind)
		}
		s := rapid.StringMatching(`[-0-9.eE]{0,6}|[0-9]{4}-[0-9]{2}-[0-9]{2}|(true|False)|.*`).Draw(t, "text")
		if kind := DetectKind(s); kind != 0 {
			if got, err := ParseValue(s, kind); err != nil || got.Kind() != kind {
				t.Errorf("ParseValue(%q, %v) = %#v, %v", s, kind, got, err)
			}
		}
	})
}

func TestOptional(t *testing.T) {
	if got := FromPtr(Some(7).Ptr()); got != Some(7) {
		t.Errorf("Some(7) through a pointer is %v", got)
	}
	if unknown := (Optional[int]{}); unknown.Ptr() != nil || FromPtr[int](nil) != unknown || Some(0) == unknown {
		t.Error("unknown is not kept apart from zero")
	}
}
