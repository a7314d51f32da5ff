package bulk

import (
	"hash/maphash"
	"strings"
)

// internSlots is a power of two. Files have few different products, categories, channels and campaigns; of what has more,
// as customers may, the ones seen lately stay.
const internSlots = 1 << 16

// interner gives texts memory of their own, the same memory to the same text seen again. It is of fixed size: each text
// has one slot, and a newcomer takes it over. It is not safe for concurrent use.
type interner struct {
	seed  maphash.Seed
	slots []string
}

func newInterner() *interner {
	return &interner{seed: maphash.MakeSeed(), slots: make([]string, internSlots)}
}

// keep gives a text equal to s that does not hold on to the block that s is a part of.
func (n *interner) keep(s string) string {
	if s == "" {
		return ""
	}
	slot := &n.slots[maphash.String(n.seed, s)&(internSlots-1)]
	if *slot != s {
		*slot = strings.Clone(s)
	}
	return *slot
}
