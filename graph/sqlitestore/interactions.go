package sqlitestore

import (
	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// incoming is an interaction on its way into the store, with what it refers to.
type incoming struct {
	*graph.Interaction
	place
	product, category int64
	source            int64
	marks             graph.KnownNumbers
	attributes        string
	complete          bool // all it refers to is there, and its attributes fit
}

// writeInteraction writes one interaction. The usual row is new and refers to what is there: it takes one statement. All
// others are looked at before anything is made for them.
func (t *tx) writeInteraction(row *graph.Interaction, createMissing bool) (graph.Outcome, error) {
	row.Normalize()
	if r := row.Check(); r != nil {
		return r.Outcome(), nil
	}
	in := incoming{Interaction: row}
	misfit, err := t.lookUp(&in)
	if err != nil {
		return graph.Outcome{}, err
	}
	if t.fast == nil && in.complete && !t.likelyStored && t.m.retracted == 0 {
		if yes, err := t.insertNew(&in); yes || err != nil {
			return graph.NewOutcome(true), err
		}
		t.likelyStored = true
	}
	found, same, err := t.compareStored(&in)
	if err != nil {
		return graph.Outcome{}, err
	}
	if found {
		if !same {
			return graph.RefuseContent().Outcome(), nil
		}
		return graph.NewOutcome(false), nil
	}
	t.likelyStored = false
	if err := t.stopFollowing(); err != nil {
		return graph.Outcome{}, err
	}
	if r, done, err := t.judgeNew(&in, misfit, createMissing); r != nil || done || err != nil {
		if r != nil {
			return r.Outcome(), err
		}
		return graph.NewOutcome(false), err
	}
	if err := t.complete(&in); err != nil {
		return graph.Outcome{}, err
	}
	_, err = t.insertNew(&in)
	return graph.NewOutcome(true), err
}

// lookUp finds what the row refers to, as far as it is there.
func (t *tx) lookUp(in *incoming) (misfit *graph.Rejection, err error) {
	var found bool
	if in.place, found, err = t.find(in.Customer); err != nil {
		return nil, err
	}
	in.complete = found
	if in.Product != "" {
		if in.product, err = t.productKey(in.Product); err != nil {
			return nil, err
		}
		in.complete = in.complete && in.product != 0
	}
	if in.Category != "" {
		if in.category, err = t.categoryKey(in.Category); err != nil {
			return nil, err
		}
		in.complete = in.complete && in.category != 0
	}
	in.marks = marksOf(in.Interaction, t.now)
	if len(in.Attributes) == 0 {
		return nil, nil
	}
	if misfit, err = t.checkKinds(graph.InteractionScope, in.Attributes); err != nil {
		return nil, err
	}
	for _, a := range in.Attributes {
		settled, err := t.attributeRow(graph.AttributeKey{Scope: graph.InteractionScope, Name: a.Name})
		if err != nil {
			return nil, err
		}
		in.complete = in.complete && settled.key != 0 && misfit == nil
	}
	text, err := appendNamedValues(nil, in.Attributes)
	in.attributes = string(text)
	return misfit, err
}

// judgeNew tells why a row whose id is not stored cannot be taken, or that it was retracted (done).
func (t *tx) judgeNew(in *incoming, misfit *graph.Rejection, createMissing bool) (r *graph.Rejection, done bool, err error) {
	if t.m.retracted > 0 {
		hash := in.ContentHash()
		same := false
		found, err := t.row("SELECT content = ? FROM retracted WHERE id = ?", func(st *sqlite.Stmt) { same = st.ColumnBool(0) }, hash[:], in.ID)
		if err != nil || found && same {
			return nil, true, err
		}
		if found {
			return graph.RefuseRetracted(), false, nil
		}
	}
	if in.owner == 0 {
		if gone, err := t.isErased(in.Customer); gone || err != nil {
			return graph.RefuseErased("customer"), false, err
		}
	}
	if in.Product != "" && in.product == 0 && !createMissing {
		return graph.RefuseProduct(in.Product), false, nil
	}
	if in.Category != "" && in.category == 0 && !createMissing {
		return graph.RefuseCategory("category", in.Category), false, nil
	}
	return misfit, false, nil
}

// complete makes what the row refers to and is not there yet.
func (t *tx) complete(in *incoming) (err error) {
	if in.Product != "" && in.product == 0 {
		if in.product, err = t.createProduct(in.Product); err != nil {
			return err
		}
	}
	if in.Category != "" && in.category == 0 {
		if in.category, err = t.createCategory(in.Category); err != nil {
			return err
		}
	}
	if in.owner == 0 {
		if in.place, err = t.findOrCreate(in.Customer, in.Source, t.now); err != nil {
			return err
		}
	}
	return t.settleAll(graph.InteractionScope, in.Attributes)
}

const insertInteraction = `INSERT INTO interactions (seq, customer, product, category, at, type, channel, known, results, quantity,
	amount, rating, currency, id, origin, identity, source, query, session, campaign, attributes)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

// insertNew inserts the row unless one of its id is there.
func (t *tx) insertNew(in *incoming) (yes bool, err error) {
	if in.source, err = t.source(in.Source); err != nil {
		return false, err
	}
	st, err := t.Prepare(insertInteraction)
	if err != nil {
		return false, err
	}
	seq := t.m.seq + 1
	st.BindInt64(1, seq)
	bindInteraction(st, in)
	if _, err := st.Step(); err != nil {
		return false, err
	}
	if t.Changes() == 0 {
		return false, nil
	}
	t.m.seq = seq
	t.m.interactions++
	if at := in.At.UnixMicro(); in.marks&graph.IsAhead == 0 && (!t.m.latestKnown || at > t.m.latestAt) {
		t.m.latestAt, t.m.latestKnown = at, true
	}
	if t.fast != nil {
		t.fast.add(in.ID, seq)
	}
	return true, nil
}

// bindInteraction binds all but the position. What is not bound is NULL.
func bindInteraction(st *sqlite.Stmt, in *incoming) {
	st.BindInt64(2, in.owner)
	st.BindInt64(3, in.product)
	st.BindInt64(4, in.category)
	st.BindInt64(5, in.At.UnixMicro())
	st.BindInt64(6, int64(in.Type))
	st.BindInt64(7, int64(in.Channel))
	st.BindInt64(8, int64(in.marks))
	st.BindInt64(9, in.Results.Value)
	st.BindInt64(10, int64(in.Quantity.Value))
	st.BindInt64(11, int64(in.Amount.Value))
	st.BindInt64(12, int64(in.Rating.Value))
	bindText(st, 13, in.Currency)
	st.BindText(14, in.ID)
	if in.origin != in.owner {
		st.BindInt64(15, in.origin)
	}
	if in.identity != 0 {
		st.BindInt64(16, in.identity)
	}
	st.BindInt64(17, in.source)
	bindText(st, 18, in.Query)
	bindText(st, 19, in.Session)
	bindText(st, 20, in.Campaign)
	bindText(st, 21, in.attributes)
}

func bindText(st *sqlite.Stmt, param int, s string) {
	if s != "" {
		st.BindText(param, s)
	}
}
