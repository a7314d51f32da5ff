package neo4jstore

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
)

var _ graph.Archive = (*Store)(nil)

// exporter is an export under way.
type exporter struct {
	s     *Store
	ctx   context.Context
	now   state
	yield func(*graph.Portion) error
}

const exporting = "export store"

// Export gives everything; whoever writes meanwhile makes it of no use, which is found out at its end.
func (s *Store) Export(ctx context.Context) iter.Seq2[*graph.Portion, error] {
	return func(yield func(*graph.Portion, error) bool) {
		x := &exporter{s: s, ctx: ctx, yield: func(p *graph.Portion) error {
			if !yield(p, nil) {
				return errStopped
			}
			return ctx.Err()
		}}
		if err := x.run(); err != nil && !errors.Is(err, errStopped) {
			yield(nil, fmt.Errorf("%s: %w", exporting, translate(ctx, err)))
		}
	}
}

func (x *exporter) run() (err error) {
	if x.now, err = x.s.quiet(x.ctx, exporting); err != nil {
		return err
	}
	for _, part := range []func() error{x.catalog, x.records, x.people, x.interactions, x.merges, x.notes, x.gapEvents} {
		if err := part(); err != nil {
			return err
		}
	}
	now, err := x.s.quiet(x.ctx, exporting)
	if err != nil {
		return err
	}
	if now.Seq != x.now.Seq || now.Tag != x.now.Tag {
		return fmt.Errorf("somebody has written to the store while it was exported: stop the writers and export it again: %w", graph.ErrConflict)
	}
	return x.yield(&graph.Portion{Last: true})
}

func (x *exporter) catalog() error {
	c, err := x.s.catalogOf(x.ctx, exporting, x.now.Catalog)
	if err != nil {
		return err
	}
	header := &graph.ArchiveHeader{Version: x.now.head(), EraseKey: slices.Clone(x.s.eraseKey), Types: maps.Clone(c.types), Rows: x.now.Customers + x.now.Interactions}
	if err := x.yield(&graph.Portion{Header: header}); err != nil {
		return err
	}
	for part := range slices.Chunk(c.parentsFirst(), graph.PortionRows) {
		if err := x.yield(&graph.Portion{Categories: part}); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(c.productIDs, graph.PortionRows) {
		p := &graph.Portion{}
		for _, id := range part {
			p.Products = append(p.Products, *copyProduct(c.products[id]))
		}
		if err := x.yield(p); err != nil {
			return err
		}
	}
	if len(c.listed) == 0 {
		return nil
	}
	return x.yield(&graph.Portion{Segments: slices.Clone(c.listed)})
}

// inOrder gives what a query finds in order of id, page by page.
func (x *exporter) inOrder(name string, each func([]*neo4j.Record) error) error {
	for last := ""; ; {
		records, err := x.s.read(x.ctx, exporting, name, params{"id": last, "limit": int64(graph.PortionRows)})
		if err != nil {
			return err
		}
		if len(records) == 0 {
			return nil
		}
		if err := each(records); err != nil {
			return err
		}
		last = text(records[len(records)-1].Values[0])
	}
}

// records gives those first whom others lead to. Retired ids are few enough to be held.
func (x *exporter) records() error {
	leading := map[string][]graph.ArchivedRecord{} // by the id that they lead to
	var level []graph.ArchivedRecord
	err := x.inOrder("export_records", func(records []*neo4j.Record) error {
		p := &graph.Portion{}
		for _, found := range records {
			r := archivedRecord(found.Values)
			if r.Leads == "" {
				p.Records = append(p.Records, r)
			} else {
				leading[r.Leads] = append(leading[r.Leads], r)
			}
		}
		return x.yield(p)
	})
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(leading)) {
		if leading[id][0].Root == id { // it leads nowhere else itself
			level = append(level, leading[id]...)
		}
	}
	for len(level) > 0 {
		for part := range slices.Chunk(level, graph.PortionRows) {
			if err := x.yield(&graph.Portion{Records: part}); err != nil {
				return err
			}
		}
		var next []graph.ArchivedRecord
		for i := range level {
			next = append(next, leading[level[i].ID]...)
		}
		level = next
	}
	return nil
}

func (x *exporter) people() error {
	return x.inOrder("export_customers", func(records []*neo4j.Record) error {
		people, place, keys := make([]graph.ArchivedPerson, len(records)), make(map[string]int, len(records)), make([]any, len(records))
		for n, r := range records {
			c, err := decodeProfile(text(r.Values[0]), text(r.Values[1]))
			if err != nil {
				return err
			}
			people[n].Profile, place[c.ID], keys[n] = *c, n, c.ID
		}
		found, err := x.s.read(x.ctx, exporting, "records_by_root", params{"keys": keys})
		if err != nil {
			return err
		}
		slices.SortFunc(found, byText(0))
		for _, r := range found { // id, leads, root, stub, facts
			f, err := parseFacts(text(r.Values[4]))
			if err != nil {
				return err
			}
			a, err := archivedFacts(text(r.Values[0]), &f)
			if err != nil {
				return err
			}
			p := &people[place[text(r.Values[2])]]
			p.Facts = append(p.Facts, a)
		}
		return x.withIdentities(people, place, keys)
	})
}

