package bulk

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"lacuna/graph"
)

// expression says where a value comes from: a column, a constant, the product of two columns, or several as a path.
type expression struct {
	line     int
	column   string
	constant *cell
	multiply []string
	path     []string

	match  *regexp.Regexp    // the part of the text that counts: its first group, else all of it
	values map[string]string // what texts stand for; others stand for themselves
	prefix string            // before the text
	layout *timeLayout
	zone   *time.Location
}

// returnsRule tells which interactions are returns: where a column's text matches, or is a negative number.
type returnsRule struct {
	line   int
	column string
	match  *regexp.Regexp // nil: negative numbers
}

// The fields that some keys are for.
var (
	listFields   = []field{categoriesField, tagsField, identitiesField, consentsField}
	pathFields   = []field{categoriesField, categoryField}
	numberFields = []field{priceField, quantityField, amountField, resultsField, ratingField, attributeField}
	timeFields   = []field{atField, createdField, updatedField, launchedField, retiredField}
)

// expressionKeys are the keys of an expression.
const expressionKeys = "column, value, match, values, prefix, multiply, path, layout, zone, returns"

// expression reads a column's name, or a mapping. k is the kind that a rule for returns goes to.
func (p *mapParser) expression(to field, node ast.Node, line int, k *mapKind) *expression {
	node = p.resolve(node)
	if name, ok := scalar(node); ok {
		if name == "" {
			p.fail(line, "expected the name of a column")
			return nil
		}
		return &expression{line: line, column: name}
	}
	before := len(p.problems)
	x := &expression{line: line}
	keys := map[string]bool{}
	for _, q := range p.mapping(node, line, "the name of a column, or {column: …} with one of "+expressionKeys) {
		keys[q.key] = true
		switch q.key {
		case "column":
			x.column = p.text(q)
		case "value":
			x.constant = &cell{kind: textCell, text: p.text(q), own: true}
		case "match":
			x.match = p.pattern(q)
		case "values":
			x.values = p.translations(q)
		case "prefix":
			x.prefix = p.text(q)
		case "multiply":
			x.multiply = p.texts(q)
		case "path":
			x.path = p.texts(q)
		case "layout":
			x.layout = p.layout(q)
		case "zone":
			x.zone = p.zone(q)
		case "returns":
			p.returns(to, q, k)
		default:
			p.fail(q.line, "unknown key %q: use %s", graph.Clip(q.key), expressionKeys)
		}
	}
	if len(p.problems) == before {
		p.checkExpression(to, x, keys)
	}
	if len(p.problems) > before {
		return nil
	}
	return x
}

// checkExpression refuses keys that do not go together, or not with the field.
func (p *mapParser) checkExpression(to field, x *expression, keys map[string]bool) {
	var from []string
	for _, key := range [...]string{"column", "value", "multiply", "path"} {
		if keys[key] {
			from = append(from, key)
		}
	}
	if len(from) != 1 {
		p.fail(x.line, "needs one of column, value, multiply and path, and has %d of them", len(from))
		return
	}
	for _, key := range [...]string{"match", "values", "prefix", "layout", "zone"} {
		if keys[key] && from[0] != "column" {
			p.fail(x.line, "%s goes with column, not with %s", key, from[0])
		}
	}
	for _, c := range [...]struct {
		key    string
		fields []field
		use    string
	}{
		{"multiply", numberFields, "a number"}, {"path", pathFields, "categories and category"}, {"layout", timeFields, "a time"}, {"zone", timeFields, "a time"},
	} {
		if keys[c.key] && !slices.Contains(c.fields, to) {
			p.fail(x.line, "%s is for %s only", c.key, c.use)
		}
	}
	if keys["layout"] && (keys["match"] || keys["values"] || keys["prefix"]) {
		p.fail(x.line, "layout goes with column and zone alone: the layout can hold what stands around the time")
	}
	if keys["multiply"] && len(x.multiply) != 2 {
		p.fail(x.line, "multiply takes two columns, as in [Quantity, UnitPrice]")
	}
	if len(x.path) > graph.MaxCategoryLevels {
		p.fail(x.line, "path has %d levels, at most %d are kept", len(x.path), graph.MaxCategoryLevels)
	}
}

