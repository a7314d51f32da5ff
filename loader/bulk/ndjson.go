package bulk

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"

	"lacuna/graph"
)

// maxColumns is how many different keys the objects of one file may have.
const maxColumns = 10_000

// lineReader gives the lines of a text that are not blank as records without cells.
type lineReader struct {
	lines  *lines
	read   *atomic.Int64
	closer io.Closer
}

func (l *lineReader) bytes() int64 { return l.read.Load() }
func (l *lineReader) Close() error { return l.closer.Close() }

func (l *lineReader) nextLine(r *record) error {
	for {
		size, err := l.lines.end(0)
		r.line = l.lines.line
		if errors.Is(err, errLongRow) {
			return rejectLongLine(l.lines, r)
		}
		if err != nil {
			return endError(l.lines.line, err)
		}
		text := trimBreak(l.lines.text(size))
		l.lines.take(size, 1)
		if r.line == 1 {
			text = strings.TrimPrefix(text, byteOrderMark)
		}
		if strings.TrimLeft(text, " \t\r") == "" {
			continue
		}
		r.raw, r.size, r.items = rawRow{text: text}, len(text), r.items[:0]
		return nil
	}
}

// ndjsonReader reads one JSON object a line. Keys become columns as they are met; the members of "attr" and "attributes"
// become columns "attr.<key>". Numbers keep their literal, so that money is exact.
type ndjsonReader struct {
	lineReader

	names   []string
	numbers map[string]int // of columns, by name
	inRow   []int64        // by column: the last row that had it
	row     int64
	buf     bytes.Buffer
	decoder *jsontext.Decoder
	cells   []cell
	cols    []int
}

func newNDJSONReader(r io.Reader, read *atomic.Int64, closer io.Closer) *ndjsonReader {
	n := &ndjsonReader{lineReader: lineReader{lines: newLines(r), read: read, closer: closer}, numbers: map[string]int{}}
	n.decoder = jsontext.NewDecoder(&n.buf)
	return n
}

func (n *ndjsonReader) columns() []string { return n.names }
func (n *ndjsonReader) fixed() bool       { return false }
func (n *ndjsonReader) typed() bool       { return false }

func (n *ndjsonReader) next(r *record) error {
	if err := n.nextLine(r); err != nil {
		return err
	}
	return n.parse(r, r.raw.text)
}

// parse reads one object into the record.
func (n *ndjsonReader) parse(r *record, text string) error {
	n.row++
	n.cells, n.cols = n.cells[:0], n.cols[:0]
	n.buf.Reset()
	n.buf.WriteString(text)
	n.decoder.Reset(&n.buf)
	if n.decoder.PeekKind() != '{' {
		return graph.Reject(RejectBadJSON, "", "is not a JSON object: write one object a line")
	}
	if rejection := n.object(r, text, ""); rejection != nil {
		return rejection
	}
	if _, err := n.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return graph.Reject(RejectBadJSON, "", "goes on after the object's end: write one object a line")
	}
	r.cells, r.columns = n.cells, n.cols
	return nil
}

// object reads the members of an object, whose names get a prefix.
func (n *ndjsonReader) object(r *record, text, prefix string) *graph.Rejection {
	if _, err := n.decoder.ReadToken(); err != nil {
		return badJSON(err)
	}
	for n.decoder.PeekKind() != '}' {
		key, err := n.decoder.ReadValue()
		if err != nil {
			return badJSON(err)
		}
		name, _ := stringText(text, key, n.decoder.InputOffset())
		kind := n.decoder.PeekKind()
		if kind == '{' && prefix == "" && (name == "attr" || name == "attributes") {
			if rejection := n.object(r, text, attributePrefix); rejection != nil {
				return rejection
			}
			continue
		}
		value, err := n.decoder.ReadValue()
		if err != nil {
			return badJSON(err)
		}
		column, rejection := n.column(prefix, name)
		if rejection != nil {
			return rejection
		}
		n.cells, n.cols = append(n.cells, cell{}), append(n.cols, column)
		n.setCell(r, &n.cells[len(n.cells)-1], text, value, kind)
	}
	if _, err := n.decoder.ReadToken(); err != nil {
		return badJSON(err)
	}
	return nil
}

