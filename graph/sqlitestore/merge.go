package sqlitestore

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// Merge unites two customers.
func (s *Store) Merge(ctx context.Context, keep, retire string, dryRun bool) (report graph.MergeReport, err error) {
	if dryRun {
		err = s.read(ctx, "plan merge", func(c *conn) error {
			report, _, _, err = c.planMerge(keep, retire)
			report.MergeID = ""
			return err
		})
	} else {
		err = s.write(ctx, "merge customers", func(t *tx) error {
			var k, r int64
			if report, k, r, err = t.planMerge(keep, retire); err != nil || k == r {
				return err
			}
			report, err = t.merge(k, r, "requested")
			return err
		})
	}
	if err != nil {
		return graph.MergeReport{}, err
	}
	return report, nil
}

// planMerge resolves both ids and tells what would move. Where that very merge stands already, it gives its report and
// equal keys.
func (c *conn) planMerge(keep, retire string) (report graph.MergeReport, k, r int64, err error) {
	keepPath, err := c.pathUp(keep)
	if err != nil {
		return report, 0, 0, err
	}
	retirePath, err := c.pathUp(retire)
	if err != nil {
		return report, 0, 0, err
	}
	k, r = keepPath[len(keepPath)-1], retirePath[len(retirePath)-1]
	if k == r {
		report, err = c.standingMerge(keepPath[0], retirePath[0])
		return report, k, r, err
	}
	a, err := c.profile(k)
	if err != nil {
		return report, 0, 0, err
	}
	b, err := c.profile(r)
	if err != nil {
		return report, 0, 0, err
	}
	report, err = c.reportMerge(k, r, a, b)
	return report, k, r, err
}

// pathUp gives the keys from an id to the customer whom it leads to today.
func (c *conn) pathUp(id string) (path []int64, err error) {
	var merged int64
	step := func(st *sqlite.Stmt) { path, merged = append(path, st.ColumnInt64(0)), st.ColumnInt64(1) }
	found, err := c.row("SELECT key, merged FROM customers WHERE id = ? AND state <> 2", step, id)
	if err == nil && !found {
		err = fmt.Errorf("there is no customer of that id: %w", graph.ErrNotFound)
	}
	for err == nil && merged != 0 {
		if found, err = c.row("SELECT key, merged FROM customers WHERE key = ?", step, merged); err == nil && !found {
			err = damaged("follow a retired id")
		}
	}
	return path, err
}

// standingMerge gives the report of the merge that united these very two.
func (c *conn) standingMerge(keep, retired int64) (report graph.MergeReport, err error) {
	text := ""
	found, err := c.row("SELECT report FROM merges WHERE keep = ? AND retired = ? AND undone_at IS NULL",
		func(st *sqlite.Stmt) { text = st.ColumnText(0) }, keep, retired)
	if err == nil && !found {
		err = fmt.Errorf("the two are one customer already: %w", graph.ErrConflict)
	}
	if err != nil {
		return report, err
	}
	return report, fromJSON("read the report of a merge", text, &report)
}

// reportMerge tells what would move from r to k, whose profiles are a and b.
func (c *conn) reportMerge(k, r int64, a, b *graph.Customer) (graph.MergeReport, error) {
	report := graph.MergeReport{Keep: a.ID, Retired: b.ID}
	n, err := c.number("SELECT count(*) FROM interactions WHERE customer = ?", r)
	if err != nil {
		return report, err
	}
	report.Interactions = n
	after, err := c.winners(k, r)
	if err != nil {
		return report, err
	}
	shown := graph.Customer{Name: after.name, Household: after.household}
	if shown.ReferredBy, err = c.currentID(after.referrer); err != nil {
		return report, err
	}
	if us, ok := after.createdAt.(int64); ok {
		shown.CreatedAt = instant(us)
	}
	report.Compare(a, b, &shown)
	return report, nil
}

