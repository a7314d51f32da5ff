package neo4jstore

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"golang.org/x/sync/errgroup"

	"lacuna/graph"
)

// A large load makes its interactions in lanes: transactions of their own, two at a time, since one transaction keeps one core of the server busy.
// The transaction that holds the lock of writers numbers them, waits until all are committed, and then tells of them in its own commit. Where
// that fails after some were committed, interactions are there of which the state does not tell. So the state says that there may be such before
// the first lane begins, and whoever takes the lock next adopts them: it waits until no lane is under way, counts what is numbered beyond the
// state, and goes on from there. The same load run again finds them as duplicates.

const (
	laneCount = 2
	laneParts = 8     // of a batch: while one lane makes interactions, the server commits what the other has made
	laneRows  = 1_000 // fewer interactions go with the batch itself
)

// errLane is the failure of a lane: others may have been committed.
var errLane = fmt.Errorf("%w: a part of a large load failed: run the load again", graph.ErrUnavailable)

// adopt counts interactions that lanes have left, after those under way have ended. No lane begins meanwhile, since the transaction holds the
// lock of writers.
func (t *tx) adopt() (err error) {
	session := t.s.session(t.ctx, neo4j.AccessModeWrite)
	defer closeSession(t.ctx, session, &err)
	if err := execute(t.ctx, session, query("lanes_lock"), nil); err != nil { // by itself, so that the lanes of this transaction can begin
		return err
	}
	records, err := t.run("lanes_left", params{"seq": t.state.Seq})
	if err != nil {
		return err
	}
	v := records[0].Values
	if n, _ := v[0].(int64); n > 0 {
		t.state.Interactions += n
		t.state.Seq, _ = v[1].(int64)
		if at, ok := v[2].(int64); ok {
			t.sawAt(at)
		}
	}
	t.state.Lanes = t.role == loading
	return nil
}

// isPlain tells whether nothing but new interactions of customers and products who are there is to be written: lanes see what is committed.
func (w *writer) isPlain() bool {
	return len(w.changes) == 0 && len(w.events.remove) == 0 && len(w.events.withdrawn) == 0 && (w.catalog == nil || !w.catalog.changed)
}

// lanes make interactions beside a transaction.
type lanes struct {
	*errgroup.Group
	ctx   context.Context
	parts chan []step
	ended bool
}

func newLanes(t *tx) *lanes {
	l := &lanes{parts: make(chan []step, laneParts)}
	l.Group, l.ctx = errgroup.WithContext(t.ctx)
	for number := range laneCount {
		l.Go(func() error {
			for part := range l.parts {
				t.laned.Store(true)
				if err := t.s.lane(l.ctx, number, part); err != nil {
					return fmt.Errorf("%w (%w)", errLane, err)
				}
			}
			return nil
		})
	}
	return l
}

// make has interactions made, those of one customer in one part. It waits only while many are to be made already.
func (l *lanes) make(steps []step) error {
	var parts [laneParts][]step
	for _, s := range steps {
		var rows [laneParts][]params
		for _, row := range s.rows {
			n := partOf(row["customerId"].(string))
			rows[n] = append(rows[n], row)
		}
		for n := range rows {
			parts[n] = append(parts[n], step{s.name, rows[n]})
		}
	}
	for _, part := range parts {
		select {
		case l.parts <- part:
		case <-l.ctx.Done():
			return errLane // of which wait tells more
		}
	}
	return nil
}

// wait waits until all is committed. No more can be made then.
func (l *lanes) wait() error {
	if !l.ended {
		l.ended = true
		close(l.parts)
	}
	return l.Wait()
}

func partOf(customer string) int {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(customer)) // it cannot fail
	return int(hash.Sum32() % laneParts)
}

// readInLanes runs a query over keys beside the transaction, in parts at once. What it reads is what is committed: so the transaction has written
// nothing yet, and keeps others from it.
func (w *writer) readInLanes(name string, keys []any) ([]*neo4j.Record, error) {
	parts := make([][]*neo4j.Record, laneCount)
	group, ctx := errgroup.WithContext(w.ctx)
	for n := range parts {
		group.Go(func() (err error) {
			parts[n], err = w.s.readOnce(ctx, name, params{"keys": keys[n*len(keys)/laneCount : (n+1)*len(keys)/laneCount]})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(parts...), nil
}

// lane runs steps in a transaction of their own and commits it. Lanes may wait for each other's products: where they do so mutually, the
// server ends one of them, which is run again.
func (s *Store) lane(ctx context.Context, number int, steps []step) error {
	for try := range tries {
		unknown, err := s.laneOnce(ctx, number, steps)
		if unknown || !again(ctx, try, err) {
			return err
		}
	}
	return nil
}

func (s *Store) laneOnce(ctx context.Context, number int, steps []step) (unknown bool, err error) {
	session := s.session(ctx, neo4j.AccessModeWrite)
	defer closeSession(ctx, session, &err)
	neo, err := session.BeginTransaction(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = neo.Close(context.WithoutCancel(ctx)) }() // which rolls back what was not committed
	t := &tx{s: s, ctx: ctx, neo: neo}
	if _, err := t.run("lane_lock", params{"lane": int64(number)}); err != nil {
		return false, err
	}
	if err := t.steps(steps); err != nil {
		return false, err
	}
	return true, neo.Commit(ctx)
}
