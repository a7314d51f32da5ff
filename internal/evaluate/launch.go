package evaluate

import (
	"context"

	"lacuna/insight"
	"lacuna/internal/synth/planted"
)

// Launches is how the outcomes of planted launches were told.
type Launches struct {
	Idle    Count `json:"idle"`    // launches that did nothing, alone or while the whole group sold better, that are called a success
	Worked  Count `json:"worked"`  // launches that closed half of the gap and more that are called a success
	Covered Count `json:"covered"` // of the launches with an interval of the share of the gap that they closed, those where the truth is in it
}

// launches judges what is said to have come of each planted launch.
func (s *scorer) launches(ctx context.Context) error {
	for i := range s.truth.Plants {
		p := &s.truth.Plants[i]
		if p.Kind != "launch" {
			continue
		}
		o, err := s.gaps.Outcome(ctx, p.Segment, p.Category, p.Launched)
		if err != nil {
			return err //nolint:wrapcheck // says what it is
		}
		s.launch(p, &o)
	}
	return nil
}

func (s *scorer) launch(p *planted.Plant, o *insight.Outcome) {
	worked, success := p.Closed > 0, o.Verdict == insight.OutcomeClosing
	if worked {
		s.Launches.Worked.add(success)
	} else {
		s.Launches.Idle.add(success)
	}
	if o.Closed != nil {
		s.Launches.Covered.add(o.Closed.Low <= p.Closed && p.Closed <= o.Closed.High)
	}
	if worked == success {
		return
	}
	wrong := "launch that worked is not seen"
	if success {
		wrong = "launch that did nothing is called a success"
	}
	c := s.cells[cellKey{p.Segment, p.Category}]
	s.note("%s: %s %s × %s: %s %s: true closed %.3f, gained %.1f, served %.3f and then %.3f of %.3f, %.0f customers; found closed %s, gained %s, served %s and then %s, expected %s of %s, %d controls", wrong, p.Detail, p.Segment, p.Category, o.Verdict,
		o.Reason, p.Closed, p.Gained, p.Served, c.Served, c.Reference, c.Customers, asJSON(o.Closed), asJSON(o.Gained), asJSON(o.RateBefore), asJSON(o.RateAfter), asJSON(o.Expected), asJSON(o.Reference), o.Controls)
}
