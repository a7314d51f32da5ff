package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

// refusals are rules in JSON and the path to what is wrong with each.
var refusals = map[string]string{
	``: "rule", ` `: "rule", `{`: "rule", `null`: "rule", `[]`: "rule", `"all"`: "rule", `{}`: "rule", `{"all":null}`: "rule",
	`{"event":{}} x`: "rule", `{"event":{}}{}`: "rule", `{"event":{},}`: "rule", "{\"event\":{\"tag\":\"\xff\"}}": "rule",
	`{"event":{},"tier":{"in":["GOLD"]}}`: "rule",
	`{"event":{},"event":{}}`:             "rule.event",
	`{"event":{"tag":"a","tag":"a"}}`:     "rule.event.tag",
	`{"evnt":{}}`:                         "rule.evnt",
	`{"zz":null,"aa":1}`:                  "rule.aa",
	`{"a b":1}`:                           `rule."a b"`,

	`{"all":[]}`:                             "rule.all",
	`{"any":[]}`:                             "rule.any",
	`{"any":[{"event":{}},null]}`:            "rule.any[1]",
	`{"all":[{"event":{}},{}]}`:              "rule.all[1]",
	`{"not":{}}`:                             "rule.not",
	`{"not":[{"event":{}}]}`:                 "rule.not",
	`{"all":[{"not":{"any":[{"tier":1}]}}]}`: "rule.all[0].not.any[0].tier",

	`{"attribute":{}}`:                                                             "rule.attribute.name",
	`{"attribute":{"name":"a"}}`:                                                   "rule.attribute",
	`{"attribute":{"name":"a","eq":null}}`:                                         "rule.attribute",
	`{"attribute":{"name":"","eq":1}}`:                                             "rule.attribute.name",
	`{"attribute":{"name":" a","eq":1}}`:                                           "rule.attribute.name",
	`{"attribute":{"name":7,"eq":1}}`:                                              "rule.attribute.name",
	`{"attribute":{"eq":1}}`:                                                       "rule.attribute.name",
	`{"attribute":{"name":"a","eq":1,"ne":2}}`:                                     "rule.attribute",
	`{"attribute":{"name":"a","equals":1}}`:                                        "rule.attribute.equals",
	`{"attribute":{"name":"a","eq":[1]}}`:                                          "rule.attribute.eq",
	`{"attribute":{"name":"a","eq":{}}}`:                                           "rule.attribute.eq",
	`{"attribute":{"name":"a","eq":"a\u0000"}}`:                                    "rule.attribute.eq",
	`{"attribute":{"name":"a","eq":9007199254740993}}`:                             "rule.attribute.eq",
	`{"attribute":{"name":"a","eq":1e999}}`:                                        "rule.attribute.eq",
	`{"attribute":{"name":"a","gt":true}}`:                                         "rule.attribute.gt",
	`{"attribute":{"name":"a","gte":false}}`:                                       "rule.attribute.gte",
	`{"attribute":{"name":"a","lt":true}}`:                                         "rule.attribute.lt",
	`{"attribute":{"name":"a","lte":true}}`:                                        "rule.attribute.lte",
	`{"attribute":{"name":"a","in":[]}}`:                                           "rule.attribute.in",
	`{"attribute":{"name":"a","notIn":[]}}`:                                        "rule.attribute.notIn",
	`{"attribute":{"name":"a","in":[1,"1"]}}`:                                      "rule.attribute.in[1]",
	`{"attribute":{"name":"a","notIn":["x","y",true]}}`:                            "rule.attribute.notIn[2]",
	`{"attribute":{"name":"a","in":["x",null]}}`:                                   "rule.attribute.in[1]",
	`{"attribute":{"name":"a","between":[1,2]}}`:                                   "rule.attribute.between",
	`{"attribute":{"name":"a","between":{"from":1}}}`:                              "rule.attribute.between.to",
	`{"attribute":{"name":"a","between":{"to":1}}}`:                                "rule.attribute.between.from",
	`{"attribute":{"name":"a","between":{"from":1,"to":"2"}}}`:                     "rule.attribute.between",
	`{"attribute":{"name":"a","between":{"from":2,"to":2}}}`:                       "rule.attribute.between",
	`{"attribute":{"name":"a","between":{"from":-1,"to":-2}}}`:                     "rule.attribute.between",
	`{"attribute":{"name":"a","between":{"from":"2026-02-01","to":"2026-01-31"}}}`: "rule.attribute.between",
	`{"attribute":{"name":"a","between":{"from":false,"to":true}}}`:                "rule.attribute.between.from",
	`{"attribute":{"name":"a","between":{"from":1,"to":2,"by":3}}}`:                "rule.attribute.between.by",
	`{"attribute":{"name":"a","contains":""}}`:                                     "rule.attribute.contains",
	`{"attribute":{"name":"a","contains":5}}`:                                      "rule.attribute.contains",
	`{"attribute":{"name":"a","exists":"yes"}}`:                                    "rule.attribute.exists",

	`{"event":[]}`:                            "rule.event",
	`{"event":{"types":[]}}`:                  "rule.event.types",
	`{"event":{"types":["VIEW","LOOK"]}}`:     "rule.event.types[1]",
	`{"event":{"types":[1]}}`:                 "rule.event.types[0]",
	`{"event":{"types":[""]}}`:                "rule.event.types[0]",
	`{"event":{"category":""}}`:               "rule.event.category",
	`{"event":{"category":1.5}}`:              "rule.event.category",
	`{"event":{"product":true}}`:              "rule.event.product",
	`{"event":{"tag":1}}`:                     "rule.event.tag",
	`{"event":{"tag":"a "}}`:                  "rule.event.tag",
	`{"event":{"channel":"RADIO"}}`:           "rule.event.channel",
	`{"event":{"query":""}}`:                  "rule.event.query",
	`{"event":{"price":{}}}`:                  "rule.event.price",
	`{"event":{"price":5}}`:                   "rule.event.price",
	`{"event":{"price":{"gte":"x"}}}`:         "rule.event.price.gte",
	`{"event":{"price":{"gte":"-1"}}}`:        "rule.event.price.gte",
	`{"event":{"price":{"gte":true}}}`:        "rule.event.price.gte",
	`{"event":{"price":{"gte":2,"lte":"1"}}}`: "rule.event.price",
	`{"event":{"price":{"eq":1}}}`:            "rule.event.price.eq",
	`{"event":{"within":"90 days"}}`:          "rule.event.within",
	`{"event":{"within":"P0D"}}`:              "rule.event.within",
	`{"event":{"within":90}}`:                 "rule.event.within",
	`{"event":{"within":"P9D","between":{"from":"2026-01-01T00:00:00Z"}}}`: "rule.event.between",
	`{"event":{"between":{}}}`:                                                               "rule.event.between",
	`{"event":{"between":{"from":"2026-01-01"}}}`:                                            "rule.event.between.from",
	`{"event":{"between":{"to":"0001-01-01T00:00:00Z"}}}`:                                    "rule.event.between.to",
	`{"event":{"between":{"to":1767225600}}}`:                                                "rule.event.between.to",
	`{"event":{"between":{"from":"2026-01-01T00:00:00Z","to":"2026-01-01T00:00:00Z"}}}`:      "rule.event.between",
	`{"event":{"between":{"from":"2026-01-01T00:00:00Z","to":"2026-01-01T01:00:00+02:00"}}}`: "rule.event.between",
	`{"event":{"count":{}}}`:                                                                 "rule.event.count",
	`{"event":{"count":3}}`:                                                                  "rule.event.count",
	`{"event":{"count":{"gte":null}}}`:                                                       "rule.event.count",
	`{"event":{"count":{"gte":"3"}}}`:                                                        "rule.event.count.gte",
	`{"event":{"count":{"gte":1.5}}}`:                                                        "rule.event.count.gte",
	`{"event":{"count":{"gte":-1}}}`:                                                         "rule.event.count.gte",
	`{"event":{"count":{"gte":99999999999999999999}}}`:                                       "rule.event.count.gte",
	`{"event":{"count":{"gte":3,"lte":2}}}`:                                                  "rule.event.count",
	`{"event":{"count":{"gte":3,"eq":3}}}`:                                                   "rule.event.count.gte",
	`{"event":{"count":{"lte":3,"eq":3}}}`:                                                   "rule.event.count.lte",
	`{"event":{"count":{"gt":3}}}`:                                                           "rule.event.count.gt",
	`{"event":{"count":{"gte":1},"sum":{"of":"AMOUNT","gte":1}}}`:                            "rule.event.sum",
	`{"event":{"sum":{"gte":1}}}`:                                                            "rule.event.sum.of",
	`{"event":{"sum":{"of":"AMOUNT"}}}`:                                                      "rule.event.sum",
	`{"event":{"sum":{"of":"PRICE","gte":1}}}`:                                               "rule.event.sum.of",
	`{"event":{"sum":{"of":"AMOUNT","gte":2,"lte":1}}}`:                                      "rule.event.sum",
	`{"event":{"attribute":{"name":"pax","gt":true}}}`:                                       "rule.event.attribute.gt",
	`{"sequence":{}}`:                                                                        "rule.sequence.steps",
	`{"sequence":{"steps":[]}}`:                                                              "rule.sequence.steps",
	`{"sequence":{"steps":[{},{"count":{"gte":2}}]}}`:                                        "rule.sequence.steps[1].count",
	`{"sequence":{"steps":[{"sum":{"of":"AMOUNT","gte":1}}]}}`:                               "rule.sequence.steps[0].sum",
	`{"sequence":{"steps":[{"event":{}}]}}`:                                                  "rule.sequence.steps[0].event",
	`{"sequence":{"steps":[{}],"within":"P"}}`:                                               "rule.sequence.within",
	`{"segment":{}}`:                                                                         "rule.segment",
	`{"segment":{"in":[]}}`:                                                                  "rule.segment.in",
	`{"segment":{"in":["a"],"notIn":[]}}`:                                                    "rule.segment.notIn",
	`{"segment":{"in":[""]}}`:                                                                "rule.segment.in[0]",
	`{"segment":{"id":"a"}}`:                                                                 "rule.segment.id",
	`{"rfm":{}}`:                                                                             "rule.rfm",
	`{"rfm":{"recency":{}}}`:                                                                 "rule.rfm.recency",
	`{"rfm":{"recency":{"gte":0}}}`:                                                          "rule.rfm.recency.gte",
	`{"rfm":{"frequency":{"lte":6}}}`:                                                        "rule.rfm.frequency.lte",
	`{"rfm":{"monetary":{"gte":4,"lte":3}}}`:                                                 "rule.rfm.monetary",
	`{"rfm":{"groups":[]}}`:                                                                  "rule.rfm.groups",
	`{"rfm":{"groups":["BEST"]}}`:                                                            "rule.rfm.groups[0]",
	`{"lifecycle":{}}`:                                                                       "rule.lifecycle.in",
	`{"lifecycle":{"in":[]}}`:                                                                "rule.lifecycle.in",
	`{"lifecycle":{"in":["OLD"]}}`:                                                           "rule.lifecycle.in[0]",
	`{"lifecycle":["NEW"]}`:                                                                  "rule.lifecycle",
	`{"tier":{"in":[]}}`:                                                                     "rule.tier.in",
	`{"tier":{"in":["SILVER"]}}`:                                                             "rule.tier.in[0]",
	`{"consent":{}}`:                                                                         "rule.consent.purpose",
	`{"consent":{"purpose":"","granted":true}}`:                                              "rule.consent.purpose",
	`{"consent":{"purpose":"mail"}}`:                                                         "rule.consent.granted",
	`{"consent":{"purpose":"mail","granted":"true"}}`:                                        "rule.consent.granted",
	`{"household":{}}`:                                                                       "rule.household",
	`{"household":{"size":{}}}`:                                                              "rule.household.size",
	`{"household":{"size":{"gte":-1}}}`:                                                      "rule.household.size.gte",
	`{"household":{"exists":1}}`:                                                             "rule.household.exists",
	`{"household":{"exists":false,"size":{"gte":1}}}`:                                        "rule.household.size",
	`{"event":{"tag":"` + strings.Repeat("x", MaxIDBytes+1) + `"}}`:                          "rule.event.tag",
	`{"event":{"query":"` + strings.Repeat("x", MaxTextBytes+1) + `"}}`:                      "rule.event.query",
	`{"attribute":{"name":"a","eq":"` + strings.Repeat("x", MaxTextBytes+1) + `"}}`:          "rule.attribute.eq",
}

