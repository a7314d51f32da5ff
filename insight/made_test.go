package insight

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"lacuna/graph"
)

// made is a source of invented data for benchmarks: 50 interactions a customer, 20 attributes of 10 values, 500 categories, 200 segments of
// one value each, 24 months; the first values of each attribute, and some categories and customers, have more than others.
type made struct {
	graph.Store
	interactions int
}

const (
	madeAttributes = 20
	madeValues     = 10
	madeCategories = 500
	madeMonths     = 24
	madeFirst      = 1_730_419_200 // 2024-11-01
)

func newMade(b *testing.B) *made {
	b.Helper()
	n := 1_000_000
	if rows, err := strconv.Atoi(os.Getenv("LACUNA_BENCH_ROWS")); err == nil {
		n = rows
	}
	return &made{interactions: n}
}

// Scan gives everything.
func (m *made) Scan(context.Context, graph.Cursor, graph.ScanFields) graph.Scan {
	random := rand.New(rand.NewPCG(1, 2))
	skewed := func(n int) int { return int(float64(n) * random.Float64() * random.Float64()) }
	customers := m.interactions / 50
	return func(yield func(*graph.ScanChunk, error) bool) {
		catalog := &graph.ScanChunk{}
		for k := range madeCategories {
			catalog.Categories = append(catalog.Categories, graph.ScannedCategory{Handle: uint32(k + 1), Category: graph.Category{ID: fmt.Sprintf("k%03d", k)}})
		}
		for a := range madeAttributes {
			for v := range madeValues {
				rule := graph.Rule{Attribute: &graph.AttributeRule{Name: fmt.Sprintf("a%02d", a+1), Op: graph.OpEq, Values: []graph.Value{graph.TextValue(fmt.Sprint("v", v))}}}
				catalog.Segments = append(catalog.Segments, graph.Segment{ID: fmt.Sprintf("s%02d-%d", a, v), Rule: rule})
			}
		}
		if !yield(catalog, nil) {
			return
		}
		for c := range customers {
			chunk := &graph.ScanChunk{Customers: []graph.ScannedCustomer{{Handle: uint32(c + 1), Customer: graph.Customer{ID: fmt.Sprintf("c%07d", c)}}}}
			for a := range madeAttributes {
				chunk.Customers[0].Attributes = append(chunk.Customers[0].Attributes, graph.Attribute{Name: fmt.Sprintf("a%02d", a+1), Observation: graph.Observation{Value: graph.TextValue(fmt.Sprint("v", skewed(madeValues)))}})
			}
			if !yield(chunk, nil) {
				return
			}
		}
		const run = 4096
		c := &graph.InteractionColumns{
			Len: run, Customer: make([]uint32, run), Product: make([]uint32, run), Category: make([]uint32, run), AtMicros: make([]int64, run), Type: make([]graph.InteractionType, run),
			Channel: make([]graph.Channel, run), Known: make([]graph.KnownNumbers, run), Results: make([]int32, run), Quantity: make([]graph.Decimal, run), Amount: make([]graph.Decimal, run),
			Rating: make([]graph.Decimal, run), Currency: make([]string, run), Query: make([]string, run), Attributes: make([][]graph.NamedValue, run),
		}
		for begin := 0; begin < m.interactions; begin += run {
			for i := range run {
				c.Customer[i] = uint32(1 + skewed(customers))
				c.Category[i] = uint32(1 + skewed(madeCategories))
				c.AtMicros[i] = (madeFirst + int64(float64(begin+i)/float64(m.interactions)*madeMonths*2_629_746)) * microsPerSecond
				c.Type[i] = graph.View + graph.InteractionType(random.IntN(7))
				c.Channel[i] = graph.Web + graph.Channel(random.IntN(3))
				c.Known[i] = 0
				if c.Type[i] == graph.Purchase {
					c.Known[i], c.Amount[i], c.Currency[i] = graph.AmountKnown, graph.Decimal(random.IntN(1_000)*graph.DecimalScale), "TWD"
				}
			}
			if !yield(&graph.ScanChunk{Interactions: c}, nil) {
				return
			}
		}
	}
}
