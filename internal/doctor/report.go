package doctor

import (
	"slices"
	"time"

	"lacuna/graph"
)

// Severity says how much a finding matters.
type Severity string

// The severities, the worst last.
const (
	Note    Severity = "NOTE"    // worth knowing; figures are right
	Warning Severity = "WARNING" // some figures are missing or wrong because of it
	Problem Severity = "PROBLEM" // something does not work
)

var severities = []Severity{Note, Warning, Problem}

// worse orders severities.
func worse(a, b Severity) int { return slices.Index(severities, a) - slices.Index(severities, b) }

// Finding is one thing that is not as it should be.
type Finding struct {
	Check    string   `json:"check"` // which check found it, see [Checks]
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	// Count is how many records are affected, and Of how many were looked at; both 0 where a finding is not about records.
	Count    int64    `json:"count,omitempty"`
	Of       int64    `json:"of,omitempty"`
	Examples []string `json:"examples,omitempty"` // at most ten, those that matter most first
	Remedy   string   `json:"remedy"`
}

// Report is what an examination found.
type Report struct {
	Store     string    `json:"store"`
	CheckedAt time.Time `json:"checkedAt"`
	// Stored is how much there is; nil when the store could not be read.
	Stored   *Stored   `json:"stored"`
	Worst    Severity  `json:"worst,omitempty"` // "" when nothing was found
	Findings []Finding `json:"findings"`        // the worst first
	Passed   []string  `json:"passed"`          // the checks that found nothing
	Skipped  []string  `json:"skipped"`         // the checks that could not be made, because of a finding
}

// Stored is how much a store holds.
type Stored struct {
	Customers    int64     `json:"customers"`
	Interactions int64     `json:"interactions"`
	Products     int64     `json:"products"`
	Categories   int64     `json:"categories"`
	Segments     int64     `json:"segments"`
	LatestAt     time.Time `json:"latestAt,omitzero"` // of the latest interaction that was not in the future when it was recorded
}

func storedOf(s *graph.Stats) *Stored {
	return &Stored{
		Customers: s.Customers, Interactions: s.Interactions, Products: s.Products, Categories: s.Categories, Segments: s.Segments, LatestAt: s.LatestAt,
	}
}

// NewReport puts findings in order and tells which of all checks passed. Checks that are neither made nor found are skipped.
func NewReport(store string, at time.Time, stored *Stored, all, made []string, findings []Finding) Report {
	r := Report{Store: store, CheckedAt: at.UTC(), Stored: stored, Findings: slices.Clone(findings), Passed: []string{}, Skipped: []string{}}
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return worse(b.Severity, a.Severity) })
	if len(r.Findings) > 0 {
		r.Worst = r.Findings[0].Severity
	}
	for _, check := range all {
		switch {
		case slices.ContainsFunc(findings, func(f Finding) bool { return f.Check == check }):
		case slices.Contains(made, check):
			r.Passed = append(r.Passed, check)
		default:
			r.Skipped = append(r.Skipped, check)
		}
	}
	return r
}

// The checks.
const (
	CheckStore  = "store"   // it can be opened, and is one
	CheckSchema = "schema"  // its version is that of this program
	CheckWrite  = "write"   // it can be written
	CheckDisk   = "disk"    // there is room for it to grow
	CheckServer = "server"  // a server of a version that is known, with its indexes, whose clock is right
	CheckEmpty  = "empty"   // something is loaded
	CheckWhat   = "subject" // what people do is about a product or a category
	CheckFiled  = "filed"   // products are in a category
	CheckResult = "results" // searches say how many results they had
	CheckSought = "sought"  // searches say what was looked for
	CheckFuture = "future"  // nothing lies in the future
	CheckPast   = "past"    // nothing lies before there were computers
	CheckClock  = "clock"   // the hours of the day look like people's
	CheckAmount = "amounts" // purchases have an amount
	CheckMoney  = "money"   // there is one currency
	CheckSale   = "sale"    // products are bought while they are sold
	CheckShared = "shared"  // identities belong to one customer
	CheckJunk   = "junk"    // identities are somebody's
	CheckUnread = "unread"  // events of files are read
)

// Checks lists all checks of a store in a file, in the order in which they are made.
func Checks() []string { return slices.Concat(FileChecks(), DataChecks()) }

// ServerChecks are those about where the store lies, for one of a server.
func ServerChecks() []string { return []string{CheckStore, CheckSchema, CheckServer} }

// FileChecks are about where the store lies; whoever opens it makes them.
func FileChecks() []string { return []string{CheckStore, CheckSchema, CheckWrite, CheckDisk} }

// DataChecks are made by [Examine].
func DataChecks() []string {
	return []string{
		CheckEmpty, CheckWhat, CheckFiled, CheckResult, CheckSought, CheckFuture, CheckPast, CheckClock, CheckAmount, CheckMoney, CheckSale,
		CheckShared, CheckJunk, CheckUnread,
	}
}
