package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// conn is one connection with what the package needs of it. It is used by one goroutine at a time.
//
// In queries with ORDER BY, a parameter that a column must equal is written "+?": with "?" alone SQLite plans the query anew
// for each value, which takes ten times as long as running it.
type conn struct {
	*sqlite.Conn
	names   *names        // shared by all who read; the writer has its own, since it sees what may never be committed
	cancel  chan struct{} // closing it interrupts; see watch
	scratch []byte
}

// watch interrupts what runs on the connection when the context ends, until release is called. The driver starts a goroutine
// for each channel that it watches, so one channel serves until it is closed.
func (c *conn) watch(ctx context.Context) (release func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	if c.cancel == nil {
		c.cancel = make(chan struct{})
		c.SetInterrupt(c.cancel)
	}
	cancel, fired := c.cancel, make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		close(cancel)
		close(fired)
	})
	return func() {
		if !stop() {
			<-fired
			c.SetInterrupt(nil)
			c.cancel = nil
		}
	}
}

// bind binds arguments in order. nil is NULL.
func bind(st *sqlite.Stmt, args []any) error {
	for i, arg := range args {
		switch v := arg.(type) {
		case nil:
			st.BindNull(i + 1)
		case int64:
			st.BindInt64(i+1, v)
		case int:
			st.BindInt64(i+1, int64(v))
		case string:
			st.BindText(i+1, v)
		case []byte:
			st.BindBytes(i+1, v)
		case bool:
			st.BindBool(i+1, v)
		case float64:
			st.BindFloat(i+1, v)
		default:
			return fmt.Errorf("cannot bind a %T", arg)
		}
	}
	return nil
}

// rows runs a query and calls each for every row. The statement is shared by all calls with the same text, so each must
// not run that query again.
func (c *conn) rows(query string, each func(*sqlite.Stmt) error, args ...any) (err error) {
	st, err := c.Prepare(query)
	if err != nil {
		return err
	}
	if err := bind(st, args); err != nil {
		return err
	}
	for {
		ok, err := st.Step()
		if err != nil || !ok {
			return err
		}
		if err := each(st); err != nil {
			return errors.Join(err, st.Reset())
		}
	}
}

// row runs a query of at most one row and calls each for it.
func (c *conn) row(query string, each func(*sqlite.Stmt), args ...any) (found bool, err error) {
	st, err := c.Prepare(query)
	if err != nil {
		return false, err
	}
	if err := bind(st, args); err != nil {
		return false, err
	}
	ok, err := st.Step()
	if err != nil || !ok {
		return false, err
	}
	each(st)
	return true, st.Reset()
}

// number runs a query of one integer; no row and NULL are 0.
func (c *conn) number(query string, args ...any) (n int64, err error) {
	_, err = c.row(query, func(st *sqlite.Stmt) { n = st.ColumnInt64(0) }, args...)
	return n, err
}

// exec runs a statement without rows.
func (c *conn) exec(query string, args ...any) error {
	return c.rows(query, func(*sqlite.Stmt) error { return nil }, args...)
}

// once runs a statement that is not worth keeping prepared, such as a PRAGMA.
func (c *conn) once(query string) (first string, err error) {
	st, _, err := c.PrepareTransient(query)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, st.Finalize()) }()
	for n := 0; ; n++ {
		ok, err := st.Step()
		if err != nil || !ok {
			return first, err
		}
		if n == 0 && st.ColumnCount() > 0 {
			first = st.ColumnText(0)
		}
	}
}

// sameText compares a column with s without copying it to the heap. NULL is "".
func (c *conn) sameText(st *sqlite.Stmt, col int, s string) bool {
	n := st.ColumnLen(col)
	if n != len(s) {
		return false
	}
	if n == 0 {
		return true
	}
	if cap(c.scratch) < n {
		c.scratch = make([]byte, max(n, 1024))
	}
	buf := c.scratch[:n]
	st.ColumnBytes(col, buf)
	return string(buf) == s
}

// micros gives a time as it is stored, nil for the zero time.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// instant reads a stored time.
func instant(us int64) time.Time { return time.UnixMicro(us).UTC() }

// columnTime reads a time; NULL is the zero time.
func columnTime(st *sqlite.Stmt, col int) time.Time {
	if st.ColumnIsNull(col) {
		return time.Time{}
	}
	return instant(st.ColumnInt64(col))
}

// foldOrNull gives the folded form, nil for "".
func foldOrNull(s string) any {
	if s == "" {
		return nil
	}
	return graph.Fold(s)
}

// orNull gives nil for "".
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
