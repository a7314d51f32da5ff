package insight

import (
	"context"
	"math/bits"
	"slices"
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
