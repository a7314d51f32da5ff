package rows

import (
	"bufio"
	"bytes"
	"encoding/json"
	"iter"
)

// objects writes rows as JSON objects, with something between them and after each.
func objects(w *bufio.Writer, between, after string, columns []Column, rows iter.Seq2[[]any, error]) error {
	names := make([][]byte, len(columns))
	for i, c := range columns {
		name, err := json.Marshal(c.Name)
		if err != nil {
			return err
		}
		names[i] = name
	}
	var line []byte
	for row, err := range rows {
		if err != nil {
			return err
		}
		if line == nil {
			line = []byte{'{'}
		} else {
			line = append(append(line[:0], between...), '{')
		}
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
		line = append(append(line, '}'), after...)
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// writeNDJSON writes an object a line.
func writeNDJSON(w *bufio.Writer, columns []Column, rows iter.Seq2[[]any, error]) error {
	return objects(w, "", "\n", columns, rows)
}

// writeJSON writes one object: the rows, the names of their columns, and what is known beside them.
func (f Form) writeJSON(w *bufio.Writer, columns []Column, rows iter.Seq2[[]any, error]) error {
	if _, err := w.WriteString(`{"rows":[`); err != nil {
		return err
	}
	if err := objects(w, ",\n", "", columns, rows); err != nil {
		return err
	}
	tail := Tail{}
	if f.Tail != nil {
		tail = f.Tail()
	}
	rest := struct {
		Columns     []string `json:"columns"`
		HasNextPage bool     `json:"hasNextPage"`
		After       *string  `json:"after"`
		Next        *string  `json:"next"`
		AsOf        *string  `json:"asOf"`
		DataVersion *string  `json:"dataVersion"`
	}{Columns: make([]string, 0, len(columns)), HasNextPage: tail.After != nil, After: tail.After, Next: tail.Next}
	for _, c := range columns {
		rest.Columns = append(rest.Columns, c.Name)
	}
	if tail.Of != nil {
		rest.AsOf, rest.DataVersion = tail.Of.AsOf, &tail.Of.Version
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // an address is to be read by people too
	if err := encoder.Encode(rest); err != nil {
		return err
	}
	if _, err := w.WriteString("],"); err != nil {
		return err
	}
	_, err := w.Write(text.Bytes()[1:]) // its brace is open already
	return err
}
