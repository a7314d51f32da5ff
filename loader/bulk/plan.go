package bulk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Format is how a file is written.
type Format string

// The formats of generic files.
const (
	CSV     Format = "csv"
	NDJSON  Format = "ndjson"
	Parquet Format = "parquet"
)

type compression string

const (
	plain   compression = ""
	gzipped compression = "gz"
	zstded  compression = "zst"
)

// inputFile is one file to be read, as its name tells.
type inputFile struct {
	path     string
	kind     Kind
	layout   Layout
	table    *mapTable // of a mapped file
	format   Format
	compress compression
	size     int64
	modified time.Time
}

// plan is the files of a load in order, and those that are left alone, with the reason.
type plan struct {
	layout  Layout
	tables  *Map
	files   []inputFile
	notRead []string
}

func (p *plan) totalBytes() int64 {
	var n int64
	for _, f := range p.files {
		n += f.size
	}
	return n
}

// makePlan finds the files to read. All problems are reported together, before anything is loaded.
//
// Of generic files a folder gives those that are named for a kind; a path to a file must be named for one. Of events a
// folder gives all that are NDJSON, of mapped tables those that the map names.
func makePlan(paths []string, layout Layout, tables *Map) (*plan, error) {
	if len(paths) == 0 {
		return nil, errors.New("nothing to load: name a folder or files")
	}
	if (layout == Mapped) != (tables != nil) {
		return nil, errors.New("mapped tables need a map, and nothing else does")
	}
	p := &plan{layout: layout, tables: tables}
	var problems []error
	for _, path := range paths {
		if err := p.add(path); err != nil {
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	slices.SortStableFunc(p.files, func(a, b inputFile) int {
		return slices.Index(kindOrder, a.kind) - slices.Index(kindOrder, b.kind)
	})
	return p, nil
}

func (p *plan) add(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	switch p.layout {
	case Mapped:
		return p.addTables(path, info)
	case SegmentSpec, GA4:
		return p.addEvents(path, info)
	case Generic:
		return p.addGeneric(path, info)
	}
	if info.IsDir() {
		if generic, err := hasGeneric(path); generic || err != nil {
			return errors.Join(err, p.addFolder(path))
		}
		return p.addEvents(path, info)
	}
	if layout := sniffLayout(path, info); layout != Generic {
		f, err := describeEvents(path, info, layout)
		if err == nil {
			p.files = append(p.files, f)
		}
		return err
	}
	return p.addGeneric(path, info)
}

// hasGeneric tells whether a folder has a file that is named for a kind.
func hasGeneric(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, fmt.Errorf("read folder: %w", err)
	}
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		kind, _ := splitName(e.Name())
		return slices.Contains(kindOrder, kind)
	}), nil
}

func (p *plan) addGeneric(path string, info os.FileInfo) error {
	if info.IsDir() {
		return p.addFolder(path)
	}
	f, err := describeFile(path, info)
	if err != nil {
		return err
	}
	if !readable(f.kind) {
		return fmt.Errorf("%s: %s cannot be loaded yet: leave the file out", path, f.kind)
	}
	p.files = append(p.files, f)
	return nil
}

func (p *plan) addFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read folder: %w", err)
	}
	before := len(p.files)
	var problems []error
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		kind, _ := splitName(e.Name())
		if !slices.Contains(kindOrder, kind) {
			p.notRead = append(p.notRead, path+": its name is none of "+kindNames())
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			problems = append(problems, fmt.Errorf("open: %w", err))
			continue
		}
		if !readable(kind) {
			p.notRead = append(p.notRead, fmt.Sprintf("%s: %s cannot be loaded yet", path, kind))
			continue
		}
		f, err := describeFile(path, info)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		p.files = append(p.files, f)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	if len(p.files) == before {
		return fmt.Errorf("%s: no file to load in this folder: name them %s, each .csv, .ndjson or .parquet, or .gz or .zst of these",
			dir, kindNames())
	}
	return nil
}

// describeFile reads kind, format and compression from a file's name, with a remedy for what cannot be read.
func describeFile(path string, info os.FileInfo) (inputFile, error) {
	f, err := describePath(path, info)
	if err != nil {
		return f, err
	}
	f.layout = Generic
	kind, extensions := splitName(filepath.Base(path))
	for _, ext := range extensions {
		if remedy := foreignExtensions[ext]; remedy != "" {
			return f, fmt.Errorf("%s: .%s is not read: %s", path, ext, remedy)
		}
	}
	if !slices.Contains(kindOrder, kind) {
		return f, fmt.Errorf("%s: its name does not tell what it holds: name it %s, or say with --format or --map how to read it", path, kindNames())
	}
	f.kind = kind
	if n := len(extensions); n > 0 && (extensions[n-1] == string(gzipped) || extensions[n-1] == string(zstded)) {
		f.compress = compression(extensions[n-1])
		extensions = extensions[:n-1]
	}
	if len(extensions) == 1 {
		f.format = Format(extensions[0])
	}
	switch {
	case f.format != CSV && f.format != NDJSON && f.format != Parquet:
		return f, fmt.Errorf("%s: its extension is none of .csv, .ndjson and .parquet, or .gz or .zst of these", path)
	case f.kind == Segments && f.format != NDJSON:
		return f, fmt.Errorf("%s: segments are read from .ndjson only, since a rule is a tree", path)
	}
	return f, checkSize(f)
}

// describePath begins the description of a file; a load may read it twice.
func describePath(path string, info os.FileInfo) (inputFile, error) {
	f := inputFile{path: path, size: info.Size(), modified: info.ModTime()}
	if !info.Mode().IsRegular() {
		return f, fmt.Errorf("%s: is no regular file: save what it gives to a file first, since a load may read it twice", path)
	}
	return f, nil
}

func checkSize(f inputFile) error {
	if f.size == 0 {
		return fmt.Errorf("%s: is empty (0 bytes): was it written to its end?", f.path)
	}
	return nil
}

var foreignExtensions = map[string]string{
	"zip": "unpack it first", "7z": "unpack it first", "tar": "unpack it first", "tgz": "unpack it first",
	"rar": "unpack it first", "bz2": "unpack it, or use .gz or .zst", "xz": "unpack it, or use .gz or .zst",
	"xlsx": "save the sheet as CSV (UTF-8)", "xls": "save the sheet as CSV (UTF-8)", "ods": "save the sheet as CSV (UTF-8)",
	"json":  "write one object a line and name it .ndjson",
	"jsonl": "rename it to .ndjson", "tsv": "rename it to .csv: tabs are recognised", "txt": "rename it to .csv",
}

// splitName gives what stands before the first dot, and the extensions in lower case.
func splitName(name string) (Kind, []string) {
	parts := strings.Split(name, ".")
	for i := range parts[1:] {
		parts[1+i] = strings.ToLower(parts[1+i])
	}
	return Kind(parts[0]), parts[1:]
}

func readable(k Kind) bool { return slices.Contains(kindOrder, k) && k != Campaigns && k != Journeys }

func kindNames() string {
	names := make([]string, len(kindOrder))
	for i, k := range kindOrder {
		names[i] = string(k)
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
