package access

import (
	"context"
	"slices"
)

// Role is what somebody may do. A principal has one.
type Role string

// The roles.
const (
	Admin  Role = "admin"  // everything
	Ingest Role = "ingest" // writing what files would bring, and reading nothing of anybody
)

// Roles lists the roles.
func Roles() []Role { return []Role{Admin, Ingest} }

// Known tells whether there is such a role.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// Principal is who asks.
type Principal struct {
	Name string // of the key; "loopback" where no keys are configured
	Role Role
}

// Loopback is who asks from the same machine while no keys are configured.
var Loopback = Principal{Name: "loopback", Role: Admin}

type principalKey struct{}

// With gives a context in which p asks.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From gives who asks; the zero Principal, whom nothing is allowed, in a context that nobody was put into.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(principalKey{}).(Principal)
	return p
}
