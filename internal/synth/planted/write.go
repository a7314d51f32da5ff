package planted

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
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

// TruthFile is the name of the file of the truth.
const TruthFile = "truth.json"

// Counts is how much was made.
type Counts struct {
	Categories, Products, Customers, Segments, Interactions, Plants int
}

// Write makes data and writes it into a folder as files of the generic format, with the truth beside them. The folder is made where it is missing; files
// of these names are replaced.
func Write(dir string, o Options) (Counts, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Counts{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Counts{}, fmt.Errorf("make data: %w", err)
	}
	w := newWorld(o)
	w.simulate()
	w.settleKnown()
	w.order()
	for _, file := range []struct {
		name  string
		write func(*csv.Writer) error
	}{{"categories.csv", w.writeCategories}, {"products.csv", w.writeProducts}, {"customers.csv", w.writeCustomers}, {"interactions.csv", w.writeInteractions}} {
		if err := writeFile(filepath.Join(dir, file.name), func(to io.Writer) error {
			rows := csv.NewWriter(to)
			err := file.write(rows)
			rows.Flush()
			return errors.Join(err, rows.Error())
		}); err != nil {
			return Counts{}, err
		}
	}
	if err := writeFile(filepath.Join(dir, "segments.ndjson"), w.writeSegments); err != nil {
		return Counts{}, err
	}
	err = writeFile(filepath.Join(dir, TruthFile), func(to io.Writer) error { return json.NewEncoder(to).Encode(w.truth()) })
	return Counts{len(w.categories), len(w.products), len(w.people), len(w.segments), len(w.interactions), len(w.plants)}, err
}

