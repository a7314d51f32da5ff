package bulk

import (
	"io"
	"slices"
	"time"
)

// Kind is what a file holds. Its text is the file's name without its extensions.
type Kind string

// The kinds, in the order in which they are loaded. Campaigns and journeys are named but not read yet.
const (
	Categories   Kind = "categories"
	Products     Kind = "products"
	Customers    Kind = "customers"
	Segments     Kind = "segments"
	Interactions Kind = "interactions"
	Campaigns    Kind = "campaigns"
	Journeys     Kind = "journeys"
)

// Kinds gives the kinds in the order in which they are loaded.
func Kinds() []Kind { return slices.Clone(kindOrder) }

var kindOrder = []Kind{Categories, Products, Customers, Segments, Interactions, Campaigns, Journeys}

// Layout is what the rows of files say, and how they name it.
type Layout string

// The layouts.
const (
	Generic     Layout = "generic" // files named for their kind, columns named for their field
	SegmentSpec Layout = "segment" // events of the Segment spec, one a line
	GA4         Layout = "ga4"     // rows of a BigQuery export of Google Analytics 4
	Mapped      Layout = "mapped"  // tables of any form, read as a [Map] says
)

// Layouts gives the layouts that can be named; [Mapped] is implied by a map.
func Layouts() []Layout { return []Layout{Generic, SegmentSpec, GA4} }

// Options says how to load. The zero value is valid.
type Options struct {
	// Layout is that of the files; "" tells it by each file's name and beginning.
	Layout Layout
	// Map says how to read mapped tables; nil for other layouts.
	Map *Map
	// Source is the source of rows that name none; "" takes the file's name.
	Source string
	// CreateMissing creates products and categories that rows name and nobody defined.
	CreateMissing bool
	// DryRun reads, decodes and checks everything and writes nothing. It sees what a file alone and the stored catalog
	// tell: bad values, unknown products and categories, attribute types, repeated ids. It does not see identities that
	// belong to somebody else, erased customers, ids stored with other content, and repeats further apart than a
	// million rows; it counts a row that is stored already as accepted.
	DryRun bool
	// Zone is where a date alone, and a time that states no offset in Parquet, is taken to be; nil is UTC.
	Zone *time.Location
	// Currency is that of money whose row names none; "" rejects such rows.
	Currency string
	// Rejects receives one JSON object a line for each rejected row: file, line, reason, row. It holds personal data.
	// [RejectsFile] is made for it; nil keeps nothing but counts.
	Rejects io.Writer
	// Progress is called after every batch, from the goroutine that called [Load].
	Progress func(Progress)
	// Log receives what a person should know: files that are not read, unknown columns. Never personal data.
	Log func(format string, args ...any)
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Map != nil {
		o.Layout = Mapped
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Log == nil {
		o.Log = func(string, ...any) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Step is what a load is busy with.
type Step string

// The steps.
const (
	Surveying Step = "survey" // a first pass over a file, see the package's vocabulary
	Loading   Step = "load"   // rows go to the store
	Finishing Step = "finish" // all rows are handed over; the store commits and builds indexes
)

// Progress is how far a load is.
type Progress struct {
	Step          Step
	File          string // path
	Kind          Kind
	Rows          int64 // done so far, all files together, rejects included
	Bytes         int64 // read so far of the files as they are (compressed), all files together
	TotalBytes    int64 // of all files
	Elapsed       time.Duration
	RowsPerSecond float64 // since the beginning
}
