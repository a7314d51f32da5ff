package bulk

import (
	"math/big"
	"strings"

	"lacuna/graph"
)

// currencyOf gives the event's currency, else the configured one.
func (d *eventDecoder) currencyOf(s slot) (string, *graph.Rejection) {
	currency, rejection := d.optional(s, "currency")
	if currency == "" {
		return d.currency, rejection
	}
	return strings.ToUpper(currency), rejection
}

// orderTotal gives the first of the slots that says what an order came to. What was returned may be written as negative.
func (d *eventDecoder) orderTotal(kind graph.InteractionType, slots ...slot) (graph.Optional[graph.Decimal], *graph.Rejection) {
	for _, s := range slots {
		if d.has(s) {
			total, rejection := d.decimal(&d.event.cells[s], "total")
			if kind == graph.Return {
				total.Value = abs(total.Value)
			}
			return total, rejection
		}
	}
	return graph.Optional[graph.Decimal]{}, nil
}

func abs(n graph.Decimal) graph.Decimal {
	if n < 0 {
		return -n
	}
	return n
}

// putAmounts gives the rows of an order their amounts: price × quantity where any product has a price, else a share of the
// order's total by quantity. A product without a quantity is one. What is returned is positive too.
func (d *eventDecoder) putAmounts(total graph.Optional[graph.Decimal], currency string) *graph.Rejection {
	priced := false
	for _, f := range d.facts {
		priced = priced || f.price.Known
	}
	if !priced {
		return d.shareTotal(total, currency)
	}
	for i := range d.rows {
		row, f := &d.rows[i], &d.facts[i]
		if row.Quantity.Known && row.Type == graph.Return {
			row.Quantity.Value = abs(row.Quantity.Value)
		}
		if !f.price.Known {
			continue
		}
		amount := f.price.Value
		if f.quantity.Known {
			var err error
			if amount, err = f.price.Value.Mul(f.quantity.Value); err != nil {
				return graph.Reject(graph.RejectBadNumber, "amount", "price × quantity is too large to be kept")
			}
		}
		if row.Type == graph.Return {
			amount = abs(amount)
		}
		row.Amount, row.Currency = graph.Some(amount), currency
	}
	return nil
}

// shareTotal shares an order's total among its rows by quantity, in hundredths where the total has no finer parts. The
// shares add up to the total.
func (d *eventDecoder) shareTotal(total graph.Optional[graph.Decimal], currency string) *graph.Rejection {
	weights := make([]*big.Int, len(d.rows))
	sum := new(big.Int)
	for i := range d.rows {
		q := &d.rows[i].Quantity
		if q.Known && d.rows[i].Type == graph.Return {
			q.Value = abs(q.Value)
		}
		weights[i] = big.NewInt(graph.DecimalScale)
		if q.Known && q.Value >= 0 {
			weights[i] = big.NewInt(int64(q.Value))
		}
		sum.Add(sum, weights[i])
	}
	if !total.Known {
		return nil
	}
	unit := int64(1)
	if total.Value%(graph.DecimalScale/100) == 0 {
		unit = graph.DecimalScale / 100
	}
	if sum.Sign() == 0 {
		for i := range weights {
			weights[i] = big.NewInt(1)
		}
		sum.SetInt64(int64(len(weights)))
	}
	given, upTo, share := graph.Decimal(0), new(big.Int), new(big.Int)
	for i := range d.rows {
		upTo.Add(upTo, weights[i])
		share.Mul(upTo, big.NewInt(int64(total.Value)/unit))
		share.Quo(share, sum)
		reached := graph.Decimal(share.Int64() * unit)
		d.rows[i].Amount, d.rows[i].Currency = graph.Some(reached-given), currency
		given = reached
	}
	return nil
}
