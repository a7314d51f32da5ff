package graph

import (
	"fmt"
	"math"
	"math/big"
	"strings"
)

// Decimal is an amount of money, a price, a quantity or a rating, in units of 1/10,000: 12.5 is 125000. Sums of more
// than ±922 trillion units do not fit and are refused where they arise.
type Decimal int64

// DecimalScale is how many Decimals make one unit.
const DecimalScale = 10_000

const decimalDigits = 4

// ParseDecimal reads "12", "-0.5", "1e3". Digits beyond the fourth decimal are rounded half away from zero. What is no
// number, or does not fit, is [ErrInvalid].
func ParseDecimal(s string) (Decimal, error) {
	if d, ok := parsePlainDecimal(s); ok {
		return d, nil
	}
	return parseAnyDecimal(s)
}

// parsePlainDecimal is the quick way for the usual case: an optional sign, digits, at most four decimals.
func parsePlainDecimal(s string) (Decimal, bool) {
	digits, negative := strings.CutPrefix(s, "-")
	if digits == "" || len(digits) > 15 {
		return 0, false
	}
	var n int64
	point, seen := -1, 0
	for i := range len(digits) {
		switch c := digits[i]; {
		case c >= '0' && c <= '9':
			n = n*10 + int64(c-'0')
			seen++
		case c == '.' && point < 0:
			point = i
		default:
			return 0, false
		}
	}
	decimals := 0
	if point >= 0 {
		decimals = len(digits) - point - 1
	}
	if seen == 0 || decimals > decimalDigits || len(digits)-decimals > 13 {
		return 0, false
	}
	for ; decimals < decimalDigits; decimals++ {
		n *= 10
	}
	if negative {
		n = -n
	}
	return Decimal(n), true
}

// parseAnyDecimal handles long fractions and exponents exactly. Text over 64 bytes or an exponent beyond two digits
// is refused before any arithmetic, which could otherwise take for ever.
func parseAnyDecimal(s string) (Decimal, error) {
	bad := func() (Decimal, error) { return 0, fmt.Errorf("not a decimal number: %w", ErrInvalid) }
	if len(s) == 0 || len(s) > 64 || strings.Trim(s, "0123456789.eE+-") != "" {
		return bad()
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 && len(strings.TrimLeft(s[i+1:], "+-0")) > 2 {
		return bad()
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return bad()
	}
	r.Mul(r, big.NewRat(DecimalScale, 1))
	half := big.NewRat(1, 2)
	if r.Sign() < 0 {
		half.Neg(half)
	}
	r.Add(r, half)
	q := new(big.Int).Quo(r.Num(), r.Denom())
	if !q.IsInt64() {
		return 0, fmt.Errorf("number is too large: %w", ErrInvalid)
	}
	return Decimal(q.Int64()), nil
}

// DecimalFromFloat rounds to the nearest 1/10,000. NaN, infinities and what does not fit are [ErrInvalid].
func DecimalFromFloat(f float64) (Decimal, error) {
	scaled := math.Round(f * DecimalScale)
	if math.IsNaN(scaled) || math.Abs(scaled) >= math.MaxInt64 {
		return 0, fmt.Errorf("not a finite number that can be kept: %w", ErrInvalid)
	}
	return Decimal(scaled), nil
}

// DecimalFromInt gives whole units; what does not fit is [ErrInvalid].
func DecimalFromInt(n int64) (Decimal, error) {
	if n > math.MaxInt64/DecimalScale || n < math.MinInt64/DecimalScale {
		return 0, fmt.Errorf("number is too large: %w", ErrInvalid)
	}
	return Decimal(n * DecimalScale), nil
}

// Float gives the nearest binary float, for statistics, never for storage.
func (d Decimal) Float() float64 { return float64(d) / DecimalScale }

// Mul gives d × other, rounded half away from zero; what does not fit is [ErrInvalid].
func (d Decimal) Mul(other Decimal) (Decimal, error) {
	product := new(big.Int).Mul(big.NewInt(int64(d)), big.NewInt(int64(other)))
	half := big.NewInt(DecimalScale / 2)
	if product.Sign() < 0 {
		half.Neg(half)
	}
	product.Quo(product.Add(product, half), big.NewInt(DecimalScale))
	if !product.IsInt64() {
		return 0, fmt.Errorf("product is too large: %w", ErrInvalid)
	}
	return Decimal(product.Int64()), nil
}

// String writes the shortest exact form: "12.5", "-3", "0".
func (d Decimal) String() string {
	sign, n := "", uint64(d)
	if d < 0 {
		sign, n = "-", -n
	}
	whole, part := n/DecimalScale, n%DecimalScale
	if part == 0 {
		return fmt.Sprintf("%s%d", sign, whole)
	}
	return strings.TrimRight(fmt.Sprintf("%s%d.%04d", sign, whole, part), "0")
}
