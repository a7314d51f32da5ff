package sqlitestore

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"lacuna/graph"
)

// benchRows is the size of the benchmarks; LACUNA_BENCH_ROWS changes it.
func benchRows(b *testing.B) int {
	n := 300_000
	if s := os.Getenv("LACUNA_BENCH_ROWS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	return n
}

const (
	benchCustomers = 20_000
	benchBatch     = 10_000
)

// ratio reports how many rows a second, and how that compares with the bare driver.
func ratio(b *testing.B, rows int, took, bare time.Duration) {
	b.ReportMetric(float64(rows)/took.Seconds(), "rows/s")
	if bare > 0 {
		b.ReportMetric(float64(rows)/bare.Seconds(), "bare-rows/s")
		b.ReportMetric(bare.Seconds()/took.Seconds(), "ratio")
	}
}

// batches gives the interactions from one number to another in batches, made outside of what is measured.
func batches(from, to int) (list [][]graph.Interaction) {
	for ; from < to; from += benchBatch {
		list = append(list, events(from, min(benchBatch, to-from), benchCustomers))
	}
	return list
}

func loadAll(b *testing.B, s *Store, list [][]graph.Interaction) {
	b.Helper()
	if err := s.Bulk(b.Context(), func(w graph.Writer) error {
		for _, rows := range list {
			if _, err := w.Write(b.Context(), &graph.Batch{Interactions: rows}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
}

// bareDB opens a database with the same table, no store around it.
func bareDB(b *testing.B, path string) *conn {
	b.Helper()
	raw, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate|sqlite.OpenWAL)
	if err != nil {
		b.Fatal(err)
	}
	c := &conn{Conn: raw, names: &names{}}
	script, err := migrationScript(1)
	if err != nil {
		b.Fatal(err)
	}
	if err := sqlitex.ExecuteScript(raw, script, nil); err != nil {
		b.Fatal(err)
	}
	for _, pragma := range []string{"synchronous=FULL", "cache_size=-65536", "wal_autocheckpoint=4000"} {
		if _, err := c.once("PRAGMA " + pragma); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(func() {
		if err := c.Close(); err != nil {
			b.Error(err)
		}
	})
	return c
}

func mustExec(b *testing.B, c *conn, query string) {
	b.Helper()
	if _, err := c.once(query); err != nil {
		b.Fatal(err)
	}
}

// prepared turns interactions into rows as they are stored, with all keys found beforehand.
func prepared(b *testing.B, list [][]graph.Interaction) (rows []incoming) {
	for _, batch := range list {
		for i := range batch {
			e := &batch[i]
			in := incoming{Interaction: e, source: 1, marks: marksOf(e, testNow)}
			n, err := strconv.Atoi(e.Customer.Value[1:])
			if err != nil {
				b.Fatal(err)
			}
			in.origin, in.owner = int64(n+1), int64(n+1)
			if e.Product != "" {
				if n, err = strconv.Atoi(e.Product[1:]); err != nil {
					b.Fatal(err)
				}
				in.product = int64(n + 1)
			}
			if len(e.Attributes) > 0 {
				text, err := appendNamedValues(nil, e.Attributes)
				if err != nil {
					b.Fatal(err)
				}
				in.attributes = string(text)
			}
			rows = append(rows, in)
		}
	}
	return rows
}

// insertBare inserts rows in transactions of many.
func insertBare(b *testing.B, c *conn, from int64, rows []incoming, perCommit int) {
	b.Helper()
	for i := range rows {
		if i%perCommit == 0 {
			if i > 0 {
				mustExec(b, c, "COMMIT")
			}
			mustExec(b, c, "BEGIN IMMEDIATE")
		}
		st, err := c.Prepare(insertInteraction)
		if err != nil {
			b.Fatal(err)
		}
		st.BindInt64(1, from+int64(i)+1)
		bindInteraction(st, &rows[i])
		if _, err := st.Step(); err != nil {
			b.Fatal(err)
		}
	}
	mustExec(b, c, "COMMIT")
}

// bareLoad is the best that the driver does with the same rows and indexes: the indexes built afterwards.
func bareLoad(b *testing.B, list [][]graph.Interaction) time.Duration {
	rows := prepared(b, list)
	c := bareDB(b, filepath.Join(b.TempDir(), "bare.db"))
	start := time.Now()
	mustExec(b, c, "DROP INDEX interactions_by_id")
	mustExec(b, c, "DROP INDEX interactions_by_customer")
	insertBare(b, c, 0, rows, 50_000)
	mustExec(b, c, indexByID)
	mustExec(b, c, indexByCustomer)
	mustExec(b, c, "PRAGMA wal_checkpoint(TRUNCATE)")
	return time.Since(start)
}

func newBenchStore(b *testing.B, n int) *Store {
	b.Helper()
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), fmt.Sprintf("store%d.db", n)), testOptions())
	if err != nil {
		b.Fatal(err)
	}
	write(b, s, catalog())
	return s
}

func closeStore(b *testing.B, s *Store) {
	b.Helper()
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkLoadEmpty loads into an empty store, with the checkpoint at the end.
func BenchmarkLoadEmpty(b *testing.B) {
	rows := benchRows(b)
	b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
		b.ReportAllocs()
		list := batches(0, rows)
		bare := bareLoad(b, list)
		var took time.Duration
		n := 0
		for b.Loop() {
			b.StopTimer()
			s := newBenchStore(b, n)
			n++
			b.StartTimer()
			start := time.Now()
			loadAll(b, s, list)
			closeStore(b, s)
			took += time.Since(start)
		}
		ratio(b, rows, took/time.Duration(n), bare)
	})
}

// BenchmarkLoadFull loads as much again into a store that is filled.
func BenchmarkLoadFull(b *testing.B) {
	rows := benchRows(b)
	b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
		b.ReportAllocs()
		first, second := batches(0, rows), batches(rows, 2*rows)
		c := bareDB(b, filepath.Join(b.TempDir(), "bare.db"))
		insertBare(b, c, 0, prepared(b, first), 50_000)
		more := prepared(b, second)
		start := time.Now()
		insertBare(b, c, int64(rows), more, 50_000)
		mustExec(b, c, "PRAGMA wal_checkpoint(TRUNCATE)")
		bare := time.Since(start)
		var took time.Duration
		n := 0
		for b.Loop() {
			b.StopTimer()
			s := newBenchStore(b, n)
			loadAll(b, s, first)
			n++
			b.StartTimer()
			start := time.Now()
			loadAll(b, s, second)
			closeStore(b, s)
			took += time.Since(start)
		}
		ratio(b, rows, took/time.Duration(n), bare)
	})
}

