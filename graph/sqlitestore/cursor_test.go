package sqlitestore

import (
	"errors"
	"testing"

	"lacuna/graph"
)

// FuzzCursor hands in anything as a cursor: it is honoured only if the store gave it.
func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", ".", "0.0", "1.1", "-1.5", "zz.zz", "00.1", "9223372036854775807.1", "1y2p0ij32e8e7.1y2p0ij32e8e7", "A.B", "1.1.1", "+1.1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		p, ok := graph.ParsePosition(graph.Cursor(cursor))
		if ok && p.Cursor() != graph.Cursor(cursor) {
			t.Errorf("ParsePosition(%q) = %v, which is written %q", cursor, p, p.Cursor())
		}
	})
}

func TestCursors(t *testing.T) {
	s, other := fresh(t), fresh(t)
	for _, store := range []*Store{s, other} {
		for i := range 5 {
			write(t, store, graph.Batch{Interactions: events(i*10, 10, 3), CreateMissing: true})
		}
	}
	page, err := s.Changes(t.Context(), "", 13)
	must(t, err)
	for _, wrong := range []graph.Cursor{"x", "1.1", page.Next + "0", "0" + page.Next, "1000000.5"} {
		if _, err := s.Changes(t.Context(), wrong, 1); !errors.Is(err, graph.ErrCursorExpired) {
			t.Errorf("Changes(%q): %v, want ErrCursorExpired", wrong, err)
		}
	}
	if _, err := other.Changes(t.Context(), page.Next, 1); !errors.Is(err, graph.ErrCursorExpired) {
		t.Errorf("another store honours the cursor: %v", err)
	}
	if _, err := s.Changes(t.Context(), page.Next, 1); err != nil {
		t.Errorf("the store's own cursor in the middle of a commit: %v", err)
	}
	head, err := s.Head(t.Context())
	must(t, err)
	must(t, s.PruneChanges(t.Context(), testNow.Add(1)))
	for cursor, want := range map[graph.Cursor]error{"": graph.ErrCursorExpired, page.Next: graph.ErrCursorExpired, head: nil} {
		if _, err := s.Changes(t.Context(), cursor, 1); !errors.Is(err, want) {
			t.Errorf("Changes(%q) after pruning: %v, want %v", cursor, err, want)
		}
	}
}
