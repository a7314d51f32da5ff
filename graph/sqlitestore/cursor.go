package sqlitestore

import (
	"fmt"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// position is what a cursor holds: a number of the feed and the tag of the commit that the number belongs to.
type position struct {
	seq, tag int64
}

// cursor writes a position as "seq.tag" in base 36.
func (p position) cursor() graph.Cursor {
	return graph.Cursor(strconv.FormatInt(p.seq, 36) + "." + strconv.FormatInt(p.tag, 36))
}

// parseCursor reads what cursor wrote, and nothing else.
func parseCursor(cursor graph.Cursor) (position, bool) {
	seq, tag, ok := strings.Cut(string(cursor), ".")
	if !ok {
		return position{}, false
	}
	s, errSeq := strconv.ParseInt(seq, 36, 64)
	t, errTag := strconv.ParseInt(tag, 36, 64)
	p := position{s, t}
	if errSeq != nil || errTag != nil || s < 0 || t < 0 || p.cursor() != cursor {
		return position{}, false
	}
	return p, true
}

// locate checks a cursor against what is committed and gives its number.
func (c *conn) locate(cursor graph.Cursor, m *meta) (seq int64, err error) {
	if cursor == "" {
		if m.pruned > 0 {
			return 0, expired()
		}
		return 0, nil
	}
	p, ok := parseCursor(cursor)
	if !ok || p.seq < m.pruned || p.seq > m.seq {
		return 0, expired()
	}
	tag, err := c.tagAt(p.seq, m)
	if err != nil {
		return 0, err
	}
	if tag != p.tag {
		return 0, expired()
	}
	return p.seq, nil
}

// tagAt gives the tag of the commit that a number belongs to.
func (c *conn) tagAt(seq int64, m *meta) (tag int64, err error) {
	switch seq {
	case 0:
		return m.storeTag, nil
	case m.seq:
		return m.tag, nil
	}
	found, err := c.row("SELECT tag FROM commits WHERE seq >= ? ORDER BY seq LIMIT 1",
		func(st *sqlite.Stmt) { tag = st.ColumnInt64(0) }, seq)
	if err == nil && !found {
		err = damaged("find the commit of a position")
	}
	return tag, err
}

func expired() error {
	return fmt.Errorf("%w: it was pruned or is another store's: start again from Head", graph.ErrCursorExpired)
}
