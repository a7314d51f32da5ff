package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"lacuna/graph"
	"lacuna/graph/sqlitestore"
)

const defaultStore = "sqlite:lacuna.db"

func addStoreFlag(cmd *cobra.Command, location *string) {
	cmd.Flags().StringVar(location, "store", defaultStore, "the `store`: sqlite:PATH")
}

// storePath gives the file of a store's location; everything but the embedded store is refused.
func storePath(location string) (string, error) {
	scheme, path, ok := strings.Cut(location, ":")
	switch {
	case ok && scheme == "sqlite" && path != "":
		return path, nil
	case ok && (scheme == "neo4j" || scheme == "bolt" || scheme == "neo4j+s" || scheme == "bolt+s"):
		return "", usageError("--store: this build has no Neo4j store; use sqlite:PATH")
	default:
		return "", usageError("--store: use sqlite:PATH, for example %s", defaultStore)
	}
}

// openStore opens or creates the store and says so when it was created.
func openStore(ctx context.Context, path string, logger *slog.Logger, say func(format string, args ...any)) (graph.Store, error) {
	store, err := sqlitestore.Open(ctx, path, sqlitestore.Options{Logger: logger, CreateIfMissing: true})
	if err != nil {
		return nil, err // it names the file
	}
	if store.Created() {
		say("created %s\n", path)
	}
	return store, nil
}

// openToCheck opens the store for a dry run, which writes nothing: for a store that is yet to be made stands an empty one
// in a temporary folder, which is gone when it is closed.
func openToCheck(ctx context.Context, path string, logger *slog.Logger) (graph.Store, error) {
	store, err := sqlitestore.Open(ctx, path, sqlitestore.Options{Logger: logger, ReadOnly: true})
	if err == nil {
		return store, nil
	}
	if !errors.Is(err, graph.ErrNotFound) {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "lacuna-dry-run-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	store, err = sqlitestore.Open(ctx, filepath.Join(folder, "empty.db"), sqlitestore.Options{Logger: logger, CreateIfMissing: true})
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
