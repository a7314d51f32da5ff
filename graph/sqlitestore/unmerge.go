package sqlitestore

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// Unmerge undoes a merge.
func (s *Store) Unmerge(ctx context.Context, mergeID string) (m graph.Merge, err error) {
	err = s.write(ctx, "undo merge", func(t *tx) error {
		var keys mergeKeys
		if keys, m, err = t.mergeByID(mergeID); err != nil || !m.UndoneAt.IsZero() {
			return err
		}
		later := ""
		if _, err := t.row(`SELECT id FROM merges WHERE key > ?1 AND undone_at IS NULL AND (keep = ?2 OR retired = ?2) ORDER BY key DESC LIMIT 1`,
			func(st *sqlite.Stmt) { later = st.ColumnText(0) }, keys.key, keys.keep); err != nil {
			return err
		}
		if later != "" {
			return fmt.Errorf("customer %q took part in the later merge %s: undo that one first: %w", m.Keep, later, graph.ErrConflict)
		}
		if err := t.unmerge(keys); err != nil {
			return err
		}
		_, m, err = t.mergeByID(mergeID)
		return err
	})
	if err != nil {
		return graph.Merge{}, err
	}
	return m, nil
}

func (c *conn) mergeByID(id string) (keys mergeKeys, m graph.Merge, err error) {
	var readErr error
	found, err := c.row(selectMerges+" WHERE m.id = ?", func(st *sqlite.Stmt) { keys, m, readErr = columnMerge(st) }, id)
	if err == nil {
		err = readErr
	}
	if err == nil && !found {
		err = fmt.Errorf("there is no such merge: %w", graph.ErrNotFound)
	}
	return keys, m, err
}

// unmerge gives back to the retired customer, and to those who had been merged into it, what has its origin with them.
func (t *tx) unmerge(keys mergeKeys) error {
	k, r := keys.keep, keys.retired
	if err := t.exec("UPDATE customers SET merged = 0, live = 1 WHERE key = ?", r); err != nil {
		return err
	}
	// All that lead to r again: r and, level by level, whoever was merged into one of them.
	const below = `(WITH RECURSIVE below (key) AS (VALUES (?1) UNION SELECT c.key FROM below b JOIN customers c ON c.merged = b.key AND c.merged <> 0
		AND c.owner IN (?1, ?2)) SELECT key FROM below)`
	for _, move := range []string{
		"UPDATE identities SET customer = ?1 WHERE customer = ?2 AND origin IN " + below,
		"UPDATE observations SET customer = ?1 WHERE customer = ?2 AND origin IN " + below,
		"UPDATE consents SET customer = ?1 WHERE customer = ?2 AND origin IN " + below,
		"UPDATE interactions SET customer = ?1 WHERE customer = ?2 AND origin IN " + below,
		"UPDATE customers SET owner = ?1 WHERE owner = ?2 AND key IN " + below,
	} {
		if err := t.exec(move, r, k); err != nil {
			return err
		}
	}
	if err := t.exec("UPDATE merges SET undone_at = ?, before_keep = NULL, before_retired = NULL, report = NULL WHERE key = ?",
		t.now.UnixMicro(), keys.key); err != nil {
		return err
	}
	t.forgetOwners()
	t.m.customers++
	for _, key := range []int64{k, r} {
		if err := t.derive(key, true); err != nil {
			return err
		}
	}
	return t.change(graph.CustomersUnmerged, r, "", k)
}