// BenchmarkReload sends rows again that are all stored.
func BenchmarkReload(b *testing.B) {
	rows := benchRows(b)
	b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
		b.ReportAllocs()
		list := batches(0, rows)
		s := newBenchStore(b, 0)
		defer closeStore(b, s)
		start := time.Now()
		loadAll(b, s, list)
		first := time.Since(start)
		var took time.Duration
		n := 0
		for b.Loop() {
			start := time.Now()
			loadAll(b, s, list)
			took += time.Since(start)
			n++
		}
		b.ReportMetric(float64(rows)*float64(n)/took.Seconds(), "rows/s")
		b.ReportMetric(first.Seconds()/(took.Seconds()/float64(n)), "times-first-load")
	})
}

// filled gives a store with as many rows as benchmarks use.
func filled(b *testing.B, rows int) *Store {
	b.Helper()
	s := newBenchStore(b, 0)
	b.Cleanup(func() { closeStore(b, s) })
	loadAll(b, s, batches(0, rows))
	return s
}

// BenchmarkScan reads the columns that an engine keeps, and all.
func BenchmarkScan(b *testing.B) {
	rows := benchRows(b)
	s := filled(b, rows)
	head, err := s.Head(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range []struct {
		name    string
		fields  graph.ScanFields
		columns string
	}{
		{"columns", 0, "customer, product, category, at, type, channel, known, results, quantity, amount, rating, currency"},
		{"all", graph.ScanAll, "customer, product, category, at, type, channel, known, results, quantity, amount, rating, currency, id, origin, identity, query, session, campaign, source, attributes"},
	} {
		b.Run(fmt.Sprintf("%s/rows=%d", f.name, rows), func(b *testing.B) {
			b.ReportAllocs()
			bare := bareScan(b, s, f.columns)
			bare = min(bare, bareScan(b, s, f.columns))
			var took time.Duration
			n := 0
			for b.Loop() {
				start := time.Now()
				for chunk, err := range s.Scan(b.Context(), head, f.fields) {
					if err != nil {
						b.Fatal(err)
					}
					if chunk.Customers != nil {
						start = time.Now() // customers are not what is compared
					}
				}
				took += time.Since(start)
				n++
			}
			ratio(b, rows, took/time.Duration(n), bare)
		})
	}
}

// bareScan reads the same columns as the driver gives them: numbers as int64, texts as strings.
func bareScan(b *testing.B, s *Store, columns string) time.Duration {
	c, err := s.openReader()
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
	}()
	start := time.Now()
	sum := int64(0)
	st, err := c.Prepare("SELECT " + columns + " FROM interactions")
	if err != nil {
		b.Fatal(err)
	}
	texts := map[string]bool{"currency": true, "id": true, "query": true, "session": true, "campaign": true, "attributes": true}
	kinds := make([]bool, st.ColumnCount())
	for i := range kinds {
		kinds[i] = texts[st.ColumnName(i)]
	}
	for {
		ok, err := st.Step()
		if err != nil {
			b.Fatal(err)
		}
		if !ok {
			break
		}
		for i, text := range kinds {
			if text {
				sum += int64(len(st.ColumnText(i)))
			} else {
				sum += st.ColumnInt64(i)
			}
		}
	}
	if sum == 0 {
		b.Fatal("nothing read")
	}
	return time.Since(start)
}

