package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// askAs asks with an API key, and gives the status and the text.
func askAs(t *testing.T, url, key, query string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/graphql", strings.NewReader(`{"query": "`+query+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	a := exchange(t, r)
	return a.Status, a.Text
}

// TestTokens follows a key from its making to its end, while a server runs.
func TestTokens(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if out, errors, code := run(t, folder, "serve", "--keys", "keys.json", "--addr", "127.0.0.1:0"); code != 1 || !strings.Contains(errors, "lacuna token add NAME --keys keys.json") {
		t.Errorf("without any key: exit %d: %s%s", code, out, errors)
	}
	makeKey := func(name, role string) string {
		out, errors, code := run(t, folder, "token", "add", name, "--role", role, "--keys", "keys.json")
		if code != 0 || !strings.HasPrefix(out, "lacuna_") || strings.Contains(errors, "lacuna_") {
			t.Fatalf("exit %d: %s%s", code, out, errors)
		}
		return strings.TrimSpace(out)
	}
	bi := makeKey("bi", "admin")
	r := start(t, folder, nil, "serve", "--keys", "keys.json", "--addr", "0.0.0.0:0", "--limits", "depth=5,aliases=2", "--introspection=false")
	url := "http://127.0.0.1" + r.url[strings.LastIndex(r.url, ":"):]
	for _, c := range []struct {
		key, query string
		status     int
		says       string
	}{
		{"", "{ status { customers } }", 401, "UNAUTHENTICATED"},
		{bi + "x", "{ status { customers } }", 401, "UNAUTHENTICATED"},
		{bi, "{ status { customers } }", 200, `"customers":0`},
		{bi, "{ a: __typename b: __typename c: __typename }", 200, "limit aliases"},
		{bi, "{ __schema { types { name } } }", 200, "errors"},
	} {
		if status, text := askAs(t, url, c.key, c.query); status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s: %d %s", c.query, status, text)
		}
	}
	shop := makeKey("shop", "ingest")
	eventually(t, 10*time.Second, "the new key", func() bool {
		status, text := askAs(t, url, shop, "{ status { customers } }")
		return status == 200 && strings.Contains(text, "FORBIDDEN")
	})
	if out, _, _ := run(t, folder, "token", "list", "--keys", "keys.json"); !strings.Contains(out, "bi ") || !strings.Contains(out, "ingest") || strings.Contains(out, "lacuna_") {
		t.Errorf("the list is %s", out)
	}
	if _, errors, code := run(t, folder, "token", "remove", "bi", "--keys", "keys.json"); code != 0 {
		t.Errorf("exit %d: %s", code, errors)
	}
	eventually(t, 10*time.Second, "the end of a key", func() bool {
		status, _ := askAs(t, url, bi, "{ status { customers } }")
		return status == 401
	})
	code, said := r.stop(t)
	content, err := os.ReadFile(filepath.Join(folder, "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{bi, shop} {
		if secret := key[strings.LastIndex(key, "_")+1:]; code != 0 || strings.Contains(said, secret) || strings.Contains(string(content), secret) {
			t.Errorf("exit %d; a key is told: %s", code, said)
		}
	}
}

// TestTokenErrors holds what a wrong command line is told.
func TestTokenErrors(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, "notes.json", "these are notes\n")
	for _, c := range []struct {
		arguments []string
		code      int
		says      string
	}{
		{[]string{"token", "add"}, 2, "name one key"},
		{[]string{"token", "add", "Big One"}, 2, "small letters"},
		{[]string{"token", "add", "x", "--role", "owner"}, 2, "use admin or ingest"},
		{[]string{"token", "make"}, 2, "use add, list or remove"},
		{[]string{"token", "remove", "x"}, 1, "no key named"},
		{[]string{"token", "list", "--keys", "notes.json"}, 1, "notes.json is not a file of keys"},
		{[]string{"serve", "--limits", "dept=3", "--addr", "127.0.0.1:0"}, 2, "there is no limit"},
		{[]string{"serve", "--limits", "depth=0", "--addr", "127.0.0.1:0"}, 2, "must be from 1"},
		{[]string{"serve", "--cost-rate", "0", "--addr", "127.0.0.1:0"}, 2, "--cost-rate"},
		{[]string{"serve", "--keys", "notes.json", "--addr", "127.0.0.1:0"}, 1, "not a file of keys"},
	} {
		if out, errors, code := run(t, folder, c.arguments...); code != c.code || !strings.Contains(errors, c.says) {
			t.Errorf("%v: exit %d: %s%s", c.arguments, code, out, errors)
		}
	}
}
