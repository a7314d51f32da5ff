package rows

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

func (f Form) writeCSV(w *bufio.Writer, columns []Column, rows iter.Seq2[[]any, error]) error {
	if f.BOM {
		if _, err := w.WriteString("\ufeff"); err != nil {
			return err
		}
	}
	var line bytes.Buffer
	out := csv.NewWriter(&line)
	write := func(cells []string) error {
		line.Reset()
		_ = out.Write(cells) // to memory
		out.Flush()
		record := line.Bytes()
		if f.CRLF { // the writer's own would change the line ends within cells too
			record = append(bytes.TrimSuffix(record, []byte{'\n'}), '\r', '\n')
		}
		_, err := w.Write(record)
		return err
	}
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.Name
	}
	if err := write(cells); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		for i, cell := range row {
			cells[i] = csvCell(cell)
		}
		if err := write(cells); err != nil {
			return err
		}
	}
	return nil
}

func csvCell(cell any) string {
	switch c := cell.(type) {
	case string:
		return harmless(c)
	case float64:
		return strconv.FormatFloat(c, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(c)
	default:
		return ""
	}
}

// plainNumber is a text that a spreadsheet program takes for a number, and nothing more.
var plainNumber = regexp.MustCompile(`^-[0-9]+(\.[0-9]+)?$`)

// harmless puts an apostrophe before a text that a spreadsheet program would take for a formula: it may come from anybody. Spaces before it do
// not help, and East Asian programs know the wide forms of the signs too. See "CSV Injection" by OWASP.
func harmless(text string) string {
	start := strings.TrimLeft(text, " \u00a0\u3000\ufeff")
	first, _ := utf8.DecodeRuneInString(start)
	begins := func(signs string) bool { return start != "" && strings.ContainsRune(signs, first) }
	if begins("\t\r\n") || begins("=+-@＝＋－＠") && !plainNumber.MatchString(text) {
		return "'" + text
	}
	return text
}
