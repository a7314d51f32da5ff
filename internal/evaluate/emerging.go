package evaluate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lacuna/graph"
	"lacuna/insight"
	"lacuna/internal/synth/planted"
)

// alike is from which share of common customers on two groups are the same.
const alike = .5

// emerging judges what emerges: a report is right where it has the customers of a group that was planted to grow, as a whole or in the same category.
func (s *scorer) emerging(ctx context.Context) error {
	reports, err := s.gaps.Emerging(ctx)
	if err != nil {
		return err //nolint:wrapcheck // says what it is
	}
	s.Reports += len(reports)
	found := make([]bool, len(s.truth.Plants))
	for i := range reports {
		report, right := &reports[i], false
		for n := range s.truth.Plants {
			p := &s.truth.Plants[n]
			if p.Kind != "emerging" && p.Kind != "growth" || report.Category != "" && p.Category != "" && !s.related(report.Category, p.Category) {
				continue
			}
			members, err := s.members(p)
			if err != nil {
				return err
			}
			if report.Members().Jaccard(members) >= alike {
				right, found[n] = true, true
			}
		}
		s.Emerging.Precise.add(right)
		if !right {
			s.note("false emerging: %s, %d, rate %s (%.3f up)", report.ID, report.Size, rateOf(&report.Growth), *report.Growth.Low)
		}
	}
	for n := range s.truth.Plants {
		if found[n] {
			s.Emerging.Groups++
		}
		if p := &s.truth.Plants[n]; p.Kind == "emerging" {
			powered := emergingPowered(p)
			if powered {
				s.Emerging.Found.add(found[n])
			}
			if !found[n] {
				s.note("missed emerging: powered %v: %v %s, true growth %.3f, %.0f from %.0f customers", powered, p.Traits, p.Category, p.Growth, p.Customers, p.Before)
			}
		}
	}
	return nil
}

// rateOf is a rate of growth in words: what nobody was before has none.
func rateOf(g *insight.Growth) string {
	if g.Rate == nil {
		return g.Reason
	}
	return fmt.Sprintf("%.3f", *g.Rate)
}

// members are the customers of a plant.
func (s *scorer) members(p *planted.Plant) (insight.Members, error) {
	rule := graph.Rule{}
	if p.Kind == "growth" {
		rule = s.view.Segment(p.Segment).Rule
	} else {
		names := make([]string, 0, len(p.Traits))
		for name := range p.Traits {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			rule.All = append(rule.All, graph.Rule{Attribute: &graph.AttributeRule{Name: name, Op: graph.OpEq, Values: []graph.Value{graph.TextValue(p.Traits[name])}}})
		}
	}
	compiled, err := s.view.Compile(rule, "rule")
	if err != nil {
		return insight.Members{}, err //nolint:wrapcheck // says what it is
	}
	return compiled.Members(context.Background(), time.Time{}) //nolint:wrapcheck // says what it is
}

// related tells whether one category is in another. The ids of generated categories begin with those above them.
func (s *scorer) related(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }
