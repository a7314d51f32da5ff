package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"lacuna/graph/sqlitestore"
)

const (
	killedRows      = 120_000
	killedCustomers = 3_000
)

// TestKilledLoads kills a load at random moments, ten times into an empty store and ten times into a filled one, and then
// lets it end: everything is there once. LACUNA_SOAK=1 kills a hundred times each.
func TestKilledLoads(t *testing.T) {
	kills := 10
	if os.Getenv("LACUNA_SOAK") != "" {
		kills = 100
	}
	for _, c := range []struct {
		name   string
		filled int // rows of another file that are stored before
	}{{"into an empty store", 0}, {"into a filled store", 1_000}} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			if c.filled > 0 {
				writeInteractions(t, filepath.Join(folder, "before", "interactions.csv"), "b", c.filled)
				load(t, folder, 0, "before")
			}
			writeInteractions(t, filepath.Join(folder, "files", "interactions.csv"), "i", killedRows)
			random := rand.New(rand.NewPCG(1, uint64(c.filled)))
			died := 0
			for range kills {
				if killLoad(t, folder, time.Duration(random.IntN(600))*time.Millisecond) {
					died++
				}
			}
			if died == 0 {
				t.Error("no load was killed on its way: they are too quick, or the moments badly chosen")
			}
			s := load(t, folder, 0, "files")
			if s.Accepted+s.Duplicates != killedRows || s.Rejected != 0 {
				t.Errorf("after %d kills: %+v", died, s.counts)
			}
			if again := load(t, folder, 0, "files"); again.Duplicates != killedRows {
				t.Errorf("a load after all was stored: %+v", again.counts)
			}
			store, err := sqlitestore.Open(t.Context(), filepath.Join(folder, "lacuna.db"), sqlitestore.Options{ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			stats, err := store.Stats(t.Context())
			if err != nil || stats.Interactions != int64(killedRows+c.filled) || stats.Customers != killedCustomers {
				t.Errorf("stored are %+v, %v", stats, err)
			}
		})
	}
}

// killLoad starts a load and kills it after a while; it tells whether the load died by that.
func killLoad(t *testing.T, folder string, after time.Duration) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	err := commandUntil(ctx, t, folder, "load", "files").Run()
	var exit *exec.ExitError
	return errors.As(err, &exit) && !exit.Exited()
}

func writeInteractions(t *testing.T, path, prefix string, rows int) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, "id,type,at,customer")
	for i := range rows {
		at := time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC).Format(time.RFC3339)
		fmt.Fprintf(w, "%s%07d,VIEW,%s,c%05d\n", prefix, (i*7919)%rows, at, i%killedCustomers)
	}
	if err := errors.Join(w.Flush(), file.Close()); err != nil {
		t.Fatal(err)
	}
}
