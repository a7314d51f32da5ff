package bulk

import (
	"strings"
	"unicode"

	"lacuna/graph"
)

// trait is something that events say of a person, by the name under which it is kept.
type trait struct {
	name    string
	binding binding // to the attribute of that name
	list    bool    // told already to be a list, which no attribute can be
}

func newTrait(path string) *trait {
	name := snakeCase(path)
	return &trait{name: name, binding: binding{field: attributeField, name: name}}
}

// snakeCase gives one name to firstName, "First Name" and first_name: the last one. Dots of nested names stay.
func snakeCase(name string) string {
	var s strings.Builder
	runes := []rune(strings.TrimLeft(strings.TrimSpace(name), "$"))
	for i, r := range runes {
		switch {
		case r == ' ' || r == '-' || r == '_':
			if text := s.String(); text != "" && text[len(text)-1] != '_' {
				s.WriteByte('_')
			}
			continue
		case unicode.IsUpper(r) && i > 0:
			before := runes[i-1]
			endsWord := unicode.IsLower(before) || unicode.IsDigit(before)
			endsShorthand := unicode.IsUpper(before) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if endsWord || endsShorthand {
				s.WriteByte('_')
			}
		}
		s.WriteRune(unicode.ToLower(r))
	}
	return s.String()
}

// kindOf gives the type of a trait's attribute, 0 as long as it is not settled.
func (t *trait) kindOf(types *attributeTypes) graph.ValueKind {
	if t.binding.kind == 0 {
		t.binding.kind = types.settled[graph.AttributeKey{Scope: graph.CustomerScope, Name: t.name}]
	}
	return t.binding.kind
}
