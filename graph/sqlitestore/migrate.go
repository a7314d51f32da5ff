package sqlitestore

import (
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"zombiezen.com/go/sqlite/sqlitex"
)

// SchemaVersion is the version of the schema that this package writes. Files of an older one are migrated when they are opened
// for writing.
const SchemaVersion = 6

//go:embed migrations/*.sql
var migrations embed.FS

// migrationScript finds the script that leads to a version.
func migrationScript(version int) (string, error) {
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), fmt.Sprintf("%04d_", version)) {
			script, err := migrations.ReadFile("migrations/" + e.Name())
			return string(script), err
		}
	}
	return "", fmt.Errorf("there is no migration to version %d", version)
}

// migrate brings the file to SchemaVersion, each step in a transaction of its own. Several processes may do so at once:
// each looks again once it has the write lock. It tells whether it made the store.
func migrate(c *conn, random io.Reader) (created bool, err error) {
	for {
		more, made, err := migrateOnce(c, random)
		created = created || made
		if err != nil || !more {
			return created, err
		}
	}
}

func migrateOnce(c *conn, random io.Reader) (more, created bool, err error) {
	if err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return false, false, err
	}
	defer func() {
		if !c.AutocommitEnabled() {
			err = errors.Join(err, c.exec("ROLLBACK"))
		}
	}()
	version, err := checkFile(c)
	if err != nil || version == SchemaVersion {
		return false, false, err
	}
	script, err := migrationScript(version + 1)
	if err != nil {
		return false, false, err
	}
	if err := sqlitex.ExecuteScript(c.Conn, script, nil); err != nil {
		return false, false, fmt.Errorf("migrate to version %d: %w", version+1, err)
	}
	if version == 0 {
		if err := foundStore(c, random); err != nil {
			return false, false, err
		}
	}
	if _, err := c.once(fmt.Sprintf("PRAGMA user_version = %d", version+1)); err != nil {
		return false, false, err
	}
	return version+1 < SchemaVersion, version == 0, c.exec("COMMIT")
}

// foundStore writes what makes this store different from all others.
func foundStore(c *conn, random io.Reader) error {
	var secret [8 + 32]byte
	if _, err := io.ReadFull(random, secret[:]); err != nil {
		return fmt.Errorf("read random bytes: %w", err)
	}
	tag := int64(binary.LittleEndian.Uint64(secret[:8]) >> 1)
	if err := c.exec("INSERT INTO meta (one, store_tag, tag, erase_key) VALUES (1, ?, ?, ?)", tag, tag, secret[8:]); err != nil {
		return err
	}
	_, err := c.once(fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	return err
}