func TestParseRuleRefuses(t *testing.T) {
	for in, path := range refusals {
		rule, err := ParseRule([]byte(in))
		var refused *RuleError
		if !errors.As(err, &refused) || !errors.Is(err, ErrInvalid) {
			t.Errorf("ParseRule(%s) = %v, %v; want a refusal at %s", in, rule, err, path)
			continue
		}
		if refused.Path != path || refused.Message == "" {
			t.Errorf("ParseRule(%s) is refused as %v, want a path of %s", in, err, path)
		}
		var read Rule
		if err := json.Unmarshal([]byte(in), &read); err == nil || !reflect.DeepEqual(read, Rule{}) {
			t.Errorf("json.Unmarshal(%s) = %v, %v", in, read, err)
		}
	}
}

func TestRuleErrorText(t *testing.T) {
	for in, want := range map[string]string{
		`{"evnt":{}}`: "rule.evnt: is unknown: use one of all, any, not, attribute, event, sequence, segment, rfm, lifecycle, " +
			"tier, consent, household",
		`{"all":[{"event":{},"tier":{}}]}`:           "rule.all[0]: has event and tier: give exactly one",
		`{"attribute":{"name":"a","contains":1}}`:    "rule.attribute.contains: must be text, not a number",
		`{"attribute":{"name":"a","in":["x",true]}}`: "rule.attribute.in[1]: is a boolean among values that begin with a text: give values of one kind",
		`{"event":{"types":["LOOK"]}}`: `rule.event.types[0]: unknown interaction type "LOOK": use one of ` +
			strings.Join(interactionTypes[1:], ", "),
		`{"event":{"within":"90d"}}`: `rule.event.within: duration "90d": write ISO 8601, for example P90D, P6M or PT36H`,
		`{"event":`:                  "rule.event: is not JSON: it ends too early",
	} {
		if _, err := ParseRule([]byte(in)); err == nil || err.Error() != want && !strings.HasSuffix(want, "early") {
			t.Errorf("ParseRule(%s) is refused as %q, want %q", in, err, want)
		}
	}
}