// merge makes all that is r's k's. Both are customers of today.
func (t *tx) merge(k, r int64, reason string) (report graph.MergeReport, err error) {
	if err := t.leaveFast(); err != nil {
		return report, err
	}
	var before [2]*graph.Customer
	for i, key := range []int64{k, r} {
		if before[i], err = t.profile(key); err != nil {
			return report, err
		}
	}
	if report, err = t.reportMerge(k, r, before[0], before[1]); err != nil {
		return report, err
	}
	if report.MergeID, err = t.newID("merge-"); err != nil {
		return report, err
	}
	if err := t.logMerge(k, r, reason, &report, before); err != nil {
		return report, err
	}
	if err := t.leaveSegments(r); err != nil {
		return report, err
	}
	for _, move := range []string{
		"UPDATE customers SET owner = ?1 WHERE merged <> 0 AND owner = ?2",
		"UPDATE customers SET owner = ?1, merged = ?1, live = 0, name = NULL, name_fold = NULL, created_at = NULL, household = NULL, referrer = NULL WHERE key = ?2",
		"UPDATE identities SET customer = ?1 WHERE customer = ?2",
		"UPDATE observations SET customer = ?1 WHERE customer = ?2",
		"UPDATE consents SET customer = ?1 WHERE customer = ?2",
		"UPDATE interactions SET customer = ?1, origin = coalesce(origin, ?2) WHERE customer = ?2",
	} {
		if err := t.exec(move, k, r); err != nil {
			return report, err
		}
	}
	if err := t.exec("DELETE FROM terms WHERE customer = ?", r); err != nil {
		return report, err
	}
	if err := t.settleContested(k); err != nil {
		return report, err
	}
	t.forgetOwners()
	t.m.customers--
	if err := t.derive(k, true); err != nil {
		return report, err
	}
	return report, t.change(graph.CustomersMerged, r, "", k)
}

func (t *tx) logMerge(k, r int64, reason string, report *graph.MergeReport, before [2]*graph.Customer) error {
	var snapshots [2]string
	for i := range before {
		var err error
		if snapshots[i], err = saveCustomer(before[i]); err != nil {
			return err
		}
	}
	reportText, err := toJSON(report)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO merges (id, keep, retired, at, reason, before_keep, before_retired, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		report.MergeID, k, r, t.now.UnixMicro(), reason, snapshots[0], snapshots[1], reportText)
}

// Merges lists the merges that a customer took part in.
func (s *Store) Merges(ctx context.Context, customer string) (merges []graph.Merge, err error) {
	err = s.read(ctx, "read merges", func(c *conn) error {
		path, err := c.pathUp(customer)
		if err != nil {
			return err
		}
		owner := path[len(path)-1]
		return c.rows(selectMerges+` WHERE m.key IN (
				SELECT x.key FROM customers c JOIN merges x ON x.keep = c.key WHERE c.key = ?1 OR (c.merged <> 0 AND c.owner = ?1)
				UNION SELECT x.key FROM customers c JOIN merges x ON x.retired = c.key WHERE c.key = ?1 OR (c.merged <> 0 AND c.owner = ?1))
			ORDER BY m.key DESC`, func(st *sqlite.Stmt) error {
			_, m, err := columnMerge(st)
			merges = append(merges, m)
			return err
		}, owner)
	})
	if err != nil {
		return nil, err
	}
	return merges, nil
}

const selectMerges = `SELECT m.key, m.id, k.id, r.id, m.at, m.reason, m.undone_at, m.before_keep, m.before_retired, m.keep, m.retired
	FROM merges m JOIN customers k ON k.key = m.keep JOIN customers r ON r.key = m.retired`

// mergeKeys are the keys of a logged merge.
type mergeKeys struct {
	key, keep, retired int64
}

func columnMerge(st *sqlite.Stmt) (mergeKeys, graph.Merge, error) {
	m := graph.Merge{
		ID: st.ColumnText(1), Keep: st.ColumnText(2), Retired: st.ColumnText(3), At: instant(st.ColumnInt64(4)),
		Reason: st.ColumnText(5), UndoneAt: columnTime(st, 6),
	}
	for i := range m.Before {
		var err error
		if m.Before[i], err = loadCustomer(st.ColumnText(7 + i)); err != nil {
			return mergeKeys{}, m, err
		}
	}
	return mergeKeys{st.ColumnInt64(0), st.ColumnInt64(9), st.ColumnInt64(10)}, m, nil
}
