package bulk

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"lacuna/graph"
)

// Map says how to read tables of any form: which file holds which kinds, and which column is which field. See
// docs/importing.md for every key.
type Map struct {
	name   string
	tables []*mapTable
}

// mapTable is one entry of a map: the files whose names match a pattern.
type mapTable struct {
	owner   *Map
	pattern string
	line    int
	kinds   []*mapKind // interactions first, as what else a row brings depends on them
}

// mapKind is what a table says of one kind.
type mapKind struct {
	kind    Kind
	line    int
	fields  []mapField
	returns *returnsRule // of interactions
}

// mapField is one field and where it comes from: one expression, or several of a list.
type mapField struct {
	name  string // as a column of a generic file
	line  int
	parts []*expression
}

// maxMapBytes is how long a map may be.
const maxMapBytes = 1 << 20

// ParseMap reads a map. name is the file's, for errors, which tell every mistake with its line.
func ParseMap(name string, text []byte) (m *Map, err error) {
	if len(text) > maxMapBytes {
		return nil, fmt.Errorf("%s: is longer than %d bytes: is it a map?", name, maxMapBytes)
	}
	defer func() {
		if recover() != nil { // The YAML library does not survive every text.
			m, err = nil, fmt.Errorf("%s: is not valid YAML", name)
		}
	}()
	file, err := parser.ParseBytes(bytes.TrimPrefix(text, []byte(byteOrderMark)), 0)
	if err != nil {
		if syntax, ok := errors.AsType[*yaml.SyntaxError](err); ok && syntax.Token != nil {
			return nil, fmt.Errorf("%s:%d: %s", name, syntax.Token.Position.Line, syntax.Message)
		}
		return nil, fmt.Errorf("%s: is not valid YAML", name)
	}
	p := &mapParser{m: &Map{name: name}, anchors: map[string]ast.Node{}}
	for _, document := range file.Docs {
		if document.Body != nil {
			p.document(document.Body)
		}
	}
	if len(p.m.tables) == 0 && len(p.problems) == 0 {
		p.problems = append(p.problems, fmt.Errorf("%s: names no file: write the name of a file and, below it, the kinds that it holds", name))
	}
	if err := errors.Join(p.problems...); err != nil {
		return nil, err
	}
	return p.m, nil
}

// Name is the name that the map was read under.
func (m *Map) Name() string { return m.name }

// has tells whether any table holds a kind.
func (m *Map) has(kind Kind) bool {
	return m != nil && slices.ContainsFunc(m.tables, func(t *mapTable) bool { return t.part(kind) != nil })
}

// part gives what the table says of a kind, nil for nothing.
func (t *mapTable) part(kind Kind) *mapKind {
	for _, k := range t.kinds {
		if k.kind == kind {
			return k
		}
	}
	return nil
}

// gathers tells what of the catalog comes along with the table's rows: products beside interactions, and categories
// unless some table of the map is theirs.
func (t *mapTable) gathers() gathering {
	return gathering{
		products:   t.part(Products) != nil && t.part(Interactions) != nil,
		categories: !t.owner.has(Categories),
	}
}

// matches tells whether a file is the table's. How it is packed does not matter.
func (t *mapTable) matches(file string) bool {
	for _, name := range [...]string{file, strings.TrimSuffix(strings.TrimSuffix(file, ".gz"), ".zst")} {
		if ok, err := path.Match(t.pattern, name); ok && err == nil {
			return true
		}
	}
	return false
}

// mapParser reads the nodes of a map and gathers all mistakes.
type mapParser struct {
	m        *Map
	anchors  map[string]ast.Node
	problems []error
}

// pair is one key of a mapping with its value.
type pair struct {
	key   string
	line  int
	value ast.Node
}

func (p *mapParser) fail(line int, format string, args ...any) {
	p.problems = append(p.problems, fmt.Errorf("%s:%d: %s", p.m.name, line, fmt.Sprintf(format, args...)))
}

func lineOf(node ast.Node) int {
	if node == nil || node.GetToken() == nil || node.GetToken().Position == nil {
		return 1
	}
	return node.GetToken().Position.Line
}

// resolve takes off anchors and follows aliases.
func (p *mapParser) resolve(node ast.Node) ast.Node {
	for range 16 { // More would be a circle.
		switch n := node.(type) {
		case *ast.AnchorNode:
			p.anchors[n.Name.GetToken().Value] = n.Value
			node = n.Value
		case *ast.AliasNode:
			target := p.anchors[n.Value.GetToken().Value]
			if target == nil {
				p.fail(lineOf(n), "*%s stands for nothing: write &%s before what it is to stand for", graph.Clip(n.Value.GetToken().Value), graph.Clip(n.Value.GetToken().Value))
				return nil
			}
			node = target
		default:
			return node
		}
	}
	p.fail(lineOf(node), "aliases go round in a circle")
	return nil
}

// mapping gives the pairs of a mapping; wanted says what should stand here instead of anything else.
func (p *mapParser) mapping(node ast.Node, line int, wanted string) []pair {
	node = p.resolve(node)
	mapping, ok := node.(*ast.MappingNode)
	if !ok {
		p.fail(line, "expected %s", wanted)
		return nil
	}
	pairs := make([]pair, 0, len(mapping.Values))
	for _, value := range mapping.Values {
		key, ok := scalar(value.Key)
		if !ok {
			p.fail(lineOf(value.Key), "a key must be a plain name")
			continue
		}
		if slices.ContainsFunc(pairs, func(q pair) bool { return q.key == key }) {
			p.fail(lineOf(value.Key), "%q stands here twice: keep one", graph.Clip(key))
			continue
		}
		pairs = append(pairs, pair{key: key, line: lineOf(value.Key), value: value.Value})
	}
	return pairs
}

