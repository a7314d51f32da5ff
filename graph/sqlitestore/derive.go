package sqlitestore

import (
	"slices"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// shown is what a customer's row shows of its observations.
type shown struct {
	name, household string
	createdAt       any
	referrer        int64
}

// derive settles anew what is shown of a customer of today, and what it is found by where the name changes; moved tells that
// identities came or went, so that this is settled anew in any case.
func (t *tx) derive(customer int64, moved bool) error {
	next, err := t.winners(customer)
	if err != nil {
		return err
	}
	var oldName string
	if _, err := t.row("SELECT name FROM customers WHERE key = ?", func(st *sqlite.Stmt) { oldName = st.ColumnText(0) }, customer); err != nil {
		return err
	}
	var referrer any
	if next.referrer != 0 {
		referrer = next.referrer
	}
	if err := t.exec("UPDATE customers SET name = ?, name_fold = ?, created_at = ?, household = ?, referrer = ? WHERE key = ?",
		orNull(next.name), foldOrNull(next.name), next.createdAt, orNull(next.household), referrer, customer); err != nil {
		return err
	}
	if next.name == oldName && !moved {
		return nil
	}
	return t.putTerms(customer, next.name, oldName == "" && !moved)
}

// putTerms writes what a customer is found by beside the columns that serve as well: the words of the name after the first,
// and identities that are not their own folded form.
func (t *tx) putTerms(customer int64, name string, fresh bool) error {
	if !fresh {
		if err := t.exec("DELETE FROM terms WHERE customer = ?", customer); err != nil {
			return err
		}
		var folds []string
		if err := t.rows("SELECT value FROM identities WHERE customer = ? AND folded = 0", func(st *sqlite.Stmt) error {
			folds = append(folds, graph.Fold(st.ColumnText(0)))
			return nil
		}, customer); err != nil {
			return err
		}
		for _, fold := range folds {
			if err := t.addTerm(customer, fold); err != nil {
				return err
			}
		}
	}
	fold := graph.Fold(name)
	for _, term := range graph.SearchTerms(name) {
		if term == fold {
			continue // the index by name serves
		}
		if err := t.addTerm(customer, term); err != nil {
			return err
		}
	}
	return nil
}

// winners settles each field by the observations of all sources: of one customer, or of two as if they were one.
func (c *conn) winners(customers ...int64) (w shown, err error) {
	byField := map[int64][]graph.Observation{}
	referrals := map[string]int64{} // origins by id
	for _, customer := range customers {
		err = c.rows(`SELECT field, source, value, observed_at, verified FROM observations WHERE customer = ? AND field < ?`, func(st *sqlite.Stmt) error {
			o, err := c.columnObservation(st, 1, 3, 4)
			if err != nil {
				return err
			}
			field := st.ColumnInt64(0)
			switch field {
			case createdField:
				o.Value = fieldText(instant(st.ColumnInt64(2)))
			case referralField:
				origin := st.ColumnInt64(2)
				id, err := c.idOf(origin)
				if err != nil {
					return err
				}
				o.Value = graph.TextValue(id)
				referrals[id] = origin
			default:
				o.Value = graph.TextValue(st.ColumnText(2))
			}
			byField[field] = append(byField[field], o)
			return nil
		}, customer, int64(firstAttributeKey))
		if err != nil {
			return w, err
		}
	}
	show := func(field int64) string {
		first, _ := graph.Winner(byField[field])
		text, _ := first.Value.Text()
		return text
	}
	w.name, w.household = show(nameField), show(householdField)
	if created := show(createdField); created != "" {
		if w.createdAt, err = parseFieldTime(created); err != nil {
			return w, err
		}
	}
	w.referrer, err = c.shownReferrer(customers, byField[referralField], referrals)
	return w, err
}

// shownReferrer gives the origin of the first referral by somebody else: after a merge one's own may be among them.
func (c *conn) shownReferrer(self []int64, list []graph.Observation, referrals map[string]int64) (int64, error) {
	graph.Winner(list)
	for _, o := range list {
		id, _ := o.Value.Text()
		owner, err := c.number("SELECT owner FROM customers WHERE key = ?", referrals[id])
		if err != nil {
			return 0, err
		}
		if !slices.Contains(self, owner) {
			return referrals[id], nil
		}
	}
	return 0, nil
}
