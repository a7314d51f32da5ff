package resolvers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"lacuna/graph"
)

// everyOperator is rules that together use each key of a rule.
var everyOperator = []string{
	`{"all":[{"event":{}},{"any":[{"event":{"types":["SEARCH"]}},{"not":{"event":{"types":["VIEW","PURCHASE"]}}}]}]}`,
	`{"attribute":{"name":"a","eq":"x"}}`, `{"attribute":{"name":"a","eq":""}}`, `{"attribute":{"name":"a","eq":true}}`, `{"attribute":{"name":"a","ne":1.5}}`,
	`{"attribute":{"name":"a","in":["x","Y","客"]}}`, `{"attribute":{"name":"a","notIn":[1,-2.25,1e15]}}`, `{"attribute":{"name":"a","gt":0}}`,
	`{"attribute":{"name":"a","gte":"2026-01-31"}}`, `{"attribute":{"name":"a","lt":-1}}`, `{"attribute":{"name":"a","lte":3}}`,
	`{"attribute":{"name":"a","between":{"from":1,"to":2}}}`, `{"attribute":{"name":"a","contains":"\"quoted\" \\ and\nbroken"}}`, `{"attribute":{"name":"a","exists":false}}`,
	`{"event":{"types":["ADD_TO_CART"],"category":"ski","product":"p","tag":"t","channel":"CALL_CENTER","query":"snow","price":{"gte":"0.5","lte":"12.345"},"within":"P1Y2M3DT4H"}}`,
	`{"event":{"between":{"from":"2026-01-01T00:00:00.123456Z","to":"2026-02-01T00:00:00Z"},"count":{"gte":0,"lte":7}}}`,
	`{"event":{"between":{"to":"2026-02-01T00:00:00Z"},"count":{"eq":0},"attribute":{"name":"pax","gte":2}}}`,
	`{"event":{"sum":{"of":"AMOUNT","gte":"1000","lte":"99999999999.9999"}}}`, `{"event":{"sum":{"of":"QUANTITY","gte":"2"}}}`,
	`{"sequence":{"steps":[{"types":["VIEW"]},{},{"types":["PURCHASE"],"attribute":{"name":"pax","exists":true}}],"within":"P30D"}}`,
	`{"not":{"segment":{"notIn":["other"]}}}`, `{"segment":{"in":["other"]}}`,
	`{"rfm":{"recency":{"gte":4},"frequency":{"lte":2},"monetary":{"gte":1,"lte":5},"groups":["CHAMPIONS","PROSPECTS"]}}`,
	`{"lifecycle":{"in":["HALF_ASLEEP","NEW"]}}`, `{"tier":{"in":["DIAMOND"]}}`, `{"consent":{"purpose":"MARKETING","granted":false}}`,
	`{"household":{"exists":true,"size":{"gte":2,"lte":6}}}`, `{"household":{"exists":false}}`,
}

// literal writes a tree of JSON as a document does, where names of enums have no quotes.
func literal(v any, parent, key string) string {
	switch v := v.(type) {
	case object:
		var fields []string
		for name, value := range v {
			fields = append(fields, name+": "+literal(value, key, name))
		}
		slices.Sort(fields)
		return "{" + strings.Join(fields, ", ") + "}"
	case []any:
		var entries []string
		for _, entry := range v {
			entries = append(entries, literal(entry, parent, key))
		}
		return "[" + strings.Join(entries, ", ") + "]"
	case string:
		if slices.Contains([]string{"types", "channel", "of", "groups"}, key) || key == "in" && (parent == "lifecycle" || parent == "tier") {
			return v
		}
	}
	text, _ := json.Marshal(v) // it was JSON
	return string(text)
}

