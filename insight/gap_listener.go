package insight

import (
	"context"

	"lacuna/graph"
)

// mostBehind is by how many gaps a listener may fall behind before it is cut off. A change of rules or of the catalog can change very many
// at once, and whoever listens must have the time to take them.
const mostBehind = 4_096

// GapListener hears of the gaps that a query lists, once each however often one has changed since the listener last took it. It is for one reader.
type GapListener struct {
	watch      *GapWatch
	query      GapQuery
	segments   map[string]struct{} // those asked for; empty for all
	categories map[string]struct{}
	more       chan struct{} // has one where something waits; closed at the end

	// Guarded by the lock of the watch.
	among   *watching
	waiting []graph.GapKey
	listed  map[graph.GapKey]struct{} // those that wait
}

func newGapListener(w *GapWatch, q GapQuery) *GapListener {
	set := func(ids []string) map[string]struct{} {
		out := make(map[string]struct{}, len(ids))
		for _, id := range ids {
			out[id] = struct{}{}
		}
		return out
	}
	return &GapListener{watch: w, query: q, segments: set(q.Segments), categories: set(q.Categories), more: make(chan struct{}, 1), listed: map[graph.GapKey]struct{}{}}
}

func (l *GapListener) asksFor(key graph.GapKey) bool {
	_, segment := l.segments[key.Segment]
	_, category := l.categories[key.Category]
	return (segment || len(l.segments) == 0) && (category || len(l.categories) == 0)
}

// concerns tells whether a change is to be told: one of what is listed, or that it is listed now, or not any more.
func (l *GapListener) concerns(c *gapChange) bool {
	if !l.asksFor(c.key) {
		return false
	}
	was, is := l.query.lists(&c.before), l.query.lists(&c.after)
	return was != is || is && c.before.gapNews != c.after.gapNews
}

// add lets a gap wait for the listener. It is not ok for one that has fallen behind. The lock must be held.
func (l *GapListener) add(key graph.GapKey) (ok bool) {
	if _, waits := l.listed[key]; waits {
		return true
	}
	if len(l.waiting) == mostBehind {
		return false
	}
	l.waiting = append(l.waiting, key)
	l.listed[key] = struct{}{}
	select {
	case l.more <- struct{}{}:
	default: // it knows
	}
	return true
}

// end lets the listener go, and what waits for it. The lock must be held.
func (l *GapListener) end() {
	l.waiting, l.listed = nil, nil
	close(l.more)
}

// Next waits for a gap that has changed, and gives it as it is by now. It is not ok when the listener's context, or this one, has ended, and for a
// listener that has fallen behind by 4,096 gaps, who may listen again.
func (l *GapListener) Next(ctx context.Context) (gaps *Gaps, ref GapRef, ok bool) {
	for {
		if gaps, key, waits := l.take(); waits {
			if ref, err := gaps.Find(key.Segment, key.Category); err == nil { // else it has gone meanwhile
				return gaps, ref, true
			}
			continue
		}
		select {
		case _, open := <-l.more:
			if !open {
				return nil, GapRef{}, false
			}
		case <-ctx.Done():
			return nil, GapRef{}, false
		}
	}
}

func (l *GapListener) take() (gaps *Gaps, key graph.GapKey, waits bool) {
	l.watch.mu.Lock()
	defer l.watch.mu.Unlock()
	if len(l.waiting) == 0 {
		return nil, key, false
	}
	key, l.waiting = l.waiting[0], l.waiting[1:]
	delete(l.listed, key)
	return l.among.gaps, key, true
}
