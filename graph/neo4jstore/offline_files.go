package neo4jstore

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"lacuna/graph"
)

// importFiles are one file for each label and each type of relationship. The first error stays, and ends all writing.
type importFiles struct {
	folder string
	tables map[string]*importTable
	order  []string
	err    error
	closed bool
}

type importTable struct {
	argument string   // of neo4j-admin, without the file
	names    []string // of the columns, without their types
	file     *os.File
	buffer   *bufio.Writer
	csv      *csv.Writer
}

// listSeparator stands between the entries of a list.
const listSeparator = "\x1f"

// CheckImport tells why a folder cannot take files: it must be empty, or not be there.
func CheckImport(folder string) error {
	list, err := os.ReadDir(folder)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("read folder: %w", err)
	case len(list) > 0:
		return fmt.Errorf("%s is not empty: name a new folder: %w", folder, graph.ErrConflict)
	default:
		return nil
	}
}

func newImportFiles(folder string) (*importFiles, error) {
	if err := CheckImport(folder); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("find folder: %w", err)
	}
	return &importFiles{folder: folder, tables: map[string]*importTable{}}, nil
}

// nodes adds a node of a label.
func (m *importFiles) nodes(label string, columns []string, row params) {
	m.row("--nodes="+label, label, columns, row)
}

// relate adds a relationship between nodes of two labels.
func (m *importFiles) relate(kind, fromLabel, from, toLabel, to string) {
	start, end := ":START_ID("+fromLabel+")", ":END_ID("+toLabel+")"
	m.row("--relationships="+kind, kind, []string{start, end}, params{start: from, end: to})
}

func (m *importFiles) row(argument, name string, columns []string, row params) {
	if m.err != nil {
		return
	}
	t := m.tables[name]
	if t == nil {
		if t, m.err = m.table(argument, name, columns); m.err != nil {
			return
		}
	}
	cells := make([]string, len(t.names))
	for i, column := range t.names {
		if cells[i], m.err = cell(row[column]); m.err != nil {
			return
		}
	}
	m.err = t.csv.Write(cells)
}

func (m *importFiles) table(argument, name string, columns []string) (*importTable, error) {
	file, err := os.OpenFile(filepath.Join(m.folder, strings.ToLower(name)+".csv"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make file: %w", err)
	}
	t := &importTable{argument: argument, file: file, buffer: bufio.NewWriterSize(file, 1<<20)}
	t.csv = csv.NewWriter(t.buffer)
	for _, column := range columns {
		name, _, _ := strings.Cut(column, ":")
		if name == "" { // an end of a relationship
			name = column
		}
		t.names = append(t.names, name)
	}
	m.tables[name], m.order = t, append(m.order, name)
	return t, t.csv.Write(columns)
}

// cell writes a value. What is not there is an empty cell, and becomes no property.
func cell(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []string:
		for _, entry := range v {
			if strings.Contains(entry, listSeparator) {
				return "", fmt.Errorf("%q holds the character U+001F, which separates entries of a list in the files: %w", graph.Clip(entry), graph.ErrInvalid)
			}
		}
		return strings.Join(v, listSeparator), nil
	default:
		return fmt.Sprint(v), nil
	}
}

func (m *importFiles) close() error {
	if m.closed {
		return m.err
	}
	m.closed = true
	for _, name := range m.order {
		t := m.tables[name]
		t.csv.Flush()
		m.err = errors.Join(m.err, t.csv.Error(), t.buffer.Flush(), t.file.Close())
	}
	return m.err
}

// arguments are what neo4j-admin needs to read the files.
func (m *importFiles) arguments(database string) []string {
	list := []string{"database", "import", "full", database}
	for _, name := range m.order {
		list = append(list, m.tables[name].argument+"="+m.tables[name].file.Name())
	}
	return append(list, "--array-delimiter=U+001F", "--multiline-fields=true", "--overwrite-destination")
}
