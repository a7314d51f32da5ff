package insight

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math"
	"time"

	"lacuna/graph"
)

// errDamaged is a snapshot that does not hold what was written.
var errDamaged = errors.New("the snapshot is damaged")

// archive writes values to a file, or reads them back, by the same calls in the same order: what is written can be read by construction.
// The first error stays.
type archive struct {
	out  *bufio.Writer // nil when reading
	in   *bufio.Reader
	left int64 // bytes that may still be read: no length is believed beyond it
	sum  hash.Hash32
	buf  []byte
	err  error
}

const archiveChunk = 1 << 16

func newArchive() *archive {
	return &archive{sum: crc32.New(crc32.MakeTable(crc32.Castagnoli)), buf: make([]byte, 0, archiveChunk)}
}

func writing(to io.Writer) *archive {
	a := newArchive()
	a.out = bufio.NewWriterSize(to, 1<<20)
	return a
}

func reading(from io.Reader, size int64) *archive {
	a := newArchive()
	a.in, a.left = bufio.NewReaderSize(from, 1<<20), size
	return a
}

// bytes writes b, or fills it.
func (a *archive) bytes(b []byte) {
	if a.err != nil {
		return
	}
	if a.out != nil {
		a.sum.Write(b)
		_, a.err = a.out.Write(b)
		return
	}
	if a.left -= int64(len(b)); a.left < 0 {
		a.err = errDamaged
		return
	}
	if _, err := io.ReadFull(a.in, b); err != nil {
		a.err = fmt.Errorf("%w: %w", errDamaged, err)
		return
	}
	a.sum.Write(b)
}

// check writes the checksum of all before, or compares it.
func (a *archive) check() {
	sum := a.sum.Sum32()
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], sum)
	if a.out != nil {
		a.bytes(b[:])
		if a.err == nil {
			a.err = a.out.Flush()
		}
		return
	}
	if a.bytes(b[:]); a.err == nil && binary.LittleEndian.Uint32(b[:]) != sum {
		a.err = errDamaged
	}
}

func (a *archive) u64(n *uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], *n)
	if a.bytes(b[:]); a.out == nil && a.err == nil {
		*n = binary.LittleEndian.Uint64(b[:])
	}
}

// number archives any integer.
func number[T ~int | ~int32 | ~int64 | ~uint8 | ~uint32 | ~uint16](a *archive, n *T) {
	x := uint64(*n)
	a.u64(&x)
	*n = T(x)
}

func (a *archive) boolean(b *bool) {
	n := 0
	if *b {
		n = 1
	}
	number(a, &n)
	*b = n != 0
}

// length archives that of a list whose entries take at least so many bytes.
func (a *archive) length(n, each int) int {
	number(a, &n)
	if a.out == nil && a.err == nil && (n < 0 || int64(n) > a.left/int64(max(each, 1))) {
		a.err = errDamaged
	}
	if a.err != nil {
		return 0
	}
	return n
}

func (a *archive) text(s *string) {
	n := a.length(len(*s), 1)
	if a.out != nil {
		a.bytes([]byte(*s))
		return
	}
	b := make([]byte, n)
	a.bytes(b)
	*s = string(b)
}

// list archives a list entry by entry.
func list[T any](a *archive, entries *[]T, each func(*T)) {
	n := a.length(len(*entries), 1)
	if a.out == nil {
		*entries = make([]T, n)
	}
	for i := range *entries {
		if each(&(*entries)[i]); a.err != nil {
			return
		}
	}
}

// integer is what columns are made of.
type integer interface {
	~uint8 | ~int32 | ~uint32 | ~int64 | ~uint64
}

// column archives a list of integers, in runs of bytes; nil stays nil.
func column[T integer](a *archive, c *[]T) {
	there := *c != nil
	if a.boolean(&there); !there {
		return
	}
	size := binary.Size(T(0))
	n := a.length(len(*c), size)
	if a.out == nil {
		*c = make([]T, n)
	}
	for part := *c; len(part) > 0 && a.err == nil; {
		k := min(len(part), archiveChunk/size)
		integers(a, part[:k], size)
		part = part[k:]
	}
}

// integers archives a run of integers of so many bytes each.
func integers[T integer](a *archive, part []T, size int) {
	b := a.buf[:len(part)*size]
	if a.out != nil {
		for i, n := range part {
			put(b[i*size:], uint64(n), size)
		}
	}
	if a.bytes(b); a.out != nil || a.err != nil {
		return
	}
	switch size {
	case 1:
		for i := range part {
			part[i] = T(b[i])
		}
	case 4:
		for i := range part {
			part[i] = T(binary.LittleEndian.Uint32(b[i*4:]))
		}
	default:
		for i := range part {
			part[i] = T(binary.LittleEndian.Uint64(b[i*8:]))
		}
	}
}

func put(b []byte, n uint64, size int) {
	switch size {
	case 1:
		b[0] = byte(n)
	case 4:
		binary.LittleEndian.PutUint32(b, uint32(n))
	default:
		binary.LittleEndian.PutUint64(b, n)
	}
}

func (a *archive) value(v *graph.Value) {
	kind, s := v.Kind(), ""
	if kind != 0 {
		s = v.String()
	}
	number(a, &kind)
	a.text(&s)
	if a.out != nil || a.err != nil || kind == 0 {
		return
	}
	var err error
	if *v, err = graph.ParseValue(s, kind); err != nil {
		a.err = errDamaged
	}
}

func (a *archive) named(v *graph.NamedValue) {
	a.text(&v.Name)
	a.value(&v.Value)
}

// moment archives a time to the microsecond; the zero time stays zero.
func (a *archive) moment(t *time.Time) {
	n := int64(math.MinInt64)
	if !t.IsZero() {
		n = t.UnixMicro()
	}
	if number(a, &n); n == math.MinInt64 {
		*t = time.Time{}
		return
	}
	*t = time.UnixMicro(n).UTC()
}

func optional[T ~int64](a *archive, o *graph.Optional[T]) {
	a.boolean(&o.Known)
	number(a, &o.Value)
}
