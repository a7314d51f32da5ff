package guard

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"pgregory.net/rapid"
)

// bomb is n fragments of which each spreads the next one twice.
func bomb(n int, end string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "fragment f%d on Query { ...f%d ...f%d } ", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "fragment f%d on Query { %s }", n, end)
	return b.String()
}

func nest(n int, open, end, closing string) string {
	return strings.Repeat(open, n) + end + strings.Repeat(closing, n)
}

func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format+" ", i)
	}
	return b.String()
}

// TestLimits holds that what is at a limit passes, and that what is one beyond is refused by its name.
func TestLimits(t *testing.T) {
	l := Default()
	for name, c := range map[string]struct {
		document func(n int) string
		at       int
	}{
		"bytes":               {func(n int) string { return "{a}" + strings.Repeat(" ", n-3) }, l.Bytes},
		"tokens":              {func(n int) string { return "{x(a: [" + strings.Repeat("1 ", n-9) + "])}" }, l.Tokens},
		"nesting":             {func(n int) string { return "{a(x: " + nest(n-2, "[", "1", "]") + ")}" }, l.Nesting},
		"depth":               {func(n int) string { return nest(n, "{a", "", "}") }, l.Depth},
		"introspection-depth": {func(n int) string { return "{__schema" + nest(n-1, "{a", "", "}") + "}" }, l.IntrospectionDepth},
		"aliases":             {func(n int) string { return "{x {" + numbered(n, "a%d: b") + "}}" }, l.Aliases},
		"directives":          {func(n int) string { return "{a " + strings.Repeat("@skip(if: true) ", n) + "}" }, l.Directives},
		"root-fields":         {func(n int) string { return "{" + numbered(n, "a%d") + "}" }, l.RootFields},
		"operations":          {func(n int) string { return numbered(n, "query q%d {a}") }, l.Operations},
		"fragments":           {func(n int) string { return "{a} " + numbered(n, "fragment f%d on Q {a}") }, l.Fragments},
		"introspection-roots": {func(n int) string { return "{" + strings.Repeat("__schema{a} ", n) + "}" }, l.IntrospectionRoots},
		"nodes": {func(n int) string { // 1 field, n-1 selections below: spreads of 100 selections each count 101
			n--
			text := "{x {" + strings.Repeat("...f ", n/101) + strings.Repeat("a ", n%101) + "}} fragment f on Q {"
			return text + numbered(100, "b%d") + "}"
		}, l.Nodes},
		"merge-pairs": {func(n int) string { // 100 fields of one name are 4,950 pairs
			fields := 0
			for (fields+1)*fields/2 <= n {
				fields++
			}
			rest := n - fields*(fields-1)/2
			return "{x {" + strings.Repeat("a ", fields) + "y {" + numbered(rest, "b%d b%[1]d") + "}}}"
		}, l.MergePairs},
	} {
		t.Run(name, func(t *testing.T) {
			if r := l.Document(c.document(c.at)); r != nil {
				t.Errorf("at the limit: %v", r)
			}
			r := l.Document(c.document(c.at + 1))
			if r == nil || r.Limit != name || r.Most != c.at || r.Seen != c.at+1 {
				t.Fatalf("beyond the limit: %+v", r)
			}
			if text := r.Error(); !strings.Contains(text, name) || !strings.Contains(text, fmt.Sprint(c.at)) {
				t.Errorf("it says %s", text)
			}
			wider := l
			if err := wider.Set(name, c.at+1); err != nil {
				t.Fatal(err)
			}
			if r := wider.Document(c.document(c.at + 1)); r != nil {
				t.Errorf("with the limit raised: %v", r)
			}
		})
	}
}

