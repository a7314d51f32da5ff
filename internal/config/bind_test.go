package config_test

import (
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"lacuna/internal/config"
)

// settings is what the test's commands read.
type settings struct {
	Command  string
	Zone     string
	Currency string
	Store    string
	Source   string
	Limit    int
	Missing  bool
	Tags     []string
	Password string
}

// program returns a command tree with flags of every kind: shared ones, a command's own, and a secret.
func program(sources config.Sources) (root *cobra.Command, got *settings) {
	got = &settings{}
	var location *time.Location
	root = &cobra.Command{
		Use:               "lacuna",
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return sources.Bind(cmd) },
	}
	config.AddFlag(root)
	config.ZoneVar(root.PersistentFlags(), &location, time.UTC)

	run := func(cmd *cobra.Command, _ []string) {
		got.Command, got.Zone = cmd.Name(), location.String()
	}
	load := &cobra.Command{Use: "load", Run: run}
	config.CurrencyVar(load.Flags(), &got.Currency, "", "currency `code`")
	load.Flags().StringVar(&got.Store, "store", "sqlite:lacuna.db", "")
	load.Flags().StringVar(&got.Source, "source", "", "")
	load.Flags().IntVar(&got.Limit, "row-limit", 10, "")
	load.Flags().BoolVar(&got.Missing, "create-missing", false, "")
	load.Flags().StringSliceVar(&got.Tags, "tags", []string{"none"}, "")
	serve := &cobra.Command{Use: "serve", Run: run}
	serve.Flags().StringVar(&got.Store, "store", "sqlite:lacuna.db", "")
	serve.Flags().Var(&picky{&got.Password}, "neo4j-password", "")
	config.Secret(serve.Flags(), "neo4j-password")

	token := &cobra.Command{Use: "token"}
	create := &cobra.Command{Use: "create", Run: run}
	create.Flags().StringVar(&got.Source, "source", "", "")
	_ = create.MarkFlagRequired("source")
	token.AddCommand(create)

	root.AddCommand(load, serve, token)
	return root, got
}

// picky is a value that quotes what it refuses.
type picky struct{ text *string }

func (p *picky) Set(text string) error {
	if len(text) < 8 {
		return &fs.PathError{Op: "refuse", Path: text, Err: fs.ErrInvalid}
	}
	*p.text = text
	return nil
}
func (p *picky) String() string { return *p.text }
func (p *picky) Type() string   { return "string" }

// run executes args with the given variables and files and returns what the command read.
func run(args string, env, files map[string]string) (settings, error) {
	root, got := program(config.Sources{
		LookupEnv: func(name string) (string, bool) { text, ok := env[name]; return text, ok },
		ReadFile: func(path string) ([]byte, error) {
			if content, ok := files[path]; ok {
				return []byte(content), nil
			}
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		},
	})
	words := strings.Fields(args)
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], `''`, "")
	}
	root.SetArgs(words)
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	err := root.Execute()
	return *got, err
}

