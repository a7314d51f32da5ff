package guard

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Limits are the most that a request may have. The names are those by which they are configured and told.
type Limits struct {
	Bytes              int // of the document
	Tokens             int // names, punctuation, values and comments
	Nesting            int // brackets of any kind within each other
	Depth              int // fields within each other, fragments expanded
	IntrospectionDepth int // the same within __schema and __type
	Aliases            int
	Directives         int
	RootFields         int // of one operation, fragments expanded
	Operations         int
	Fragments          int // definitions
	Nodes              int // selections of one operation, fragments expanded
	MergePairs         int // pairs of fields of one response name that must be compared
	IntrospectionRoots int // __schema and __type of one operation, fragments expanded
	VariableDepth      int // lists and objects within each other
	VariableValues     int // values in all variables together
}

// Default gives the limits that admit what applications, dashboards and playgrounds send.
func Default() Limits {
	return Limits{
		Bytes: 16 << 10, Tokens: 2_000, Nesting: 64, Depth: 12, IntrospectionDepth: 20, Aliases: 30, Directives: 50, RootFields: 20,
		Operations: 20, Fragments: 50, Nodes: 3_000, MergePairs: 5_000, IntrospectionRoots: 1, VariableDepth: 32, VariableValues: 100_000,
	}
}

// byName gives each limit by its name.
func (l *Limits) byName() map[string]*int {
	return map[string]*int{
		"bytes": &l.Bytes, "tokens": &l.Tokens, "nesting": &l.Nesting, "depth": &l.Depth, "introspection-depth": &l.IntrospectionDepth,
		"aliases": &l.Aliases, "directives": &l.Directives, "root-fields": &l.RootFields, "operations": &l.Operations, "fragments": &l.Fragments,
		"nodes": &l.Nodes, "merge-pairs": &l.MergePairs, "introspection-roots": &l.IntrospectionRoots, "variable-depth": &l.VariableDepth,
		"variable-values": &l.VariableValues,
	}
}

// Names lists the names of the limits.
func Names() []string { return slices.Sorted(maps.Keys(new(Limits).byName())) }

// most is beyond what any request can have, and small enough that sums of two do not overflow.
const most = 1 << 30

// Set changes a limit. It refuses an unknown name and a number below 1.
func (l *Limits) Set(name string, value int) error {
	limit, ok := l.byName()[name]
	switch {
	case !ok:
		return fmt.Errorf("there is no limit %q: use %s", name, strings.Join(Names(), ", "))
	case value < 1 || value > most:
		return fmt.Errorf("the limit %s must be from 1 to %d", name, most)
	}
	*limit = value
	return nil
}

// fragmentCycles is no limit that could be changed: a fragment that spreads itself has no end.
const fragmentCycles = "fragment-cycles"

// Refusal is a request that has more than it may.
type Refusal struct {
	Limit string // the limit's name
	Most  int
	Seen  int // as much as was looked at; there may be more
}

// Error names the limit, what it allows and what was seen.
func (r *Refusal) Error() string {
	if r.Limit == fragmentCycles {
		return "a fragment spreads itself, directly or through others: it has no end"
	}
	return fmt.Sprintf("the request exceeds the limit %s: at most %d, and it has %d or more; ask for less at a time", r.Limit, r.Most, r.Seen)
}

// Invalid tells that no limit would let the request pass, since it is no valid GraphQL.
func (r *Refusal) Invalid() bool { return r.Limit == fragmentCycles }

// refuse gives a refusal where more was seen than is allowed.
func refuse(limit string, allowed, seen int) *Refusal {
	if seen <= allowed {
		return nil
	}
	return &Refusal{limit, allowed, seen}
}
