package neo4jstore

import (
	"context"
	"encoding/hex"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
)

// Restoring reads one node.
func (s *Store) Restoring(ctx context.Context) (graph.Restoration, error) {
	records, err := s.read(ctx, "read restoration", "restoring", nil)
	if err != nil {
		return graph.Restoration{}, err
	}
	return restorationFrom(records), nil
}

func restorationFrom(records []*neo4j.Record) (r graph.Restoration) {
	if len(records) > 0 {
		r.Version = graph.Cursor(text(records[0].Values[0]))
		r.Portions, _ = records[0].Values[1].(int64)
	}
	return r
}

// Restore stores a portion.
func (s *Store) Restore(ctx context.Context, at graph.Restoration, p *graph.Portion) error {
	err := s.write(ctx, "restore store", func(t *tx) error {
		records, err := t.run("restoring", nil)
		if err != nil {
			return err
		}
		if err := at.Check(restorationFrom(records), p, t.state.Seq == 0); err != nil {
			return err
		}
		r := &restorer{newWriter(t)}
		if err := r.portion(p); err != nil {
			return err
		}
		set := params{"version": string(at.Version), "portions": at.Portions + 1}
		if p.Last {
			set = params{"version": nil, "portions": nil}
			t.state.Seq++
			t.state.Pruned = t.state.Seq // whoever reads the feed begins with a scan
		}
		_, err = t.run("restoring_set", set)
		return err
	})
	if err == nil && p.Header != nil {
		s.eraseKey = p.Header.EraseKey
	}
	return err
}

// restorer stores a portion as it was, without asking what wins.
type restorer struct{ *writer }

func (r *restorer) portion(p *graph.Portion) error {
	if err := r.useCatalog(); err != nil {
		return err
	}
	if p.Header != nil {
		if err := r.header(p.Header); err != nil {
			return err
		}
	}
	for _, step := range []func(*graph.Portion) error{r.catalogOf, r.records, r.peopleOf, r.interactions, r.merges, r.notes} {
		if err := step(p); err != nil {
			return err
		}
	}
	return nil
}

func (r *restorer) header(h *graph.ArchiveHeader) error {
	c, err := r.ownCatalog()
	if err != nil {
		return err
	}
	for key, kind := range h.Types {
		c.types[key] = kind
		r.rows.types = append(r.rows.types, typeRow(key, kind))
	}
	_, err = r.run("restore_key", params{"eraseKey": hex.EncodeToString(h.EraseKey)})
	return err
}

func (r *restorer) catalogOf(p *graph.Portion) error {
	out := &graph.Outcomes{}
	var err error
	if out.Categories, err = r.writeCategories(p.Categories, true); err != nil {
		return err
	}
	if err := eachRow(p.Products, &out.Products, func(product *graph.Product) (graph.Outcome, error) { return r.writeProduct(product, true) }); err != nil {
		return err
	}
	if out.Segments, err = r.writeSegments(p.Segments); err != nil {
		return err
	}
	if err := out.Refused(); err != nil {
		return err
	}
	return r.flushCatalog()
}

func (r *restorer) records(p *graph.Portion) error {
	var rows []params
	for i := range p.Records {
		a := &p.Records[i]
		if a.Kept {
			continue // nobody is there for what is kept
		}
		if a.Leads == "" {
			r.state.Customers++
		}
		rows = append(rows, recordRow(a))
	}
	return r.each("restore_record", rows)
}

func (r *restorer) peopleOf(p *graph.Portion) error {
	var customers, terms, facts, referrers, identities []params
	for i := range p.People {
		person := &p.People[i]
		customers, terms = append(customers, customerRow(&person.Profile)), append(terms, termRows(&person.Profile)...)
		for n := range person.Facts {
			f := factsOf(&person.Facts[n])
			row := record{id: person.Facts[n].ID, facts: f}
			facts = append(facts, params{"id": row.id, "facts": orNull(f.text())})
			if list := row.referrers(); len(list) > 0 {
				referrers = append(referrers, params{"id": row.id, "referrers": list})
			}
		}
		for n := range person.Identities {
			identities = append(identities, identityRow(&person.Identities[n].CustomerIdentity, person.Identities[n].Origin, person.Profile.ID))
		}
	}
	if err := r.steps([]step{
		{"restore_facts", facts}, {"record_referrers", referrers}, {"customer_put", customers}, {"customer_household", customers},
		{"customer_referral", customers}, {"terms_create", terms}, {"identity_put", identities},
	}); err != nil {
		return err
	}
	return nil
}

func (r *restorer) interactions(p *graph.Portion) error {
	var kept []params
	for i := range p.Interactions {
		a := &p.Interactions[i]
		r.state.Seq++
		r.state.Interactions++
		if !a.Ahead {
			r.sawAt(a.At.UnixMicro())
		}
		row := archivedInteractionRow(a, r.state.Seq)
		if isKept(&a.Interaction) {
			kept = append(kept, row)
		} else {
			r.events.create = append(r.events.create, row)
		}
	}
	if err := r.flushEvents(); err != nil {
		return err
	}
	return r.each("interaction_create_bare", kept)
}

func (r *restorer) merges(p *graph.Portion) error {
	var rows []params
	for i := range p.Merges {
		r.state.Seq++
		rows = append(rows, mergeRow(&p.Merges[i], r.state.Seq))
	}
	return r.each("merge_create", rows)
}

func (r *restorer) notes(p *graph.Portion) error {
	var retracted, erased, contested []params
	for i := range p.Retracted {
		retracted = append(retracted, retractionRow(&p.Retracted[i]))
	}
	for _, hash := range p.Erased {
		erased = append(erased, params{"hash": hex.EncodeToString(hash)})
	}
	for i := range p.Contested {
		contested = append(contested, claimRow(&p.Contested[i]))
	}
	r.state.Retracted += int64(len(retracted))
	r.state.Erased += int64(len(erased))
	if err := r.steps([]step{{"retracted_create", retracted}, {"erased_create", erased}, {"contested_note", contested}, {"gap_event_create", gapEventRows(p.GapEvents)}}); err != nil {
		return err
	}
	out := &graph.Outcomes{}
	for i := range p.Unread {
		o, err := r.writeUnread(&p.Unread[i])
		if err != nil {
			return err
		}
		out.Unread = append(out.Unread, o)
	}
	return out.Refused()
}
