package graph

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func drawText(t *rapid.T, label string) string {
	return rapid.StringOfN(rapid.SampledFrom([]rune("abZ09 \"\\<&\n\té漢Ａß😀\u2028")), 1, 8, -1).Draw(t, label)
}

func drawID(t *rapid.T) string {
	return rapid.StringOfN(rapid.SampledFrom([]rune("abZ09:-_\"<漢😀")), 1, 8, -1).Draw(t, "id")
}

func drawIDs(t *rapid.T) []string { return rapid.SliceOfN(rapid.Custom(drawID), 1, 3).Draw(t, "ids") }

func drawNumber(t *rapid.T) Value {
	if rapid.Bool().Draw(t, "whole") {
		return NumberValue(float64(rapid.Int64Range(-maxExactInteger, maxExactInteger).Draw(t, "number")))
	}
	return NumberValue(rapid.Float64().Draw(t, "number"))
}

func drawValue(t *rapid.T, kind ValueKind) Value {
	switch kind {
	case NumberKind:
		return drawNumber(t)
	case BooleanKind:
		return BooleanValue(rapid.Bool().Draw(t, "boolean"))
	default:
		return TextValue(drawText(t, "text"))
	}
}

func drawAttribute(t *rapid.T) AttributeRule {
	a := AttributeRule{Name: drawID(t), Op: Operator(rapid.Uint8Range(1, uint8(OpExists)).Draw(t, "op"))}
	kind := rapid.SampledFrom([]ValueKind{NumberKind, TextKind, BooleanKind}).Draw(t, "kind")
	ordered := rapid.SampledFrom([]ValueKind{NumberKind, TextKind}).Draw(t, "ordered kind")
	switch a.Op {
	case OpIn, OpNotIn:
		for range rapid.IntRange(1, 3).Draw(t, "values") {
			a.Values = append(a.Values, drawValue(t, kind))
		}
	case OpBetween:
		from, to := drawValue(t, ordered), drawValue(t, ordered)
		if from.num > to.num || from.text > to.text {
			from, to = to, from
		}
		if from == to {
			from, to = NumberValue(0), NumberValue(1)
		}
		a.Values = []Value{from, to}
	case OpGt, OpGte, OpLt, OpLte:
		a.Values = []Value{drawValue(t, ordered)}
	case OpContains:
		a.Values = []Value{drawValue(t, TextKind)}
	case OpExists:
		a.Values = []Value{drawValue(t, BooleanKind)}
	default:
		a.Values = []Value{drawValue(t, kind)}
	}
	return a
}

func drawRange(t *rapid.T, low, high int64) (gte, lte Optional[int64]) {
	a := rapid.Int64Range(low, high).Draw(t, "end")
	b := rapid.Int64Range(low, high).Draw(t, "end")
	switch rapid.IntRange(0, 2).Draw(t, "ends") {
	case 0:
		return Some(a), Optional[int64]{}
	case 1:
		return Optional[int64]{}, Some(a)
	default:
		return Some(min(a, b)), Some(max(a, b))
	}
}

func drawDecimals(t *rapid.T) (r DecimalRange) {
	gte, lte := drawRange(t, 0, 1<<63-1)
	if gte.Known {
		r.Gte = Some(Decimal(gte.Value))
	}
	if lte.Known {
		r.Lte = Some(Decimal(lte.Value))
	}
	return r
}

func drawDuration(t *rapid.T) Duration {
	d := Duration{Years: rapid.IntRange(0, 3).Draw(t, "years"), Months: rapid.IntRange(0, 30).Draw(t, "months"),
		Days: rapid.IntRange(0, 400).Draw(t, "days")}
	d.Time = time.Duration(rapid.Int64Range(0, 400_000_000_000).Draw(t, "microseconds")) * time.Microsecond
	if d == (Duration{}) {
		d.Days = 90
	}
	return d
}

func drawTime(t *rapid.T) time.Time {
	return time.UnixMicro(rapid.Int64Range(-60e15, 250e15).Draw(t, "time")).UTC()
}

func drawEvent(t *rapid.T, step bool) (e EventRule) {
	has := func(what string) bool { return rapid.IntRange(0, 3).Draw(t, "has "+what) == 0 }
	if has("types") {
		e.Types = rapid.SliceOfN(rapid.Map(rapid.Uint8Range(1, uint8(CampaignClicked)), func(c uint8) InteractionType {
			return InteractionType(c)
		}), 1, 3).Draw(t, "types")
	}
	if has("category") {
		e.Category = drawID(t)
	}
	if has("product") {
		e.Product = drawID(t)
	}
	if has("tag") {
		e.Tag = drawID(t)
	}
	if has("channel") {
		e.Channel = Channel(rapid.Uint8Range(1, uint8(Partner)).Draw(t, "channel"))
	}
	if has("query") {
		e.Query = drawText(t, "query")
	}
	if has("price") {
		e.Price = new(drawDecimals(t))
	}
	if has("within") {
		e.Within = new(drawDuration(t))
	} else if has("between") {
		e.Between = &TimeRange{From: drawTime(t)}
		if rapid.Bool().Draw(t, "has end") {
			e.Between.To = e.Between.From.Add(time.Hour)
		}
	}
	if has("attribute") {
		e.Attribute = new(drawAttribute(t))
	}
	if step {
		return e
	}
	switch rapid.IntRange(0, 3).Draw(t, "count or sum") {
	case 0:
		gte, lte := drawRange(t, 0, 1<<63-1)
		e.Count = &CountRange{Gte: gte, Lte: lte}
	case 1:
		e.Count = &CountRange{Eq: Some(rapid.Int64Range(0, 1<<63-1).Draw(t, "eq"))}
	case 2:
		r := drawDecimals(t)
		e.Sum = &SumRange{Of: SumField(rapid.Uint8Range(1, 2).Draw(t, "of")), Gte: r.Gte, Lte: r.Lte}
	}
	return e
}

