package main

import (
	"context"
	"log/slog"
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
