package sqlitestore

import (
	"context"
	"slices"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// Erase removes a customer. When it returns, the bytes are gone from the file and its log too, unless a reader that began
// earlier still holds on to them; then they go with the next write or with Close.
func (s *Store) Erase(ctx context.Context, customer string, keepStatistics bool) (report graph.EraseReport, err error) {
	err = s.write(ctx, "erase customer", func(t *tx) error {
		path, err := t.pathUp(customer)
		if err != nil {
			return err
		}
		e := &erasure{tx: t, owner: path[len(path)-1], keep: keepStatistics}
		if err := e.run(); err != nil {
			return err
		}
		report = e.report
		s.unclean = true
		return nil
	})
	if err != nil {
		return graph.EraseReport{}, err
	}
	return report, nil
}

// erasure is one customer on the way out.
type erasure struct {
	*tx
	owner  int64
	keep   bool
	ids    map[int64]string // of all customers who are one with the owner, by key
	report graph.EraseReport
}

func (e *erasure) run() error {
	for _, step := range []func() error{e.leaveFast, e.gather, e.rememberHashes, e.eraseContested, e.leaveSegments, e.eraseMerges, e.eraseReferrals, e.eraseChanges,
		e.eraseInteractions, e.eraseFacts} {
		if err := step(); err != nil {
			return err
		}
	}
	e.forgetOwners()
	e.m.customers--
	return nil
}

// gather finds whose ids are meant.
func (e *erasure) gather() error {
	e.ids = map[int64]string{}
	if err := e.rows("SELECT key, id FROM customers WHERE key = ?1 OR (merged <> 0 AND owner = ?1)", func(st *sqlite.Stmt) error {
		e.ids[st.ColumnInt64(0)] = st.ColumnText(1)
		return nil
	}, e.owner); err != nil {
		return err
	}
	e.report.Customer = e.ids[e.owner]
	return nil
}

// keys gives the keys of all, in order.
func (e *erasure) keys() []int64 {
	keys := make([]int64, 0, len(e.ids))
	for key := range e.ids {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// rememberHashes keeps what tells that a row loaded again is this person's.
func (e *erasure) rememberHashes() error {
	var refs []graph.CustomerRef
	for _, key := range e.keys() {
		refs = append(refs, graph.ByID(e.ids[key]))
	}
	if err := e.rows("SELECT kind, value FROM identities WHERE customer = ?", func(st *sqlite.Stmt) error {
		refs = append(refs, graph.CustomerRef{Kind: graph.IdentityKind(st.ColumnInt64(0)), Value: st.ColumnText(1)})
		return nil
	}, e.owner); err != nil {
		return err
	}
	e.report.Identities = int64(len(refs) - len(e.ids))
	for _, ref := range refs {
		hash, err := e.erasedHash(ref)
		if err != nil {
			return err
		}
		if err := e.exec("INSERT OR IGNORE INTO erased (hash) VALUES (?)", hash); err != nil {
			return err
		}
		e.m.erased += int64(e.Changes())
	}
	return nil
}

// eraseMerges removes the log of the person's merges, and the person from the snapshots of others.
func (e *erasure) eraseMerges() error {
	for _, key := range e.keys() {
		if err := e.exec("DELETE FROM merges WHERE keep = ?1 OR retired = ?1", key); err != nil {
			return err
		}
		e.report.Merges += int64(e.Changes())
	}
	for _, key := range e.keys() {
		if err := e.scrubSnapshots(e.ids[key]); err != nil {
			return err
		}
	}
	return nil
}

// scrubSnapshots takes an id out of the snapshots and reports of others' merges, where it can only be who referred them.
func (e *erasure) scrubSnapshots(id string) error {
	const scrub = `UPDATE merges SET before_keep = json_remove(before_keep, '$.ReferredBy') WHERE json_extract(before_keep, '$.ReferredBy') = ?`
	const scrubRetired = `UPDATE merges SET before_retired = json_remove(before_retired, '$.ReferredBy') WHERE json_extract(before_retired, '$.ReferredBy') = ?`
	for _, query := range []string{scrub, scrubRetired} {
		if err := e.exec(query, id); err != nil {
			return err
		}
	}
	return e.exec(`UPDATE merges SET report = json_set(report, '$.Conflicts', json('[]')) WHERE report IS NOT NULL AND EXISTS (
		SELECT 1 FROM json_each(report, '$.Conflicts') c WHERE json_extract(c.value, '$.Field') = 'referred_by'
		AND ?1 IN (json_extract(c.value, '$.Keep'), json_extract(c.value, '$.Retired'), json_extract(c.value, '$.Result')))`, id)
}

// eraseReferrals removes what others' rows say of having been referred by the person.
func (e *erasure) eraseReferrals() error {
	var others []int64
	for _, value := range e.keys() {
		if err := e.rows("SELECT customer FROM observations WHERE field + 0 = 4 AND value = ? AND customer <> ?", func(st *sqlite.Stmt) error {
			others = append(others, st.ColumnInt64(0))
			return nil
		}, value, e.owner); err != nil {
			return err
		}
		if err := e.exec("DELETE FROM observations WHERE field + 0 = 4 AND value = ?", value); err != nil {
			return err
		}
	}
	slices.Sort(others)
	for _, other := range slices.Compact(others) {
		if err := e.derive(other, false); err != nil {
			return err
		}
		if err := e.change(graph.CustomerChanged, other, "", other); err != nil {
			return err
		}
	}
	return nil
}

// eraseChanges removes the person from the feed and adds what makes readers forget them: one entry for each id that a reader
// may still hold by itself. That an id came back from another customer, of whom one is still there, stays told.
func (e *erasure) eraseChanges() error {
	for _, key := range e.keys() { // others who came back from the person: readers would not know them
		if err := e.exec(`UPDATE changes SET customer = 0, owner = ?1 WHERE customer = ?2 AND kind = ?3 AND key <> 0
			AND key NOT IN (SELECT key FROM customers WHERE key = ?4 OR (merged <> 0 AND owner = ?4))`,
			e.ids[key], key, int64(graph.CustomersUnmerged), e.owner); err != nil {
			return err
		}
	}
	for _, key := range e.keys() {
		if err := e.exec("DELETE FROM changes WHERE customer = ?1 OR (key = ?1 AND kind IN (?2, ?3))", key,
			int64(graph.CustomerChanged), int64(graph.CustomersMerged)); err != nil {
			return err
		}
		if err := e.exec("UPDATE changes SET text = ?, key = 0 WHERE key = ? AND kind = ?", e.ids[key], key,
			int64(graph.CustomersUnmerged)); err != nil {
			return err
		}
	}
	for _, key := range e.keys() {
		if key != e.owner {
			if err := e.erasedChange(e.ids[key]); err != nil {
				return err
			}
		}
	}
	return e.erasedChange(e.ids[e.owner])
}

func (e *erasure) erasedChange(id string) error {
	e.m.seq++
	return e.exec("INSERT INTO changes (seq, kind, text, owner) VALUES (?, ?, ?, ?)", e.m.seq, int64(graph.CustomerErased), id, e.ids[e.owner])
}

// eraseInteractions removes the interactions, or keeps of each what tells nothing of the person.
func (e *erasure) eraseInteractions() error {
	var seqs []int64
	if err := e.rows("SELECT seq, at FROM interactions WHERE customer = ?", func(st *sqlite.Stmt) error {
		seqs = append(seqs, st.ColumnInt64(0))
		e.latestGone = e.latestGone || (!e.keep && st.ColumnInt64(1) >= e.m.latestAt)
		return nil
	}, e.owner); err != nil {
		return err
	}
	e.report.Interactions = int64(len(seqs))
	if e.keep && len(seqs) > 0 {
		if err := e.keepInteractions(seqs); err != nil {
			return err
		}
	} else {
		e.m.interactions -= int64(len(seqs))
	}
	return e.exec("DELETE FROM interactions WHERE customer = ?", e.owner)
}

// keepInteractions writes the interactions anew, with other ids, under a customer whom no id leads to.
func (e *erasure) keepInteractions(seqs []int64) error {
	id, err := e.newID("erased-")
	if err != nil {
		return err
	}
	key := e.m.nextCustomer
	e.m.nextCustomer++
	if err := e.exec("INSERT INTO customers (key, id, owner, live, state) VALUES (?1, ?2, ?1, 0, ?3)", key, id, ghost); err != nil {
		return err
	}
	for _, seq := range seqs {
		if id, err = e.newID("erased-"); err != nil {
			return err
		}
		e.m.seq++
		if err := e.exec(`INSERT INTO interactions (seq, customer, product, category, at, type, channel, known, results, quantity, amount, rating,
				currency, id, source)
			SELECT ?, ?, product, category, at, type, channel, known, results, quantity, amount, rating, currency, ?, 0 FROM interactions WHERE seq = ?`,
			e.m.seq, key, id, seq); err != nil {
			return err
		}
	}
	return nil
}

// eraseFacts removes all else.
func (e *erasure) eraseFacts() error {
	for _, table := range []string{"identities", "observations", "consents", "terms"} {
		if err := e.exec("DELETE FROM "+table+" WHERE customer = ?", e.owner); err != nil {
			return err
		}
	}
	for _, key := range e.keys() {
		if err := e.exec("DELETE FROM retracted WHERE origin = ?", key); err != nil {
			return err
		}
		e.m.retracted -= int64(e.Changes())
		if err := e.exec("DELETE FROM customers WHERE key = ?", key); err != nil {
			return err
		}
	}
	return nil
}