// TestExpansion holds that fragments count as often as they are spread, wherever they stand.
func TestExpansion(t *testing.T) {
	l := Default()
	for name, c := range map[string]struct{ document, limit string }{
		"bomb":                                {"{...f0} " + bomb(20, "a"), "nodes"},
		"bomb that nobody spreads":            {"{a} " + bomb(20, "a"), "nodes"},
		"bomb of introspection":               {"{...f0} " + bomb(20, "__schema{types{name}}"), "nodes"},
		"bomb in an inline fragment":          {"{x {... on Q {y {... {...f0}}}}} " + bomb(20, "a"), "nodes"},
		"bomb in introspection":               {"{__schema {...f0}} " + bomb(20, "a"), "nodes"},
		"bomb in a second operation":          {"query a {a} query b {...f0} " + bomb(20, "a"), "nodes"},
		"deep by fragments":                   {"{...a} fragment a on Q {x{x{x{x{x{...b}}}}}} fragment b on Q {x{x{x{x{x{x{x{x}}}}}}}}", "depth"},
		"deep introspection by fragments":     {"{__schema{a{a{a{a{a{a{a{a{a{...b}}}}}}}}}}} fragment b on Q {x{x{x{x{x{x{x{x{x{x{x}}}}}}}}}}}", "introspection-depth"},
		"root fields by fragments":            {"{...a ...a} fragment a on Q {" + numbered(11, "a%d") + "}", "root-fields"},
		"introspection by fragments":          {"{...a ...a} fragment a on Q {__type(name: \"x\"){name}}", "introspection-roots"},
		"introspection below a field":         {"{x{__schema{a} __schema{a}}}", "introspection-roots"},
		"pairs by fragments":                  {"{x{...a ...b}} fragment a on Q {" + strings.Repeat("a ", 60) + "} fragment b on Q {" + strings.Repeat("a ", 60) + "}", "merge-pairs"},
		"pairs below pairs":                   {"{x{" + nest(6, "a{a a{a a{", "a", "}}}")[:0] + strings.Repeat("a{"+strings.Repeat("b ", 30)+"} ", 6) + "}}", "merge-pairs"},
		"a cycle":                             {"{...a} fragment a on Q {...a}", "fragment-cycles"},
		"a long cycle":                        {"{x{...a}} fragment a on Q {y{...b}} fragment b on Q {... on Q {...a}}", "fragment-cycles"},
		"a cycle that nobody spreads":         {"{x} fragment a on Q {...b} fragment b on Q {...a}", "fragment-cycles"},
		"a deep fragment that nobody spreads": {"{x} fragment a on Q " + nest(21, "{a", "", "}"), "depth"},
		"aliases in fragments":                {"{x} fragment a on Q {" + numbered(31, "a%d: b") + "}", "aliases"},
		"directives of definitions":           {"query(" + numbered(51, "$v%d: Int @a") + ") {x}", "directives"},
		"directives of fragments":             {"{x} fragment a on Q " + strings.Repeat("@a ", 51) + "{x}", "directives"},
		"directives of inline fragments":      {"{" + strings.Repeat("... @a {x} ", 51) + "}", "directives"},
		"directives of spreads":               {"{" + strings.Repeat("...f @a ", 51) + "} fragment f on Q {x}", "directives"},
		"directives of an operation":          {"query " + strings.Repeat("@a ", 51) + "{x}", "directives"},
		"nesting of types":                    {"query($x: " + nest(65, "[", "Int", "]") + ") {x}", "nesting"},
		"nesting of objects":                  {"{x(a: " + nest(65, "{a:", "1", "}") + ")}", "nesting"},
		"comments":                            {"{x}" + strings.Repeat("#\n", 2_000), "tokens"},
		"nesting that does not end":           {"{x(a: " + strings.Repeat("[", 1_000), "nesting"},
		"selections that do not end":          {strings.Repeat("{a ", 1_000), "nesting"},
	} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			r := l.Document(c.document)
			if r == nil || r.Limit != c.limit {
				t.Errorf("%+v, want %s", r, c.limit)
			}
			if took := time.Since(begun); took > time.Second { // some milliseconds; only a hang fails
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestWhatPasses holds that honest documents pass, and that what is no GraphQL is left to who parses it.
func TestWhatPasses(t *testing.T) {
	l := Default()
	for name, document := range map[string]string{
		"nothing":               "",
		"no GraphQL":            "{{{",
		"text that never ends":  `{a(x: "`,
		"unknown fragment":      "{...nope}",
		"two of one name":       "{...a} fragment a on Q {x} fragment a on Q {y}",
		"aliases with own name": "{x {" + strings.Repeat("a: a ", 90) + "}}",
		"same fragment often":   "{x{" + numbered(30, "a%d: b {...f}")[:0] + strings.Repeat("...f ", 60) + "}} fragment f on Q {a b c}",
		"introspection": `query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
			types { ...FullType } directives { name description locations args(includeDeprecated: true) { ...InputValue } } } }
			fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue }
			type { ...TypeRef } isDeprecated deprecationReason } inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
			enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
			fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
			fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
			ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`,
	} {
		if r := l.Document(document); r != nil {
			t.Errorf("%s: %v", name, r)
		}
	}
}

func TestVariables(t *testing.T) {
	l := Default()
	deep := func(n int) any {
		var v any = "x"
		for i := range n {
			if v = any([]any{v}); i%2 == 0 {
				v = map[string]any{"a": v.([]any)[0]}
			}
		}
		return v
	}
	many := func(n int) map[string]any { return map[string]any{"a": make([]any, n-1)} }
	for name, c := range map[string]struct {
		variables map[string]any
		limit     string
	}{
		"none": {nil, ""}, "at the depth": {map[string]any{"a": deep(l.VariableDepth)}, ""}, "beyond": {map[string]any{"a": deep(l.VariableDepth + 1)}, "variable-depth"},
		"as many as may be": {many(l.VariableValues), ""}, "one more": {many(l.VariableValues + 1), "variable-values"},
	} {
		if r := l.Variables(c.variables); (r == nil) != (c.limit == "") || r != nil && r.Limit != c.limit {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestSet(t *testing.T) {
	l := Default()
	if err := l.Set("depth", 3); err != nil || l.Depth != 3 {
		t.Error(err, l.Depth)
	}
	for _, name := range Names() {
		if err := l.Set(name, 1); err != nil {
			t.Error(err)
		}
	}
	for name, value := range map[string]int{"dept": 3, "depth": 0, "nodes": 1 << 40} {
		if err := l.Set(name, value); err == nil {
			t.Errorf("%s = %d is taken", name, value)
		}
	}
	if err := l.Set("dept", 3); !strings.Contains(err.Error(), "merge-pairs") {
		t.Error(err)
	}
}

// naive expands a selection set by walking it, as plainly as possible.
func naive(d *ast.QueryDocument, set ast.SelectionSet, inside bool) (m measure) {
	for _, selection := range set {
		m.nodes++
		var below measure
		switch s := selection.(type) {
		case *ast.Field:
			in := inside || s.Name == "__schema" || s.Name == "__type"
			below = naive(d, s.SelectionSet, in)
			below.roots = 1
			below.levels++
			if s.Name == "__schema" || s.Name == "__type" {
				below.introspectionRoots++
			}
			if in {
				below.introspectionDepth++
			} else {
				below.depth++
			}
		case *ast.InlineFragment:
			below = naive(d, s.SelectionSet, inside)
		case *ast.FragmentSpread:
			if f := d.Fragments.ForName(s.Name); f != nil {
				below = naive(d, f.SelectionSet, inside)
			}
		}
		m.nodes += below.nodes
		m.roots += below.roots
		m.introspectionRoots += below.introspectionRoots
		m.levels = max(m.levels, below.levels)
		m.depth, m.introspectionDepth = max(m.depth, below.depth), max(m.introspectionDepth, below.introspectionDepth)
	}
	return m
}

// TestMeasure compares what is measured once a fragment with what plain walking finds.
func TestMeasure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fragments := rapid.IntRange(0, 4).Draw(t, "fragments")
		var set func(depth, from int) string
		set = func(depth, from int) string {
			var b strings.Builder
			b.WriteString("{ ")
			for range rapid.IntRange(1, 4).Draw(t, "selections") {
				kind := rapid.IntRange(0, 4).Draw(t, "kind")
				switch {
				case kind == 0 && from < fragments:
					fmt.Fprintf(&b, "...f%d ", rapid.IntRange(from, fragments-1).Draw(t, "fragment"))
				case kind == 1 && depth < 4:
					b.WriteString("... on Q " + set(depth+1, from))
				case kind == 2 && depth < 4:
					b.WriteString("__schema " + set(depth+1, from))
				case kind == 3 && depth < 4:
					b.WriteString("x " + set(depth+1, from))
				default:
					b.WriteString("a ")
				}
			}
			return b.String() + "} "
		}
		text := set(0, 0)
		for i := range fragments {
			text += fmt.Sprintf("fragment f%d on Q %s", i, set(1, i+1))
		}
		d, err := parser.ParseQuery(&ast.Source{Input: text})
		if err != nil {
			t.Fatal(err)
		}
		got, cyclic := newVetting(Default(), d).measure(d.Operations[0].SelectionSet, false)
		if want := naive(d, d.Operations[0].SelectionSet, false); got != want || cyclic {
			t.Fatalf("%s\nmeasured %+v, want %+v", text, got, want)
		}
	})
}

func FuzzDocument(f *testing.F) {
	f.Add("{a}")
	f.Add("{...a} fragment a on Q {...a}")
	f.Add("{x{...f0}} " + bomb(3, "a"))
	f.Add(`query($x: [Int!] = [1] @a) {a(x: $x, y: {b: """x"""}) @skip(if: true) {__schema{a}}}`)
	l := Default()
	f.Fuzz(func(t *testing.T, document string) {
		if r := l.Document(document); r != nil && r.Error() == "" {
			t.Error("a refusal says nothing")
		}
	})
}

func BenchmarkDocument(b *testing.B) {
	const document = `query($by: [CustomerBy!]!) { customers(by: $by) { id name identities { kind value verified } interactions(first: 20) {
		totalCount nodes { id type at product { id name categories { id name(lang: "zh") } } category { id name } } } } }`
	l := Default()
	b.ReportAllocs()
	for b.Loop() {
		if r := l.Document(document); r != nil {
			b.Fatal(r)
		}
	}
}