// scalar gives the text of a plain value as it is written.
func scalar(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// text reads a plain value that is not empty.
func (p *mapParser) text(q pair) string {
	text, ok := scalar(p.resolve(q.value))
	if !ok || text == "" {
		p.fail(q.line, "%s: expected a plain value", q.key)
	}
	return text
}

// texts reads a list of plain values.
func (p *mapParser) texts(q pair) []string {
	list, ok := p.resolve(q.value).(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		p.fail(q.line, "%s: expected a list, as in [first, second]", q.key)
		return nil
	}
	texts := make([]string, 0, len(list.Values))
	for _, value := range list.Values {
		text, ok := scalar(p.resolve(value))
		if !ok || text == "" {
			p.fail(q.line, "%s: a list holds plain values only", q.key)
			return nil
		}
		texts = append(texts, text)
	}
	return texts
}

func (p *mapParser) document(body ast.Node) {
	for _, q := range p.mapping(body, lineOf(body), "names of files, each with the kinds that it holds") {
		if _, err := path.Match(q.key, ""); err != nil || strings.Contains(q.key, "/") {
			p.fail(q.line, "%q cannot be the name of a file: write it without a folder, with * for any letters", graph.Clip(q.key))
			continue
		}
		p.table(q)
	}
}

// mapKinds are the kinds that a table may hold, interactions first.
var mapKinds = []Kind{Interactions, Products, Customers, Categories}

func (p *mapParser) table(q pair) {
	t := &mapTable{owner: p.m, pattern: q.key, line: q.line}
	for _, k := range p.mapping(q.value, q.line, "the kinds that the file holds: "+joinKinds(mapKinds)) {
		if !slices.Contains(mapKinds, Kind(k.key)) {
			p.fail(k.line, "%q is no kind that a table may hold: use %s%s", graph.Clip(k.key), joinKinds(mapKinds), p.foreignKey(k.key))
			continue
		}
		if kind := p.kind(Kind(k.key), k); kind != nil {
			t.kinds = append(t.kinds, kind)
		}
	}
	slices.SortFunc(t.kinds, func(a, b *mapKind) int { return slices.Index(mapKinds, a.kind) - slices.Index(mapKinds, b.kind) })
	if len(t.kinds) > 0 {
		p.m.tables = append(p.m.tables, t)
	}
}

// foreignKey helps where a field stands in the place of a kind.
func (p *mapParser) foreignKey(key string) string {
	for _, kind := range mapKinds {
		if specs[kind].bind(key).field != unknownField {
			return fmt.Sprintf("; %s is a field of %s: put it below", key, kind)
		}
	}
	return ""
}

func joinKinds(kinds []Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// kind reads the fields of one kind.
func (p *mapParser) kind(kind Kind, q pair) *mapKind {
	k, spec := &mapKind{kind: kind, line: q.line}, specs[kind]
	before := len(p.problems)
	var names []string
	for _, f := range p.mapping(q.value, q.line, "fields of "+string(kind)+": "+spec.names()) {
		if f.key == "attributes" && spec.scope != 0 {
			k.fields = append(k.fields, p.attributes(f)...)
			continue
		}
		to := spec.bind(f.key)
		if to.field == unknownField {
			p.fail(f.line, "%q is no field of %s%s; fields: %s", graph.Clip(f.key), kind, didYouMean(spec.nearest(f.key)), fieldNames(spec))
			continue
		}
		field := mapField{name: f.key, line: f.line}
		if field.parts = p.parts(to.field, f, k); len(field.parts) > 0 {
			k.fields = append(k.fields, field)
		}
	}
	for _, f := range k.fields {
		names = append(names, f.name)
	}
	if missing := spec.missing(names); len(missing) > 0 && len(p.problems) == before {
		p.fail(q.line, "%s need %s: say which column it is", kind, strings.Join(missing, " and "))
	}
	slices.Sort(names)
	for i := 1; i < len(names); i++ {
		if names[i] == names[i-1] {
			p.fail(q.line, "%s: %s stands here twice: keep one", kind, graph.Clip(names[i]))
		}
	}
	return k
}

func fieldNames(spec *kindSpec) string {
	if spec.scope != 0 {
		return spec.names() + " attributes"
	}
	return spec.names()
}

func didYouMean(near string) string {
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", near)
}

// attributes reads a list of columns, or a mapping of names to expressions.
func (p *mapParser) attributes(q pair) []mapField {
	var fields []mapField
	if _, ok := p.resolve(q.value).(*ast.MappingNode); ok {
		for _, f := range p.mapping(q.value, q.line, "names of attributes") {
			if x := p.expression(attributeField, f.value, f.line, nil); x != nil {
				fields = append(fields, mapField{name: attributePrefix + f.key, line: f.line, parts: []*expression{x}})
			}
		}
		return fields
	}
	for _, column := range p.texts(q) {
		fields = append(fields, mapField{name: attributePrefix + column, line: q.line, parts: []*expression{{line: q.line, column: column}}})
	}
	return fields
}

// parts reads the expressions of a field; only lists have more than one.
func (p *mapParser) parts(to field, q pair, k *mapKind) []*expression {
	list, ok := p.resolve(q.value).(*ast.SequenceNode)
	if !ok {
		if x := p.expression(to, q.value, q.line, k); x != nil {
			return []*expression{x}
		}
		return nil
	}
	if !slices.Contains(listFields, to) {
		p.fail(q.line, "%s has one value: write one column, or {path: […]}, {multiply: […]} where several make one", q.key)
		return nil
	}
	var parts []*expression
	for _, value := range list.Values {
		if x := p.expression(to, value, lineOf(value), k); x != nil {
			parts = append(parts, x)
		}
	}
	return parts
}
