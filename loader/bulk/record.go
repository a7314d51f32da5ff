package bulk

import (
	"errors"
	"iter"

	"lacuna/graph"
)

// cellKind is how a cell's value came.
type cellKind uint8

const (
	noCell      cellKind = iota // empty: says nothing
	textCell                    // text, as in CSV, where every type comes as text
	stringCell                  // text that the format itself calls a string (JSON, Parquet)
	numberCell                  // text is the number's exact literal (JSON)
	intCell                     // num
	floatCell                   // num is the bits of a float64
	decimalCell                 // num × 10^-scale
	boolCell                    // num is 0 or 1
	instantCell                 // num is microseconds since 1970 UTC
	localCell                   // num is microseconds since 1970 of a wall clock somewhere
	dateCell                    // num is days since 1970
	listCell                    // items[from:to] of the record, see cell.list
	jsonCell                    // text is an object or a list of other than texts, as JSON
	badCell                     // a value that cannot be read; text says why
)

// cell is one value of a record. It is small, since a record is written whole for every row.
type cell struct {
	text  string
	num   int64
	kind  cellKind
	scale uint8
	// own is true when text has its own memory; otherwise it is part of a block of the file, which one kept text would
	// keep alive as a whole.
	own bool
}

func (c *cell) setList(from, to int) { c.kind, c.num = listCell, int64(from)<<32|int64(to) }

// record is one row of a file.
type record struct {
	cells []cell
	// columns names the column of each cell by its number; nil when the cells are all columns in order.
	columns []int
	items   []string // the texts of list cells
	line    int64    // of its beginning, from 1; in Parquet the number of the row
	raw     rawRow
	size    int // bytes of text, about
}

func (r *record) column(i int) int {
	if r.columns == nil {
		return i
	}
	return r.columns[i]
}

func (r *record) list(c *cell) []string { return r.items[c.num>>32 : c.num&(1<<32-1)] }

// rawRow is a row as it stands in the file, for rejects.
type rawRow struct {
	text string
	rows rowPrinter // for formats without lines of text
	row  int
}

// rowPrinter writes rows of a binary format as JSON.
type rowPrinter interface {
	printRow(row int) string
}

func (r rawRow) String() string {
	if r.rows != nil {
		return r.rows.printRow(r.row)
	}
	return r.text
}

// reader gives the records of one file in order.
type reader interface {
	// columns names the columns known so far; more may follow with the next record. Numbers never change.
	columns() []string

	// fixed tells whether columns is complete from the start.
	fixed() bool

	// typed tells whether all cells of a column are of one type, so that the first one settles an attribute's.
	typed() bool

	// next fills the record, which is the reader's until the following call. It answers with io.EOF after the last one,
	// with a [*graph.Rejection] for a record that cannot be read (line and raw are set, and reading goes on after it), and
	// with another error when the file cannot be read further; line then tells how far it was read.
	next(r *record) error

	// bytes is how much of the file as it is was read, for progress.
	bytes() int64

	Close() error
}

// The reasons for which a record cannot be read, beside those of the store.
const (
	RejectBrokenQuotes graph.RejectCode = "broken_quotes" // quotes in CSV that do not end where they should
	RejectFieldCount   graph.RejectCode = "field_count"   // more or fewer fields than the header has
	RejectBadJSON      graph.RejectCode = "bad_json"      // not one JSON object in valid UTF-8
	RejectBadValue     graph.RejectCode = "bad_value"     // a cell that cannot be read as what its column holds
)

// surveyed gives the records of a survey: those that can be read, until the end or the damage that the main pass will meet at the
// same place. A record is valid until the next one.
func surveyed(r reader) iter.Seq[*record] {
	return func(yield func(*record) bool) {
		var rec record
		for {
			err := r.next(&rec)
			if _, rejected := errors.AsType[*graph.Rejection](err); rejected {
				continue
			}
			if err != nil || !yield(&rec) {
				return
			}
		}
	}
}
