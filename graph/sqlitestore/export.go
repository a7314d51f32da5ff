package sqlitestore

import (
	"context"
	"crypto/sha256"
	"iter"
	"slices"
	"strconv"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

var _ graph.Archive = (*Store)(nil)

// exporter is an export under way, from one snapshot.
type exporter struct {
	*scanner
	yield func(*graph.Portion) error
}

// Export gives everything from one snapshot.
func (s *Store) Export(ctx context.Context) iter.Seq2[*graph.Portion, error] {
	return func(yield func(*graph.Portion, error) bool) {
		stopped := false
		err := s.read(ctx, "export store", func(c *conn) error {
			x := &exporter{yield: func(p *graph.Portion) error {
				if !yield(p, nil) {
					stopped = true
					return errStopped
				}
				return ctx.Err()
			}}
			x.scanner = &scanner{conn: c, s: s, give: x.chunk}
			return x.run()
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

func (x *exporter) run() error {
	if err := x.header(); err != nil {
		return err
	}
	for _, part := range []func() error{
		x.categories, x.products, x.allSegments, x.records, x.customers, x.recorded, x.merges, x.retracted, x.erased, x.contested, x.unread, x.gapEvents,
	} {
		if err := part(); err != nil {
			return err
		}
	}
	return x.yield(&graph.Portion{Last: true})
}

func (x *exporter) header() error {
	m, err := x.readMeta()
	if err != nil {
		return err
	}
	h := &graph.ArchiveHeader{Version: m.head(), EraseKey: make([]byte, sha256.Size), Types: map[graph.AttributeKey]graph.ValueKind{}, Rows: m.customers + m.interactions}
	if _, err := x.row("SELECT erase_key FROM meta", func(st *sqlite.Stmt) { st.ColumnBytes(0, h.EraseKey) }); err != nil {
		return err
	}
	if err := x.rows("SELECT scope, name, kind FROM attributes", func(st *sqlite.Stmt) error {
		h.Types[graph.AttributeKey{Scope: graph.Scope(st.ColumnInt64(0)), Name: st.ColumnText(1)}] = graph.ValueKind(st.ColumnInt64(2))
		return nil
	}); err != nil {
		return err
	}
	return x.yield(&graph.Portion{Header: h})
}

// allSegments are one portion, since a rule may name any other.
func (x *exporter) allSegments() error {
	segments, err := x.readSegments()
	if err != nil || len(segments) == 0 {
		return err
	}
	return x.yield(&graph.Portion{Segments: segments})
}

// chunk passes what a scan gives on.
func (x *exporter) chunk(chunk *graph.ScanChunk) error {
	p := &graph.Portion{}
	for _, c := range chunk.Categories {
		p.Categories = append(p.Categories, c.Category)
	}
	for _, product := range chunk.Products {
		p.Products = append(p.Products, product.Product)
	}
	if len(chunk.Customers) > 0 {
		var err error
		if p.People, err = x.people(chunk.Customers); err != nil {
			return err
		}
	}
	return x.yield(p)
}

// gathered yields rows of a query in portions.
func gathered[T any](x *exporter, query string, read func(*sqlite.Stmt) (T, error), put func(*graph.Portion, []T)) error {
	var list []T
	flush := func() error {
		if len(list) == 0 {
			return nil
		}
		p := &graph.Portion{}
		put(p, list)
		list = nil
		return x.yield(p)
	}
	err := x.rows(query, func(st *sqlite.Stmt) error {
		row, err := read(st)
		if err != nil {
			return err
		}
		if list = append(list, row); len(list) == graph.PortionRows {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// records gives those first whom others lead to.
func (x *exporter) records() error {
	return gathered(x, `WITH RECURSIVE down (key, depth) AS (SELECT key, 0 FROM customers WHERE merged = 0
			UNION ALL SELECT c.key, depth + 1 FROM down d JOIN customers c ON c.merged = d.key AND c.merged <> 0)
		SELECT c.id, m.id, o.id, c.state, i.kind, i.value FROM down d JOIN customers c ON c.key = d.key JOIN customers o ON o.key = c.owner
		LEFT JOIN customers m ON c.merged <> 0 AND m.key = c.merged
		LEFT JOIN identities i ON c.state = 1 AND i.key = (SELECT min(key) FROM identities WHERE customer = c.owner AND origin = c.key) ORDER BY d.depth, c.key`,
		func(st *sqlite.Stmt) (graph.ArchivedRecord, error) {
			r := graph.ArchivedRecord{ID: st.ColumnText(0), Leads: st.ColumnText(1), Root: st.ColumnText(2), Kept: st.ColumnInt64(3) == ghost}
			if st.ColumnInt64(3) == stub {
				r.Stub = graph.Identity{Kind: graph.IdentityKind(st.ColumnInt64(4)), Value: st.ColumnText(5)}
			}
			return r, nil
		}, func(p *graph.Portion, list []graph.ArchivedRecord) { p.Records = list })
}

// people adds what is known under which id to a run of customers in order of key.
func (x *exporter) people(chunk []graph.ScannedCustomer) ([]graph.ArchivedPerson, error) {
	people := make([]graph.ArchivedPerson, len(chunk))
	for i := range chunk {
		people[i].Profile = chunk[i].Customer
	}
	find := func(key int64) *graph.ArchivedPerson {
		i, _ := slices.BinarySearchFunc(chunk, key, func(c graph.ScannedCustomer, key int64) int { return int(int64(c.Handle) - key) })
		return &people[i]
	}
	facts := func(owner int64, origin string) *graph.ArchivedFacts {
		p := find(owner)
		for i := range p.Facts {
			if p.Facts[i].ID == origin {
				return &p.Facts[i]
			}
		}
		p.Facts = append(p.Facts, graph.ArchivedFacts{ID: origin})
		return &p.Facts[len(p.Facts)-1]
	}
	first, last := int64(chunk[0].Handle), int64(chunk[len(chunk)-1].Handle)
	if err := x.rows(`SELECT b.customer, o.id, b.field, b.source, b.value, b.observed_at, b.verified, r.id FROM observations b JOIN customers o ON o.key = b.origin
		LEFT JOIN customers r ON b.field = 4 AND r.key = b.value WHERE b.customer BETWEEN ? AND ? ORDER BY b.customer, b.origin, b.field, b.source`, func(st *sqlite.Stmt) error {
		o, err := x.observation(st)
		f := facts(st.ColumnInt64(0), st.ColumnText(1))
		f.Observations = append(f.Observations, o)
		return err
	}, first, last); err != nil {
		return nil, err
	}
	if err := x.rows(`SELECT c.customer, o.id, c.purpose, c.granted, c.source, c.at FROM consents c JOIN customers o ON o.key = c.origin
		WHERE c.customer BETWEEN ? AND ? ORDER BY c.customer, c.origin, c.purpose`, func(st *sqlite.Stmt) error {
		consent, err := x.columnConsent(st, 2)
		f := facts(st.ColumnInt64(0), st.ColumnText(1))
		f.Consents = append(f.Consents, consent)
		return err
	}, first, last); err != nil {
		return nil, err
	}
	err := x.rows(`SELECT i.customer, o.id, i.kind, i.value, i.verified, i.source, i.observed_at FROM identities i JOIN customers o ON o.key = i.origin
		WHERE i.customer BETWEEN ? AND ? ORDER BY i.key`, func(st *sqlite.Stmt) error {
		source, err := x.names.source(x.conn, st.ColumnInt64(5))
		p := find(st.ColumnInt64(0))
		p.Identities = append(p.Identities, graph.ArchivedIdentity{Origin: st.ColumnText(1), CustomerIdentity: graph.CustomerIdentity{
			Identity: graph.Identity{Kind: graph.IdentityKind(st.ColumnInt64(2)), Value: st.ColumnText(3)},
			Verified: st.ColumnBool(4), Source: source, ObservedAt: instant(st.ColumnInt64(6)),
		}})
		return err
	}, first, last)
	return people, err
}

// observation reads customer, origin's id, field, source, value, observed_at, verified, id of the value where it is a referral.
func (x *exporter) observation(st *sqlite.Stmt) (o graph.ArchivedObservation, err error) {
	if o.Observation, err = x.columnObservation(st, 3, 5, 6); err != nil {
		return o, err
	}
	switch field := st.ColumnInt64(2); field {
	case nameField:
		o.Field, o.Value = "name", graph.TextValue(st.ColumnText(4))
	case createdField:
		o.Field, o.Value = "created_at", graph.TextValue(strconv.FormatInt(st.ColumnInt64(4), 10))
	case householdField:
		o.Field, o.Value = "household", graph.TextValue(st.ColumnText(4))
	case referralField:
		o.Field, o.Value = "referred_by", graph.TextValue(st.ColumnText(7))
	default:
		a, err := x.names.attribute(x.conn, field)
		if err != nil {
			return o, err
		}
		o.Field = "attr." + a.Name
		o.Value, err = columnValue(st, 4, a.kind)
		return o, err
	}
	return o, nil
}

func (x *exporter) recorded() error {
	return gathered(x, "SELECT "+interactionColumns+" FROM interactions ORDER BY seq", func(st *sqlite.Stmt) (i graph.ArchivedInteraction, err error) {
		owner, err := x.idOf(st.ColumnInt64(1))
		if err != nil {
			return i, err
		}
		if i.Interaction, err = x.columnInteraction(st, owner); err != nil {
			return i, err
		}
		if i.Origin = owner; st.ColumnInt64(14) != 0 {
			i.Origin, err = x.idOf(st.ColumnInt64(14))
		}
		return i, err
	}, func(p *graph.Portion, list []graph.ArchivedInteraction) { p.Interactions = list })
}

func (x *exporter) merges() error {
	return gathered(x, `SELECT m.key, m.id, k.id, r.id, m.at, m.reason, m.undone_at, m.before_keep, m.before_retired, m.keep, m.retired, m.report
		FROM merges m JOIN customers k ON k.key = m.keep JOIN customers r ON r.key = m.retired ORDER BY m.key`, func(st *sqlite.Stmt) (m graph.ArchivedMerge, err error) {
		if _, m.Merge, err = columnMerge(st); err != nil {
			return m, err
		}
		return m, fromJSON("read the report of a merge", st.ColumnText(11), &m.Report)
	}, func(p *graph.Portion, list []graph.ArchivedMerge) { p.Merges = list })
}

func (x *exporter) retracted() error {
	return gathered(x, `SELECT r.id, r.content, o.id, r.reason, s.name, r.at FROM retracted r JOIN customers o ON o.key = r.origin
		LEFT JOIN sources s ON s.key = r.source ORDER BY r.id`, func(st *sqlite.Stmt) (r graph.ArchivedRetraction, err error) {
		r.Retraction = graph.Retraction{ID: st.ColumnText(0), Reason: st.ColumnText(3), Source: st.ColumnText(4)}
		st.ColumnBytes(1, r.Content[:])
		r.Origin, r.At = st.ColumnText(2), instant(st.ColumnInt64(5))
		return r, nil
	}, func(p *graph.Portion, list []graph.ArchivedRetraction) { p.Retracted = list })
}

func (x *exporter) erased() error {
	return gathered(x, "SELECT hash FROM erased ORDER BY hash", func(st *sqlite.Stmt) ([]byte, error) {
		hash := make([]byte, st.ColumnLen(0))
		st.ColumnBytes(0, hash)
		return hash, nil
	}, func(p *graph.Portion, list [][]byte) { p.Erased = list })
}

func (x *exporter) contested() error {
	return gathered(x, "SELECT i.kind, i.value, c.claimant FROM contested c JOIN identities i ON i.key = c.identity ORDER BY 1, 2, 3", func(st *sqlite.Stmt) (c graph.ArchivedClaim, err error) {
		c.Identity = graph.Identity{Kind: graph.IdentityKind(st.ColumnInt64(0)), Value: st.ColumnText(1)}
		c.Claimant = make([]byte, st.ColumnLen(2))
		st.ColumnBytes(2, c.Claimant)
		return c, nil
	}, func(p *graph.Portion, list []graph.ArchivedClaim) { p.Contested = list })
}

func (x *exporter) unread() error {
	return gathered(x, "SELECT source, file, name, records FROM unread ORDER BY 1, 2, 3", func(st *sqlite.Stmt) (graph.UnreadRecords, error) {
		return graph.UnreadRecords{Source: st.ColumnText(0), File: st.ColumnText(1), Name: st.ColumnText(2), Records: st.ColumnInt64(3)}, nil
	}, func(p *graph.Portion, list []graph.UnreadRecords) { p.Unread = list })
}

func (x *exporter) gapEvents() error {
	return gathered(x, "SELECT "+gapEventColumns+" FROM gap_events ORDER BY at, id", func(st *sqlite.Stmt) (graph.GapEvent, error) {
		return columnGapEvent(st), nil
	}, func(p *graph.Portion, list []graph.GapEvent) { p.GapEvents = list })
}