func drawScores(t *rapid.T) *ScoreRange {
	gte, lte := drawRange(t, 1, 5)
	return &ScoreRange{Gte: gte, Lte: lte}
}

func drawRule(t *rapid.T, depth int) (r Rule) {
	kinds := 11
	if depth == 0 {
		kinds = 8
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind of rule") {
	case 0:
		r.Attribute = new(drawAttribute(t))
	case 1, 2:
		r.Event = new(drawEvent(t, false))
	case 3:
		r.Sequence = &SequenceRule{}
		for range rapid.IntRange(1, 3).Draw(t, "steps") {
			r.Sequence.Steps = append(r.Sequence.Steps, drawEvent(t, true))
		}
		if rapid.Bool().Draw(t, "has within") {
			r.Sequence.Within = new(drawDuration(t))
		}
	case 4:
		r.Segment = &SegmentRule{In: drawIDs(t)}
		if rapid.Bool().Draw(t, "has notIn") {
			r.Segment.NotIn = drawIDs(t)
		}
	case 5:
		r.RFM = &RFMRule{Recency: drawScores(t), Groups: []RFMGroup{RFMLoyal, RFMAtRisk}}
	case 6:
		r.Lifecycle = &LifecycleRule{In: []Lifecycle{Lifecycle(rapid.Uint8Range(1, 6).Draw(t, "lifecycle"))}}
	case 7:
		r.Consent = &ConsentRule{Purpose: drawID(t), Granted: rapid.Bool().Draw(t, "granted")}
	case 8:
		gte, lte := drawRange(t, 0, 1<<63-1)
		r.Household = &HouseholdRule{Exists: new(true), Size: &SizeRange{Gte: gte, Lte: lte}}
	case 9:
		r.Not = new(drawRule(t, depth-1))
	default:
		var rules []Rule
		for range rapid.IntRange(1, 3).Draw(t, "rules") {
			rules = append(rules, drawRule(t, depth-1))
		}
		if rapid.Bool().Draw(t, "all") {
			r.All = rules
		} else {
			r.Any = rules
		}
	}
	return r
}

// TestRuleRoundTrip holds that JSON keeps every rule, and that all ways of reading agree.
func TestRuleRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := drawRule(t, 3)
		data, err := json.Marshal(rule)
		if err != nil {
			t.Fatalf("Marshal(%#v): %v", rule, err)
		}
		parsed, err := ParseRule(data)
		if err != nil {
			t.Fatalf("ParseRule(%s): %v", data, err)
		}
		if !reflect.DeepEqual(parsed, rule) {
			t.Errorf("ParseRule(%s) = %#v", data, parsed)
		}
		if own, err := rule.MarshalJSON(); err != nil || string(own) != string(data) {
			t.Errorf("MarshalJSON() = %s, %v; json.Marshal gives %s", own, err, data)
		}
		if !parsed.Equal(rule) || parsed.Equal(Rule{}) {
			t.Errorf("Equal is wrong for %s", data)
		}
		decoder := json.NewDecoder(strings.NewReader(string(data)))
		decoder.UseNumber()
		var tree any
		if err := decoder.Decode(&tree); err != nil {
			t.Fatal(err)
		}
		decoded, err := DecodeRule(tree, "where")
		if err != nil || !reflect.DeepEqual(decoded, rule) {
			t.Errorf("DecodeRule(%s) = %#v, %v", data, decoded, err)
		}
		if _, err := DecodeRule(tree, "where"); err != nil {
			t.Errorf("a second DecodeRule: %v", err)
		}
	})
}

