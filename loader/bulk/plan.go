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
	format   Format
	compress compression
	size     int64
	modified time.Time
}

// plan is the files of a load in order, and those that are left alone, with the reason.
type plan struct {
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

// makePlan finds the files to read. A folder gives those of its files that are named for a kind; a path to a file must
// be named for one. All problems are reported together, before anything is loaded.
func makePlan(paths []string) (*plan, error) {
	if len(paths) == 0 {
		return nil, errors.New("nothing to load: name a folder or files")
	}
	p := &plan{}
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
	switch {
	case err != nil:
		return fmt.Errorf("open: %w", err)
	case info.IsDir():
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
	f := inputFile{path: path, size: info.Size(), modified: info.ModTime()}
	name := filepath.Base(path)
	kind, extensions := splitName(name)
	if !info.Mode().IsRegular() {
		return f, fmt.Errorf("%s: is no regular file: save what it gives to a file first, since a load may read it twice", path)
	}
	for _, ext := range extensions {
		if remedy := foreignExtensions[ext]; remedy != "" {
			return f, fmt.Errorf("%s: .%s is not read: %s", path, ext, remedy)
		}
	}
	if !slices.Contains(kindOrder, kind) {
		return f, fmt.Errorf("%s: its name does not tell what it holds: name it %s", path, kindNames())
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
	case f.size == 0:
		return f, fmt.Errorf("%s: is empty (0 bytes): was it written to its end?", path)
	}
	return f, nil
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
