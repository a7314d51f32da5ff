package bulk

import (
	"encoding/hex"
	"math"
	"math/big"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// converter chooses how the values of a Parquet type become cells.
func converter(t parquet.Type) func(*parquet.Value, *cell) {
	var logical format.LogicalTypeValue
	if l := t.LogicalType(); l != nil {
		logical = l.Value
	}
	switch kind := t.Kind(); kind {
	case parquet.Boolean:
		return booleanCell
	case parquet.Float:
		return func(v *parquet.Value, c *cell) { setFloat(c, widen(v.Float())) }
	case parquet.Double:
		return func(v *parquet.Value, c *cell) { setFloat(c, v.Double()) }
	case parquet.Int96:
		return int96Cell
	case parquet.Int32, parquet.Int64:
		return integerConverter(kind, logical)
	default:
		return bytesConverter(logical)
	}
}

func booleanCell(v *parquet.Value, c *cell) {
	c.kind = boolCell
	if v.Boolean() {
		c.num = 1
	}
}

func setFloat(c *cell, f float64) { c.kind, c.num = floatCell, int64(math.Float64bits(f)) }

// widen gives the double that is written like the float: 0.1 stays 0.1.
func widen(f float32) float64 {
	wide, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil {
		return float64(f) // NaN and infinities parse, so this does not happen.
	}
	return wide
}

// int96Cell reads the time of older writers: nanoseconds of the day, and the Julian day.
func int96Cell(v *parquet.Value, c *cell) {
	const julianDayOf1970 = 2440588
	raw := v.Int96()
	nanos := int64(uint64(raw[1])<<32 | uint64(raw[0]))
	day := int64(int32(raw[2])) - julianDayOf1970
	c.kind, c.num = instantCell, day*86_400_000_000+nanos/1000
}

func integerConverter(kind parquet.Kind, logical format.LogicalTypeValue) func(*parquet.Value, *cell) {
	number := func(v *parquet.Value) int64 { return v.Int64() }
	if kind == parquet.Int32 {
		number = func(v *parquet.Value) int64 { return int64(v.Int32()) }
	}
	switch l := logical.(type) {
	case *format.DateType:
		return func(v *parquet.Value, c *cell) { c.kind, c.num = dateCell, number(v) }
	case *format.DecimalType:
		if l.Scale < 0 || l.Scale > 18 {
			return func(_ *parquet.Value, c *cell) {
				c.kind, c.text = badCell, "is a decimal with more places than can be read"
			}
		}
		return func(v *parquet.Value, c *cell) { c.kind, c.num, c.scale = decimalCell, number(v), uint8(l.Scale) }
	case *format.TimestampType:
		return timestampConverter(l)
	case *format.TimeType:
		return func(_ *parquet.Value, c *cell) { c.kind, c.text = badCell, "is a time of day" }
	case *format.IntType:
		if !l.IsSigned {
			return unsignedConverter(kind)
		}
	}
	return func(v *parquet.Value, c *cell) { c.kind, c.num = intCell, number(v) }
}

func unsignedConverter(kind parquet.Kind) func(*parquet.Value, *cell) {
	return func(v *parquet.Value, c *cell) {
		n := v.Uint64()
		if kind == parquet.Int32 {
			n = uint64(v.Uint32())
		}
		if n <= math.MaxInt64 {
			c.kind, c.num = intCell, int64(n)
			return
		}
		c.kind, c.text, c.own = numberCell, strconv.FormatUint(n, 10), true
	}
}

func timestampConverter(t *format.TimestampType) func(*parquet.Value, *cell) {
	kind := localCell
	if t.IsAdjustedToUTC {
		kind = instantCell
	}
	switch t.Unit.Value.(type) {
	case *format.MilliSeconds:
		return func(v *parquet.Value, c *cell) {
			if n := v.Int64(); n > math.MaxInt64/1000 || n < math.MinInt64/1000 {
				c.kind, c.text = badCell, "is a time too far away"
			} else {
				c.kind, c.num = kind, n*1000
			}
		}
	case *format.NanoSeconds:
		return func(v *parquet.Value, c *cell) {
			n := v.Int64()
			micros := n / 1000
			if n%1000 < 0 {
				micros-- // Cut towards the past, before 1970 too.
			}
			c.kind, c.num = kind, micros
		}
	default:
		return func(v *parquet.Value, c *cell) { c.kind, c.num = kind, v.Int64() }
	}
}

func bytesConverter(logical format.LogicalTypeValue) func(*parquet.Value, *cell) {
	switch l := logical.(type) {
	case *format.DecimalType:
		return func(v *parquet.Value, c *cell) { bigDecimal(v.ByteArray(), int(l.Scale), c) }
	case *format.UUIDType:
		return func(v *parquet.Value, c *cell) {
			h := hex.EncodeToString(v.ByteArray())
			if len(h) == 32 {
				h = h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
			}
			c.kind, c.text, c.own = stringCell, h, true
		}
	}
	return func(v *parquet.Value, c *cell) {
		if b := v.ByteArray(); len(b) > 0 {
			c.kind, c.text, c.own = stringCell, string(b), true
		}
	}
}

// bigDecimal reads a decimal written as a big-endian two's complement of any length.
func bigDecimal(b []byte, scale int, c *cell) {
	if len(b) > 32 || scale < 0 || scale > 64 {
		c.kind, c.text = badCell, "is a decimal with more digits than can be read"
		return
	}
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	if n.IsInt64() && scale <= 18 {
		c.kind, c.num, c.scale = decimalCell, n.Int64(), uint8(scale)
		return
	}
	c.kind, c.text, c.own = numberCell, new(big.Rat).SetFrac(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)).FloatString(scale), true
}
