package sqlitestore

import (
	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// interactions reads the table in order of position, which is the order in which it lies in the file, into columns that
// are used again for each chunk.
func (sc *scanner) interactions() error {
	r := &columnReader{scanner: sc, identities: map[int64]graph.CustomerRef{}, ids: map[int64]string{}}
	query := "SELECT customer, product, category, at, type, channel, known, results, quantity, amount, rating, currency"
	if sc.fields&graph.ScanIDs != 0 {
		r.idAt = 12
		query += ", id, origin, identity"
	}
	if sc.fields&graph.ScanTexts != 0 {
		r.textAt = 12
		if r.idAt != 0 {
			r.textAt = 15
		}
		query += ", query, session, campaign, source"
	}
	if sc.fields&graph.ScanAttributes != 0 {
		r.attributesAt = 12
		if r.idAt != 0 {
			r.attributesAt += 3
		}
		if r.textAt != 0 {
			r.attributesAt += 4
		}
		query += ", attributes"
	}
	st, err := sc.Prepare(query + " FROM interactions WHERE seq <= ?")
	if err != nil {
		return err
	}
	st.BindInt64(1, sc.until)
	defer func() { _ = st.Reset() }() // what failed was told by Step
	for {
		more, err := r.fill(st)
		if err != nil {
			return err
		}
		if r.c.Len > 0 {
			if err := sc.give(&graph.ScanChunk{Interactions: r.finish()}); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
	}
}

// columnReader fills columns. Texts that repeat (currencies, campaigns, sources) are made once; those that do not are
// gathered in one block a chunk.
type columnReader struct {
	*scanner
	c                          graph.InteractionColumns
	idAt, textAt, attributesAt int // first column of each group; 0 where it was not asked for
	id, query, session         texts
	currency, campaign         interner
	identities                 map[int64]graph.CustomerRef
	ids                        map[int64]string // of customers
	buf                        []byte
}

// maxInterned bounds what is remembered of references and repeating texts.
const maxInterned = 100_000

func (r *columnReader) fill(st *sqlite.Stmt) (more bool, err error) {
	r.reset()
	c := &r.c
	for c.Len < scanChunk {
		ok, err := st.Step()
		if err != nil || !ok {
			return false, err
		}
		n := c.Len
		c.Len++
		c.Customer[n] = uint32(st.ColumnInt64(0))
		c.Product[n] = uint32(st.ColumnInt64(1))
		c.Category[n] = uint32(st.ColumnInt64(2))
		c.AtMicros[n] = st.ColumnInt64(3)
		c.Type[n] = graph.InteractionType(st.ColumnInt64(4))
		c.Channel[n] = graph.Channel(st.ColumnInt64(5))
		known := graph.KnownNumbers(st.ColumnInt64(6))
		c.Known[n] = known
		c.Results[n] = int32(st.ColumnInt64(7))
		c.Quantity[n] = graph.Decimal(st.ColumnInt64(8))
		c.Amount[n] = graph.Decimal(st.ColumnInt64(9))
		c.Rating[n] = graph.Decimal(st.ColumnInt64(10))
		c.Currency[n] = r.currency.intern(r, st, 11)
		if r.idAt|r.textAt|r.attributesAt != 0 {
			if err := r.optional(st, n); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// reset makes room for a chunk.
func (r *columnReader) reset() {
	c := &r.c
	c.Len = 0
	if c.Customer == nil {
		c.Customer, c.Product, c.Category = make([]uint32, scanChunk), make([]uint32, scanChunk), make([]uint32, scanChunk)
		c.AtMicros, c.Results = make([]int64, scanChunk), make([]int32, scanChunk)
		c.Type, c.Channel = make([]graph.InteractionType, scanChunk), make([]graph.Channel, scanChunk)
		c.Known, c.Currency = make([]graph.KnownNumbers, scanChunk), make([]string, scanChunk)
		c.Quantity, c.Amount, c.Rating = make([]graph.Decimal, scanChunk), make([]graph.Decimal, scanChunk), make([]graph.Decimal, scanChunk)
	}
	r.id.reset(r.idAt != 0)
	r.query.reset(r.textAt != 0)
	r.session.reset(r.textAt != 0)
	full := func(ok bool, n int) int {
		if ok {
			return n
		}
		return 0
	}
	c.Ref = grow(c.Ref, full(r.idAt != 0, scanChunk))
	c.Campaign = grow(c.Campaign, full(r.textAt != 0, scanChunk))
	c.Source = grow(c.Source, full(r.textAt != 0, scanChunk))
	c.Attributes = grow(c.Attributes, full(r.attributesAt != 0, scanChunk))
}

func grow[T any](s []T, n int) []T {
	if n == 0 {
		return nil
	}
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// optional reads the columns that not every reader asks for.
func (r *columnReader) optional(st *sqlite.Stmt, n int) (err error) {
	c := &r.c
	if r.idAt != 0 {
		r.id.add(st, r.idAt)
		if c.Ref[n], err = r.ref(int64(c.Customer[n]), st.ColumnInt64(r.idAt+1), st.ColumnInt64(r.idAt+2)); err != nil {
			return err
		}
	}
	if r.textAt != 0 {
		r.query.add(st, r.textAt)
		r.session.add(st, r.textAt+1)
		c.Campaign[n] = r.campaign.intern(r, st, r.textAt+2)
		if c.Source[n], err = r.names.source(r.conn, st.ColumnInt64(r.textAt+3)); err != nil {
			return err
		}
	}
	if r.attributesAt != 0 {
		c.Attributes[n], err = parseNamedValues(st.ColumnText(r.attributesAt), r.interactionKind)
	}
	return err
}

// ref gives the reference that an interaction came with.
func (r *columnReader) ref(customer, origin, identity int64) (graph.CustomerRef, error) {
	if identity == 0 {
		if origin == 0 {
			origin = customer
		}
		id, ok := r.ids[origin]
		if !ok {
			// What was kept of an erased customer came from nobody.
			if _, err := r.row("SELECT iif(state = 2, '', id) FROM customers WHERE key = ?", func(st *sqlite.Stmt) { id = st.ColumnText(0) }, origin); err != nil {
				return graph.CustomerRef{}, err
			}
			remember(r.ids, origin, id, maxInterned)
		}
		return graph.ByID(id), nil
	}
	ref, ok := r.identities[identity]
	if !ok {
		i, err := r.identityByKey(identity)
		if err != nil {
			return ref, err
		}
		ref = graph.ByIdentity(i)
		remember(r.identities, identity, ref, maxInterned)
	}
	return ref, nil
}

// finish gives the chunk with all columns cut to its length.
func (r *columnReader) finish() *graph.InteractionColumns {
	c, n := r.c, r.c.Len
	c.Customer, c.Product, c.Category, c.AtMicros = c.Customer[:n], c.Product[:n], c.Category[:n], c.AtMicros[:n]
	c.Type, c.Channel, c.Known, c.Results = c.Type[:n], c.Channel[:n], c.Known[:n], c.Results[:n]
	c.Quantity, c.Amount, c.Rating, c.Currency = c.Quantity[:n], c.Amount[:n], c.Rating[:n], c.Currency[:n]
	if r.idAt != 0 {
		c.ID, c.Ref = r.id.strings(), c.Ref[:n]
	}
	if r.textAt != 0 {
		c.Query, c.Session, c.Campaign, c.Source = r.query.strings(), r.session.strings(), c.Campaign[:n], c.Source[:n]
	}
	if r.attributesAt != 0 {
		c.Attributes = c.Attributes[:n]
	}
	return &c
}

// texts gathers a column of texts in one block, so that a chunk costs one allocation and not one a row.
type texts struct {
	block []byte
	ends  []int
	out   []string
}

func (t *texts) reset(wanted bool) {
	if wanted && t.ends == nil {
		t.ends, t.out = make([]int, 0, scanChunk), make([]string, scanChunk)
	}
	t.block, t.ends = t.block[:0], t.ends[:0]
}

func (t *texts) add(st *sqlite.Stmt, col int) {
	if n := st.ColumnLen(col); n > 0 {
		at := len(t.block)
		if cap(t.block)-at < n {
			t.block = append(make([]byte, 0, max(2*cap(t.block), at+n, 64<<10)), t.block...)
		}
		t.block = t.block[:at+n]
		st.ColumnBytes(col, t.block[at:])
	}
	t.ends = append(t.ends, len(t.block))
}

func (t *texts) strings() []string {
	all, from := string(t.block), 0
	for i, end := range t.ends {
		t.out[i] = all[from:end]
		from = end
	}
	return t.out[:len(t.ends)]
}

// interner makes each text of a column that repeats once.
type interner struct {
	last  string
	known map[string]string
}

func (in *interner) intern(r *columnReader, st *sqlite.Stmt, col int) string {
	n := st.ColumnLen(col)
	if n == 0 {
		return ""
	}
	if cap(r.buf) < n {
		r.buf = make([]byte, max(n, 256))
	}
	buf := r.buf[:n]
	st.ColumnBytes(col, buf)
	if string(buf) == in.last {
		return in.last
	}
	s, ok := in.known[string(buf)]
	if !ok {
		if in.known == nil || len(in.known) >= maxInterned {
			in.known = map[string]string{}
		}
		s = string(buf)
		in.known[s] = s
	}
	in.last = s
	return s
}
