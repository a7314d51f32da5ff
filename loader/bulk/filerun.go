package bulk

import (
	"context"
	"fmt"
	"time"

	"lacuna/graph"
)

// fileRun writes the batches of one file and keeps its account.
type fileRun struct {
	loader  *loader
	writer  graph.Writer
	storing context.Context
	file    inputFile
	gathers gathering
	counted func(Kind) bool  // whether rows of a kind count in the totals
	kinds   map[Kind]*Counts // of this file
	ignored tally            // of this file
	summary FileSummary
}

func (l *loader) newRun(storing context.Context, w graph.Writer, f inputFile) *fileRun {
	run := &fileRun{
		loader: l, writer: w, storing: storing, file: f, kinds: map[Kind]*Counts{f.kind: {}}, ignored: tally{},
		summary: FileSummary{File: f.path, Kind: f.kind, Format: string(f.format)},
		counted: func(Kind) bool { return true },
	}
	switch f.layout {
	case SegmentSpec, GA4:
		run.summary.Format = string(f.layout)
		run.gathers = gathering{products: true, categories: true}
		run.counted = func(kind Kind) bool { return kind == Interactions || kind == Customers }
	case Mapped:
		run.gathers = f.table.gathers()
		if l.options.Map.has(Interactions) {
			run.counted = func(kind Kind) bool { return kind == Interactions }
		}
	}
	return run
}

func (run *fileRun) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	run.summary.Warnings = append(run.summary.Warnings, text)
	run.loader.options.Log("%s: %s", run.file.path, text)
}

// write stores a batch and accounts for every row of it.
func (run *fileRun) write(b *batch) error {
	if err := run.complete(b); err != nil {
		return err
	}
	for name, n := range b.ignored {
		run.loader.handled += n
		run.ignored.add(name, n)
		run.loader.ignored.add(name, n)
	}
	if len(b.rows.Categories) > 0 {
		orderCategories(b)
	}
	b.rows.CreateMissing = run.loader.options.CreateMissing
	for part := range parts(b) {
		out, err := run.writer.Write(run.storing, &part.rows)
		if err != nil {
			return fmt.Errorf("%s: line %d and on: %w", run.file.path, part.line(), err)
		}
		part.settle(Categories, out.Categories, run.count)
		part.settle(Products, out.Products, run.count)
		part.settle(Customers, out.Customers, run.count)
		part.settle(Segments, out.Segments, run.count)
		part.settle(Interactions, out.Interactions, run.count)
		if part != b {
			b.rejects = append(b.rejects, part.rejects...)
		}
	}
	if err := run.writeRejects(b); err != nil {
		return err
	}
	run.loader.report(Loading, run, b.read)
	return nil
}

func (run *fileRun) count(kind Kind, status graph.Status) {
	counts := run.kinds[kind]
	if counts == nil {
		counts = &Counts{}
		run.kinds[kind] = counts
	}
	counts.add(status)
	run.loader.handled++
	if status == graph.Rejected || run.counted(kind) {
		run.summary.add(status)
		run.loader.summary.add(status)
	}
}

// finish puts the file's account into the load's.
func (run *fileRun) finish(took time.Duration) {
	run.summary.took(took)
	s := &run.loader.summary
	s.Files = append(s.Files, run.summary)
	for kind, counts := range run.kinds {
		sum := s.Kinds[kind]
		if sum == nil {
			sum = &Counts{}
			s.Kinds[kind] = sum
		}
		sum.Accepted += counts.Accepted
		sum.Duplicates += counts.Duplicates
		sum.Rejected += counts.Rejected
		sum.took(took)
	}
}

func (run *fileRun) writeRejects(b *batch) error {
	b.sortRejects()
	for _, r := range b.rejects {
		kind := r.kind
		if kind == "" {
			kind = run.file.kind
		}
		run.count(kind, graph.Rejected)
		run.loader.summary.Reasons[r.reason.Code]++
		if err := run.loader.rejects.write(run.file.path, r); err != nil {
			return err
		}
	}
	return nil
}

// parts splits a batch that has more rows than the store takes at once: categories and segments, which are read whole or
// come along in numbers, by themselves, and then all the rest, which never are so many.
func parts(b *batch) func(yield func(*batch) bool) {
	return func(yield func(*batch) bool) {
		if n := b.rows.Len(); n == 0 {
			return
		} else if n <= graph.MaxBatch {
			yield(b)
			return
		}
		for from := 0; from < len(b.rows.Categories); from += graph.MaxBatch {
			to := min(from+graph.MaxBatch, len(b.rows.Categories))
			part := newBatch()
			part.rows = graph.Batch{Categories: b.rows.Categories[from:to], CreateMissing: b.rows.CreateMissing}
			part.origins[Categories] = b.origins[Categories][from:to]
			if !yield(part) {
				return
			}
		}
		for from := 0; from < len(b.rows.Segments); from += graph.MaxBatch {
			to := min(from+graph.MaxBatch, len(b.rows.Segments))
			part := newBatch()
			part.rows = graph.Batch{Segments: b.rows.Segments[from:to], CreateMissing: b.rows.CreateMissing}
			part.origins[Segments] = b.origins[Segments][from:to]
			if !yield(part) {
				return
			}
		}
		rest := newBatch()
		rest.rows = b.rows
		rest.rows.Categories, rest.rows.Segments = nil, nil
		for _, kind := range [...]Kind{Products, Customers, Interactions} {
			rest.origins[kind] = b.origins[kind]
		}
		if rest.rows.Len() > 0 {
			yield(rest)
		}
	}
}

// line is the line of the batch's first row.
func (b *batch) line() int64 {
	for _, kind := range kindOrder {
		if len(b.origins[kind]) > 0 {
			return b.origins[kind][0].line
		}
	}
	return 0
}

// report calls the progress function; run is nil when all files are read.
func (l *loader) report(step Step, run *fileRun, read int64) {
	elapsed := l.options.Now().Sub(l.began)
	p := Progress{Step: step, Rows: l.handled, Bytes: l.done + read, TotalBytes: l.total, Elapsed: elapsed}
	if run != nil {
		p.File, p.Kind = run.file.path, run.file.kind
	}
	if elapsed > 0 {
		p.RowsPerSecond = float64(p.Rows) / elapsed.Seconds()
	}
	l.options.Progress(p)
}
