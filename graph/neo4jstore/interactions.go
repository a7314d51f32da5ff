package neo4jstore

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"lacuna/graph"
)

// interactionFrom reads the columns that every query of interactions returns, in this order: id, customerId, at, type, channel, product,
// category, query, results, quantity, amount, currency, campaign, rating, session, available, attributes, source, ref, origin, ahead.
func interactionFrom(v []any) (i graph.Interaction, origin string, err error) {
	i = graph.Interaction{
		ID: text(v[0]), Owner: text(v[1]), At: moment(v[2]), Product: text(v[5]), Category: text(v[6]), Query: text(v[7]), Currency: text(v[11]),
		Campaign: text(v[12]), Session: text(v[14]), Source: text(v[17]),
	}
	if i.Type, err = graph.ParseInteractionType(text(v[3])); err != nil {
		return i, "", damaged("read the type of an interaction")
	}
	if channel := text(v[4]); channel != "" {
		if i.Channel, err = graph.ParseChannel(channel); err != nil {
			return i, "", damaged("read the channel of an interaction")
		}
	}
	if n, ok := v[8].(int64); ok {
		i.Results = graph.Some(n)
	}
	i.Quantity, i.Amount, i.Rating = decimal(v[9]), decimal(v[10]), decimal(v[13])
	if b, ok := v[15].(bool); ok {
		i.Available = graph.Some(b)
	}
	if i.Attributes, err = decodeValues(text(v[16])); err != nil {
		return i, "", err
	}
	if origin = text(v[19]); origin == "" {
		origin = i.Owner
	}
	i.Ahead = v[20] == true
	switch ref := text(v[18]); {
	case ref == nobody:
	case ref != "":
		i.Customer = graph.ParseCustomerRef(ref)
	default:
		i.Customer = graph.ByID(origin)
	}
	return i, origin, nil
}

// nobody stands in the place of the reference of what is kept of an erased customer.
const nobody = "-"

func decimal(v any) graph.Optional[graph.Decimal] {
	if n, ok := v.(int64); ok {
		return graph.Some(graph.Decimal(n))
	}
	return graph.Optional[graph.Decimal]{}
}

// filterParams writes what narrows a query of interactions, its category apart.
func filterParams(f *graph.InteractionFilter) params {
	p := params{"types": nil, "channels": nil, "product": orNull(f.Product), "query": orNull(graph.Fold(f.Query)), "from": int64(math.MinInt64), "until": int64(math.MaxInt64), "filed": nil}
	if len(f.Types) > 0 {
		list := make([]string, len(f.Types))
		for i, t := range f.Types {
			list[i] = t.String()
		}
		p["types"] = list
	}
	if len(f.Channels) > 0 {
		list := make([]string, len(f.Channels))
		for i, ch := range f.Channels {
			if ch != 0 {
				list[i] = ch.String()
			}
		}
		p["channels"] = list
	}
	if !f.From.IsZero() {
		p["from"] = graph.CeilMicros(f.From)
	}
	if !f.To.IsZero() {
		p["until"] = graph.CeilMicros(f.To) - 1
	}
	return p
}

// filed gives the categories at and below one, and the products filed in any of them.
func (c *catalog) filed(category string) params {
	categories := slices.Concat([]string{}, c.tree.Descendants(category))
	within := make(map[string]bool, len(categories))
	for _, id := range categories {
		within[id] = true
	}
	products := []string{}
	for _, id := range c.productIDs {
		if slices.ContainsFunc(c.products[id].Categories, func(k string) bool { return within[k] }) {
			products = append(products, id)
		}
	}
	return params{"categories": categories, "products": products}
}

// queryParams writes queries. Those that name the same category share what is filed there, which stands once.
func (s *Store) queryParams(ctx context.Context, what string, queries []graph.InteractionQuery) (params, error) {
	var c *catalog
	list, filed, place := make([]params, len(queries)), []params{}, map[string]int64{}
	for n := range queries {
		q := &queries[n]
		p := filterParams(&q.Filter)
		p["n"], p["customer"], p["tie"], p["tieAt"] = int64(n), q.Customer, nil, int64(0)
		if category := q.Filter.Category; category != "" {
			at, known := place[category]
			if !known {
				var err error
				if c == nil {
					if c, err = s.current(ctx, what); err != nil {
						return nil, err
					}
				}
				at = int64(len(filed))
				place[category], filed = at, append(filed, c.filed(category))
			}
			p["filed"] = at
		}
		if q.After != nil {
			at := q.After.At.UnixMicro()
			p["tie"], p["tieAt"] = q.After.ID, at
			p["until"] = min(p["until"].(int64), at)
		}
		list[n] = p
	}
	return params{"queries": list, "filed": filed}, nil
}

