package sqlitestore

import (
	"hash/maphash"

	"zombiezen.com/go/sqlite"
)

// fastLoad stands in for the indexes of the interactions table while a first load inserts without them. It is a hash table
// with open addressing: 12 bytes a slot, at most three quarters full. It only tells where to look: a row of the same hash is
// read and compared.
type fastLoad struct {
	seed   maphash.Seed
	hashes []uint64
	seqs   []uint32 // from base; 0 is an empty slot
	base   int64    // the position before the first that can be stored
	used   int
}

const smallestTable = 1 << 16

func newFastLoad(base int64) *fastLoad {
	return &fastLoad{
		seed: maphash.MakeSeed(), hashes: make([]uint64, smallestTable), seqs: make([]uint32, smallestTable), base: base,
	}
}

func (f *fastLoad) hash(id string) uint64 { return maphash.String(f.seed, id) }

// add remembers where an interaction was written.
func (f *fastLoad) add(id string, seq int64) {
	if 4*(f.used+1) > 3*len(f.seqs) {
		f.grow()
	}
	f.put(f.hash(id), uint32(seq-f.base))
	f.used++
}

func (f *fastLoad) put(hash uint64, offset uint32) {
	mask := uint64(len(f.seqs) - 1)
	i := hash & mask
	for f.seqs[i] != 0 {
		i = (i + 1) & mask
	}
	f.hashes[i], f.seqs[i] = hash, offset
}

func (f *fastLoad) grow() {
	hashes, seqs := f.hashes, f.seqs
	f.hashes, f.seqs = make([]uint64, 2*len(hashes)), make([]uint32, 2*len(seqs))
	for i, offset := range seqs {
		if offset != 0 {
			f.put(hashes[i], offset)
		}
	}
}

// each visits the positions of all interactions whose id may be this one, until visit says to stop.
func (f *fastLoad) each(id string, visit func(seq int64) (stop bool, err error)) error {
	hash, mask := f.hash(id), uint64(len(f.seqs)-1)
	for i := hash & mask; f.seqs[i] != 0; i = (i + 1) & mask {
		if f.hashes[i] != hash {
			continue
		}
		if stop, err := visit(f.base + int64(f.seqs[i])); stop || err != nil {
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

// leaveFast builds the indexes. Whatever is not plain inserting needs them.
func (t *tx) leaveFast() error {
	if t.fast == nil {
		return nil
	}
	t.fast = nil
	for _, create := range []string{indexByID, indexByCustomer} {
		if _, err := t.once(create); err != nil {
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
