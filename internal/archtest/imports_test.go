package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "lacuna"

// TestImportLaw holds every file of the module, except tests, to the law.
func TestImportLaw(t *testing.T) {
	for _, src := range sources(t) {
		if src.isTest() {
			continue
		}
		for _, spec := range src.file.Imports {
			path := importPath(t, spec)
			if broken := judge(src.folder(), path); broken != "" {
				t.Errorf("%s:%d: %s", src.path, src.line(spec.Pos()), broken)
			}
		}
		if _, ok := layerOf(src.folder()); !ok && len(src.file.Imports) == 0 {
			t.Errorf("%s: %s", src.path, noPlace(src.folder()))
		}
	}
}

// TestJudge shows that the law can be broken, and what it then says.
func TestJudge(t *testing.T) {
	for _, tt := range []struct{ folder, path, want string }{
		{"graph", "strings", ""},
		{"graph", "golang.org/x/text/cases", ""},
		{"graph", "golang.org/x/textual", "graph may not import golang.org/x/textual"},
		{"graph", "lacuna/loader", "graph may not import lacuna/loader"},
		{"graph/sqlitestore", "lacuna/graph", ""},
		{"graph/sqlitestore", "zombiezen.com/go/sqlite/sqlitex", ""},
		{"graph/sqlitestore", "lacuna/graph/neo4jstore", "graph/sqlitestore may not import lacuna/graph/neo4jstore"},
		{"graph/sqlitestore", "database/sql", "graph/sqlitestore may not import database/sql"},
		{"graph/unheard", "strings", "graph/unheard has no place in the import law"},
		{"insight", "github.com/99designs/gqlgen/graphql", "insight may not import github.com/99designs/gqlgen/graphql"},
		{"insight/stats", "lacuna/insight", ""},
		{"insight", "gonum.org/v1/gonum/stat", ""},
		{"insight", "lacuna/loader", "insight may not import lacuna/loader"},
		{"loader", "lacuna/graph/model", "loader may not import lacuna/graph/model"},
		{"loader/bulk", "zombiezen.com/go/sqlite", "loader/bulk may not import zombiezen.com/go/sqlite"},
		{"resolvers", "lacuna/loader", ""},
		{"resolvers", "lacuna/server", "resolvers may not import lacuna/server"},
		{"resolvers", "lacuna/graph/sqlitestore", "resolvers may not import lacuna/graph/sqlitestore"},
		{"server", "lacuna/resolvers", ""},
		{"server", "lacuna/cmd/lacuna", "server may not import lacuna/cmd/lacuna"},
		{"server", "lacuna/internal/config", "server may not import lacuna/internal/config"},
		{"server", "testing", "server may not import testing"},
		{"cmd/lacuna", "lacuna/internal/config", ""},
		{"cmd/lacuna", "lacuna/graph/graphtest", "cmd/lacuna may not import lacuna/graph/graphtest"},
		{"web", "github.com/spf13/cobra", "web may not import github.com/spf13/cobra"},
	} {
		got := judge(tt.folder, tt.path)
		if head, _, _ := strings.Cut(got, ":"); head != tt.want {
			t.Errorf("judge(%q, %q) = %q, want %q: …", tt.folder, tt.path, got, tt.want)
		}
	}
}

// judge returns why a package in folder may not import path and what to do instead, or "".
func judge(folder, path string) string {
	l, ok := layerOf(folder)
	if !ok {
		return noPlace(folder)
	}
	if own, ok := within(module, path); ok {
		if !matches(l.pattern, own) && !slices.ContainsFunc(l.ours, func(p string) bool { return matches(p, own) }) {
			return fmt.Sprintf("%s may not import %s: of ours it may import %s (%s); move the code to where both may use "+
				"it, or let the caller hand it in", folder, path, listed(l.ours), l.why)
		}
		return ""
	}
	for _, o := range owners {
		if _, ok := within(o.module, path); ok && !slices.ContainsFunc(o.packages, func(p string) bool { return matches(p, folder) }) {
			return fmt.Sprintf("%s may not import %s: only %s may (%s)", folder, path, listed(o.packages), o.why)
		}
	}
	if l.outside != nil && !isStandard(path) && !slices.ContainsFunc(l.outside, func(m string) bool { _, ok := within(m, path); return ok }) {
		return fmt.Sprintf("%s may not import %s: of other modules it may import %s (%s)", folder, path, listed(l.outside), l.why)
	}
	return ""
}

func noPlace(folder string) string {
	return folder + " has no place in the import law: add a row for it to layers in internal/archtest/law_test.go"
}

func layerOf(folder string) (layer, bool) {
	for _, l := range layers {
		if matches(l.pattern, folder) {
			return l, true
		}
	}
	return layer{}, false
}

// matches says whether a package is the one that the pattern names, or below it where the pattern ends in "/...".
func matches(pattern, folder string) bool {
	top, tree := strings.CutSuffix(pattern, "/...")
	rest, ok := within(top, folder)
	return ok && (tree || rest == ".")
}

// within returns what follows parent in path, "." where they are the same.
func within(parent, path string) (rest string, ok bool) {
	if path == parent {
		return ".", true
	}
	return strings.CutPrefix(path, parent+"/")
}

// isStandard says whether an import path is of the standard library: no dot in its first part.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func listed(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

func importPath(t *testing.T, spec *ast.ImportSpec) string {
	t.Helper()
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
