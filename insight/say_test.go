package insight

import (
	"math"
	"testing"
)

func TestRoughly(t *testing.T) {
	for in, want := range map[float64]string{0: "0", .4: "0", 35.4: "35", 99.4: "99", 100: "100", 1234: "1 200", 704838: "700 000", 1_270_000: "1 300 000", -12_345: "-12 000", -999: "-1 000", 996: "1 000"} {
		if got := roughly(in); got != want {
			t.Errorf("%g is %q, want %q", in, got, want)
		}
	}
}

func TestValuesOfSearches(t *testing.T) {
	of := func(values ...string) (list []*Evidence) {
		for i, v := range values {
			list = append(list, &Evidence{ID: "SEARCHED_FOR:nights=" + v, Customers: 10 - i})
		}
		return list
	}
	for want, list := range map[string][]*Evidence{
		"nights 4 (10 customers), 3 (9 customers), 5 (8 customers), from 2 to 5 in all": of("4", "3", "5", "2"),
		"nights one (10 customers), two (9 customers)":                                  of("one", "two"),
	} {
		if got := valuesOf("nights", list); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The matrix of values has the middle of each cell's value.
func TestMatrixOfValues(t *testing.T) {
	g := lackingGaps(t, 0)
	m, err := g.Matrix(t.Context(), []string{"families", Everyone}, []string{"missing", "shelf1"}, CellValue)
	if err != nil {
		t.Fatal(err)
	}
	for i, segment := range m.Segments {
		for j, category := range m.Categories {
			values, _, err := g.Values(t.Context(), []GapRef{refOf(t, g, segment, category)})
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Values[i][j]; values[0] == nil && !math.IsNaN(got) || values[0] != nil && got != values[0].Mid {
				t.Errorf("%s × %s: %g, want %+v", segment, category, got, values[0])
			}
		}
	}
	if !(m.Values[0][0] > 0) {
		t.Errorf("%+v", m.Values)
	}
}

// Nothing that is estimated is certain.
func TestChance(t *testing.T) {
	for in, want := range map[float64]string{1: "over 99.9 %", .9996: "over 99.9 %", .9994: "99.9 %", .951: "95.1 %", 0: "0.0 %"} {
		if got := chance(in); got != want {
			t.Errorf("%g is %q, want %q", in, got, want)
		}
	}
}
