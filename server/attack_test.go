package server

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
)

func repeated(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func nestedIn(n int, open, end, closing string) string {
	return strings.Repeat(open, n) + end + strings.Repeat(closing, n)
}

// bombOf is n fragments on a type of which each spreads the next one twice, and what spreads the first.
func bombOf(n int, kind, end string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " fragment f%d on %s { ...f%d ...f%d }", i, kind, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment f%d on %s { %s }", n, kind, end)
	return b.String()
}

// attacks are documents that cost a server without a guard seconds, gigabytes or its life.
var attacks = map[string]string{
	"nested lists":                    `{ customer(by: ` + nestedIn(1<<19, "[", "", "]") + `) { id } }`,
	"nested lists without end":        `{ customer(by: ` + strings.Repeat("[", 1<<20),
	"nested lists within the size":    `{ customer(by: ` + nestedIn(7_000, "[", "", "]") + `) { id } }`,
	"nested objects":                  `{ customer(by: ` + strings.Repeat("{id:", 4_000) + `1` + strings.Repeat("}", 4_000) + `) { id } }`,
	"nested types":                    `query($x: ` + nestedIn(7_000, "[", "Int", "]") + `) { status { store } }`,
	"nested defaults":                 `query($x: Int = ` + nestedIn(7_000, "[", "1", "]") + `) { status { store } }`,
	"nested selections":               nestedIn(5_000, "{a", "", "}"),
	"nested inline fragments":         `{ ` + nestedIn(4_000, "...{", "status { store }", "}") + ` }`,
	"nested valid selections":         `{ category(id: "k0") ` + nestedIn(600, "{ parent ", "{ id }", "}") + ` }`,
	"directive arguments":             `{ status @skip(if: ` + nestedIn(7_000, "[", "", "]") + `) { store } }`,
	"aliases":                         `{ ` + repeated(1_000, `a%d: status { store } `) + `}`,
	"aliases within the tokens":       `{ ` + repeated(300, `a%d:__typename `) + `}`,
	"duplicate fields":                `{ status { ` + strings.Repeat("store ", 1_900) + `} }`,
	"duplicate objects":               `{ ` + strings.Repeat("status { store } ", 450) + `}`,
	"conflicting arguments":           `{ customer(by: {id: "a"}) { ` + repeated(350, `interactions(first: %d) { totalCount } `) + `} }`,
	"conflicts within conflicts":      `{ findCustomers { nodes { ` + strings.Repeat(`interactions { nodes { product { categories { id id id } } } } `, 90) + `} } }`,
	"overlap by fragments":            `{ status { ...a ...b ...c } } fragment a on Status { ` + strings.Repeat("store ", 300) + `} fragment b on Status { ` + strings.Repeat("store ", 300) + `} fragment c on Status { ` + strings.Repeat("store ", 300) + `}`,
	"directives":                      `{ status { store ` + strings.Repeat("@skip(if: false) ", 400) + `} }`,
	"unknown directives":              `{ status { store ` + strings.Repeat("@a ", 900) + `} }`,
	"directives on variables":         `query(` + repeated(400, `$v%d: Int @a `) + `) { status { store } }`,
	"directives on an operation":      `query ` + strings.Repeat("@a ", 900) + `{ status { store } }`,
	"fragment bomb":                   `{ ...f0 }` + bombOf(26, "Query", "status { store }"),
	"fragment bomb in a field":        `{ status { ...f0 } }` + bombOf(26, "Status", "store"),
	"fragment bomb of introspection":  `{ ...f0 }` + bombOf(26, "Query", "__schema { types { name } }"),
	"fragment bomb in introspection":  `{ __schema { ...f0 } }` + bombOf(26, "__Schema", "types { name }"),
	"fragment bomb that nobody lit":   `{ status { store } }` + bombOf(26, "Query", "status { store }"),
	"fragment bomb in a mutation":     `mutation { ...f0 }` + bombOf(26, "Mutation", `eraseCustomer(id: "x") { erased }`),
	"fragment bomb of lists":          `{ ...f0 }` + bombOf(26, "Query", "findCustomers(first: 500) { nodes { id } }"),
	"wide fragments":                  `{ ` + strings.Repeat("...f ", 200) + `} fragment f on Query { ` + repeated(200, `a%d: __typename `) + `}`,
	"many fragments":                  `{ status { store } } ` + repeated(400, `fragment f%d on Status { store } `),
	"fragment cycle":                  `{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }`,
	"fragment cycle that nobody lit":  `{ status { store } } fragment a on Query { ...a }`,
	"many operations":                 repeated(400, `query q%d { status { store } } `),
	"many variables":                  `query(` + repeated(600, `$v%d: Int `) + `) { status { store } }`,
	"introspection of introspection":  `{ __schema { types { fields { type ` + nestedIn(40, "{ fields { type ", "{ name }", "} }") + ` } } } }`,
	"introspection often":             `{ ` + repeated(28, `a%d: __schema { types { name fields { name args { name } } } } `) + `}`,
	"huge first":                      `{ findCustomers(first: 2147483647) { nodes { id } } }`,
	"overflowing first":               `{ findCustomers(first: 7905747460161236407) { nodes { id } } }`,
	"first times first":               `{ findCustomers(first: 500) { nodes { interactions(first: 500) { nodes { customer { interactions(first: 500) { nodes { id } } } } } } } }`,
	"negative first":                  `{ findCustomers(first: -2147483648) { nodes { id } } }`,
	"households of households":        `{ findCustomers(first: 500) { nodes { household { members { household { members { id } } } } } } }`,
	"referrals of referrals":          `{ customer(by: {id: "c000"}) { referrals { referred { referrals { referred { referrals { referred { id } } } } } } } }`,
	"comments":                        `{ status { store } }` + strings.Repeat("#\n", 7_000),
	"one long comment":                `{ status { store } } #` + strings.Repeat("x", 1<<20),
	"one long text":                   `{ customer(by: {id: "` + strings.Repeat("x", 1<<20) + `"}) { id } }`,
	"one long name":                   `{ ` + strings.Repeat("x", 1<<20) + ` }`,
	"block text":                      `{ customer(by: {id: """` + strings.Repeat("\n ", 7_000) + `"""}) { id } }`,
	"escapes":                         `{ customer(by: {id: "` + strings.Repeat(`\u0000`, 2_000) + `"}) { id } }`,
	"punctuation":                     strings.Repeat("!$()...:=@[]{|}", 1_000),
	"spaces":                          strings.Repeat(" ,\t\n", 1<<18),
	"byte order marks":                strings.Repeat("\ufeff", 5_000),
	"a search that matches everybody": `{ findCustomers(search: "` + strings.Repeat("s ", 5_000) + `") { totalCount } }`,
}

// TestAttacks sends each attack and looks that it is answered soon, in a short answer and little memory, and that an honest query
// is answered right after. The bounds are wide: only a server that the attack works on exceeds them.
func TestAttacks(t *testing.T) {
	s, _ := newServer(Options{MaxBodyBytes: 4 << 20})
	s.Attach(openStore(t, 20, 2))
	if len(attacks) < 40 {
		t.Errorf("%d attacks", len(attacks))
	}
	slowest, largest := time.Duration(0), uint64(0)
	for name, document := range attacks {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begun := time.Now()
			a := ask(t, s, document, nil)
			took := time.Since(begun)
			runtime.ReadMemStats(&after)
			allocated := after.TotalAlloc - before.TotalAlloc
			slowest, largest = max(slowest, took), max(largest, allocated)
			if a.Status >= 500 || len(a.Text) > 100_000 {
				t.Errorf("%d, %d bytes: %.300s", a.Status, len(a.Text), a.Text)
			}
			if took > 2*time.Second || allocated > 256<<20 {
				t.Errorf("it took %v and %d MB: %.200s", took, allocated>>20, a.Text)
			}
			if honest := ask(t, s, `{ customer(by: {id: "c000"}) { id } }`, nil); honest.Status != http.StatusOK || honest.code() != "" {
				t.Errorf("afterwards: %d %s", honest.Status, honest.Text)
			}
		})
	}
	t.Logf("of %d attacks the slowest took %v, the largest allocated %d MB", len(attacks), slowest, largest>>20)
}

