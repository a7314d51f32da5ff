// Package planted makes data in which it is known what customers want and do not get: the truth of every segment and category, and of every group that
// grows, is the expectation of the model that the interactions are drawn from. What looks like a gap and is none is planted beside.
package planted

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Options say what to make. Zero fields mean the defaults beside them.
type Options struct {
	Seed        uint64   // 1
	Customers   int      // 20,000; at least 1,000
	Weeks       int      // of history; 104, at least 91
	Plant       []string // kinds of plants, see Plants; "all"; "none"
	Confounders []string // what looks like a gap and is none, see Confounders; "all"; "none"
	// Fill makes the same world with the products that price-band, attribute and absence plants take out: what they cost is the difference.
	Fill bool
}

// Plants lists the kinds of plants.
func Plants() []string {
	return []string{"growth", "cut", "absence", "price-band", "attribute", "quality", "stock-out", "synonym", "emerging", "launch"}
}

// Confounders lists what looks like a plant and is none.
func Confounders() []string {
	return []string{
		"base-growth", "season", "holiday", "whale", "bots", "catalog-growth", "promotion", "drift", "proxy", "mix-shift", "outage", "duplicates", "late",
		"coverage", "slow-category", "well-supplied", "unneeded-attribute",
	}
}

// end is the first moment after the history.
var end = time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC)

const (
	fewestCustomers = 1_000
	fewestWeeks     = 91 // the last window, the same weeks a year before, and one more window
	window          = 13 // weeks
)

func (o Options) withDefaults() (Options, error) {
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Customers == 0 {
		o.Customers = 20_000
	}
	if o.Weeks == 0 {
		o.Weeks = 104
	}
	if o.Customers < fewestCustomers || o.Weeks < fewestWeeks {
		return o, fmt.Errorf("planted truth needs at least %d customers and %d weeks: %d and %d were asked for", fewestCustomers, fewestWeeks, o.Customers, o.Weeks)
	}
	var err error
	if o.Plant, err = chosen("plant", o.Plant, Plants()); err != nil {
		return o, err
	}
	o.Confounders, err = chosen("confounder", o.Confounders, Confounders())
	return o, err
}

// chosen settles which kinds are meant; none named means all.
func chosen(what string, names, kinds []string) ([]string, error) {
	if len(names) == 0 || slices.Equal(names, []string{"all"}) {
		return kinds, nil
	}
	if slices.Equal(names, []string{"none"}) {
		return nil, nil
	}
	for _, name := range names {
		if !slices.Contains(kinds, name) {
			return nil, fmt.Errorf("there is no %s %q: name some of %s, or all, or none", what, name, strings.Join(kinds, ", "))
		}
	}
	return names, nil
}
