package sqlitestore

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// Restoring reads one row.
func (s *Store) Restoring(ctx context.Context) (r graph.Restoration, err error) {
	err = s.read(ctx, "read restoration", func(c *conn) (err error) {
		r, err = c.restoring()
		return err
	})
	return r, err
}

func (c *conn) restoring() (r graph.Restoration, err error) {
	_, err = c.row("SELECT version, portions FROM restoring", func(st *sqlite.Stmt) {
		r = graph.Restoration{Version: graph.Cursor(st.ColumnText(0)), Portions: st.ColumnInt64(1)}
	})
	return r, err
}

// Restore stores a portion.
func (s *Store) Restore(ctx context.Context, at graph.Restoration, p *graph.Portion) error {
	return s.write(ctx, "restore store", func(t *tx) error {
		found, err := t.restoring()
		if err != nil {
			return err
		}
		if err := at.Check(found, p, t.m.seq == 0); err != nil {
			return err
		}
		r := &restorer{tx: t}
		if err := r.portion(p); err != nil {
			return err
		}
		if p.Last {
			t.m.pruned = t.m.seq + 1 // whoever reads the feed begins with a scan
			t.m.seq++
			return t.exec("DELETE FROM restoring")
		}
		return t.exec("INSERT OR REPLACE INTO restoring (one, version, portions) VALUES (1, ?, ?)", string(at.Version), at.Portions+1)
	})
}

// restorer stores a portion as it was, without asking what wins: what is derived is derived from all there is.
type restorer struct{ *tx }

