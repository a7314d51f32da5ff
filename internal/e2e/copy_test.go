package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"lacuna/graph"
	"lacuna/graph/sqlitestore"
)

// TestCopy holds that a copy is whole or refused: one that was cut off is no store, and the same command finishes it.
func TestCopy(t *testing.T) {
	folder := t.TempDir()
	source, target := filepath.Join(folder, "source.db"), filepath.Join(folder, "target.db")
	if _, stderr, code := runWith(t, folder, nil, "load", sampleFolder(t), "--store", "sqlite:"+source); code != 0 && code != 3 {
		t.Fatal(stderr)
	}
	cutOff(t, source, target, 3)
	for _, command := range [][]string{{"serve", "--addr", "127.0.0.1:0"}, {"load", sampleFolder(t)}, {"export", "customers"}} {
		if _, stderr, code := runWith(t, folder, nil, append(command, "--store", "sqlite:"+target)...); code != 1 || !strings.Contains(stderr, "unfinished copy") {
			t.Errorf("%s: %d: %s", command[0], code, stderr)
		}
	}
	copying := []string{"copy", "--from", "sqlite:" + source, "--to", "sqlite:" + target}
	if stdout, stderr, code := runWith(t, folder, nil, copying...); code != 0 || !strings.HasPrefix(stdout, "copied ") {
		t.Fatalf("%d: %s%s", code, stdout, stderr)
	}
	exported := func(path string) string {
		stdout, stderr, code := runWith(t, folder, nil, "export", "customers", "--store", "sqlite:"+path, "--format", "csv")
		if code != 0 {
			t.Fatal(stderr)
		}
		return stdout
	}
	if want, got := exported(source), exported(target); want != got || strings.Count(want, "\n") < 3 {
		t.Errorf("the copy exports other customers:\n%s\n%s", want, got)
	}
	for _, c := range []struct {
		arguments []string
		code      int
		says      string
	}{
		{copying, 1, "something in the store already"},
		{[]string{"copy", "--from", "sqlite:" + source}, 2, "Name both stores"},
		{[]string{"copy", "--from", "sqlite:" + source, "--to", "sqlite:" + source}, 2, "into itself"},
		{[]string{"copy", "--from", "sqlite:" + filepath.Join(folder, "none.db"), "--to", "sqlite:" + target}, 1, "none.db"},
		{[]string{"copy", "--from", "file.db", "--to", "sqlite:" + target}, 2, "--from: use sqlite:PATH"},
	} {
		if _, stderr, code := runWith(t, folder, nil, c.arguments...); code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%v: %d: %s", c.arguments, code, stderr)
		}
	}
	t.Run("of a source that has changed meanwhile", func(t *testing.T) {
		begun := filepath.Join(folder, "begun.db")
		cutOff(t, source, begun, 2)
		s, err := sqlitestore.Open(t.Context(), source, sqlitestore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(t.Context(), &graph.Batch{Customers: []graph.CustomerUpsert{{ID: "another", Source: "test"}}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, stderr, code := runWith(t, folder, nil, "copy", "--from", "sqlite:"+source, "--to", "sqlite:"+begun); code != 1 || !strings.Contains(stderr, "the source has changed") {
			t.Errorf("%d: %s", code, stderr)
		}
	})
}

// cutOff copies a few portions.
func cutOff(t *testing.T, source, target string, portions int64) {
	t.Helper()
	from, err := sqlitestore.Open(t.Context(), source, sqlitestore.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	to, err := sqlitestore.Open(t.Context(), target, sqlitestore.Options{CreateIfMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	var at graph.Restoration
	for p, err := range from.Export(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Header != nil {
			at.Version = p.Header.Version
		}
		if at.Portions == portions {
			break
		}
		if err := to.Restore(t.Context(), at, p); err != nil {
			t.Fatal(err)
		}
		at.Portions++
	}
	for _, s := range []graph.Store{from, to} {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