func TestBind(t *testing.T) {
	type vars = map[string]string
	defaults := settings{Command: "load", Zone: "UTC", Store: "sqlite:lacuna.db", Limit: 10, Tags: []string{"none"}}
	with := func(change func(*settings)) settings {
		s := defaults
		change(&s)
		return s
	}
	source := func(name string) settings { return with(func(s *settings) { s.Source = name }) }

	for name, tt := range map[string]struct {
		args string
		env  vars
		yaml string
		want settings
	}{
		"default alone":       {args: "load", want: defaults},
		"file over default":   {args: "load", yaml: "source: file", want: source("file")},
		"variable over file":  {args: "load", env: vars{"LACUNA_SOURCE": "env"}, yaml: "source: file", want: source("env")},
		"flag over variable":  {args: "load --source flag", env: vars{"LACUNA_SOURCE": "env"}, yaml: "source: file", want: source("flag")},
		"flag may be empty":   {args: "load --source ''", env: vars{"LACUNA_SOURCE": "env"}, want: defaults},
		"flag hides mistakes": {args: "load --row-limit 3", env: vars{"LACUNA_ROW_LIMIT": "x"}, want: with(func(s *settings) { s.Limit = 3 })},

		"empty variable says nothing": {args: "load", env: vars{"LACUNA_SOURCE": ""}, yaml: "source: file", want: source("file")},
		"empty key says nothing":      {args: "load", yaml: "source:\nload:\n", want: defaults},
		"quoted empty key is a value": {args: "load", yaml: `store: ""`, want: with(func(s *settings) { s.Store = "" })},
		"comments only":               {args: "load", yaml: "# nothing yet\n", want: defaults},
		"byte order mark, CRLF":       {args: "load", yaml: "\ufeffsource: file\r\nzone: UTC\r\n", want: source("file")},

		"section over top":               {args: "load", yaml: "load: {source: near}\nsource: far", want: source("near")},
		"section of another command":     {args: "load", yaml: "token: {create: {source: other}}", want: defaults},
		"top key of another command":     {args: "load", yaml: "neo4j_password: short", want: defaults},
		"shared flag within section":     {args: "load", yaml: "load:\n  zone: Asia/Taipei", want: with(func(s *settings) { s.Zone = "Asia/Taipei" })},
		"section without the key":        {args: "load", yaml: "source: far\nload:\n  row_limit: 7", want: with(func(s *settings) { s.Source, s.Limit = "far", 7 })},
		"section of a parent, then none": {args: "token create", yaml: "token:\n  source: parent", want: settings{Command: "create", Zone: "UTC", Store: "sqlite:lacuna.db", Limit: 10, Tags: []string{"none"}, Source: "parent"}},

		"required flag from variable": {args: "token create", env: vars{"LACUNA_SOURCE": "env"}, want: settings{Command: "create", Zone: "UTC", Store: "sqlite:lacuna.db", Limit: 10, Tags: []string{"none"}, Source: "env"}},

		"number and bool": {args: "load", yaml: "row_limit: 1_000\ncreate_missing: True", want: with(func(s *settings) { s.Limit, s.Missing = 1000, true })},
		"list":            {args: "load", yaml: "tags: [\"a,b\", c, 1.50]", want: with(func(s *settings) { s.Tags = []string{"a,b", "c", "1.50"} })},
		"list as text":    {args: "load", env: vars{"LACUNA_TAGS": "a,b"}, want: with(func(s *settings) { s.Tags = []string{"a", "b"} })},
		"block text":      {args: "load", yaml: "source: |-\n  two\n  lines\n", want: source("two\nlines")},
		"currency":        {args: "load", yaml: "currency: twd", want: with(func(s *settings) { s.Currency = "TWD" })},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{}
			if tt.yaml != "" {
				files[config.DefaultFile] = tt.yaml
			}
			got, err := run(tt.args, tt.env, files)
			if err != nil {
				t.Fatalf("run(%q): %v", tt.args, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("run(%q) (-want +got):\n%s", tt.args, diff)
			}
		})
	}
}

func TestBindChoosesFile(t *testing.T) {
	files := map[string]string{
		config.DefaultFile: "source: default",
		"a.yaml":           "source: a",
		"b.yaml":           "source: b",
	}
	for _, tt := range []struct{ args, env, want string }{
		{"load", "", "default"},
		{"load", "a.yaml", "a"},
		{"load --config b.yaml", "a.yaml", "b"},
		{"load --config ''", "a.yaml", ""},
	} {
		got, err := run(tt.args, map[string]string{"LACUNA_CONFIG": tt.env}, files)
		if err != nil || got.Source != tt.want {
			t.Errorf("run(%q) with LACUNA_CONFIG=%q: source %q, %v; want %q", tt.args, tt.env, got.Source, err, tt.want)
		}
	}
}

