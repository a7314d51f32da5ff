package rows

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// Formats are the forms in which rows are written.
func Formats() []string { return []string{"csv", "ndjson", "parquet"} }

// Write writes rows in a format. bom begins a CSV file with a byte order mark, by which spreadsheet programs know that it is UTF-8.
func Write(w io.Writer, format string, bom bool, columns []Column, rows iter.Seq2[[]any, error]) error {
	out := bufio.NewWriterSize(w, 1<<16)
	var err error
	switch format {
	case "csv":
		err = writeCSV(out, bom, columns, rows)
	case "ndjson":
		err = writeNDJSON(out, columns, rows)
	case "parquet":
		err = writeParquet(out, columns, rows)
	default:
		return fmt.Errorf("there is no format %q: use one of %s", format, strings.Join(Formats(), ", "))
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

func writeCSV(w *bufio.Writer, bom bool, columns []Column, rows iter.Seq2[[]any, error]) error {
	if bom {
		if _, err := w.WriteString("\ufeff"); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.Name
	}
	if err := out.Write(cells); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		for i, cell := range row {
			cells[i] = csvCell(cell)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// csvCell writes a cell. A text that a spreadsheet program would take for a formula gets an apostrophe in front: it may come from anybody.
func csvCell(cell any) string {
	switch c := cell.(type) {
	case string:
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
			return "'" + c
		}
		return c
	case float64:
		return strconv.FormatFloat(c, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(c)
	default:
		return ""
	}
}

func writeNDJSON(w *bufio.Writer, columns []Column, rows iter.Seq2[[]any, error]) error {
	names := make([][]byte, len(columns))
	for i, c := range columns {
		name, err := json.Marshal(c.Name)
		if err != nil {
			return err
		}
		names[i] = name
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		line := []byte{'{'}
		for i, cell := range row {
			if i > 0 {
				line = append(line, ',')
			}
			value, err := json.Marshal(cell)
			if err != nil {
				return err
			}
			line = append(append(append(line, names[i]...), ':'), value...)
		}
		if _, err := w.Write(append(line, '}', '\n')); err != nil {
			return err
		}
	}
	return nil
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
