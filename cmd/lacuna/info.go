package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"lacuna/resolvers"
)

// version is set by the linker.
var version = "dev"

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			printed := version
			if info, ok := debug.ReadBuildInfo(); ok && printed == "dev" && info.Main.Version != "" {
				printed = info.Main.Version
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "lacuna %s (%s, %s/%s)\n", printed, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the GraphQL schema",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), resolvers.Schema())
			return err
		},
	}
}
