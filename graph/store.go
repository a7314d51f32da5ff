package graph

import (
	"cmp"
	"context"
	"io"
	"strings"
	"time"
)

// The limits of one call. Beyond them a call is [ErrInvalid].
const (
	MaxPage    = 1_000   // records of a page
	MaxKeys    = 10_000  // keys of a plural read
	MaxBatch   = 100_000 // rows of a write, all kinds together
	MaxRelated = 1_000   // customers listed as related to one key
)

// Store keeps the graph. Every implementation passes the suite in graph/graphtest.
//
// Methods are safe for concurrent use. They return when the context ends, with its error, having done all or nothing.
// Plural reads answer with a map that holds only what was found; they never return an error for what was not. Records
// returned belong to the caller, but for [CategoryTree], which is shared and immutable. Errors wrap the sentinels of
// this package; a failed call has changed nothing, unless its error is [ErrUnavailable], when it may or may not have been
// committed: writing again is safe, since every write is idempotent.
type Store interface {
	CustomerReader
	ProfileReader
	CatalogReader
	InteractionReader
	Writer
	Resolver
	Feed
	Quality
	Memberships
	Lacks
	GapLog

	// Bulk runs load with a Writer meant for one large load. A store may hold back commits and the upkeep of indexes
	// until load returns, so that outcomes are final but durable only once Bulk has returned nil; others' writes may
	// wait or be refused as [ErrUnavailable] meanwhile, others' reads see what was committed before. When load fails,
	// or the process dies, what was not yet committed is gone, and the same load can be run again. One call at a time
	// uses the Writer.
	Bulk(ctx context.Context, load func(Writer) error) error

	// Stats answers at the same cost however much is stored.
	Stats(ctx context.Context) (Stats, error)

	// Close waits for calls under way, makes what was written complete in the store's own files, and releases
	// everything. Calls after it fail with [ErrClosed]; closing again is no error.
	io.Closer
}

// CustomerReader reads profiles.
type CustomerReader interface {
	// Customers gives the profiles of those references that lead to a customer, by id (current or retired) or identity.
	// At most [MaxKeys] references.
	Customers(ctx context.Context, refs []CustomerRef) (map[CustomerRef]*Customer, error)

	// FindCustomers gives one page of customers in a total order, at the same cost at any depth.
	FindCustomers(ctx context.Context, q CustomerQuery) (CustomerPage, error)

	// CountCustomers counts what FindCustomers would page through; First, After and Order do not matter.
	CountCustomers(ctx context.Context, q CustomerQuery) (int64, error)

	// Related lists the current ids of customers, in order and at most [MaxRelated] each, that stand in a relation to
	// each key: the members of a household by its id, those whom a customer referred by the referrer's current id.
	Related(ctx context.Context, relation Relation, keys []string) (map[string][]string, error)
}

// ProfileReader reads what is shown when somebody faces a customer.
type ProfileReader interface {
	// Profiles answers each query with a customer and the newest of the customer's interactions, all from one consistent state and
	// in one round trip: what [CustomerReader], [InteractionReader] and [CatalogReader] would give. At most [MaxKeys] queries.
	Profiles(ctx context.Context, queries []ProfileQuery) (Profiles, error)
}

// CatalogReader reads products, categories, segments and the types of attributes.
type CatalogReader interface {
	// Products gives the products of these ids, at most [MaxKeys].
	Products(ctx context.Context, ids []string) (map[string]*Product, error)

	// FindProducts gives one page of products in order of id, at the same cost at any depth.
	FindProducts(ctx context.Context, q ProductQuery) (ProductPage, error)

	// CountProducts counts what FindProducts would page through.
	CountProducts(ctx context.Context, q ProductQuery) (int64, error)

	// Categories gives the whole tree as of the latest commit seen; it is cached by the store and cheap to ask for.
	Categories(ctx context.Context) (*CategoryTree, error)

	// Segments gives all segments, in order of id.
	Segments(ctx context.Context) ([]Segment, error)

	// AttributeTypes gives the settled type of every attribute.
	AttributeTypes(ctx context.Context) (map[AttributeKey]ValueKind, error)
}

// InteractionReader reads interactions by customer. Interactions of one customer are ordered newest first, those of one
// moment by id ascending.
type InteractionReader interface {
	// Interactions answers each query with a page, in the order of the queries, all from one consistent state and in one
	// round trip. An unknown customer has an empty page. The cost of a page does not depend on its depth. At most
	// [MaxKeys] queries.
	Interactions(ctx context.Context, queries []InteractionQuery) ([]InteractionPage, error)

	// CountInteractions counts what each query would page through; First and After do not matter.
	CountInteractions(ctx context.Context, queries []InteractionQuery) ([]int64, error)

	// Touchpoints counts the interactions of customers, given by current id, by channel (in order of code) and phase.
	Touchpoints(ctx context.Context, customers []string) (map[string][]Touchpoint, error)
}

