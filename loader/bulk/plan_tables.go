package bulk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// tableExtensions are the names by which the formats of mapped tables are told.
var tableExtensions = map[string]Format{
	"csv": CSV, "tsv": CSV, "txt": CSV, "ndjson": NDJSON, "jsonl": NDJSON, "json": NDJSON, "parquet": Parquet,
}

// addTables adds a file that the map names, or those of a folder.
func (p *plan) addTables(path string, info os.FileInfo) error {
	if !info.IsDir() {
		t, err := p.tableOf(path)
		if err == nil && t == nil {
			err = fmt.Errorf("%s: %s does not name it: it names %s", path, p.tables.name, p.tables.patterns())
		}
		if err != nil {
			return err
		}
		return p.addTable(path, info, t)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("read folder: %w", err)
	}
	found := map[*mapTable]bool{}
	var problems []error
	for _, e := range entries {
		file := filepath.Join(path, e.Name())
		t, err := p.tableOf(file)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		info, err := os.Stat(file)
		if err != nil {
			problems = append(problems, fmt.Errorf("open: %w", err))
			continue
		}
		if t == nil || info.IsDir() {
			p.notRead = append(p.notRead, fmt.Sprintf("%s: %s does not name it", file, p.tables.name))
			continue
		}
		found[t] = true
		problems = append(problems, p.addTable(file, info, t))
	}
	for _, t := range p.tables.tables {
		if !found[t] {
			problems = append(problems, fmt.Errorf("%s:%d: there is no file %s in %s: bring it, or take it out of the map", p.tables.name, t.line, t.pattern, path))
		}
	}
	return errors.Join(problems...)
}

// tableOf finds the entry of the map that names a file, nil for none.
func (p *plan) tableOf(path string) (*mapTable, error) {
	var found *mapTable
	for _, t := range p.tables.tables {
		if !t.matches(filepath.Base(path)) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("%s: %s names it twice, on line %d and line %d: keep one", path, p.tables.name, found.line, t.line)
		}
		found = t
	}
	return found, nil
}

func (m *Map) patterns() string {
	patterns := make([]string, len(m.tables))
	for i, t := range m.tables {
		patterns[i] = t.pattern
	}
	return strings.Join(patterns, ", ")
}

func (p *plan) addTable(path string, info os.FileInfo, t *mapTable) error {
	f, err := describePath(path, info)
	if err != nil {
		return err
	}
	f.layout, f.table = Mapped, t
	_, extensions := splitName(filepath.Base(path))
	for _, ext := range extensions {
		if remedy := foreignExtensions[ext]; remedy != "" && tableExtensions[ext] == "" {
			return fmt.Errorf("%s: .%s is not read: %s", path, ext, remedy)
		}
	}
	if n := len(extensions); n > 0 && (extensions[n-1] == string(gzipped) || extensions[n-1] == string(zstded)) {
		f.compress = compression(extensions[n-1])
		extensions = extensions[:n-1]
	}
	if n := len(extensions); n > 0 {
		f.format = tableExtensions[extensions[n-1]]
	}
	if f.format == "" {
		return fmt.Errorf("%s: its extension is none of .csv, .tsv, .txt, .ndjson, .jsonl, .json and .parquet, or .gz or .zst of these", path)
	}
	f.kind = slices.MinFunc(t.kinds, func(a, b *mapKind) int {
		return slices.Index(mapKinds, a.kind) - slices.Index(mapKinds, b.kind)
	}).kind
	p.files = append(p.files, f)
	return checkSize(f)
}
