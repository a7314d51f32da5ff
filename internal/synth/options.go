package synth

import (
	"fmt"
	"time"
	_ "time/tzdata" // the marketplace has its hours wherever it is made
)

// The settings that the files are meant for.
const (
	Zone     = "Asia/Taipei"
	Currency = "TWD"
)

// DefaultSeed is the seed of the marketplace that everybody sees.
const DefaultSeed = 20261031

// Options say what to make. Zero fields mean the defaults beside them.
type Options struct {
	Seed      uint64
	Customers int       // 9,000; at least 20
	Weeks     int       // of history; 104
	End       time.Time // the first moment after it; 2026-11-01 in the zone
}

const fewestCustomers = 20

func (o Options) withDefaults(zone *time.Location) (Options, error) {
	if o.Customers == 0 {
		o.Customers = 9_000
	}
	if o.Weeks == 0 {
		o.Weeks = 104
	}
	if o.End.IsZero() {
		o.End = time.Date(2026, 11, 1, 0, 0, 0, 0, zone)
	}
	if o.Customers < fewestCustomers || o.Weeks < 1 {
		return o, fmt.Errorf("a marketplace has at least %d customers and one week: %d and %d were asked for", fewestCustomers, o.Customers, o.Weeks)
	}
	o.End = o.End.In(zone)
	return o, nil
}
