package neo4jstore

import (
	"context"
	"errors"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// Neo4j shows a transaction's changes one after the other while they are being committed. Where somebody's interactions go from one customer
// to another, readers of both must not see half of it. So a number is made odd before, in a commit of its own, and even afterwards: readers
// compare it before and after they have read. Whoever makes it odd holds the lock of writers until the change is committed.

// markOwners tells readers that owners are about to change, once a transaction.
func (t *tx) markOwners() (err error) {
	if t.mark != 0 {
		return nil
	}
	session := t.s.session(t.ctx, neo4j.AccessModeWrite)
	defer closeSession(t.ctx, session, &err)
	result, err := session.Run(t.ctx, query("ownership_mark"), nil)
	if err != nil {
		return err
	}
	record, err := result.Single(t.ctx)
	if err != nil {
		return err
	}
	t.mark, _ = record.Values[0].(int64)
	return nil
}

// unmarkOwners tells readers that the change has ended, one way or the other. Where that fails they find out by themselves.
func (s *Store) unmarkOwners(ctx context.Context, mark int64) error {
	session := s.session(ctx, neo4j.AccessModeWrite)
	return errors.Join(execute(ctx, session, query("ownership_unmark"), params{"mark": mark}), session.Close(ctx))
}

// repairOwners makes a number even that somebody who died has left odd: nobody changes owners while this holds the lock.
func (s *Store) repairOwners(ctx context.Context, mark int64) error {
	return s.write(ctx, "repair", func(t *tx) error {
		_, err := t.run("ownership_unmark", params{"mark": mark})
		return err
	})
}
