package bulk

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxRowBytes is how long a row of text may be. What is longer is rejected and skipped without being held in memory.
const maxRowBytes = 1 << 20

// blockBytes is how much is read at a time.
const blockBytes = 256 << 10

// errLongRow marks a line beyond maxRowBytes.
var errLongRow = errors.New("row is too long")

// lines splits a stream into physical lines. Lines are parts of a block of text, so that a line costs no allocation.
type lines struct {
	r     io.Reader
	buf   []byte
	block string // what is read and not yet taken, and nothing else before pos
	pos   int
	line  int64 // number of the line at pos, from 1
	err   error // why no more can be read; io.EOF at the end
}

func newLines(r io.Reader) *lines {
	return &lines{r: r, buf: make([]byte, blockBytes), line: 1}
}

// fill reads another block behind what is left of the present one. It answers false when there is no more.
func (l *lines) fill() bool {
	n := 0
	for n < len(l.buf) && l.err == nil {
		var got int
		got, l.err = l.r.Read(l.buf[n:])
		n += got
	}
	if n > 0 {
		l.block, l.pos = l.block[l.pos:]+string(l.buf[:n]), 0
	}
	return n > 0
}

// end gives the length, counted from pos, of what ends with the line that begins at from, also counted from pos, its
// line break included; it reads on as needed. Beyond maxRowBytes it is errLongRow. At the end of the stream a last line
// without a break counts; where nothing is left, or an error cut the line off, it is the stream's error.
func (l *lines) end(from int) (int, error) {
	searched := from
	for {
		rest := l.block[l.pos:]
		if i := strings.IndexByte(rest[searched:], '\n'); i >= 0 {
			if searched+i > maxRowBytes {
				return 0, errLongRow
			}
			return searched + i + 1, nil
		}
		if len(rest) > maxRowBytes {
			return 0, errLongRow
		}
		searched = len(rest)
		if !l.fill() {
			if errors.Is(l.err, io.EOF) && from < len(rest) {
				return len(rest), nil
			}
			return 0, l.err
		}
	}
}

// text gives the next n bytes.
func (l *lines) text(n int) string { return l.block[l.pos : l.pos+n] }

// take moves on by n bytes, which are so many lines.
func (l *lines) take(n int, physicalLines int64) {
	l.pos += n
	l.line += physicalLines
}

// skipLine moves past a line that is too long, holding no more of it than a block.
func (l *lines) skipLine() error {
	for {
		if i := strings.IndexByte(l.block[l.pos:], '\n'); i >= 0 {
			l.take(i+1, 1)
			return nil
		}
		l.pos = len(l.block)
		if !l.fill() {
			if errors.Is(l.err, io.EOF) {
				l.line++
				return nil
			}
			return l.err
		}
	}
}

// trimBreak removes the line break.
func trimBreak(line string) string {
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
}

// readError says at which line a file could not be read further.
func readError(line int64, err error) error {
	return fmt.Errorf("line %d: %w", line, damaged(err))
}
