// Package evaluate compares what the engine finds in planted data with the truth.
package evaluate

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"lacuna/insight"
	"lacuna/internal/synth/planted"
)

// ReadTruth reads the truth of a folder of planted data.
func ReadTruth(dir string) (*planted.Truth, error) {
	text, err := os.ReadFile(filepath.Join(dir, planted.TruthFile)) //nolint:gosec // the folder is the user's
	if err != nil {
		return nil, fmt.Errorf("read the truth (is this a folder of lacuna generate?): %w", err)
	}
	var t planted.Truth
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("read the truth of %s: %w", dir, err)
	}
	return &t, nil
}

// Count is how many of how many.
type Count struct {
	Hits int `json:"hits"`
	Of   int `json:"of"`
}

func (c *Count) add(hit bool) {
	c.Of++
	if hit {
		c.Hits++
	}
}

// Share is hits over all, not a number without any.
func (c Count) Share() float64 {
	if c.Of == 0 {
		return math.NaN()
	}
	return float64(c.Hits) / float64(c.Of)
}

// Score is what came of one folder.
type Score struct {
	Seed         uint64           `json:"seed"`
	Null         bool             `json:"null"`         // nothing is planted
	Reports      int              `json:"reports"`      // cells flagged or growing, and emerging segments
	FalseDevelop Count            `json:"falseDevelop"` // of the cells flagged DEVELOP
	FalseGrowth  Count            `json:"falseGrowth"`  // of the cells that are called growing
	Gaps         Count            `json:"gaps"`         // powered plants with the right verdict
	Growth       Count            `json:"growth"`       // powered plants of growth that are called growing
	Causes       Count            `json:"causes"`       // all planted gaps with cause and verdict right
	ByKind       map[string]Count `json:"byKind"`       // of these, by what is planted
	Mislabelled  map[string]Count `json:"mislabelled"`  // what is to be called DEVELOP on no account
	UnmetErrors  []float64        `json:"unmetErrors"`  // relative, of the planted gaps that are flagged
	Customers    int              `json:"customers"`
	UnmetCovered Count            `json:"unmetCovered"` // of these, those whose interval has the truth
	ValueErrors  []float64        `json:"valueErrors"`  // relative, of the same gaps
	ValueCovered Count            `json:"valueCovered"`
	Ranking      *float64         `json:"ranking"` // NDCG@10 of what is listed by value, the gain being the true value
	Emerging     Emerging         `json:"emerging"`
	Launches     Launches         `json:"launches"`
	Notes        []string         `json:"notes,omitempty"` // what went wrong
}

// Emerging is how planted groups were found.
type Emerging struct {
	Precise Count `json:"precise"` // reports of a planted group
	Found   Count `json:"found"`   // powered planted groups that are reported
	Groups  int   `json:"groups"`  // of the reports that are right, how many different plants they are of, those of growth in a segment among them
}

type cellKey struct{ segment, category string }

// scorer compares one folder's gaps with its truth.
type scorer struct {
	*Score
	truth *planted.Truth
	cells map[cellKey]*planted.Cell
	view  *insight.View
	gaps  *insight.Gaps
}

// least and most are where the truth is no gap, or no growth, by definition.
const (
	servedShare = .8
	leastGrowth = .1
)

// Gaps scores gaps against the truth.
func Gaps(ctx context.Context, truth *planted.Truth, view *insight.View) (*Score, error) {
	gaps, err := view.Gaps(ctx, time.Time{})
	if err != nil {
		return nil, err //nolint:wrapcheck // says what it is
	}
	s := &scorer{
		Score: &Score{Seed: truth.Seed, Customers: truth.Customers, Null: len(truth.Plants) == 0, ByKind: map[string]Count{}, Mislabelled: map[string]Count{}},
		truth: truth, view: view, gaps: gaps, cells: map[cellKey]*planted.Cell{},
	}
	for i := range truth.Cells {
		c := &truth.Cells[i]
		s.cells[cellKey{c.Segment, c.Category}] = c
	}
	if err := s.flags(ctx); err != nil {
		return nil, err
	}
	if err := s.growing(ctx); err != nil {
		return nil, err
	}
	if err := s.plants(ctx); err != nil {
		return nil, err
	}
	if err := s.launches(ctx); err != nil {
		return nil, err
	}
	return s.Score, s.emerging(ctx)
}

// flags judges what is flagged by the true values.
func (s *scorer) flags(ctx context.Context) error {
	list, err := s.gaps.List(ctx, insight.GapQuery{Level: insight.EveryLevel})
	if err != nil {
		return err //nolint:wrapcheck // says what it is
	}
	s.Reports += len(list)
	if s.Null {
		for _, ref := range list {
			g := s.gaps.Gap(ref)
			s.note("nothing is planted, and %s × %s is %s: %s, found %.3f of %s, %d customers", g.Segment, g.Category, g.Verdict, g.Cause, g.Served.Raw, asJSON(g.Served.Reference), g.Demand.Customers)
		}
	}
	develop := map[string]bool{}
	for _, ref := range list {
		g := s.gaps.Gap(ref)
		c := s.cells[cellKey{g.Segment, g.Category}]
		if g.Verdict == insight.Develop {
			develop[g.Category] = true
		}
		if g.Verdict != insight.Develop || c == nil {
			continue
		}
		wrong := c.Served >= servedShare*c.Reference || !develops(c.Cause)
		s.FalseDevelop.add(wrong)
		if wrong {
			s.note("false DEVELOP: %s × %s: %s %+v, true served %.3f of %.3f, cause %q; found %.3f of %.3f, %d customers", g.Segment, g.Category, g.Cause, g.Detail, c.Served, c.Reference, c.Cause, g.Served.Raw, *g.Served.Reference, g.Demand.Customers)
		}
	}
	for _, d := range s.truth.Decoys {
		s.mislabelled(d.Kind, develop[d.Category])
	}
	return nil
}

