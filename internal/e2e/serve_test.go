package e2e

import (
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// TestDemo holds what `make run` shows: it listens where LACUNA_ADDR says, answers what it prints, and leaves nothing.
func TestDemo(t *testing.T) {
	folder, temporary := t.TempDir(), t.TempDir()
	r := start(t, folder, []string{"LACUNA_ADDR=127.0.0.1:0", "TMPDIR=" + temporary}, "demo")
	if !strings.HasPrefix(r.url, "http://127.0.0.1:") || strings.HasSuffix(r.url, ":0") {
		t.Errorf("it listens on %s", r.url)
	}
	data := ask(t, r.url, `{ `+meiByEmail+` { name interactions(first: 5) { totalCount nodes { at type product { name } category { name(lang: "zh") } } } } status { store customers } }`, nil)
	if len(at(data, "customer", "interactions", "nodes").([]any)) != 5 || at(data, "status", "customers").(float64) < 8_000 {
		t.Errorf("it answers %v", data)
	}
	for path, want := range map[string]string{"/readyz": "ready", "/healthz": "ok", "/metrics": "lacuna_http_requests_total"} {
		if a := send(t, http.MethodGet, r.url+path, ""); a.Status != http.StatusOK || !strings.Contains(a.Text, want) {
			t.Errorf("%s is %d %.100s", path, a.Status, a.Text)
		}
	}
	code, said := r.stop(t)
	if code != 0 || strings.Contains(said, "listening on") {
		t.Errorf("it ended with %d: %s", code, said)
	}
	if left := append(listing(t, folder), listing(t, temporary)...); len(left) > 0 {
		t.Errorf("it leaves %v", left)
	}
}

// TestLoadWhileServing holds that files loaded into the file of a running server are answered within five seconds, and
// that what a client wrote survives a restart.
func TestLoadWhileServing(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, nil, "serve", "--addr", "127.0.0.1:0", "--store", "sqlite:shop.db")
	if !slices.ContainsFunc(r.before, func(line string) bool { return strings.Contains(line, "created shop.db") }) {
		t.Errorf("it does not say that it made the file: %v", r.before)
	}
	if data := ask(t, r.url, `{ status { store customers interactions asOf ageSeconds } }`, nil); at(data, "status", "customers") != 0.0 || at(data, "status", "asOf") != nil {
		t.Errorf("an empty store is %v", data)
	}
	write(t, folder, "customers.csv", "id,name,identities\nc1,Mei Chen,EMAIL:mei@example.com;verified|PHONE:+886912345678\n")
	write(t, folder, "interactions.csv", "id,type,at,customer,product,amount,currency\ni1,PURCHASE,2026-10-01T12:30:00+08:00,c1,p7,1250,TWD\ni2,VIEW,2026-10-02,EMAIL:mei@example.com,p8,,\n")
	stdout, stderr, code := run(t, folder, "load", "customers.csv", "interactions.csv", "--store", "sqlite:shop.db", "--create-missing", "--zone", "Asia/Taipei")
	if code != 0 || !strings.Contains(stdout, "accepted") || strings.Contains(stderr, "created") {
		t.Fatalf("load ended with %d: %s%s", code, stdout, stderr)
	}
	const query = `{ customer(by: {identity: {kind: EMAIL, value: "mei@example.com"}}) { id interactions { totalCount nodes { id at amount product { id } } } } }`
	eventually(t, 5*time.Second, "what was loaded", func() bool {
		return at(ask(t, r.url, query, nil), "customer", "interactions", "totalCount") == 2.0
	})
	if got := at(ask(t, r.url, query, nil), "customer", "interactions", "nodes", 0); at(got, "id") != "i2" || at(got, "at") != "2026-10-01T16:00:00Z" {
		t.Errorf("a date alone is midnight in the zone, not %v", got)
	}
	ask(t, r.url, `mutation { upsertCustomers(input: [{id: "c1", household: "h1"}]) { accepted } }`, nil)
	if code, said := r.stop(t); code != 0 {
		t.Errorf("it ended with %d: %s", code, said)
	}
	again := start(t, folder, []string{"LACUNA_STORE=sqlite:shop.db"}, "serve", "--addr=127.0.0.1:0")
	if slices.ContainsFunc(again.before, func(line string) bool { return strings.Contains(line, "created") }) {
		t.Errorf("it says that it made the file again: %v", again.before)
	}
	if data := ask(t, again.url, `{ customer(by: {id: "c1"}) { household { id members { id } } } }`, nil); at(data, "customer", "household", "members", 0, "id") != "c1" {
		t.Errorf("after a restart: %v", data)
	}
	if code, said := again.stop(t); code != 0 {
		t.Errorf("it ended with %d: %s", code, said)
	}
	if left, err := filepath.Glob(filepath.Join(folder, "shop.db-*")); err != nil || len(left) > 0 {
		t.Errorf("beside the store there are %v, %v", left, err)
	}
}

