package planted

import (
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// The same options give the same files; another seed gives others.
func TestSameSeedSameFiles(t *testing.T) {
	sums := map[string]map[[32]byte]bool{}
	for i, seed := range []uint64{3, 3, 4} {
		dir := t.TempDir()
		if _, err := Write(dir, Options{Seed: seed, Customers: 1_000}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"categories.csv", "products.csv", "customers.csv", "interactions.csv", "segments.ndjson", TruthFile} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || len(text) == 0 {
				t.Fatal(name, err)
			}
			if sums[name] == nil {
				sums[name] = map[[32]byte]bool{}
			}
			sums[name][sha256.Sum256(text)] = true
		}
		for name, seen := range sums {
			switch {
			case i < 2 && len(seen) != 1:
				t.Errorf("%s: the same options gave different files", name)
			case i == 2 && name == "interactions.csv" && len(seen) != 2:
				t.Errorf("%s: another seed gave the same file", name)
			}
		}
	}
}

// Nothing planted means that nothing is served worse than it should be, and hardly anything grows beyond the drift that is asked for.
func TestNothingPlanted(t *testing.T) {
	dir := t.TempDir()
	if _, err := Write(dir, Options{Customers: 1_000, Plant: []string{"none"}, Confounders: []string{"none"}}); err != nil {
		t.Fatal(err)
	}
	truth := readTruth(t, dir)
	for _, c := range truth.Cells {
		if c.Unmet > 1e-9 || c.Cause != "" {
			t.Fatalf("nothing is planted, but %+v", c)
		}
	}
	if len(truth.Plants) > 0 || len(truth.Cells) == 0 {
		t.Errorf("%d plants, %d cells", len(truth.Plants), len(truth.Cells))
	}
}

func TestUnknownKindIsRefused(t *testing.T) {
	if _, err := Write(t.TempDir(), Options{Plant: []string{"gold"}}); err == nil {
		t.Error("gold was planted")
	}
	if _, err := Write(t.TempDir(), Options{Weeks: 20}); err == nil {
		t.Error("20 weeks were made")
	}
}

func readTruth(t *testing.T, dir string) *Truth {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, TruthFile))
	if err != nil {
		t.Fatal(err)
	}
	var truth Truth
	if err := json.Unmarshal(text, &truth); err != nil {
		t.Fatal(err)
	}
	return &truth
}
