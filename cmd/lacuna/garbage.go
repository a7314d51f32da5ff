package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// What may lie between two collections: answers leave much behind that dies at once, and the less often it is collected the better, as long
// as a large heap of figures does not double for it.
const (
	betweenCollections = 64 << 20 // bytes
	leastPercent       = 25
	mostPercent        = 400
	tuneEvery          = 5 * time.Second
	mostFree           = 32 << 20 // bytes that may lie free before they are given back to the system, once in giveBackEvery
	giveBackEvery      = 30 * time.Second
)

// tuneGarbage lets the heap grow by about as many bytes between collections, however much lives on. Whoever sets GOGC has the last word.
func tuneGarbage(ctx context.Context) (stop func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	collectGarbage(mostPercent)
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		tick := time.NewTicker(tuneEvery)
		defer tick.Stop()
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}
		gaveBack := time.Now()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				metrics.Read(live)
				collectGarbage(int(min(mostPercent, max(leastPercent, 100*betweenCollections/max(live[0].Value.Uint64(), 1)))))
				if live[1].Value.Uint64() > mostFree && time.Since(gaveBack) > giveBackEvery { // a large table is gone again
					debug.FreeOSMemory()
					gaveBack = time.Now()
				}
			}
		}
	})
	return func() {
		cancel()
		running.Wait()
	}
}

// collectGarbage sets by how many percent the heap may grow between collections.
func collectGarbage(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}
