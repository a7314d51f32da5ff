package bulk

import (
	"hash/maphash"
	"strings"
	"time"

	"lacuna/graph"
)

const (
	maxSearches  = 1 << 16         // remembered in each of two generations
	searchRepeat = 2 * time.Second // within which the same term of one session is one search
)

// searches remembers the latest searches, so that one told by two events counts once. The older half is forgotten when
// the newer is full.
type searches struct {
	seed       maphash.Seed
	newer, old map[uint64]int64 // microseconds by session and term
}

func newSearches() *searches {
	return &searches{seed: maphash.MakeSeed(), newer: map[uint64]int64{}, old: map[uint64]int64{}}
}

func (s *searches) key(row *graph.Interaction) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	session := row.Session
	if session == "" {
		session = row.Customer.Value
	}
	h.WriteString(session)
	h.WriteByte(0)
	h.WriteString(graph.Fold(strings.TrimSpace(row.Query)))
	return h.Sum64()
}

// repeats tells whether a search was noted at most two seconds before or after.
func (s *searches) repeats(row *graph.Interaction) bool {
	key := s.key(row)
	at, known := s.newer[key]
	if !known {
		if at, known = s.old[key]; !known {
			return false
		}
	}
	return time.UnixMicro(at).Sub(row.At).Abs() <= searchRepeat
}

// note remembers a search.
func (s *searches) note(row *graph.Interaction) {
	if len(s.newer) >= maxSearches {
		s.newer, s.old = s.old, s.newer
		clear(s.newer)
	}
	s.newer[s.key(row)] = row.At.UnixMicro()
}
