package insight

import (
	"slices"
	"strings"
	"time"

	"lacuna/graph"
)

// world is what a store holds, as plain structs, for a plain reading of what rules and tables mean.
type world struct {
	customers    map[string]*graph.Customer
	interactions map[string][]graph.Interaction // by owner
	products     map[string]graph.Product
	tree         *graph.CategoryTree
	segments     map[string]graph.Rule
	zone         *time.Location
}

func (w *world) exists(c *graph.Customer, asOf time.Time) bool {
	born, known := c.CreatedAt, !c.CreatedAt.IsZero()
	for _, i := range w.interactions[c.ID] {
		if !known || i.At.Before(born) {
			born, known = i.At, true
		}
	}
	return !known || !born.After(asOf)
}

func (w *world) below(category, root string) bool {
	return slices.Contains(w.tree.Descendants(root), category)
}

func (w *world) filed(i *graph.Interaction) []string {
	if i.Category != "" {
		return []string{i.Category}
	}
	return w.products[i.Product].Categories
}

// holds is what a rule means, as plainly as it can be said.
func (w *world) holds(r *graph.Rule, c *graph.Customer, asOf time.Time) bool {
	switch {
	case r.All != nil:
		for i := range r.All {
			if !w.holds(&r.All[i], c, asOf) {
				return false
			}
		}
		return true
	case r.Any != nil:
		for i := range r.Any {
			if w.holds(&r.Any[i], c, asOf) {
				return true
			}
		}
		return false
	case r.Not != nil:
		return !w.holds(r.Not, c, asOf)
	case r.Attribute != nil:
		value := graph.Value{}
		for _, a := range c.Attributes {
			if a.Name == r.Attribute.Name {
				value = a.Value
			}
		}
		return w.compares(r.Attribute, value)
	case r.Event != nil:
		return w.event(r.Event, c, asOf)
	case r.Segment != nil:
		in := len(r.Segment.In) == 0
		for _, id := range r.Segment.In {
			rule := w.segments[id]
			in = in || w.holds(&rule, c, asOf)
		}
		for _, id := range r.Segment.NotIn {
			rule := w.segments[id]
			in = in && !w.holds(&rule, c, asOf)
		}
		return in
	case r.Consent != nil:
		for _, x := range c.Consents {
			if x.Purpose == r.Consent.Purpose {
				return x.Granted == r.Consent.Granted
			}
		}
		return false
	case r.Household != nil:
		n := int64(0)
		for _, other := range w.customers {
			if other.Household != "" && other.Household == c.Household {
				n++
			}
		}
		h := r.Household
		return (h.Exists == nil || *h.Exists == (c.Household != "")) && (h.Size == nil || c.Household != "" && h.Size.Contains(n))
	case r.Sequence != nil:
		return w.sequence(r.Sequence, c, asOf)
	}
	panic("a rule that the oracle does not know")
}

func (w *world) compares(r *graph.AttributeRule, v graph.Value) bool {
	if r.Op == graph.OpExists {
		there, _ := r.Values[0].Boolean()
		return there == !v.IsZero()
	}
	if v.IsZero() {
		return false
	}
	text, _ := v.Text()
	if r.Op == graph.OpContains {
		part, _ := r.Values[0].Text()
		return strings.Contains(graph.Fold(text), graph.Fold(part))
	}
	less := func(a, b graph.Value) bool {
		x, number := a.Number()
		y, _ := b.Number()
		if number {
			return x < y
		}
		return a.String() < b.String()
	}
	equal := func(b graph.Value) bool { return v.String() == b.String() }
	first, last := r.Values[0], r.Values[len(r.Values)-1]
	among := false
	for _, x := range r.Values {
		among = among || equal(x)
	}
	switch r.Op {
	case graph.OpEq, graph.OpIn:
		return among
	case graph.OpNe, graph.OpNotIn:
		return !among
	case graph.OpGt:
		return less(first, v)
	case graph.OpGte:
		return !less(v, first)
	case graph.OpLt:
		return less(v, first)
	case graph.OpLte:
		return !less(first, v)
	default:
		return !less(v, first) && less(v, last)
	}
}

// matches tells whether an interaction matches the fields of an event rule.
func (w *world) matches(r *graph.EventRule, i *graph.Interaction, asOf time.Time) bool {
	if i.At.After(asOf) || !r.Between.Contains(i.At) || r.Within != nil && !i.At.After(r.Within.Before(asOf.In(w.zone))) {
		return false
	}
	typed := len(r.Types) == 0
	for _, t := range r.Types {
		typed = typed || t == i.Type
	}
	filed := r.Category == ""
	for _, k := range w.filed(i) {
		filed = filed || w.below(k, r.Category)
	}
	p, sold := w.products[i.Product]
	tagged := r.Tag == ""
	for _, t := range p.Tags {
		tagged = tagged || t == r.Tag
	}
	matches := typed && filed && tagged && (r.Product == "" || i.Product == r.Product) && (r.Channel == 0 || i.Channel == r.Channel) &&
		(r.Query == "" || i.Query != "" && strings.Contains(graph.Fold(i.Query), graph.Fold(r.Query))) &&
		(r.Price == nil || sold && p.Price.Known && r.Price.Contains(p.Price.Value))
	if !matches || r.Attribute == nil {
		return matches
	}
	value := graph.Value{}
	for _, a := range i.Attributes {
		if a.Name == r.Attribute.Name {
			value = a.Value
		}
	}
	return w.compares(r.Attribute, value)
}

func (w *world) event(r *graph.EventRule, c *graph.Customer, asOf time.Time) bool {
	n, total := int64(0), graph.Decimal(0)
	for i := range w.interactions[c.ID] {
		x := &w.interactions[c.ID][i]
		if !w.matches(r, x, asOf) {
			continue
		}
		n++
		if r.Sum != nil && r.Sum.Of == graph.SumAmount {
			total += x.Amount.Value
		} else {
			total += x.Quantity.Value
		}
	}
	if r.Sum != nil {
		return r.Sum.Contains(total)
	}
	return r.Count.Contains(n)
}

// sequence tries every choice of interactions.
func (w *world) sequence(r *graph.SequenceRule, c *graph.Customer, asOf time.Time) bool {
	list := w.interactions[c.ID]
	used := make([]bool, len(list))
	var try func(step int, first, after time.Time) bool
	try = func(step int, first, after time.Time) bool {
		if step == len(r.Steps) {
			return true
		}
		for i := range list {
			at := list[i].At
			if used[i] || step > 0 && at.Before(after) || !w.matches(&r.Steps[step], &list[i], asOf) {
				continue
			}
			start := first
			if step == 0 {
				start = at
			}
			if d := r.Within; d != nil && at.After(start.In(w.zone).AddDate(d.Years, d.Months, d.Days).Add(d.Time)) {
				continue
			}
			used[i] = true
			found := try(step+1, start, at)
			used[i] = false
			if found {
				return true
			}
		}
		return false
	}
	return try(0, time.Time{}, time.Time{})
}
