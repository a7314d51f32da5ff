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
	newer, old map[uint64]search // by session and term
}

// search is when a search was, and its row as long as that is in the batch being filled.
type search struct {
	micros int64
	batch  *batch
	turn   int // of the batch
	row    int
}

func newSearches() *searches {
	return &searches{seed: maphash.MakeSeed(), newer: map[uint64]search{}, old: map[uint64]search{}}
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

// repeats tells whether a search was noted at most two seconds before or after, and gives its row if that is in b still.
func (s *searches) repeats(row *graph.Interaction, b *batch) (first *graph.Interaction, repeated bool) {
	key := s.key(row)
	noted, known := s.newer[key]
	if !known {
		if noted, known = s.old[key]; !known {
			return nil, false
		}
	}
	if time.UnixMicro(noted.micros).Sub(row.At).Abs() > searchRepeat {
		return nil, false
	}
	if noted.batch == b && noted.turn == b.turn {
		first = &b.rows.Interactions[noted.row]
	}
	return first, true
}

// note remembers a search whose row was just added to a batch.
func (s *searches) note(row *graph.Interaction, b *batch) {
	if len(s.newer) >= maxSearches {
		s.newer, s.old = s.old, s.newer
		clear(s.newer)
	}
	s.newer[s.key(row)] = search{micros: row.At.UnixMicro(), batch: b, turn: b.turn, row: len(b.rows.Interactions) - 1}
}
