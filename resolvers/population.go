package resolvers

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lacuna/graph"
	"lacuna/graph/model"
	"lacuna/insight"
)

func (query) Population(ctx context.Context, asOf *time.Time) (*model.Population, error) {
	v, at, err := viewAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	p, err := v.Population(ctx, at)
	if err != nil {
		return nil, err
	}
	money := func(d graph.Decimal) *graph.Decimal {
		if p.Reason != "" {
			return nil
		}
		return &d
	}
	out := &model.Population{
		AsOf: model.Moment(p.AsOf), Customers: model.Count(p.Customers), Buyers: model.Count(p.Buyers), Revenue: money(p.Revenue), Returns: money(p.Returns),
		NetRevenue: money(p.Revenue - p.Returns), Currency: model.NonEmpty(p.Currency), Reason: model.NonEmpty(p.Reason), TopFifthShare: p.TopFifth,
		Members: model.Count(p.Members), MembersRevenueShare: p.MembersShare, ComputedAt: v.PublishedAt(),
		Support: &model.SupportLoad{Contacts: model.Count(p.Contacts), Customers: model.Count(p.ContactCustomers), CustomersOfHalf: model.Count(p.HalfOfContacts)},
		Quality: &model.PopulationQuality{Verified: p.Verified, Known: []model.KnownShare{}, Sources: []model.SourceQuality{}}, Lifecycle: []model.LifecycleCount{}, Tiers: []model.TierCount{},
		Groups: []model.RfmGroupCount{}, RfmGrid: []model.RfmCell{}, Pareto: []model.ParetoPoint{},
	}
	if p.Cycle > 0 {
		out.PurchaseCycleDays = &p.Cycle
	}
	for stage := graph.LifecycleNew; stage.Valid(); stage++ {
		s := p.Lifecycles[stage]
		out.Lifecycle = append(out.Lifecycle, model.LifecycleCount{Lifecycle: model.Lifecycle(stage.String()), Customers: model.Count(s.Customers), Revenue: money(s.Revenue)})
	}
	for _, point := range p.Pareto {
		out.Pareto = append(out.Pareto, model.ParetoPoint{CustomersShare: point.CustomersShare, RevenueShare: point.ValueShare})
	}
	for name, share := range p.Known {
		out.Quality.Known = append(out.Quality.Known, model.KnownShare{Attribute: name, Share: share})
	}
	for _, s := range p.Sources {
		out.Quality.Sources = append(out.Quality.Sources, model.SourceQuality{
			Source: s.Source, Customers: model.Count(s.Customers), Attributes: model.Count(s.Attributes), Shown: model.Count(s.Shown), Contested: model.Count(s.Contested),
			Identities: model.Count(s.Identities), Verified: model.Count(s.Verified), LatestObservedAt: model.Moment(s.LatestAt),
		})
	}
	slices.SortFunc(out.Quality.Known, func(a, b model.KnownShare) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Attribute, b.Attribute))
	})
	if p.Reason == "" {
		valueClasses(p, out)
	}
	return out, nil
}

// valueClasses adds the classes that money makes.
func valueClasses(p *insight.Population, out *model.Population) {
	for tier := graph.TierDiamond; tier.Valid(); tier++ {
		s := p.Tiers[tier]
		out.Tiers = append(out.Tiers, model.TierCount{Tier: model.ValueTier(tier.String()), Customers: model.Count(s.Customers), Revenue: &s.Revenue})
	}
	for group := graph.RFMChampions; group.Valid(); group++ {
		s := p.Groups[group]
		out.Groups = append(out.Groups, model.RfmGroupCount{Group: model.RfmGroup(group.String()), Customers: model.Count(s.Customers), Revenue: &s.Revenue})
	}
	for _, c := range p.RFM {
		out.RfmGrid = append(out.RfmGrid, model.RfmCell{Recency: int32(c.Recency), Frequency: int32(c.Frequency), Customers: model.Count(c.Customers), Revenue: &c.Revenue})
	}
}

// figures gives how a customer stands now.
func figures(ctx context.Context, c *model.Customer) (*insight.Figures, error) {
	v, at, err := viewAt(ctx, nil)
	if err != nil {
		return nil, err
	}
	if f, ok := v.Figures(c.ID, at); ok {
		return &f, nil
	}
	return nil, nil //nolint:nilnil // one who came since, or does not exist yet at that moment
}

func (customer) Rfm(ctx context.Context, c *model.Customer) (*model.Rfm, error) {
	f, err := figures(ctx, c)
	if f == nil || err != nil {
		return nil, err
	}
	score := func(n uint8) *int32 {
		if n == 0 {
			return nil
		}
		s := int32(n)
		return &s
	}
	out := &model.Rfm{
		RecencyDays: f.RecencyDays, Frequency: model.Count(f.Orders), Monetary: f.Monetary, Currency: model.NonEmpty(f.Currency), RecencyScore: score(f.Recency),
		FrequencyScore: score(f.Frequency), MonetaryScore: score(f.MonetaryBy), Reason: model.NonEmpty(f.Reason),
	}
	if f.Group.Valid() {
		group := model.RfmGroup(f.Group.String())
		out.Group = &group
	}
	return out, nil
}

func (customer) Lifecycle(ctx context.Context, c *model.Customer) (*model.Lifecycle, error) {
	f, err := figures(ctx, c)
	if f == nil || err != nil || !f.Lifecycle.Valid() {
		return nil, err
	}
	stage := model.Lifecycle(f.Lifecycle.String())
	return &stage, nil
}

func (customer) ValueTier(ctx context.Context, c *model.Customer) (*model.ValueTier, error) {
	f, err := figures(ctx, c)
	if f == nil || err != nil || !f.Tier.Valid() {
		return nil, err
	}
	tier := model.ValueTier(f.Tier.String())
	return &tier, nil
}

func (customer) DataQuality(ctx context.Context, c *model.Customer) (*model.DataQuality, error) {
	v, err := viewOf(ctx)
	if err != nil {
		return nil, err
	}
	q := v.DataQuality(c.Customer)
	out := &model.DataQuality{Completeness: q.Completeness, Verified: q.Verified, Stale: []model.StaleField{}, Ask: append([]string{}, q.Ask...), Contested: append([]string{}, q.Contested...)}
	for _, s := range q.Stale {
		out.Stale = append(out.Stale, model.StaleField{Name: s.Name, ObservedAt: s.ObservedAt})
	}
	return out, nil
}

func (customer) Segments(ctx context.Context, c *model.Customer) ([]model.SegmentMembership, error) {
	v, at, err := viewAt(ctx, nil)
	if err != nil {
		return nil, err
	}
	found := v.SegmentsOf(c.ID, at)
	list := make([]model.SegmentMembership, len(found))
	for i, m := range found {
		list[i] = model.SegmentMembership{Segment: model.Segment{Segment: v.Segment(m.Segment)}, At: m.Since}
	}
	return list, nil
}
