package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"lacuna/graph"
	"lacuna/internal/sample"
	"lacuna/loader/bulk"
)

func newDemo() *cobra.Command {
	var flags serveFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve a small travel marketplace to look around in",
		Long:  "Demo loads a small travel marketplace in Taiwan into a temporary store, which is gone when it ends, and serves it.",
		Example: `  lacuna demo
  lacuna demo --addr 127.0.0.1:9000`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return demo(cmd, flags) },
	}
	flags.add(cmd)
	return cmd
}

func demo(cmd *cobra.Command, flags serveFlags) (err error) {
	folder, err := os.MkdirTemp("", "lacuna-demo-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	open := func(ctx context.Context, logger *slog.Logger) (graph.Store, error) {
		return openDemo(ctx, folder, logger, printer(cmd.ErrOrStderr()))
	}
	return serve(cmd, flags, "sqlite:demo", open, func(address string) {
		fmt.Fprintf(cmd.OutOrStdout(), demoWelcome, address)
	})
}

// openDemo loads the sample through the same path as anybody's files.
func openDemo(ctx context.Context, folder string, logger *slog.Logger, say func(string, ...any)) (graph.Store, error) {
	files := filepath.Join(folder, "files")
	if err := os.CopyFS(files, sample.Files()); err != nil {
		return nil, fmt.Errorf("unpack the sample: %w", err)
	}
	store, err := openStore(ctx, filepath.Join(folder, "demo.db"), logger, func(string, ...any) {})
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(sample.Zone)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	summary, err := bulk.Load(ctx, store, []string{files}, bulk.Options{Source: "demo", Zone: zone, Currency: sample.Currency})
	if err == nil && summary.Rejected > 0 {
		err = fmt.Errorf("%d rows of the sample were rejected", summary.Rejected)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("load the sample: %w", err), store.Close())
	}
	say("loaded a sample of %d rows\n", summary.Rows())
	return store, nil
}

const demoWelcome = `A small travel marketplace is loaded. Ask who a customer is:

  curl -s %[1]s/graphql -H 'Content-Type: application/json' -d '{"query":
    "{ customer(by: {identity: {kind: EMAIL, value: \"mei.chen@example.com\"}}) { id name identities { kind value } interactions(first: 5) { totalCount nodes { at type product { name } category { name(lang: \"zh\") } } } } }"}'

End with Ctrl-C; nothing is kept.
`
