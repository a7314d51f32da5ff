package insight

import (
	"context"
	"math/bits"
	"slices"
	"strings"
	"time"

	"lacuna/graph"
	"lacuna/insight/stat"
)

// paretoPoints is of how many points the curve is made.
const paretoPoints = 20

// Population tells how all customers stand as of a moment.
func (v *View) Population(ctx context.Context, asOf time.Time) (*Population, error) {
	at := v.moment(asOf)
	s := v.standing(at)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	p := &Population{
		AsOf: v.AsOf(asOf), Customers: s.existing.Len(), Lifecycles: map[graph.Lifecycle]Share{}, Tiers: map[graph.ValueTier]Share{},
		Groups: map[graph.RFMGroup]Share{}, RFM: make([]RFMCell, 25), Known: map[string]float64{}, Cycle: s.cycle.Median,
	}
	for i := range p.RFM {
		p.RFM[i].Recency, p.RFM[i].Frequency = uint8(i/5+1), uint8(i%5+1)
	}
	if v.mixedCurrencies() {
		p.Reason = reasonMixed
	} else if len(v.currencies) == 2 {
		p.Currency = v.currencies[1]
	}
	var spent []float64
	var members graph.Decimal
	for c := range s.existing.each() {
		share := Share{1, 0}
		if p.Reason == "" {
			share.Revenue = s.revenue[c]
		}
		addShare(p.Lifecycles, s.stage[c], share)
		if p.Reason == "" {
			addShare(p.Tiers, s.tier[c], share)
			addShare(p.Groups, s.group[c], share)
		}
		if of, slot := v.at(c); of.identities[slot]>>(graph.LoyaltyCard-1)&1 == 1 {
			p.Members++
			members += share.Revenue
		}
		if s.orders[c] == 0 {
			continue
		}
		p.Buyers++
		p.Revenue += share.Revenue
		spent = append(spent, float64(share.Revenue))
		cell := &p.RFM[(s.scores[0][c]-1)*5+s.scores[1][c]-1]
		cell.Customers, cell.Revenue = cell.Customers+1, cell.Revenue+share.Revenue
	}
	if p.Revenue > 0 {
		p.Pareto = stat.Pareto(spent, paretoPoints)
		top, share := stat.TopShare(spent, .2), float64(members)/float64(p.Revenue)
		p.TopFifth, p.MembersShare = &top, &share
	}
	p.returnsAndContacts(v, s.existing, at)
	p.quality(v, s.existing)
	return p, nil
}

func addShare[K comparable](shares map[K]Share, of K, s Share) {
	sum := shares[of]
	shares[of] = Share{sum.Customers + s.Customers, sum.Revenue + s.Revenue}
}

// returnsAndContacts adds up what came back, and finds how few customers make half of the support contacts.
func (p *Population) returnsAndContacts(v *View, existing Set, asOf moment) {
	var contacts []int
	for c := range existing.each() {
		of, slot := v.at(c)
		r := of.rows[slot].until(asOf)
		n := 0
		for row := r.lo; row < r.hi; row++ {
			switch typeOf(r.block.kind[row]) {
			case graph.Support:
				n++
			case graph.Return:
				if m, ok := r.block.amount.of(row); ok && p.Reason == "" {
					p.Returns += m.amount
				}
			}
		}
		if n > 0 {
			contacts = append(contacts, n)
			p.Contacts += n
		}
	}
	slices.Sort(contacts)
	slices.Reverse(contacts)
	p.ContactCustomers = len(contacts)
	for sum := 0; 2*sum < p.Contacts; p.HalfOfContacts++ {
		sum += contacts[p.HalfOfContacts]
	}
}

// quality tells what is known of how many customers.
func (p *Population) quality(v *View, existing Set) {
	if p.Customers == 0 {
		return
	}
	p.sources(v, existing)
	known, verified := make([]int, len(v.attributes)), 0
	for n := range existing {
		of := v.pages[n]
		for i := range existing[n] {
			verified += bits.OnesCount64(existing[n][i] & of.verified[i])
		}
		for slot := range existing[n].each() {
			for number := range known {
				if of.attribute(number, slot) != 0 {
					known[number]++
				}
			}
		}
	}
	for number, n := range known {
		p.Known[v.attributes[number].name] = float64(n) / float64(p.Customers)
	}
	p.Verified = float64(verified) / float64(p.Customers)
}

// sources adds up what each source said, in order of name.
func (p *Population) sources(v *View, existing Set) {
	sums := make([]SourceQuality, len(v.sources))
	latest := make([]uint32, len(v.sources))
	for n := range existing {
		of := v.pages[n]
		for slot := range existing[n].each() {
			for _, l := range of.lineage[slot] {
				s := &sums[l.source]
				s.Customers++
				s.Attributes += int(l.attributes)
				s.Shown += int(l.shown)
				s.Contested += int(l.contested)
				s.Identities += int(l.identities)
				s.Verified += int(l.verified)
				latest[l.source] = max(latest[l.source], l.latest)
			}
		}
	}
	for code, s := range sums {
		if s.Customers == 0 {
			continue
		}
		s.Source = v.sources[code]
		if latest[code] > 0 {
			s.LatestAt = time.Unix(int64(latest[code]), 0).UTC()
		}
		p.Sources = append(p.Sources, s)
	}
	slices.SortFunc(p.Sources, func(a, b SourceQuality) int { return strings.Compare(a.Source, b.Source) })
}
