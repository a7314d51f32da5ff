package neo4jstore

import (
	"context"
	"fmt"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
)

// quiet gives the state after every commit that it tells of can be seen whole: it waits for who is committing.
func (s *Store) quiet(ctx context.Context, what string) (now state, err error) {
	err = s.writeAs(ctx, looking, what, func(t *tx) error {
		now = t.state
		return nil
	})
	return now, err
}

// Head gives the position after the latest commit.
func (s *Store) Head(ctx context.Context) (graph.Cursor, error) {
	now, err := s.quiet(ctx, "read head of feed")
	return now.head(), err
}

// Changes reads a run of the feed: the union, in order of position, of changes and interactions.
func (s *Store) Changes(ctx context.Context, after graph.Cursor, limit int) (page graph.ChangePage, err error) {
	const what = "read feed"
	if err := graph.CheckCount("changes", limit, graph.MaxBatch); err != nil {
		return page, err
	}
	records, err := s.read(ctx, what, "state", nil)
	if err != nil {
		return page, err
	}
	now, err := stateOf(records)
	if err != nil {
		return page, fmt.Errorf("%s: %w", what, err)
	}
	if after == now.head() {
		return graph.ChangePage{Next: after}, nil // nothing has happened
	}
	if now, err = s.quiet(ctx, what); err != nil {
		return page, err
	}
	from, err := s.locate(ctx, what, after, &now)
	if err != nil {
		return page, err
	}
	return s.feedPage(ctx, what, from, limit, &now)
}

// locate checks a cursor against what is committed and gives its number.
func (s *Store) locate(ctx context.Context, what string, cursor graph.Cursor, now *state) (seq int64, err error) {
	if cursor == "" {
		if now.Pruned > 0 {
			return 0, fmt.Errorf("%s: %w", what, graph.ExpiredCursor())
		}
		return 0, nil
	}
	p, ok := graph.ParsePosition(cursor)
	if !ok || p.Seq < now.Pruned || p.Seq > now.Seq {
		return 0, fmt.Errorf("%s: %w", what, graph.ExpiredCursor())
	}
	tag, err := s.tagAt(ctx, what, p.Seq, now)
	if err == nil && tag != p.Tag {
		err = fmt.Errorf("%s: %w", what, graph.ExpiredCursor())
	}
	return p.Seq, err
}

// tagAt gives the tag of the commit that a number belongs to.
func (s *Store) tagAt(ctx context.Context, what string, seq int64, now *state) (tag int64, err error) {
	switch seq {
	case 0:
		return now.StoreTag, nil
	case now.Seq:
		return now.Tag, nil
	}
	records, err := s.read(ctx, what, "commit_of", params{"seq": seq})
	if err == nil && len(records) == 0 {
		err = fmt.Errorf("%s: %w", what, damaged("find the commit of a position"))
	}
	if err != nil {
		return 0, err
	}
	tag, _ = records[0].Values[0].(int64)
	return tag, nil
}

func (s *Store) feedPage(ctx context.Context, what string, from int64, limit int, now *state) (page graph.ChangePage, err error) {
	p := params{"from": from, "until": now.Seq, "limit": int64(limit + 1)}
	records, err := s.read(ctx, what, "changes", p)
	if err != nil {
		return page, err
	}
	changes := make([]graph.NumberedChange, 0, len(records))
	for _, r := range records {
		seq, _ := r.Values[0].(int64)
		kind, _ := r.Values[1].(int64)
		changes = append(changes, graph.NumberedChange{Seq: seq, Change: graph.Change{Kind: graph.ChangeKind(kind), ID: text(r.Values[2]), Customer: text(r.Values[3])}})
	}
	// Interactions beyond the last of a full run of changes come later than this page's end.
	if len(changes) > limit {
		p["until"] = changes[limit].Seq
	}
	if records, err = s.read(ctx, what, "recorded", p); err != nil {
		return page, err
	}
	recorded := make([]graph.NumberedChange, 0, len(records))
	for _, r := range records {
		seq, _ := r.Values[0].(int64)
		i, _, err := interactionFrom(r.Values[1])
		if err != nil {
			return page, fmt.Errorf("%s: %w", what, err)
		}
		recorded = append(recorded, graph.NumberedChange{Seq: seq, Change: graph.Change{Kind: graph.InteractionRecorded, ID: i.ID, Customer: i.Owner, Interaction: &i}})
	}
	page.Next = now.head()
	var last int64
	if page.Changes, last, page.More = graph.JoinChanges(changes, recorded, from, limit); page.More {
		tag, err := s.tagAt(ctx, what, last, now)
		page.Next = graph.Position{Seq: last, Tag: tag}.Cursor()
		return page, err
	}
	return page, nil
}

// PruneChanges forgets entries of the feed. Commits are forgotten up to the first one that is not before the moment, also where the clock was
// set back in between.
func (s *Store) PruneChanges(ctx context.Context, before time.Time) error {
	return s.write(ctx, "prune feed", func(t *tx) error {
		records, err := t.run("commits_before", params{"before": graph.CeilMicros(before), "end": t.state.Seq + 1})
		if err != nil {
			return err
		}
		last, _ := records[0].Values[0].(int64)
		if last <= t.state.Pruned {
			return nil
		}
		t.state.Pruned = last
		_, err = t.run("changes_prune", params{"last": last})
		return err
	})
}

// stream runs a query and gives its records one by one, without holding them all.
func (s *Store) stream(ctx context.Context, name string, p params, each func(values []any) error) (err error) {
	session := s.session(ctx, neo4j.AccessModeRead)
	defer closeSession(ctx, session, &err)
	result, err := session.Run(ctx, query(name), p, neo4j.WithTxTimeout(0))
	if err != nil {
		return err
	}
	var record *neo4j.Record
	for result.NextRecord(ctx, &record) {
		if err := each(record.Values); err != nil {
			return err
		}
	}
	if err := result.Err(); err != nil {
		return err
	}
	return ctx.Err()
}
