package neo4jstore

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
)

type params = map[string]any

// session opens a session; whoever gets it closes it.
func (s *Store) session(ctx context.Context, mode neo4j.AccessMode) neo4j.SessionWithContext {
	return s.driver.NewSession(ctx, neo4j.SessionConfig{AccessMode: mode, DatabaseName: s.opts.Database, BookmarkManager: s.bookmarks, FetchSize: 2_000})
}

// closeSession closes a session. What went wrong before is told as it was, since it says whether trying again helps.
func closeSession(ctx context.Context, session neo4j.SessionWithContext, err *error) {
	if failed := session.Close(context.WithoutCancel(ctx)); failed != nil && *err == nil {
		*err = failed
	}
}

// tries is how often what can be tried again is.
const tries = 4

// again tells whether an error may be gone at the next try, and waits a moment then.
func again(ctx context.Context, try int, err error) bool {
	if err == nil || try+1 >= tries || ctx.Err() != nil || !neo4j.IsRetryable(err) {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(time.Duration(5<<(2*try)) * time.Millisecond):
		return true
	}
}

// read runs one query and gives its records. It is one round trip.
func (s *Store) read(ctx context.Context, what, name string, p params) (records []*neo4j.Record, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	defer s.calls.Leave()
	until, cancel := context.WithTimeout(ctx, s.opts.ReadTimeout)
	defer cancel()
	for try := range tries {
		if records, err = s.readOnce(until, name, p); !again(until, try, err) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, translate(ctx, err))
	}
	return records, nil
}

func (s *Store) readOnce(ctx context.Context, name string, p params) (records []*neo4j.Record, err error) {
	session := s.session(ctx, neo4j.AccessModeRead)
	defer closeSession(ctx, session, &err)
	result, err := session.Run(ctx, query(name), p)
	if err != nil {
		return nil, err
	}
	if records, err = result.Collect(ctx); err != nil {
		return nil, err
	}
	return records, ctx.Err()
}

// tx is a transaction that holds the lock of writers.
type tx struct {
	s     *Store
	ctx   context.Context
	neo   neo4j.ExplicitTransaction
	now   time.Time
	state state // as it will be committed
	start state // as it was found

	changes []params // entries of the feed, not written yet
	catalog *catalog // of now; what is changed of it is a copy
	latest  bool     // the latest interaction may be gone
	mark    int64    // by which readers know that owners change; 0 for none
	role    role
	laned   atomic.Bool // lanes of it may have been committed
}

// role is what a transaction holds the lock for.
type role uint8

const (
	ordinary role = iota // it changes something
	looking              // it only waits for who is committing
	loading              // it is a batch of a large load
)

// run runs a statement of the transaction.
func (t *tx) run(name string, p params) ([]*neo4j.Record, error) {
	result, err := t.neo.Run(t.ctx, query(name), p)
	if err != nil {
		return nil, err
	}
	return result.Collect(t.ctx)
}

// rowsOfStatement bounds what one statement is given.
const rowsOfStatement = 10_000

// each runs a statement over rows, so many at a time.
func (t *tx) each(name string, rows []params) error {
	for begin := 0; begin < len(rows); begin += rowsOfStatement {
		if _, err := t.run(name, params{"rows": rows[begin:min(begin+rowsOfStatement, len(rows))]}); err != nil {
			return err
		}
	}
	return nil
}

// step is a statement and its rows.
type step struct {
	name string
	rows []params
}

// steps runs statements one after the other.
func (t *tx) steps(list []step) error {
	for _, s := range list {
		if err := t.each(s.name, s.rows); err != nil {
			return err
		}
	}
	return nil
}

// write runs fn in a transaction of its own, after every other writer's and before the next one's. It is tried again where nothing was
// committed for certain.
func (s *Store) write(ctx context.Context, what string, fn func(t *tx) error) error {
	return s.writeAs(ctx, ordinary, what, fn)
}

func (s *Store) writeAs(ctx context.Context, as role, what string, fn func(t *tx) error) (err error) {
	if err := s.enter(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer s.calls.Leave()
	select {
	case <-s.writing:
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", what, ctx.Err())
	}
	defer func() { s.writing <- struct{}{} }()
	for try := range tries {
		unknown := false
		if unknown, err = s.writeOnce(ctx, as, fn); unknown || !again(ctx, try, err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, translate(ctx, err))
	}
	return nil
}

// How long a server may take, which may have gone without a word: over all statements of a transaction, and to commit.
const (
	writeTimeout  = 5 * time.Minute
	commitTimeout = time.Minute
)

// writeOnce is one try. The outcome is unknown where the connection broke while it was being committed.
func (s *Store) writeOnce(ctx context.Context, as role, fn func(t *tx) error) (unknown bool, err error) {
	session := s.session(ctx, neo4j.AccessModeWrite)
	defer closeSession(ctx, session, &err)
	working, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	neo, err := session.BeginTransaction(working)
	if err != nil {
		return false, err
	}
	t := &tx{s: s, ctx: working, neo: neo, role: as}
	defer func() {
		_ = neo.Close(context.WithoutCancel(ctx)) // which rolls back what was not committed
		if t.mark != 0 {
			if err := s.unmarkOwners(context.WithoutCancel(ctx), t.mark); err != nil {
				s.opts.Logger.Warn("readers were not told that a change of owners has ended; they find out by themselves", "error", err.Error())
			}
		}
	}()
	if err := t.begin(); err != nil {
		return false, err
	}
	if err := fn(t); err != nil {
		return t.laned.Load(), err
	}
	if err := t.finish(); err != nil {
		return t.laned.Load(), err
	}
	if err := ctx.Err(); err != nil {
		return t.laned.Load(), err
	}
	// From here on the context is not asked any more: all or nothing.
	committing, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	if err := neo.Commit(committing); err != nil {
		if _, refused := errors.AsType[*neo4j.Neo4jError](err); refused {
			return t.laned.Load(), err
		}
		return true, fmt.Errorf("%w: the connection broke while a change was being committed: write it again", graph.ErrUnavailable)
	}
	if t.catalog != nil {
		s.catalog.Store(t.catalog)
	}
	return false, nil
}
