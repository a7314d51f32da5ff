package sqlitestore

import (
	"context"
	"fmt"
	"iter"
	"math"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

const gapEventColumns = "id, segment, category, at, status, product, note, by"

// The events of one gap, and those of all after one of them, in their order.
const (
	gapEventsOf    = "SELECT " + gapEventColumns + " FROM gap_events WHERE segment = +? AND category = +? ORDER BY at, id"
	gapEventsAfter = "SELECT " + gapEventColumns + " FROM gap_events WHERE (at, id) > (?, ?) ORDER BY at, id LIMIT ?"
)

func columnGapEvent(st *sqlite.Stmt) graph.GapEvent {
	return graph.GapEvent{
		ID: st.ColumnText(0), Gap: graph.GapKey{Segment: st.ColumnText(1), Category: st.ColumnText(2)}, At: instant(st.ColumnInt64(3)),
		Status: graph.GapStatus(st.ColumnInt64(4)), Product: st.ColumnText(5), Note: st.ColumnText(6), By: st.ColumnText(7),
	}
}

// RecordGapEvent adds an event.
func (s *Store) RecordGapEvent(ctx context.Context, e graph.GapEvent) error {
	const what = "record gap event"
	e.Normalize()
	if r := e.Check(); r != nil {
		return fmt.Errorf("%s: %w", what, r)
	}
	return s.write(ctx, what, func(t *tx) error {
		var stored graph.GapEvent
		found, err := t.row("SELECT "+gapEventColumns+" FROM gap_events WHERE id = ?", func(st *sqlite.Stmt) { stored = columnGapEvent(st) }, e.ID)
		switch {
		case err != nil:
			return err
		case found && stored.SameContent(&e):
			return nil
		case found:
			return graph.RefuseGapEvent()
		}
		if err := t.checkGap(&e); err != nil {
			return err
		}
		t.m.seq++ // a version of its own, of which the feed tells nothing
		return t.putGapEvent(&e)
	})
}

// checkGap refuses what names something that is not stored.
func (t *tx) checkGap(e *graph.GapEvent) error {
	for _, named := range [...]struct {
		id, none, query string
		refuse          func(id string) *graph.Rejection
	}{
		{e.Gap.Segment, graph.EveryoneID, "SELECT EXISTS (SELECT 1 FROM segments WHERE id = ?)", graph.RefuseGapSegment},
		{e.Gap.Category, "", "SELECT EXISTS (SELECT 1 FROM categories WHERE id = ?)", func(id string) *graph.Rejection { return graph.RefuseCategory("category", id) }},
		{e.Product, "", "SELECT EXISTS (SELECT 1 FROM products WHERE id = ?)", graph.RefuseProduct},
	} {
		if named.id == named.none {
			continue
		}
		there, err := t.number(named.query, named.id)
		if err != nil {
			return err
		}
		if there == 0 {
			return named.refuse(named.id)
		}
	}
	return nil
}

func (t *tx) putGapEvent(e *graph.GapEvent) error {
	return t.exec("INSERT INTO gap_events ("+gapEventColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		e.ID, e.Gap.Segment, e.Gap.Category, e.At.UnixMicro(), int64(e.Status), e.Product, e.Note, e.By)
}

// GapEvents reads the history of gaps.
func (s *Store) GapEvents(ctx context.Context, gaps []graph.GapKey) (map[graph.GapKey][]graph.GapEvent, error) {
	if err := graph.CheckCount("gaps", len(gaps), graph.MaxKeys); err != nil {
		return nil, err
	}
	found := map[graph.GapKey][]graph.GapEvent{}
	err := s.read(ctx, "read gap events", func(c *conn) error {
		clear(found)
		for _, gap := range gaps {
			var list []graph.GapEvent
			if err := c.rows(gapEventsOf, func(st *sqlite.Stmt) error {
				list = append(list, columnGapEvent(st))
				return nil
			}, gap.Segment, gap.Category); err != nil {
				return err
			}
			if len(list) > 0 {
				found[gap] = list
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// AllGapEvents reads the history of all gaps, page by page.
func (s *Store) AllGapEvents(ctx context.Context) iter.Seq2[graph.GapEvent, error] {
	return func(yield func(graph.GapEvent, error) bool) {
		at, id := int64(math.MinInt64), ""
		for {
			var page []graph.GapEvent
			err := s.read(ctx, "read all gap events", func(c *conn) error {
				page = page[:0]
				return c.rows(gapEventsAfter, func(st *sqlite.Stmt) error {
					page = append(page, columnGapEvent(st))
					return nil
				}, at, id, graph.MaxPage)
			})
			if err != nil {
				yield(graph.GapEvent{}, err)
				return
			}
			for _, e := range page {
				at, id = e.At.UnixMicro(), e.ID
				if !yield(e, nil) {
					return
				}
			}
			if len(page) < graph.MaxPage {
				return
			}
		}
	}
}
