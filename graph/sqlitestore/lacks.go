package sqlitestore

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// WriteLacks writes what the holder of the lease has computed.
func (s *Store) WriteLacks(ctx context.Context, holder string, put []graph.Lack, remove []graph.GapKey) error {
	const what = "write lacks"
	put, err := graph.PrepareLacks(put, remove)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return s.write(ctx, what, func(t *tx) error {
		if err := t.checkLease(holder); err != nil {
			return err
		}
		for _, gap := range remove {
			if err := t.exec("DELETE FROM lacks WHERE segment = ? AND category = ?", gap.Segment, gap.Category); err != nil {
				return err
			}
		}
		for i := range put {
			if err := t.putLack(&put[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// putLack writes what a segment lacks, where there is such a segment and such a category.
func (t *tx) putLack(l *graph.Lack) error {
	return t.exec(`INSERT OR REPLACE INTO lacks (segment, category, verdict, cause, customers, unmet, value, currency, since, as_of)
		SELECT s.id, c.id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM segments s, categories c WHERE s.id = ?1 AND c.id = ?2`,
		l.Segment, l.Category, l.Verdict, l.Cause, l.Customers, floatOrNull(l.Unmet), floatOrNull(l.Value), l.Currency, micros(l.Since), micros(l.AsOf))
}

func floatOrNull(f graph.Optional[float64]) any {
	if !f.Known {
		return nil
	}
	return f.Value
}

func columnFloat(st *sqlite.Stmt, col int) graph.Optional[float64] {
	if st.ColumnIsNull(col) {
		return graph.Optional[float64]{}
	}
	return graph.Some(st.ColumnFloat(col))
}

// Lacks reads what was written.
func (s *Store) Lacks(ctx context.Context) (list []graph.Lack, err error) {
	err = s.read(ctx, "read lacks", func(c *conn) error {
		list = nil
		return c.rows("SELECT segment, category, verdict, cause, customers, unmet, value, currency, since, as_of FROM lacks ORDER BY segment, category",
			func(st *sqlite.Stmt) error {
				list = append(list, graph.Lack{
					Segment: st.ColumnText(0), Category: st.ColumnText(1), Verdict: st.ColumnText(2), Cause: st.ColumnText(3), Customers: st.ColumnInt64(4),
					Unmet: columnFloat(st, 5), Value: columnFloat(st, 6), Currency: st.ColumnText(7), Since: columnTime(st, 8), AsOf: columnTime(st, 9),
				})
				return nil
			})
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}
