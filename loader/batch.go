package loader

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"lacuna/graph"
)

// A batch is closed when the response has asked nothing for this long, of any loader, and the scheduler has come round
// this often meanwhile. A fixed wait from the first key on would either add to every level of every response, or cut
// batches in pieces where a hundred resolvers take longer than it to get their turn on a busy machine.
const (
	quietTime   = 100 * time.Microsecond
	quietRounds = 4
)

// batcher joins reads of single keys into plural ones, and keeps what was read. It is safe for concurrent use.
type batcher[K comparable, V any] struct {
	read  func(ctx context.Context, keys []K) ([]V, error) // values in the order of keys
	asked *atomic.Uint64                                   // reads of all batchers of the response

	lock  sync.Mutex
	known map[K]place[K, V]
	open  *batch[K, V] // the one that further keys join, nil for none
}

// batch is one plural read. What follows full is set once done is closed.
type batch[K comparable, V any] struct {
	keys   []K
	full   atomic.Bool
	done   chan struct{}
	values []V
	err    error
}

// place is where a key's value will be.
type place[K comparable, V any] struct {
	batch *batch[K, V]
	index int
}

func newBatcher[K comparable, V any](asked *atomic.Uint64, read func(context.Context, []K) ([]V, error)) *batcher[K, V] {
	return &batcher[K, V]{read: read, asked: asked, known: map[K]place[K, V]{}}
}

// load waits for the batch that key joins, or for the context.
func (b *batcher[K, V]) load(ctx context.Context, key K) (V, error) {
	return b.join(ctx, key).wait(ctx)
}

// loadAll gives the values of keys, in their order.
func (b *batcher[K, V]) loadAll(ctx context.Context, keys []K) ([]V, error) {
	places := make([]place[K, V], len(keys))
	for i, key := range keys {
		places[i] = b.join(ctx, key)
	}
	values := make([]V, len(keys))
	for i, p := range places {
		var err error
		if values[i], err = p.wait(ctx); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// forget drops what was read, so that it is read anew.
func (b *batcher[K, V]) forget() {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.known = map[K]place[K, V]{}
	b.open = nil // keys asked from now on must not join a read that may have begun before
}

func (b *batcher[K, V]) join(ctx context.Context, key K) place[K, V] {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.asked.Add(1)
	if p, ok := b.known[key]; ok {
		return p
	}
	if b.open == nil {
		b.open = &batch[K, V]{done: make(chan struct{})}
		go b.run(ctx, b.open)
	}
	p := place[K, V]{batch: b.open, index: len(b.open.keys)}
	b.known[key] = p
	p.batch.keys = append(p.batch.keys, key)
	if len(p.batch.keys) == graph.MaxKeys {
		p.batch.full.Store(true)
		b.open = nil
	}
	return p
}

// run reads a batch as soon as nobody else is about to join it.
func (b *batcher[K, V]) run(ctx context.Context, joined *batch[K, V]) {
	defer close(joined.done)
	b.untilQuiet(ctx, &joined.full)
	b.lock.Lock()
	if b.open == joined {
		b.open = nil
	}
	keys := joined.keys
	b.lock.Unlock()
	defer func() {
		if cause := recover(); cause != nil { // not in a resolver's goroutine, where the server would see to it
			joined.err = fmt.Errorf("panic while reading (%T)\n%s", cause, debug.Stack())
		}
	}()
	joined.values, joined.err = b.read(ctx, keys)
}

// untilQuiet lets others run rather than sleep: a timer is a millisecond late on an idle machine.
func (b *batcher[K, V]) untilQuiet(ctx context.Context, full *atomic.Bool) {
	asked, since, rounds := b.asked.Load(), time.Now(), 0
	for !full.Load() && ctx.Err() == nil {
		runtime.Gosched()
		if now := b.asked.Load(); now != asked {
			asked, since, rounds = now, time.Now(), 0
			continue
		}
		if rounds++; rounds >= quietRounds && time.Since(since) >= quietTime {
			return
		}
	}
}

func (p place[K, V]) wait(ctx context.Context) (value V, err error) {
	select {
	case <-p.batch.done:
	case <-ctx.Done():
		return value, ctx.Err()
	}
	if p.batch.err != nil {
		return value, p.batch.err
	}
	return p.batch.values[p.index], nil
}
