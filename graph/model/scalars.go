package model

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"lacuna/graph"
)

// MarshalDateTime writes a moment as RFC 3339 in UTC.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		buf := make([]byte, 0, 34)
		buf = t.UTC().AppendFormat(append(buf, '"'), time.RFC3339Nano)
		_, _ = w.Write(append(buf, '"'))
	})
}

// UnmarshalDateTime reads RFC 3339 with any offset; all else is [graph.ErrInvalid].
func UnmarshalDateTime(v any) (time.Time, error) {
	text, ok := v.(string)
	if !ok {
		return time.Time{}, invalid("DateTime must be a string such as \"2026-01-31T08:00:00+08:00\"")
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, invalid("DateTime must be RFC 3339 with an offset, such as \"2026-01-31T08:00:00+08:00\"")
	}
	return t, nil
}

// MarshalDecimal writes the shortest exact form as a string.
func MarshalDecimal(d graph.Decimal) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, `"`+d.String()+`"`) })
}

// UnmarshalDecimal reads a string or a number; all else is [graph.ErrInvalid].
func UnmarshalDecimal(v any) (d graph.Decimal, err error) {
	switch n := v.(type) {
	case string:
		d, err = graph.ParseDecimal(n)
	case json.Number:
		d, err = graph.ParseDecimal(n.String())
	case int64:
		d, err = graph.DecimalFromInt(n)
	case int:
		d, err = graph.DecimalFromInt(int64(n))
	case float64:
		d, err = graph.DecimalFromFloat(n)
	default:
		err = graph.ErrInvalid
	}
	if err != nil {
		return 0, invalid("Decimal must be a decimal number as a string, such as \"12.5\", of at most 14 digits before the point")
	}
	return d, nil
}

// MarshalValue writes a string, number or boolean.
func MarshalValue(v graph.Value) graphql.Marshaler {
	switch v.Kind() {
	case graph.NumberKind, graph.BooleanKind:
		return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, v.String()) })
	default:
		return graphql.MarshalString(v.String())
	}
}

// whole gives a number that is kept exactly.
func whole(n int64) (graph.Value, error) {
	const most = 1<<53 - 1 // beyond it not every whole number is a number of JavaScript, or of ours
	if n > most || n < -most {
		return graph.Value{}, invalid("Value is a whole number too large to be kept exactly: give it as a string")
	}
	return graph.NumberValue(float64(n)), nil
}

// UnmarshalValue reads a string, number or boolean; all else is [graph.ErrInvalid], and whole numbers that cannot be kept exactly.
func UnmarshalValue(v any) (graph.Value, error) {
	switch x := v.(type) {
	case string:
		return graph.TextValue(x), nil
	case bool:
		return graph.BooleanValue(x), nil
	case int64:
		return whole(x)
	case int:
		return whole(int64(x))
	case float64:
		return number(x)
	case json.Number:
		if !strings.ContainsAny(x.String(), ".eE") {
			n, err := strconv.ParseInt(x.String(), 10, 64)
			if err != nil {
				n = math.MaxInt64 // and more
			}
			return whole(n)
		}
		f, err := strconv.ParseFloat(x.String(), 64)
		if err != nil {
			return graph.Value{}, invalid("Value is a number too large to be kept")
		}
		return number(f)
	}
	return graph.Value{}, invalid("Value must be a string, a number or a boolean")
}

func number(f float64) (graph.Value, error) {
	value := graph.NumberValue(f)
	if value.IsZero() {
		return value, invalid("Value is a number that cannot be kept")
	}
	return value, nil
}

func invalid(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, graph.ErrInvalid)...)
}
