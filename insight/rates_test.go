package insight

import (
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lacuna/graph"
)

const rateTable = "currency,month,rate\nUSD,2026-01,31.5\nUSD,2026-02,32\nJPY,,0.2055\nJPY,2026-02,0.21\n"

func mustRates(t *testing.T, own, text string) *Rates {
	t.Helper()
	r, err := ParseRates(own, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestParseRates(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "line 1: must be the columns currency,month,rate",
		"currency,rate\n":                     "line 1: must be the columns",
		"currency,month,rate\nEuro,,1":        `line 2: currency: "Euro" is not an ISO 4217 currency code`,
		"currency,month,rate\nTWD,,1":         "line 2: currency: TWD is what figures are in",
		"currency,month,rate\nEUR,March,1":    `line 2: month: "March" is not a month such as 2026-03`,
		"currency,month,rate\nEUR,,1\nEUR,,2": "line 3: EUR has a rate for this month already",
		"currency,month,rate\nEUR,,0":         `line 2: rate: "0" is not a decimal number above 0`,
		"currency,month,rate\nEUR,,-1":        `line 2: rate: "-1"`,
		"currency,month,rate\nEUR,,1e3":       `line 2: rate: "1e3"`,
		"currency,month,rate\nEUR,,10000000":  `line 2: rate: "10000000"`,
		"currency,month,rate\nEUR,,NaN":       `line 2: rate: "NaN"`,
		"currency,month,rate\nEUR,":           "line 2",
	} {
		if _, err := ParseRates("TWD", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := ParseRates("TWD", strings.NewReader("\ufeff"+rateTable)); err != nil {
		t.Errorf("with a byte order mark: %v", err)
	}
}

// TestConvert compares with exact fractions.
func TestConvert(t *testing.T) {
	rates := mustRates(t, "TWD", rateTable)
	random := rand.New(rand.NewPCG(1, 30))
	for range 20_000 {
		amount := graph.Decimal(random.Int64() >> random.IntN(63))
		if random.IntN(2) == 0 {
			amount = -amount
		}
		month := 1 + random.IntN(2)
		want := new(big.Rat).Mul(big.NewRat(int64(amount), 1), map[int]*big.Rat{1: big.NewRat(63, 2), 2: big.NewRat(32, 1)}[month])
		half := big.NewRat(int64(want.Sign()), 2)
		whole := new(big.Int).Quo(want.Add(want, half).Num(), want.Denom())
		got, ok := rates.convert(amount, "USD", time.Date(2026, time.Month(month), 10, 0, 0, 0, 0, time.UTC))
		if ok != whole.IsInt64() || ok && int64(got) != whole.Int64() {
			t.Fatalf("convert(%d) = %d, %v, want %v", int64(amount), int64(got), ok, whole)
		}
	}
}

// TestRates adds up what was paid in three currencies, each by the rate of its month in the zone.
func TestRates(t *testing.T) {
	store := newStore(t)
	paid := func(id, currency, amount, at string) graph.Interaction {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		d, err := graph.ParseDecimal(amount)
		if err != nil {
			t.Fatal(err)
		}
		return graph.Interaction{ID: id, Customer: graph.ByID("ann"), Type: graph.Purchase, At: when, Amount: graph.Some(d), Currency: currency, Source: "test"}
	}
	c := &chaos{store: store}
	c.write(t, &graph.Batch{Interactions: []graph.Interaction{
		paid("1", "TWD", "100", "2026-01-05T00:00:00Z"), paid("2", "USD", "10", "2026-01-31T15:59:59Z"),
		paid("3", "USD", "10", "2026-01-31T16:00:00Z"), // February in Taipei
		paid("4", "JPY", "1000", "2026-01-20T00:00:00Z"), paid("5", "JPY", "1000", "2026-02-20T00:00:00Z"),
	}})
	read := func(rates *Rates) *View {
		o := options()
		o.Rates = rates
		w := newWriter(store, o)
		at, err := store.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.scan(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		stats, err := store.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return w.view(at, stats)
	}
	revenue := func(v *View) *Table {
		table, err := v.Demand(t.Context(), DemandQuery{Measures: []Measure{Revenue}})
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	got := revenue(read(mustRates(t, "TWD", rateTable)))
	const want = 100 + 315 + 320 + 205.5 + 210
	if got.Numbers[0].Values[0] != want || got.Currency != "TWD" || got.Reason != "" {
		t.Errorf("revenue is %v %s %s, want %v TWD", got.Numbers[0], got.Currency, got.Reason, want)
	}
	monetary := graph.Rule{Event: &graph.EventRule{Sum: &graph.SumRange{Of: graph.SumAmount, Gte: graph.Some(graph.Decimal(want * graph.DecimalScale))}}}
	if found := ids(t, read(mustRates(t, "TWD", rateTable)), monetary, time.Time{}); len(found) != 1 {
		t.Errorf("a rule that adds amounts up finds %v", found)
	}
	lacking := read(mustRates(t, "TWD", "currency,month,rate\nUSD,2026-01,31.5\nJPY,,0.2"))
	if got := revenue(lacking); got.Reason != reasonMixed {
		t.Errorf("without a rate for February the reason is %q, want %s", got.Reason, reasonMixed)
	}
	if _, err := lacking.Compile(monetary, "rule"); err == nil || !strings.Contains(err.Error(), "of months without a rate (there are ") {
		t.Errorf("a rule that adds up is %v", err)
	}
}

// TestSnapshotOfOtherRates holds that amounts converted by other rates are not taken over.
func TestSnapshotOfOtherRates(t *testing.T) {
	store := newStore(t)
	c := &chaos{Rand: rand.New(rand.NewPCG(1, 31)), store: store}
	c.begin(t)
	f := follow(t, store)
	path := filepath.Join(t.TempDir(), "figures")
	f.writer.options.Rates = mustRates(t, "EUR", "currency,month,rate\nTWD,,0.027")
	if err := f.writer.save(path, f.at); err != nil {
		t.Fatal(err)
	}
	for name, rates := range map[string]*Rates{
		"none": nil, "others": mustRates(t, "EUR", "currency,month,rate\nTWD,,0.028"), "of another currency": mustRates(t, "USD", "currency,month,rate\nTWD,,0.027"),
	} {
		o := options()
		o.Rates = rates
		if _, err := newWriter(store, o).restore(t.Context(), path); err == nil {
			t.Errorf("a snapshot is of use with other rates: %s", name)
		}
	}
	o := options()
	o.Rates = mustRates(t, "EUR", "currency,month,rate\nTWD,,0.027")
	if _, err := newWriter(store, o).restore(t.Context(), path); err != nil {
		t.Errorf("with the same rates: %v", err)
	}
}