// column gives the number of a column, which the row must not have had yet.
func (n *ndjsonReader) column(prefix, name string) (int, *graph.Rejection) {
	if prefix != "" {
		name = prefix + name
	}
	i, ok := n.numbers[name]
	if !ok {
		if len(n.names) >= maxColumns {
			return 0, graph.Reject(graph.RejectTooMany, "", "the file has more than %d different keys", maxColumns)
		}
		name = strings.Clone(name)
		i = len(n.names)
		n.names, n.inRow = append(n.names, name), append(n.inRow, 0)
		n.numbers[name] = i
	}
	if n.inRow[i] == n.row {
		return 0, graph.Reject(RejectBadJSON, graph.Clip(name), "is given twice")
	}
	n.inRow[i] = n.row
	return i, nil
}

func (n *ndjsonReader) setCell(r *record, c *cell, text string, value jsontext.Value, kind jsontext.Kind) {
	end := n.decoder.InputOffset()
	switch kind {
	case '"':
		if c.text, c.own = stringText(text, value, end); c.text != "" {
			c.kind = stringCell
		}
	case '0':
		c.kind, c.text = numberCell, literal(text, value, end)
	case 't':
		c.kind, c.num = boolCell, 1
	case 'f':
		c.kind = boolCell
	case '[':
		n.setList(r, c, literal(text, value, end))
	case '{':
		c.kind, c.text = jsonCell, literal(text, value, end)
	}
}

// setList makes a list of texts of an array of texts and numbers; any other array stays JSON.
func (n *ndjsonReader) setList(r *record, c *cell, array string) {
	from := len(r.items)
	decoder := jsontext.NewDecoder(bytes.NewBufferString(array))
	_, _ = decoder.ReadToken() // The array was read before, so nothing in it can fail.
	for decoder.PeekKind() != ']' {
		kind := decoder.PeekKind()
		value, err := decoder.ReadValue()
		if err != nil || (kind != '"' && kind != '0') {
			r.items = r.items[:from]
			c.kind, c.text = jsonCell, array
			return
		}
		if kind == '0' {
			r.items = append(r.items, literal(array, value, decoder.InputOffset()))
			continue
		}
		item, _ := stringText(array, value, decoder.InputOffset())
		r.items = append(r.items, item)
	}
	if len(r.items) > from {
		c.setList(from, len(r.items))
	}
}

// literal gives the part of text that a value just read, which ends at end, was read from.
func literal(text string, value jsontext.Value, end int64) string {
	return text[end-int64(len(value)) : end]
}

// stringText gives what a JSON string says: a part of text, or a text of its own where escapes had to be resolved.
func stringText(text string, value jsontext.Value, end int64) (s string, own bool) {
	if bytes.IndexByte(value, '\\') < 0 {
		quoted := literal(text, value, end)
		return quoted[1 : len(quoted)-1], false
	}
	unquoted, err := jsontext.AppendUnquote(nil, []byte(value))
	if err != nil {
		return "", true // A value that was read is well formed.
	}
	return string(unquoted), true
}

// badJSON says what is wrong without repeating any of the row.
func badJSON(err error) *graph.Rejection {
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return graph.Reject(RejectBadJSON, "", "has a key twice")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return graph.Reject(RejectBadJSON, "", "ends in the middle of the object: write one object a line, or was the file cut off?")
	case strings.Contains(err.Error(), "UTF-8"):
		return graph.Reject(graph.RejectBadText, "", "is not valid UTF-8: save the file as UTF-8")
	case strings.Contains(err.Error(), "depth"):
		return graph.Reject(RejectBadJSON, "", "is nested too deeply")
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return graph.Reject(RejectBadJSON, "", "is not valid JSON at byte %d", syntax.ByteOffset+1)
	}
	return graph.Reject(RejectBadJSON, "", "is not valid JSON")
}
