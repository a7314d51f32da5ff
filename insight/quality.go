package insight

import (
	"cmp"
	"slices"
	"time"

	"lacuna/graph"
)

// Quality is how well a customer is known.
type Quality struct {
	// Completeness is the share that is known of what is usually known: the attributes known of at least a tenth of the customers, each weighing
	// the share of customers of whom it is known.
	Completeness float64
	Verified     bool         // has a verified identity
	Stale        []StaleField // attributes not seen for longer than [Thresholds.StaleAfter], the oldest first
	Ask          []string     // attributes that are missing, those that most others have first
	Contested    []string     // attributes on which sources disagree
}

// StaleField is an attribute that was last observed long ago.
type StaleField struct {
	Name       string
	ObservedAt time.Time
}

// mostAsked is how many attributes to ask for are named.
const mostAsked = 3

// DataQuality judges a customer's profile against what is usually known of customers, as of the view's moment.
func (v *View) DataQuality(c *graph.Customer) Quality {
	known := v.knownShares()
	has := map[string]bool{}
	var q Quality
	now := v.AsOf(time.Time{})
	for i := range c.Attributes {
		a := &c.Attributes[i]
		has[a.Name] = true
		if !now.IsZero() && now.Sub(a.ObservedAt) > v.options.Thresholds.StaleAfter {
			q.Stale = append(q.Stale, StaleField{a.Name, a.ObservedAt})
		}
		if slices.ContainsFunc(a.Alternatives, func(o graph.Observation) bool { return o.Value != a.Value }) {
			q.Contested = append(q.Contested, a.Name)
		}
	}
	slices.SortStableFunc(q.Stale, func(a, b StaleField) int { return a.ObservedAt.Compare(b.ObservedAt) })
	q.Verified = slices.ContainsFunc(c.Identities, func(i graph.CustomerIdentity) bool { return i.Verified })
	all, there := 0., 0.
	for _, k := range known {
		if k.share < leastKnown {
			continue
		}
		all += k.share
		if has[k.name] {
			there += k.share
		} else if len(q.Ask) < mostAsked {
			q.Ask = append(q.Ask, k.name)
		}
	}
	q.Completeness = 1
	if all > 0 {
		q.Completeness = there / all
	}
	return q
}

// leastKnown is from which share of customers on an attribute counts as one that is usually known.
const leastKnown = .1

type knownShare struct {
	name  string
	share float64
}

// knownShares tells of how many customers each attribute is known, the most known first. It is computed once a view.
func (v *View) knownShares() []knownShare {
	v.cache.knownOnce.Do(func() {
		n, counts := 0, make([]int, len(v.attributes))
		for _, p := range v.pages {
			n += p.known.count()
			for slot := range p.known.each() {
				for number := range counts {
					if p.attribute(number, slot) != 0 {
						counts[number]++
					}
				}
			}
		}
		for number, count := range counts {
			v.cache.known = append(v.cache.known, knownShare{v.attributes[number].name, float64(count) / float64(max(n, 1))})
		}
		slices.SortFunc(v.cache.known, func(a, b knownShare) int { return cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(a.name, b.name)) })
	})
	return v.cache.known
}