// badStores makes files that are no stores of this version: newer.db, text.db and other.db.
func badStores(t *testing.T, folder string) {
	t.Helper()
	change := func(name, statement string) {
		t.Helper()
		conn, err := sqlite.OpenConn(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(sqlitex.ExecuteTransient(conn, statement, nil), conn.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if _, stderr, code := run(t, folder, "load", filepath.Join(sampleFolder(t), "categories.csv"), "--store", "sqlite:newer.db"); code != 0 {
		t.Fatal(stderr)
	}
	change("newer.db", "PRAGMA user_version = 9999")
	change("other.db", "CREATE TABLE t (a)")
	write(t, folder, "text.db", strings.Repeat("This is no database. ", 100))
}

// TestServeRefuses holds that what cannot be served ends at once, with the reason and what to do.
func TestServeRefuses(t *testing.T) {
	folder := t.TempDir()
	badStores(t, folder)
	busy, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for _, c := range []struct {
		arguments []string
		code      int
		says      []string
	}{
		{[]string{"--addr", "0.0.0.0:0"}, 2, []string{"--addr", "127.0.0.1", "authentication"}},
		{[]string{"--addr", ":0"}, 2, []string{"127.0.0.1"}},
		{[]string{"--addr", busy.Addr().String()}, 1, []string{"in use", busy.Addr().String(), "--addr"}},
		{[]string{"--addr", "localhost"}, 2, []string{"HOST:PORT"}},
		{[]string{"--addr", "127.0.0.1:0", "--store", "sqlite:newer.db"}, 1, []string{"newer.db", "version"}},
		{[]string{"--addr", "127.0.0.1:0", "--store", "sqlite:text.db"}, 1, []string{"text.db"}},
		{[]string{"--addr", "127.0.0.1:0", "--store", "sqlite:other.db"}, 1, []string{"other.db", "another program"}},
		{[]string{"--addr", "127.0.0.1:0", "--store", "sqlite:none/there.db"}, 1, []string{"none/there.db", "folder"}},
		{[]string{"--addr", "127.0.0.1:0", "--store", "sqlite:."}, 1, []string{"."}},
		{[]string{"--addr", "127.0.0.1:0", "--store", "bolt://user:secret@127.0.0.1:1/neo4j"}, 1, []string{"bolt://user@127.0.0.1:1/neo4j", "cannot be reached"}},
		{[]string{"--store", "neo4j://user@host:7687/neo4j"}, 2, []string{"LACUNA_NEO4J_PASSWORD"}},
		{[]string{"--store", "postgres://x"}, 2, []string{"sqlite:PATH"}},
		{[]string{"--store", "sqlite:"}, 2, []string{"sqlite:PATH"}},
		{[]string{"extra"}, 2, []string{"extra"}},
		{[]string{"--nope"}, 2, []string{"--nope"}},
	} {
		stdout, stderr, code := run(t, folder, append([]string{"serve"}, c.arguments...)...)
		if code != c.code || stdout != "" {
			t.Errorf("%v ended with %d, want %d: %s%s", c.arguments, code, c.code, stdout, stderr)
		}
		for _, says := range c.says {
			if !strings.Contains(stderr, says) {
				t.Errorf("%v does not say %q: %s", c.arguments, says, stderr)
			}
		}
		if strings.Contains(stderr, "listening on") || strings.Contains(stderr, "secret") || strings.Contains(stderr, "goroutine") {
			t.Errorf("%v says %s", c.arguments, stderr)
		}
	}
}
