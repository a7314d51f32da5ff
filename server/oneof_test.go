package server

import (
	"strings"
	"testing"
)

// TestOneOfVariables holds that a @oneOf input takes one key through a variable as in a document, and that a key without a value
// counts.
func TestOneOfVariables(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	type object = map[string]any
	email := object{"kind": "EMAIL", "value": "c000@example.com"}
	for name, c := range map[string]struct {
		by object
		ok bool
	}{
		"id":            {object{"id": "c000"}, true},
		"identity":      {object{"identity": email}, true},
		"none":          {object{}, false},
		"two":           {object{"id": "c000", "identity": email}, false},
		"one is null":   {object{"id": "c000", "identity": nil}, false},
		"other is null": {object{"id": nil, "identity": email}, false},
		"null alone":    {object{"id": nil}, false},
	} {
		one := ask(t, s, `query($v: CustomerBy!) { customer(by: $v) { id } }`, object{"v": c.by})
		list := ask(t, s, `query($v: [CustomerBy!]!) { customers(by: $v) { id } }`, object{"v": []any{object{"id": "c000"}, c.by}})
		for _, a := range []*answer{one, list} {
			if ok := strings.Contains(a.Text, `"id":"c000"`) && len(a.Errors) == 0; ok != c.ok || !ok && a.code() != codeInvalidArgument {
				t.Errorf("%s: %s", name, a.Text)
			}
		}
		if !c.ok && len(c.by) != 1 && (len(list.Errors) == 0 || len(list.Errors[0].Path) != 3) {
			t.Errorf("%s: the path is %v", name, list.Errors)
		}
		nested := ask(t, s, `mutation($v: [CustomerInput!]!) { upsertCustomers(input: $v) { userErrors { code } } }`, object{"v": []any{object{"id": "n", "referredBy": c.by}}})
		if (len(nested.Errors) == 0) != c.ok {
			t.Errorf("%s nested: %s", name, nested.Text)
		}
	}
}