func TestParseRuleReads(t *testing.T) {
	for in, want := range map[string]Rule{
		`{"attribute":{"name":"party","eq":"family"}}`: {Attribute: &AttributeRule{Name: "party", Op: OpEq,
			Values: []Value{TextValue("family")}}},
		`{"attribute":{"name":"n","in":[1,2.5e3]},"any":null}`: {Attribute: &AttributeRule{Name: "n", Op: OpIn,
			Values: []Value{NumberValue(1), NumberValue(2500)}}},
		`{"attribute":{"name":"d","between":{"from":"2026-01-01","to":"2026-02-01"}}}`: {Attribute: &AttributeRule{Name: "d",
			Op: OpBetween, Values: []Value{TextValue("2026-01-01"), TextValue("2026-02-01")}}},
		`{"event":{}}`: {Event: &EventRule{}},
		`{"event":{"types":["search","ADD_TO_CART"],"channel":"web","price":{"gte":"12.5","lte":20},"within":"P2W"}}`: {
			Event: &EventRule{Types: []InteractionType{Search, AddToCart}, Channel: Web,
				Price: &DecimalRange{Gte: Some(Decimal(125_000)), Lte: Some(Decimal(200_000))}, Within: &Duration{Days: 14}}},
		`{"event":{"between":{"from":"2026-01-01T08:00:00+08:00"},"sum":{"of":"AMOUNT","gte":"1e3"}}}`: {
			Event: &EventRule{Between: &TimeRange{From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
				Sum: &SumRange{Of: SumAmount, Gte: Some(Decimal(10_000_000))}}},
		`{"event":{"count":{"eq":0},"product":12}}`: {Event: &EventRule{Product: "12", Count: &CountRange{Eq: Some[int64](0)}}},
		`{"event":{"count":{"gte":2.0,"lte":3e0}}}`: {Event: &EventRule{
			Count: &CountRange{Gte: Some[int64](2), Lte: Some[int64](3)}}},
		`{"tier":{"in":"GOLD"}}`:                         {Tier: &TierRule{In: []ValueTier{TierGold}}},
		`{"rfm":{"recency":{"gte":4},"groups":["NEW"]}}`: {RFM: &RFMRule{Recency: &ScoreRange{Gte: Some[int64](4)}, Groups: []RFMGroup{RFMNew}}},
		`{"household":{"exists":false}}`:                 {Household: &HouseholdRule{Exists: new(false)}},
	} {
		got, err := ParseRule([]byte(in))
		if err != nil {
			t.Errorf("ParseRule(%s): %v", in, err)
			continue
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("ParseRule(%s) = %#v, want %#v", in, got, want)
		}
	}
}

func TestRuleWrites(t *testing.T) {
	const in = `{"all":[
		{"consent":{"granted":true,"purpose":"mail"}},
		{"event":{"attribute":{"exists":true,"name":"pax"},"sum":{"lte":9.50,"of":"quantity"},"types":"view","within":"P1Y2M","query":"a<b"}},
		{"not":{"segment":{"notIn":["b","a"],"in":["c"]}}}]}`
	const want = `{"all":[{"consent":{"purpose":"mail","granted":true}},` +
		`{"event":{"types":["VIEW"],"query":"a\u003cb","within":"P1Y2M","sum":{"of":"QUANTITY","lte":"9.5"},"attribute":{"name":"pax","exists":true}}},` +
		`{"not":{"segment":{"in":["c"],"notIn":["b","a"]}}}]}`
	rule, err := ParseRule([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, rule.String()); diff != "" {
		t.Error(diff)
	}
}

// TestRuleCheck holds that a rule made in Go is judged as one that is read.
func TestRuleCheck(t *testing.T) {
	own := Rule{}
	own.Not = &own
	for name, test := range map[string]struct {
		rule Rule
		want string
	}{
		"good":       {Rule{Event: &EventRule{}}, ""},
		"empty":      {Rule{}, "rule"},
		"no rules":   {Rule{All: []Rule{}}, "rule"},
		"two":        {Rule{Event: &EventRule{}, Tier: &TierRule{In: []ValueTier{TierGold}}}, "rule"},
		"no value":   {Rule{Attribute: &AttributeRule{Name: "a", Op: OpEq}}, "rule.attribute.eq"},
		"zero value": {Rule{Attribute: &AttributeRule{Name: "a", Op: OpEq, Values: []Value{{}}}}, "rule.attribute"},
		"in none":    {Rule{Attribute: &AttributeRule{Name: "a", Op: OpIn}}, "rule.attribute.in"},
		"number in":  {Rule{Attribute: &AttributeRule{Name: "a", Op: OpContains, Values: []Value{NumberValue(1)}}}, "rule.attribute.contains"},
		"no op":      {Rule{Attribute: &AttributeRule{Name: "a", Values: []Value{NumberValue(1)}}}, `rule.attribute.""`},
		"bad tier":   {Rule{Tier: &TierRule{In: []ValueTier{9}}}, "rule.tier.in[0]"},
		"bad within": {Rule{Event: &EventRule{Within: &Duration{}}}, "rule.event.within"},
		"negative":   {Rule{Event: &EventRule{Within: &Duration{Days: -1}}}, "rule.event.within"},
		"itself":     {own, "rule" + strings.Repeat(".not", MaxRuleDepth)},
		"far future": {Rule{Event: &EventRule{Between: &TimeRange{To: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)}}}, "rule.event.between.to"},
	} {
		got := ""
		if r := test.rule.Check(); r != nil {
			got = r.Field
			if r.Code != RejectInvalidRule || !errors.Is(r, ErrInvalid) {
				t.Errorf("%s: Check() = %+v", name, r)
			}
		}
		if got != test.want {
			t.Errorf("%s: Check() is about %q, want %q", name, got, test.want)
		}
	}
}
