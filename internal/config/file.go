package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// file is a parsed configuration file. The zero value is an empty one.
type file struct {
	path    string
	entries []entry
}

// entry is one key of the file. Its value is a scalar, a list of scalars, a section, or nothing.
type entry struct {
	key     string
	line    int
	value   value
	section []entry
	kind    kind
}

type kind int

const (
	nothing kind = iota
	aValue
	aSection
)

// value is what a flag is set to: one text, or several.
type value struct {
	text   string
	list   []string
	isList bool
}

// assign gives v to a flag. A list takes the place of the flag's default, entry by entry, so that an entry may hold
// the comma that separates entries on the command line.
func (v value) assign(to pflag.Value) error {
	if !v.isList {
		return to.Set(v.text)
	}
	slice, ok := to.(pflag.SliceValue)
	if !ok {
		return errors.New("takes one value, not a list")
	}
	return slice.Replace(v.list)
}

// parse reads the file's syntax. Its errors name path and line, and never quote the content, which may hold secrets.
func parse(path string, content []byte) (*file, error) {
	tree, err := parser.ParseBytes(bytes.TrimPrefix(content, []byte("\ufeff")), 0)
	if err != nil {
		if syntax, ok := errors.AsType[*yaml.SyntaxError](err); ok && syntax.Token != nil {
			return nil, fmt.Errorf("%s:%d: %s", path, syntax.Token.Position.Line, syntax.Message)
		}
		return nil, fmt.Errorf("%s: not valid YAML", path)
	}
	f := &file{path: path}
	for i, document := range tree.Docs {
		if document.Body == nil {
			continue
		}
		if i > 0 {
			return nil, f.errorAt(document.Body, "a second YAML document; keep one")
		}
		if f.entries, err = f.readSection(document.Body); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *file) readSection(node ast.Node) ([]entry, error) {
	mapping, ok := node.(*ast.MappingNode)
	if !ok {
		return nil, f.errorAt(node, "expected keys and values, as in `zone: UTC`")
	}
	entries := make([]entry, 0, len(mapping.Values))
	for _, pair := range mapping.Values {
		key, ok := pair.Key.(*ast.StringNode)
		if !ok {
			return nil, f.errorAt(pair.Key, "a key must be a plain name")
		}
		e, err := f.readEntry(key.Value, pair.Value)
		if err != nil {
			return nil, err
		}
		e.key, e.line = key.Value, key.GetToken().Position.Line
		entries = append(entries, e)
	}
	return entries, nil
}

func (f *file) readEntry(key string, node ast.Node) (e entry, err error) {
	switch node := node.(type) {
	case *ast.NullNode:
		return entry{kind: nothing}, nil
	case *ast.MappingNode:
		e.kind = aSection
		e.section, err = f.readSection(node)
		return e, err
	case *ast.SequenceNode:
		e.kind, e.value.isList = aValue, true
		for _, item := range node.Values {
			text, ok := scalar(item)
			if !ok {
				return entry{}, f.errorAt(item, key+": a list holds plain values only")
			}
			e.value.list = append(e.value.list, text)
		}
		return e, nil
	default:
		text, ok := scalar(node)
		if !ok {
			return entry{}, f.errorAt(node, key+": expected a plain value; anchors, aliases and tags are not read")
		}
		return entry{kind: aValue, value: value{text: text}}, nil
	}
}

// scalar returns the text of a plain value as it is written, so that no number is rounded on its way to the flag.
func scalar(node ast.Node) (string, bool) {
	switch node := node.(type) {
	case *ast.StringNode:
		return node.Value, true
	case *ast.LiteralNode:
		return node.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return node.GetToken().Value, true
	}
	return "", false
}

// check compares the keys with the commands under root and their flags, and returns one error for each misfit.
func (f *file) check(root *cobra.Command) []error {
	return f.checkSection(f.entries, root, "")
}

func (f *file) checkSection(entries []entry, cmd *cobra.Command, where string) []error {
	var errs []error
	flags, commands := known(cmd)
	for i := range entries {
		e := &entries[i]
		sub, isFlag := commands[e.key], flags[e.key]
		switch {
		case e.key == fileFlag:
			errs = append(errs, fmt.Errorf("%s: a file cannot name the file; use --config or LACUNA_CONFIG", f.origin(e)))
		case sub == nil && !isFlag:
			errs = append(errs, fmt.Errorf("%s:%d: unknown key %q%s; %s", f.path, e.line, e.key, where, suggest(e.key, flags, commands)))
		case e.kind == aSection && sub == nil:
			errs = append(errs, fmt.Errorf("%s: takes a value, not keys of its own", f.origin(e)))
		case e.kind == aSection:
			errs = append(errs, f.checkSection(e.section, sub, " for "+sub.CommandPath())...)
		case e.kind == aValue && !isFlag:
			errs = append(errs, fmt.Errorf("%s: is a command; put the keys for its flags below it", f.origin(e)))
		}
	}
	return errs
}

// known returns the keys of all flags that cmd or a command below it has, and the commands right below it.
func known(cmd *cobra.Command) (flags map[string]bool, commands map[string]*cobra.Command) {
	flags, commands = map[string]bool{}, map[string]*cobra.Command{}
	add := func(flag *pflag.Flag) {
		if settable(flag.Name) {
			flags[Key(flag.Name)] = true
		}
	}
	cmd.LocalFlags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	for _, sub := range cmd.Commands() {
		if !configurable(sub) {
			continue
		}
		commands[sub.Name()] = sub
		below, _ := known(sub)
		for key := range below {
			flags[key] = true
		}
	}
	return flags, commands
}

// lookup returns the entry that sets the flag for cmd, or nil: the one in the section of cmd, else in that of its
// parent, and so on outwards.
func (f *file) lookup(cmd *cobra.Command, flag string) *entry {
	var path []string
	for c := cmd; c.HasParent(); c = c.Parent() {
		path = append(path, c.Name())
	}
	slices.Reverse(path)
	return find(f.entries, path, Key(flag))
}

func find(entries []entry, path []string, key string) *entry {
	var here *entry
	for i := range entries {
		e := &entries[i]
		if e.kind == aValue && e.key == key {
			here = e
		}
		if e.kind == aSection && len(path) > 0 && e.key == path[0] {
			if nearer := find(e.section, path[1:], key); nearer != nil {
				return nearer
			}
		}
	}
	return here
}

func (f *file) origin(e *entry) string {
	return fmt.Sprintf("%s:%d: %s", f.path, e.line, e.key)
}

func (f *file) errorAt(node ast.Node, message string) error {
	return fmt.Errorf("%s:%d: %s", f.path, node.GetToken().Position.Line, message)
}
