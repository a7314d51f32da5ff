package rows

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func view(t *testing.T, name string) View {
	t.Helper()
	v, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestOptions holds how parameters are read.
func TestOptions(t *testing.T) {
	for _, c := range []struct {
		view  string
		given Given
		want  Options
	}{
		{"customers", Given{}, Options{}},
		{"demand", Given{"by": {"segment", " Category "}, "measures": {"revenue"}, "segments": {"a,b"}}, Options{By: []string{"SEGMENT", "CATEGORY"}, Measures: []string{"REVENUE"}, Segments: []string{"a,b"}}},
		{"demand", Given{"by": {"ATTRIBUTE"}, "attribute": {"city"}}, Options{By: []string{"ATTRIBUTE"}, Attribute: "city"}},
		{"demand", Given{"grain": {"day"}}, Options{Grain: "DAY"}},
		{"gaps", Given{"segments": {"everyone"}, "categories": {"k"}, "verdicts": {"watch"}, "level": {"all"}, "growing": {"TRUE"}, "minCustomers": {"5"}, "asOf": {"2026-01-31T00:00:00+08:00"}},
			Options{Segments: []string{"everyone"}, Categories: []string{"k"}, Verdicts: []string{"WATCH"}, Level: "ALL", Growing: true, MinCustomers: 5, AsOf: "2026-01-31T00:00:00+08:00"}},
	} {
		got, err := view(t, c.view).Options(c.given)
		if err != nil {
			t.Errorf("%s %v: %v", c.view, c.given, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %v: %s", c.view, c.given, diff)
		}
	}
}

// TestOptionsRefused holds what is refused, and that the refusal names what there is.
func TestOptionsRefused(t *testing.T) {
	for _, c := range []struct {
		view  string
		given Given
		says  string
	}{
		{"customers", Given{"asOf": {"2026-01-31T00:00:00Z"}}, `"asOf": the view customers has no such parameter: use more`},
		{"population", Given{"segments": {"a"}}, "use asOf, more"},
		{"segments", Given{"grain": {"DAY"}}, "use segments, asOf, more"},
		{"gaps", Given{"by": {"SEGMENT"}}, "use segments, categories, verdicts, level, growing, minCustomers, asOf, more"},
		{"gaps", Given{strings.Repeat("x", 500): {"1"}}, `"` + strings.Repeat("x", 40) + `":`},
		{"gaps", Given{"growing": {"false"}}, "growing: use true"},
		{"gaps", Given{"minCustomers": {"-1"}}, "minCustomers: must be a whole number"},
		{"gaps", Given{"minCustomers": {"99999999999"}}, "minCustomers: must be a whole number"},
		{"gaps", Given{"level": {"TOP"}}, "level: use RANKED or LEAF or ALL"},
		{"gaps", Given{"segments": {}}, "segments: is empty"},
		{"gaps", Given{"segments": {"a", ""}}, "segments: is empty"},
		{"gaps", Given{"segments": {"a", "a"}}, "segments: names a value twice"},
		{"gaps", Given{"asOf": {"yesterday"}}, "asOf: must be a moment in RFC 3339"},
		{"demand", Given{"by": {"CATEGORY", "category"}}, "by: names a value twice"},
		{"demand", Given{"by": {"NOPE"}}, "by: use SEGMENT, CATEGORY, PRODUCT, CHANNEL, PERIOD, ATTRIBUTE"},
		{"demand", Given{"by": {"ATTRIBUTE"}}, "attribute: is required"},
		{"demand", Given{"attribute": {"city"}}, "attribute: says what the dimension ATTRIBUTE means"},
		{"demand", Given{"by": {"CATEGORY"}, "grain": {"DAY"}}, "grain: says how long a PERIOD is"},
	} {
		_, err := view(t, c.view).Options(c.given, "more")
		if wrong, ok := errors.AsType[*ParameterError](err); !ok || !strings.Contains(wrong.Error(), c.says) || len(wrong.Error()) > 300 {
			t.Errorf("%s %v: %v, want %s", c.view, c.given, err, c.says)
		}
	}
}

// TestTaken holds that each view says what it takes, and takes nothing that there is not.
func TestTaken(t *testing.T) {
	for _, v := range Views() {
		names, ok := taken[v.Name]
		if !ok || len(names) != len(v.Parameters()) {
			t.Errorf("%s takes %v", v.Name, names)
		}
	}
	if len(taken) != len(Views()) {
		t.Errorf("%d views, %d say what they take", len(Views()), len(taken))
	}
}
