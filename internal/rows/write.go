package rows

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// Formats are the forms in which rows are written.
func Formats() []string { return []string{"csv", "json", "ndjson", "parquet"} }

// Form is how rows are written.
type Form struct {
	Format string // one of [Formats]
	BOM    bool   // begin CSV with a byte order mark, by which spreadsheet programs know that it is UTF-8
	CRLF   bool   // end the lines of CSV as RFC 4180 has them, rather than as programs of a command line like them
	// Tail gives what JSON says beside the rows; it is called after the last one. nil: nothing is known.
	Tail func() Tail
}

// Tail is what JSON says beside the rows.
type Tail struct {
	After *string // cursor of the rows after these; nil at the end
	Next  *string // their address; nil at the end
	Of    *Of     // which data the rows are of; nil where no figures went into them
}

// Write writes rows in a format, CSV with or without a byte order mark.
func Write(w io.Writer, format string, bom bool, columns []Column, rows iter.Seq2[[]any, error]) error {
	return Form{Format: format, BOM: bom}.Write(w, columns, rows)
}

// Write writes rows in the form. An error of the rows ends it.
func (f Form) Write(w io.Writer, columns []Column, rows iter.Seq2[[]any, error]) error {
	out := bufio.NewWriterSize(w, 1<<16)
	var err error
	switch f.Format {
	case "csv":
		err = f.writeCSV(out, columns, rows)
	case "json":
		err = f.writeJSON(out, columns, rows)
	case "ndjson":
		err = writeNDJSON(out, columns, rows)
	case "parquet":
		err = writeParquet(out, columns, rows)
	default:
		return fmt.Errorf("there is no format %q: use one of %s", f.Format, strings.Join(Formats(), ", "))
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// writeParquet writes optional columns, in order of name, as the format's library has them.
func writeParquet(w io.Writer, columns []Column, rows iter.Seq2[[]any, error]) error {
	group, order := parquet.Group{}, make([]int, len(columns))
	for i, c := range columns {
		order[i] = i
		group[c.Name] = parquet.Optional(map[Kind]parquet.Node{Text: parquet.String(), Number: parquet.Leaf(parquet.DoubleType), Boolean: parquet.Leaf(parquet.BooleanType)}[c.Kind])
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(columns[a].Name, columns[b].Name) })
	out := parquet.NewWriter(w, parquet.NewSchema("rows", group), parquet.Compression(&parquet.Snappy))
	for row, err := range rows {
		if err != nil {
			return err
		}
		values := make(parquet.Row, len(order))
		for place, i := range order {
			value, level := parquet.NullValue(), 0
			if row[i] != nil {
				value, level = parquet.ValueOf(row[i]), 1
			}
			values[place] = value.Level(0, level, place)
		}
		if _, err := out.WriteRows([]parquet.Row{values}); err != nil {
			return err
		}
	}
	return out.Close()
}
