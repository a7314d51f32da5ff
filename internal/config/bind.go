package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// DefaultFile is the configuration file that is read, when it exists, where no other one is named.
const DefaultFile = "lacuna.yaml"

const (
	fileFlag         = "config"
	originAnnotation = "lacuna_config_origin"
	secretAnnotation = "lacuna_config_secret"
)

// Sources are the places outside the command line that settings come from.
type Sources struct {
	LookupEnv func(name string) (string, bool)  // as [os.LookupEnv]
	ReadFile  func(path string) ([]byte, error) // as [os.ReadFile]
}

// AddFlag gives root, and so all its commands, the flag --config.
func AddFlag(root *cobra.Command) {
	root.PersistentFlags().String(fileFlag, DefaultFile, "read settings from this `file`; empty reads none")
}

// Bind settles the flags of cmd that the command line left open, from the process environment and the configuration
// file. It is meant for the root's PersistentPreRunE: flags are parsed by then, and required flags are checked after.
func Bind(cmd *cobra.Command) error {
	return Sources{LookupEnv: os.LookupEnv, ReadFile: os.ReadFile}.Bind(cmd)
}

// Bind settles the flags of cmd as [Bind] does, from s. What it sets counts as changed, so that required flags and
// flag groups take it as given. All that is wrong is reported together, one problem a line.
func (s Sources) Bind(cmd *cobra.Command) error {
	if !configurable(cmd) {
		return nil
	}
	file, err := s.open(cmd)
	if err != nil {
		return err
	}
	errs := file.check(cmd.Root())
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if !flag.Changed && settable(flag.Name) {
			errs = append(errs, s.settle(cmd, flag, file))
		}
	})
	return errors.Join(errs...)
}

// EnvName returns the environment variable that sets the flag of the given name.
func EnvName(flag string) string {
	return "LACUNA_" + strings.ToUpper(Key(flag))
}

// Key returns the key of the configuration file that sets the flag of the given name.
func Key(flag string) string {
	return strings.ReplaceAll(flag, "-", "_")
}

// Origin says where the value of flag came from: "--zone", "LACUNA_ZONE", "lacuna.yaml:3: zone" or "default". Errors
// about a value that are found after Bind begin with it.
func Origin(flag *pflag.Flag) string {
	if origin := flag.Annotations[originAnnotation]; len(origin) > 0 {
		return origin[0]
	}
	if flag.Changed {
		return "--" + flag.Name
	}
	return "default"
}

// Secret marks the named flag, which must exist, as one whose value no error may show.
func Secret(flags *pflag.FlagSet, name string) {
	annotate(flags.Lookup(name), secretAnnotation, "true")
}

// settle sets one flag from the variable or else the file.
func (s Sources) settle(cmd *cobra.Command, flag *pflag.Flag, file *file) error {
	if text, ok := s.LookupEnv(EnvName(flag.Name)); ok && text != "" {
		return set(flag, value{text: text}, EnvName(flag.Name))
	}
	if e := file.lookup(cmd, flag.Name); e != nil {
		return set(flag, e.value, file.origin(e))
	}
	return nil
}

func set(flag *pflag.Flag, v value, origin string) error {
	if err := v.assign(flag.Value); err != nil {
		if flag.Annotations[secretAnnotation] != nil {
			return fmt.Errorf("%s: the value is not accepted (it is a secret and not shown)", origin)
		}
		return fmt.Errorf("%s: %w", origin, readable(err, flag.Value.Type()))
	}
	flag.Changed = true
	annotate(flag, originAnnotation, origin)
	return nil
}

// readable puts what strconv says of a number or a bool, which names a Go function, into a user's words.
func readable(err error, kind string) error {
	if num, ok := errors.AsType[*strconv.NumError](err); ok {
		return fmt.Errorf("cannot read %q as %s: %w", num.Num, kind, num.Err)
	}
	return err
}

// open reads the configuration file; a file that is absent without having been asked for is empty.
func (s Sources) open(cmd *cobra.Command) (*file, error) {
	path, origin := DefaultFile, ""
	if flag := cmd.Flags().Lookup(fileFlag); flag != nil && flag.Changed {
		path, origin = flag.Value.String(), "--"+fileFlag
	} else if named, ok := s.LookupEnv(EnvName(fileFlag)); ok && named != "" {
		path, origin = named, EnvName(fileFlag)
	}
	if path == "" {
		return &file{}, nil
	}
	content, err := s.ReadFile(path)
	switch {
	case err == nil:
		return parse(path, content)
	case origin != "":
		return nil, fmt.Errorf("%s: read configuration: %w", origin, err)
	case errors.Is(err, fs.ErrNotExist):
		return &file{}, nil
	default:
		return nil, fmt.Errorf("read configuration: %w", err)
	}
}

// settable says whether variables and files may set the flag: not help and version, which replace the command by
// another one, nor the name of the file itself, which is settled before the file is read.
func settable(flag string) bool {
	switch flag {
	case "help", "version", fileFlag:
		return false
	}
	return true
}

// configurable says whether cmd reads settings at all. Those that cobra adds do not, so that a mistake in a file never
// breaks help or completion in the shell.
func configurable(cmd *cobra.Command) bool {
	for c := cmd; c.HasParent(); c = c.Parent() {
		switch c.Name() {
		case "help", "completion", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd:
			return false
		}
	}
	return true
}

func annotate(flag *pflag.Flag, key, text string) {
	if flag.Annotations == nil {
		flag.Annotations = map[string][]string{}
	}
	flag.Annotations[key] = []string{text}
}
