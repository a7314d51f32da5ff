package sqlitestore

import (
	"hash/maphash"

	"zombiezen.com/go/sqlite"
)

// fastLoad stands in for the indexes of the interactions table while a first load inserts without them. It is a hash table
// with open addressing of 8 bytes a slot, at most three quarters full, in parts that grow one by one, so that growing never
// takes twice the memory. It only tells where to look: a row of the same hash is read and compared.
type fastLoad struct {
	seed  maphash.Seed
	base  int64 // the position before the first that can be stored
	parts [fastParts]fastPart
}

// fastPart is one part. A slot holds 32 bits of the hash above the position, counted from base; 0 is an empty one.
type fastPart struct {
	slots []uint64
	used  int
}

const (
	fastPartBits = 6
	fastParts    = 1 << fastPartBits
	smallestPart = 1 << 10
)

func newFastLoad(base int64) *fastLoad { return &fastLoad{seed: maphash.MakeSeed(), base: base} }

// find gives the part that an id belongs to and the 32 bits that stand for it there.
func (f *fastLoad) find(id string) (*fastPart, uint32) {
	hash := maphash.String(f.seed, id)
	return &f.parts[hash&(fastParts-1)], uint32(hash >> 32)
}

// add remembers where an interaction was written.
func (f *fastLoad) add(id string, seq int64) {
	p, hash := f.find(id)
	if 4*(p.used+1) > 3*len(p.slots) {
		p.grow()
	}
	p.put(uint64(hash)<<32 | uint64(uint32(seq-f.base)))
	p.used++
}

func (p *fastPart) put(slot uint64) {
	mask := uint64(len(p.slots) - 1)
	i := slot >> 32 & mask
	for p.slots[i] != 0 {
		i = (i + 1) & mask
	}
	p.slots[i] = slot
}

func (p *fastPart) grow() {
	old := p.slots
	p.slots = make([]uint64, max(2*len(old), smallestPart))
	for _, slot := range old {
		if slot != 0 {
			p.put(slot)
		}
	}
}

// each visits the positions of all interactions whose id may be this one, until visit says to stop.
func (f *fastLoad) each(id string, visit func(seq int64) (stop bool, err error)) error {
	p, hash := f.find(id)
	if len(p.slots) == 0 {
		return nil
	}
	mask := uint64(len(p.slots) - 1)
	for i := uint64(hash) & mask; p.slots[i] != 0; i = (i + 1) & mask {
		if uint32(p.slots[i]>>32) != hash {
			continue
		}
		if stop, err := visit(f.base + int64(uint32(p.slots[i]))); stop || err != nil {
			return err
		}
	}
	return nil
}

const (
	indexByID       = "CREATE UNIQUE INDEX interactions_by_id ON interactions (id)"
	indexByCustomer = "CREATE INDEX interactions_by_customer ON interactions (customer, at DESC, id)"
)

// enterFast drops the indexes of the empty table, within the transaction: nobody else ever sees the store without them.
func (t *tx) enterFast() error {
	for _, drop := range []string{"DROP INDEX interactions_by_id", "DROP INDEX interactions_by_customer"} {
		if _, err := t.once(drop); err != nil {
			return err
		}
	}
	t.fast = newFastLoad(t.m.seq)
	return nil
}

// leaveFast builds the indexes. Whatever is not plain inserting needs them. Sorting takes as much memory as the page cache
// may, so that is made small meanwhile.
func (t *tx) leaveFast() error {
	if t.fast == nil {
		return nil
	}
	t.fast = nil
	for _, statement := range []string{sortingCache, indexByID, indexByCustomer, writerCache} {
		if _, err := t.once(statement); err != nil {
			return err
		}
	}
	return nil
}

// compareFast is compareStored while there is no index.
func (t *tx) compareFast(in *incoming) (found, same bool, err error) {
	err = t.fast.each(in.ID, func(seq int64) (bool, error) {
		_, err := t.row(compareInteraction+"seq = ? AND id = ?", func(st *sqlite.Stmt) {
			found, same = true, t.sameRow(st, in)
		}, seq, in.ID)
		return found, err
	})
	return found, same, err
}
