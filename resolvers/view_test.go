package resolvers

import (
	"errors"
	"testing"
	"time"

	"lacuna/graph"
	"lacuna/insight"
)

// TestDataOf holds which moment an answer says that it is of: the one asked about, the default one where several were, none where no
// figure was asked for.
func TestDataOf(t *testing.T) {
	w := newWorld(t, true, shop(t))
	const march, april = `"2026-03-01T00:00:00Z"`, `"2026-04-01T00:00:00Z"`
	ofMarch, standard := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), someTime.Truncate(time.Microsecond)
	for query, want := range map[string]time.Time{
		`{ status { customers } }`:                           {},
		`{ customer(by: {id: "c1"}) { name } }`:              {},
		`{ population { customers } }`:                       standard,
		`{ segment(id: "a") { name } }`:                      standard,
		`{ segment(id: "none") { name } }`:                   standard,
		`{ segments { nodes { usedBy } } }`:                  standard,
		`{ population(asOf: null) { customers }}`:            standard,
		`{ population(asOf: ` + march + `) { customers } }`:  ofMarch,
		`{ segment(id: "a") { size(asOf: ` + march + `) } }`: ofMarch,
		`{ segment(id: "a") { usedBy status { state } size(asOf: ` + march + `) growth(asOf: ` + march + `) { totalMembers } } }`:    ofMarch,
		`{ segments(orderBy: SIZE) { nodes { size(asOf: ` + march + `) } } }`:                                                        standard,
		`{ segments(orderBy: NAME) { nodes { size(asOf: ` + march + `) } } }`:                                                        ofMarch,
		`{ segments(where: {ids: ["a"]}) { nodes { members(asOf: ` + march + `) { totalCount } } } }`:                                ofMarch,
		`{ segmentOverlap(segments: ["a", "b"], asOf: ` + march + `) { common } }`:                                                   ofMarch,
		`{ demand(by: [], measures: [CUSTOMERS], asOf: ` + march + `) { rowCount } }`:                                                ofMarch,
		`{ findCustomers(where: {event: {}}, asOf: ` + march + `) { totalCount } }`:                                                  ofMarch,
		`{ explainMembership(customer: "c1", segment: "a", asOf: ` + march + `) { matches } }`:                                       ofMarch,
		`{ previewSegment(rule: {event: {}}, asOf: ` + march + `) { size sample { id } growth { totalMembers } perRule { size } } }`: ofMarch,
		`{ previewSegment(rule: {event: {}}, asOf: ` + march + `) { sample { dataQuality { verified } } } }`:                         ofMarch,
		`{ previewSegment(rule: {event: {}}, asOf: ` + march + `) { sample { lifecycle } } }`:                                        standard,
		`{ a: population(asOf: ` + march + `) { customers } b: population(asOf: ` + april + `) { customers } }`:                      standard,
		`{ a: population(asOf: ` + march + `) { customers } b: population(asOf: "2026-03-01T01:00:00+01:00") { customers } }`:        ofMarch,
		`{ a: population(asOf: ` + march + `) { customers } b: population { customers } }`:                                           standard,
	} {
		w.ask(t, query, nil)
		if w.used == want.IsZero() || !w.asOf.Equal(want) {
			t.Errorf("%s is of %v (%v), want %v", query, w.asOf, w.used, want)
		}
	}
}

// TestOneViewThroughout holds that one answer is from one view, taken when it is first needed.
func TestOneViewThroughout(t *testing.T) {
	w := newWorld(t, true, shop(t))
	view, taken := w.view, 0
	w.view = func() (*insight.View, error) {
		taken++
		return view()
	}
	w.ask(t, `{ status { customers } }`, nil)
	if taken != 0 {
		t.Errorf("a view is taken %d times for nothing", taken)
	}
	w.ask(t, `{ population { customers } segments { nodes { size usedBy status { state } } } }`, nil)
	if taken != 1 {
		t.Errorf("views are taken %d times", taken)
	}
}

// TestWithoutFigures holds that what needs figures says so, and all else is answered.
func TestWithoutFigures(t *testing.T) {
	w := newWorld(t, false, shop(t))
	for _, query := range []string{
		`{ segment(id: "a") { id } }`, `{ segments { totalCount } }`, `{ previewSegment(rule: {event: {}}) { size } }`, `{ population { customers } }`,
		`{ explainMembership(customer: "c1", segment: "a") { matches } }`, `{ segmentOverlap(segments: ["a", "b"]) { common } }`,
		`{ demand(by: [], measures: [CUSTOMERS]) { rowCount } }`, `{ findCustomers(where: {event: {}}) { totalCount } }`,
		`{ customer(by: {id: "c1"}) { segments { since } } }`, `{ customer(by: {id: "c1"}) { rfm { frequency } } }`, `{ customer(by: {id: "c1"}) { lifecycle } }`,
		`{ customer(by: {id: "c1"}) { valueTier } }`, `{ customer(by: {id: "c1"}) { dataQuality { verified } } }`,
	} {
		if _, err := w.execute(t, query, nil); !errors.Is(err, graph.ErrUnavailable) {
			t.Errorf("%s: %v", query, err)
		}
		if w.used {
			t.Errorf("%s: says what data it is of", query)
		}
	}
	if found := w.ask(t, `{ findCustomers { totalCount } }`, nil); at(found, "findCustomers", "totalCount") != 6.0 {
		t.Errorf("customers are %v", found)
	}
}
