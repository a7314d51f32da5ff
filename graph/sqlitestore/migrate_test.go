package sqlitestore

import (
	"fmt"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// TestMigrationsFromEveryVersion makes a file of each version by its scripts and opens it: the schema must end up as that of a
// new file.
func TestMigrationsFromEveryVersion(t *testing.T) {
	schema := func(s *Store) (text string) {
		must(t, s.writer.rows("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name", func(st *sqlite.Stmt) error {
			text += st.ColumnText(0) + "\n"
			return nil
		}))
		return text
	}
	want := schema(fresh(t))
	for version := 1; version <= SchemaVersion; version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
			must(t, err)
			for v := 1; v <= version; v++ {
				script, err := migrationScript(v)
				must(t, err)
				must(t, sqlitex.ExecuteScript(c, script, nil))
			}
			must(t, foundStore(&conn{Conn: c}, testRand()))
			must(t, sqlitex.ExecuteTransient(c, fmt.Sprintf("PRAGMA user_version = %d", version), nil))
			must(t, c.Close())
			s := open(t, path, testOptions())
			if got := schema(s); got != want {
				t.Errorf("schema migrated from version %d:\n%s\nwant:\n%s", version, got, want)
			}
			if s.Created() {
				t.Error("Created() = true for a file that was there")
			}
		})
	}
	if _, err := migrationScript(SchemaVersion + 1); err == nil {
		t.Error("there is a script beyond SchemaVersion")
	}
}
