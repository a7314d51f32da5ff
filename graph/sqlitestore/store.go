package sqlitestore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// Options says how a store is opened. The zero value opens an existing file for reading and writing.
type Options struct {
	Clock           func() time.Time // time.Now when nil
	Rand            io.Reader        // crypto/rand.Reader when nil; used under a lock
	Logger          *slog.Logger     // nothing is logged when nil
	Readers         int              // connections that read at the same time; 0 is a number fit for the machine
	ReadOnly        bool             // writes fail with [graph.ErrReadOnly]; the file may lie on a read-only file system
	CreateIfMissing bool             // otherwise a missing file is [graph.ErrNotFound]

	// BusyTimeout is how long a call waits for a writer in another process, or for a Bulk in this one, before it is
	// [graph.ErrUnavailable]; 0 is 5 s.
	BusyTimeout time.Duration

	// BulkRows is up to how many interactions a first load is one transaction without indexes; 0 is 6 million.
	BulkRows int

	// BulkCommitRows is how many rows one commit of a load into a filled store takes; 0 is 50,000.
	BulkCommitRows int
}

func (o *Options) setDefaults() {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Readers <= 0 {
		o.Readers = max(4, 2*runtime.GOMAXPROCS(0))
	}
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = 5 * time.Second
	}
	if o.BulkRows <= 0 {
		o.BulkRows = 6_000_000
	}
	if o.BulkCommitRows <= 0 {
		o.BulkCommitRows = 50_000
	}
}

// Store keeps the graph in one SQLite file. Open it with [Open].
type Store struct {
	opts    Options
	path    string
	created bool
	frozen  bool // opened as immutable, because nothing may be written beside the file
	alone   bool // opened for reading while there was no log beside the file

	writeLock chan struct{} // holds one token while nobody writes
	bulk      atomic.Bool   // a Bulk holds the write lock
	writer    *conn         // used by who holds the write lock; nil when read-only
	caches    *caches       // of the writer
	unclean   bool          // erased bytes may still stand in the write-ahead log; guarded by the write lock

	readers chan struct{} // a token for each connection that may read besides those that do
	idleMu  sync.Mutex
	idle    []*conn // open and not in use; the last one's cache is the warmest

	names names                      // of keys that never change their meaning
	tree  atomic.Pointer[cachedTree] // the category tree last read

	products productCache

	calls graph.Calls
}

var _ graph.Store = (*Store)(nil)

// Created tells whether Open made the file.
func (s *Store) Created() bool { return s.created }

// Close waits for calls under way, moves what is in the write-ahead log into the file, so that the file alone is the store,
// and releases everything.
func (s *Store) Close() error { return s.calls.Close(s.release) }

func (s *Store) release() error {
	var errs []error
	for _, c := range s.idle {
		errs = append(errs, c.Close())
	}
	if s.writer != nil {
		s.writer.SetBusyTimeout(s.opts.BusyTimeout)
		if _, err := s.writer.once("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			errs = append(errs, translate(context.Background(), err))
		}
		errs = append(errs, s.writer.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	if s.alone && !s.frozen {
		s.removeLog()
	}
	return nil
}

// removeLog removes the empty log that reading has made beside the file, which a connection that only reads cannot. One that
// may write does so when it closes, unless another process has the file open. Where that does not work the log just stays.
func (s *Store) removeLog() {
	raw, err := sqlite.OpenConn(s.path, sqlite.OpenReadWrite)
	if err != nil {
		return
	}
	c := &conn{Conn: raw}
	if _, err := c.number("PRAGMA user_version"); err != nil {
		s.opts.Logger.Debug("an empty log stays beside the store", "path", s.path, "reason", err)
	}
	if err := c.Close(); err != nil {
		s.opts.Logger.Debug("an empty log stays beside the store", "path", s.path, "reason", err)
	}
}

// read runs fn on a connection that sees one committed state from beginning to end.
func (s *Store) read(ctx context.Context, what string, fn func(c *conn) error) (err error) {
	if err := s.calls.Enter(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer s.calls.Leave()
	c, err := s.takeReader(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", what, translate(ctx, err))
	}
	defer s.giveReader(c)
	err = c.snapshot(ctx, fn)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, translate(ctx, err))
	}
	return nil
}

// takeReader waits for a free connection and opens it where needed.
func (s *Store) takeReader(ctx context.Context) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-s.readers:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.idleMu.Lock()
	if last := len(s.idle) - 1; last >= 0 {
		c := s.idle[last]
		s.idle = s.idle[:last]
		s.idleMu.Unlock()
		return c, nil
	}
	s.idleMu.Unlock()
	c, err := s.openReader()
	if err != nil {
		s.readers <- struct{}{}
	}
	return c, err
}

func (s *Store) giveReader(c *conn) {
	s.idleMu.Lock()
	s.idle = append(s.idle, c)
	s.idleMu.Unlock()
	s.readers <- struct{}{}
}

// snapshot runs fn within a read transaction.
func (c *conn) snapshot(ctx context.Context, fn func(c *conn) error) (err error) {
	release := c.watch(ctx)
	defer func() {
		release()
		if !c.AutocommitEnabled() {
			err = errors.Join(err, c.exec("COMMIT"))
		}
	}()
	if err := c.exec("BEGIN"); err != nil {
		return err
	}
	return fn(c)
}
