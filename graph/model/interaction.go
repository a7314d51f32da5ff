package model

import (
	"math"

	"lacuna/graph"
)

// Interaction is the schema's view of an interaction of a customer.
type Interaction struct {
	*graph.Interaction
	customer *graph.Customer
	catalog  *Catalog
}

// NewInteraction views an interaction of a customer, whose product and categories are in a catalog.
func NewInteraction(i *graph.Interaction, of *graph.Customer, catalog *Catalog) Interaction {
	return Interaction{Interaction: i, customer: of, catalog: catalog}
}

// Customer is whose interaction it is.
func (i Interaction) Customer() Customer { return Customer{i.customer} }

// Product is nil when there is none.
func (i Interaction) Product() *Product { return i.catalog.Product(i.Interaction.Product) }

// Category is the stated one, else the product's first, nil when there is none.
func (i Interaction) Category() *Category {
	if id := i.Interaction.Category; id != "" {
		return CategoryIn(i.catalog.Tree, id)
	}
	if p := i.catalog.Products[i.Interaction.Product]; p != nil && len(p.Categories) > 0 {
		return CategoryIn(i.catalog.Tree, p.Categories[0])
	}
	return nil
}

// Channel is nil when it was not stated.
func (i Interaction) Channel() *graph.Channel { return channelOrNil(i.Interaction.Channel) }

// Query is nil when there is none.
func (i Interaction) Query() *string { return textOrNil(i.Interaction.Query) }

// Results is nil when unknown.
func (i Interaction) Results() *int32 {
	if !i.Interaction.Results.Known {
		return nil
	}
	n := Count(i.Interaction.Results.Value)
	return &n
}

// Quantity is nil when unknown.
func (i Interaction) Quantity() *float64 { return floatOrNil(i.Interaction.Quantity) }

// Amount is nil when unknown.
func (i Interaction) Amount() *graph.Decimal { return i.Interaction.Amount.Ptr() }

// Currency is nil when there is no amount.
func (i Interaction) Currency() *string { return textOrNil(i.Interaction.Currency) }

// Campaign is nil when there is none.
func (i Interaction) Campaign() *string { return textOrNil(i.Interaction.Campaign) }

// Rating is nil when there is none.
func (i Interaction) Rating() *float64 { return floatOrNil(i.Interaction.Rating) }

// Session is nil when unknown.
func (i Interaction) Session() *string { return textOrNil(i.Interaction.Session) }

// Available is nil when unknown.
func (i Interaction) Available() *bool { return i.Interaction.Available.Ptr() }

// Count fits a number into GraphQL's 32-bit Int; beyond two billion it stands still.
func Count[N int | int64](n N) int32 { return int32(min(int64(n), math.MaxInt32)) }

func floatOrNil(d graph.Optional[graph.Decimal]) *float64 {
	if !d.Known {
		return nil
	}
	f := d.Value.Float()
	return &f
}