// byText orders records by the text in a column.
func byText(column int) func(a, b *neo4j.Record) int {
	return func(a, b *neo4j.Record) int { return strings.Compare(text(a.Values[column]), text(b.Values[column])) }
}

// withIdentities adds identities to people and gives them.
func (x *exporter) withIdentities(people []graph.ArchivedPerson, place map[string]int, keys []any) error {
	found, err := x.s.read(x.ctx, exporting, "identities_by_customer", params{"keys": keys})
	if err != nil {
		return err
	}
	slices.SortFunc(found, byText(1))
	known := newPeople()
	for _, r := range found { // kind, value, verified, source, observedAt, origin, customer
		i := known.takeIdentity(r)
		p := &people[place[text(r.Values[6])]]
		p.Identities = append(p.Identities, graph.ArchivedIdentity{CustomerIdentity: i.CustomerIdentity, Origin: i.origin})
	}
	return x.yield(&graph.Portion{People: people})
}

func (x *exporter) interactions() error {
	kept := map[string]bool{}
	for from := int64(0); ; {
		records, err := x.s.read(x.ctx, exporting, "recorded", params{"from": from, "until": x.now.Seq, "limit": int64(graph.PortionRows)})
		if err != nil {
			return err
		}
		if len(records) == 0 {
			return nil
		}
		p := &graph.Portion{}
		for _, r := range records {
			from, _ = r.Values[0].(int64)
			i, origin, err := interactionFrom(r.Values[1])
			if err != nil {
				return err
			}
			if isKept(&i) && !kept[i.Owner] {
				kept[i.Owner] = true
				p.Records = append(p.Records, graph.ArchivedRecord{ID: i.Owner, Root: i.Owner, Kept: true})
			}
			p.Interactions = append(p.Interactions, graph.ArchivedInteraction{Interaction: i, Origin: origin})
		}
		if err := x.yield(p); err != nil {
			return err
		}
	}
}

func (x *exporter) merges() error {
	records, err := x.s.read(x.ctx, exporting, "export_merges", nil)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(records, graph.PortionRows) {
		p := &graph.Portion{}
		for _, r := range part {
			m, _, err := mergeFrom(r.Values)
			if err != nil {
				return err
			}
			a := graph.ArchivedMerge{Merge: m}
			if report := text(r.Values[9]); report != "" {
				if err := json.Unmarshal([]byte(report), &a.Report); err != nil {
					return damaged("read the report of a merge")
				}
			}
			p.Merges = append(p.Merges, a)
		}
		if err := x.yield(p); err != nil {
			return err
		}
	}
	return nil
}

// notes gives what is remembered beside the graph.
func (x *exporter) notes() error {
	for _, step := range []struct {
		name string
		put  func(p *graph.Portion, v []any) error
	}{
		{"export_retracted", func(p *graph.Portion, v []any) error {
			r := graph.ArchivedRetraction{Retraction: graph.Retraction{ID: text(v[0]), Reason: text(v[3]), Source: text(v[4])}, Origin: text(v[2])}
			if n, err := hex.Decode(r.Content[:], []byte(text(v[1]))); err != nil || n != len(r.Content) {
				return damaged("read a retraction")
			}
			p.Retracted = append(p.Retracted, r)
			return nil
		}},
		{"export_erased", func(p *graph.Portion, v []any) error {
			hash, err := hex.DecodeString(text(v[0]))
			p.Erased = append(p.Erased, hash)
			return err
		}},
		{"export_contested", func(p *graph.Portion, v []any) error {
			claimant, err := hex.DecodeString(text(v[1]))
			i, _ := graph.ParseCustomerRef(text(v[0])).Identity()
			p.Contested = append(p.Contested, graph.ArchivedClaim{Identity: i, Claimant: claimant})
			return err
		}},
		{"export_unread", func(p *graph.Portion, v []any) error {
			n, _ := v[3].(int64)
			p.Unread = append(p.Unread, graph.UnreadRecords{Source: text(v[0]), File: text(v[1]), Name: text(v[2]), Records: n})
			return nil
		}},
	} {
		records, err := x.s.read(x.ctx, exporting, step.name, nil)
		if err != nil {
			return err
		}
		for part := range slices.Chunk(records, graph.PortionRows) {
			p := &graph.Portion{}
			for _, r := range part {
				if err := step.put(p, r.Values); err != nil {
					return err
				}
			}
			if err := x.yield(p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *exporter) gapEvents() error {
	var list []graph.GapEvent
	for e, err := range x.s.AllGapEvents(x.ctx) {
		if err != nil {
			return err
		}
		list = append(list, e)
	}
	for part := range slices.Chunk(list, graph.PortionRows) {
		if err := x.yield(&graph.Portion{GapEvents: part}); err != nil {
			return err
		}
	}
	return nil
}
