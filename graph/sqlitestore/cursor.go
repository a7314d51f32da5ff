package sqlitestore

import (
	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// locate checks a cursor against what is committed and gives its number.
func (c *conn) locate(cursor graph.Cursor, m *meta) (seq int64, err error) {
	if cursor == "" {
		if m.pruned > 0 {
			return 0, graph.ExpiredCursor()
		}
		return 0, nil
	}
	p, ok := graph.ParsePosition(cursor)
	if !ok || p.Seq < m.pruned || p.Seq > m.seq {
		return 0, graph.ExpiredCursor()
	}
	tag, err := c.tagAt(p.Seq, m)
	if err != nil {
		return 0, err
	}
	if tag != p.Tag {
		return 0, graph.ExpiredCursor()
	}
	return p.Seq, nil
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
