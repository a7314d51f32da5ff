package model

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"lacuna/graph"
)

func written(m graphql.Marshaler) string {
	var text strings.Builder
	m.MarshalGQL(&text)
	return text.String()
}

func TestDateTime(t *testing.T) {
	for in, want := range map[string]string{
		"2026-01-31T08:00:00+08:00":        `"2026-01-31T00:00:00Z"`,
		"2026-01-31T00:00:00Z":             `"2026-01-31T00:00:00Z"`,
		"2026-01-31T00:00:00.120Z":         `"2026-01-31T00:00:00.12Z"`,
		"2024-02-29T23:59:59.000001-12:00": `"2024-03-01T11:59:59.000001Z"`,
		"0001-01-01T00:00:00Z":             `"0001-01-01T00:00:00Z"`,
	} {
		at, err := UnmarshalDateTime(in)
		if err != nil {
			t.Errorf("UnmarshalDateTime(%q): %v", in, err)
			continue
		}
		if got := written(MarshalDateTime(at)); got != want {
			t.Errorf("%q is written as %s, want %s", in, got, want)
		}
	}
	for _, in := range []any{"", "2026", "2026-01-31", "2026-01-31T08:00:00", "2026-02-30T00:00:00Z", "now", 1.5, nil, true, int64(5)} {
		if at, err := UnmarshalDateTime(in); !errors.Is(err, graph.ErrInvalid) || !at.IsZero() {
			t.Errorf("UnmarshalDateTime(%v) = %v, %v; want a refusal", in, at, err)
		}
	}
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		in   any
		want string
	}{
		{"12.5", `"12.5"`}, {"-0.0001", `"-0.0001"`}, {json.Number("1250"), `"1250"`}, {json.Number("0.1"), `"0.1"`}, {int64(7), `"7"`},
		{3, `"3"`}, {0.25, `"0.25"`}, {"922337203685477.5807", `"922337203685477.5807"`},
	} {
		d, err := UnmarshalDecimal(c.in)
		if got := written(MarshalDecimal(d)); err != nil || got != c.want {
			t.Errorf("%v is written as %s, %v; want %s", c.in, got, err, c.want)
		}
	}
	for _, in := range []any{"", "abc", "1e99", json.Number("1e99"), int64(math.MaxInt64), math.Inf(1), math.NaN(), true, nil, []any{}} {
		if _, err := UnmarshalDecimal(in); !errors.Is(err, graph.ErrInvalid) {
			t.Errorf("UnmarshalDecimal(%v): %v; want a refusal", in, err)
		}
	}
}

func TestValue(t *testing.T) {
	for _, c := range []struct {
		in   any
		want string
	}{
		{"family", `"family"`}, {"a\"b\n", `"a\"b\n"`}, {"", `""`}, {true, `true`}, {false, `false`}, {json.Number("2"), `2`}, {json.Number("2.50"), `2.5`},
		{int64(-3), `-3`}, {4, `4`}, {0.125, `0.125`}, {"2026-01-31", `"2026-01-31"`},
	} {
		v, err := UnmarshalValue(c.in)
		if got := written(MarshalValue(v)); err != nil || got != c.want {
			t.Errorf("%v is written as %s, %v; want %s", c.in, got, err, c.want)
		}
	}
	if got := written(MarshalValue(graph.DateValue(time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)))); got != `"2026-01-31"` {
		t.Errorf("a date is written as %s", got)
	}
	for _, in := range []any{nil, []any{"a"}, map[string]any{}, json.Number("1e999"), int64(1 << 53), -(1 << 53), json.Number("9007199254740993"), json.Number("-99999999999999999999"), math.NaN(), math.Inf(-1)} {
		if _, err := UnmarshalValue(in); !errors.Is(err, graph.ErrInvalid) {
			t.Errorf("UnmarshalValue(%v): %v; want a refusal", in, err)
		}
	}
}

func TestEnums(t *testing.T) {
	for k := graph.EmailAddress; k.Valid(); k++ {
		roundTrip(t, k, MarshalIdentityKind, UnmarshalIdentityKind)
	}
	for i := graph.View; i.Valid(); i++ {
		roundTrip(t, i, MarshalInteractionType, UnmarshalInteractionType)
	}
	for c := graph.Web; c.Valid(); c++ {
		roundTrip(t, c, MarshalChannel, UnmarshalChannel)
	}
	for _, o := range []graph.CustomerOrder{graph.ByCustomerID, graph.ByName, graph.ByNewest} {
		roundTrip(t, o, MarshalCustomerOrder, UnmarshalCustomerOrder)
	}
	for _, p := range []graph.Phase{graph.BeforePurchase, graph.DuringPurchase, graph.AfterPurchase} {
		if got := written(MarshalPhase(p)); got != `"`+p.String()+`"` {
			t.Errorf("phase %d is written as %s", p, got)
		}
	}
	for _, in := range []any{"email", "", "NONE", nil, 1, "EMAIL "} {
		if _, err := UnmarshalIdentityKind(in); !errors.Is(err, graph.ErrInvalid) {
			t.Errorf("UnmarshalIdentityKind(%v): %v", in, err)
		}
		if _, err := UnmarshalCustomerOrder(in); !errors.Is(err, graph.ErrInvalid) {
			t.Errorf("UnmarshalCustomerOrder(%v): %v", in, err)
		}
	}
	if _, err := UnmarshalPhase("BEFORE"); err == nil {
		t.Error("a phase is no input")
	}
}

func roundTrip[T comparable](t *testing.T, value T, marshal func(T) graphql.Marshaler, unmarshal func(any) (T, error)) {
	t.Helper()
	var name string
	if err := json.Unmarshal([]byte(written(marshal(value))), &name); err != nil {
		t.Fatalf("%v: %v", value, err)
	}
	if got, err := unmarshal(name); err != nil || got != value {
		t.Errorf("%s is read as %v, %v", name, got, err)
	}
}

// FuzzScalars holds that whatever is taken is written as JSON that is read as the same again.
func FuzzScalars(f *testing.F) {
	for _, seed := range []string{"12.5", "-0", "2026-01-31T08:00:00+08:00", "9999-12-31T23:59:59.999999999-23:59", "\x00\"\\", "1e-5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if d, err := UnmarshalDecimal(in); err == nil {
			roundTrip(t, d, MarshalDecimal, UnmarshalDecimal)
		}
		if at, err := UnmarshalDateTime(in); err == nil && at.UTC().Year() >= 0 && at.UTC().Year() <= 9999 {
			var text string
			if err := json.Unmarshal([]byte(written(MarshalDateTime(at))), &text); err != nil {
				t.Fatal(err)
			}
			if again, err := UnmarshalDateTime(text); err != nil || !again.Equal(at) {
				t.Errorf("%s is read as %v, %v", text, again, err)
			}
		}
		if v, err := UnmarshalValue(in); err != nil || !json.Valid([]byte(written(MarshalValue(v)))) {
			t.Errorf("text %q is written as %s, %v", in, written(MarshalValue(v)), err)
		}
	})
}
