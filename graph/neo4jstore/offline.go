package neo4jstore

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"time"

	"lacuna/graph"
)

// Import writes what another store exports as the files that neo4j-admin reads into a database of a server that is stopped. That is faster than
// any transaction. Indexes and constraints are made when the store is first opened for writing.
type Import struct {
	*importFiles
	random     io.Reader
	state      state
	eraseKey   string
	customers  []string            // the columns of customers
	retired    map[string][]params // records that lead to a customer of today, by its id
	stubs      map[string]any
	households map[string]bool
}

// NewImport begins files in a folder, which is made where there is none and must be empty.
func NewImport(folder string, random io.Reader) (*Import, error) {
	files, err := newImportFiles(folder)
	if err != nil {
		return nil, err
	}
	return &Import{importFiles: files, random: random, retired: map[string][]params{}, stubs: map[string]any{}, households: map[string]bool{}}, nil
}

// The columns of the nodes of each label, as neo4j-admin wants them: name, a colon and the type, where that is not text.
var (
	customerColumns    = []string{"id:ID(Customer)", "name", "createdAt:long", "householdId", "referredBy", "nameKey", "nameRest", "profile"}
	identityColumns    = []string{"key:ID(Identity)", "kind", "kindCode:long", "value", "verified:boolean", "source", "observedAt:long", "origin", "customerId"}
	interactionColumns = []string{
		"id:ID(Interaction)", "customerId", "at:long", "type", "seq:long", "channel", "product", "category", "query", "queryFold", "results:long", "quantity:long",
		"amount:long", "currency", "campaign", "rating:long", "session", "available:boolean", "attributes", "source", "ref", "origin", "ahead:boolean",
	}
	productColumns = []string{
		"id:ID(Product)", "name", "categories:string[]", "tags:string[]", "price:long", "currency", "launchedAt:long", "retiredAt:long", "inStock:boolean", "attributes",
	}
	categoryColumns  = []string{"id:ID(Category)", "name", "names", "parent"}
	segmentColumns   = []string{"id:ID(Segment)", "name", "description", "rule"}
	recordColumns    = []string{"id:ID(LacunaRecord)", "leads", "root", "stub", "facts"}
	termColumns      = []string{"customerId", "key", "text"}
	typeColumns      = []string{"key", "scope:long", "name", "kind:long"}
	mergeColumns     = []string{"id", "keep", "retired", "at:long", "reason", "place:long", "undoneAt:long", "report", "keepBefore", "retiredBefore"}
	retractedColumns = []string{"id", "content", "origin", "reason", "source"}
	contestedColumns = []string{"key", "identity", "claimant"}
	gapEventColumns  = []string{"id", "segment", "category", "at:long", "status", "product", "note", "by"}
	unreadColumns    = []string{"key", "source", "file", "name", "records:long"}
	storeColumns     = []string{"id:long", "state", "eraseKey", "schema:long"}
	ownershipColumns = []string{"id:long", "version:long"}
	commitColumns    = []string{"seq:long", "tag:long", "at:long"}
)

// Add writes a portion; portions come in the order of the export.
func (m *Import) Add(p *graph.Portion) error {
	if p.Header != nil {
		m.header(p.Header)
	}
	m.catalog(p)
	for i := range p.Records {
		m.record(&p.Records[i])
	}
	for i := range p.People {
		m.person(&p.People[i])
	}
	for i := range p.Interactions {
		m.interaction(&p.Interactions[i])
	}
	m.notes(p)
	return m.err
}

// shownName tells which attributes become columns: others stand in the profile alone until their customer is written again.
var shownName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

func (m *Import) header(h *graph.ArchiveHeader) {
	m.eraseKey = hex.EncodeToString(h.EraseKey)
	m.customers = slices.Clone(customerColumns)
	types := map[graph.ValueKind]string{graph.NumberKind: ":double", graph.BooleanKind: ":boolean"}
	for _, key := range sortedTypes(h.Types) {
		kind := h.Types[key]
		m.nodes("LacunaType", typeColumns, typeRow(key, kind))
		if key.Scope == graph.CustomerScope && shownName.MatchString(key.Name) {
			m.customers = append(m.customers, "attr_"+key.Name+types[kind])
		}
	}
}

func (m *Import) catalog(p *graph.Portion) {
	for i := range p.Categories {
		c := &p.Categories[i]
		m.nodes("Category", categoryColumns, categoryRow(c))
		if c.Parent != "" {
			m.relate("CHILD_OF", "Category", c.ID, "Category", c.Parent)
		}
	}
	for i := range p.Products {
		product := &p.Products[i]
		m.nodes("Product", productColumns, productRow(product))
		for _, id := range product.Categories {
			m.relate("IN_CATEGORY", "Product", product.ID, "Category", id)
		}
	}
	for i := range p.Segments {
		m.nodes("Segment", segmentColumns, segmentRow(&p.Segments[i]))
	}
	m.state.Products += int64(len(p.Products))
	m.state.Categories += int64(len(p.Categories))
	m.state.Segments += int64(len(p.Segments))
}

// record keeps what a customer's row will need of an id.
func (m *Import) record(a *graph.ArchivedRecord) {
	row := recordRow(a)
	switch {
	case a.Kept: // nobody is there for what is kept
	case a.Leads != "":
		m.retired[a.Root] = append(m.retired[a.Root], row)
	default:
		m.state.Customers++
		if row["stub"] != nil {
			m.stubs[a.ID] = row["stub"]
		}
	}
}

