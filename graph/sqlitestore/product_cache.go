package sqlitestore

import (
	"slices"
	"sync"

	"lacuna/graph"
)

// productCache keeps products as of the last change of any product, so that the catalog, which is small and asked for with
// every page, is read once. Whoever asks says which change the own snapshot has seen.
type productCache struct {
	mu   sync.RWMutex
	seq  int64
	byID map[string]*graph.Product // never changed once it is in
}

// maxCachedProducts bounds the cache; a larger catalog is read from the file in part.
const maxCachedProducts = 100_000

// get gives a copy of a product, nil when it is not there.
func (p *productCache) get(seq int64, id string) *graph.Product {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.seq != seq || p.byID[id] == nil {
		return nil
	}
	return copyProduct(p.byID[id])
}

// put keeps a copy, unless the product was read from an older state than what is kept.
func (p *productCache) put(seq int64, product *graph.Product) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if seq < p.seq {
		return
	}
	if p.byID == nil || seq > p.seq || len(p.byID) >= maxCachedProducts {
		p.seq, p.byID = seq, map[string]*graph.Product{}
	}
	kept := copyProduct(product)
	p.byID[kept.ID] = kept
}

// copyProduct copies all that a caller may change.
func copyProduct(p *graph.Product) *graph.Product {
	c := *p
	c.Categories, c.Tags, c.Attributes = slices.Clone(p.Categories), slices.Clone(p.Tags), slices.Clone(p.Attributes)
	return &c
}
