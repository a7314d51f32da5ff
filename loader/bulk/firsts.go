package bulk

import (
	"hash/maphash"
	"slices"
)

// maxFirsts is how many different things firsts remembers. Beyond it everything counts as new again.
const maxFirsts = 1 << 20

// firsts notes which fields of which things this load has stated, so that only the first statement of each counts, and a
// row that says nothing new costs next to nothing. It keeps hashes. It is not safe for concurrent use.
type firsts struct {
	seed   maphash.Seed
	stated map[uint64]uint64 // sets of fields
}

func newFirsts() *firsts { return &firsts{seed: maphash.MakeSeed(), stated: map[uint64]uint64{}} }

// key names a thing of a kind; of one that has more than 64 fields, each word of them has a key of its own.
func (f *firsts) key(kind Kind, id string, word int) uint64 {
	return maphash.String(f.seed, id) ^ apart(kind, word)
}

// number is key for ids that are numbers.
func (f *firsts) number(kind Kind, id int64, word int) uint64 {
	return maphash.Comparable(f.seed, id) ^ apart(kind, word)
}

// apart spreads the keys of kinds and words.
func apart(kind Kind, word int) uint64 {
	return uint64(word*len(kindOrder)+slices.Index(kindOrder, kind)+1) * 0x9e3779b97f4a7c15
}

// fresh gives those of the fields that were not stated.
func (f *firsts) fresh(key, fields uint64) uint64 { return fields &^ f.stated[key] }

// note remembers that fields were stated.
func (f *firsts) note(key, fields uint64) {
	if len(f.stated) >= maxFirsts {
		clear(f.stated)
	}
	f.stated[key] |= fields
}

// forget takes back that fields were stated.
func (f *firsts) forget(key, fields uint64) { f.stated[key] &^= fields }
