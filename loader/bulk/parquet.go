package bulk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// tableRows is how many rows of a Parquet file are turned into cells at a time.
const tableRows = 1024

// parquetReader reads a Parquet file column by column into tables of cells, and gives their rows as records. Only wanted
// columns are read. The types that the file declares are kept.
type parquetReader struct {
	file   *os.File
	size   int64
	names  []string
	leaves []*parquetColumn
	groups []parquet.RowGroup
	left   int64 // rows of the present row group that are not in the table yet
	table  *table
	at     int   // next row of the table
	row    int64 // number of the last record
	total  int64 // rows of the file
}

// openParquet opens a file and checks that it is whole. A name that wanted refuses is a column that stays empty.
func openParquet(f inputFile, wanted func(name string) bool) (r *parquetReader, err error) {
	file, size, err := openWhole(f)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("%s: %w", f.path, err), file.Close())
		}
	}()
	defer refusePanic(&err)
	head := make([]byte, sniffSize)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("read: %w", err)
	}
	if found := sniff(head[:n]); found != isParquet {
		return nil, fmt.Errorf("is named .parquet but holds %s: %s", found, remedies[found])
	}
	if err := checkFooter(file, size); err != nil {
		return nil, err
	}
	p, err := parquet.OpenFile(file, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(64<<10))
	if err != nil {
		return nil, fmt.Errorf("is cut off or damaged, bring it again: %w", err)
	}
	if err := checkCodecs(p); err != nil {
		return nil, err
	}
	r = &parquetReader{file: file, size: f.size, groups: p.RowGroups(), total: p.NumRows()}
	r.addColumns(p.Root(), wanted)
	return r, nil
}

// checkFooter refuses a file without its end, where a Parquet file says what is in it. The library would believe any size
// that stands there, and make room for it.
func checkFooter(file io.ReaderAt, size int64) error {
	const tail = 8 // the footer's size, and the signature
	end := make([]byte, tail)
	if size < tail+4 {
		return errors.New("is cut off, bring it again: it ends before its columns are described")
	}
	if _, err := file.ReadAt(end, size-tail); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	switch signature := string(end[4:]); {
	case signature == "PARE":
		return errors.New("is encrypted: write it without encryption")
	case signature != "PAR1", int64(binary.LittleEndian.Uint32(end)) > size-tail-4:
		return errors.New("is cut off or damaged, bring it again: its end does not describe its columns")
	}
	return nil
}

// checkCodecs refuses columns packed with LZ4: the library unpacks a damaged one into ever more memory, until the process dies.
func checkCodecs(p *parquet.File) error {
	for _, group := range p.Metadata().RowGroups {
		for i := range group.Columns {
			if codec := group.Columns[i].MetaData.Codec; codec == format.Lz4 || codec == format.Lz4Raw {
				return errors.New("is packed with LZ4, which is not read: write it with Snappy, Zstandard or gzip")
			}
		}
	}
	return nil
}

// refusePanic turns a panic of the Parquet library, which trusts files more than it should, into an error.
func refusePanic(err *error) {
	if recover() != nil {
		*err = errors.New("is damaged, bring it again: its structure contradicts itself")
	}
}

// addColumns walks the schema. A field of a group is named group.field, so that a group "attr" gives attributes.
func (r *parquetReader) addColumns(node *parquet.Column, wanted func(string) bool) {
	for _, child := range node.Columns() {
		leaf := child
		for !leaf.Leaf() && len(leaf.Columns()) == 1 && (leaf.Repeated() || isListNode(leaf)) {
			leaf = leaf.Columns()[0] // The levels of a list, which have names of their own.
		}
		if !leaf.Leaf() {
			r.addColumns(child, wanted)
			continue
		}
		name := columnName(child)
		r.names = append(r.names, name)
		if leaf.MaxRepetitionLevel() > 1 || !wanted(name) {
			continue
		}
		r.leaves = append(r.leaves, newParquetColumn(leaf, len(r.names)-1))
	}
}

func isListNode(c *parquet.Column) bool {
	return c.MaxRepetitionLevel() > 0 || (len(c.Columns()) == 1 && c.Columns()[0].Repeated())
}

func columnName(c *parquet.Column) string {
	name := strings.Join(c.Path(), ".")
	if rest, ok := strings.CutPrefix(name, "attributes."); ok {
		return attributePrefix + rest
	}
	return name
}

func (r *parquetReader) columns() []string { return r.names }
func (r *parquetReader) fixed() bool       { return true }
func (r *parquetReader) typed() bool       { return true }

// bytes estimates what was read by the share of rows.
func (r *parquetReader) bytes() int64 {
	if r.total == 0 {
		return r.size
	}
	return int64(float64(r.size) * float64(r.row) / float64(r.total))
}

func (r *parquetReader) Close() error {
	err := r.closePages()
	return errors.Join(err, r.file.Close())
}

func (r *parquetReader) closePages() error {
	var problems []error
	for _, c := range r.leaves {
		problems = append(problems, c.close())
	}
	return errors.Join(problems...)
}

func (r *parquetReader) next(rec *record) error {
	if r.table == nil || r.at == r.table.rows {
		if err := r.fill(); err != nil {
			if isEnd(err) {
				return io.EOF
			}
			return fmt.Errorf("row %d and on: the file is damaged, bring it again: %w", r.row+1, err)
		}
	}
	r.row++
	t := r.table
	rec.line, rec.columns, rec.items = r.row, nil, t.items
	rec.cells = t.cells[r.at*t.width : (r.at+1)*t.width]
	rec.raw = rawRow{rows: t, row: r.at}
	rec.size = t.width * 32
	r.at++
	return nil
}

// fill reads the next table. Tables are not used again: rejects may refer to them until their batch is done.
func (r *parquetReader) fill() (err error) {
	defer refusePanic(&err)
	for r.left == 0 {
		if len(r.groups) == 0 {
			return io.EOF
		}
		if err := r.closePages(); err != nil {
			return err
		}
		group := r.groups[0]
		r.groups = r.groups[1:]
		r.left = group.NumRows()
		chunks := group.ColumnChunks()
		for _, c := range r.leaves {
			c.open(chunks[c.leaf])
		}
	}
	n := int(min(r.left, tableRows))
	t := &table{names: r.names, width: len(r.names), rows: n, cells: make([]cell, n*len(r.names))}
	for _, c := range r.leaves {
		if err := c.read(t); err != nil {
			return fmt.Errorf("column %s: %w", r.names[c.number], err)
		}
	}
	r.left -= int64(n)
	r.table, r.at = t, 0
	return nil
}
