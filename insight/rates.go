package insight

import (
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/bits"
	"strings"
	"time"

	"lacuna/graph"
)

// Rates tell what one unit of other currencies is worth in the currency of figures.
type Rates struct {
	currency string
	months   map[rateKey]uint64 // in units of 1/rateScale
	digest   [sha256.Size]byte  // of what they say
}

type rateKey struct {
	currency string
	year     int
	month    time.Month // 0, of year 0, for months that are not listed
}

const rateScale = 1_000_000_000_000

// ParseRates reads a table of rates: CSV with the columns currency, month (2026-03, or empty for all months that are not listed) and
// rate, how many of one's own currency one unit is. What is wrong is an error that names the line.
func ParseRates(own string, r io.Reader) (*Rates, error) {
	rates := &Rates{currency: own, months: map[rateKey]uint64{}}
	hash := sha256.New()
	reader := csv.NewReader(io.TeeReader(r, hash))
	reader.FieldsPerRecord = 3
	head, err := reader.Read()
	if err != nil || strings.TrimPrefix(strings.Join(head, ","), "\ufeff") != "currency,month,rate" {
		return nil, errors.New("line 1: must be the columns currency,month,rate")
	}
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := reader.FieldPos(0)
		if err := rates.add(row[0], row[1], row[2]); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	_, _ = io.WriteString(hash, own)
	hash.Sum(rates.digest[:0])
	return rates, nil
}

func (r *Rates) add(currency, month, rate string) error {
	switch {
	case !graph.ValidCurrency(currency):
		return fmt.Errorf("currency: %q is not an ISO 4217 currency code such as EUR", graph.Clip(currency))
	case currency == r.currency:
		return fmt.Errorf("currency: %s is what figures are in, and needs no rate", currency)
	}
	key := rateKey{currency: currency}
	if month != "" {
		t, err := time.Parse("2006-01", month)
		if err != nil {
			return fmt.Errorf("month: %q is not a month such as 2026-03", graph.Clip(month))
		}
		key.year, key.month = t.Year(), t.Month()
	}
	if _, twice := r.months[key]; twice {
		return fmt.Errorf("%s has a rate for this month already", currency)
	}
	scaled, ok := scaledRate(rate)
	if !ok {
		return fmt.Errorf("rate: %q is not a decimal number above 0 and below ten million", graph.Clip(rate))
	}
	r.months[key] = scaled
	return nil
}

// scaledRate reads a decimal number.
func scaledRate(text string) (scaled uint64, ok bool) {
	if len(text) > 40 || text == "" || strings.Trim(text, "0123456789.") != "" {
		return 0, false
	}
	rate, ok := new(big.Rat).SetString(text)
	if !ok || rate.Cmp(big.NewRat(10_000_000, 1)) >= 0 {
		return 0, false
	}
	rate.Mul(rate, big.NewRat(rateScale, 1)).Add(rate, big.NewRat(1, 2))
	scaled = new(big.Int).Quo(rate.Num(), rate.Denom()).Uint64()
	return scaled, scaled > 0
}

// convert gives an amount in the currency of figures, rounded half away from zero, by the rate of the month in a zone. It is not ok without
// such a rate, or where the amount does not fit.
func (r *Rates) convert(amount graph.Decimal, currency string, at time.Time) (own graph.Decimal, ok bool) {
	if currency == r.currency {
		return amount, true
	}
	year, month, _ := at.Date()
	rate, ok := r.months[rateKey{currency, year, month}]
	if !ok {
		if rate, ok = r.months[rateKey{currency: currency}]; !ok {
			return 0, false
		}
	}
	size := uint64(amount)
	if amount < 0 {
		size = -size
	}
	high, low := bits.Mul64(size, rate)
	low, carry := bits.Add64(low, rateScale/2, 0)
	if high += carry; high >= rateScale {
		return 0, false
	}
	size, _ = bits.Div64(high, low, rateScale)
	if size > math.MaxInt64 {
		return 0, false
	}
	if own = graph.Decimal(size); amount < 0 {
		own = -own
	}
	return own, true
}

// rates names the rates by which amounts are converted, and the zone of their months.
func (o *Options) rates() string {
	if o.Rates == nil {
		return ""
	}
	return fmt.Sprintf("%x %s", o.Rates.digest, o.Zone)
}

// money gives an amount as figures add it up: in their own currency, where there is a rate.
func (w *writer) money(amount graph.Decimal, currency string, at moment) money {
	if r := w.options.Rates; r != nil {
		if own, ok := r.convert(amount, currency, at.time().In(w.options.Zone)); ok {
			return money{own, w.currency(r.currency)}
		}
	}
	return money{amount, w.currency(currency)}
}