func nested(depth int) string {
	return strings.Repeat(`{"not":`, depth-1) + `{"event":{}}` + strings.Repeat("}", depth-1)
}

func listed(n int, entry string) string { return strings.Repeat(entry+",", n-1) + entry }

func TestRuleLimits(t *testing.T) {
	for name, test := range map[string]struct {
		in   string
		path string // "" when it is read
	}{
		"depth":          {nested(MaxRuleDepth), ""},
		"too deep":       {nested(MaxRuleDepth + 1), "rule" + strings.Repeat(".not", MaxRuleDepth)},
		"nodes":          {`{"all":[` + listed(MaxRuleNodes-1, `{"event":{}}`) + `]}`, ""},
		"too many nodes": {`{"all":[` + listed(MaxRuleNodes, `{"event":{}}`) + `]}`, fmt.Sprintf("rule.all[%d]", MaxRuleNodes-1)},
		"too many steps": {`{"sequence":{"steps":[` + listed(MaxRuleNodes, `{}`) + `]}}`, fmt.Sprintf("rule.sequence.steps[%d]", MaxRuleNodes-1)},
		"entries":        {`{"segment":{"in":[` + listed(MaxRuleEntries, `"a"`) + `]}}`, ""},
		"more entries":   {`{"segment":{"in":[` + listed(MaxRuleEntries+1, `"a"`) + `]}}`, "rule.segment.in"},
		"too large":      {`{"event":{}}` + strings.Repeat(" ", MaxRuleBytes), "rule"},
		"large":          {`{"event":{}}` + strings.Repeat(" ", MaxRuleBytes-20), ""},
	} {
		_, err := ParseRule([]byte(test.in))
		path := ""
		if refused := (*RuleError)(nil); errors.As(err, &refused) {
			path = refused.Path
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if path != test.path {
			t.Errorf("%s: refused at %q, want %q", name, path, test.path)
		}
	}
	for _, open := range []string{"[", `{"not":`, `{"all":[`} {
		if _, err := ParseRule([]byte(strings.Repeat(open, 100_000))); !errors.Is(err, ErrInvalid) {
			t.Errorf("100,000 times %q: %v", open, err)
		}
	}
	// The deepest rule that there is must not be stopped by the limit on JSON.
	deepest := strings.Repeat(`{"all":[`, MaxRuleDepth-1) + `{"sequence":{"steps":[{"attribute":{"name":"a","between":{"from":1,"to":2}}}]}}` +
		strings.Repeat("]}", MaxRuleDepth-1)
	if _, err := ParseRule([]byte(deepest)); err != nil {
		t.Errorf("the deepest rule: %v", err)
	}
}

func TestDecodeRule(t *testing.T) {
	count := func(n any) any { return map[string]any{"event": map[string]any{"count": map[string]any{"eq": n}}} }
	value := func(v any) any { return map[string]any{"attribute": map[string]any{"name": "a", "eq": v}} }
	for _, test := range []struct {
		in   any
		want string // JSON, or the error
	}{
		{count(2), `{"event":{"count":{"eq":2}}}`},
		{count(int32(2)), `{"event":{"count":{"eq":2}}}`},
		{count(int64(math.MaxInt64)), `{"event":{"count":{"eq":9223372036854775807}}}`},
		{count(2.0), `{"event":{"count":{"eq":2}}}`},
		{count(json.Number("2")), `{"event":{"count":{"eq":2}}}`},
		{count(math.NaN()), "input.rule.event.count.eq: must be a whole number, not a number that is not finite"},
		{count(json.Number("0x10")), "input.rule.event.count.eq: must be a whole number, not a number that is not finite"},
		{value(math.Inf(1)), "input.rule.attribute.eq: must be text, a finite number or a boolean, not a number that is not finite"},
		{value(json.Number("Inf")), "input.rule.attribute.eq: must be text, a finite number or a boolean, not a number that is not finite"},
		{value(json.Number("")), "input.rule.attribute.eq: must be text, a finite number or a boolean, not a number that is not finite"},
		{value(int64(1<<53 + 1)), "input.rule.attribute.eq: is a number too large to be kept exactly: such attributes are text"},
		{value(int64(1 << 60)), `{"attribute":{"name":"a","eq":1152921504606847000}}`},
		{value(1e17), `{"attribute":{"name":"a","eq":100000000000000000}}`},
		{value(5e-324), `{"attribute":{"name":"a","eq":5e-324}}`},
		{value(math.Copysign(0, -1)), `{"attribute":{"name":"a","eq":0}}`},
		{value("\xff"), "input.rule.attribute.eq: is not valid UTF-8: save the file as UTF-8 and try again"},
		{value(struct{}{}), "input.rule.attribute.eq: must be text, a finite number or a boolean, not a struct {}"},
		{map[string]any{"all": map[string]any{"event": map[string]any{}}}, `{"all":[{"event":{}}]}`},
		{map[string]any{"segment": map[string]any{"in": 7}}, `{"segment":{"in":["7"]}}`},
		{map[string]any{"event": map[string]any{"price": map[string]any{"gte": 0.1}}}, `{"event":{"price":{"gte":"0.1"}}}`},
		{map[string]any{"all": []any{}}, "input.rule.all: is empty: give at least one entry"},
		{nil, "input.rule: must be an object with " + strings.Join(ruleKeys, ", ") + ", not null"},
	} {
		rule, err := DecodeRule(test.in, "input.rule")
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = rule.String()
		}
		if got != test.want {
			t.Errorf("DecodeRule(%v) = %s, want %s", test.in, got, test.want)
		}
	}
}

// FuzzParseRule holds that nothing panics, and that what is read is JSON, is written, and is read again as the same.
func FuzzParseRule(f *testing.F) {
	for in := range refusals {
		f.Add([]byte(in))
	}
	f.Add([]byte(nested(MaxRuleDepth)))
	f.Add([]byte(`{"sequence":{"steps":[{"types":["VIEW"],"channel":"APP"},{"price":{"gte":"1.5"},"between":{"to":"2026-01-01T00:00:00.5Z"}}],"within":"PT1H0.5S"}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		rule, err := ParseRule(in)
		if err != nil {
			if refused := (*RuleError)(nil); !errors.As(err, &refused) || !errors.Is(err, ErrInvalid) {
				t.Fatalf("ParseRule(%q): %v", in, err)
			}
			return
		}
		if !json.Valid(in) {
			t.Fatalf("ParseRule(%q) reads what is not JSON", in)
		}
		out, err := rule.MarshalJSON()
		if err != nil {
			t.Fatalf("ParseRule(%q).MarshalJSON(): %v", in, err)
		}
		again, err := ParseRule(out)
		if err != nil || !reflect.DeepEqual(again, rule) {
			t.Fatalf("ParseRule(%q) is written as %s, read as %#v, %v", in, out, again, err)
		}
	})
}
