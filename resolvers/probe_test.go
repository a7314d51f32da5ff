package resolvers
import "testing"
import "encoding/json"
func TestProbe(t *testing.T) {
	w := newWorld(t, true, shop(t))
	p := func(q string, v object) { d, err := w.execute(t, q, v); b, _ := json.Marshal(d); t.Logf("%s\n   -> %s %v", q, b, err) }
	p(`{ previewSegment(rule: {attribute: {name: "n", eq: 9007199254740993}}) { perRule { rule } } }`, nil)
	p(`query($r: RuleInput!) { previewSegment(rule: $r) { perRule { rule } } }`, object{"r": object{"attribute": object{"name": "n", "eq": json.Number("9007199254740993")}}})
	p(`{ previewSegment(rule: {attribute: {name: "n", eq: 0.1000000000000000055511151231257827}}) { perRule { rule } } }`, nil)
	p(`{ demand(by: [SEGMENT], measures: [CUSTOMERS]) { rowCount } }`, nil)
	p(`{ demand(by: [], measures: [CUSTOMERS], where: {segments: ["odd"]}) { rowCount } }`, nil)
	p(`{ segmentOverlap(segments: ["a", "odd"]) { common } }`, nil)
	p(`{ segmentOverlap(segments: ["a", "a"]) { common } }`, nil)
	p(`{ segmentOverlap(segments: ["a", "none"]) { common } }`, nil)
	p(`{ explainMembership(customer: "c1", segment: "odd") { matches } }`, nil)
	p(`{ demand(by: [], measures: []) { rowCount } }`, nil)
	p(`{ demand(by: [ATTRIBUTE], measures: [VIEWS]) { rowCount } }`, nil)
	p(`{ demand(by: [CHANNEL], attribute: "city", measures: [VIEWS]) { rowCount } }`, nil)
	p(`query($r: RuleInput!) { previewSegment(rule: $r) { size } }`, object{"r": object{"event": object{}, "tier": object{"in": []any{"GOLD"}}}})
	p(`{ segments(first: 0) { nodes { id } edges { cursor } pageInfo { hasNextPage endCursor } totalCount } }`, nil)
	p(`{ segments(where: {search: "nobody"}) { nodes { id } edges { cursor } } }`, nil)
	p(`{ findCustomers(where: {event: {}}, first: 0, orderBy: NAME) { nodes { id } pageInfo { hasNextPage endCursor } totalCount } }`, nil)
	p(`{ segment(id: "a") { growth(grain: DAY, between: {from: "1990-01-01T00:00:00Z", to: "2026-01-01T00:00:00Z"}) { totalMembers } } }`, nil)
	p(`{ segment(id: "a") { size(asOf: "0001-01-01T00:00:00Z") } population(asOf: "0001-01-01T00:00:00Z") { customers asOf } }`, nil)
	p(`{ segment(id: "a") { size(asOf: "9999-12-31T23:59:59Z") growth(asOf: "9999-12-31T23:59:59Z") { totalMembers } trend(asOf: "9999-12-31T23:59:59Z") { reason } } population(asOf: "9999-12-31T23:59:59Z") { customers asOf } }`, nil)
	p(`{ population(asOf: "1500-12-31T23:59:59Z") { customers asOf } segment(id: "a") { trend(asOf: "1500-12-31T23:59:59Z") { reason } growth(asOf: "1500-12-31T23:59:59Z") { totalMembers } } }`, nil)
}