// Writer writes.
type Writer interface {
	// Write stores a batch of at most [MaxBatch] rows in one commit and answers with one outcome a row. A row is taken
	// whole or rejected whole; a rejected row never keeps others back. Kinds are written in the order of Batch's
	// fields, rows in their order, and later rows see the earlier ones: a category may name a parent anywhere in the
	// batch, a segment's rule another segment anywhere in the batch. Rows are normalized in place.
	//
	// Writing is idempotent: a row that changes nothing is a [Duplicate]. What was answered without an error survives
	// the death of the process and of the machine.
	Write(ctx context.Context, b *Batch) (*Outcomes, error)
}

// Batch is rows to be written. See the semantics of each kind at its type, and:
//
//   - An interaction whose customer is unknown creates it: with the id referred to, or, for an identity, with
//     [DerivedCustomerID]. The same interaction id with the same content is a duplicate, also after it was retracted;
//     with other content it is rejected as conflict.
//   - An identity owned by another customer rejects the row as identity_taken, unless that customer was made from
//     nothing but this identity: then that one is merged into the row's customer, and the merge is logged.
//   - The first value of an attribute settles its type; a later misfit rejects the row as attribute_type.
//   - A row that names an unknown product or category is rejected, unless CreateMissing is set.
//   - A row that names an erased customer or identity is rejected as erased.
//   - Nobody has referred themselves: an upsert that names the customer's own id or identity as the referrer is rejected as
//     cycle, and a referral that a merge made one to oneself is left out before the winner is settled.
//   - A row with several faults is rejected for any one of them.
type Batch struct {
	Categories     []Category
	Products       []Product
	Customers      []CustomerUpsert
	Segments       []Segment
	Interactions   []Interaction
	Retractions    []Retraction
	DeleteSegments []string // refused as in_use while another segment's rule names it
	Unread         []UnreadRecords

	// CreateMissing creates unknown products and categories that a row names, with nothing but their id.
	CreateMissing bool
}

// Len is the number of rows.
func (b *Batch) Len() int {
	return len(b.Categories) + len(b.Products) + len(b.Customers) + len(b.Segments) + len(b.Interactions) +
		len(b.Retractions) + len(b.DeleteSegments) + len(b.Unread)
}

// Status is what became of a row.
type Status uint8

// What may become of a row.
const (
	Accepted  Status = iota + 1 // it was new, or changed something
	Duplicate                   // it was stored already, and changed nothing
	Rejected                    // it was not taken; Rejection says why
)

// Outcome is what became of one row.
type Outcome struct {
	Status    Status
	Rejection *Rejection // nil unless Status is Rejected
}

// Outcomes has one outcome for each row of a batch, in the same places.
type Outcomes struct {
	Categories     []Outcome
	Products       []Outcome
	Customers      []Outcome
	Segments       []Outcome
	Interactions   []Outcome
	Retractions    []Outcome
	DeleteSegments []Outcome
	Unread         []Outcome
}

// Resolver settles who is who.
type Resolver interface {
	// Merge unites two customers, given by any id: all that is Retired's becomes Keep's, and its id leads to Keep from
	// then on. A dry run changes nothing and tells the same. Merging what that very merge has united already answers
	// with the merge that stands; other customers who are one already are [ErrConflict]; unknown ones are [ErrNotFound].
	Merge(ctx context.Context, keep, retire string, dryRun bool) (MergeReport, error)

	// Unmerge undoes a merge: what came under the retired id, or under an identity that goes back with it, goes back,
	// whenever it came. A later merge that Keep took part in is [ErrConflict], which names it: undo that one first. An
	// unknown merge is [ErrNotFound]; one undone already is answered as it was.
	Unmerge(ctx context.Context, mergeID string) (Merge, error)

	// Merges gives the merges that a customer, given by any id, took part in, newest first; the snapshots are included.
	Merges(ctx context.Context, customer string) ([]Merge, error)

	// Erase removes a customer, given by any id, with everything that tells who it was: identities, attributes,
	// consents, interactions, merge snapshots, retired ids, entries of the change feed. Keyed hashes of the ids and identities stay,
	// so that files loaded again are rejected as erased. With keepStatistics the interactions stay under an id that leads
	// nowhere, without reference, query, session, campaign, attributes and source, and with new ids. An unknown
	// customer is [ErrNotFound], also one erased before. The person's retractions are forgotten too, and no log of others keeps a
	// merge with the person. What is kept of interactions has an owner that no scan lists among the customers.
	Erase(ctx context.Context, customer string, keepStatistics bool) (EraseReport, error)
}

