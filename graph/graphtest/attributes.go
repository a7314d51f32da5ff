package graphtest

import (
	"testing"
	"time"

	"lacuna/graph"
)

// testAttributes checks how the type of an attribute is settled.
func testAttributes(t *testing.T, f Factory) {
	values := map[string]graph.Value{
		"number": graph.NumberValue(-0.5), "boolean": graph.BooleanValue(false), "date": graph.DateValue(at(0)), "text": graph.TextValue("0123"),
	}
	for _, scope := range []graph.Scope{graph.CustomerScope, graph.ProductScope, graph.InteractionScope} {
		for name, first := range values {
			t.Run(scope.String()+" "+name, func(t *testing.T) {
				x := fresh(t, f)
				x.accept(attributed(scope, "1", first))
				x.same("types", map[graph.AttributeKey]graph.ValueKind{{Scope: scope, Name: "a"}: first.Kind()}, x.types())
				x.repeat(attributed(scope, "1", first))
				for other, v := range values {
					if _, fits := v.Fit(first.Kind()); !fits && other != name {
						x.reject(attributed(scope, "2", v), graph.RejectAttributeType, "attr.a")
					}
				}
				x.accept(attributed(scope, "2", first))
			})
		}
	}
	t.Run("scopes are apart", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(attributed(graph.CustomerScope, "1", values["text"]))
		x.accept(attributed(graph.ProductScope, "1", values["number"]))
		x.accept(attributed(graph.InteractionScope, "1", values["boolean"]))
		x.same("types", map[graph.AttributeKey]graph.ValueKind{
			{Scope: graph.CustomerScope, Name: "a"}: graph.TextKind, {Scope: graph.ProductScope, Name: "a"}: graph.NumberKind,
			{Scope: graph.InteractionScope, Name: "a"}: graph.BooleanKind,
		}, x.types())
		kept := x.types()
		x.reopen()
		x.same("types after reopening", kept, x.types())
		x.reject(attributed(graph.CustomerScope, "2", values["number"]), graph.RejectAttributeType, "attr.a")
	})
	t.Run("settled by an earlier row of the batch", func(t *testing.T) {
		x := fresh(t, f)
		b := attributed(graph.CustomerScope, "1", values["number"])
		b.Customers = append(b.Customers, attributed(graph.CustomerScope, "2", values["text"]).Customers...)
		x.same("outcomes", []string{"accepted", "attribute_type"}, x.codes(b))
	})
	for _, scope := range []graph.Scope{graph.CustomerScope, graph.ProductScope, graph.InteractionScope} {
		t.Run(scope.String()+" dates as text, and text as dates", func(t *testing.T) {
			x := fresh(t, f)
			day := at(0).Format(time.DateOnly)
			x.accept(attributed(scope, "1", graph.DateValue(at(0))))
			x.repeat(attributed(scope, "1", graph.TextValue(day)))
			x.reject(attributed(scope, "9", graph.TextValue(day+"!")), graph.RejectAttributeType, "attr.a")
			x.accept(attributed(scope, "2", graph.TextValue(day)))
			x.repeat(attributed(scope, "2", graph.DateValue(at(0))))
			x.accept(renamed(attributed(scope, "3", graph.TextValue(day)), "b"))
			x.repeat(renamed(attributed(scope, "3", graph.DateValue(at(0))), "b"))
			key := func(name string) graph.AttributeKey { return graph.AttributeKey{Scope: scope, Name: name} }
			x.same("types", map[graph.AttributeKey]graph.ValueKind{key("a"): graph.DateKind, key("b"): graph.TextKind}, x.types())
			if scope == graph.InteractionScope {
				x.accept(retractions("1"))
				x.repeat(attributed(scope, "1", graph.TextValue(day)))
			}
		})
	}
	t.Run("values read as they were written", func(t *testing.T) { testValues(t, f) })
}

func testValues(t *testing.T, f Factory) {
	x := fresh(t, f)
	for name, v := range map[string]graph.Value{
		"tiny": graph.NumberValue(5e-324), "huge": graph.NumberValue(-1.7976931348623157e308), "third": graph.NumberValue(1.0 / 3),
		"whole": graph.NumberValue(1 << 53), "zero": graph.NumberValue(0), "no": graph.BooleanValue(false), "like a date": graph.TextValue("2026-01-02"),
		"like a number": graph.TextValue("1"), "漢字": graph.TextValue("e\u0301 😀\n\t'\""), "early": graph.DateValue(at(0).AddDate(-1900, 0, 0)),
	} {
		want := []graph.NamedValue{{Name: name, Value: v}}
		i := view("i "+name, "c "+name, 0)
		i.Attributes = want
		x.accept(graph.Batch{
			Products:     []graph.Product{{ID: name, Attributes: want}},
			Customers:    []graph.CustomerUpsert{{ID: "c " + name, Source: "s", ObservedAt: at(0), Attributes: want}},
			Interactions: []graph.Interaction{i},
		})
		c := x.customer(graph.ByID("c " + name))
		x.same("of a customer", want, []graph.NamedValue{{Name: c.Attributes[0].Name, Value: c.Attributes[0].Value}})
		x.same("of a product", want, x.product(name).Attributes)
		x.same("of an interaction", want, x.history("c "+name, graph.InteractionFilter{}, 1)[0].Attributes)
		x.accept(customers(person("keep "+name, "K")))
		x.merge("keep "+name, "c "+name)
		before := x.merges("keep " + name)[0].Before[1]
		x.same("of the snapshot of a merge", want, []graph.NamedValue{{Name: before.Attributes[0].Name, Value: before.Attributes[0].Value}})
	}
}

// attributed is a row with an id whose attribute "a" has a value.
func attributed(scope graph.Scope, id string, v graph.Value) graph.Batch {
	values := []graph.NamedValue{{Name: "a", Value: v}}
	switch scope {
	case graph.CustomerScope:
		return customers(graph.CustomerUpsert{ID: id, Source: "s", ObservedAt: at(0), Attributes: values})
	case graph.ProductScope:
		return products(graph.Product{ID: id, Attributes: values})
	default:
		i := view(id, "c"+id, 0)
		i.Attributes = values
		return interactions(i)
	}
}

// renamed gives the attribute of a row made by attributed another name.
func renamed(b graph.Batch, name string) graph.Batch {
	for i := range b.Customers {
		b.Customers[i].Attributes[0].Name = name
	}
	for i := range b.Products {
		b.Products[i].Attributes[0].Name = name
	}
	for i := range b.Interactions {
		b.Interactions[i].Attributes[0].Name = name
	}
	return b
}
