package graphtest

import (
	"flag"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// property runs a random test with a fixed seed and so many checks, unless the command line or LACUNA_SOAK asks for
// others.
func property(t *testing.T, checks int, check func(*rapid.T)) {
	t.Helper()
	setFlag(t, "rapid.nofailfile", "true")
	if soak() {
		setFlag(t, "rapid.checks", strconv.Itoa(20*checks))
	} else {
		setFlag(t, "rapid.checks", strconv.Itoa(checks))
		setFlag(t, "rapid.seed", "20260301")
	}
	rapid.Check(t, check)
}

// setFlag sets a flag for the length of a test, unless it was given on the command line.
func setFlag(t *testing.T, name, value string) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	f := flag.Lookup(name)
	if given || f == nil {
		return
	}
	old := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatalf("set flag %s: %v", name, err)
	}
	t.Cleanup(func() {
		if err := f.Value.Set(old); err != nil {
			t.Errorf("reset flag %s: %v", name, err)
		}
	})
}
