package model

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

func TestStringColumn(t *testing.T) {
	for _, c := range []struct {
		column StringColumn
		want   []any
	}{
		{StringColumn{}, []any{}},
		{StringColumn{Names: []*string{new("a"), nil, new("\"客\"\n\u2028<")}, Codes: []uint32{2, 0, 1, 0}}, []any{"\"客\"\n\u2028<", "a", nil, "a"}},
	} {
		if diff := cmp.Diff(any(c.want), parsed(t, c.column)); diff != "" {
			t.Error(diff)
		}
	}
	if err := new(StringColumn).UnmarshalGQL([]any{"a"}); err == nil {
		t.Error("a column is taken as input")
	}
}

func TestFloatColumn(t *testing.T) {
	const least, most = math.SmallestNonzeroFloat64, math.MaxFloat64
	values := []float64{0, -1, 0.1, 1 << 53, 1e21, -2.5e-7, most, least, 7, math.NaN(), math.Inf(-1)}
	missing := make([]bool, len(values))
	missing[8] = true
	want := []any{0., -1., 0.1, float64(1 << 53), 1e21, -2.5e-7, most, least, nil, nil, nil}
	if diff := cmp.Diff(any(want), parsed(t, FloatColumn{Values: values, Missing: missing})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(any([]any{3.}), parsed(t, FloatColumn{Values: []float64{3}})); diff != "" {
		t.Errorf("nothing is missing: %s", diff)
	}
	if diff := cmp.Diff(any([]any{}), parsed(t, FloatColumn{})); diff != "" {
		t.Errorf("no rows: %s", diff)
	}
	if err := new(FloatColumn).UnmarshalGQL([]any{1}); err == nil {
		t.Error("a column is taken as input")
	}
}

func TestRuleScalar(t *testing.T) {
	rule := graph.Rule{Not: &graph.Rule{Consent: &graph.ConsentRule{Purpose: "A", Granted: true}}}
	want := map[string]any{"not": map[string]any{"consent": map[string]any{"purpose": "A", "granted": true}}}
	if diff := cmp.Diff(any(want), parsed(t, Rule{rule})); diff != "" {
		t.Error(diff)
	}
	if err := new(Rule).UnmarshalGQL(want); err == nil {
		t.Error("the scalar is taken as input")
	}
}

// parsed reads what a scalar writes.
func parsed(t *testing.T, m interface{ MarshalGQL(io.Writer) }) (v any) {
	t.Helper()
	var text bytes.Buffer
	m.MarshalGQL(&text)
	if err := json.Unmarshal(text.Bytes(), &v); err != nil {
		t.Fatalf("%s: %v", text.String(), err)
	}
	return v
}
