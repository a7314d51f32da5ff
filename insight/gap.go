package insight

import (
	"time"

	"lacuna/graph"
)

// Everyone is the id of the row beside the segments that stands for all customers.
const Everyone = graph.EveryoneID

// Verdict is what is to be done about a segment's wish for a category.
type Verdict uint8

// The verdicts.
const (
	Served         Verdict = iota + 1 // who wants it gets it, as far as can be told
	Watch                             // who wants it gets it less often than they should, and nothing tells why
	Develop                           // the catalog lacks what they want
	Restock                           // it is in the catalog, but could not be had
	FixFindability                    // it is in the catalog, but is not found
)

var verdictNames = [...]string{"", "SERVED", "WATCH", "DEVELOP", "RESTOCK", "FIX_FINDABILITY"}

func (v Verdict) String() string { return verdictNames[v] }

// Cause is why a wish is not met.
type Cause uint8

// The causes; 0 is none that is known.
const (
	Absence Cause = iota + 1
	PriceBandHole
	AttributeHole
	QualityFault
	StockOut
	Findability
)

var causeNames = [...]string{"", "ABSENCE", "PRICE_BAND", "ATTRIBUTE", "QUALITY", "STOCK_OUT", "FINDABILITY"}

func (c Cause) String() string { return causeNames[c] }

// Estimate is a figure with the ends between which it lies: 90 % for an index, 80 % for a number of customers.
type Estimate struct{ Low, Mid, High float64 }

// Reasons why a figure of a gap is missing.
const (
	reasonCircular      = "CIRCULAR"      // the rule of the segment itself asks for interest in the category
	reasonTooFewPairs   = "TOO_FEW_PAIRS" // there are too few segments and categories to learn what is usual
	reasonNoDemand      = "NO_DEMAND"     // nobody of the segment was interested
	reasonNoProducts    = "NO_PRODUCTS"   // nothing is in the catalog
	reasonNoReference   = "NO_REFERENCE"  // there is nobody to compare with
	reasonTooShort      = "TOO_SHORT"     // less than two windows of data
	reasonNoneBefore    = "NONE_BEFORE"   // nobody in the window before
	reasonEveryone      = "EVERYONE"      // all customers are as interested as all customers
	reasonNoInteraction = "NO_INTERACTIONS"
)

// Gap is how well the catalog serves one segment's wish for one category, flagged or not.
type Gap struct {
	Segment, Category string // ids
	Level             int    // depth of the category, 0 for a root
	From, To          time.Time
	Verdict           Verdict
	Cause             Cause
	Detail            CauseDetail
	Ranked            bool // flagged, and the deepest category that carries it
	Demand            Demand
	Supply            Supply
	Growth            Growth
	Served            Service
	// Unmet is how many customers who wanted it in the window would have bought it from a catalog that serves them as others are served, with its
	// 80 % interval. It is nil with a reason.
	Unmet       *Estimate
	UnmetReason string
}

// CauseDetail names what the catalog lacks.
type CauseDetail struct {
	PriceLow, PriceHigh *float64 // of the band, in Currency; nil where it is open
	Currency            string
	Attribute           string // a column of products, or "tag"
	Value               string
	Note                string // in words
}

// Demand is what the customers of the segment wanted of the category in the window.
type Demand struct {
	Customers int // distinct, with intent
	// Interactions of these customers in the category.
	Searches, ZeroResultSearches, Views, Wishlists, Carts, Purchases int
	// Index is 100 × how many times more of the segment want it than months, channels and the category's and the segment's size explain,
	// shrunk (EBGM), with its 5 % and 95 % quantiles. It is nil with a reason.
	Index       *Estimate
	IndexReason string
	Share       float64 // of the segment's pairs of customers and categories of the level
}

// Supply is what the catalog offers the segment in the category.
type Supply struct {
	ActiveProducts  int // launched and not retired
	FittingProducts int // of these, those that neither a price band nor an attribute rules out for the segment
	AvailableShare  *float64
	// Index is 100 × the category's share of all that fits, is available and is well rated over its share of what the segment wants.
	Index             *float64
	IndexReason       string
	TopFiveClickShare *float64 // nil without a view or click
}

// Service is which share of those who wanted it bought it.
type Service struct {
	Rate      *float64 // shrunk to the category's
	Raw       float64  // buyers over customers, both below
	Buyers    int
	Customers int      // with intent, without whom only an empty shelf kept
	Reference *float64 // what it would be in a catalog that serves them as others are served
	Below     *float64 // P(rate < .8 × reference)
	Basis     string   // what the reference is of: OTHER_CUSTOMERS, SIBLING_CATEGORIES
	Reason    string
}

// SkippedSegment is a segment whose rule cannot be evaluated.
type SkippedSegment struct{ Segment, Reason string }
