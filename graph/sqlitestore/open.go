package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// applicationID marks a SQLite file as a store of this package ("Lacn").
const applicationID = 0x4c61636e

// fileMagic is how every SQLite file begins.
const fileMagic = "SQLite format 3\x00"

// Open opens the store in the file at path. It refuses, in words that name the path and the remedy, what is not a store: a
// folder, another file, another program's database ([graph.ErrInvalid]), a store of a newer version ([graph.ErrNewerSchema]).
// The caller closes it.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	opts.setDefaults()
	s := &Store{
		opts: opts, path: path, writeLock: make(chan struct{}, 1), readers: make(chan struct{}, opts.Readers),
		caches: newCaches(),
	}
	if err := s.open(ctx); err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, translate(ctx, err))
	}
	for range opts.Readers {
		s.readers <- struct{}{}
	}
	s.writeLock <- struct{}{}
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	empty, err := inspect(s.path)
	if err != nil {
		return err
	}
	if empty && (!s.opts.CreateIfMissing || s.opts.ReadOnly) {
		return errNoStore()
	}
	if s.opts.ReadOnly {
		return s.openReadOnly()
	}
	c, err := s.openWriter(ctx)
	if err != nil {
		return err
	}
	s.writer = c
	return nil
}

func errNoStore() error {
	return fmt.Errorf("there is no store: check the path, or load data to create one: %w", graph.ErrNotFound)
}

// inspect looks at the file before SQLite does, since its words for these cases help nobody. A file of no bytes is one
// that is yet to be made.
func inspect(path string) (empty bool, err error) {
	if path == "" {
		return false, fmt.Errorf("no path was given: %w", graph.ErrInvalid)
	}
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return false, fmt.Errorf("the folder does not exist or cannot be read, make it first: %w", graph.ErrUnavailable)
		}
		return true, nil
	case errors.Is(err, fs.ErrPermission):
		return false, fmt.Errorf("the file may not be read by this user: %w", graph.ErrUnavailable)
	case err != nil:
		return false, fmt.Errorf("%w: %w", graph.ErrUnavailable, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("%w: %w", graph.ErrUnavailable, err)
	}
	if info.IsDir() {
		return false, fmt.Errorf("is a folder, name a file in it: %w", graph.ErrInvalid)
	}
	if info.Size() == 0 {
		return true, nil
	}
	head := make([]byte, len(fileMagic))
	if _, err := io.ReadFull(f, head); err != nil || string(head) != fileMagic {
		return false, fmt.Errorf("is not a store but some other file, name another path: %w", graph.ErrInvalid)
	}
	return false, nil
}

// Page caches in kB, the writer's and what it may take while it sorts.
const (
	writerCache  = "PRAGMA cache_size=-49152"
	sortingCache = "PRAGMA cache_size=-16384"
)