func TestBindErrors(t *testing.T) {
	type vars = map[string]string
	for name, tt := range map[string]struct {
		args string // "load" where empty
		env  vars
		yaml string
		want string
	}{
		"variable, number":   {env: vars{"LACUNA_ROW_LIMIT": "many"}, want: `LACUNA_ROW_LIMIT: cannot read "many" as int: invalid syntax`},
		"variable, bool":     {env: vars{"LACUNA_CREATE_MISSING": "yes"}, want: `LACUNA_CREATE_MISSING: cannot read "yes" as bool: invalid syntax`},
		"variable, range":    {env: vars{"LACUNA_ROW_LIMIT": "99999999999999999999"}, want: `LACUNA_ROW_LIMIT: cannot read "99999999999999999999" as int: value out of range`},
		"variable, zone":     {env: vars{"LACUNA_ZONE": "Taipei"}, want: `LACUNA_ZONE: unknown time zone "Taipei"; use an IANA name such as Asia/Taipei or UTC`},
		"file, zone":         {yaml: "\n\nzone: Local", want: `lacuna.yaml:3: zone: unknown time zone "Local"; use an IANA name such as Asia/Taipei or UTC`},
		"file, currency":     {yaml: "load: {currency: NT$}", want: `lacuna.yaml:1: currency: "NT$" is no ISO 4217 currency code such as TWD`},
		"file, list":         {yaml: "source: [a, b]", want: `lacuna.yaml:1: source: takes one value, not a list`},
		"variable, secret":   {args: "serve", env: vars{"LACUNA_NEO4J_PASSWORD": "hunter2"}, want: `LACUNA_NEO4J_PASSWORD: the value is not accepted (it is a secret and not shown)`},
		"file, secret":       {args: "serve", yaml: "neo4j_password: hunter2", want: `lacuna.yaml:1: neo4j_password: the value is not accepted (it is a secret and not shown)`},
		"required, not seen": {args: "token create", want: `required flag(s) "source" not set`},

		"unknown key":            {yaml: "zone: UTC\nsorce: x", want: `lacuna.yaml:2: unknown key "sorce"; did you mean source?`},
		"unknown key, dashes":    {yaml: "create-missing: true", want: `lacuna.yaml:1: unknown key "create-missing"; did you mean create_missing?`},
		"unknown key, case":      {yaml: "Zone: UTC", want: `lacuna.yaml:1: unknown key "Zone"; did you mean zone?`},
		"unknown key, far":       {yaml: "wxyz: 1", want: `lacuna.yaml:1: unknown key "wxyz"; known are create_missing, currency, load, neo4j_password, row_limit, serve, source, store, tags, token, zone`},
		"unknown key in section": {yaml: "token:\n  create:\n    stor: x", want: `lacuna.yaml:3: unknown key "stor" for lacuna token create; known are source, zone`},
		"flag of another":        {yaml: "serve:\n  tags: x", want: `lacuna.yaml:2: unknown key "tags" for lacuna serve; known are neo4j_password, store, zone`},
		"the file's own name":    {yaml: "config: other.yaml", want: `lacuna.yaml:1: config: a file cannot name the file; use --config or LACUNA_CONFIG`},
		"section for a flag":     {yaml: "zone:\n  name: UTC", want: `lacuna.yaml:1: zone: takes a value, not keys of its own`},
		"value for a command":    {yaml: "load: crm", want: `lacuna.yaml:1: load: is a command; put the keys for its flags below it`},

		"syntax":           {yaml: "zone: UTC\nneo4j_password: \"hunter2", want: `lacuna.yaml:2: could not find end character of double-quoted text`},
		"twice":            {yaml: "zone: UTC\nzone: UTC", want: `lacuna.yaml:2: mapping key "zone" already defined at [1:1]`},
		"no mapping":       {yaml: "hunter2", want: "lacuna.yaml:1: expected keys and values, as in `zone: UTC`"},
		"list of keys":     {yaml: "- zone: UTC", want: "lacuna.yaml:1: expected keys and values, as in `zone: UTC`"},
		"key of two lines": {yaml: "? zone\n: UTC", want: `lacuna.yaml:1: a key must be a plain name`},
		"list of lists":    {yaml: "tags:\n  - a\n  - [b]", want: `lacuna.yaml:3: tags: a list holds plain values only`},
		"alias":            {yaml: "source: &s crm\nstore: *s", want: `lacuna.yaml:1: source: expected a plain value; anchors, aliases and tags are not read`},
		"two documents":    {yaml: "zone: UTC\n---\nsource: x", want: `lacuna.yaml:3: a second YAML document; keep one`},

		"named file absent, flag":     {args: "load --config no.yaml", want: `--config: read configuration: open no.yaml: file does not exist`},
		"named file absent, variable": {env: vars{"LACUNA_CONFIG": "no.yaml"}, want: `LACUNA_CONFIG: read configuration: open no.yaml: file does not exist`},
		"default file named, absent":  {args: "load --config lacuna.yaml", want: `--config: read configuration: open lacuna.yaml: file does not exist`},

		"all at once": {
			env:  vars{"LACUNA_ROW_LIMIT": "many"},
			yaml: "sourc: x\nzone: Mars",
			want: "lacuna.yaml:1: unknown key \"sourc\"; did you mean source?\n" +
				"LACUNA_ROW_LIMIT: cannot read \"many\" as int: invalid syntax\n" +
				"lacuna.yaml:2: zone: unknown time zone \"Mars\"; use an IANA name such as Asia/Taipei or UTC",
		},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{}
			if tt.yaml != "" {
				files[config.DefaultFile] = tt.yaml
			}
			if tt.args == "" {
				tt.args = "load"
			}
			_, err := run(tt.args, tt.env, files)
			if err == nil {
				t.Fatalf("run(%q): no error, want %q", tt.args, tt.want)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("run(%q) (-want +got):\n%s", tt.args, diff)
			}
		})
	}
}

