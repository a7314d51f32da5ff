package bulk

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"lacuna/graph"
)

// csvReader reads CSV with a header. Rows without quotes are split here; those with quotes are parsed by encoding/csv,
// one row at a time, so that one broken quote costs one row and not the rest of the file.
type csvReader struct {
	lines     *lines
	delimiter byte
	names     []string
	cells     []cell
	quoted    *csv.Reader
	feed      *strings.Reader
	read      *atomic.Int64
	closer    io.Closer
}

// newCSVReader reads the header. Its errors do not name the file.
func newCSVReader(r io.Reader, read *atomic.Int64, closer io.Closer) (*csvReader, error) {
	c := &csvReader{lines: newLines(r), feed: strings.NewReader(""), read: read, closer: closer}
	header, err := c.readHeader()
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, name := range header {
		if name != "" && seen[name] {
			return nil, fmt.Errorf("column %q stands twice in the header: remove or rename one", graph.Clip(name))
		}
		seen[name] = true
	}
	c.names = header
	c.cells = make([]cell, len(header))
	c.quoted.FieldsPerRecord = -1
	return c, nil
}

// readHeader finds the first line that is not blank and settles the delimiter by it.
func (c *csvReader) readHeader() ([]string, error) {
	for first := true; ; first = false {
		n, err := c.lines.end(0)
		if errors.Is(err, io.EOF) {
			return nil, errors.New("has no header: its first line must name the columns")
		}
		if errors.Is(err, errLongRow) {
			return nil, fmt.Errorf("its first line is longer than %d bytes: its first line must name the columns", maxRowBytes)
		}
		if err != nil {
			return nil, readError(c.lines.line, err)
		}
		line := trimBreak(c.lines.text(n))
		if first {
			line = strings.TrimPrefix(line, byteOrderMark)
		}
		c.lines.take(n, 1)
		if strings.TrimSpace(line) == "" {
			continue
		}
		return c.parseHeader(line)
	}
}

func (c *csvReader) parseHeader(line string) ([]string, error) {
	if !utf8.ValidString(line) || strings.IndexByte(line, 0) >= 0 {
		return nil, errors.New("its header is not valid UTF-8 text: save the file as UTF-8")
	}
	if strings.IndexByte(line, '\r') >= 0 {
		return nil, errors.New("its lines end in carriage returns alone: save it with the line breaks of Linux or Windows")
	}
	c.delimiter = sniffDelimiter(line)
	c.quoted = csv.NewReader(c.feed)
	c.quoted.Comma = rune(c.delimiter)
	c.quoted.ReuseRecord = true
	c.feed.Reset(line)
	fields, err := c.quoted.Read()
	if err != nil {
		return nil, errors.New("its header has broken quotes: a quote must be closed, and doubled within quotes")
	}
	header := make([]string, len(fields))
	for i, f := range fields {
		header[i] = strings.Clone(strings.TrimSpace(f))
	}
	return header, nil
}

// sniffDelimiter takes the character that stands most often in the header, outside quotes.
func sniffDelimiter(header string) byte {
	counts := map[byte]int{}
	inQuotes := false
	for i := range len(header) {
		if header[i] == '"' {
			inQuotes = !inQuotes
		} else if !inQuotes {
			counts[header[i]]++
		}
	}
	best := byte(',')
	for _, d := range []byte{';', '\t', '|'} {
		if counts[d] > counts[best] {
			best = d
		}
	}
	return best
}

func (c *csvReader) columns() []string { return c.names }
func (c *csvReader) fixed() bool       { return true }
func (c *csvReader) typed() bool       { return false }
func (c *csvReader) bytes() int64      { return c.read.Load() }
func (c *csvReader) Close() error      { return c.closer.Close() }

func (c *csvReader) next(r *record) error {
	for {
		n, err := c.lines.end(0)
		r.line = c.lines.line
		if errors.Is(err, errLongRow) {
			return c.rejectLongLine(r)
		}
		if err != nil {
			return endError(c.lines.line, err)
		}
		line := c.lines.text(n)
		text := trimBreak(line)
		if text == "" {
			c.lines.take(n, 1)
			continue
		}
		r.cells, r.columns, r.items = c.cells, nil, r.items[:0]
		if strings.IndexByte(text, '"') >= 0 {
			return c.nextQuoted(r, n)
		}
		c.lines.take(n, 1)
		r.raw, r.size = rawRow{text: text}, len(text)
		return c.split(text)
	}
}

