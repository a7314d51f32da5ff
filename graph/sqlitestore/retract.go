package sqlitestore

import (
	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// retract takes an interaction back. A hash of its content stays, so that the row sent again is a duplicate.
func (t *tx) retract(row *graph.Retraction) (graph.Outcome, error) {
	if r := row.Check(); r != nil {
		return r.Outcome(), nil
	}
	if err := t.leaveFast(); err != nil {
		return graph.Outcome{}, err
	}
	if n, err := t.number("SELECT 1 FROM retracted WHERE id = ?", row.ID); n != 0 || err != nil {
		return graph.NewOutcome(false), err
	}
	var seq, customer, origin int64
	var i graph.Interaction
	var readErr error
	found, err := t.row("SELECT "+interactionColumns+" FROM interactions WHERE id = ?", func(st *sqlite.Stmt) {
		seq, customer, origin = st.ColumnInt64(0), st.ColumnInt64(1), st.ColumnInt64(14)
		var owner string
		if owner, readErr = t.idOf(customer); readErr == nil {
			i, readErr = t.columnInteraction(st, owner)
		}
	}, row.ID)
	if err == nil {
		err = readErr
	}
	if err != nil {
		return graph.Outcome{}, err
	}
	if !found {
		return graph.RefuseMissing("interaction", row.ID).Outcome(), nil
	}
	if origin == 0 {
		origin = customer
	}
	source, err := t.source(row.Source)
	if err != nil {
		return graph.Outcome{}, err
	}
	hash := i.ContentHash()
	if err := t.exec("INSERT INTO retracted (id, content, origin, reason, source, at) VALUES (?, ?, ?, ?, ?, ?)",
		row.ID, hash[:], origin, row.Reason, source, t.now.UnixMicro()); err != nil {
		return graph.Outcome{}, err
	}
	if err := t.exec("DELETE FROM interactions WHERE seq = ?", seq); err != nil {
		return graph.Outcome{}, err
	}
	t.m.retracted++
	t.m.interactions--
	t.latestGone = t.latestGone || (!i.Ahead && i.At.UnixMicro() >= t.m.latestAt)
	return graph.NewOutcome(true), t.change(graph.InteractionRetracted, 0, row.ID, customer)
}
