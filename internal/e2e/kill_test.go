package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	killedRows      = 120_000
	killedCustomers = 3_000
)

// TestKilledLoads kills a load at random moments, ten times into an empty store and ten times into a filled one that is
// served meanwhile, and then lets it end: everything is there once. LACUNA_SOAK=1 kills a hundred times each.
func TestKilledLoads(t *testing.T) {
	for _, c := range []struct {
		name   string
		filled int // rows of another file that are stored before, and served
	}{{"into an empty store", 0}, {"into a filled store", 1_000}} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			var r *running
			if c.filled > 0 {
				writeInteractions(t, filepath.Join(folder, "before", "interactions.csv"), "b", c.filled)
				load(t, folder, 0, "before")
				r = start(t, folder, nil, "serve", "--addr", "127.0.0.1:0")
			}
			writeInteractions(t, filepath.Join(folder, "files", "interactions.csv"), "i", killedRows)
			random := rand.New(rand.NewPCG(1, uint64(c.filled)))
			died := 0
			for range interruptions() {
				if killLoad(t, folder, time.Duration(random.IntN(600))*time.Millisecond) {
					died++
				}
				if r != nil {
					if n := stored(t, r, "interactions"); n < float64(c.filled) || n > float64(c.filled+killedRows) {
						t.Errorf("after a kill %v interactions are served", n)
					}
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
			if r == nil {
				r = start(t, folder, nil, "serve", "--addr", "127.0.0.1:0")
			}
			eventually(t, 5*time.Second, "everything once", func() bool {
				return stored(t, r, "interactions") == float64(killedRows+c.filled) && stored(t, r, "customers") == killedCustomers
			})
			if code, said := r.stop(t); code != 0 {
				t.Errorf("serve ended with %d: %s", code, said)
			}
		})
	}
}

func interruptions() int {
	if os.Getenv("LACUNA_SOAK") != "" {
		return 100
	}
	return 10
}

// stored gives a number of the status that a server answers with.
func stored(t *testing.T, r *running, what string) float64 {
	t.Helper()
	return at(ask(t, r.url, `{ status { interactions customers } }`, nil), "status", what).(float64)
}

// TestInterruptedLoads asks loads to end at random moments: each tells exactly what it stored, and the next goes on.
func TestInterruptedLoads(t *testing.T) {
	folder := t.TempDir()
	writeInteractions(t, filepath.Join(folder, "before", "interactions.csv"), "b", 1)
	writeInteractions(t, filepath.Join(folder, "files", "interactions.csv"), "i", killedRows)
	load(t, folder, 0, "before")
	random := rand.New(rand.NewPCG(7, 7))
	var accepted int64
	for range interruptions() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(300))*time.Millisecond)
		cmd := commandUntil(ctx, t, folder, "load", "--json", "files")
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		cancel()
		if stdout.Len() == 0 { // it was told so before it began
			continue
		}
		var s summary
		if err := json.Unmarshal(stdout.Bytes(), &s); err != nil {
			t.Fatalf("%v: %s%s", err, &stdout, &stderr)
		}
		accepted += s.Accepted
		if code := cmd.ProcessState.ExitCode(); code != 0 && (code != 1 || !strings.Contains(stderr.String(), "interrupted")) {
			t.Errorf("it ended with %d, %v: %s", code, err, &stderr)
		}
	}
	last := load(t, folder, 0, "files")
	if accepted+last.Accepted != killedRows || last.Accepted+last.Duplicates != killedRows {
		t.Errorf("interrupted loads told of %d, the last one is %+v", accepted, last.counts)
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
