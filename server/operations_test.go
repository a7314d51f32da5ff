package server

import (
	"fmt"
	"strings"
	"testing"
)

// TestOperationNames holds that a name that is used becomes a label, and that no client makes many or odd ones.
func TestOperationNames(t *testing.T) {
	names := newOperationNames()
	for i := range namesEarn {
		want := nameOther
		if i == namesEarn-1 {
			want = "Profile"
		}
		if got := names.label("Profile", true); got != want {
			t.Errorf("use %d of a name counts as %q, want %q", i+1, got, want)
		}
	}
	if got := names.label("Profile", false); got != "Profile" {
		t.Errorf("a failure of a known name counts as %q", got)
	}
	long := strings.Repeat("x", nameBytes+1)
	for range 2 * namesEarn {
		if got := names.label("Refused", false); got != nameOther {
			t.Errorf("a name that was never answered counts as %q", got)
		}
		if got := names.label(long, true); got != nameOther {
			t.Errorf("a long name counts as %q", got)
		}
	}
	if got := names.label("", true); got != nameNone {
		t.Errorf("no name counts as %q", got)
	}
	labels := map[string]bool{}
	for i := range 3 * namesKept {
		for range namesEarn {
			labels[names.label(fmt.Sprint("n", i), true)] = true
		}
	}
	if len(labels) != namesKept { // with "other", without the one of before
		t.Errorf("there are %d labels", len(labels))
	}
	for i := range 10 * namesAwaited {
		names.label(fmt.Sprint("once", i), true)
	}
	if n := names.awaited.Len(); n > namesAwaited {
		t.Errorf("%d names are awaited", n)
	}
}

// TestOperationMetrics holds that operations are told apart by their names.
func TestOperationMetrics(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	for range namesEarn {
		ask(t, s, `query Store { status { store } }`, nil)
	}
	ask(t, s, `query Once { status { store } }`, nil)
	text := get(t, s, "/metrics").Text
	for line, want := range map[string]bool{
		`lacuna_graphql_operations_total{code="OK",name="Store",type="query"} 1`:                          true,
		fmt.Sprintf(`lacuna_graphql_operations_total{code="OK",name="other",type="query"} %d`, namesEarn): true, // the first nine, and Once
		`name="Once"`: false,
	} {
		if strings.Contains(text, line) != want {
			t.Errorf("/metrics has %s: %v", line, !want)
		}
	}
}
