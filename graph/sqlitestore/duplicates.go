package sqlitestore

import (
	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

const compareInteraction = `SELECT customer, product, category, at, type, channel, known, results, quantity, amount, rating, currency, origin,
	identity, query, session, campaign, attributes, seq, id FROM interactions WHERE `

// compareStored looks for an interaction of the row's id and tells whether it states the same.
func (t *tx) compareStored(in *incoming) (found, same bool, err error) {
	if t.fast != nil {
		return t.compareFast(in)
	}
	if t.follow.st != nil {
		if found, same, err = t.compareNext(in); found || err != nil {
			return found, same, err
		}
	}
	var seq int64
	found, err = t.row(compareInteraction+"id = ?", func(st *sqlite.Stmt) { same, seq = t.sameRow(st, in), st.ColumnInt64(18) }, in.ID)
	if found && err == nil {
		err = t.followFrom(seq)
	}
	return found, same, err
}

// follower reads on in the table where rows come again in the order in which they were stored, as those of a file that is
// loaded again do: the next row is where the last one was, and needs no search by id.
type follower struct {
	st   *sqlite.Stmt // at the last row found; nil when not following
	last int64        // position of the last row found
}

// closeEnough is how far apart two rows lie between which only customers and the like were written.
const closeEnough = 8

// followFrom begins to read on when two rows in a row were found close to each other.
func (t *tx) followFrom(seq int64) error {
	near := seq > t.follow.last && seq-t.follow.last <= closeEnough
	t.follow.last = seq
	if !near {
		return nil
	}
	st, err := t.Prepare(compareInteraction + "seq > ? ORDER BY seq")
	if err != nil {
		return err
	}
	st.BindInt64(1, seq)
	t.follow.st = st
	return nil
}

// compareNext compares with the next row of the table, if that is the one; otherwise it stops following.
func (t *tx) compareNext(in *incoming) (found, same bool, err error) {
	ok, err := t.follow.st.Step()
	if err != nil {
		t.follow.st = nil
		return false, false, err
	}
	if !ok || !t.sameText(t.follow.st, 19, in.ID) {
		return false, false, t.stopFollowing()
	}
	t.follow.last = t.follow.st.ColumnInt64(18)
	return true, t.sameRow(t.follow.st, in), nil
}

// stopFollowing ends the reading, which must not stay open over a commit.
func (t *tx) stopFollowing() error {
	if t.follow.st == nil {
		return nil
	}
	st := t.follow.st
	t.follow.st = nil
	return st.Reset()
}

// sameRow compares by keys: equal references have equal keys. Whether a row was ahead is no content.
func (t *tx) sameRow(st *sqlite.Stmt, in *incoming) bool {
	if !in.complete || st.ColumnInt64(1) != in.product || st.ColumnInt64(2) != in.category || st.ColumnInt64(3) != in.At.UnixMicro() ||
		st.ColumnInt64(4) != int64(in.Type) || st.ColumnInt64(5) != int64(in.Channel) ||
		(graph.KnownNumbers(st.ColumnInt64(6))^in.marks)&^graph.IsAhead != 0 || st.ColumnInt64(7) != in.Results.Value ||
		st.ColumnInt64(8) != int64(in.Quantity.Value) || st.ColumnInt64(9) != int64(in.Amount.Value) || st.ColumnInt64(10) != int64(in.Rating.Value) {
		return false
	}
	if identity := st.ColumnInt64(13); identity != in.identity {
		return false
	} else if identity == 0 {
		origin := st.ColumnInt64(12)
		if origin == 0 {
			origin = st.ColumnInt64(0)
		}
		if origin != in.origin {
			return false
		}
	}
	return t.sameText(st, 11, in.Currency) && t.sameText(st, 14, in.Query) && t.sameText(st, 15, in.Session) &&
		t.sameText(st, 16, in.Campaign) && t.sameText(st, 17, in.attributes)
}
