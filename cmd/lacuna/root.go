package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"lacuna/internal/config"
)

// Exit codes, as scripts see them.
const (
	exitOK       = 0
	exitFailed   = 1
	exitUsage    = 2
	exitRejected = 3 // everything was read, and some rows were rejected
)

// exitError is an error that has its own exit code; a nil err says that all was said already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func usageError(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// run executes one command line and gives the exit code. Errors go to stderr with what to do next.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	exit, ok := errors.AsType[*exitError](err)
	if !ok {
		exit = &exitError{code: exitFailed, err: err}
	}
	if exit.err != nil {
		fmt.Fprintf(stderr, "lacuna: %v\n", exit.err)
	}
	if exit.code == exitUsage {
		fmt.Fprintf(stderr, "Run 'lacuna --help' or 'lacuna COMMAND --help' for usage.\n")
	}
	return exit.code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "lacuna",
		Short: "Who is this customer, and what do growing groups of customers want that we do not sell?",
		Example: `  lacuna demo                       look around in a small travel marketplace
  lacuna load shop/                 load a folder of files into lacuna.db
  lacuna serve                      serve lacuna.db on http://127.0.0.1:8080`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError("unknown command %q", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := config.Bind(cmd); err != nil {
				return &exitError{code: exitUsage, err: err}
			}
			return nil
		},
	}
	root.SetHelpTemplate(helpTemplate)
	root.SetUsageTemplate(usageTemplate)
	config.AddFlag(root)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &exitError{code: exitUsage, err: err} })
	root.AddCommand(newDemo(), newServe(), newLoad(), newSegments(), newGaps(), newExport(), newGenerate(), newEvaluate(), newCopy(), newDoctor(), newToken(), newSchema(), newVersion())
	return root
}

// helpTemplate is cobra's with the examples first, since most people look for a line to copy.
const helpTemplate = `{{if .HasExample}}Examples:
{{.Example}}

{{end}}{{with or .Long .Short}}{{. | trimTrailingWhitespaces}}

{{end}}{{.UsageString}}`

// usageTemplate is cobra's, with where else flags can be set.
const usageTemplate = `Usage:{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} [command]

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Global Flags:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}

Every flag can also be set by a variable (--create-missing is LACUNA_CREATE_MISSING) or in lacuna.yaml (create_missing).
{{if .HasAvailableSubCommands}}
Run '{{.CommandPath}} COMMAND --help' for more about a command.
{{end}}`