func writeFile(path string, write func(io.Writer) error) error {
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

// order puts what was drawn into the order of time; what comes late is written later than it happened.
func (w *world) order() {
	s := newStream(w.Seed, "order")
	slices.SortStableFunc(w.interactions, func(a, b interaction) int { return int(a.at - b.at) })
	if w.confounder("late") {
		for range len(w.interactions) / 50 {
			i, j := s.IntN(len(w.interactions)), s.IntN(len(w.interactions))
			w.interactions[i], w.interactions[j] = w.interactions[j], w.interactions[i]
		}
	}
}

func (w *world) writeCategories(rows *csv.Writer) error {
	_ = rows.Write([]string{"id", "name", "parent"})
	for _, c := range w.categories {
		parent := ""
		if c.parent >= 0 {
			parent = w.categories[c.parent].id
		}
		_ = rows.Write([]string{c.id, c.name, parent})
	}
	return rows.Error()
}

func (w *world) writeProducts(rows *csv.Writer) error {
	_ = rows.Write(append([]string{"id", "name", "categories", "price", "currency", "launched_at", "attr.style"}, prefixed(featureNames[:])...))
	for n := range w.leaves {
		for _, i := range w.leaves[n].products {
			p := &w.products[i]
			launched := ""
			if !p.launched.IsZero() {
				launched = p.launched.Format(time.DateOnly)
			}
			row := []string{productID(i), fmt.Sprintf("Product %d", i), w.leafID(n), strconv.FormatFloat(p.price, 'f', 2, 64), "EUR", launched, p.style}
			for f := range features {
				row = append(row, strconv.FormatBool(p.has[f]))
			}
			_ = rows.Write(row)
		}
	}
	return rows.Error()
}

func productID(i int) string { return fmt.Sprintf("p%05d", i) }

func prefixed(names []string) (list []string) {
	for _, name := range names {
		list = append(list, "attr."+name)
	}
	return list
}

func (w *world) writeCustomers(rows *csv.Writer) error {
	var names []string
	for _, t := range w.traits {
		names = append(names, t.name)
	}
	_ = rows.Write(append([]string{"id", "created_at"}, prefixed(names)...))
	for i := range w.people {
		p := &w.people[i]
		row := []string{customerID(i), w.begin().AddDate(0, 0, 7*p.born).Format(time.DateOnly)}
		for t := range traits {
			value := ""
			if p.known[t] {
				value = w.traits[t].values[p.traits[t]]
			}
			row = append(row, value)
		}
		_ = rows.Write(row)
	}
	return rows.Error()
}

func customerID(i int) string { return fmt.Sprintf("c%06d", i) }

// begin is the first moment of the history.
func (w *world) begin() time.Time { return end.AddDate(0, 0, -7*w.Weeks) }

var channels = [...]string{"WEB", "APP", "STORE"}

func (w *world) writeInteractions(rows *csv.Writer) error {
	_ = rows.Write([]string{"id", "type", "at", "customer", "channel", "product", "category", "query", "results", "quantity", "amount", "currency", "available", "rating"})
	s := newStream(w.Seed, "rows")
	begin := w.begin()
	last := int64(w.Weeks)*week - 1
	row := make([]string, 14)
	for i := range w.interactions {
		r := &w.interactions[i]
		if r.at > last {
			continue
		}
		clear(row)
		row[0], row[1], row[2], row[3] = fmt.Sprintf("i%08d", i), r.kind, begin.Add(time.Duration(r.at)*time.Second).Format(time.RFC3339), customerID(int(r.customer))
		row[4] = channels[r.channel]
		if r.product >= 0 {
			p := &w.products[r.product]
			row[5] = productID(int(r.product))
			if !p.launched.IsZero() && begin.Add(time.Duration(r.at)*time.Second).Before(p.launched) {
				row[5], row[6] = "", w.leafID(p.leaf)
			}
			switch r.kind {
			case view:
				row[12] = strconv.FormatBool(!r.missing)
			case purchase, giveBack:
				row[9], row[10], row[11] = "1", strconv.FormatFloat(p.price, 'f', 2, 64), "EUR"
			case review:
				row[13] = strconv.Itoa(int(r.rating))
			}
		}
		if r.kind == search {
			w.describeSearch(r, row, s)
		}
		_ = rows.Write(row)
		if w.confounder("duplicates") && s.chance(.01) {
			if s.chance(.5) {
				row[0] += "-again"
			}
			_ = rows.Write(row)
		}
	}
	if w.confounder("late") { // clocks that are years ahead
		for i := range 20 {
			_ = rows.Write([]string{fmt.Sprintf("f%02d", i), "VIEW", "2031-01-01T00:00:00Z", customerID(i), "WEB", "", w.leafID(i), "", "", "", "", "", "", ""})
		}
	}
	return rows.Error()
}

// describeSearch fills in what was searched for. The query says the leaf; the category is stated where the leaf is.
func (w *world) describeSearch(r *interaction, row []string, s stream) {
	n := int(r.leaf)
	if n >= 0 {
		row[6] = w.leafID(n)
	} else {
		n = int(r.word)
	}
	row[7] = w.leaves[n].word
	if r.wrong {
		row[7] = "other " + w.leaves[n].word
	}
	row[8] = strconv.Itoa(int(r.results))
	if !s.chance(.98) {
		row[8] = "" // some systems forget to count
	}
}

func (w *world) writeSegments(to io.Writer) error {
	for _, part := range w.segments {
		var rules []string
		for t := range traits {
			if v, ok := part.rule[t]; ok {
				rules = append(rules, fmt.Sprintf(`{"attribute":{"name":%q,"eq":%q}}`, w.traits[t].name, w.traits[t].values[v]))
			}
		}
		rule := ""
		switch {
		case part.root >= 0:
			rule = fmt.Sprintf(`{"event":{"types":["PURCHASE"],"category":%q,"within":"P182D","count":{"gte":1}}}`, w.categories[w.roots()[part.root]].id)
		case len(rules) == 1:
			rule = rules[0]
		default:
			rule = `{"all":[` + strings.Join(rules, ",") + `]}`
		}
		if _, err := fmt.Fprintf(to, `{"id":%q,"name":%q,"rule":%s}`+"\n", part.id, part.id, rule); err != nil {
			return err
		}
	}
	return nil
}
