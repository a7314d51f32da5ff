package server

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"lacuna/internal/access"
)

// codeUnauthenticated answers those who do not say who they are.
const codeUnauthenticated = "UNAUTHENTICATED"

// authenticate finds out who asks: by the key that they send, or anybody on this machine while no keys are configured. Where there are sockets, they send it later;
// where there are none, programs that fetch addresses ask, and are told that they may send it as user name or password.
func (s *Server) authenticate(next http.HandlerFunc, sockets bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := access.Loopback
		if s.options.Keys != nil {
			key := keyOf(r)
			if key == "" && sockets && isSocket(r) { // it is sent with the first message, see sockets
				next(w, r)
				return
			}
			var ok bool
			if p, ok = s.options.Keys().Find(key); !ok {
				w.Header().Set("WWW-Authenticate", `Bearer realm="lacuna"`)
				if !sockets {
					w.Header().Add("WWW-Authenticate", `Basic realm="lacuna", charset="UTF-8"`)
				}
				writeError(w, r, http.StatusUnauthorized, codeUnauthenticated,
					"send an API key: Authorization: Bearer lacuna_…; whoever runs this server makes one with 'lacuna token add'")
				return
			}
		}
		next(w, r.WithContext(access.With(r.Context(), p)))
	}
}

// keyOf gives the key that a request carries: as a bearer token, or as the user name or the password of basic authentication,
// for programs that know nothing else.
func keyOf(r *http.Request) string {
	if user, password, ok := r.BasicAuth(); ok {
		if strings.HasPrefix(user, access.KeyPrefix) {
			return user
		}
		return password
	}
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// ingestFields are the mutations that write what files would bring, and answer nothing but counts and errors.
var ingestFields = []string{"upsertCategories", "upsertProducts", "upsertCustomers", "recordInteractions", "retractInteractions", "__typename"}

// forbidden is an operation that the role of who asks does not allow.
type forbidden struct{}

// Error says what the role allows.
func (forbidden) Error() string {
	return "the role of this API key does not allow it: ingest keys write, with upsertCategories, upsertProducts, " +
		"upsertCustomers, recordInteractions and retractInteractions alone"
}

func (forbidden) code() string { return codeForbidden }

// permission refuses operations that the role of who asks does not allow.
type permission struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = permission{}

// ExtensionName names it to gqlgen.
func (permission) ExtensionName() string { return "Permission" }

// Validate has nothing to check.
func (permission) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext changes nothing, and answers an error where somebody may not do what they ask.
func (permission) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	role := access.From(ctx).Role
	if role == access.Admin || role == access.Ingest && onlyIngests(operation) {
		return nil
	}
	return &gqlerror.Error{Err: forbidden{}, Message: forbidden{}.Error()}
}

func onlyIngests(operation *graphql.OperationContext) bool {
	if operation.Operation.Operation != ast.Mutation {
		return false
	}
	for _, name := range rootFields(operation.Operation.SelectionSet) {
		if !slices.Contains(ingestFields, name) {
			return false
		}
	}
	return true
}

// rootFields lists the names of the fields of a selection set, fragments expanded. The document is valid by now.
func rootFields(set ast.SelectionSet) (names []string) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			names = append(names, s.Name)
		case *ast.InlineFragment:
			names = append(names, rootFields(s.SelectionSet)...)
		case *ast.FragmentSpread:
			names = append(names, rootFields(s.Definition.SelectionSet)...)
		}
	}
	return names
}