// Feed lets readers hold a copy of the whole and keep it current: Head, then Scan(head), then Changes(head) and on.
type Feed interface {
	// Head gives the position after the latest commit.
	Head(ctx context.Context) (Cursor, error)

	// Scan gives everything committed up to at, and no interaction recorded after it; what changed or vanished since
	// may be given as it is now, or not at all: the changes after at tell. A failed scan yields one error and ends.
	// An expired cursor is [ErrCursorExpired].
	Scan(ctx context.Context, at Cursor, fields ScanFields) Scan

	// Changes gives what was committed after a position, at most limit changes ([MaxBatch] at most), each exactly once, and
	// those of one customer in the order of their commits, also while several writers commit at once. It does not wait:
	// an empty page means that nothing has happened of which it tells. A pruned or foreign cursor is [ErrCursorExpired]: start again from
	// Head. What was erased or retracted meanwhile is left out; its later change tells.
	Changes(ctx context.Context, after Cursor, limit int) (ChangePage, error)

	// PruneChanges forgets entries of the feed that were committed before a moment; cursors before them expire.
	// Interactions stay in the feed, as they are stored.
	PruneChanges(ctx context.Context, before time.Time) error
}

// CustomerOrder is an order of customers. Each is total: ties go by id.
type CustomerOrder uint8

// The orders.
const (
	ByCustomerID CustomerOrder = iota // by id
	ByName                            // by folded name; those without a name last
	ByNewest                          // by created_at, latest first; those without last
)

// Compare orders places as the order does; who lacks what it asks for comes last.
func (o CustomerOrder) Compare(a, b *CustomerKey) int {
	c := 0
	switch o {
	case ByName:
		if c = lastIf(a.Name == "", b.Name == ""); c == 0 {
			c = strings.Compare(a.Name, b.Name)
		}
	case ByNewest:
		if c = lastIf(a.CreatedAt.IsZero(), b.CreatedAt.IsZero()); c == 0 {
			c = b.CreatedAt.Compare(a.CreatedAt)
		}
	}
	return cmp.Or(c, strings.Compare(a.ID, b.ID))
}

// lastIf orders what is true after what is not.
func lastIf(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	default:
		return -1
	}
}

// CustomerQuery asks for one page of customers.
type CustomerQuery struct {
	Search string // prefix of the name, of a word in the name, or of an identity's value, compared after [Fold]; "" is all
	Order  CustomerOrder
	First  int          // 0 to [MaxPage]; 0 only tells whether there are any
	After  *CustomerKey // nil for the first page
}

// CustomerKey is a customer's place in every order. Keys come from [Customer.Key].
type CustomerKey struct {
	ID        string
	Name      string    // folded
	CreatedAt time.Time // zero when unknown
}

// Key gives the customer's place in every order.
func (c *Customer) Key() CustomerKey {
	return CustomerKey{ID: c.ID, Name: Fold(c.Name), CreatedAt: c.CreatedAt}
}

// CustomerPage is a page; More tells whether there are further ones.
type CustomerPage struct {
	Customers []*Customer
	More      bool
}

// Relation is how customers belong together.
type Relation uint8

// The relations.
const (
	HouseholdMembers  Relation = iota + 1 // key: household id
	ReferredCustomers                     // key: the referrer's current id
)

// ProductQuery asks for one page of products in order of id; every field that is set must match.
type ProductQuery struct {
	Category string // with its descendants
	Tag      string
	Search   string // prefix of the name, compared after [Fold]
	InStock  Optional[bool]
	First    int    // 0 to [MaxPage]
	After    string // id; "" for the first page
}

// ProductPage is a page; More tells whether there are further ones.
type ProductPage struct {
	Products []*Product
	More     bool
}

// Stats is how much is stored.
type Stats struct {
	Customers    int64
	Interactions int64 // retracted and erased ones are not counted
	Products     int64
	Categories   int64
	Segments     int64
	// LatestAt is the moment of the latest interaction that was not in the future when it was recorded: the default
	// "as of" of every figure. Zero when there is none.
	LatestAt time.Time
	// Version names the state: it changes with every commit that changes anything.
	Version Cursor
}
