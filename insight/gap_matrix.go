package insight

import (
	"context"
	"fmt"
	"math"

	"lacuna/graph"
)

// GapMeasure is a figure of a cell.
type GapMeasure uint8

// The measures.
const (
	UnmetCustomers GapMeasure = iota + 1
	DemandIndex
	SupplyIndex
	CellServedRate
	CellGrowth
	CellCustomers
	CellValue
)

// GapMatrix is one figure of many cells, a row a segment. What cannot be computed is NaN.
type GapMatrix struct {
	Segments, Categories []string // ids
	Values               [][]float64
	Verdicts             [][]Verdict
}

const mostGapCells = 250_000

// Matrix gives one figure of the cells of segments and categories, in the order asked for; all where none is named. Too many cells, or a segment or
// category that is not there, are [graph.ErrInvalid].
func (g *Gaps) Matrix(ctx context.Context, segments, categories []string, measure GapMeasure) (*GapMatrix, error) {
	rows, err := g.segmentPlaces(segments)
	if err != nil {
		return nil, err
	}
	columns, err := g.categoryPlaces(categories)
	if err != nil {
		return nil, err
	}
	if len(rows)*len(columns) > mostGapCells {
		return nil, fmt.Errorf("%d segments and %d categories are more than %d cells: name fewer: %w", len(rows), len(columns), mostGapCells, graph.ErrInvalid)
	}
	m := &GapMatrix{Values: make([][]float64, len(rows)), Verdicts: make([][]Verdict, len(rows))}
	for _, k := range columns {
		m.Categories = append(m.Categories, g.categoryID(k))
	}
	for _, s := range rows {
		m.Segments = append(m.Segments, g.segments[s].id)
	}
	var worth *worth
	if measure == CellValue {
		if worth, err = g.worthOf(ctx); err != nil {
			return nil, err
		}
	}
	return m, inParallel(ctx, len(rows), func(i int) {
		m.Values[i], m.Verdicts[i] = make([]float64, len(columns)), make([]Verdict, len(columns))
		for j, k := range columns {
			m.Values[i][j], m.Verdicts[i][j] = g.measure(rows[i], k, measure, worth), g.decisions[rows[i]][k].verdict
		}
	})
}

func (g *Gaps) measure(s int, k uint32, measure GapMeasure, worth *worth) float64 {
	d := &g.decisions[s][k]
	switch measure {
	case UnmetCustomers:
		if e, _ := g.unmet(s, k); e != nil {
			return e.Mid
		}
	case DemandIndex:
		if d.indexed() {
			return 100 * d.posterior.GeometricMean()
		}
	case SupplyIndex:
		if index, reason := g.supplyIndex(s, k); reason == "" {
			return index
		}
	case CellServedRate:
		if d.customers > 0 {
			return d.theta
		}
	case CellGrowth:
		if x := g.growthAt(s, k); x.ok && d.before > 0 {
			return float64(d.customers)/float64(d.before)/x.base - 1
		}
	case CellCustomers:
		return float64(d.customers)
	case CellValue:
		if v := worth.told(cellPlace{s, k}).value; v != nil {
			return v.Mid
		}
	}
	return math.NaN()
}
