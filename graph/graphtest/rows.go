package graphtest

import (
	"fmt"
	"time"

	"lacuna/graph"
)

// at gives a moment some minutes from the first of February 2026, well before the clock's start.
func at(minutes int) time.Time {
	return time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
}

func email(value string) graph.Identity {
	return graph.Identity{Kind: graph.EmailAddress, Value: value}
}

func phone(value string) graph.Identity { return graph.Identity{Kind: graph.Phone, Value: value} }

func claims(ids ...graph.Identity) []graph.IdentityClaim {
	list := make([]graph.IdentityClaim, 0, len(ids))
	for _, id := range ids {
		list = append(list, graph.IdentityClaim{Identity: id})
	}
	return list
}

func text(name, value string) graph.NamedValue {
	return graph.NamedValue{Name: name, Value: graph.TextValue(value)}
}

func number(name string, value float64) graph.NamedValue {
	return graph.NamedValue{Name: name, Value: graph.NumberValue(value)}
}

// person is an upsert with a name that the source "crm" gave at minute 0.
func person(id, name string, identities ...graph.Identity) graph.CustomerUpsert {
	return graph.CustomerUpsert{ID: id, Name: name, Identities: claims(identities...), Source: "crm", ObservedAt: at(0)}
}

// view is an interaction of the customer with an id.
func view(id, customer string, minutes int) graph.Interaction {
	return graph.Interaction{ID: id, Type: graph.View, At: at(minutes), Customer: graph.ByID(customer), Source: "web"}
}

// viewBy is an interaction of whoever has an identity.
func viewBy(id string, who graph.Identity, minutes int) graph.Interaction {
	i := view(id, "", minutes)
	i.Customer = graph.ByIdentity(who)
	return i
}

// rich is an interaction with every field filled in, about the product "p" and the category "c".
func rich(id, customer string, minutes int) graph.Interaction {
	return graph.Interaction{
		ID: id, Type: graph.Purchase, At: at(minutes), Customer: graph.ByID(customer), Channel: graph.App, Product: "p", Category: "c",
		Query: "Größe 漢字", Results: graph.Some[int64](0), Quantity: graph.Some(graph.Decimal(20_000)), Amount: graph.Some(graph.Decimal(125_001)),
		Currency: "TWD", Campaign: "spring", Rating: graph.Some(graph.Decimal(45_000)), Session: "s-1", Available: graph.Some(false),
		Attributes: []graph.NamedValue{
			{Name: "big", Value: graph.BooleanValue(true)},
			{Name: "day", Value: graph.DateValue(time.Date(2026, 4, 5, 0, 0, 0, 0, time.UTC))},
			number("guests", 2.5), text("note", "naïve"),
		},
		Source: "shop",
	}
}

func customers(list ...graph.CustomerUpsert) graph.Batch { return graph.Batch{Customers: list} }

func interactions(list ...graph.Interaction) graph.Batch { return graph.Batch{Interactions: list} }

func categories(list ...graph.Category) graph.Batch { return graph.Batch{Categories: list} }

func products(list ...graph.Product) graph.Batch { return graph.Batch{Products: list} }

func retractions(ids ...string) graph.Batch {
	var b graph.Batch
	for _, id := range ids {
		b.Retractions = append(b.Retractions, graph.Retraction{ID: id, Reason: "wrong till", Source: "desk"})
	}
	return b
}

// catalog is a small tree (c above c/d above c/d/e, and x) with the products p in c, q in c/d/e and x, and r in none.
func catalog() graph.Batch {
	return graph.Batch{
		Categories: []graph.Category{{ID: "c"}, {ID: "c/d", Parent: "c"}, {ID: "c/d/e", Parent: "c/d"}, {ID: "x"}},
		Products:   []graph.Product{{ID: "p", Categories: []string{"c"}}, {ID: "q", Categories: []string{"c/d/e", "x"}}, {ID: "r"}},
	}
}

// numbered gives n names with a prefix, in their own order.
func numbered(prefix string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%06d", prefix, i)
	}
	return names
}
