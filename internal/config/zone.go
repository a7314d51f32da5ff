package config

import (
	"fmt"
	"time"
	_ "time/tzdata" // zones must be found also where the machine brings none, as in an empty container

	"github.com/spf13/pflag"
)

// ZoneVar adds the flag --zone: the time zone of calendar months and weeks, and of times without one. It sets *p to
// initial, then to what is given.
func ZoneVar(flags *pflag.FlagSet, p **time.Location, initial *time.Location) {
	*p = initial
	flags.Var(zone{p}, "zone", "time `zone` of months, weeks and bare dates, by its IANA name (Asia/Taipei)")
}

type zone struct{ location **time.Location }

// Set takes an IANA name.
func (z zone) Set(name string) error {
	// Local is refused, since the same data would give other figures on another machine.
	location, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return fmt.Errorf("unknown time zone %q; use an IANA name such as Asia/Taipei or UTC", name)
	}
	*z.location = location
	return nil
}

// String returns the IANA name.
func (z zone) String() string { return (*z.location).String() }

// Type names the kind of value.
func (z zone) Type() string { return "zone" }
