package neo4jstore

import (
	"context"
	"sync"

	"lacuna/graph"
)

// What is gathered: a round trip costs far more than another customer in it, so while some are under way, those who ask next go together with
// the one that follows. Nobody waits for others where nothing is under way.
const (
	gatherLanes  = 4  // round trips under way at once
	gatherMost   = 32 // customers of one of them
	gatherNewest = 50 // interactions of each at most; who asks for more goes alone
)

// gather unites the questions of callers who ask at the same time for one profile each.
type gather struct {
	mu      sync.Mutex
	running int
	waiting []*gathered
}

type gathered struct {
	query  graph.ProfileQuery
	answer chan gatheredAnswer // has room for one
}

type gatheredAnswer struct {
	profileAnswer
	err error
}

// ask gives the answer of the round trip that a question was part of.
func (s *Store) ask(ctx context.Context, q graph.ProfileQuery) (profileAnswer, error) {
	asked := &gathered{q, make(chan gatheredAnswer, 1)}
	g := &s.gather
	g.mu.Lock()
	g.waiting = append(g.waiting, asked)
	lane := g.running < gatherLanes
	if lane {
		g.running++
	}
	g.mu.Unlock()
	if lane {
		// It goes on for the others where this caller leaves.
		go s.askTogether(context.WithoutCancel(ctx))
	}
	select {
	case a := <-asked.answer:
		return a.profileAnswer, a.err
	case <-ctx.Done():
		return profileAnswer{}, ctx.Err()
	}
}

// next takes those who wait, as many as go together; none ends a lane.
func (g *gather) next() (together []*gathered) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), gatherMost)
	if n == 0 {
		g.running--
		return nil
	}
	together, g.waiting = g.waiting[:n:n], g.waiting[n:]
	return together
}

// askTogether asks for those who wait until nobody does.
func (s *Store) askTogether(ctx context.Context) {
	for together := s.gather.next(); together != nil; together = s.gather.next() {
		queries := make([]graph.ProfileQuery, len(together))
		for n, asked := range together {
			queries[n] = asked.query
		}
		answers, err := s.askProfiles(ctx, "read profiles", queries)
		for n, asked := range together {
			a := gatheredAnswer{err: err}
			if err == nil {
				a.profileAnswer = answers[n]
			}
			asked.answer <- a
		}
	}
}
