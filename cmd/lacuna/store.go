package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"lacuna/graph"
	"lacuna/graph/neo4jstore"
	"lacuna/graph/sqlitestore"
	"lacuna/internal/config"
)

const defaultStore = "sqlite:lacuna.db"

// storeFlags name a store.
type storeFlags struct {
	location string
	password string
}

func (f *storeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.location, "store", defaultStore, "the `store`: sqlite:PATH, or neo4j://USER@HOST:7687/DATABASE (also neo4j+s://, bolt://, bolt+s://)")
	addPassword(cmd, &f.password)
}

func addPassword(cmd *cobra.Command, password *string) {
	cmd.Flags().StringVar(password, "neo4j-password", "", "`password` of a Neo4j store; better in LACUNA_NEO4J_PASSWORD, which no list of processes shows")
	config.Secret(cmd.Flags(), "neo4j-password")
}

// place is a store that was named: a file, or a database of a server.
type place struct {
	name   string // as it may be shown: without the password
	path   string // "" for a server's
	server neo4jstore.Options
}

// place reads the flags.
func (f *storeFlags) place() (place, error) { return f.namedPlace("--store") }

// namedPlace reads a flag of that name.
func (f *storeFlags) namedPlace(flag string) (place, error) {
	scheme, rest, ok := strings.Cut(f.location, ":")
	switch {
	case ok && scheme == "sqlite" && rest != "":
		return place{name: f.location, path: rest}, nil
	case ok && (scheme == "neo4j" || scheme == "bolt" || scheme == "neo4j+s" || scheme == "bolt+s"):
		return serverPlace(flag, f.location, f.password)
	default:
		return place{}, usageError("%s: use sqlite:PATH, for example %s, or neo4j://USER@HOST:7687/DATABASE", flag, defaultStore)
	}
}

func serverPlace(flag, location, password string) (place, error) {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || strings.Contains(strings.Trim(u.Path, "/"), "/") {
		return place{}, usageError("%s: write neo4j://USER@HOST:7687/DATABASE", flag) // without the text, which may hold a password
	}
	p := place{server: neo4jstore.Options{URL: u.Scheme + "://" + u.Host, Database: strings.Trim(u.Path, "/"), Password: password}}
	if u.User != nil {
		p.server.User = u.User.Username()
		if given, ok := u.User.Password(); ok {
			p.server.Password = given
		}
	}
	if p.server.Password == "" {
		return place{}, usageError("%s: a Neo4j store needs a password: set LACUNA_NEO4J_PASSWORD", flag)
	}
	u.User = url.User(p.server.User)
	if p.server.User == "" {
		u.User = nil
	}
	p.name = u.String()
	return p, nil
}

// figures gives the file in which figures are kept: beside the store's, or for a server in the working directory.
func (p place) figures() string {
	if p.path != "" {
		return p.path + figuresSuffix
	}
	_, host, _ := strings.Cut(p.server.URL, "://")
	return strings.NewReplacer(":", "-", "[", "", "]", "").Replace(strings.TrimSuffix("neo4j-"+host+"-"+p.server.Database, "-")) + figuresSuffix
}

// open opens or creates the store and says so when it was created.
func (p place) open(ctx context.Context, logger *slog.Logger, say func(format string, args ...any)) (graph.Store, error) {
	store, err := p.openUnfinished(ctx, logger, say)
	if err != nil {
		return nil, err
	}
	return p.finished(ctx, store)
}

// finished refuses a store that another one is being copied into.
func (p place) finished(ctx context.Context, store graph.Store) (graph.Store, error) {
	a, ok := store.(graph.Archive)
	if !ok {
		return store, nil
	}
	at, err := a.Restoring(ctx)
	if err == nil && at != (graph.Restoration{}) {
		err = fmt.Errorf("%s holds an unfinished copy of another store: run the same lacuna copy again to finish it", p.name)
	}
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}

// openUnfinished is open, also of a store that another one is being copied into.
func (p place) openUnfinished(ctx context.Context, logger *slog.Logger, say func(format string, args ...any)) (graph.Store, error) {
	if p.path == "" {
		o := p.server
		o.Logger, o.CreateIfMissing = logger, true
		store, err := neo4jstore.Open(ctx, o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		if store.Created() {
			say("created a store in %s\n", p.name)
		}
		return store, nil
	}
	store, err := sqlitestore.Open(ctx, p.path, sqlitestore.Options{Logger: logger, CreateIfMissing: true})
	if err != nil {
		return nil, err // it names the file
	}
	if store.Created() {
		say("created %s\n", p.path)
	}
	return store, nil
}

// openToRead opens a store that is there.
func (p place) openToRead(ctx context.Context, logger *slog.Logger) (graph.Store, error) {
	if p.path != "" {
		store, err := sqlitestore.Open(ctx, p.path, sqlitestore.Options{Logger: logger, ReadOnly: true})
		if err != nil {
			return nil, err
		}
		return p.finished(ctx, store)
	}
	o := p.server
	o.Logger = logger
	store, err := neo4jstore.Open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	return p.finished(ctx, store)
}

// openToCheck opens the store for a dry run, which writes nothing: for a store that is yet to be made stands an empty one
// in a temporary folder, which is gone when it is closed.
func (p place) openToCheck(ctx context.Context, logger *slog.Logger) (graph.Store, error) {
	store, err := p.openToRead(ctx, logger)
	if !errors.Is(err, graph.ErrNotFound) {
		return store, err
	}
	return openTemporary(ctx, logger, "")
}

// openTemporary opens an empty store in a temporary folder below another one ("" for the system's), which is gone when it is closed.
func openTemporary(ctx context.Context, logger *slog.Logger, below string) (graph.Store, error) {
	if below != "" {
		if err := os.MkdirAll(below, 0o700); err != nil {
			return nil, fmt.Errorf("make folder: %w", err)
		}
	}
	folder, err := os.MkdirTemp(below, "lacuna-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	store, err := sqlitestore.Open(ctx, filepath.Join(folder, "temporary.db"), sqlitestore.Options{Logger: logger, CreateIfMissing: true})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return &temporary{Store: store, folder: folder}, nil
}

// temporary is a store that takes its folder with it.
type temporary struct {
	graph.Store
	folder string
}

// Close closes the store and removes the folder.
func (t *temporary) Close() error { return errors.Join(t.Store.Close(), os.RemoveAll(t.folder)) }
