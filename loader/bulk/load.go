package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"lacuna/graph"
)

// Load reads files, or the files of folders, into a store, see the package's comment. Files are read in the order of
// their kinds, whatever the order of paths.
//
// Before anything is stored, all files are opened and their columns checked; what is wrong with any of them is reported
// together. Afterwards a row that cannot be taken is a reject and no error. A file that cannot be read to its end, and a
// context that ends, stop the load; what was read before stays stored, the summary tells it, and the error names the file
// and the line. An error of the store may mean that nothing was stored. In each case the same load can be run again.
//
// When the context ends, batches under way are still stored and the store finishes what it does at the end of a load.
func Load(ctx context.Context, store graph.Store, paths []string, o Options) (Summary, error) {
	o = o.withDefaults()
	l := &loader{
		ctx: ctx, options: o, store: store, began: o.Now(), interner: newInterner(), rejects: newRejectWriter(o.Rejects),
		surveys: make(chan struct{}, 1), firsts: newFirsts(), searches: newSearches(), categories: map[string]bool{}, ignored: tally{},
		summary: Summary{Kinds: map[Kind]*Counts{}, Reasons: map[graph.RejectCode]int64{}, DryRun: o.DryRun},
	}
	err := l.load(paths)
	if flushed := l.rejects.flush(); flushed != nil {
		err = errors.Join(err, flushed)
	}
	l.summary.took(o.Now().Sub(l.began))
	l.summary.Ignored = l.ignored
	l.summary.Types = l.types.fresh
	sortTypes(l.summary.Types)
	return l.summary, err
}

// loader is one load.
type loader struct {
	ctx      context.Context
	options  Options
	store    graph.Store
	began    time.Time
	types    attributeTypes
	interner *interner
	rejects  *rejectWriter
	summary  Summary

	// What this load has stated and seen, see the types.
	firsts     *firsts
	searches   *searches
	categories map[string]bool // known to be stored, or on their way
	ignored    tally           // of all files

	total   int64         // bytes of all files
	done    int64         // bytes of files that were read
	handled int64         // rows of every kind that were done, rejects included
	surveys chan struct{} // the decoding goroutine begins a survey
}

func (l *loader) load(paths []string) error {
	p, err := makePlan(paths, l.options.Layout, l.options.Map)
	if err != nil {
		return err
	}
	l.total = p.totalBytes()
	l.summary.NotRead = p.notRead
	for _, note := range p.notRead {
		l.options.Log("not read: %s", note)
	}
	settled, err := l.store.AttributeTypes(l.ctx)
	if err != nil {
		return fmt.Errorf("read attribute types: %w", err)
	}
	l.types.settled = make(map[graph.AttributeKey]graph.ValueKind, len(settled))
	maps.Copy(l.types.settled, settled)
	if err := l.preflight(p.files); err != nil {
		return err
	}
	if l.options.DryRun {
		checker, err := newChecker(l.ctx, l.store)
		if err != nil {
			return err
		}
		readErr, writeErr := l.loadFiles(l.ctx, checker, p.files)
		return errors.Join(readErr, writeErr)
	}
	return l.loadInBulk(p.files)
}

// loadInBulk lets the store keep what was read also when a file cannot be read to its end.
func (l *loader) loadInBulk(files []inputFile) error {
	storing := context.WithoutCancel(l.ctx)
	var readErr error
	err := l.store.Bulk(storing, func(w graph.Writer) (writeErr error) {
		readErr, writeErr = l.loadFiles(storing, w, files)
		l.report(Finishing, nil, 0)
		return writeErr
	})
	if err != nil {
		return errors.Join(readErr, fmt.Errorf("store rows: what was not yet committed is gone, load the same files again: %w", err))
	}
	return readErr
}

