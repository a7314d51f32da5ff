package bulk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"
)

// addEvents adds a file of events, or those of a folder. Where the layout is not named, each file is looked into.
func (p *plan) addEvents(path string, info os.FileInfo) error {
	if !info.IsDir() {
		f, err := describeEvents(path, info, p.layout)
		if err == nil {
			p.files = append(p.files, f)
		}
		return err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("read folder: %w", err)
	}
	before := len(p.files)
	var problems []error
	for _, e := range entries {
		file := filepath.Join(path, e.Name())
		info, err := os.Stat(file)
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("open: %w", err))
			continue
		case !info.Mode().IsRegular() || strings.HasPrefix(e.Name(), ".") || !mayHoldEvents(e.Name()):
			p.notRead = append(p.notRead, file+": its name is not that of a file of events: .ndjson, .jsonl or .json, or .gz or .zst")
			continue
		}
		layout := p.layout
		if layout == "" {
			if layout = sniffLayout(file, info); layout == Generic {
				p.notRead = append(p.notRead, file+": it does not begin with an event of the Segment spec or of GA4")
				continue
			}
		}
		f, err := describeEvents(file, info, layout)
		problems = append(problems, err)
		p.files = append(p.files, f)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	if len(p.files) == before {
		return fmt.Errorf("%s: no file to load in this folder: name them %s, each .csv, .ndjson or .parquet, or .gz or .zst of these; "+
			"or bring files of events (--format), or say what the columns of other tables mean (--map)", path, kindNames())
	}
	return nil
}

// mayHoldEvents tells by its name whether a file of a folder may be one of events.
func mayHoldEvents(name string) bool {
	_, extensions := splitName(name)
	return slices.ContainsFunc(extensions, func(ext string) bool {
		return ext == string(NDJSON) || ext == "jsonl" || ext == "json" || ext == string(gzipped) || ext == string(zstded)
	})
}

// describeEvents describes a file of events, which may have any name: how it is packed is told by its first bytes.
func describeEvents(path string, info os.FileInfo, layout Layout) (inputFile, error) {
	f, err := describePath(path, info)
	if err == nil {
		err = checkSize(f)
	}
	if err != nil {
		return f, err
	}
	f.layout, f.kind, f.format = layout, Interactions, NDJSON
	file, err := os.Open(path)
	if err != nil {
		return f, fmt.Errorf("open: %w", err)
	}
	head := make([]byte, 8)
	n, err := file.Read(head)
	if err = errors.Join(err, file.Close()); err != nil {
		return f, fmt.Errorf("%s: read: %w", path, err)
	}
	switch sniff(head[:n]) {
	case isGzip:
		f.compress = gzipped
	case isZstd:
		f.compress = zstded
	}
	return f, nil
}

// sniffLayout tells by a file's first line whether it holds events; anything else, also what cannot be read, is to be
// taken for a generic file.
func sniffLayout(path string, info os.FileInfo) Layout {
	if !mayHoldEvents(filepath.Base(path)) {
		return Generic
	}
	f, err := describeEvents(path, info, "")
	if err != nil {
		return Generic
	}
	text, err := openText(f, &atomic.Int64{})
	if err != nil {
		return Generic
	}
	lines := lineReader{lines: newLines(text)}
	var r record
	err = errors.Join(lines.nextLine(&r), text.Close())
	if err != nil {
		return Generic
	}
	return layoutOf(r.raw.text)
}

// layoutOf tells the layout of an event by the names of its members.
func layoutOf(line string) Layout {
	d := jsontext.NewDecoder(strings.NewReader(line), jsontext.AllowDuplicateNames(true))
	if token, err := d.ReadToken(); err != nil || token.Kind() != '{' {
		return Generic
	}
	has := map[string]bool{}
	call := ""
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return Generic
		}
		key := name.String()
		has[key] = true
		if key == "type" && d.PeekKind() == '"' {
			value, err := d.ReadToken()
			if err != nil {
				return Generic
			}
			call = strings.ToLower(value.String())
			continue
		}
		if d.SkipValue() != nil {
			return Generic
		}
	}
	who := has["userId"] || has["user_id"] || has["anonymousId"] || has["anonymous_id"] || has["messageId"] || has["message_id"] || has["distinct_id"]
	switch {
	case has["event_name"] && has["event_timestamp"]:
		return GA4
	case who && (slices.Contains(segmentCalls, call) || has["event"] && call == ""):
		return SegmentSpec
	}
	return Generic
}
