package server

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// notOneKey is a variable that gives a @oneOf input other than exactly one key.
type notOneKey struct{ kind string }

// Error names the input.
func (e notOneKey) Error() string { return e.kind + " takes exactly one key, with a value" }

func (notOneKey) code() string { return codeInvalidArgument }

// oneOf holds variables to @oneOf, as the validator holds what stands in documents: keys without a value count too, which is
// not seen any more where inputs are structs.
type oneOf struct{ schema *ast.Schema }

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = (*oneOf)(nil)

// ExtensionName names it to gqlgen.
func (*oneOf) ExtensionName() string { return "OneOf" }

// Validate takes the schema.
func (o *oneOf) Validate(schema graphql.ExecutableSchema) error {
	o.schema = schema.Schema()
	return nil
}

// MutateOperationContext changes nothing, and answers an error with the path of what has other than one key.
func (o *oneOf) MutateOperationContext(_ context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	for _, v := range operation.Operation.VariableDefinitions {
		value, given := operation.Variables[v.Variable]
		if !given {
			continue
		}
		if err := o.check(v.Type, value, ast.Path{ast.PathName("variable"), ast.PathName(v.Variable)}); err != nil {
			return err
		}
	}
	return nil
}

// check walks a value, which is of the type.
func (o *oneOf) check(t *ast.Type, value any, path ast.Path) *gqlerror.Error {
	switch v := value.(type) {
	case []any:
		for i, element := range v {
			if t.Elem == nil {
				break // a scalar that is a list
			}
			if err := o.check(t.Elem, element, append(path, ast.PathIndex(i))); err != nil {
				return err
			}
		}
	case map[string]any:
		kind := o.schema.Types[t.Name()]
		if kind == nil || kind.Kind != ast.InputObject {
			return nil
		}
		exclusive := kind.Directives.ForName("oneOf") != nil
		if exclusive && len(v) != 1 {
			return &gqlerror.Error{Err: notOneKey{kind.Name}, Message: notOneKey{kind.Name}.Error(), Path: path}
		}
		for _, field := range kind.Fields {
			element, given := v[field.Name]
			if !given {
				continue
			}
			if exclusive && element == nil {
				return &gqlerror.Error{Err: notOneKey{kind.Name}, Message: notOneKey{kind.Name}.Error(), Path: path}
			}
			if err := o.check(field.Type, element, append(path, ast.PathName(field.Name))); err != nil {
				return err
			}
		}
	}
	return nil
}