// split cuts a row without quotes into cells.
func (c *csvReader) split(text string) error {
	last := len(c.cells) - 1
	rest := text
	for i := range c.cells {
		at := strings.IndexByte(rest, c.delimiter)
		if (at < 0) != (i == last) {
			return c.wrongCount(strings.Count(text, string(c.delimiter)) + 1)
		}
		if i == last {
			setText(&c.cells[i], rest)
			break
		}
		setText(&c.cells[i], rest[:at])
		rest = rest[at+1:]
	}
	return nil
}

func setText(c *cell, text string) {
	if text == "" {
		*c = cell{}
		return
	}
	*c = cell{kind: textCell, text: text}
}

func (c *csvReader) wrongCount(got int) *graph.Rejection {
	return graph.Reject(RejectFieldCount, "", "has %d fields, the header has %d: put quotes around a field that contains %q",
		got, len(c.names), string(c.delimiter))
}

// nextQuoted reads the row whose first physical line has n bytes and contains a quote. While the count of quotes is odd
// the row goes on with the next line. When what was joined is no row, its first line alone is rejected.
func (c *csvReader) nextQuoted(r *record, n int) error {
	first, physical := n, int64(1)
	quotes := strings.Count(c.lines.text(n), `"`)
	for quotes%2 == 1 {
		if physical == 1 && c.hasBareQuote(c.lines.text(n)) {
			break
		}
		end, err := c.lines.end(n)
		if err != nil {
			break // The row does not end, within what a row may have or the file has: its quotes are broken.
		}
		quotes += strings.Count(c.lines.text(end)[n:], `"`)
		n = end
		physical++
	}
	if physical == 1 || quotes%2 == 0 {
		text := c.lines.text(n)
		fields, err := c.parse(text)
		if err == nil && (physical == 1 || len(fields) == len(c.names)) {
			c.lines.take(n, physical)
			return c.takeFields(r, trimBreak(text), fields)
		}
	}
	text := trimBreak(c.lines.text(first))
	c.lines.take(first, 1)
	r.raw, r.size = rawRow{text: text}, len(text)
	return graph.Reject(RejectBrokenQuotes, "",
		"has broken quotes: close each quote, write a quote within quotes twice, and put the whole field in quotes")
}

// hasBareQuote tells whether a quote stands in the middle of a field that does not begin with one, which no further
// line can mend.
func (c *csvReader) hasBareQuote(line string) bool {
	_, err := c.parse(line)
	return errors.Is(err, csv.ErrBareQuote)
}

func (c *csvReader) parse(text string) ([]string, error) {
	c.feed.Reset(text)
	fields, err := c.quoted.Read()
	if err != nil {
		c.quoted = csv.NewReader(c.feed) // What the failed row left in its buffer is gone with it.
		c.quoted.Comma, c.quoted.ReuseRecord, c.quoted.FieldsPerRecord = rune(c.delimiter), true, -1
		return nil, fmt.Errorf("parse row: %w", err)
	}
	return fields, nil
}

func (c *csvReader) takeFields(r *record, text string, fields []string) error {
	r.raw, r.size = rawRow{text: text}, len(text)
	if len(fields) != len(c.cells) {
		return c.wrongCount(len(fields))
	}
	for i, f := range fields {
		setText(&c.cells[i], f)
	}
	return nil
}

func (c *csvReader) rejectLongLine(r *record) error { return rejectLongLine(c.lines, r) }

// rejectLongLine skips a line that is too long and keeps its beginning for the rejects.
func rejectLongLine(l *lines, r *record) error {
	r.raw, r.size = rawRow{text: strings.Clone(l.text(min(maxRejectedRow, len(l.block)-l.pos)))}, maxRejectedRow
	if err := l.skipLine(); err != nil {
		return endError(r.line, err)
	}
	return graph.Reject(graph.RejectTooLong, "", "is longer than %d bytes: is a line break or a closing quote missing?", maxRowBytes)
}

// endError is io.EOF at the end of a file, and otherwise says where reading failed.
func endError(line int64, err error) error {
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return io.EOF
	}
	return readError(line, err)
}
