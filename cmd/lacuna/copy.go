package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"lacuna/graph"
)

type copyFlags struct {
	from, to storeFlags
}

func newCopy() *cobra.Command {
	var flags copyFlags
	cmd := &cobra.Command{
		Use:   "copy --from STORE --to STORE",
		Short: "Copy a whole store into an empty one",
		Long: "Copy puts everything of one store into another, from SQLite to Neo4j or back: customers with what each source said of them,\n" +
			"merges that can still be undone, what must be remembered of the erased and the retracted, interactions, the catalog and segments.\n" +
			"Neither the change feed nor memberships move: whoever follows the feed begins anew, and lacuna serve computes memberships again.\n\n" +
			"Nobody may write to the source meanwhile. After an interruption the same command goes on where it was; until it is done the\n" +
			"other commands refuse the target.",
		Example: `  lacuna copy --from sqlite:shop.db --to neo4j://neo4j@db.example.com:7687
  lacuna copy --from neo4j://neo4j@db.example.com:7687 --to sqlite:backup.db`,
		Args: cobra.NoArgs,
		RunE: flags.run,
	}
	f := cmd.Flags()
	f.StringVar(&flags.from.location, "from", "", "the `store` to copy")
	f.StringVar(&flags.to.location, "to", "", "the `store` to copy into, in which nothing is")
	addPassword(cmd, &flags.from.password)
	return cmd
}

func (f *copyFlags) run(cmd *cobra.Command, _ []string) (err error) {
	if f.from.location == "" || f.to.location == "" {
		return usageError("copy what? Name both stores: lacuna copy --from sqlite:shop.db --to neo4j://neo4j@localhost:7687")
	}
	f.to.password = f.from.password
	source, err := f.from.namedPlace("--from")
	if err != nil {
		return err
	}
	target, err := f.to.namedPlace("--to")
	if err != nil {
		return err
	}
	if source.name == target.name {
		return usageError("--to: the store cannot be copied into itself")
	}
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	collectGarbage(50)
	from, err := source.openToRead(ctx, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := target.openUnfinished(ctx, logger, printer(stderr))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	begun := time.Now()
	rows, err := copyStore(ctx, from.(graph.Archive), to.(graph.Archive), stderr)
	switch {
	case err != nil && ctx.Err() != nil:
		return errors.New("interrupted; what was copied is stored, and the same command goes on from there")
	case err != nil && errors.Is(err, graph.ErrUnavailable):
		return fmt.Errorf("%w; the same command goes on from there", err)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "copied %d customers and interactions in %.1f s\n", rows, time.Since(begun).Seconds())
	return err
}

// copyStore restores what a store exports, from where an earlier copy has ended.
func copyStore(ctx context.Context, from, to graph.Archive, stderr io.Writer) (rows int64, err error) {
	done, err := to.Restoring(ctx)
	if err != nil {
		return 0, err
	}
	progress := newCountProgress(stderr, "copy")
	defer progress.end()
	var at graph.Restoration
	var total int64
	for p, err := range from.Export(ctx) {
		if err != nil {
			return rows, err
		}
		if p.Header != nil {
			at.Version, total = p.Header.Version, p.Header.Rows
			if done.Portions > 0 && done.Version != at.Version {
				return 0, errors.New("the source has changed since the copy was begun: empty the target, or name another one, and begin anew")
			}
		}
		if at.Portions >= done.Portions {
			if err := to.Restore(ctx, at, p); err != nil {
				return rows, err
			}
		}
		at.Portions++
		rows += int64(len(p.People) + len(p.Interactions))
		progress.count(rows, total)
	}
	return rows, nil
}
