package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Key is what is kept of an API key. The key itself is shown once, when it is made: prefix, id and secret. Its secret has 160
// random bits, so that a plain hash of it tells nobody anything.
type Key struct {
	Name      string    `json:"name"`
	Role      Role      `json:"role"`
	ID        string    `json:"id"`     // the part of the key by which it is found
	SHA256    string    `json:"sha256"` // of the secret, in hexadecimal
	CreatedAt time.Time `json:"createdAt"`
}

// Keyring is the keys of a file.
type Keyring struct {
	path string
	keys []Key // in the order of their making
}

// ringFile is the file's form.
type ringFile struct {
	Keys []Key `json:"keys"`
}

// KeyPrefix is how every key begins.
const KeyPrefix = "lacuna_"

// nameForm is what a key may be called: it stands in logs and metrics.
var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// Load reads a keyring. A file that is not there is an empty one; errors name the file and what to do.
func Load(path string) (*Keyring, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Keyring{path: path}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	var file ringFile
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("read keys: %s is not a file of keys: make one with 'lacuna token add NAME --keys %s'", path, path)
	}
	seen := map[string]bool{}
	for i, k := range file.Keys {
		hash, err := hex.DecodeString(k.SHA256)
		switch {
		case !nameForm.MatchString(k.Name) || seen[k.Name]:
			return nil, fmt.Errorf("read keys: %s: key %d has a name that is not allowed or stands there twice", path, i+1)
		case !k.Role.Known():
			return nil, fmt.Errorf("read keys: %s: key %s has an unknown role: use %s", path, k.Name, roleNames())
		case err != nil || len(hash) != sha256.Size || k.ID == "":
			return nil, fmt.Errorf("read keys: %s: key %s is damaged: remove it and make another", path, k.Name)
		}
		seen[k.Name] = true
	}
	return &Keyring{path: path, keys: file.Keys}, nil
}

func roleNames() string {
	names := make([]string, 0, len(Roles()))
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, " or ")
}

// Len is the number of keys.
func (k *Keyring) Len() int { return len(k.keys) }

// Keys lists the keys in the order of their making.
func (k *Keyring) Keys() []Key { return slices.Clone(k.keys) }

// Add makes a key and gives its text, which is kept nowhere. The file is not written: see [Keyring.Save].
func (k *Keyring) Add(name string, role Role, random io.Reader, now time.Time) (text string, err error) {
	switch {
	case !nameForm.MatchString(name):
		return "", fmt.Errorf("a key's name has small letters, digits, dots, underscores and hyphens, up to 63: %q has not", name)
	case !role.Known():
		return "", fmt.Errorf("there is no role %q: use %s", role, roleNames())
	case slices.ContainsFunc(k.keys, func(other Key) bool { return other.Name == name }):
		return "", fmt.Errorf("there is a key named %s: remove it first, or choose another name", name)
	}
	var bits [26]byte
	if _, err := io.ReadFull(random, bits[:]); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	id, secret := encode(bits[:6]), encode(bits[6:])
	hash := sha256.Sum256([]byte(secret))
	k.keys = append(k.keys, Key{Name: name, Role: role, ID: id, SHA256: hex.EncodeToString(hash[:]), CreatedAt: now.UTC().Truncate(time.Second)})
	return KeyPrefix + id + "_" + secret, nil
}

func encode(bits []byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(bits))
}

// Remove takes a key out. The file is not written: see [Keyring.Save].
func (k *Keyring) Remove(name string) error {
	left := slices.DeleteFunc(slices.Clone(k.keys), func(other Key) bool { return other.Name == name })
	if len(left) == len(k.keys) {
		return fmt.Errorf("there is no key named %q in %s", name, k.path)
	}
	k.keys = left
	return nil
}

// Save writes the file so that it is whole at any moment, readable by its owner alone.
func (k *Keyring) Save() (err error) {
	text, err := json.MarshalIndent(ringFile{k.keys}, "", "  ")
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(k.path), ".keys-*") // with the rights of its owner alone
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write keys: %w", err), os.Remove(f.Name()))
		}
	}()
	if _, err := f.Write(append(text, '\n')); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), k.path)
}

// Find gives who has a key.
func (k *Keyring) Find(text string) (Principal, bool) {
	id, secret, ok := strings.Cut(strings.TrimPrefix(text, KeyPrefix), "_")
	if !ok || !strings.HasPrefix(text, KeyPrefix) {
		return Principal{}, false
	}
	hash := sha256.Sum256([]byte(secret))
	given := hex.EncodeToString(hash[:])
	for _, key := range k.keys {
		if key.ID == id && subtle.ConstantTimeCompare([]byte(key.SHA256), []byte(given)) == 1 {
			return Principal{Name: key.Name, Role: key.Role}, true
		}
	}
	return Principal{}, false
}
