package main

import (
	"crypto/rand"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"lacuna/internal/access"
)

const defaultKeys = "lacuna-keys.json"

func newToken() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make, list and remove API keys",
		Long: "Token keeps the API keys of those who may ask: in a file, as hashes. A key is shown once, when it is made. Its role is admin\n" +
			"(everything) or ingest (writing what files would bring, reading nothing). A server that runs with --keys follows the file\n" +
			"within about a second.",
		Example: `  lacuna token add bi --role admin
  lacuna token add shop --role ingest
  lacuna token list
  lacuna token remove bi
  lacuna serve --keys lacuna-keys.json --addr 0.0.0.0:8080`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError("token has no %q: use add, list or remove", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&path, "keys", defaultKeys, "the `file` of keys")
	cmd.AddCommand(newTokenAdd(&path), newTokenList(&path), newTokenRemove(&path))
	return cmd
}

func newTokenAdd(path *string) *cobra.Command {
	role := string(access.Admin)
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Make a key and print it, once",
		Args:  oneName,
		RunE: func(cmd *cobra.Command, args []string) error {
			keys, err := access.Load(*path)
			if err != nil {
				return err
			}
			text, err := keys.Add(args[0], access.Role(role), rand.Reader, time.Now())
			if err != nil {
				return usageError("%w", err)
			}
			if err := keys.Save(); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "made the %s key %s in %s; keep what follows, it is not shown again\n", role, args[0], *path)
			_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
			return err
		},
	}
	cmd.Flags().StringVar(&role, "role", role, "what the key allows: admin or ingest")
	return cmd
}

func newTokenList(path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the keys' names, roles and ages",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			keys, err := access.Load(*path)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tROLE\tMADE")
			for _, k := range keys.Keys() {
				fmt.Fprintf(w, "%s\t%s\t%s\n", k.Name, k.Role, k.CreatedAt.Format(time.DateOnly))
			}
			return w.Flush()
		},
	}
}

func newTokenRemove(path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a key, which then opens nothing",
		Args:  oneName,
		RunE: func(cmd *cobra.Command, args []string) error {
			keys, err := access.Load(*path)
			if err != nil {
				return err
			}
			if err := keys.Remove(args[0]); err != nil {
				return err
			}
			if err := keys.Save(); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "removed the key %s from %s\n", args[0], *path)
			return nil
		},
	}
}

func oneName(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError("name one key, as in: lacuna token add bi")
	}
	return nil
}