// BenchmarkProfile reads what a front-line application asks for: a profile, its newest 20 interactions and their number.
func BenchmarkProfile(b *testing.B) {
	rows := benchRows(b)
	s := filled(b, rows)
	b.Run(fmt.Sprintf("store/rows=%d", rows), func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			id := fmt.Sprintf("c%06d", n*7919%benchCustomers)
			n++
			ref := graph.ByID(id)
			if _, err := s.Customers(b.Context(), []graph.CustomerRef{ref}); err != nil {
				b.Fatal(err)
			}
			q := []graph.InteractionQuery{{Customer: id, First: 20}}
			if _, err := s.Interactions(b.Context(), q); err != nil {
				b.Fatal(err)
			}
			if _, err := s.CountInteractions(b.Context(), q); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run(fmt.Sprintf("bare/rows=%d", rows), func(b *testing.B) {
		b.ReportAllocs()
		c, err := s.openReader()
		if err != nil {
			b.Fatal(err)
		}
		defer func() {
			if err := c.Close(); err != nil {
				b.Fatal(err)
			}
		}()
		n := 0
		for b.Loop() {
			id := fmt.Sprintf("c%06d", n*7919%benchCustomers)
			n++
			bareProfile(b, c, id)
		}
	})
}

func bareProfile(b *testing.B, c *conn, id string) {
	mustExecCached(b, c, "BEGIN")
	var key, sum int64
	each := func(st *sqlite.Stmt) error {
		for i := range st.ColumnCount() {
			if st.ColumnType(i) == sqlite.TypeText {
				sum += int64(len(st.ColumnText(i)))
			} else {
				sum += st.ColumnInt64(i)
			}
		}
		return nil
	}
	queries := []string{
		"SELECT id, name, created_at, household, referrer FROM customers WHERE key = ?",
		"SELECT id FROM customers WHERE owner = ? AND merged <> 0",
		"SELECT kind, value, verified, source, observed_at FROM identities WHERE customer = ?",
		"SELECT field, source, value, observed_at, verified FROM observations WHERE customer = ? AND field >= 16",
		"SELECT purpose, granted, source, at FROM consents WHERE customer = ?",
		"SELECT at FROM interactions WHERE customer = +? ORDER BY at LIMIT 1",
		"SELECT at FROM interactions WHERE customer = +? AND known & 64 = 0 ORDER BY at DESC LIMIT 1",
		"SELECT " + interactionColumns + " FROM interactions WHERE customer = +? ORDER BY at DESC, id LIMIT 21",
		"SELECT count(*) FROM interactions WHERE customer = ?",
	}
	key, err := c.number("SELECT key FROM customers WHERE id = ?", id)
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range queries {
		if err := c.rows(q, each, key); err != nil {
			b.Fatal(err)
		}
	}
	mustExecCached(b, c, "COMMIT")
}

func mustExecCached(b *testing.B, c *conn, query string) {
	if err := c.exec(query); err != nil {
		b.Fatal(err)
	}
}

// upserts gives customers with what a usual file has.
func upserts(from, n int) []graph.CustomerUpsert {
	list := make([]graph.CustomerUpsert, n)
	family, given := []string{"Chen", "Lin", "Huang", "Wu", "Garcia", "Smith", "Müller", "王"}, []string{"Mei-Ling", "Yu", "Anna", "Jun", "小明", "Oskar"}
	for i := range list {
		k := from + i
		h := uint64(k+1) * 0x9e3779b97f4a7c15
		u := &list[i]
		*u = graph.CustomerUpsert{
			ID: fmt.Sprintf("c%06d", k), Name: family[h>>10%8] + " " + given[h>>20%6] + fmt.Sprint(" ", h>>30%1000), Source: "customers.csv",
			CreatedAt: testNow.Add(-time.Duration(h>>20%(1000*24*3600)) * time.Second), ObservedAt: testNow,
			Identities: []graph.IdentityClaim{
				{Identity: graph.Identity{Kind: graph.EmailAddress, Value: fmt.Sprintf("u%x@example.com", h>>24)}, Verified: true},
				{Identity: graph.Identity{Kind: graph.Phone, Value: fmt.Sprintf("+8869%08d", h>>33%100_000_000) + fmt.Sprint(k)}},
			},
			Consents: []graph.Consent{{Purpose: "email", Granted: h%3 > 0}},
		}
		for a := range 8 {
			u.Attributes = append(u.Attributes, graph.NamedValue{Name: fmt.Sprintf("a%02d", a), Value: graph.TextValue(fmt.Sprint("v", h>>(10+a)%7))})
		}
	}
	return list
}

// BenchmarkLoadCustomers loads profiles into an empty store.
func BenchmarkLoadCustomers(b *testing.B) {
	rows := benchRows(b) / 5
	b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			s := newBenchStore(b, n)
			n++
			if err := s.Bulk(b.Context(), func(w graph.Writer) error {
				for from := 0; from < rows; from += benchBatch {
					write(b, w, graph.Batch{Customers: upserts(from, min(benchBatch, rows-from))})
				}
				return nil
			}); err != nil {
				b.Fatal(err)
			}
			closeStore(b, s)
		}
		b.ReportMetric(float64(rows)*float64(n)/b.Elapsed().Seconds(), "rows/s")
	})
}

