package graphtest

import (
	"context"
	"io"
	"os"
	"testing"
	"time"

	"lacuna/graph"
)

// Options are what the suite hands to a store that it opens.
type Options struct {
	Clock func() time.Time // never nil; safe for concurrent use
	Rand  io.Reader        // never nil; safe for concurrent use; every opening gets other bytes
}

// Factory makes stores. The suite uses one location at a time and closes every store that it opened there before it
// asks for the next location, so that a server with a single database may empty it in NewLocation.
type Factory struct {
	// NewLocation names a place at which no store is yet: a file's path, a server's address. What lies there is removed
	// when the test ends.
	NewLocation func(t testing.TB) string

	// Open opens the store at a location and creates it if there is none. Opening a location again while it is open
	// gives a second handle, as another process would have. It is called without a test in a process that is to be
	// killed.
	Open func(ctx context.Context, location string, o Options) (graph.Store, error)
}

// role is a group of promises.
type role struct {
	name string
	run  func(t *testing.T, f Factory)
}

// roles lists what a store is tried for. The crash role needs a process of its own and stands apart.
var roles = []role{
	{"writes", testWrites},
	{"customers", testCustomers},
	{"identities", testIdentities},
	{"lineage", testLineage},
	{"consents", testConsents},
	{"interactions", testInteractions},
	{"pages", testPages},
	{"filters", testFilters},
	{"profiles", testProfiles},
	{"find", testFind},
	{"catalog", testCatalog},
	{"products", testProducts},
	{"attributes", testAttributes},
	{"segments", testSegments},
	{"feed", testFeed},
	{"scan", testScan},
	{"merge", testMerge},
	{"unmerge", testUnmerge},
	{"retract", testRetract},
	{"erase", testErase},
	{"quality", testQuality},
	{"memberships", testMemberships},
	{"lacks", testLacks},
	{"gaps", testGapLog},
	{"archive", testArchive},
	{"bulk", testBulk},
	{"limits", testLimits},
	{"text", testText},
	{"time", testTime},
	{"errors", testErrors},
	{"concurrency", testConcurrency},
	{"handles", testHandles},
	{"model", testModel},
}

// Run checks that stores made by f keep every promise of the port. Call it from a test of its own, at the top or as a
// subtest: to be killed, the test binary runs that same test in a child process, where Run only writes.
func Run(t *testing.T, f Factory) {
	if f.NewLocation == nil || f.Open == nil {
		t.Fatal("graphtest.Factory needs NewLocation and Open")
	}
	if InChild() {
		runChild(t, f, os.Stdout)
		return
	}
	t.Run("crash", func(t *testing.T) { testCrash(t, f) })
	runRoles(t, f)
}

func runRoles(t *testing.T, f Factory) {
	for _, r := range roles {
		t.Run(r.name, func(t *testing.T) { r.run(t, f) })
	}
}

// soak tells whether the full counts of random tests and kills are asked for.
func soak() bool { return os.Getenv("LACUNA_SOAK") == "1" }
