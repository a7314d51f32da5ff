package sqlitestore

import (
	"context"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// Contested lists identities that others than their owner claim. It reads all of them: there are as many as rows were
// rejected for them.
func (s *Store) Contested(ctx context.Context, first int) (list []graph.ContestedIdentity, err error) {
	if err := graph.CheckCount("identities", first, graph.MaxPage); err != nil {
		return nil, err
	}
	err = s.read(ctx, "read contested identities", func(c *conn) error {
		return c.rows(`SELECT i.kind, i.value, o.id, n FROM (SELECT identity, count(*) AS n FROM contested GROUP BY identity) t
			JOIN identities i ON i.key = t.identity JOIN customers o ON o.key = i.customer
			ORDER BY n DESC, i.kind, i.value LIMIT ?`, func(st *sqlite.Stmt) error {
			list = append(list, graph.ContestedIdentity{
				Identity: graph.Identity{Kind: graph.IdentityKind(st.ColumnInt64(0)), Value: st.ColumnText(1)},
				Owner:    st.ColumnText(2), Claimants: st.ColumnInt64(3),
			})
			return nil
		}, first)
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// Unread lists the names of records that are not read.
func (s *Store) Unread(ctx context.Context, first int) (list []graph.UnreadName, err error) {
	if err := graph.CheckCount("names", first, graph.MaxPage); err != nil {
		return nil, err
	}
	err = s.read(ctx, "read names of unread records", func(c *conn) error {
		return c.rows("SELECT name, sum(records) AS n, count(*) FROM unread GROUP BY name HAVING n > 0 ORDER BY n DESC, name LIMIT ?", func(st *sqlite.Stmt) error {
			list = append(list, graph.UnreadName{Name: st.ColumnText(0), Records: st.ColumnInt64(1), Files: st.ColumnInt64(2)})
			return nil
		}, first)
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// writeUnread notes records that are not read.
func (t *tx) writeUnread(u *graph.UnreadRecords) (graph.Outcome, error) {
	if r := u.Check(); r != nil {
		return r.Outcome(), nil
	}
	err := t.exec(`INSERT INTO unread (source, file, name, records) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET records = excluded.records WHERE records <> excluded.records`, u.Source, u.File, u.Name, u.Records)
	return graph.NewOutcome(t.Changes() > 0), err
}

// noteContested notes that a customer's row claimed an identity of somebody else.
func (t *tx) noteContested(identity int64, claimant string) error {
	hash, err := t.erasedHash(graph.ByID(claimant))
	if err != nil {
		return err
	}
	return t.exec("INSERT OR IGNORE INTO contested (identity, claimant) VALUES (?, ?)", identity, hash)
}

// settleContested forgets those claimants of a customer's identities who are that customer.
func (t *tx) settleContested(owner int64) error {
	contested, err := t.number("SELECT EXISTS (SELECT 1 FROM contested WHERE identity IN (SELECT key FROM identities WHERE customer = ?))", owner)
	if err != nil || contested == 0 {
		return err
	}
	var ids []string
	if err := t.rows("SELECT id FROM customers WHERE key = ?1 OR (merged <> 0 AND owner = ?1)", func(st *sqlite.Stmt) error {
		ids = append(ids, st.ColumnText(0))
		return nil
	}, owner); err != nil {
		return err
	}
	for _, id := range ids {
		hash, err := t.erasedHash(graph.ByID(id))
		if err != nil {
			return err
		}
		if err := t.exec("DELETE FROM contested WHERE claimant = ? AND identity IN (SELECT key FROM identities WHERE customer = ?)", hash, owner); err != nil {
			return err
		}
	}
	return nil
}

// eraseContested forgets who claimed the person's identities, and what the person claimed.
func (e *erasure) eraseContested() error {
	if err := e.exec("DELETE FROM contested WHERE identity IN (SELECT key FROM identities WHERE customer = ?)", e.owner); err != nil {
		return err
	}
	for _, key := range e.keys() {
		hash, err := e.erasedHash(graph.ByID(e.ids[key]))
		if err != nil {
			return err
		}
		if err := e.exec("DELETE FROM contested WHERE claimant = ?", hash); err != nil {
			return err
		}
	}
	return nil
}