// TestAttackingVariables is TestAttacks for what stands beside the document.
func TestAttackingVariables(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 2, 0))
	const query = `{"query": "query($b: CustomerBy!) { customer(by: $b) { id } }", "variables": `
	for name, body := range map[string]string{
		"deep lists":       query + `{"b": ` + nestedIn(9_000, "[", "", "]") + `}}`,
		"deep objects":     query + `{"b": ` + nestedIn(9_000, `{"a":`, "1", "}") + `}}`,
		"deeper than JSON": query + `{"b": ` + nestedIn(200_000, "[", "", "]") + `}}`,
		"very many":        query + `{"b": [` + strings.Repeat("1,", 400_000) + `1]}}`,
		"many names":       query + `{` + repeated(40_000, `"v%d": 1,`) + `"b": {"id": "c000"}}}`,
		"a long number":    query + `{"b": ` + strings.Repeat("9", 900_000) + `}}`,
		"a long text":      query + `{"b": {"id": "` + strings.Repeat("x", 900_000) + `"}}}`,
		"extensions":       `{"query": "{ __typename }", "extensions": {"a": ` + nestedIn(9_000, "[", "", "]") + `}}`,
		"operation name":   `{"query": "{ __typename }", "operationName": "` + strings.Repeat("x", 900_000) + `"}`,
		"many members":     `{` + repeated(50_000, `"m%d": 1,`) + `"query": "{ __typename }"}`,
	} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			a := do(t, s, post(t.Context(), body))
			if a.Status >= 500 || len(a.Text) > 10_000 || time.Since(begun) > 2*time.Second {
				t.Errorf("%d after %v: %.300s", a.Status, time.Since(begun), a.Text)
			}
		})
	}
}

// TestCompressedBody holds that a packed body is not unpacked: a few kilobytes could be gigabytes.
func TestCompressedBody(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(bytes.Repeat([]byte(" "), 64<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/graphql", &packed)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Encoding", "gzip")
	if a := do(t, s, r); a.Status != http.StatusUnsupportedMediaType && a.Status != http.StatusBadRequest {
		t.Errorf("%d %s", a.Status, a.Text)
	}
}