func (r *restorer) portion(p *graph.Portion) error {
	if p.Header != nil {
		if err := r.header(p.Header); err != nil {
			return err
		}
	}
	if err := r.catalog(p); err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return each(p.Records, r.record) }, func() error { return each(p.People, r.person) },
		func() error { return each(p.Interactions, r.interaction) }, func() error { return each(p.Merges, r.merge) },
		func() error { return each(p.Retracted, r.retraction) }, func() error { return each(p.Erased, r.erased) },
		func() error { return each(p.Contested, r.claim) },
		func() error {
			return each(p.Unread, func(u *graph.UnreadRecords) error { _, err := r.writeUnread(u); return err })
		},
		func() error { return each(p.GapEvents, r.putGapEvent) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func each[T any](rows []T, put func(*T) error) error {
	for i := range rows {
		if err := put(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *restorer) header(h *graph.ArchiveHeader) error {
	if err := r.exec("UPDATE meta SET erase_key = ?", h.EraseKey); err != nil {
		return err
	}
	for k, kind := range h.Types {
		if _, err := r.settle(k, kind); err != nil {
			return err
		}
	}
	return nil
}

func (r *restorer) catalog(p *graph.Portion) error {
	out := &graph.Outcomes{}
	var err error
	if out.Categories, err = r.writeCategories(p.Categories, true); err != nil {
		return err
	}
	for i := range p.Products {
		o, err := r.writeProduct(&p.Products[i], true)
		if err != nil {
			return err
		}
		out.Products = append(out.Products, o)
	}
	if out.Segments, err = r.writeSegments(p.Segments); err != nil {
		return err
	}
	return out.Refused()
}

func (r *restorer) record(a *graph.ArchivedRecord) error {
	key := r.m.nextCustomer
	r.m.nextCustomer++
	state := known
	switch {
	case a.Kept:
		state = ghost
	case a.Stub != graph.Identity{}:
		state = stub
	}
	owner, leads := key, int64(0)
	if a.Leads != "" {
		var err error
		if leads, err = r.keyOf(a.Leads); err != nil {
			return err
		}
		if owner, err = r.keyOf(a.Root); err != nil {
			return err
		}
	} else if !a.Kept {
		r.m.customers++
	}
	return r.exec("INSERT INTO customers (key, id, owner, merged, live, state) VALUES (?, ?, ?, ?, ?, ?)", key, a.ID, owner, leads, !a.Kept && leads == 0, state)
}

func (r *restorer) person(p *graph.ArchivedPerson) error {
	owner, found, err := r.customerRow(p.Profile.ID)
	if err != nil {
		return err
	}
	if !found {
		return damaged("find a customer that was restored")
	}
	for i := range p.Identities {
		if err := r.identity(owner.key, &p.Identities[i]); err != nil {
			return err
		}
	}
	for i := range p.Facts {
		if err := r.facts(owner.key, &p.Facts[i]); err != nil {
			return err
		}
	}
	return r.derive(owner.key, true)
}

func (r *restorer) keyOf(id string) (int64, error) {
	row, found, err := r.customerRow(id)
	if err == nil && !found {
		err = damaged("find an id that was restored")
	}
	return row.key, err
}

func (r *restorer) identity(owner int64, i *graph.ArchivedIdentity) error {
	origin, err := r.keyOf(i.Origin)
	if err != nil {
		return err
	}
	source, err := r.source(i.Source)
	if err != nil {
		return err
	}
	_, err = r.putIdentity(i.Identity, customerRow{origin, owner}, i.Verified, source, i.ObservedAt)
	return err
}

func (r *restorer) facts(owner int64, f *graph.ArchivedFacts) error {
	origin, err := r.keyOf(f.ID)
	if err != nil {
		return err
	}
	for _, o := range f.Observations {
		source, err := r.source(o.Source)
		if err != nil {
			return err
		}
		field, stored, err := r.column(&o)
		if err != nil {
			return err
		}
		if err := r.exec(`INSERT INTO observations (customer, field, origin, source, value, observed_at, verified) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			owner, field, origin, source, stored, o.ObservedAt.UnixMicro(), o.Verified); err != nil {
			return err
		}
	}
	for _, c := range f.Consents {
		source, err := r.source(c.Source)
		if err != nil {
			return err
		}
		if err := r.exec("INSERT INTO consents (customer, purpose, origin, granted, source, at) VALUES (?, ?, ?, ?, ?, ?)",
			owner, c.Purpose, origin, c.Granted, source, c.At.UnixMicro()); err != nil {
			return err
		}
	}
	return nil
}

// column gives the field and the value of an observation as their columns hold them.
func (r *restorer) column(o *graph.ArchivedObservation) (field int64, stored any, err error) {
	text, _ := o.Value.Text()
	switch o.Field {
	case "name":
		return nameField, text, nil
	case "household":
		return householdField, text, nil
	case "created_at":
		us, err := strconv.ParseInt(text, 10, 64)
		return createdField, us, err
	case "referred_by":
		key, err := r.keyOf(text)
		return referralField, key, err
	}
	name, ok := strings.CutPrefix(o.Field, "attr.")
	if !ok {
		return 0, nil, fmt.Errorf("there is no field %q: %w", graph.Clip(o.Field), graph.ErrInvalid)
	}
	field, err = r.settle(graph.AttributeKey{Scope: graph.CustomerScope, Name: name}, o.Value.Kind())
	return field, sqlValue(o.Value), err
}

func (r *restorer) interaction(a *graph.ArchivedInteraction) error {
	in := incoming{Interaction: &a.Interaction}
	var err error
	if in.owner, err = r.number("SELECT key FROM customers WHERE id = ?", a.Owner); err != nil { // also one that was kept
		return err
	}
	if in.origin = in.owner; a.Origin != a.Owner {
		if in.origin, err = r.keyOf(a.Origin); err != nil {
			return err
		}
	}
	if in.owner == 0 {
		return damaged("find the owner of an interaction that was restored")
	}
	if i, ok := a.Customer.Identity(); ok {
		row, _, err := r.identityRow(i)
		if err != nil {
			return err
		}
		in.identity = row.key
	}
	if a.Product != "" {
		if in.product, err = r.productKey(a.Product); err != nil {
			return err
		}
	}
	if a.Category != "" {
		if in.category, err = r.categoryKey(a.Category); err != nil {
			return err
		}
	}
	in.marks = marksOf(in.Interaction, r.now) &^ graph.IsAhead
	if a.Ahead {
		in.marks |= graph.IsAhead
	}
	if len(a.Attributes) > 0 {
		text, err := appendNamedValues(nil, a.Attributes)
		if err != nil {
			return err
		}
		in.attributes = string(text)
	}
	yes, err := r.insertNew(&in)
	if err == nil && !yes {
		err = fmt.Errorf("an interaction came twice: %w", graph.ErrConflict)
	}
	return err
}

func (r *restorer) merge(m *graph.ArchivedMerge) error {
	keep, err := r.keyOf(m.Keep)
	if err != nil {
		return err
	}
	retired, err := r.keyOf(m.Retired)
	if err != nil {
		return err
	}
	var before [2]any
	if m.UndoneAt.IsZero() {
		for i := range m.Before {
			if before[i], err = saveCustomer(&m.Before[i]); err != nil {
				return err
			}
		}
	}
	report, err := toJSON(m.Report)
	if err != nil {
		return err
	}
	return r.exec(`INSERT INTO merges (id, keep, retired, at, reason, undone_at, before_keep, before_retired, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		m.ID, keep, retired, m.At.UnixMicro(), m.Reason, micros(m.UndoneAt), before[0], before[1], report)
}

func (r *restorer) retraction(a *graph.ArchivedRetraction) error {
	origin, err := r.keyOf(a.Origin)
	if err != nil {
		return err
	}
	source, err := r.source(a.Source)
	if err != nil {
		return err
	}
	at := a.At
	if at.IsZero() {
		at = r.now
	}
	r.m.retracted++
	return r.exec("INSERT INTO retracted (id, content, origin, reason, source, at) VALUES (?, ?, ?, ?, ?, ?)", a.ID, a.Content[:], origin, a.Reason, source, at.UnixMicro())
}

func (r *restorer) erased(hash *[]byte) error {
	r.m.erased++
	return r.exec("INSERT INTO erased (hash) VALUES (?)", *hash)
}

func (r *restorer) claim(c *graph.ArchivedClaim) error {
	row, found, err := r.identityRow(c.Identity)
	if err != nil || !found {
		return err
	}
	return r.exec("INSERT INTO contested (identity, claimant) VALUES (?, ?)", row.key, c.Claimant)
}
