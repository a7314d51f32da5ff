package sqlitestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// sqliteFile makes a database with a script.
func sqliteFile(t *testing.T, path string, statements ...string) {
	t.Helper()
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := (&conn{Conn: c}).once(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		make func(t *testing.T, path string)
		opts func(o *Options)
		want error
		says string
	}{
		"a folder": {func(t *testing.T, path string) { must(t, os.Mkdir(path, 0o700)) }, nil, graph.ErrInvalid, "folder"},
		"another file": {func(t *testing.T, path string) {
			must(t, os.WriteFile(path, []byte("id,name\n1,Mei and so on\n"), 0o600))
		}, nil, graph.ErrInvalid, "some other file"},
		"a short file":            {func(t *testing.T, path string) { must(t, os.WriteFile(path, []byte("x"), 0o600)) }, nil, graph.ErrInvalid, "some other file"},
		"another program's":       {func(t *testing.T, path string) { sqliteFile(t, path, "CREATE TABLE t (a)") }, nil, graph.ErrInvalid, "another program"},
		"another program's by id": {func(t *testing.T, path string) { sqliteFile(t, path, "PRAGMA application_id = 77") }, nil, graph.ErrInvalid, "another program"},
		"a newer version": {func(t *testing.T, path string) {
			sqliteFile(t, path, fmt.Sprintf("PRAGMA application_id = %d", applicationID), "PRAGMA user_version = 99")
		}, nil, graph.ErrNewerSchema, fmt.Sprintf("version 99, this program knows up to %d", SchemaVersion)},
		"nothing":            {nil, func(o *Options) { o.CreateIfMissing = false }, graph.ErrNotFound, "no store"},
		"nothing to be read": {nil, func(o *Options) { o.ReadOnly = true }, graph.ErrNotFound, "no store"},
		"an old one read-only": {func(t *testing.T, path string) {
			sqliteFile(t, path, fmt.Sprintf("PRAGMA application_id = %d", applicationID))
		}, func(o *Options) { o.ReadOnly = true }, graph.ErrReadOnly, "older version"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			if test.make != nil {
				test.make(t, path)
			}
			opts := testOptions()
			if test.opts != nil {
				test.opts(&opts)
			}
			before, _ := os.ReadFile(path)
			s, err := Open(t.Context(), path, opts)
			if err == nil {
				must(t, s.Close())
			}
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("Open: %v, want %v with %q and the path", err, test.want, test.says)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
	t.Run("a folder that is not there", func(t *testing.T) {
		_, err := Open(t.Context(), filepath.Join(t.TempDir(), "none", "store.db"), testOptions())
		if !errors.Is(err, graph.ErrUnavailable) || !strings.Contains(err.Error(), "folder") {
			t.Errorf("Open: %v", err)
		}
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestManyOpenANewFile lets several openers make one file: one makes it, all can use it.
func TestManyOpenANewFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	stores := make([]*Store, 6)
	var wg sync.WaitGroup
	for i := range stores {
		opts := testOptions()
		wg.Go(func() {
			s, err := Open(t.Context(), path, opts)
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			stores[i] = s
			_, err = s.Write(context.WithoutCancel(t.Context()), &graph.Batch{Interactions: []graph.Interaction{event(fmt.Sprint("i", i), "c", i)}})
			if err != nil {
				t.Errorf("Write: %v", err)
			}
		})
	}
	wg.Wait()
	created := 0
	for _, s := range stores {
		if s == nil {
			continue
		}
		if s.Created() {
			created++
		}
		stats, err := s.Stats(t.Context())
		if err != nil || stats.Interactions != int64(len(stores)) {
			t.Errorf("Stats: %+v, %v", stats, err)
		}
		must(t, s.Close())
	}
	if created != 1 {
		t.Errorf("%d handles say that they made the file, want 1", created)
	}
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	w := open(t, path, testOptions())
	write(t, w, graph.Batch{Interactions: []graph.Interaction{event("i", "c", 1)}})
	opts := testOptions()
	opts.ReadOnly = true
	check := func() {
		t.Helper()
		s := open(t, path, opts)
		stats, err := s.Stats(t.Context())
		if err != nil || stats.Interactions != 1 {
			t.Errorf("Stats: %+v, %v", stats, err)
		}
		if _, err := s.Write(t.Context(), &graph.Batch{Interactions: []graph.Interaction{event("j", "c", 1)}}); !errors.Is(err, graph.ErrReadOnly) {
			t.Errorf("Write: %v, want ErrReadOnly", err)
		}
		must(t, s.Close())
	}
	check()
	must(t, w.Close())
	check()
}

// TestCloseLeavesOneFile checks that after Close the file alone is the store.
func TestCloseLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	s := open(t, path, testOptions())
	write(t, s, graph.Batch{Interactions: events(0, 1000, 10), CreateMissing: true})
	must(t, s.Close())
	must(t, s.Close())
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) != 1 {
		t.Errorf("%d files are left, want 1: %v", len(entries), entries)
	}
	if _, err := s.Stats(t.Context()); !errors.Is(err, graph.ErrClosed) {
		t.Errorf("Stats after Close: %v", err)
	}
	s = open(t, path, testOptions())
	if stats, err := s.Stats(t.Context()); err != nil || stats.Interactions != 1000 || s.Created() {
		t.Errorf("Stats: %+v, %v", stats, err)
	}
}

// TestDamagedFile overwrites the middle of a file.
func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, testOptions())
	write(t, s, graph.Batch{Interactions: events(0, 2000, 10), CreateMissing: true})
	must(t, s.Close())
	data, err := os.ReadFile(path)
	must(t, err)
	for i := len(data) / 4; i < len(data); i++ {
		data[i] = 0xa5
	}
	must(t, os.WriteFile(path, data, 0o600))
	s, err = Open(t.Context(), path, testOptions())
	if err == nil {
		_, err = s.Changes(t.Context(), "", 10_000)
		must(t, s.Close())
	}
	if !errors.Is(err, graph.ErrDamaged) {
		t.Errorf("reading a damaged file: %v, want ErrDamaged", err)
	}
}

// TestFullDisk limits the file: what was acknowledged stays, and writing goes on once there is room.
func TestFullDisk(t *testing.T) {
	s := fresh(t)
	write(t, s, catalog())
	pages, err := s.writer.number("PRAGMA page_count")
	must(t, err)
	_, err = s.writer.once(fmt.Sprintf("PRAGMA max_page_count = %d", pages+200))
	must(t, err)
	done := 0
	for ; done < 100; done++ {
		if _, err = s.Write(t.Context(), &graph.Batch{Interactions: events(done*1000, 1000, 100)}); err != nil {
			break
		}
	}
	if !errors.Is(err, graph.ErrUnavailable) || !strings.Contains(err.Error(), "disk is full") {
		t.Fatalf("Write to a full disk: %v, want ErrUnavailable", err)
	}
	err = s.Bulk(t.Context(), func(w graph.Writer) error {
		_, err := w.Write(t.Context(), &graph.Batch{Interactions: events(500_000, 50_000, 100)})
		return err
	})
	if !errors.Is(err, graph.ErrUnavailable) {
		t.Errorf("Bulk to a full disk: %v, want ErrUnavailable", err)
	}
	if stats, err := s.Stats(t.Context()); err != nil || stats.Interactions != int64(done*1000) {
		t.Errorf("%d interactions are left, want %d (%v)", stats.Interactions, done*1000, err)
	}
	_, err = s.writer.once("PRAGMA max_page_count = 1000000")
	must(t, err)
	write(t, s, graph.Batch{Interactions: events(done*1000, 1000, 100)})
}