// Interactions gives pages of interactions.
func (s *Store) Interactions(ctx context.Context, queries []graph.InteractionQuery) ([]graph.InteractionPage, error) {
	if err := graph.CheckCount("queries", len(queries), graph.MaxKeys); err != nil {
		return nil, err
	}
	most := 0
	for i := range queries {
		if err := graph.CheckCount("interactions", queries[i].First, graph.MaxPage); err != nil {
			return nil, err
		}
		most = max(most, queries[i].First)
	}
	p, err := s.queryParams(ctx, "read interactions", queries)
	if err != nil {
		return nil, err
	}
	p["limit"] = int64(most + 1)
	answer, err := s.settled(ctx, "read interactions", "interactions_page", p)
	if err != nil {
		return nil, err
	}
	pages := make([]graph.InteractionPage, len(queries))
	for _, entry := range answer {
		of := entry.([]any)
		n := of[0].(int64)
		rows := of[1].([]any)
		page := &pages[n]
		if page.More = len(rows) > queries[n].First; page.More {
			rows = rows[:queries[n].First]
		}
		for _, row := range rows {
			i, _, err := interactionFrom(row.([]any))
			if err != nil {
				return nil, fmt.Errorf("read interactions: %w", err)
			}
			page.Interactions = append(page.Interactions, i)
		}
	}
	return pages, nil
}

// CountInteractions counts interactions.
func (s *Store) CountInteractions(ctx context.Context, queries []graph.InteractionQuery) ([]int64, error) {
	if err := graph.CheckCount("queries", len(queries), graph.MaxKeys); err != nil {
		return nil, err
	}
	bare := slices.Clone(queries)
	for i := range bare {
		bare[i].After = nil
	}
	p, err := s.queryParams(ctx, "count interactions", bare)
	if err != nil {
		return nil, err
	}
	answer, err := s.settled(ctx, "count interactions", "interactions_count", p)
	if err != nil {
		return nil, err
	}
	counts := make([]int64, len(queries))
	for _, entry := range answer {
		of := entry.([]any)
		counts[of[0].(int64)] = of[1].(int64)
	}
	return counts, nil
}

// Touchpoints counts interactions by channel and phase.
func (s *Store) Touchpoints(ctx context.Context, customers []string) (map[string][]graph.Touchpoint, error) {
	if err := graph.CheckCount("customers", len(customers), graph.MaxKeys); err != nil {
		return nil, err
	}
	answer, err := s.settled(ctx, "read touchpoints", "touchpoints", params{"customers": customers})
	if err != nil {
		return nil, err
	}
	type place struct {
		customer string
		channel  graph.Channel
		phase    graph.Phase
	}
	sums := map[place]graph.Touchpoint{}
	for _, entry := range answer {
		v := entry.([]any) // customer, channel, type, count, first, last
		p := place{customer: text(v[0])}
		kind, err := graph.ParseInteractionType(text(v[2]))
		if err == nil && text(v[1]) != "" {
			p.channel, err = graph.ParseChannel(text(v[1]))
		}
		if err != nil {
			return nil, damaged("read touchpoints")
		}
		p.phase = graph.PhaseOf(kind)
		sum, have := sums[p]
		first, last := moment(v[4]), moment(v[5])
		if !have {
			sum = graph.Touchpoint{Channel: p.channel, Phase: p.phase, FirstAt: first, LastAt: last}
		}
		sum.Interactions += v[3].(int64)
		if first.Before(sum.FirstAt) {
			sum.FirstAt = first
		}
		if last.After(sum.LastAt) {
			sum.LastAt = last
		}
		sums[p] = sum
	}
	found := map[string][]graph.Touchpoint{}
	for p, sum := range sums {
		found[p.customer] = append(found[p.customer], sum)
	}
	for _, list := range found {
		slices.SortFunc(list, func(a, b graph.Touchpoint) int {
			if a.Channel != b.Channel {
				return int(a.Channel) - int(b.Channel)
			}
			return int(a.Phase) - int(b.Phase)
		})
	}
	return found, nil
}

// How long a reader waits for a change of owners to end before it looks whether anybody is at it.
const (
	ownershipPause     = 2 * time.Millisecond
	ownershipAbandoned = 2 * time.Second
)

// settled runs a query of which the first column is the answer and the others are how often owners have changed before and after it. It is run
// again until none have meanwhile.
func (s *Store) settled(ctx context.Context, what, name string, p params) (answer []any, err error) {
	var begun time.Time
	for {
		records, err := s.read(ctx, what, name, p)
		if err != nil {
			return nil, err
		}
		if len(records) == 0 {
			return nil, fmt.Errorf("%s: %w", what, damaged("find the state of the store"))
		}
		before, _ := records[0].Values[1].(int64)
		after, _ := records[0].Values[2].(int64)
		if before == after && before%2 == 0 {
			answer, _ := records[0].Values[0].([]any)
			return answer, nil
		}
		switch {
		case begun.IsZero():
			begun = time.Now()
		case time.Since(begun) > ownershipAbandoned:
			if before%2 != 0 {
				if err := s.repairOwners(ctx, before); err != nil {
					return nil, err
				}
			}
			begun = time.Time{}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: %w", what, ctx.Err())
		case <-time.After(ownershipPause):
		}
	}
}