// openWriter opens the connection that writes, and makes or migrates the file where that is needed.
func (s *Store) openWriter(ctx context.Context) (_ *conn, err error) {
	raw, err := sqlite.OpenConn(s.path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, names: &names{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	c.SetInterrupt(ctx.Done())
	defer c.SetInterrupt(nil)
	if err := s.retry(ctx, func() error { return s.prepareFile(c) }); err != nil {
		return nil, err
	}
	// Full: a commit that was answered survives a power cut. Secure delete: erased bytes do not linger in free space.
	for _, pragma := range []string{"PRAGMA synchronous=FULL", writerCache, "PRAGMA secure_delete=ON", "PRAGMA wal_autocheckpoint=4000", "PRAGMA journal_size_limit=67108864"} {
		if _, err := c.once(pragma); err != nil {
			return nil, err
		}
	}
	c.SetBusyTimeout(0) // waiting is done where it can be given up, see retry
	return c, nil
}

// prepareFile brings the file to this version: an empty one is made a store, an older one is migrated.
func (s *Store) prepareFile(c *conn) error {
	c.SetBusyTimeout(0)
	version, err := checkFileAtOnce(c)
	if err != nil {
		return err
	}
	if _, err := c.once("PRAGMA journal_mode=WAL"); err != nil { // a copy made by VACUUM INTO has lost it
		return err
	}
	if version < SchemaVersion {
		created, err := migrate(c, s.opts.Rand)
		s.created = s.created || created // also when a later step is to be tried again
		if err != nil {
			return err
		}
	}
	return nil
}

// checkFileAtOnce checks the file as it is at one moment: between two reads of a new one another opener may make it a store.
func checkFileAtOnce(c *conn) (version int, err error) {
	if err := c.exec("BEGIN"); err != nil {
		return 0, err
	}
	defer func() {
		if !c.AutocommitEnabled() {
			err = errors.Join(err, c.exec("ROLLBACK"))
		}
	}()
	return checkFile(c)
}

// checkFile tells the schema's version, 0 for an empty database, and refuses what is not ours.
func checkFile(c *conn) (version int, err error) {
	app, err := c.number("PRAGMA application_id")
	if err != nil {
		return 0, err
	}
	v, err := c.number("PRAGMA user_version")
	if err != nil {
		return 0, err
	}
	if app != applicationID {
		tables, err := c.number("SELECT count(*) FROM sqlite_schema")
		if err != nil {
			return 0, err
		}
		if app != 0 || v != 0 || tables != 0 {
			return 0, fmt.Errorf("is a SQLite database of another program, name another path: %w", graph.ErrInvalid)
		}
		return 0, nil
	}
	if v > SchemaVersion {
		return 0, fmt.Errorf("%w: the file has version %d, this program knows up to %d: use a newer release", graph.ErrNewerSchema, v, SchemaVersion)
	}
	return int(v), nil
}

// openReadOnly checks the file by the first reading connection.
func (s *Store) openReadOnly() error {
	version, err := s.readVersion()
	if err == nil && version < SchemaVersion {
		err = fmt.Errorf("the file has the older version %d, open it once for writing to bring it to %d: %w", version, SchemaVersion, graph.ErrReadOnly)
	}
	return err
}

// readVersion reads the version of the schema by a connection that only reads.
func (s *Store) readVersion() (int, error) {
	_, err := os.Stat(s.path + "-wal")
	s.alone = errors.Is(err, fs.ErrNotExist)
	version, err := s.tryVersion()
	if err == nil || !translateCantOpen(err) {
		return version, err
	}
	// Nothing may be created beside the file. Without a log beside it, the file alone is all there is.
	if info, err := os.Stat(s.path + "-wal"); err == nil && info.Size() > 0 {
		return 0, fmt.Errorf("the file was not closed properly, open it once where it can be written: %w", graph.ErrReadOnly)
	}
	s.frozen = true
	return s.tryVersion()
}

func (s *Store) tryVersion() (version int, err error) {
	c, err := s.openReader()
	if err != nil {
		return 0, err
	}
	version, err = checkFileAtOnce(c)
	return version, errors.Join(err, c.Close())
}

func translateCantOpen(err error) bool {
	code, _ := resultCode(err)
	return code.ToPrimary() == sqlite.ResultCantOpen || code.ToPrimary() == sqlite.ResultReadOnly
}

// openReader opens a connection that only reads.
func (s *Store) openReader() (_ *conn, err error) {
	path, flags := s.path, sqlite.OpenReadWrite
	if s.opts.ReadOnly {
		flags = sqlite.OpenReadOnly
	}
	if s.frozen {
		full, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		path, flags = (&url.URL{Scheme: "file", Path: full, RawQuery: "immutable=1"}).String(), flags|sqlite.OpenURI
	}
	raw, err := sqlite.OpenConn(path, flags)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, names: &s.names}
	c.SetBusyTimeout(s.opts.BusyTimeout)
	for _, pragma := range []string{"query_only=ON", "cache_size=-16384"} {
		if _, err := c.once("PRAGMA " + pragma); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}

// retry calls fn until it does not find the file busy, at most for the time that the options give.
func (s *Store) retry(ctx context.Context, fn func() error) error {
	deadline := time.NewTimer(s.opts.BusyTimeout)
	defer deadline.Stop()
	for pause := time.Millisecond; ; pause = min(2*pause, 25*time.Millisecond) {
		err := fn()
		code, _ := resultCode(err)
		if p := code.ToPrimary(); err == nil || (p != sqlite.ResultBusy && p != sqlite.ResultLocked) {
			return err
		}
		wait := time.NewTimer(pause)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return ctx.Err()
		case <-deadline.C:
			wait.Stop()
			return err
		}
	}
}
