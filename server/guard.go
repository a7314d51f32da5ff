package server

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"lacuna/server/guard"
)

// vetting refuses documents and variables before gqlgen parses them. A document that is in the cache of parsed ones has been
// vetted, and found valid, before.
type vetting struct {
	limits  guard.Limits
	known   graphql.Cache[*ast.QueryDocument]
	refused func(limit string)
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
} = vetting{}

// ExtensionName names it to gqlgen.
func (vetting) ExtensionName() string { return "Guard" }

// Validate has nothing to check: the guard knows no schema.
func (vetting) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters changes nothing, and answers an error where a limit is exceeded.
func (v vetting) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	refusal := v.limits.Variables(params.Variables)
	if _, known := v.known.Get(ctx, params.Query); !known && refusal == nil {
		refusal = v.limits.Document(params.Query)
	}
	if refusal == nil {
		return nil
	}
	v.refused(refusal.Limit)
	return &gqlerror.Error{Err: refusal, Message: refusal.Error()}
}
