package sqlitestore

import (
	"cmp"
	"context"
	"slices"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// Segments reads all segments in order of id.
func (s *Store) Segments(ctx context.Context) (segments []graph.Segment, err error) {
	err = s.read(ctx, "read segments", func(c *conn) (err error) {
		segments, err = c.readSegments()
		return err
	})
	return segments, err
}

func (c *conn) readSegments() (segments []graph.Segment, err error) {
	err = c.rows("SELECT id, name, description, rule FROM segments ORDER BY id", func(st *sqlite.Stmt) error {
		segment := graph.Segment{ID: st.ColumnText(0), Name: st.ColumnText(1), Description: st.ColumnText(2)}
		var err error
		if segment.Rule, err = graph.ParseRule([]byte(st.ColumnText(3))); err != nil {
			return damaged("read the rule of a segment")
		}
		segments = append(segments, segment)
		return nil
	})
	return segments, err
}

// storedSegments reads all segments by id.
func (c *conn) storedSegments() (map[string]graph.Segment, error) {
	list, err := c.readSegments()
	if err != nil {
		return nil, err
	}
	stored := make(map[string]graph.Segment, len(list))
	for _, segment := range list {
		stored[segment.ID] = segment
	}
	return stored, nil
}

// writeSegments writes rows whose references were judged together, since each may name a segment that comes later. Of
// several rows of one id the last is what is judged and kept.
func (t *tx) writeSegments(rows []graph.Segment) ([]graph.Outcome, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	stored, err := t.storedSegments()
	if err != nil {
		return nil, err
	}
	out := make([]graph.Outcome, len(rows))
	last := map[string]graph.Rule{}
	for i := range rows {
		row := &rows[i]
		r := row.Check()
		if r == nil {
			r = row.Rule.Check()
		}
		if r != nil {
			out[i] = r.Outcome()
			continue
		}
		last[row.ID] = row.Rule
	}
	existing := func(id string) (graph.Rule, bool) {
		segment, ok := stored[id]
		return segment.Rule, ok
	}
	refused := graph.CheckSegmentCycles(existing, last)
	for i := range rows {
		if out[i].Status == graph.Rejected {
			continue
		}
		if r := refused[rows[i].ID]; r != nil {
			out[i] = r.Outcome()
			continue
		}
		if out[i], err = t.putSegment(&rows[i], stored); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// putSegment writes a segment. An empty name or description says nothing.
func (t *tx) putSegment(row *graph.Segment, stored map[string]graph.Segment) (graph.Outcome, error) {
	old, known := stored[row.ID]
	row.Name, row.Description = cmp.Or(row.Name, old.Name, row.ID), cmp.Or(row.Description, old.Description)
	if known && old.Name == row.Name && old.Description == row.Description && old.Rule.Equal(row.Rule) {
		return graph.NewOutcome(false), nil
	}
	rule, err := row.Rule.MarshalJSON()
	if err != nil {
		return graph.Outcome{}, err
	}
	if err := t.exec("INSERT INTO segments (id, name, description, rule) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET name = ?2, description = ?3, rule = ?4",
		row.ID, row.Name, row.Description, string(rule)); err != nil {
		return graph.Outcome{}, err
	}
	if !known {
		t.m.segments++
	}
	stored[row.ID] = *row
	return graph.NewOutcome(true), t.change(graph.SegmentChanged, 0, row.ID, 0)
}

// deleteSegments deletes segments that no other one refers to. The batch is judged in its order, so a segment can go after the
// one that refers to it.
func (t *tx) deleteSegments(ids []string) ([]graph.Outcome, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	stored, err := t.storedSegments()
	if err != nil {
		return nil, err
	}
	out := make([]graph.Outcome, len(ids))
	for i, id := range ids {
		if _, ok := stored[id]; !ok {
			out[i] = graph.RefuseMissing("segment", id).Outcome()
			continue
		}
		if user := segmentUser(stored, id); user != "" {
			out[i] = graph.RefuseInUse(user).Outcome()
			continue
		}
		for _, statement := range [...]string{"DELETE FROM segments WHERE id = ?", "DELETE FROM members WHERE segment = ?", "DELETE FROM lacks WHERE segment = ?"} {
			if err := t.exec(statement, id); err != nil {
				return nil, err
			}
		}
		delete(stored, id)
		t.m.segments--
		if err := t.change(graph.SegmentDeleted, 0, id, 0); err != nil {
			return nil, err
		}
		out[i] = graph.NewOutcome(true)
	}
	return out, nil
}

// segmentUser gives the first segment, by id, whose rule refers to another one, "" when there is none.
func segmentUser(stored map[string]graph.Segment, id string) (user string) {
	for other, segment := range stored {
		if other != id && (user == "" || other < user) && slices.Contains(segment.Rule.Segments(), id) {
			user = other
		}
	}
	return user
}

// AttributeTypes reads the settled types.
func (s *Store) AttributeTypes(ctx context.Context) (types map[graph.AttributeKey]graph.ValueKind, err error) {
	types = map[graph.AttributeKey]graph.ValueKind{}
	err = s.read(ctx, "read attribute types", func(c *conn) error {
		return c.rows("SELECT scope, name, kind FROM attributes", func(st *sqlite.Stmt) error {
			k := graph.AttributeKey{Scope: graph.Scope(st.ColumnInt64(0)), Name: st.ColumnText(1)}
			types[k] = graph.ValueKind(st.ColumnInt64(2))
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return types, nil
}
