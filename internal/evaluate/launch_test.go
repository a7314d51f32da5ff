package evaluate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/insight"
	"lacuna/internal/synth/planted"
)

// A launch is judged by what it truly closed: calling it a success is right where it closed something, and wrong where it only rode a wave.
func TestLaunchesAreJudged(t *testing.T) {
	worked, wave := planted.Plant{Kind: "launch", Detail: "worked", Closed: .7}, planted.Plant{Kind: "launch", Detail: "wave", Wave: 1.2}
	success := insight.Outcome{Verdict: insight.OutcomeClosing, Closed: &insight.Estimate{Low: .2, Mid: .6, High: 1}}
	nothing := insight.Outcome{Verdict: insight.OutcomeNoEffect, Closed: &insight.Estimate{Low: -.2, Mid: 0, High: .2}}
	for _, c := range []struct {
		name    string
		plant   planted.Plant
		outcome insight.Outcome
		want    Launches
		notes   int
	}{
		{"a success is seen", worked, success, Launches{Worked: Count{1, 1}, Covered: Count{1, 1}}, 0},
		{"a success is missed", worked, nothing, Launches{Worked: Count{0, 1}, Covered: Count{0, 1}}, 1},
		{"a success cannot be told", worked, insight.Outcome{Reason: "TOO_FEW_CUSTOMERS"}, Launches{Worked: Count{0, 1}}, 1},
		{"a wave is called a success", wave, success, Launches{Idle: Count{1, 1}, Covered: Count{0, 1}}, 1},
		{"a wave is seen through", wave, nothing, Launches{Idle: Count{0, 1}, Covered: Count{1, 1}}, 0},
	} {
		s := scorer{Score: &Score{}, cells: map[cellKey]*planted.Cell{{}: {}}}
		s.launch(&c.plant, &c.outcome)
		if diff := cmp.Diff(c.want, s.Launches); diff != "" || len(s.Notes) != c.notes {
			t.Errorf("%s: %d notes, want %d; %s", c.name, len(s.Notes), c.notes, diff)
		}
	}
}
