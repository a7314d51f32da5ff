package graphtest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"lacuna/graph"
)

// The writers of these tests, and how many batches each writes.
const (
	writers = 8
	rounds  = 12
)

// testConcurrency checks what holds while several write and read at once.
func testConcurrency(t *testing.T, f Factory) {
	t.Run("each change once, in order", func(t *testing.T) { concurrencyFeed(fresh(t, f)) })
	t.Run("a scan and the feed after it are everything", func(t *testing.T) { concurrencyHandover(fresh(t, f)) })
	t.Run("the same rows by all", func(t *testing.T) { concurrencySameRows(fresh(t, f)) })
	t.Run("one consistent state to a call", func(t *testing.T) { concurrencyConsistent(fresh(t, f)) })
	t.Run("closing", func(t *testing.T) { concurrencyClose(fresh(t, f)) })
}

// put writes a batch and tries again while the store is too busy, as every caller may.
func put(ctx context.Context, w graph.Writer, b graph.Batch) (*graph.Outcomes, error) {
	for {
		o, err := w.Write(ctx, &b)
		if !errors.Is(err, graph.ErrUnavailable) || ctx.Err() != nil {
			return o, err
		}
		runtime.Gosched()
	}
}

// workBatch is what a writer writes in a round: two interactions of its own customer, one of a customer of all, and a customer.
func workBatch(writer, round int) graph.Batch {
	id := func(kind string) string { return fmt.Sprintf("%s-%d-%03d", kind, writer, round) }
	own := fmt.Sprint("own", writer)
	return graph.Batch{
		Customers:    []graph.CustomerUpsert{person(id("customer"), "N")},
		Interactions: []graph.Interaction{view(id("a"), own, round), view(id("b"), own, round), view(id("shared"), "all", writer)},
	}
}

// workers starts the writers; wait gives their first error.
func workers(ctx context.Context, stores ...graph.Store) (wait func() error) {
	var group sync.WaitGroup
	failed := make(chan error, writers)
	for w := range writers {
		group.Go(func() {
			for round := range rounds {
				o, err := put(ctx, stores[w%len(stores)], workBatch(w, round))
				if err == nil {
					for _, x := range flat(o) {
						if x.Status != graph.Accepted {
							err = fmt.Errorf("a row is %s", describe(x))
						}
					}
				}
				if err != nil {
					failed <- fmt.Errorf("writer %d: %w", w, err)
					return
				}
			}
		})
	}
	return func() error {
		group.Wait()
		close(failed)
		return <-failed
	}
}

// watch follows the feed until everything that was committed before done closed has been read.
func watch(ctx context.Context, feed graph.Feed, after graph.Cursor, size int, done <-chan struct{}) ([]graph.Change, error) {
	var all []graph.Change
	for {
		ended := false
		select {
		case <-done:
			ended = true
		default:
			runtime.Gosched()
		}
		told, next, err := follow(ctx, feed, after, size)
		if err != nil {
			return nil, err
		}
		if all, after = append(all, told...), next; ended {
			return all, nil
		}
	}
}

func concurrencyFeed(x *fixture) {
	head := x.head()
	done := make(chan struct{})
	var readers sync.WaitGroup
	var told [2][]graph.Change
	var failed [2]error
	for r := range told {
		readers.Go(func() { told[r], failed[r] = watch(x.ctx(), x.Store, head, 7+90*r, done) })
	}
	err := workers(x.ctx(), x.Store)()
	close(done)
	readers.Wait()
	if err := errors.Join(err, failed[0], failed[1]); err != nil {
		x.t.Fatal(err)
	}
	late, _ := x.changes(head, graph.MaxBatch)
	for r, list := range append(told[:], late) {
		seen := map[string]int{}
		last := map[string]string{}
		for _, c := range list {
			if c.Kind == graph.InteractionRecorded || strings.HasPrefix(c.ID, "customer-") {
				seen[c.ID]++
			}
			if c.Kind == graph.InteractionRecorded && strings.HasPrefix(c.Customer, "own") {
				if at := c.ID[len(c.ID)-3:]; at < last[c.Customer] {
					x.t.Errorf("reader %d: round %s of %s comes after round %s", r, at, c.Customer, last[c.Customer])
				} else {
					last[c.Customer] = at
				}
			}
		}
		for w := range writers {
			for round := range rounds {
				for _, kind := range []string{"a", "b", "shared", "customer"} {
					if id := fmt.Sprintf("%s-%d-%03d", kind, w, round); seen[id] != 1 {
						x.t.Errorf("reader %d: %s is told %d times", r, id, seen[id])
					}
				}
			}
		}
		x.same("changes of the shared customer", sharedOnly(late), sharedOnly(list))
	}
	x.same("interactions", int64(3*writers*rounds), x.stats().Interactions)
}