// BenchmarkPageDepth reads pages at the start and deep within one customer's interactions.
func BenchmarkPageDepth(b *testing.B) {
	const rows = 120_000
	s := newBenchStore(b, 0)
	b.Cleanup(func() { closeStore(b, s) })
	loadAll(b, s, [][]graph.Interaction{events(0, rows/2, 1), events(rows/2, rows/2, 1)})
	for _, depth := range []int{0, 100_000} {
		after := keyAtDepth(b, s, depth)
		b.Run(fmt.Sprintf("depth=%d", depth), func(b *testing.B) {
			b.ReportAllocs()
			q := []graph.InteractionQuery{{Customer: "c000000", First: 20, After: after}}
			for b.Loop() {
				if _, err := s.Interactions(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// keyAtDepth pages to a depth and gives the key of the last interaction on the way, nil at the start.
func keyAtDepth(b *testing.B, s *Store, depth int) (after *graph.InteractionKey) {
	b.Helper()
	for n := 0; n < depth; n += graph.MaxPage {
		pages, err := s.Interactions(b.Context(), []graph.InteractionQuery{{Customer: "c000000", First: graph.MaxPage, After: after}})
		if err != nil {
			b.Fatal(err)
		}
		list := pages[0].Interactions
		key := list[len(list)-1].Key()
		after = &key
	}
	return after
}

// BenchmarkFindDepth lists customers at the start and deep within each order, and searches.
func BenchmarkFindDepth(b *testing.B) {
	const rows = 120_000
	s := newBenchStore(b, 0)
	b.Cleanup(func() { closeStore(b, s) })
	if err := s.Bulk(b.Context(), func(w graph.Writer) error {
		for from := 0; from < rows; from += benchBatch {
			write(b, w, graph.Batch{Customers: upserts(from, benchBatch)})
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	deep := map[graph.CustomerOrder]*graph.CustomerKey{}
	for _, order := range []graph.CustomerOrder{graph.ByCustomerID, graph.ByName, graph.ByNewest} {
		for n := 0; n < 100_000; n += graph.MaxPage {
			page, err := s.FindCustomers(b.Context(), graph.CustomerQuery{Order: order, First: graph.MaxPage, After: deep[order]})
			if err != nil {
				b.Fatal(err)
			}
			key := page.Customers[len(page.Customers)-1].Key()
			deep[order] = &key
		}
	}
	run := func(name string, q graph.CustomerQuery) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.FindCustomers(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for order, name := range map[graph.CustomerOrder]string{graph.ByCustomerID: "id", graph.ByName: "name", graph.ByNewest: "newest"} {
		run("by="+name+"/depth=0", graph.CustomerQuery{Order: order, First: 20})
		run("by="+name+"/depth=100000", graph.CustomerQuery{Order: order, First: 20, After: deep[order]})
		run("by="+name+"/search=few", graph.CustomerQuery{Order: order, First: 20, Search: "u3f"})
		run("by="+name+"/search=many", graph.CustomerQuery{Order: order, First: 20, Search: "mei"})
	}
}
