package neo4jstore

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"lacuna/graph"
)

// gapEventFrom reads id, segment, category, at, status, product, note, by.
func gapEventFrom(v []any) (e graph.GapEvent, err error) {
	e = graph.GapEvent{
		ID: text(v[0]), Gap: graph.GapKey{Segment: text(v[1]), Category: text(v[2])}, At: moment(v[3]),
		Product: text(v[5]), Note: text(v[6]), By: text(v[7]),
	}
	if e.Status, err = graph.ParseGapStatus(text(v[4])); err != nil {
		err = damaged("read what was decided about a gap")
	}
	return e, err
}

func gapEventRow(e *graph.GapEvent) params {
	return params{
		"id": e.ID, "segment": e.Gap.Segment, "category": e.Gap.Category, "at": e.At.UnixMicro(), "status": e.Status.String(),
		"product": orNull(e.Product), "note": orNull(e.Note), "by": orNull(e.By),
	}
}

func gapEventRows(list []graph.GapEvent) []params {
	rows := make([]params, len(list))
	for i := range list {
		rows[i] = gapEventRow(&list[i])
	}
	return rows
}

// RecordGapEvent adds an event.
func (s *Store) RecordGapEvent(ctx context.Context, e graph.GapEvent) error {
	const what = "record gap event"
	e.Normalize()
	if r := e.Check(); r != nil {
		return fmt.Errorf("%s: %w", what, r)
	}
	return s.write(ctx, what, func(t *tx) error {
		records, err := t.run("gap_event", params{"id": e.ID})
		if err != nil {
			return err
		}
		if len(records) > 0 {
			stored, err := gapEventFrom(records[0].Values)
			if err == nil && !stored.SameContent(&e) {
				err = graph.RefuseGapEvent()
			}
			return err
		}
		if err := t.checkGap(&e); err != nil {
			return err
		}
		t.state.Seq++ // a version of its own, of which the feed tells nothing
		return t.each("gap_event_create", []params{gapEventRow(&e)})
	})
}

// checkGap refuses what names something that is not stored.
func (t *tx) checkGap(e *graph.GapEvent) error {
	if err := t.useCatalog(); err != nil {
		return err
	}
	if _, ok := t.catalog.segments[e.Gap.Segment]; !ok && e.Gap.Segment != graph.EveryoneID {
		return graph.RefuseGapSegment(e.Gap.Segment)
	}
	if _, ok := t.catalog.categories[e.Gap.Category]; !ok {
		return graph.RefuseCategory("category", e.Gap.Category)
	}
	if _, ok := t.catalog.products[e.Product]; !ok && e.Product != "" {
		return graph.RefuseProduct(e.Product)
	}
	return nil
}

// GapEvents reads the history of gaps.
func (s *Store) GapEvents(ctx context.Context, gaps []graph.GapKey) (map[graph.GapKey][]graph.GapEvent, error) {
	const what = "read gap events"
	if err := graph.CheckCount("gaps", len(gaps), graph.MaxKeys); err != nil {
		return nil, err
	}
	found := make(map[graph.GapKey][]graph.GapEvent, len(gaps))
	rows := make([]params, 0, len(gaps))
	for _, gap := range gaps {
		if _, twice := found[gap]; !twice {
			found[gap], rows = nil, append(rows, params{"segment": gap.Segment, "category": gap.Category})
		}
	}
	clear(found)
	records, err := s.read(ctx, what, "gap_events", params{"rows": rows})
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		e, err := gapEventFrom(r.Values)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		found[e.Gap] = append(found[e.Gap], e)
	}
	for _, list := range found {
		slices.SortFunc(list, func(a, b graph.GapEvent) int { return a.Compare(&b) })
	}
	return found, nil
}

// AllGapEvents reads the history of all gaps, page by page.
func (s *Store) AllGapEvents(ctx context.Context) iter.Seq2[graph.GapEvent, error] {
	return func(yield func(graph.GapEvent, error) bool) {
		const what = "read all gap events"
		at, id := int64(math.MinInt64), ""
		for {
			records, err := s.read(ctx, what, "gap_events_all", params{"at": at, "id": id, "limit": int64(graph.MaxPage)})
			if err != nil {
				yield(graph.GapEvent{}, err)
				return
			}
			for _, r := range records {
				e, err := gapEventFrom(r.Values)
				if err != nil {
					yield(graph.GapEvent{}, fmt.Errorf("%s: %w", what, err))
					return
				}
				at, id = e.At.UnixMicro(), e.ID
				if !yield(e, nil) {
					return
				}
			}
			if len(records) < graph.MaxPage {
				return
			}
		}
	}
}
