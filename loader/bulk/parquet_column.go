package bulk

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// table is a run of rows as cells, row after row.
type table struct {
	names []string
	width int
	rows  int
	cells []cell
	items []string // of list cells
}

// printRow writes a row as JSON, for rejects; empty cells are left out.
func (t *table) printRow(row int) string {
	object := make(map[string]any, t.width)
	rec := record{cells: t.cells[row*t.width : (row+1)*t.width], items: t.items}
	for i := range rec.cells {
		switch c := &rec.cells[i]; c.kind {
		case noCell:
		case listCell:
			object[t.names[i]] = rec.list(c)
		case stringCell, numberCell, badCell:
			object[t.names[i]] = c.text
		default:
			object[t.names[i]] = typedText(c)
		}
	}
	text := &strings.Builder{}
	enc := json.NewEncoder(text)
	enc.SetEscapeHTML(false)
	if enc.Encode(object) != nil {
		return "" // Texts and lists of texts always encode.
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// parquetColumn reads one leaf of the schema, row group by row group.
type parquetColumn struct {
	number  int // among the reader's columns
	leaf    int // among the file's leaves
	list    bool
	defined int // the definition level of a value that is there
	convert func(v *parquet.Value, c *cell)

	pages  parquet.Pages
	page   parquet.Page
	values parquet.ValueReader
	buf    []parquet.Value
	at     int // in buf
	have   int // values in buf

	// For pages of a flat column that refer to a dictionary.
	dictionary parquet.Dictionary
	entries    []cell
	indexed    bool // the present page refers to the dictionary
	indexes    []int32
	levels     []byte // empty when every value is there
	level      int    // rows of the page that were taken
	index      int    // indexes that were taken
}

func newParquetColumn(leaf *parquet.Column, number int) *parquetColumn {
	return &parquetColumn{
		number: number, leaf: leaf.Index(), list: leaf.MaxRepetitionLevel() > 0, defined: leaf.MaxDefinitionLevel(),
		convert: converter(leaf.Type()), buf: make([]parquet.Value, tableRows),
	}
}

func (p *parquetColumn) open(chunk parquet.ColumnChunk) {
	p.pages, p.page, p.values, p.at, p.have = chunk.Pages(), nil, nil, 0, 0
	p.dictionary, p.entries, p.indexed = nil, nil, false
}

func (p *parquetColumn) close() error {
	if p.pages == nil {
		return nil
	}
	p.release()
	err := p.pages.Close()
	p.pages = nil
	return err
}

func (p *parquetColumn) release() {
	if p.page != nil {
		parquet.Release(p.page)
		p.page, p.values, p.indexes, p.levels, p.indexed = nil, nil, nil, nil, false
	}
}

// nextPage moves to the next page that holds anything.
func (p *parquetColumn) nextPage() error {
	for {
		p.release()
		page, err := p.pages.ReadPage()
		if err != nil {
			return err
		}
		p.page = page
		if page.NumValues() == 0 {
			continue
		}
		if dictionary := page.Dictionary(); dictionary != nil && !p.list {
			p.useDictionary(dictionary)
			p.indexed = true
			data := page.Data()
			p.indexes, p.levels, p.level, p.index = data.Int32(), page.DefinitionLevels(), 0, 0
			return nil
		}
		p.values = page.Values()
		return nil
	}
}

// useDictionary converts each entry of a dictionary once.
func (p *parquetColumn) useDictionary(dictionary parquet.Dictionary) {
	if p.dictionary == dictionary {
		return
	}
	p.dictionary = dictionary
	p.entries = make([]cell, dictionary.Len())
	for i := range p.entries {
		v := dictionary.Index(int32(i))
		p.convert(&v, &p.entries[i])
	}
}

// read fills the column's cells of a table.
func (p *parquetColumn) read(t *table) error {
	if p.list {
		return p.readLists(t)
	}
	for row := 0; row < t.rows; {
		if p.indexed {
			row = p.takeIndexed(t, row)
			if p.indexed {
				continue
			}
		}
		if row == t.rows {
			break
		}
		if p.at == p.have {
			if err := p.more(t.rows - row); err != nil {
				return missingRows(err)
			}
			continue
		}
		for p.at < p.have && row < t.rows {
			p.set(&p.buf[p.at], &t.cells[row*t.width+p.number])
			p.at++
			row++
		}
	}
	return nil
}

func (p *parquetColumn) set(v *parquet.Value, c *cell) {
	if !v.IsNull() && v.DefinitionLevel() == p.defined {
		p.convert(v, c)
	}
}

// takeIndexed takes rows from the page of indexes, which is done with when indexed is false afterwards.
func (p *parquetColumn) takeIndexed(t *table, row int) int {
	for ; row < t.rows; row++ {
		if len(p.levels) > 0 {
			if p.level == len(p.levels) {
				p.indexed = false
				return row
			}
			p.level++
			if int(p.levels[p.level-1]) != p.defined {
				continue
			}
		} else if p.index == len(p.indexes) {
			p.indexed = false
			return row
		}
		t.cells[row*t.width+p.number] = p.entries[p.indexes[p.index]]
		p.index++
	}
	return row
}

// more reads at most n further values into the buffer, or turns to a page of indexes.
func (p *parquetColumn) more(n int) error {
	for {
		if p.values != nil {
			got, err := p.values.ReadValues(p.buf[:min(n, len(p.buf))])
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			if p.at, p.have = 0, got; got > 0 {
				return nil
			}
		}
		if err := p.nextPage(); err != nil {
			return err
		}
		if p.indexed {
			return nil
		}
	}
}

// readLists reads a column of lists: a row goes on as long as values say that they repeat.
func (p *parquetColumn) readLists(t *table) error {
	for row := range t.rows {
		from := len(t.items)
		for first := true; ; first = false {
			if p.at == p.have {
				if err := p.more(len(p.buf)); err != nil {
					if !first && errors.Is(err, io.EOF) {
						break // The last row of the row group ends with it.
					}
					return missingRows(err)
				}
			}
			v := &p.buf[p.at]
			if !first && v.RepetitionLevel() == 0 {
				break
			}
			p.at++
			var c cell
			if p.set(v, &c); c.kind == stringCell || c.kind == numberCell {
				t.items = append(t.items, c.text)
			} else if c.kind != noCell {
				t.items = append(t.items, typedText(&c))
			}
		}
		if len(t.items) > from {
			t.cells[row*t.width+p.number].setList(from, len(t.items))
		}
	}
	return nil
}

// missingRows says what the end of a column before its last row means.
func missingRows(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("has fewer rows than the others")
	}
	return err
}
