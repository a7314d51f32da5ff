package model

import (
	"io"

	"github.com/99designs/gqlgen/graphql"

	"lacuna/graph"
)

func writeName(name string) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, `"`+name+`"`) })
}

// readName reads the name of an enum's value. GraphQL names are exact, so letter case is not forgiven here.
func readName[T interface{ String() string }](v any, what string, parse func(string) (T, error)) (T, error) {
	var none T
	name, ok := v.(string)
	if !ok {
		return none, invalid("%s must be one of the schema's names", what)
	}
	value, err := parse(name)
	if err != nil || value.String() != name {
		return none, invalid("%q is no %s", graph.Clip(name), what)
	}
	return value, nil
}

// MarshalIdentityKind writes the name.
func MarshalIdentityKind(k graph.IdentityKind) graphql.Marshaler { return writeName(k.String()) }

// UnmarshalIdentityKind reads the name.
func UnmarshalIdentityKind(v any) (graph.IdentityKind, error) {
	return readName(v, "IdentityKind", graph.ParseIdentityKind)
}

// MarshalInteractionType writes the name.
func MarshalInteractionType(t graph.InteractionType) graphql.Marshaler { return writeName(t.String()) }

// UnmarshalInteractionType reads the name.
func UnmarshalInteractionType(v any) (graph.InteractionType, error) {
	return readName(v, "InteractionType", graph.ParseInteractionType)
}

// MarshalChannel writes the name.
func MarshalChannel(c graph.Channel) graphql.Marshaler { return writeName(c.String()) }

// UnmarshalChannel reads the name.
func UnmarshalChannel(v any) (graph.Channel, error) {
	return readName(v, "Channel", graph.ParseChannel)
}

// MarshalPhase writes the name.
func MarshalPhase(p graph.Phase) graphql.Marshaler { return writeName(p.String()) }

// UnmarshalPhase always fails: phases are never an input.
func UnmarshalPhase(any) (graph.Phase, error) { return 0, invalid("Phase is no input") }

var customerOrders = map[graph.CustomerOrder]string{graph.ByCustomerID: "ID", graph.ByName: "NAME", graph.ByNewest: "NEWEST"}

// MarshalCustomerOrder writes the name.
func MarshalCustomerOrder(o graph.CustomerOrder) graphql.Marshaler {
	return writeName(customerOrders[o])
}

// UnmarshalCustomerOrder reads the name.
func UnmarshalCustomerOrder(v any) (graph.CustomerOrder, error) {
	for order, name := range customerOrders {
		if v == name {
			return order, nil
		}
	}
	return 0, invalid("CustomerOrder must be ID, NAME or NEWEST")
}

// MarshalGapStatus writes the name.
func MarshalGapStatus(s graph.GapStatus) graphql.Marshaler { return writeName(s.String()) }

// UnmarshalGapStatus reads the name.
func UnmarshalGapStatus(v any) (graph.GapStatus, error) {
	return readName(v, "GapStatus", graph.ParseGapStatus)
}
