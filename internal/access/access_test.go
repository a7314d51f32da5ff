package access

import (
	"crypto/rand"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var made = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

func add(t *testing.T, k *Keyring, name string, role Role) string {
	t.Helper()
	text, err := k.Add(name, role, rand.Reader, made)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func load(t *testing.T, path string) *Keyring {
	t.Helper()
	k, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func save(t *testing.T, k *Keyring) {
	t.Helper()
	if err := k.Save(); err != nil {
		t.Fatal(err)
	}
}

// TestKeyring holds that a key leads to who has it, until it is removed, and that the file does not tell it.
func TestKeyring(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	k := load(t, path)
	bi, shop := add(t, k, "bi", Admin), add(t, k, "shop", Ingest)
	save(t, k)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{bi, shop} {
		parts := strings.Split(text, "_")
		if len(parts) != 3 || parts[0] != "lacuna" || len(parts[2]) != 32 || strings.Contains(string(content), parts[2]) {
			t.Errorf("key %d parts, in a file that may tell it", len(parts))
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file may be read by others: %v, %v", info.Mode(), err)
	}
	k = load(t, path)
	for text, want := range map[string]Principal{bi: {"bi", Admin}, shop: {"shop", Ingest}} {
		if p, ok := k.Find(text); !ok || p != want {
			t.Errorf("found %v %v, want %v", p, ok, want)
		}
	}
	for _, text := range []string{"", "lacuna", "lacuna_", "lacuna__", bi[:len(bi)-1], bi + "x", strings.TrimPrefix(bi, "lacuna_"), strings.ToUpper(bi),
		bi[:strings.LastIndex(bi, "_")] + shop[strings.LastIndex(shop, "_"):]} {
		if p, ok := k.Find(text); ok || p != (Principal{}) {
			t.Errorf("a wrong key of %d characters is %v", len(text), p)
		}
	}
	if err := k.Remove("bi"); err != nil {
		t.Fatal(err)
	}
	save(t, k)
	if _, ok := load(t, path).Find(bi); ok {
		t.Error("a removed key still holds")
	}
	if keys := load(t, path).Keys(); len(keys) != 1 || keys[0].Name != "shop" || !keys[0].CreatedAt.Equal(made) {
		t.Errorf("left are %+v", keys)
	}
}

func TestKeyringRefuses(t *testing.T) {
	k := load(t, filepath.Join(t.TempDir(), "keys.json"))
	add(t, k, "bi", Admin)
	for name, role := range map[string]Role{"": Admin, "BI": Admin, "a b": Admin, "-a": Admin, strings.Repeat("a", 64): Admin, "bi": Admin, "x": "owner", "y": ""} {
		if _, err := k.Add(name, role, rand.Reader, made); err == nil {
			t.Errorf("%q %q is taken", name, role)
		}
	}
	if err := k.Remove("nobody"); err == nil {
		t.Error("what is not there is removed")
	}
	if k.Len() != 1 {
		t.Errorf("%d keys", k.Len())
	}
	hash := strings.Repeat("0", 64)
	for _, content := range []string{"", "no keys", `{"keys": [{"name": "a"}]}`, `{"key": []}`, `{"keys": [{"name": "a", "role": "admin", "id": "i", "sha256": "12"}]}`,
		`{"keys": [{"name": "a", "role": "owner", "id": "i", "sha256": "` + hash + `"}]}`,
		`{"keys": [{"name": "a", "role": "admin", "id": "", "sha256": "` + hash + `"}]}`,
		`{"keys": [{"name": "A", "role": "admin", "id": "i", "sha256": "` + hash + `"}]}`,
		`{"keys": [{"name": "a", "role": "admin", "id": "i", "sha256": "` + hash + `"}, {"name": "a", "role": "admin", "id": "j", "sha256": "` + hash + `"}]}`} {
		path := filepath.Join(t.TempDir(), "keys.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", content, err)
		}
	}
}

// TestWatch holds that keys come and go with the file, and stay while it is unreadable.
func TestWatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	now := made
	w, err := NewWatch(path, slog.New(slog.NewTextHandler(io.Discard, nil)), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	k := load(t, path)
	bi := add(t, k, "bi", Admin)
	save(t, k)
	find := func() bool { _, ok := w.Keyring().Find(bi); return ok }
	if find() {
		t.Error("the file is read at every call")
	}
	if now = now.Add(2 * time.Second); !find() {
		t.Error("a key that was added is not known")
	}
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if now = now.Add(2 * time.Second); !find() {
		t.Error("a damaged file takes the keys away")
	}
	if err := k.Remove("bi"); err != nil {
		t.Fatal(err)
	}
	save(t, k)
	if now = now.Add(2 * time.Second); find() {
		t.Error("a key that was removed is still known")
	}
}

func TestPrincipal(t *testing.T) {
	if p := From(t.Context()); p != (Principal{}) || p.Role.Known() {
		t.Errorf("nobody is %v", p)
	}
	if p := From(With(t.Context(), Principal{"bi", Ingest})); p != (Principal{"bi", Ingest}) {
		t.Errorf("who asks is %v", p)
	}
}
