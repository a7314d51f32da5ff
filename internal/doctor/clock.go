package doctor

import (
	"fmt"
	"maps"
	"slices"
)

const (
	fewestForClock = 500 // interactions of a source, below which its hours say little
	nightBegins    = 21  // a quiet time whose middle is from 21:00 …
	nightEnds      = 8   // … to 08:00 is a night; other zones are hours away from it
)

// clocks judges each source's hours of the day.
func (c *counter) clocks() []Finding {
	var found []Finding
	zone := c.o.Zone.String()
	for _, source := range slices.Sorted(maps.Keys(c.sources)) {
		h := c.sources[source]
		if h.all < fewestForClock {
			continue
		}
		if 5*h.elsewhere >= h.all {
			found = append(found, Finding{
				Check: CheckClock, Severity: Warning, Count: h.elsewhere, Of: h.all,
				Message: fmt.Sprintf("%s of %s interactions of source %q are at midnight in UTC, which is another hour in %s: bare dates were taken for UTC",
					grouped(h.elsewhere), grouped(h.all), source, zone),
				Remedy: "load such files with --zone " + zone + ", or state the zone in their map",
			})
		}
		if 5*h.midnights >= h.all {
			found = append(found, Finding{
				Check: CheckClock, Severity: Note, Count: h.midnights, Of: h.all,
				Message: fmt.Sprintf("%s of %s interactions of source %q are at midnight in %s: they have a date and no time of day", grouped(h.midnights), grouped(h.all), source, zone),
				Remedy:  "bring times where there are any: the order of events within a day is not known",
			})
		}
		if middle, quiet := h.quiet(); quiet && middle > nightEnds && middle < nightBegins {
			found = append(found, Finding{
				Check: CheckClock, Severity: Warning, Count: h.all, Of: h.all,
				Message: fmt.Sprintf("source %q is quiet around %02d:00 in %s, when people are awake: its times are probably of another zone", source, int(middle), zone),
				Remedy:  "tell doctor where the customers live (--zone); if that is right, the files' times lack an offset: load them again with the zone that they were written in",
			})
		}
	}
	return found
}

// quiet finds the middle of the longest run of hours, around the clock, in each of which less than a third of the average
// happens. Without such hours, or with more than 18 of them, nothing can be said.
func (h *hours) quiet() (middle float64, ok bool) {
	var all int64
	for _, n := range h.byHour {
		all += n
	}
	if all < fewestForClock {
		return 0, false
	}
	longest, begin := 0, 0
	for from := range h.byHour {
		n := 0
		for n < len(h.byHour) && 3*24*h.byHour[(from+n)%24] < all {
			n++
		}
		if n > longest {
			longest, begin = n, from
		}
	}
	if longest < 2 || longest > 18 {
		return 0, false
	}
	middle = float64(begin) + float64(longest)/2
	if middle >= 24 {
		middle -= 24
	}
	return middle, true
}