func sharedOnly(list []graph.Change) []string {
	var ids []string
	for _, c := range list {
		if c.Customer == "all" && c.Kind == graph.InteractionRecorded {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func concurrencyHandover(x *fixture) {
	done := make(chan struct{})
	var readers sync.WaitGroup
	type copyOf struct {
		scanned scanned
		told    []graph.Change
		err     error
	}
	copies := make([]copyOf, 4)
	wait := workers(x.ctx(), x.Store)
	for n := range copies {
		readers.Go(func() {
			c := &copies[n]
			var head graph.Cursor
			for range n * 20 { // readers begin at different moments
				if _, c.err = x.Head(x.ctx()); c.err != nil {
					return
				}
			}
			if head, c.err = x.Head(x.ctx()); c.err != nil {
				return
			}
			if c.scanned, c.err = scanAll(x.ctx(), x.Store, head); c.err == nil {
				c.told, c.err = watch(x.ctx(), x.Store, head, 11, done)
			}
		})
	}
	err := wait()
	close(done)
	readers.Wait()
	if err != nil {
		x.t.Fatal(err)
	}
	for n, c := range copies {
		if c.err != nil {
			x.t.Fatal(c.err)
		}
		count := map[string]int{}
		for id := range c.scanned.interactions {
			count[id]++
		}
		for _, i := range c.scanned.nameless {
			x.t.Errorf("reader %d: interaction %s is scanned without its owner", n, i.ID)
		}
		known := map[string]bool{}
		for _, customer := range c.scanned.customers {
			known[customer.ID] = true
		}
		for _, change := range c.told {
			switch change.Kind {
			case graph.InteractionRecorded:
				count[change.ID]++
			case graph.CustomerChanged:
				known[change.ID] = true
			}
		}
		for id, times := range count {
			if times != 1 {
				x.t.Errorf("reader %d: %s came %d times", n, id, times)
			}
		}
		x.same(fmt.Sprint("interactions of reader ", n), 3*writers*rounds, len(count))
		x.same(fmt.Sprint("customers of reader ", n), writers*rounds+writers+1, len(known))
	}
}

func concurrencySameRows(x *fixture) {
	var group sync.WaitGroup
	var mu sync.Mutex
	accepted := map[string]int{}
	var failed error
	for range writers {
		group.Go(func() {
			for round := range rounds {
				b := workBatch(0, round)
				o, err := put(x.ctx(), x.Store, b)
				mu.Lock()
				if err != nil {
					failed = err
				} else {
					for n, row := range o.Interactions {
						accepted[b.Interactions[n].ID+" "+word(row)]++
					}
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if failed != nil {
		x.t.Fatal(failed)
	}
	for row, times := range accepted {
		want := writers - 1
		if strings.HasSuffix(row, "accepted") {
			want = 1
		}
		if times != want {
			x.t.Errorf("%s %d times, want %d", row, times, want)
		}
	}
	x.same("interactions", int64(3*rounds), x.stats().Interactions)
	x.scannedState()
}

// concurrencyConsistent merges and unmerges two customers while others read both: together they always have the same.
func concurrencyConsistent(x *fixture) {
	x.couple()
	done := make(chan struct{})
	var readers sync.WaitGroup
	failures := make(chan string, 100)
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				pages, err := x.Interactions(x.ctx(), []graph.InteractionQuery{{Customer: "K", First: 10}, {Customer: "R", First: 10}})
				if err != nil {
					failures <- err.Error()
					return
				}
				if k, r := len(pages[0].Interactions), len(pages[1].Interactions); (k != 2 || r != 2) && (k != 4 || r != 0) {
					failures <- fmt.Sprintf("one customer has %d interactions and the other %d", k, r)
					return
				}
			}
		})
	}
	for range 25 {
		x.unmerge(x.merge("K", "R").MergeID)
	}
	close(done)
	readers.Wait()
	close(failures)
	for f := range failures {
		x.t.Error(f)
	}
}

// concurrencyClose closes the store under its writers: what they were told is kept, and the rest is refused.
func concurrencyClose(x *fixture) {
	var group sync.WaitGroup
	var mu sync.Mutex
	kept := map[string]bool{}
	busy := make(chan struct{}, writers*10_000)
	var failed error
	for w := range writers {
		group.Go(func() {
			for round := 0; ; round++ {
				b := workBatch(w, round)
				_, err := put(x.ctx(), x.Store, b)
				mu.Lock()
				if err == nil {
					kept[b.Interactions[0].ID] = true
				} else if !errors.Is(err, graph.ErrClosed) {
					failed = err
				}
				mu.Unlock()
				if err != nil {
					return
				}
				busy <- struct{}{}
			}
		})
	}
	for range 3 * writers {
		<-busy
	}
	if err := x.Close(); err != nil {
		x.t.Errorf("Close: %v", err)
	}
	group.Wait()
	if failed != nil {
		x.t.Fatalf("a write while the store was closed: %v", failed)
	}
	x.Store = x.handle()
	x.same("interactions", int64(3*len(kept)), x.stats().Interactions)
	for id := range x.scan(x.head()).interactions {
		if strings.HasPrefix(id, "a-") && !kept[id] {
			x.t.Errorf("%s is stored, but its writer was refused", id)
		}
	}
}