// preflight opens every file and checks its columns, before anything is stored.
func (l *loader) preflight(files []inputFile) error {
	var problems []error
	for _, f := range files {
		d := l.decoder(f)
		r, err := d.open()
		if err == nil {
			d.bind(r)
			if err = d.checkColumns(r); err != nil {
				err = fmt.Errorf("%s: %w", f.path, err)
			}
			err = errors.Join(err, r.Close())
		}
		if err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// decoder gives the decoder of a file's layout.
func (l *loader) decoder(f inputFile) rowDecoder {
	switch f.layout {
	case SegmentSpec:
		return l.segmentDecoder(f)
	case GA4:
		return l.ga4Decoder(f)
	case Mapped:
		return l.tableDecoder(f)
	}
	d := l.cellDecoder(f, f.kind)
	d.opener = func() (reader, error) {
		return openReader(f, func(name string) bool { return d.spec.bind(name).field != unknownField })
	}
	return d
}

// cellDecoder gives what reads cells as rows of a kind; how it opens the file is left open.
func (l *loader) cellDecoder(f inputFile, kind Kind) *decoder {
	observed := f.modified
	if observed.After(l.began) {
		observed = l.began
	}
	return &decoder{
		kind: kind, spec: specs[kind], zone: l.options.Zone, currency: l.options.Currency, source: l.source(f),
		observed: observed, types: &l.types, interner: l.interner,
		survey: func() {
			select {
			case l.surveys <- struct{}{}:
			default: // One is announced already.
			}
		},
	}
}

// source gives the source of the rows of a file that name none.
func (l *loader) source(f inputFile) string { return cmp.Or(l.options.Source, filepath.Base(f.path)) }

// openReader opens a file in its format; of Parquet only wanted columns are read. Errors name the file.
func openReader(f inputFile, wanted func(column string) bool) (reader, error) {
	if f.format == Parquet {
		return openParquet(f, wanted)
	}
	read := &atomic.Int64{}
	text, err := openText(f, read)
	if err != nil {
		return nil, err
	}
	if f.format == NDJSON {
		return newNDJSONReader(text, read, text), nil
	}
	r, err := newCSVReader(text, read, text)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", f.path, err), text.Close())
	}
	return r, nil
}

func (l *loader) loadFiles(storing context.Context, w graph.Writer, files []inputFile) (readErr, writeErr error) {
	for _, f := range files {
		if readErr, writeErr = l.loadFile(storing, w, f); readErr != nil || writeErr != nil {
			return readErr, writeErr
		}
		l.done += f.size
	}
	return nil, nil
}

// loadFile loads one file; rows that were read are stored whatever ends the reading.
func (l *loader) loadFile(storing context.Context, w graph.Writer, f inputFile) (readErr, writeErr error) {
	began := l.options.Now()
	d := l.decoder(f)
	r, err := d.open()
	if err != nil {
		return err, nil
	}
	run := l.newRun(storing, w, f)
	s := &source{reader: r, decoder: d, whole: f.kind == Categories || f.kind == Segments}
	readErr, writeErr = s.stream(l.ctx, run.write, l.surveys, func() { l.report(Surveying, run, 0) })
	if err := r.Close(); err != nil && readErr == nil {
		readErr = err
	}
	if readErr != nil {
		readErr = fmt.Errorf("%s: %w", f.path, readErr)
	}
	if c, ok := r.(*csvReader); ok && c.delimiter != ',' {
		run.note("its columns are separated by %q", string(c.delimiter))
	}
	for _, note := range d.notes() {
		run.note("%s", note)
	}
	if readErr == nil && writeErr == nil {
		writeErr = run.noteIgnored()
	}
	run.finish(l.options.Now().Sub(began))
	return readErr, writeErr
}

// maxWarnings is how many unknown columns of a file are named.
const maxWarnings = 20

// notes names the columns that are not known.
func (d *decoder) notes() []string {
	var notes []string
	for i, name := range d.unknown {
		if i == maxWarnings {
			return append(notes, fmt.Sprintf("and %d more columns are not known and not read", len(d.unknown)-i))
		}
		hint := ""
		if near := d.spec.nearest(name); near != "" {
			hint = fmt.Sprintf("; did you mean %q?", near)
		} else if d.spec.scope != 0 {
			hint = fmt.Sprintf("; to keep it as an attribute, name it %q", attributePrefix+graph.Clip(strings.TrimPrefix(name, attributePrefix)))
		}
		notes = append(notes, fmt.Sprintf("column %q is not known and not read%s", graph.Clip(name), hint))
	}
	return notes
}
