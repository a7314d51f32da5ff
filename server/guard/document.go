package guard

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
)

// Document refuses a document that has more than the limits allow. Its own work is bounded by them: at most some
// milliseconds for a document of any size and make.
func (l Limits) Document(text string) *Refusal {
	if r := refuse("bytes", l.Bytes, len(text)); r != nil {
		return r
	}
	source := &ast.Source{Input: text}
	if r := l.tokens(source); r != nil {
		return r
	}
	document, err := parser.ParseQueryWithTokenLimit(source, l.Tokens+1)
	if err != nil || document == nil {
		return nil // who parses it next says what is wrong
	}
	return newVetting(l, document).run()
}

// tokens bounds the parser's recursion, and counts what can be counted without it.
func (l Limits) tokens(source *ast.Source) *Refusal {
	tokens := lexer.New(source)
	seen, nesting, deepest := 0, 0, 0
	for {
		token, err := tokens.ReadToken()
		if err != nil {
			return nil
		}
		switch token.Kind {
		case lexer.EOF:
			return nil
		case lexer.BraceL, lexer.BracketL, lexer.ParenL:
			nesting++
		case lexer.BraceR, lexer.BracketR, lexer.ParenR:
			nesting--
		}
		seen++
		deepest = max(deepest, nesting)
		if r := refuse("tokens", l.Tokens, seen); r != nil {
			return r
		}
		if r := refuse("nesting", l.Nesting, deepest); r != nil {
			return r
		}
	}
}

// vetting looks at one parsed document.
type vetting struct {
	limits    Limits
	document  *ast.QueryDocument
	fragments map[string]*fragment
	sets      map[*ast.Selection]*fields // by the first selection of a set
	pairs     int
}

// fragment is what is known of a fragment, computed once.
type fragment struct {
	*ast.FragmentDefinition

	state   state
	measure measure
}

type state uint8

const (
	fresh state = iota
	underWay
	done
)

// measure is what a selection set amounts to with its fragments expanded. Sums saturate.
type measure struct {
	nodes, roots, introspectionRoots int
	levels                           int // of all fields
	depth                            int // of fields outside of introspection
	introspectionDepth               int // of those within
}

func newVetting(l Limits, document *ast.QueryDocument) *vetting {
	v := &vetting{limits: l, document: document, fragments: map[string]*fragment{}, sets: map[*ast.Selection]*fields{}}
	for _, f := range document.Fragments {
		if v.fragments[f.Name] == nil {
			v.fragments[f.Name] = &fragment{FragmentDefinition: f}
		}
	}
	return v
}

func (v *vetting) run() *Refusal {
	l := &v.limits
	plain := counts{}
	for _, operation := range v.document.Operations {
		plain.directives += len(operation.Directives)
		for _, variable := range operation.VariableDefinitions {
			plain.directives += len(variable.Directives)
		}
		plain.add(operation.SelectionSet)
	}
	for _, f := range v.document.Fragments {
		plain.directives += len(f.Directives)
		plain.add(f.SelectionSet)
	}
	for _, r := range [...]*Refusal{
		refuse("operations", l.Operations, len(v.document.Operations)), refuse("fragments", l.Fragments, len(v.document.Fragments)),
		refuse("aliases", l.Aliases, plain.aliases), refuse("directives", l.Directives, plain.directives),
	} {
		if r != nil {
			return r
		}
	}
	sets := make([]ast.SelectionSet, 0, len(v.document.Operations)+len(v.document.Fragments))
	for _, operation := range v.document.Operations {
		sets = append(sets, operation.SelectionSet)
	}
	for _, f := range v.document.Fragments { // validators look at those that nobody spreads too
		sets = append(sets, f.SelectionSet)
	}
	for i, set := range sets {
		m, cyclic := v.measure(set, false)
		if cyclic {
			return &Refusal{Limit: fragmentCycles, Seen: 1}
		}
		refusals := []*Refusal{refuse("nodes", l.Nodes, m.nodes), refuse("introspection-roots", l.IntrospectionRoots, m.introspectionRoots)}
		if i < len(v.document.Operations) {
			refusals = append(refusals, refuse("root-fields", l.RootFields, m.roots), refuse("depth", l.Depth, m.depth),
				refuse("introspection-depth", l.IntrospectionDepth, m.introspectionDepth))
		} else { // where a fragment stands by itself, it is not known whether it is for introspection
			refusals = append(refusals, refuse("depth", max(l.Depth, l.IntrospectionDepth), m.levels))
		}
		for _, r := range refusals {
			if r != nil {
				return r
			}
		}
	}
	for _, set := range sets {
		if r := v.within(set); r != nil {
			return r
		}
	}
	return nil
}

// counts is what a document has as it is written.
type counts struct{ aliases, directives int }

func (c *counts) add(set ast.SelectionSet) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if s.Alias != s.Name {
				c.aliases++
			}
			c.directives += len(s.Directives)
			c.add(s.SelectionSet)
		case *ast.InlineFragment:
			c.directives += len(s.Directives)
			c.add(s.SelectionSet)
		case *ast.FragmentSpread:
			c.directives += len(s.Directives)
		}
	}
}

// measure measures a selection set; inside tells that it lies within introspection.
func (v *vetting) measure(set ast.SelectionSet, inside bool) (m measure, cyclic bool) {
	for _, selection := range set {
		var part measure
		part.nodes = 1
		switch s := selection.(type) {
		case *ast.Field:
			introspects := s.Name == "__schema" || s.Name == "__type"
			below, cycle := v.measure(s.SelectionSet, inside || introspects)
			if cycle {
				return m, true
			}
			part.nodes += below.nodes
			part.roots = 1
			part.introspectionRoots = below.introspectionRoots
			if introspects {
				part.introspectionRoots++
			}
			part.levels, part.depth, part.introspectionDepth = below.levels+1, below.depth+1, below.introspectionDepth
			if inside || introspects {
				part.depth, part.introspectionDepth = 0, part.levels
			}
		case *ast.InlineFragment:
			below, cycle := v.measure(s.SelectionSet, inside)
			if cycle {
				return m, true
			}
			below.nodes++
			part = below
		case *ast.FragmentSpread:
			below, cycle := v.spread(s.Name)
			if cycle {
				return m, true
			}
			below.nodes++
			if inside { // a fragment is measured once, as if it stood outside
				below.depth, below.introspectionDepth = 0, below.levels
			}
			part = below
		}
		m.nodes = min(most, m.nodes+part.nodes)
		m.roots = min(most, m.roots+part.roots)
		m.introspectionRoots = min(most, m.introspectionRoots+part.introspectionRoots)
		m.levels = max(m.levels, part.levels)
		m.depth = max(m.depth, part.depth)
		m.introspectionDepth = max(m.introspectionDepth, part.introspectionDepth)
	}
	return m, false
}

// spread measures a fragment; one that is not defined is empty.
func (v *vetting) spread(name string) (m measure, cyclic bool) {
	f := v.fragments[name]
	switch {
	case f == nil:
		return m, false
	case f.state == underWay:
		return m, true
	case f.state == fresh:
		f.state = underWay
		if f.measure, cyclic = v.measure(f.SelectionSet, false); cyclic {
			return m, true
		}
		f.state = done
	}
	return f.measure, false
}
