package graph

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseDecimal(t *testing.T) {
	for in, want := range map[string]Decimal{
		"0": 0, "-0": 0, "0.0": 0, "12": 120_000, "12.5": 125_000, "-0.5": -5_000, "+3": 30_000, ".5": 5_000, "5.": 50_000, "-.5": -5_000,
		"007": 70_000, "010": 100_000, "0.0001": 1, "0.00004": 0, "0.00005": 1, "-0.00005": -1, "-0.00004": 0, "0.00015": 2,
		"1.23456789": 12_346, "1.00005": 10_001, "1e3": 10_000_000, "1E+3": 10_000_000, "1.5e-2": 150, "-2.5e0": -25_000, "1e-99": 0,
		"5e-5": 1, "4e-5": 0, "1e00014": 1_000_000_000_000_000_000,
		"9999999999999":                1_0000_0000_0000_0000*10 - 10_000,
		"922337203685477.5807":         math.MaxInt64,
		"-922337203685477.5808":        math.MinInt64,
		"922337203685477.58074":        math.MaxInt64,
		"-922337203685477.58084":       math.MinInt64,
		"0." + strings.Repeat("3", 50): 3_333,
		"0." + strings.Repeat("9", 50): 10_000,
		"100000000000000000000e-10":    100_000_000_000_000,
	} {
		if got, err := ParseDecimal(in); err != nil || got != want {
			t.Errorf("ParseDecimal(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
}

func TestParseDecimalRefuses(t *testing.T) {
	for _, in := range []string{"", "-", "+", ".", "-.", "e", "1e", "e5", "1e5.5", "1e+", "--1", "+-1", "1-", "1,5", "1 000", " 1", "1 ", "1_000",
		"0x10", "0b1", "1/2", "1p3", "Inf", "NaN", "１", "1.2.3", "1e1e1", "1e100", "1e-100", "922337203685477.5808", "-922337203685477.5809",
		"922337203685477.58075", "1e15", "1e99", strings.Repeat("0", 65), "$1", "1\x00"} {
		if got, err := ParseDecimal(in); !errors.Is(err, ErrInvalid) || got != 0 {
			t.Errorf("ParseDecimal(%q) = %d, %v; want a refusal", in, got, err)
		}
	}
}

func TestDecimalString(t *testing.T) {
	for in, want := range map[Decimal]string{0: "0", 125_000: "12.5", -30_000: "-3", 1: "0.0001", -1: "-0.0001", 10_010: "1.001",
		100_000: "10", math.MaxInt64: "922337203685477.5807", math.MinInt64: "-922337203685477.5808"} {
		if got := in.String(); got != want {
			t.Errorf("Decimal(%d).String() = %q, want %q", int64(in), got, want)
		}
	}
}

// roundedHalfAway is the oracle: r in units of 1/10,000, false when it does not fit.
func roundedHalfAway(r *big.Rat) (Decimal, bool) {
	twice := new(big.Rat).Mul(r, big.NewRat(2*DecimalScale, 1))
	n := new(big.Int).Quo(new(big.Int).Abs(twice.Num()), twice.Denom()) // floor of 2 |r|
	n.Add(n, big.NewInt(1)).Rsh(n, 1)
	if r.Sign() < 0 {
		n.Neg(n)
	}
	return Decimal(n.Int64()), n.IsInt64()
}

func drawDecimal(t *rapid.T) Decimal { return Decimal(rapid.Int64().Draw(t, "decimal")) }

func TestDecimalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDecimal(t)
		if got, err := ParseDecimal(d.String()); err != nil || got != d {
			t.Errorf("ParseDecimal(%v) = %v, %v", d, got, err)
		}
		if got, err := DecimalFromFloat(d.Float()); d > -1<<50 && d < 1<<50 && (err != nil || got != d) {
			t.Errorf("DecimalFromFloat(%v) = %v, %v", d, got, err)
		}
	})
}

func TestParseDecimalExact(t *testing.T) {
	numbers := rapid.StringMatching(`-?[0-9]{1,18}(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?`)
	rapid.Check(t, func(t *rapid.T) {
		in := numbers.Draw(t, "number")
		r, ok := new(big.Rat).SetString(in)
		if !ok {
			t.Fatalf("%q is no number", in)
		}
		want, fits := roundedHalfAway(r)
		got, err := ParseDecimal(in)
		if fits && (err != nil || got != want) {
			t.Errorf("ParseDecimal(%q) = %v, %v; want %v", in, got, err, want)
		}
		if !fits && !errors.Is(err, ErrInvalid) {
			t.Errorf("ParseDecimal(%q) = %v, %v; want a refusal", in, got, err)
		}
	})
}

func TestDecimalMul(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawDecimal(t), drawDecimal(t)
		r := new(big.Rat).Mul(big.NewRat(int64(a), DecimalScale), big.NewRat(int64(b), DecimalScale))
		want, fits := roundedHalfAway(r)
		got, err := a.Mul(b)
		if fits && (err != nil || got != want) || !fits && !errors.Is(err, ErrInvalid) {
			t.Errorf("%v × %v = %v, %v; want %v (fits: %v)", a, b, got, err, want, fits)
		}
	})
}

func TestDecimalFrom(t *testing.T) {
	for in, want := range map[float64]Decimal{0: 0, 12.5: 125_000, -0.00006: -1, 0.1: 1_000, 0.29: 2_900, 1.005: 10_050, 9.2e14: 9_200_000_000_000_000_000} {
		if got, err := DecimalFromFloat(in); err != nil || got != want {
			t.Errorf("DecimalFromFloat(%v) = %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e15, -1e15, math.MaxFloat64} {
		if got, err := DecimalFromFloat(in); !errors.Is(err, ErrInvalid) {
			t.Errorf("DecimalFromFloat(%v) = %d, %v; want a refusal", in, got, err)
		}
	}
	for in, want := range map[int64]Decimal{0: 0, 7: 70_000, -7: -70_000, 922337203685477: 9223372036854770000, -922337203685477: -9223372036854770000} {
		if got, err := DecimalFromInt(in); err != nil || got != want {
			t.Errorf("DecimalFromInt(%d) = %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []int64{922337203685478, -922337203685478, math.MaxInt64, math.MinInt64} {
		if got, err := DecimalFromInt(in); !errors.Is(err, ErrInvalid) {
			t.Errorf("DecimalFromInt(%d) = %d, %v; want a refusal", in, got, err)
		}
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, in := range []string{"", "0", "-0", "12.5", "1e3", "1.23456789", "-922337203685477.5808", "922337203685477.58075", "1e99", "1e-99",
		".5", "5.", "+1", "010", "0x10", "1_0", "1e5e5", "9e0000000000000000000000000000000001"} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		d, err := ParseDecimal(in)
		if err != nil {
			if !errors.Is(err, ErrInvalid) || d != 0 {
				t.Fatalf("ParseDecimal(%q) = %v, %v", in, d, err)
			}
			return
		}
		if again, err := ParseDecimal(d.String()); err != nil || again != d {
			t.Fatalf("ParseDecimal(%q) is %v, read again as %v, %v", in, d, again, err)
		}
		r, ok := new(big.Rat).SetString(in)
		if want, fits := roundedHalfAway(r); !ok || !fits || want != d {
			t.Fatalf("ParseDecimal(%q) = %v, want %v", in, d, want)
		}
	})
}
