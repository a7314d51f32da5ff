package sqlitestore

import (
	"time"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// marksOf tells which numbers of an interaction are known, and the facts kept beside them. now is the time of recording.
func marksOf(i *graph.Interaction, now time.Time) (marks graph.KnownNumbers) {
	for _, m := range [...]struct {
		yes  bool
		mark graph.KnownNumbers
	}{
		{i.Results.Known, graph.ResultsKnown},
		{i.Quantity.Known, graph.QuantityKnown},
		{i.Amount.Known, graph.AmountKnown},
		{i.Rating.Known, graph.RatingKnown},
		{i.Available.Known, graph.AvailableKnown},
		{i.Available.Known && i.Available.Value, graph.IsAvailable},
		{i.At.After(now), graph.IsAhead},
	} {
		if m.yes {
			marks |= m.mark
		}
	}
	return marks
}

// interactionColumns are what columnInteraction reads.
const interactionColumns = `seq, customer, product, category, at, type, channel, known, results, quantity, amount, rating, currency, id,
	origin, identity, source, query, session, campaign, attributes`

// columnInteraction reads a whole interaction whose owner's current id is known. Its columns begin with
// interactionColumns.
func (c *conn) columnInteraction(st *sqlite.Stmt, owner string) (i graph.Interaction, err error) {
	marks := graph.KnownNumbers(st.ColumnInt64(7))
	i = graph.Interaction{
		ID: st.ColumnText(13), Type: graph.InteractionType(st.ColumnInt64(5)), At: instant(st.ColumnInt64(4)),
		Channel: graph.Channel(st.ColumnInt64(6)), Query: st.ColumnText(17), Currency: st.ColumnText(12), Session: st.ColumnText(18),
		Campaign: st.ColumnText(19), Owner: owner, Ahead: marks&graph.IsAhead != 0,
	}
	setNumbers(&i, marks, st)
	if i.Product, err = c.names.product(c, st.ColumnInt64(2)); err != nil {
		return i, err
	}
	if i.Category, err = c.names.category(c, st.ColumnInt64(3)); err != nil {
		return i, err
	}
	if i.Source, err = c.names.source(c, st.ColumnInt64(16)); err != nil {
		return i, err
	}
	if i.Source == "" {
		return i, nil // kept of an erased customer: it came from nobody
	}
	if i.Customer, err = c.columnRef(st.ColumnInt64(14), st.ColumnInt64(15), owner); err != nil {
		return i, err
	}
	i.Attributes, err = parseNamedValues(st.ColumnText(20), c.interactionKind)
	return i, err
}

func setNumbers(i *graph.Interaction, marks graph.KnownNumbers, st *sqlite.Stmt) {
	if marks&graph.ResultsKnown != 0 {
		i.Results = graph.Some(st.ColumnInt64(8))
	}
	if marks&graph.QuantityKnown != 0 {
		i.Quantity = graph.Some(graph.Decimal(st.ColumnInt64(9)))
	}
	if marks&graph.AmountKnown != 0 {
		i.Amount = graph.Some(graph.Decimal(st.ColumnInt64(10)))
	}
	if marks&graph.RatingKnown != 0 {
		i.Rating = graph.Some(graph.Decimal(st.ColumnInt64(11)))
	}
	if marks&graph.AvailableKnown != 0 {
		i.Available = graph.Some(marks&graph.IsAvailable != 0)
	}
}

// columnRef gives the reference that an interaction came with.
func (c *conn) columnRef(origin, identity int64, owner string) (graph.CustomerRef, error) {
	if identity != 0 {
		i, err := c.identityByKey(identity)
		return graph.ByIdentity(i), err
	}
	if origin == 0 {
		return graph.ByID(owner), nil
	}
	id, err := c.idOf(origin)
	return graph.ByID(id), err
}

func (c *conn) interactionKind(name string) (graph.ValueKind, error) {
	return c.names.kindOf(c, graph.InteractionScope, name)
}
