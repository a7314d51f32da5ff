package e2e

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestSettings holds flag over variable over file, for one flag as for all.
func TestSettings(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "categories.csv", "id,name\na,A\n")
	write(t, folder, "lacuna.yaml", "store: sqlite:file.db\n")
	made := func() []string {
		found, err := filepath.Glob(filepath.Join(folder, "*.db"))
		if err != nil {
			t.Fatal(err)
		}
		for i, path := range found {
			found[i] = filepath.Base(path)
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
		return found
	}
	for _, c := range []struct {
		variable  string
		arguments []string
		want      string
	}{
		{"", nil, "file.db"}, {"LACUNA_STORE=sqlite:variable.db", nil, "variable.db"},
		{"LACUNA_STORE=sqlite:variable.db", []string{"--store", "sqlite:flag.db"}, "flag.db"}, {"LACUNA_CONFIG=", []string{"--config="}, "lacuna.db"},
	} {
		cmd := command(t, folder, append([]string{"load", "categories.csv"}, c.arguments...)...)
		cmd.Env = append(cmd.Env, c.variable)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if diff := cmp.Diff([]string{c.want}, made()); diff != "" {
			t.Error(diff)
		}
	}
}

// TestSchema holds the schema to what was last looked at; run with -update after a change that is meant.
func TestSchema(t *testing.T) {
	stdout, stderr, code := run(t, t.TempDir(), "schema")
	if code != 0 || stderr != "" {
		t.Fatalf("schema ended with %d: %s", code, stderr)
	}
	golden := filepath.Join("testdata", "schema.graphqls")
	if *update {
		if err := os.WriteFile(golden, []byte(stdout), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), stdout); diff != "" {
		t.Error(diff)
	}
}

// TestDescriptions holds that everything in the schema says what it is, in a sentence.
func TestDescriptions(t *testing.T) {
	text, _, _ := run(t, t.TempDir(), "schema")
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: text})
	if err != nil {
		t.Fatal(err)
	}
	described := func(what, description string) {
		t.Helper()
		if description == "" || strings.TrimSpace(description) != description {
			t.Errorf("%s has the description %q", what, description)
		}
	}
	for name, d := range schema.Types {
		if d.BuiltIn || name == "Query" || name == "Mutation" {
			continue
		}
		described(name, d.Description)
	}
	count := 0
	for name, d := range schema.Types {
		if d.BuiltIn {
			continue
		}
		for _, field := range d.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			count++
			described(name+"."+field.Name, field.Description)
			for _, argument := range field.Arguments {
				described(name+"."+field.Name+"("+argument.Name+")", argument.Description)
			}
		}
		for _, value := range d.EnumValues {
			count++
			described(name+"."+value.Name, value.Description)
		}
	}
	described("@personal", schema.Directives["personal"].Description)
	if count < 200 {
		t.Errorf("only %d fields and values were looked at", count)
	}
}

func TestOtherCommands(t *testing.T) {
	for _, c := range []struct {
		arguments []string
		code      int
		begins    string
	}{
		{[]string{"--help"}, 0, "Examples:\n  lacuna demo"}, {nil, 0, "Examples:\n  lacuna demo"}, {[]string{"load", "--help"}, 0, "Examples:\n  lacuna load"},
		{[]string{"serve", "--help"}, 0, "Examples:\n  lacuna serve"}, {[]string{"version"}, 0, "lacuna "}, {[]string{"completion", "bash"}, 0, "# bash completion"},
		{[]string{"nope"}, 2, ""}, {[]string{"--nope"}, 2, ""}, {[]string{"version", "extra"}, 2, ""}, {[]string{"schema", "extra"}, 2, ""},
	} {
		stdout, stderr, code := run(t, t.TempDir(), c.arguments...)
		if code != c.code || !strings.HasPrefix(stdout, c.begins) || (code == 0) != (stderr == "") {
			t.Errorf("%v ended with %d: %.200s%s", c.arguments, code, stdout, stderr)
		}
	}
}
