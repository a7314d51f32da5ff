package bulk

import (
	"context"
	"fmt"

	"lacuna/graph"
)

// fileRun writes the batches of one file and keeps its account.
type fileRun struct {
	loader  *loader
	writer  graph.Writer
	storing context.Context
	file    inputFile
	summary FileSummary
}

func (run *fileRun) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	run.summary.Warnings = append(run.summary.Warnings, text)
	run.loader.options.Log("%s: %s", run.file.path, text)
}

// write stores a batch and accounts for every row of it.
func (run *fileRun) write(b *batch) error {
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

func (run *fileRun) count(_ Kind, status graph.Status) {
	run.summary.add(status)
	run.loader.summary.add(status)
}

func (run *fileRun) writeRejects(b *batch) error {
	b.sortRejects()
	for _, r := range b.rejects {
		run.count(run.file.kind, graph.Rejected)
		run.loader.summary.Reasons[r.reason.Code]++
		if err := run.loader.rejects.write(run.file.path, r); err != nil {
			return err
		}
	}
	return nil
}

// parts splits a batch that was read whole into batches that the store takes.
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
	p := Progress{Step: step, Rows: l.summary.Rows(), Bytes: l.done + read, TotalBytes: l.total, Elapsed: elapsed}
	if run != nil {
		p.File, p.Kind = run.file.path, run.file.kind
	}
	if elapsed > 0 {
		p.RowsPerSecond = float64(p.Rows) / elapsed.Seconds()
	}
	l.options.Progress(p)
}
