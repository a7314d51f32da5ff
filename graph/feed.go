package graph

import "iter"

// Cursor is a position in a store's change feed. It is opaque: a position and the random tag that its commit wrote, so
// that a restored or copied store is noticed; a store with several lanes may put a vector into it. The zero Cursor
// stands before the first commit. Cursors are compared for equality only.
type Cursor string

// ChangeKind is what happened. The codes are stored: append, never reorder.
type ChangeKind uint8

// The kinds of change.
const (
	CategoryChanged      ChangeKind = iota + 1 // ID is the category
	ProductChanged                             // ID is the product
	CustomerChanged                            // ID and Customer are the customer; also when it was created
	SegmentChanged                             // ID is the segment
	SegmentDeleted                             // ID is the segment
	InteractionRecorded                        // ID is the interaction, Customer its owner now
	InteractionRetracted                       // ID is the interaction, Customer its owner then
	CustomersMerged                            // ID was retired, Customer goes on and owns all that was ID's
	CustomersUnmerged                          // ID is back, Customer no longer owns what is ID's
	CustomerErased                             // ID and Customer are gone
)

var changeKinds = enum{"", "category changed", "product changed", "customer changed", "segment changed", "segment deleted",
	"interaction recorded", "interaction retracted", "customers merged", "customers unmerged", "customer erased"}

// String describes the kind.
func (k ChangeKind) String() string { return changeKinds.name(uint8(k)) }

// Change names what was committed, never its content: readers fetch the state of now, so erasure leaves nothing behind.
type Change struct {
	Kind     ChangeKind
	ID       string
	Customer string
	// Interaction is the interaction as it stands now, for InteractionRecorded alone.
	Interaction *Interaction
}

// ChangePage is a run of changes in commit order. Next stands after the last of them.
type ChangePage struct {
	Changes []Change
	Next    Cursor
	More    bool // whether something was committed after Next when the page was read
}

// ScanFields chooses the columns of interactions that cost most to read; the others are always there.
type ScanFields uint8

// The optional columns.
const (
	ScanIDs        ScanFields = 1 << iota // ID and Ref
	ScanTexts                             // Query, Session, Campaign, Source
	ScanAttributes                        // Attributes
	ScanAll        = ScanIDs | ScanTexts | ScanAttributes
)

// Scan is everything that a store holds, in chunks, in the order categories, products, segments, customers,
// interactions. Customers, products and categories carry handles: small positive numbers, stable for the length of the
// scan, by which interactions refer to them. A chunk's memory is valid until the next one is asked for.
type Scan = iter.Seq2[*ScanChunk, error]

// ScanChunk is a run of records of one kind; the other fields are empty.
type ScanChunk struct {
	Categories   []ScannedCategory
	Products     []ScannedProduct
	Segments     []Segment
	Customers    []ScannedCustomer
	Interactions *InteractionColumns
}

// ScannedCategory is a category with its handle.
type ScannedCategory struct {
	Handle uint32
	Category
}

// ScannedProduct is a product with its handle.
type ScannedProduct struct {
	Handle uint32
	Product
}

// ScannedCustomer is a customer with its handle; FirstSeenAt and LastSeenAt are left zero.
type ScannedCustomer struct {
	Handle uint32
	Customer
}

// InteractionColumns is a run of interactions as columns of equal length, in no particular order. Handles are 0 for
// none. Numbers that are unknown are marked in Known. Columns that were not asked for are nil.
type InteractionColumns struct {
	Len      int
	Customer []uint32 // handle of the owner
	Product  []uint32
	Category []uint32 // the stated one
	AtMicros []int64  // microseconds since 1970
	Type     []InteractionType
	Channel  []Channel
	Known    []KnownNumbers
	Results  []int32
	Quantity []Decimal
	Amount   []Decimal
	Rating   []Decimal
	Currency []string

	ID  []string      // ScanIDs
	Ref []CustomerRef // ScanIDs

	Query    []string // ScanTexts
	Session  []string
	Campaign []string
	Source   []string

	Attributes [][]NamedValue // ScanAttributes
}

// KnownNumbers marks which numbers of an interaction are known, and two facts.
type KnownNumbers uint8

// The marks.
const (
	ResultsKnown KnownNumbers = 1 << iota
	QuantityKnown
	AmountKnown
	RatingKnown
	AvailableKnown
	IsAvailable
	IsAhead // see Interaction.Ahead
)
