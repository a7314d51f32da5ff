package resolvers

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"time"

	"lacuna/graph"
)

// decodeRule reads a rule of the input named path. The executor has turned its scalars and enums into Go values by then, which are turned
// back into the tree that rules are read from, so that there is one reading of rules wherever they come from.
func decodeRule(input map[string]any, path string) (graph.Rule, error) {
	rule, err := graph.DecodeRule(plain(reflect.ValueOf(input)), path)
	if wrong, ok := errors.AsType[*graph.RuleError](err); ok { // what was given as a value may be personal: the path tells where it stands
		return rule, &graph.RuleError{Path: wrong.Path, Message: quoted.ReplaceAllString(wrong.Message, "")}
	}
	return rule, err
}

// quoted is a value that a message repeats.
var quoted = regexp.MustCompile(`(?s)\s*"[^"]*"`)

// plain gives a tree of maps, lists, texts, numbers and booleans.
func plain(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Interface, reflect.Pointer:
		return plain(v.Elem())
	}
	switch x := v.Interface().(type) {
	case graph.Value:
		return plainValue(x)
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	case fmt.Stringer: // decimals and enums
		return x.String()
	}
	switch v.Kind() {
	case reflect.Map:
		tree := make(map[string]any, v.Len())
		for key, value := range v.Seq2() {
			tree[key.String()] = plain(value)
		}
		return tree
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plain(v.Index(i))
		}
		return list
	case reflect.String:
		return v.String()
	case reflect.Int, reflect.Int32, reflect.Int64:
		return v.Int()
	default:
		return v.Interface()
	}
}

func plainValue(v graph.Value) any {
	if n, ok := v.Number(); ok {
		return n
	}
	if b, ok := v.Boolean(); ok {
		return b
	}
	return v.String()
}
