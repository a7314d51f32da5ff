package stat

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// halves are what was bought of one product by one half of the customers, in the earlier and the later half year.
type halves struct {
	units, lines [2]int64
	customers    [2]map[string]bool
}

// readHalves reads the sales of two half years to the last day of UCI Online Retail, by product and by whether the number of the customer is even.
func readHalves(t *testing.T) map[string]*[2]halves {
	t.Helper()
	rows := csv.NewReader(published(t, "online_retail/online_retail.csv.gz"))
	end := time.Date(2011, 12, 9, 12, 50, 0, 0, time.UTC)
	products := map[string]*[2]halves{}
	if _, err := rows.Read(); err != nil {
		t.Fatal(err)
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return products
		}
		if err != nil {
			t.Fatal(err)
		}
		customer, _, _ := strings.Cut(row[6], ".")
		at, err := time.Parse("2006-01-02 15:04:05", row[4])
		if err != nil {
			t.Fatal(err)
		}
		quantity := number(t, row[3])
		age := int(end.Sub(at) / (182 * 24 * time.Hour))
		if customer == "" || strings.HasPrefix(row[0], "C") || quantity <= 0 || age > 1 {
			continue
		}
		p := products[row[1]]
		if p == nil {
			p = &[2]halves{}
			for i := range p {
				p[i].customers = [2]map[string]bool{{}, {}}
			}
			products[row[1]] = p
		}
		h := &p[int(customer[len(customer)-1]-'0')%2]
		h.units[1-age] += int64(quantity)
		h.lines[1-age]++
		h.customers[1-age][customer] = true
	}
}

// TestGrowthPersists finds what grows by half of the customers, and looks at the other half: of what is found by distinct customers who grew by more than a tenth,
// at least .91 grew by half and more with others too. Plainer ways of counting find less that lasts.
func TestGrowthPersists(t *testing.T) {
	counts := func(h *halves, way string) [2]int64 {
		switch way {
		case "units":
			return h.units
		case "lines":
			return h.lines
		}
		return [2]int64{int64(len(h.customers[0])), int64(len(h.customers[1]))}
	}
	var cells []*[2]halves
	const least = 30 // customers of either half of both half years
	products := readHalves(t)
	codes := make([]string, 0, len(products))
	for code := range products {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		p := products[code]
		a, b := counts(&p[0], ""), counts(&p[1], "")
		if a[0]+a[1] >= least && b[0]+b[1] >= least {
			cells = append(cells, p)
		}
	}
	base := func(half int, way string) float64 {
		var ratios []float64
		for _, p := range cells {
			if n := counts(&p[half], way); n[0] > 0 {
				ratios = append(ratios, float64(n[1])/float64(n[0]))
			}
		}
		slices.Sort(ratios)
		return ratios[len(ratios)/2]
	}
	beyond := base(1, "")
	lasts := func(p *[2]halves) bool {
		n := counts(&p[1], "")
		return float64(n[1]) > 1.5*beyond*float64(n[0])
	}
	share := func(way string, minimum float64) float64 {
		f := base(0, way)
		var p []float64
		for _, cell := range cells {
			n := counts(&cell[0], way)
			chance, ok := GrowthChance(n[0], n[1], f, minimum)
			if !ok {
				chance = 1
			}
			p = append(p, chance)
		}
		hits, all := 0., 0.
		for i, q := range BenjaminiHochberg(p) {
			if q <= .1 {
				all++
				if lasts(cells[i]) {
					hits++
				}
			}
		}
		return hits / all
	}
	usual := 0.
	for _, p := range cells {
		if lasts(p) {
			usual += 1 / float64(len(cells))
		}
	}
	units, lines, customers, beyondTenth := share("units", 0), share("lines", 0), share("customers", 0), share("customers", .1)
	t.Logf("of %d products %.3f grew; of those found by units %.3f, by lines %.3f, by customers %.3f, by a tenth more customers %.3f", len(cells), usual, units, lines, customers, beyondTenth)
	if !(usual < units && units < lines && lines < customers && customers < beyondTenth) || beyondTenth < .91 {
		t.Error("want each more than the one before, and at least .910 of the last")
	}
}
