package neo4jstore

import (
	"context"
	"fmt"
	"slices"

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
		return t.steps([]step{{"lack_delete", gapRows(remove)}, {"lack_put", lackRows(put)}})
	})
}

func gapRows(gaps []graph.GapKey) []params {
	rows := make([]params, len(gaps))
	for i, gap := range gaps {
		rows[i] = params{"segment": gap.Segment, "category": gap.Category}
	}
	return rows
}

func lackRows(list []graph.Lack) []params {
	rows := make([]params, len(list))
	for i := range list {
		l := &list[i]
		rows[i] = params{
			"segment": l.Segment, "category": l.Category, "verdict": l.Verdict, "cause": orNull(l.Cause), "customers": l.Customers, "unmet": floatOrNull(l.Unmet),
			"value": floatOrNull(l.Value), "currency": orNull(l.Currency), "since": micros(l.Since), "asOf": micros(l.AsOf),
		}
	}
	return rows
}

func floatOrNull(f graph.Optional[float64]) any {
	if !f.Known {
		return nil
	}
	return f.Value
}

// float reads a number that may be missing.
func float(value any) graph.Optional[float64] {
	if f, ok := value.(float64); ok {
		return graph.Some(f)
	}
	return graph.Optional[float64]{}
}

// Lacks reads what was written.
func (s *Store) Lacks(ctx context.Context) ([]graph.Lack, error) {
	records, err := s.read(ctx, "read lacks", "lacks", nil)
	if err != nil {
		return nil, err
	}
	list := make([]graph.Lack, len(records))
	for i, r := range records {
		v := r.Values
		list[i] = graph.Lack{
			Segment: text(v[0]), Category: text(v[1]), Verdict: text(v[2]), Cause: text(v[3]), Unmet: float(v[5]), Value: float(v[6]),
			Currency: text(v[7]), Since: moment(v[8]), AsOf: moment(v[9]),
		}
		list[i].Customers, _ = v[4].(int64)
	}
	slices.SortFunc(list, func(a, b graph.Lack) int { return a.Compare(&b) })
	return list, nil
}