func (p *mapParser) pattern(q pair) *regexp.Regexp {
	text := p.text(q)
	pattern, err := regexp.Compile(text)
	if err != nil {
		p.fail(q.line, "%s: is no regular expression that can be read: %s; put it into single quotes, as in '^[0-9]+'",
			q.key, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return nil
	}
	return pattern
}

func (p *mapParser) translations(q pair) map[string]string {
	values := map[string]string{}
	for _, v := range p.mapping(q.value, q.line, "texts and what they stand for, as in {buy: PURCHASE, look: VIEW}") {
		text, ok := scalar(p.resolve(v.value))
		if !ok {
			p.fail(v.line, "%s: expected a plain value; \"\" where it is to be empty", graph.Clip(v.key))
		}
		values[v.key] = text
	}
	return values
}

func (p *mapParser) layout(q pair) *timeLayout {
	layout, err := parseLayout(p.text(q))
	if err != nil {
		p.fail(q.line, "layout: %v", err)
		return nil
	}
	return layout
}

func (p *mapParser) zone(q pair) *time.Location {
	name := p.text(q)
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		p.fail(q.line, "zone: %q is no time zone: write one as Asia/Taipei or UTC", graph.Clip(name))
		return nil
	}
	return zone
}

// returns reads the rule by which interactions are returns.
func (p *mapParser) returns(to field, q pair, k *mapKind) {
	if to != typeField || k == nil {
		p.fail(q.line, "returns is for type only")
		return
	}
	rule := &returnsRule{line: q.line}
	negative := ""
	for _, f := range p.mapping(q.value, q.line, "{column: …, match: …} or {column: …, negative: true}") {
		switch f.key {
		case "column":
			rule.column = p.text(f)
		case "match":
			rule.match = p.pattern(f)
		case "negative":
			negative = p.text(f)
		default:
			p.fail(f.line, "unknown key %q: use column with match, or with negative: true", graph.Clip(f.key))
		}
	}
	if rule.column == "" || (rule.match != nil) == (negative == "true") {
		p.fail(q.line, "returns needs a column, and either match or negative: true")
		return
	}
	k.returns = rule
}

// names lists the columns of an expression, none of a constant.
func (x *expression) names() []string {
	switch {
	case x.multiply != nil:
		return x.multiply
	case x.path != nil:
		return x.path
	case x.column != "":
		return []string{x.column}
	}
	return nil
}

// columns lists the columns that a kind reads, with the lines of the map at which they stand.
func (k *mapKind) columns(yield func(name string, line int) bool) {
	for _, f := range k.fields {
		for _, x := range f.parts {
			for _, name := range x.names() {
				if !yield(name, x.line) {
					return
				}
			}
		}
	}
	if k.returns != nil {
		yield(k.returns.column, k.returns.line)
	}
}

// missingColumns tells of each column that a file lacks where the map names it.
func (t *mapTable) missingColumns(file string, names []string) []error {
	var problems []error
	told := map[string]bool{}
	shown := make([]string, 0, len(names))
	for _, name := range names[:min(len(names), 60)] {
		shown = append(shown, graph.Clip(name))
	}
	for _, k := range t.kinds {
		for name, line := range k.columns {
			if slices.Contains(names, name) || told[name] {
				continue
			}
			told[name] = true
			problems = append(problems, fmt.Errorf("%s:%d: column %q is not in %s%s; its columns: %s", t.owner.name, line, graph.Clip(name), file,
				didYouMean(nearestOf(name, names)), strings.Join(shown, ", ")))
		}
	}
	return problems
}

// nearestOf gives the one of names that differs least from a name, "" when none is near.
func nearestOf(name string, names []string) string {
	best, distance := "", 3
	for _, other := range names {
		if d := editDistance(strings.ToLower(name), strings.ToLower(other)); len(other) <= 40 && d < distance && d < len(other) {
			best, distance = other, d
		}
	}
	return graph.Clip(best)
}
