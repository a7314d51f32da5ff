package resolvers

import (
	"fmt"
	"time"

	"lacuna/graph"
	"lacuna/graph/model"
)

// decodeRows maps the rows of an argument named input.
func decodeRows[In, Row any](input []In, decode func(In, string) (Row, error)) ([]Row, error) {
	if err := checkRows(len(input)); err != nil {
		return nil, err
	}
	rows := make([]Row, len(input))
	for i, in := range input {
		row, err := decode(in, fmt.Sprintf("input[%d]", i))
		if err != nil {
			return nil, err
		}
		rows[i] = row
	}
	return rows, nil
}

func category(in model.CategoryInput, path string) (graph.Category, error) {
	c := graph.Category{ID: in.ID, Name: text(in.Name), Parent: text(in.Parent)}
	for i, n := range in.Names {
		if c.Names == nil {
			c.Names = make(map[string]string, len(in.Names))
		}
		if c.Names[n.Lang] != "" {
			return c, invalidArgument("%s.names[%d].lang: %q is given twice", path, i, graph.Clip(n.Lang))
		}
		c.Names[n.Lang] = n.Name
	}
	return c, nil
}

func productRow(in model.ProductInput, _ string) (graph.Product, error) {
	return graph.Product{
		ID: in.ID, Name: text(in.Name), Categories: in.Categories, Tags: in.Tags, Price: graph.FromPtr(in.Price), Currency: text(in.Currency),
		LaunchedAt: moment(in.LaunchedAt), RetiredAt: moment(in.RetiredAt), InStock: graph.FromPtr(in.InStock), Attributes: namedValues(in.Attributes),
	}, nil
}

func customerUpsert(in model.CustomerInput, path string) (graph.CustomerUpsert, error) {
	u := graph.CustomerUpsert{
		ID: in.ID, Name: text(in.Name), CreatedAt: moment(in.CreatedAt), Household: text(in.Household), Attributes: namedValues(in.Attributes),
		Source: in.Source, ObservedAt: moment(in.ObservedAt), Verified: in.Verified,
	}
	if in.ReferredBy != nil {
		ref, err := customerRef(in.ReferredBy, path+".referredBy")
		if err != nil {
			return u, err
		}
		u.ReferredBy = ref
	}
	for _, i := range in.Identities {
		u.Identities = append(u.Identities, graph.IdentityClaim{Identity: graph.Identity{Kind: i.Kind, Value: i.Value}, Verified: i.Verified})
	}
	for _, c := range in.Consents {
		u.Consents = append(u.Consents, graph.Consent{Purpose: c.Purpose, Granted: c.Granted, At: moment(c.At)})
	}
	return u, nil
}

func consentUpsert(in model.ConsentInput) graph.CustomerUpsert {
	return graph.CustomerUpsert{ID: in.Customer, Source: in.Source, Consents: []graph.Consent{{Purpose: in.Purpose, Granted: in.Granted, At: moment(in.At)}}}
}

func interactionRow(in model.InteractionInput, path string) (graph.Interaction, error) {
	i := graph.Interaction{
		ID: in.ID, Type: in.Type, At: in.At, Product: text(in.Product), Category: text(in.Category), Query: text(in.Query),
		Quantity: graph.FromPtr(in.Quantity), Amount: graph.FromPtr(in.Amount), Currency: text(in.Currency), Campaign: text(in.Campaign),
		Rating: graph.FromPtr(in.Rating), Session: text(in.Session), Available: graph.FromPtr(in.Available), Attributes: namedValues(in.Attributes),
		Source: in.Source,
	}
	if in.Channel != nil {
		i.Channel = *in.Channel
	}
	if in.Results != nil {
		i.Results = graph.Some(int64(*in.Results))
	}
	ref, err := customerRef(in.Customer, path+".customer")
	i.Customer = ref
	return i, err
}

func retraction(in model.RetractionInput, _ string) (graph.Retraction, error) {
	return graph.Retraction{ID: in.ID, Reason: in.Reason, Source: in.Source}, nil
}

func namedValues(in []model.AttributeInput) []graph.NamedValue {
	values := make([]graph.NamedValue, len(in))
	for i, a := range in {
		values[i] = graph.NamedValue{Name: a.Name, Value: a.Value}
	}
	return values
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
