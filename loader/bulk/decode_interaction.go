package bulk

import (
	"strings"

	"lacuna/graph"
)

func (d *decoder) interaction(r *record, b *batch) *graph.Rejection {
	b.rows.Interactions = append(b.rows.Interactions, graph.Interaction{Source: d.source})
	row := &b.rows.Interactions[len(b.rows.Interactions)-1]
	d.values = d.values[:0]
	rejection := d.each(r, func(to *binding, c *cell) *graph.Rejection { return d.interactionCell(row, to, c) })
	if rejection == nil {
		if row.Amount.Known && row.Currency == "" {
			row.Currency = d.currency
		}
		row.Attributes = d.keepAttributes()
		rejection = d.giveID(row)
	}
	if rejection != nil {
		b.rows.Interactions = b.rows.Interactions[:len(b.rows.Interactions)-1]
		return rejection
	}
	b.from(Interactions, r)
	return nil
}

func (d *decoder) interactionCell(row *graph.Interaction, to *binding, c *cell) (rejection *graph.Rejection) {
	switch to.field {
	case idField:
		row.ID, rejection = d.uniqueText(c, "id")
	case typeField:
		row.Type, rejection = d.interactionType(c)
	case atField:
		row.At, rejection = d.instant(c, "at")
	case customerField:
		var ref string
		ref, rejection = d.text(c, "customer")
		row.Customer = graph.ParseCustomerRef(ref)
	case channelField:
		row.Channel, rejection = d.channel(c)
	case productField:
		row.Product, rejection = d.text(c, "product")
	case categoryField:
		row.Category, rejection = d.text(c, "category")
	case queryField:
		row.Query, rejection = d.text(c, "query")
	case resultsField:
		row.Results, rejection = d.integer(c, "results")
	case quantityField:
		row.Quantity, rejection = d.decimal(c, "quantity")
	case amountField:
		row.Amount, rejection = d.decimal(c, "amount")
	case currencyField:
		row.Currency, rejection = d.text(c, "currency")
	case campaignField:
		row.Campaign, rejection = d.text(c, "campaign")
	case ratingField:
		row.Rating, rejection = d.decimal(c, "rating")
	case sessionField:
		row.Session, rejection = d.text(c, "session")
	case availableField:
		row.Available, rejection = d.boolean(c, "available")
	case sourceField:
		row.Source, rejection = d.text(c, "source")
	case attributeField:
		rejection = d.addAttribute(to, c)
	}
	return rejection
}

var (
	interactionTypeNames = names(func(i uint8) (string, bool) { t := graph.InteractionType(i); return t.String(), t.Valid() })
	channelNames         = names(func(i uint8) (string, bool) { c := graph.Channel(i); return c.String(), c.Valid() })
	interactionTypes     = codes[graph.InteractionType](interactionTypeNames)
	channels             = codes[graph.Channel](channelNames)
)

func codes[T ~uint8](names string) map[string]T {
	m := map[string]T{}
	for i, name := range strings.Split(names, ", ") {
		m[name] = T(i + 1)
	}
	return m
}

func (d *decoder) interactionType(c *cell) (graph.InteractionType, *graph.Rejection) {
	if t, ok := interactionTypes[c.text]; ok {
		return t, nil
	}
	t, err := graph.ParseInteractionType(c.text)
	if err != nil {
		return 0, graph.Reject(graph.RejectUnknownType, "type", "is none of %s", interactionTypeNames)
	}
	return t, nil
}

func (d *decoder) channel(c *cell) (graph.Channel, *graph.Rejection) {
	if ch, ok := channels[c.text]; ok {
		return ch, nil
	}
	ch, err := graph.ParseChannel(c.text)
	if err != nil {
		return 0, graph.Reject(graph.RejectUnknownChannel, "channel", "is none of %s", channelNames)
	}
	return ch, nil
}
