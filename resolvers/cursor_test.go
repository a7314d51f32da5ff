package resolvers

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

var someTime = time.Date(2026, 1, 31, 8, 0, 0, 123_000, time.UTC)

func isCursorError(err error) bool {
	coded, ok := errors.AsType[*Error](err)
	return ok && coded.Code == CodeInvalidCursor
}

func TestCursorsRoundTrip(t *testing.T) {
	for _, key := range []graph.CustomerKey{{ID: "c1", Name: "chen", CreatedAt: someTime}, {ID: "客戶"}, {ID: "x", CreatedAt: time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)}} {
		for _, order := range []graph.CustomerOrder{graph.ByCustomerID, graph.ByName, graph.ByNewest} {
			cursor := customerCursor(order, key)
			got, err := customerKey(order, &cursor)
			if err != nil {
				t.Fatal(err)
			}
			want := graph.CustomerKey{ID: key.ID}
			switch order {
			case graph.ByName:
				want.Name = key.Name
			case graph.ByNewest:
				want.CreatedAt = key.CreatedAt
			}
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Errorf("order %d: %s", order, diff)
			}
		}
	}
	cursor := encodeCursor(interactionCursor, encodeTime(someTime), "i1")
	if key, err := interactionKey(&cursor); err != nil || *key != (graph.InteractionKey{At: someTime, ID: "i1"}) {
		t.Errorf("interactionKey = %v, %v", key, err)
	}
	cursor = encodeCursor(productCursor, "p1")
	if id, err := productKey(&cursor); err != nil || id != "p1" {
		t.Errorf("productKey = %q, %v", id, err)
	}
}

func TestNoCursorIsTheFirstPage(t *testing.T) {
	interaction, err1 := interactionKey(nil)
	product, err2 := productKey(nil)
	customer, err3 := customerKey(graph.ByName, nil)
	if err := errors.Join(err1, err2, err3); err != nil || interaction != nil || product != "" || customer != nil {
		t.Errorf("%v, %q, %v, %v", interaction, product, customer, err)
	}
}

// TestForeignCursors holds that a cursor of another list or order is refused by all but its own.
func TestForeignCursors(t *testing.T) {
	readers := map[string]func(*string) error{
		"interactions": func(s *string) error { _, err := interactionKey(s); return err },
		"products":     func(s *string) error { _, err := productKey(s); return err },
		"by id":        func(s *string) error { _, err := customerKey(graph.ByCustomerID, s); return err },
		"by name":      func(s *string) error { _, err := customerKey(graph.ByName, s); return err },
		"by newest":    func(s *string) error { _, err := customerKey(graph.ByNewest, s); return err },
	}
	key := graph.CustomerKey{ID: "c1", Name: "n", CreatedAt: someTime}
	for own, cursor := range map[string]string{
		"interactions": encodeCursor(interactionCursor, encodeTime(someTime), "i1"),
		"products":     encodeCursor(productCursor, "p1"),
		"by id":        customerCursor(graph.ByCustomerID, key),
		"by name":      customerCursor(graph.ByName, key),
		"by newest":    customerCursor(graph.ByNewest, key),
	} {
		for name, read := range readers {
			err := read(&cursor)
			if name == own && err != nil {
				t.Errorf("%s refuses its own: %v", name, err)
			}
			if name != own && !isCursorError(err) {
				t.Errorf("%s takes a cursor of %s: %v", name, own, err)
			}
		}
	}
}

func TestBadCursors(t *testing.T) {
	good := encodeCursor(interactionCursor, encodeTime(someTime), "i1")
	raw := func(b ...byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	for _, cursor := range []string{"", " ", "zzz", "!", good + "=", good[:len(good)-2], good + "AA", "1", raw(), raw(1), raw(1, 'i'), raw(2, 'i', 0, 0),
		raw(1, 'i', 0), raw(1, 'i', 0, 0), raw(1, 'i', 1, 2, 1, 'x', 0), raw(1, 'i', 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255),
		encodeCursor(interactionCursor, "", "i1"), encodeCursor(interactionCursor, encodeTime(someTime), ""), encodeCursor(interactionCursor, "\x80", "i1"),
		encodeCursor(interactionCursor, encodeTime(someTime)+"x", "i1"), encodeCursor(interactionCursor, "i1")} {
		if key, err := interactionKey(&cursor); !isCursorError(err) || key != nil {
			t.Errorf("interactionKey(%q) = %v, %v", cursor, key, err)
		}
	}
	for _, cursor := range []string{encodeCursor(newestCursor, "\x80", "c1"), encodeCursor(newestCursor, "", "")} {
		if _, err := customerKey(graph.ByNewest, &cursor); !isCursorError(err) {
			t.Errorf("customerKey(%q): %v", cursor, err)
		}
	}
}

// FuzzCursor holds that any text is either refused as INVALID_CURSOR or the one cursor of what it is read as.
func FuzzCursor(f *testing.F) {
	key := graph.CustomerKey{ID: "c1", Name: "n", CreatedAt: someTime}
	for _, seed := range []string{"", "AQ", encodeCursor(interactionCursor, encodeTime(someTime), "i1"), encodeCursor(productCursor, "p1"),
		customerCursor(graph.ByCustomerID, key), customerCursor(graph.ByName, key), customerCursor(graph.ByNewest, key)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		check := func(err error, again func() string) {
			t.Helper()
			if err != nil {
				if !isCursorError(err) {
					t.Errorf("%q: %v", text, err)
				}
			} else if again() != text {
				t.Errorf("%q is read as %q", text, again())
			}
		}
		interaction, err := interactionKey(&text)
		check(err, func() string { return encodeCursor(interactionCursor, encodeTime(interaction.At), interaction.ID) })
		product, err := productKey(&text)
		check(err, func() string { return encodeCursor(productCursor, product) })
		for _, order := range []graph.CustomerOrder{graph.ByCustomerID, graph.ByName, graph.ByNewest} {
			key, err := customerKey(order, &text)
			check(err, func() string { return customerCursor(order, *key) })
		}
	})
}