func TestBindLeavesHelpAndCompletionAlone(t *testing.T) {
	broken := map[string]string{config.DefaultFile: "not: [valid"}
	for _, args := range []string{"help load", "load --help", "completion bash", "__complete load --z"} {
		if _, err := run(args, nil, broken); err != nil {
			t.Errorf("run(%q) with a broken file: %v, want none", args, err)
		}
	}
}

func TestOrigin(t *testing.T) {
	for _, tt := range []struct {
		args, env, yaml, want string
	}{
		{"load", "", "", "default"},
		{"load", "", "\nsource: x", "lacuna.yaml:2: source"},
		{"load", "x", "source: x", "LACUNA_SOURCE"},
		{"load --source x", "x", "source: x", "--source"},
	} {
		root, _ := program(config.Sources{
			LookupEnv: func(name string) (string, bool) { return tt.env, name == "LACUNA_SOURCE" },
			ReadFile:  func(string) ([]byte, error) { return []byte(tt.yaml), nil },
		})
		root.SetArgs(strings.Fields(tt.args))
		cmd, err := root.ExecuteC()
		if err != nil {
			t.Fatal(err)
		}
		if got := config.Origin(cmd.Flag("source")); got != tt.want {
			t.Errorf("Origin(source) after %q, %q, %q = %q, want %q", tt.args, tt.env, tt.yaml, got, tt.want)
		}
	}
}

// TestBindReadsProcess goes through the real environment and working directory.
func TestBindReadsProcess(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("LACUNA_ADDR", "127.0.0.1:1")
	var addr string
	root := &cobra.Command{
		Use:               "lacuna",
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return config.Bind(cmd) },
		Run:               func(*cobra.Command, []string) {},
	}
	config.AddFlag(root)
	root.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "")
	root.SetArgs(nil)
	if err := root.Execute(); err != nil || addr != "127.0.0.1:1" {
		t.Errorf("Bind: addr %q, %v; want that of LACUNA_ADDR", addr, err)
	}
}

func TestZoneAndCurrencyShowTheirDefaults(t *testing.T) {
	var location *time.Location
	var code string
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	config.ZoneVar(flags, &location, time.UTC)
	config.CurrencyVar(flags, &code, "TWD", "currency `code`")
	for _, want := range []string{"--zone zone", "default UTC", "--currency code", "default TWD"} {
		if usage := flags.FlagUsages(); !strings.Contains(usage, want) {
			t.Errorf("FlagUsages() = %q, want it to contain %q", usage, want)
		}
	}
}

func FuzzBind(f *testing.F) {
	f.Add("zone: UTC\nload: {source: crm, tags: [a, b]}")
	f.Add("? a\n: &x [*x, !!str 1]\n---\n- b")
	f.Add("a: |\n  text\n<<: {zone: UTC}")
	f.Fuzz(func(_ *testing.T, yaml string) {
		_, _ = run("load", nil, map[string]string{config.DefaultFile: yaml}) // must not panic
	})
}
