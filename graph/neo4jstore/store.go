package neo4jstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"

	"lacuna/graph"
)

// Options says how to open a store. Zero values mean the defaults beside them.
type Options struct {
	URL             string // neo4j://host:7687, bolt://…, neo4j+s://…, bolt+s://…; required
	Database        string // "neo4j"
	User            string // "neo4j"
	Password        string
	CreateIfMissing bool             // make the schema where there is none; else such a database is [graph.ErrNotFound]
	Clock           func() time.Time // time.Now
	Rand            io.Reader        // of tags and ids; crypto/rand
	Logger          *slog.Logger     // discards
	Pool            int              // connections; 32
	ReadTimeout     time.Duration    // of one query that reads, scans apart; 10 s
}

func (o *Options) fill() {
	if o.Database == "" {
		o.Database = "neo4j"
	}
	if o.User == "" {
		o.User = "neo4j"
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Pool == 0 {
		o.Pool = 32
	}
	if o.ReadTimeout == 0 {
		o.ReadTimeout = 10 * time.Second
	}
}

// Store keeps the graph in a Neo4j database. Open it with [Open].
type Store struct {
	opts      Options
	driver    neo4j.DriverWithContext
	bookmarks neo4j.BookmarkManager // so that whoever has written reads that
	created   bool
	eraseKey  []byte
	writing   chan struct{} // a token while nobody of this process writes

	catalog atomic.Pointer[catalog] // as last read or written
	gather  gather

	calls graph.Calls
}

var _ graph.Store = (*Store)(nil)

// How long the driver tries before it says that the server cannot be reached.
const (
	connectTimeout = 900 * time.Millisecond
	acquireTimeout = 5 * time.Second
	livenessCheck  = 5 * time.Minute
)

// Open connects to a database and settles its schema.
func Open(ctx context.Context, o Options) (*Store, error) {
	o.fill()
	driver, err := newDriver(&o)
	if err != nil {
		return nil, err
	}
	s := &Store{opts: o, driver: driver, bookmarks: neo4j.NewBookmarkManager(neo4j.BookmarkManagerConfig{}), writing: make(chan struct{}, 1)}
	s.writing <- struct{}{}
	if err := s.settle(ctx); err != nil {
		return nil, errors.Join(translate(ctx, err), driver.Close(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func newDriver(o *Options) (neo4j.DriverWithContext, error) {
	driver, err := neo4j.NewDriverWithContext(o.URL, neo4j.BasicAuth(o.User, o.Password, ""), func(c *config.Config) {
		c.MaxConnectionPoolSize = o.Pool
		c.SocketConnectTimeout = connectTimeout
		c.ConnectionAcquisitionTimeout = acquireTimeout
		c.ConnectionLivenessCheckTimeout = livenessCheck
		c.TelemetryDisabled = true
		c.UserAgent = "lacuna"
	})
	if err != nil {
		return nil, fmt.Errorf("open Neo4j: %w: %w", graph.ErrInvalid, err)
	}
	return driver, nil
}

// Created tells whether Open made the schema.
func (s *Store) Created() bool { return s.created }

// enter begins a call, unless its context has ended.
func (s *Store) enter(ctx context.Context) error {
	if err := s.calls.Enter(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		s.calls.Leave()
		return err
	}
	return nil
}

// Close waits for calls under way and closes the connections.
func (s *Store) Close() error {
	return s.calls.Close(func() error {
		if err := s.driver.Close(context.Background()); err != nil {
			return fmt.Errorf("close store: %w", err)
		}
		return nil
	})
}