func (s *scorer) mislabelled(kind string, wrong bool) {
	count := s.Mislabelled[kind]
	count.add(wrong)
	s.Mislabelled[kind] = count
}

// develops tells whether a cause asks for development.
func develops(cause string) bool {
	return slices.Contains([]string{"ABSENCE", "PRICE_BAND", "ATTRIBUTE", "QUALITY"}, cause)
}

func (s *scorer) note(format string, args ...any) {
	s.Notes = append(s.Notes, fmt.Sprintf(format, args...))
}

// every lists the verdicts.
var every = []insight.Verdict{insight.Served, insight.Watch, insight.Develop, insight.Restock, insight.FixFindability}

// growing judges what is called growing by the true growth.
func (s *scorer) growing(ctx context.Context) error {
	yes := true
	list, err := s.gaps.List(ctx, insight.GapQuery{Level: insight.EveryLevel, Growing: &yes, Verdicts: every, Order: insight.ByGrowth})
	if err != nil {
		return err //nolint:wrapcheck // says what it is
	}
	s.Reports += len(list)
	for _, ref := range list {
		g := s.gaps.Gap(ref)
		c := s.cells[cellKey{g.Segment, g.Category}]
		if c == nil {
			s.note("growing, of which nothing is known: %s × %s: %.3f, %d customers", g.Segment, g.Category, *g.Growth.Low, g.Demand.Customers)
			continue
		}
		s.FalseGrowth.add(c.Growth <= leastGrowth)
		if c.Growth <= leastGrowth {
			s.note("false growth: %s × %s: true %.3f, found %s (%.3f up), %d customers (true %.0f from %.0f)", g.Segment, g.Category, c.Growth, rateOf(&g.Growth), *g.Growth.Low, g.Demand.Customers, c.Customers, c.Before)
		}
	}
	return nil
}

// plants judges whether what is planted is found.
func (s *scorer) plants(ctx context.Context) error {
	families := s.families()
	for i := range s.truth.Plants {
		p := &s.truth.Plants[i]
		if p.Kind == "emerging" || p.Kind == "launch" || p.Filled {
			continue
		}
		ref, err := s.gaps.Find(p.Segment, p.Category)
		if err != nil {
			return err //nolint:wrapcheck // says what it is
		}
		c := s.cells[cellKey{p.Segment, p.Category}]
		if p.Kind == "growth" {
			if powered := growthPowered(c, families[c.Level]); powered {
				g := s.gaps.Gap(ref)
				s.Growth.add(g.Growth.Significant)
				if !g.Growth.Significant {
					s.note("missed growth: %s × %s: true %.3f, %.0f from %.0f customers: found %s", p.Segment, p.Category, c.Growth, c.Customers, c.Before, asJSON(g.Growth))
				}
			}
			continue
		}
		if err := s.gap(ctx, p, ref, c); err != nil {
			return err
		}
	}
	return s.ranking(ctx)
}

// gap judges one planted gap.
func (s *scorer) gap(ctx context.Context, p *planted.Plant, ref insight.GapRef, c *planted.Cell) error {
	g := s.gaps.Gap(ref)
	right := g.Verdict.String() == p.Verdict && g.Cause.String() == p.Cause
	count := s.ByKind[p.Kind]
	count.add(right)
	s.ByKind[p.Kind] = count
	s.Causes.add(right)
	powered := gapPowered(p, c, s.cells[cellKey{insight.Everyone, p.Category}])
	if powered {
		s.Gaps.add(g.Verdict.String() == p.Verdict)
	}
	if p.Kind == "stock-out" || p.Kind == "synonym" {
		s.mislabelled(p.Kind, g.Verdict == insight.Develop)
	}
	if !right {
		reference, below := math.NaN(), math.NaN()
		if g.Served.Reference != nil {
			reference, below = *g.Served.Reference, *g.Served.Below
		}
		s.note("missed %s %s × %s: %s %s %s: powered %v, true served %.3f of %.3f, %.0f customers, %.0f expected; found %.3f of %.3f (%.3f), %d customers, index %s, %s", p.Kind, p.Segment, p.Category, g.Verdict, g.Cause, asJSON(g.Detail), powered,
			c.Served, c.Reference, c.Customers, c.Expected, g.Served.Raw, reference, below, g.Demand.Customers, asJSON(g.Demand.Index), asJSON(g.Supply))
	}
	if flagged := g.Verdict == insight.Develop || g.Verdict == insight.Restock || g.Verdict == insight.FixFindability; flagged && g.Unmet != nil && c.Unmet > 0 {
		s.UnmetErrors = append(s.UnmetErrors, math.Abs(g.Unmet.Mid-c.Unmet)/c.Unmet)
		s.UnmetCovered.add(g.Unmet.Low <= c.Unmet && c.Unmet <= g.Unmet.High)
		s.note("unmet %s covered %v: true %.1f, found %.1f–%.1f–%.1f; true served %.3f of %.3f, %.0f customers, found %.3f of %s, %d customers", p.Kind, g.Unmet.Low <= c.Unmet && c.Unmet <= g.Unmet.High, c.Unmet,
			g.Unmet.Low, g.Unmet.Mid, g.Unmet.High, c.Served, c.Reference, c.Customers, g.Served.Raw, asJSON(g.Served.Reference), g.Demand.Customers)
		return s.value(ctx, p, ref, c)
	}
	return nil
}

// asJSON writes figures for a note.
func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
