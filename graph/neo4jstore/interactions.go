package neo4jstore

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
)

// interactionFrom reads the properties of an interaction, as [interactionRow] writes them. Most have few of them, so that each is looked at
// once.
func interactionFrom(value any) (i graph.Interaction, origin string, err error) {
	properties, _ := value.(map[string]any)
	var ref string
	for name, v := range properties {
		switch name {
		case "id":
			i.ID = text(v)
		case "customerId":
			i.Owner = text(v)
		case "at":
			i.At = moment(v)
		case "type":
			i.Type, err = graph.ParseInteractionType(text(v))
		case "channel":
			i.Channel, err = graph.ParseChannel(text(v))
		case "product":
			i.Product = text(v)
		case "category":
			i.Category = text(v)
		case "query":
			i.Query = text(v)
		case "results":
			i.Results = known[int64](v)
		case "quantity":
			i.Quantity = decimal(v)
		case "amount":
			i.Amount = decimal(v)
		case "rating":
			i.Rating = decimal(v)
		case "currency":
			i.Currency = text(v)
		case "campaign":
			i.Campaign = text(v)
		case "session":
			i.Session = text(v)
		case "available":
			i.Available = known[bool](v)
		case "attributes":
			i.Attributes, err = decodeValues(text(v))
		case "source":
			i.Source = text(v)
		case "ahead":
			i.Ahead = v == true
		case "origin":
			origin = text(v)
		case "ref":
			ref = text(v)
		}
		if err != nil {
			return i, "", damaged("read the " + name + " of an interaction")
		}
	}
	if i.Type == 0 {
		return i, "", damaged("read the type of an interaction")
	}
	if origin == "" {
		origin = i.Owner
	}
	switch {
	case ref == nobody:
	case ref != "":
		i.Customer = graph.ParseCustomerRef(ref)
	default:
		i.Customer = graph.ByID(origin)
	}
	return i, origin, nil
}

func known[T any](v any) (o graph.Optional[T]) {
	if value, ok := v.(T); ok {
		return graph.Some(value)
	}
	return o
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

// pageParams writes queries of pages, or of counts. Those that name the same category share what is filed there, which stands once.
func (s *Store) pageParams(ctx context.Context, what string, queries []graph.InteractionQuery) (params, error) {
	var c *catalog
	list, filed, place, most := make([]params, len(queries)), []params{}, map[string]int64{}, 0
	for n := range queries {
		q := &queries[n]
		p := filterParams(&q.Filter)
		p["n"], p["customer"], p["tie"], p["tieAt"], p["all"] = int64(n), q.Customer, nil, int64(0), p["until"]
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
		list[n], most = p, max(most, q.First)
	}
	return params{"queries": list, "filed": filed, "limit": int64(most + 1)}, nil
}

// Interactions gives pages of interactions.
func (s *Store) Interactions(ctx context.Context, queries []graph.InteractionQuery) ([]graph.InteractionPage, error) {
	const what = "read interactions"
	if err := graph.CheckPages(queries); err != nil {
		return nil, err
	}
	p, err := s.pageParams(ctx, what, queries)
	if err != nil {
		return nil, err
	}
	answer, err := s.settled(ctx, what, "interactions_page", p)
	if err != nil {
		return nil, err
	}
	pages := make([]graph.InteractionPage, len(queries))
	for _, entry := range listOf(answer.Values[0]) {
		of := listOf(entry)
		n := of[0].(int64)
		if pages[n], err = pageFrom(of[1], queries[n].First); err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
	}
	return pages, nil
}

// pageFrom reads the rows of a page, of which one more may have been read to tell whether there are further ones.
func pageFrom(value any, first int) (page graph.InteractionPage, err error) {
	rows := listOf(value)
	if page.More = len(rows) > first; page.More {
		rows = rows[:first]
	}
	if len(rows) == 0 {
		return page, nil
	}
	page.Interactions = make([]graph.Interaction, len(rows))
	for n, row := range rows {
		if page.Interactions[n], _, err = interactionFrom(row); err != nil {
			return page, err
		}
	}
	return page, nil
}

func listOf(value any) []any {
	list, _ := value.([]any)
	return list
}

// CountInteractions counts interactions.
func (s *Store) CountInteractions(ctx context.Context, queries []graph.InteractionQuery) ([]int64, error) {
	const what = "count interactions"
	if err := graph.CheckCount("queries", len(queries), graph.MaxKeys); err != nil {
		return nil, err
	}
	p, err := s.pageParams(ctx, what, queries)
	if err != nil {
		return nil, err
	}
	answer, err := s.settled(ctx, what, "interactions_count", p)
	if err != nil {
		return nil, err
	}
	counts := make([]int64, len(queries))
	for _, entry := range listOf(answer.Values[0]) {
		of := listOf(entry)
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
	for _, entry := range listOf(answer.Values[0]) {
		v := listOf(entry) // customer, channel, type, count, first, last
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

// settled runs a query of one record, of which the first column is the answer and the next two are how often owners have changed before and after it. It is run
// again until none have meanwhile.
func (s *Store) settled(ctx context.Context, what, name string, p params) (*neo4j.Record, error) {
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
			return records[0], nil
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