func (m *Import) person(p *graph.ArchivedPerson) {
	c := &p.Profile
	row := customerRow(c)
	row["householdId"], row["referredBy"] = row["household"], row["referrer"]
	if attributes, ok := row["attributes"].(params); ok {
		maps.Copy(row, attributes)
	}
	m.nodes("Customer", m.customers, row)
	if c.Household != "" {
		if !m.households[c.Household] {
			m.households[c.Household] = true
			m.nodes("Household", []string{"id:ID(Household)"}, params{"id": c.Household})
		}
		m.relate("IN_HOUSEHOLD", "Customer", c.ID, "Household", c.Household)
	}
	if c.ReferredBy != "" {
		m.relate("REFERRED", "Customer", c.ReferredBy, "Customer", c.ID)
	}
	for _, term := range termRows(c) {
		term["customerId"] = term["customer"]
		m.nodes("LacunaTerm", termColumns, term)
	}
	for i := range p.Identities {
		identity := identityRow(&p.Identities[i].CustomerIdentity, p.Identities[i].Origin, c.ID)
		identity["kindCode"], identity["kind"], identity["customerId"] = identity["kind"], identity["kindName"], c.ID
		m.nodes("Identity", identityColumns, identity)
		m.relate("IDENTIFIED_BY", "Customer", c.ID, "Identity", p.Identities[i].String())
	}
	m.facts(p)
}

// facts writes the records of a customer with what is known under them.
func (m *Import) facts(p *graph.ArchivedPerson) {
	id, said := p.Profile.ID, map[string]*record{}
	for i := range p.Facts {
		said[p.Facts[i].ID] = &record{facts: factsOf(&p.Facts[i])}
	}
	for _, row := range append([]params{{"id": id, "leads": nil, "root": id, "stub": m.stubs[id]}}, m.retired[id]...) {
		if r := said[text(row["id"])]; r != nil {
			row["facts"] = orNull(r.facts.text())
			referrers := r.referrers()
			slices.Sort(referrers)
			for _, referrer := range slices.Compact(referrers) {
				m.relate("NAMES", "LacunaRecord", text(row["id"]), "LacunaRecord", referrer)
			}
		}
		m.nodes("LacunaRecord", recordColumns, row)
	}
	delete(m.retired, id)
	delete(m.stubs, id)
}

func (m *Import) interaction(a *graph.ArchivedInteraction) {
	m.state.Seq++
	m.state.Interactions++
	if us := a.At.UnixMicro(); !a.Ahead && (m.state.LatestAt == nil || us > *m.state.LatestAt) {
		m.state.LatestAt = &us
	}
	m.nodes("Interaction", interactionColumns, archivedInteractionRow(a, m.state.Seq))
	if !isKept(&a.Interaction) {
		m.relate("MADE", "Customer", a.Owner, "Interaction", a.ID)
	}
	switch {
	case a.Product != "":
		m.relate("ABOUT", "Interaction", a.ID, "Product", a.Product)
	case a.Category != "":
		m.relate("ABOUT_CATEGORY", "Interaction", a.ID, "Category", a.Category)
	}
}

func (m *Import) notes(p *graph.Portion) {
	for i := range p.Merges {
		m.state.Seq++
		m.nodes("LacunaMerge", mergeColumns, mergeRow(&p.Merges[i], m.state.Seq))
	}
	for i := range p.Retracted {
		m.nodes("LacunaRetracted", retractedColumns, retractionRow(&p.Retracted[i]))
	}
	for _, hash := range p.Erased {
		m.nodes("LacunaErased", []string{"hash"}, params{"hash": hex.EncodeToString(hash)})
	}
	for i := range p.Contested {
		row := claimRow(&p.Contested[i])
		row["key"] = row["identity"].(string) + " " + row["claimant"].(string)
		m.nodes("LacunaContested", contestedColumns, row)
	}
	for i := range p.Unread {
		m.nodes("LacunaUnread", unreadColumns, unreadRow(&p.Unread[i]))
	}
	for i := range p.GapEvents {
		m.nodes("GapEvent", gapEventColumns, gapEventRow(&p.GapEvents[i]))
	}
	m.state.Retracted += int64(len(p.Retracted))
	m.state.Erased += int64(len(p.Erased))
}

// Finish ends the files and gives the arguments by which neo4j-admin reads them into a database.
func (m *Import) Finish(now time.Time, database string) (arguments []string, err error) {
	for _, tag := range []*int64{&m.state.StoreTag, &m.state.Tag} {
		if *tag, err = graph.RandomTag(m.random); err != nil {
			return nil, errors.Join(err, m.close())
		}
	}
	m.state.Seq++
	m.state.Pruned, m.state.Catalog = m.state.Seq, 1 // whoever reads the feed begins with a scan
	m.nodes("LacunaCommit", commitColumns, params{"seq": m.state.Seq, "tag": m.state.Tag, "at": now.UnixMicro()})
	m.nodes("LacunaStore", storeColumns, params{"id": int64(1), "state": m.state.text(), "eraseKey": m.eraseKey, "schema": int64(0)})
	m.nodes("LacunaOwnership", ownershipColumns, params{"id": int64(1), "version": int64(0)})
	if err := m.close(); err != nil {
		return nil, fmt.Errorf("write files for the import: %w", err)
	}
	return m.arguments(database), nil
}

// Discard removes the files.
func (m *Import) Discard() error { return errors.Join(m.close(), os.RemoveAll(m.folder)) }
