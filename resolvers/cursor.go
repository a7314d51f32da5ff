package resolvers

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"lacuna/graph"
)

// A cursor is base64 of: a version, what it pages through and in which order, then the key's parts, each a length and its
// bytes. A cursor of another list or order is refused rather than misread.
const cursorVersion = 1

type cursorKind byte

const (
	interactionCursor cursorKind = 'i'
	productCursor     cursorKind = 'p'
	customerIDCursor  cursorKind = 'c'
	nameCursor        cursorKind = 'n'
	newestCursor      cursorKind = 'd'
	segmentCursor     cursorKind = 's'
	segmentNameCursor cursorKind = 'm'
	segmentSizeCursor cursorKind = 'z'
	gapCursor         cursorKind = 'g'
	evidenceCursor    cursorKind = 'e'
)

var errCursor = &Error{Code: CodeInvalidCursor, Message: "after is no cursor of this list in this order: use endCursor or an edge's cursor of the page before"}

func encodeCursor(kind cursorKind, parts ...string) string {
	buf := []byte{cursorVersion, byte(kind)}
	for _, part := range parts {
		buf = append(binary.AppendUvarint(buf, uint64(len(part))), part...)
	}
	return base64.RawURLEncoding.EncodeToString(buf)
}

// decodeCursor gives exactly n parts, or errCursor.
func decodeCursor(text string, kind cursorKind, n int) ([]string, error) {
	buf, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(buf) < 2 || buf[0] != cursorVersion || buf[1] != byte(kind) {
		return nil, errCursor
	}
	buf = buf[2:]
	parts := make([]string, 0, n)
	for len(buf) > 0 {
		size, used := binary.Uvarint(buf)
		if used <= 0 || size > uint64(len(buf)-used) || len(parts) == n {
			return nil, errCursor
		}
		parts = append(parts, string(buf[used:used+int(size)]))
		buf = buf[used+int(size):]
	}
	if len(parts) != n || encodeCursor(kind, parts...) != text { // one key has one cursor, so that none was made by hand
		return nil, errCursor
	}
	return parts, nil
}

func encodeTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return string(binary.AppendVarint(nil, t.UnixMicro()))
}

func decodeTime(part string) (time.Time, error) {
	if part == "" {
		return time.Time{}, nil
	}
	micros, _ := binary.Varint([]byte(part))
	if t := time.UnixMicro(micros).UTC(); encodeTime(t) == part {
		return t, nil
	}
	return time.Time{}, errCursor
}

func interactionKey(after *string) (*graph.InteractionKey, error) {
	if after == nil {
		return nil, nil //nolint:nilnil // no cursor is the first page
	}
	parts, err := decodeCursor(*after, interactionCursor, 2)
	if err != nil {
		return nil, err
	}
	at, err := decodeTime(parts[0])
	if err != nil || at.IsZero() || parts[1] == "" {
		return nil, errCursor
	}
	return &graph.InteractionKey{At: at, ID: parts[1]}, nil
}

func productKey(after *string) (string, error) {
	if after == nil {
		return "", nil
	}
	parts, err := decodeCursor(*after, productCursor, 1)
	if err != nil || parts[0] == "" {
		return "", errCursor
	}
	return parts[0], nil
}

// customerCursor holds no more of a customer than its order needs.
func customerCursor(order graph.CustomerOrder, key graph.CustomerKey) string {
	switch order {
	case graph.ByName:
		return encodeCursor(nameCursor, key.Name, key.ID)
	case graph.ByNewest:
		return encodeCursor(newestCursor, encodeTime(key.CreatedAt), key.ID)
	default:
		return encodeCursor(customerIDCursor, key.ID)
	}
}

func customerKey(order graph.CustomerOrder, after *string) (*graph.CustomerKey, error) {
	if after == nil {
		return nil, nil //nolint:nilnil // no cursor is the first page
	}
	kind, n := customerIDCursor, 1
	switch order {
	case graph.ByName:
		kind, n = nameCursor, 2
	case graph.ByNewest:
		kind, n = newestCursor, 2
	}
	parts, err := decodeCursor(*after, kind, n)
	if err != nil || parts[n-1] == "" {
		return nil, errCursor
	}
	key := graph.CustomerKey{ID: parts[n-1]}
	switch order {
	case graph.ByName:
		key.Name = parts[0]
	case graph.ByNewest:
		key.CreatedAt, err = decodeTime(parts[0])
	}
	return &key, err
}
