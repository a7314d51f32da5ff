package bulk

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"

	"lacuna/graph"
)

// bloomBytes is the size of the filter that finds contents which may repeat: some five million rows without an id leave
// it nearly free of false alarms, fifty million still mostly.
const bloomBytes = 32 << 20

const bloomHashes = 4

// bloom is a set that may answer "seen" for what it has not seen, never the opposite.
type bloom struct{ bits []uint64 }

func newBloom() *bloom { return &bloom{bits: make([]uint64, bloomBytes/8)} }

// add adds a content and tells whether it may have been there.
func (b *bloom) add(content [32]byte) bool {
	seen := true
	for i := range bloomHashes {
		bit := binary.LittleEndian.Uint64(content[8*i:]) % (bloomBytes * 8)
		word, mask := &b.bits[bit/64], uint64(1)<<(bit%64)
		if *word&mask == 0 {
			*word |= mask
			seen = false
		}
	}
	return seen
}

// rowIDs gives ids to rows that have none: from a row's content and its occurrence among the equal rows of its file, so
// that two equal lines both count and a second load gives the same ids. To count occurrences in bounded memory, a survey
// of the file has found the contents that may repeat; only these are counted.
type rowIDs struct {
	occurrences map[uint64]uint32 // by the beginning of the content's hash; a clash only skips a number
}

func contentKey(content [32]byte) uint64 { return binary.LittleEndian.Uint64(content[:]) }

// id gives the next row of this content its id.
func (r *rowIDs) id(content [32]byte) string {
	key := contentKey(content)
	occurrence, repeats := r.occurrences[key]
	if repeats {
		r.occurrences[key] = occurrence + 1
	}
	sum := sha256.Sum256(binary.BigEndian.AppendUint32(content[:], occurrence))
	return "row-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:26])
}

// giveID gives an interaction without an id its own.
func (d *decoder) giveID(row *graph.Interaction) *graph.Rejection {
	if row.ID != "" {
		return nil
	}
	row.Normalize()
	if d.ids == nil {
		ids, err := d.surveyContents()
		if err != nil {
			return graph.Reject(graph.RejectMissing, "id", "is empty, and the file could not be surveyed to make one: %v", err)
		}
		d.ids = ids
	}
	row.ID = d.ids.id(row.ContentHash())
	return nil
}

// surveyContents reads the whole file once for the contents that may repeat among rows without an id.
func (d *decoder) surveyContents() (*rowIDs, error) {
	d.survey()
	r, err := d.open()
	if err != nil {
		return nil, err
	}
	seen, ids := newBloom(), &rowIDs{occurrences: map[uint64]uint32{}}
	twin := *d
	twin.bindings, twin.order, twin.unknown, twin.unsettled, twin.values, twin.parts = nil, nil, nil, 0, nil, nil
	var row graph.Interaction
	for rec := range surveyed(r) {
		if !twin.readContent(r, rec, &row) {
			continue
		}
		if content := row.ContentHash(); seen.add(content) {
			ids.occurrences[contentKey(content)] = 0
		}
	}
	return ids, r.Close()
}

// readContent reads the content of a row without an id; it answers false for any other row.
func (d *decoder) readContent(r reader, rec *record, row *graph.Interaction) bool {
	d.bind(r)
	if d.settleTypes(rec) != nil {
		return false
	}
	*row = graph.Interaction{}
	d.values = d.values[:0]
	if d.each(rec, func(to *binding, c *cell) *graph.Rejection { return d.interactionCell(row, to, c) }) != nil || row.ID != "" {
		return false
	}
	if row.Amount.Known && row.Currency == "" {
		row.Currency = d.currency
	}
	row.Attributes = d.values
	row.Normalize()
	return true
}
