package synth

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Counts is how much was made.
type Counts struct {
	Categories, Products, Customers, Segments, Interactions int
}

// Write makes a marketplace and writes it into a folder, as files of the generic format: categories, products, customers and
// interactions as CSV, segments as NDJSON. The folder is made where it is missing; files of these names are replaced.
func Write(dir string, o Options) (Counts, error) {
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		return Counts{}, fmt.Errorf("make a marketplace: %w", err)
	}
	if o, err = o.withDefaults(zone); err != nil {
		return Counts{}, fmt.Errorf("make a marketplace: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Counts{}, fmt.Errorf("make a marketplace: %w", err)
	}
	w := newWorld(o)
	w.run()
	segments, err := data.ReadFile("data/segments.ndjson")
	if err != nil {
		return Counts{}, fmt.Errorf("make a marketplace: %w", err)
	}
	for _, file := range []struct {
		name  string
		write func(*csv.Writer) error
	}{{"categories.csv", w.writeCategories}, {"products.csv", w.writeProducts}, {"customers.csv", w.writeCustomers}, {"interactions.csv", w.writeInteractions}} {
		if err := writeFile(filepath.Join(dir, file.name), func(to io.Writer) error {
			rows := csv.NewWriter(to)
			if err := file.write(rows); err != nil {
				return err
			}
			rows.Flush()
			return rows.Error()
		}); err != nil {
			return Counts{}, err
		}
	}
	err = writeFile(filepath.Join(dir, "segments.ndjson"), func(to io.Writer) error {
		_, err := to.Write(segments)
		return err
	})
	return Counts{
		Categories: len(w.catalog.categories), Products: len(w.catalog.products), Customers: len(w.persons),
		Segments: strings.Count(string(segments), "\n"), Interactions: len(w.events),
	}, err
}

func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	buffered := bufio.NewWriterSize(f, 1<<20)
	if err := errors.Join(write(buffered), buffered.Flush(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func (w *world) writeCategories(rows *csv.Writer) error {
	if err := rows.Write([]string{"id", "name", "parent", "name_zh"}); err != nil {
		return err
	}
	for _, c := range w.catalog.categories {
		if err := rows.Write([]string{c.id, c.name, c.parent, c.zh}); err != nil {
			return err
		}
	}
	return nil
}

// productAttributes are the columns of attributes, in their order.
var productAttributes = []string{"hours", "capacity", "min_age", "guide_language", "free_cancellation"}

func (w *world) writeProducts(rows *csv.Writer) error {
	header := []string{"id", "name", "categories", "tags", "price", "currency", "launched_at", "retired_at", "in_stock"}
	for _, a := range productAttributes {
		header = append(header, "attr."+a)
	}
	if err := rows.Write(header); err != nil {
		return err
	}
	for _, p := range w.catalog.products {
		filed := p.service
		if p.place != "" {
			filed = p.place + "|" + filed
		} else {
			filed = p.country + "|" + filed
		}
		row := []string{
			p.id, p.name, filed, strings.Join(p.tags, "|"), strconv.Itoa(p.price), Currency, date(p.supply.launched), date(p.supply.retired),
			strconv.FormatBool(p.supply.available(w.span.end.Add(-time.Second))),
		}
		for _, a := range productAttributes {
			row = append(row, p.attributes[a])
		}
		if err := rows.Write(row); err != nil {
			return err
		}
	}
	return nil
}

// date writes a day; the zero time is empty.
func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func (w *world) writeCustomers(rows *csv.Writer) error {
	if err := rows.Write([]string{
		"id", "name", "created_at", "household", "identities", "consents", "source", "updated_at", "referred_by",
		"attr.city", "attr.birth_year", "attr.children", "attr.language", "attr.member_tier", "attr.first_trip",
	}); err != nil {
		return err
	}
	for i, p := range w.persons {
		if err := rows.Write(w.crmRow(p)); err != nil {
			return err
		}
		if s := newStream(w.o.Seed, "second source", i); p.id == guideID || s.chance(.25) {
			if err := rows.Write(w.appRow(p, s)); err != nil {
				return err
			}
		}
	}
	return nil
}

// crmRow is what the company's own system knows.
func (w *world) crmRow(p *person) []string {
	identities := make([]string, 0, len(p.identities))
	for _, i := range p.identities {
		text := i.kind + ":" + i.value
		if i.verified {
			text += ";verified"
		}
		identities = append(identities, text)
	}
	row := []string{
		p.id, p.name, p.created.Format(time.RFC3339), p.household, strings.Join(identities, "|"),
		"MARKETING:" + granted(p.marketing) + "|ANALYTICS:" + granted(p.analytics), "crm", minTime(p.created.AddDate(0, 1, 0), w.span.end.Add(-time.Minute)).Format(time.RFC3339), p.referredBy,
		"", "", "", p.language, p.tier(), date(p.first),
	}
	for i, value := range []string{p.city, strconv.Itoa(p.birthYear), strconv.Itoa(p.children)} {
		if p.told[(i+2)%3] {
			row[9+i] = value
		}
	}
	return row
}

// appRow is what somebody told the app later; they may have moved meanwhile.
func (w *world) appRow(p *person, s stream) []string {
	city := p.city
	if s.chance(.3) {
		city = weightedCity(s)
	}
	if p.id == guideID {
		city = "Taipei"
	}
	told := minTime(p.created.AddDate(0, 2+s.IntN(12), s.IntN(28)), w.span.end.AddDate(0, 0, -1))
	return []string{p.id, "", "", "", "", "", "app", told.Format(time.RFC3339), "", city, "", "", p.language, "", ""}
}

func granted(yes bool) string {
	if yes {
		return "GRANTED"
	}
	return "DENIED"
}

// tier is the level of the loyalty programme, for those who have a card.
func (p *person) tier() string {
	switch {
	case p.card == "":
		return ""
	case p.spent >= 120_000:
		return "platinum"
	case p.spent >= 50_000:
		return "gold"
	case p.spent > 0:
		return "silver"
	}
	return "basic"
}

func (w *world) writeInteractions(rows *csv.Writer) error {
	if err := rows.Write([]string{
		"id", "type", "at", "customer", "channel", "product", "category", "query", "results", "quantity", "amount", "currency", "campaign", "rating",
		"session", "available", "source", "attr.destination", "attr.depart", "attr.nights", "attr.party", "attr.children",
	}); err != nil {
		return err
	}
	row := make([]string, 22)
	for i := range w.events {
		w.events[i].row(row)
		if err := rows.Write(row); err != nil {
			return err
		}
	}
	return nil
}

func (e *event) row(row []string) {
	clear(row)
	copy(row, []string{
		fmt.Sprintf("i%d-%d", e.owner, e.turn), e.kind, e.at.Format(time.RFC3339), e.customer, e.channel, e.product, e.category, e.query, known(e.results), known(e.quantity), known(e.amount),
		"", e.campaign, known(e.rating), e.session, "", e.source,
	})
	if e.amount >= 0 {
		row[11] = Currency
	}
	if e.available >= 0 {
		row[15] = strconv.FormatBool(e.available == 1)
	}
	if t := e.trip; t != nil {
		copy(row[17:], []string{t.place.id, date(t.depart), strconv.Itoa(t.nights), t.party, strconv.Itoa(t.children)})
	}
}

func known(n int) string {
	if n < 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// order puts the events into the order of time.
func (w *world) order() {
	slices.SortFunc(w.events, func(a, b event) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.owner, b.owner), cmp.Compare(a.turn, b.turn))
	})
}
