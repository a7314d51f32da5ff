package neo4jstore

import (
	"context"
	"fmt"

	"lacuna/graph"
)

// Erase removes a customer.
func (s *Store) Erase(ctx context.Context, customer string, keepStatistics bool) (report graph.EraseReport, err error) {
	err = s.write(ctx, "erase customer", func(t *tx) error {
		w := newWriter(t)
		if err := w.ask([]graph.CustomerRef{graph.ByID(customer)}); err != nil {
			return err
		}
		root := w.people.find(graph.ByID(customer))
		if root == "" {
			return fmt.Errorf("there is no customer of that id: %w", graph.ErrNotFound)
		}
		e := &erasure{writer: w, root: root, keep: keepStatistics}
		if err := e.run(); err != nil {
			return err
		}
		report = e.report
		return nil
	})
	if err != nil {
		return graph.EraseReport{}, err
	}
	return report, nil
}

// erasure is one customer on the way out.
type erasure struct {
	*writer
	root   string
	ids    []string // that lead there, itself among them
	keep   bool
	report graph.EraseReport
}

func (e *erasure) run() error {
	if err := e.complete([]string{e.root}); err != nil {
		return err
	}
	for _, r := range e.people.of(e.root) {
		e.ids = append(e.ids, r.id)
	}
	e.report.Customer = e.root
	for _, step := range []func() error{e.rememberHashes, e.forgetNotes, e.eraseReferrals, e.eraseInteractions, e.eraseFacts, e.tellReaders} {
		if err := step(); err != nil {
			return err
		}
	}
	return e.flush()
}

// rememberHashes keeps what tells that a row loaded again is this person's.
func (e *erasure) rememberHashes() error {
	var rows []params
	for _, id := range e.ids {
		rows = append(rows, params{"hash": e.s.erasedHash(graph.ByID(id))})
	}
	for _, i := range e.people.identitiesOf(e.root) {
		rows = append(rows, params{"hash": e.s.erasedHash(graph.ByIdentity(i.Identity))})
		e.report.Identities++
	}
	e.state.Erased += int64(len(rows))
	return e.each("erased_create", rows)
}

// forgetNotes removes what logs say of the person: merges, retractions, claims, and what others' snapshots name.
func (e *erasure) forgetNotes() error {
	records, err := e.tx.run("erase_notes", params{"ids": e.ids, "identities": e.identityKeys(e.root), "claimants": e.hashesOf(e.root)})
	if err != nil {
		return err
	}
	e.report.Merges, _ = records[0].Values[0].(int64)
	retracted, _ := records[0].Values[1].(int64)
	e.state.Retracted -= retracted
	return e.scrubMerges()
}

// scrubMerges takes the person out of others' snapshots and reports, where it can only be who referred them.
func (e *erasure) scrubMerges() error {
	records, err := e.tx.run("merges_naming", params{"ids": e.ids})
	if err != nil {
		return err
	}
	var rows []params
	for _, r := range records {
		row := params{"id": r.Values[0]}
		for n, name := range []string{"keepBefore", "retiredBefore"} {
			c, err := parseSnapshotText(text(r.Values[1+n]))
			if err != nil {
				return err
			}
			c.forgetReferrer(e.ids)
			row[name] = orNull(c.text())
		}
		row["report"], err = scrubReport(text(r.Values[3]), e.ids)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	return e.each("merge_scrub", rows)
}

// eraseReferrals removes what others' rows say of having been referred by the person.
func (e *erasure) eraseReferrals() error {
	var roots []string
	records, err := e.tx.run("records_referred", params{"ids": e.ids})
	if err != nil {
		return err
	}
	for _, r := range records {
		if root := text(r.Values[0]); root != e.root {
			roots = append(roots, root)
		}
	}
	if err := e.complete(roots); err != nil {
		return err
	}
	gone := map[string]bool{}
	for _, id := range e.ids {
		gone[id] = true
	}
	for _, root := range roots {
		for _, r := range e.people.of(root) {
			for source, o := range r.facts.Fields["referred_by"] {
				if gone[o.Text] {
					delete(r.facts.Fields["referred_by"], source)
					r.dirty = true
					e.people.changed[root] = true
				}
			}
			if len(r.facts.Fields["referred_by"]) == 0 {
				delete(r.facts.Fields, "referred_by")
			}
		}
	}
	return nil
}

// eraseInteractions removes the interactions, or keeps of each what tells nothing of the person.
func (e *erasure) eraseInteractions() error {
	if err := e.markOwners(); err != nil {
		return err
	}
	records, err := e.tx.run("interactions_of_whole", params{"customer": e.root})
	if err != nil {
		return err
	}
	e.report.Interactions = int64(len(records))
	var kept []params
	owner := ""
	if e.keep && len(records) > 0 {
		if owner, err = e.newID("erased-"); err != nil {
			return err
		}
	}
	for _, r := range records {
		i, _, err := interactionFrom(r.Values[0])
		if err != nil {
			return err
		}
		if !e.keep {
			e.state.Interactions--
			if !i.Ahead {
				e.goneAt(i.At.UnixMicro())
			}
			continue
		}
		id, err := e.newID("erased-")
		if err != nil {
			return err
		}
		e.state.Seq++
		bare := graph.Interaction{
			ID: id, Owner: owner, Type: i.Type, At: i.At, Channel: i.Channel, Product: i.Product, Category: i.Category, Results: i.Results, Quantity: i.Quantity,
			Amount: i.Amount, Currency: i.Currency, Rating: i.Rating, Available: i.Available, Ahead: i.Ahead,
		}
		row := interactionRow(&bare, owner, e.state.Seq)
		row["ref"] = nobody
		kept = append(kept, row)
	}
	if _, err := e.tx.run("interactions_delete_of", params{"customer": e.root}); err != nil {
		return err
	}
	return e.each("interaction_create_bare", kept)
}

// eraseFacts removes all else.
func (e *erasure) eraseFacts() error {
	p := e.people
	for _, i := range p.identitiesOf(e.root) {
		delete(p.identities, i.Identity)
	}
	for _, id := range e.ids {
		delete(p.records, id)
		delete(p.owned, id)
	}
	delete(p.members, e.root)
	delete(p.changed, e.root)
	p.gone[e.root] = true
	e.state.Customers--
	_, err := e.tx.run("erase_facts", params{"ids": e.ids, "root": e.root})
	return err
}

// tellReaders removes the person from the feed and adds what makes readers forget them: one entry for each id that a reader may
// still hold by itself.
func (e *erasure) tellReaders() error {
	if _, err := e.tx.run("changes_erase", params{"ids": e.ids, "kept": []int64{int64(graph.CustomersMerged), int64(graph.CustomersUnmerged)}}); err != nil {
		return err
	}
	for _, id := range e.ids {
		if id != e.root {
			e.change(graph.CustomerErased, id, e.root)
		}
	}
	e.change(graph.CustomerErased, e.root, e.root)
	return nil
}
