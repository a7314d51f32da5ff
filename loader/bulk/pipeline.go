package bulk

import (
	"context"
	"errors"

	"lacuna/graph"
)

// batchesUnderWay is how many batches may wait for the store while further ones are decoded.
const batchesUnderWay = 2

// source decodes one file batch by batch.
type source struct {
	reader  reader
	decoder rowDecoder
	whole   bool // all of the file in one batch
}

// run decodes the file into batches that it takes from free, and sends them on, until the file ends, it cannot be read
// further, or the context ends. What was decoded before that is sent.
func (s *source) run(ctx context.Context, free <-chan *batch, full chan<- *batch) error {
	var rec record
	for {
		var b *batch
		select {
		case b = <-free:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		err := s.fill(ctx, b, &rec)
		b.read = s.reader.bytes()
		full <- b // Never blocks: there are no more batches than full has room for.
		if err != nil {
			return err
		}
	}
}

// fill decodes until the batch is full.
func (s *source) fill(ctx context.Context, b *batch, rec *record) error {
	for n := 0; s.whole || !b.full(); n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		err := s.reader.next(rec)
		s.decoder.bind(s.reader)
		if err != nil {
			rejection, rejected := errors.AsType[*graph.Rejection](err)
			if !rejected {
				return err
			}
			b.reject(rec, rejection)
			continue
		}
		if rejection := s.decoder.decode(rec, b); rejection != nil {
			b.reject(rec, rejection)
		}
	}
	return nil
}

// stream decodes beside the caller's goroutine, in which write is called for each batch in order, and surveying when a
// survey begins. It answers with what ended the reading, nil at the file's end, and with what write failed with.
func (s *source) stream(ctx context.Context, write func(*batch) error, surveys <-chan struct{}, surveying func()) (readErr, writeErr error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	free, full := make(chan *batch, batchesUnderWay+1), make(chan *batch, batchesUnderWay+1)
	for range cap(free) {
		free <- newBatch()
	}
	go func() {
		defer close(full)
		readErr = s.run(ctx, free, full)
	}()
	for {
		select {
		case <-surveys:
			surveying()
		case b, more := <-full:
			if !more {
				if isEnd(readErr) {
					readErr = nil
				}
				return readErr, writeErr
			}
			if writeErr == nil {
				if writeErr = write(b); writeErr != nil {
					cancel()
				}
			}
			b.reset()
			free <- b
		}
	}
}