// tree reads JSON as the door does: numbers as they are written.
func tree(t *testing.T, text string) (v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

const saveRule = `mutation($r: RuleInput!) { saveSegment(input: {id: "s", rule: $r}) { segment { id name rule } userErrors { path code message } } }`

// TestRulesComeThrough holds that a rule is stored and told as it was meant, whether it stands in the document or in a variable.
func TestRulesComeThrough(t *testing.T) {
	w := newWorld(t, false, &graph.Batch{Categories: []graph.Category{{ID: "ski"}}, Products: []graph.Product{{ID: "p"}},
		Segments: []graph.Segment{{ID: "other", Rule: rule(t, `{"event":{}}`)}}})
	for _, text := range everyOperator {
		want := rule(t, text)
		inDocument := strings.NewReplacer("($r: RuleInput!)", "", "$r", literal(tree(t, text), "", "")).Replace(saveRule)
		for way, saved := range map[string]any{"variable": w.ask(t, saveRule, object{"r": tree(t, text)}), "document": w.ask(t, inDocument, nil)} {
			if n := len(at(saved, "saveSegment", "userErrors").([]any)); n != 0 {
				t.Errorf("%s, %s: %v", way, text, saved)
				continue
			}
			told, err := graph.DecodeRule(at(saved, "saveSegment", "segment", "rule"), "rule")
			if err != nil || !told.Equal(want) {
				t.Errorf("%s, %s: told as %v, %v", way, text, told, err)
			}
		}
		if kept := storedRule(t, w, "s"); !kept.Equal(want) {
			t.Errorf("%s: stored as %v", text, kept)
		}
	}
}

func storedRule(t *testing.T, w *world, id string) graph.Rule {
	t.Helper()
	segments, err := w.store.Segments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range segments {
		if s.ID == id {
			return s.Rule
		}
	}
	t.Fatalf("there is no segment %s", id)
	return graph.Rule{}
}

// TestEveryKeyIsTried holds that the rules above leave out no key that a rule can have.
func TestEveryKeyIsTried(t *testing.T) {
	w := newWorld(t, false, &graph.Batch{})
	all := strings.Join(everyOperator, "")
	for _, kind := range []string{"RuleInput", "AttributeRule", "ValueRange", "EventRule", "DecimalRange", "TimeRange", "CountRange", "SumRange", "SequenceRule",
		"SegmentRule", "RfmRule", "ScoreRange", "LifecycleRule", "TierRule", "ConsentRule", "HouseholdRule"} {
		definition := schemaOf(w).Types[kind]
		if definition == nil {
			t.Fatalf("the schema has no %s", kind)
		}
		for _, field := range definition.Fields {
			if !strings.Contains(all, `"`+field.Name+`":`) {
				t.Errorf("%s.%s is not tried", kind, field.Name)
			}
		}
	}
}

// TestRulesAreRefusedWithTheirPath holds it for both ways of giving a rule.
func TestRulesAreRefusedWithTheirPath(t *testing.T) {
	w := newWorld(t, false, &graph.Batch{})
	for text, path := range map[string]string{
		`{"all":[]}`: "all", `{"all":[{"event":{}},{"event":{"count":{"gte":3,"lte":2}}}]}`: "all[1].event.count",
		`{"not":{"event":{"within":"90 days"}}}`: "not.event.within", `{"any":[{"event":{"price":{"gte":"-1"}}}]}`: "any[0].event.price.gte",
		`{"attribute":{"name":"a"}}`: "attribute", `{"attribute":{"name":"a","eq":1,"ne":2}}`: "attribute", `{"attribute":{"name":"a","in":[1,"1"]}}`: "attribute.in[1]",
		`{"attribute":{"name":"a","eq":null}}`: "attribute", `{"tier":{"in":[]}}`: "tier.in", `{"event":{"types":[]}}`: "event.types", `{"sequence":{"steps":[]}}`: "sequence.steps",
		`{"rfm":{"recency":{"gte":6}}}`: "rfm.recency.gte", `{"segment":{}}`: "segment", `{"event":{"count":{}}}`: "event.count", `{"household":{}}`: "household",
		`{"event":{"between":{"from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"}}}`: "event.between",
	} {
		inDocument := strings.NewReplacer("($r: RuleInput!)", "", "$r", literal(tree(t, text), "", "")).Replace(saveRule)
		want := "[" + strings.NewReplacer(".", " ", "[", " ", "]", "").Replace("input.rule."+path) + "]"
		for way, saved := range map[string]any{"variable": w.ask(t, saveRule, object{"r": tree(t, text)}), "document": w.ask(t, inDocument, nil)} {
			errs := at(saved, "saveSegment", "userErrors")
			if at(errs, 0, "code") != "INVALID_RULE" || fmt.Sprint(at(errs, 0, "path")) != want {
				t.Errorf("%s, %s: %v, want %s", way, text, errs, want)
			}
		}
	}
}
