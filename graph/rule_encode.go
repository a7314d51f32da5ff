package graph

import (
	"encoding/json"
	"fmt"
	"time"
)

// members is a JSON object whose keys have an order.
type members []member

type member struct {
	key   string
	value any
}

func (m *members) add(key string, value any) { *m = append(*m, member{key, value}) }

func (m *members) addText(key, value string) {
	if value != "" {
		m.add(key, value)
	}
}

func (m members) append(buf []byte) ([]byte, error) {
	buf = append(buf, '{')
	for i, member := range m {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(buf, '"')
		buf = append(buf, member.key...) // names of this file, plain ASCII
		buf = append(buf, '"', ':')
		var err error
		if buf, err = appendValue(buf, member.value); err != nil {
			return nil, err
		}
	}
	return append(buf, '}'), nil
}

func appendValue(buf []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case members:
		return v.append(buf)
	case []members:
		buf = append(buf, '[')
		for i, m := range v {
			if i > 0 {
				buf = append(buf, ',')
			}
			var err error
			if buf, err = m.append(buf); err != nil {
				return nil, err
			}
		}
		return append(buf, ']'), nil
	default:
		data, err := json.Marshal(value)
		return append(buf, data...), err
	}
}

// members of a rule are all fields that are set, also where that is wrong: reading them refuses it. Deeper than
// allowed nothing is written, so that a rule that contains itself ends.
func (r *Rule) members(depth int) (m members) {
	if depth > MaxRuleDepth {
		return m
	}
	if len(r.All) > 0 {
		m.add("all", rulesMembers(r.All, depth+1))
	}
	if len(r.Any) > 0 {
		m.add("any", rulesMembers(r.Any, depth+1))
	}
	if r.Not != nil {
		m.add("not", r.Not.members(depth+1))
	}
	if r.Attribute != nil {
		m.add("attribute", r.Attribute.members())
	}
	if r.Event != nil {
		m.add("event", r.Event.members())
	}
	if r.Sequence != nil {
		m.add("sequence", r.Sequence.members())
	}
	if r.Segment != nil {
		m.add("segment", r.Segment.members())
	}
	if r.RFM != nil {
		m.add("rfm", r.RFM.members())
	}
	if r.Lifecycle != nil {
		m.add("lifecycle", inMembers(r.Lifecycle.In))
	}
	if r.Tier != nil {
		m.add("tier", inMembers(r.Tier.In))
	}
	if r.Consent != nil {
		m.add("consent", members{{"purpose", r.Consent.Purpose}, {"granted", r.Consent.Granted}})
	}
	if r.Household != nil {
		m.add("household", r.Household.members())
	}
	return m
}

func rulesMembers(rules []Rule, depth int) []members {
	list := make([]members, len(rules))
	for i := range rules {
		list[i] = rules[i].members(depth)
	}
	return list
}

func (a *AttributeRule) members() members {
	m := members{{"name", a.Name}}
	values := make([]any, len(a.Values))
	for i, v := range a.Values {
		values[i] = v.json()
	}
	switch {
	case a.Op == OpBetween && len(values) == 2:
		m.add(a.Op.String(), members{{"from", values[0]}, {"to", values[1]}})
	case a.Op == OpIn || a.Op == OpNotIn || len(values) != 1:
		m.add(a.Op.String(), values)
	default:
		m.add(a.Op.String(), values[0])
	}
	return m
}

// json gives the value as encoding/json writes it; nil for the zero Value.
func (v Value) json() any {
	switch v.kind {
	case NumberKind:
		return v.num
	case BooleanKind:
		return v.num == 1
	case TextKind, DateKind:
		return v.text
	default:
		return nil
	}
}

func (e *EventRule) members() (m members) {
	if len(e.Types) > 0 {
		m.add("types", names(e.Types))
	}
	m.addText("category", e.Category)
	m.addText("product", e.Product)
	m.addText("tag", e.Tag)
	if e.Channel != 0 {
		m.add("channel", e.Channel.String())
	}
	m.addText("query", e.Query)
	if e.Price != nil {
		m.add("price", decimalMembers(e.Price.Gte, e.Price.Lte))
	}
	if e.Within != nil {
		m.add("within", e.Within.String())
	}
	if e.Between != nil {
		var between members
		between.addText("from", timeText(e.Between.From))
		between.addText("to", timeText(e.Between.To))
		m.add("between", between)
	}
	if e.Count != nil {
		m.add("count", append(integerMembers(e.Count.Gte, e.Count.Lte), integerMember("eq", e.Count.Eq)...))
	}
	if e.Sum != nil {
		m.add("sum", append(members{{"of", e.Sum.Of.String()}}, decimalMembers(e.Sum.Gte, e.Sum.Lte)...))
	}
	if e.Attribute != nil {
		m.add("attribute", e.Attribute.members())
	}
	return m
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func (s *SequenceRule) members() members {
	steps := make([]members, len(s.Steps))
	for i := range s.Steps {
		steps[i] = s.Steps[i].members()
	}
	m := members{{"steps", steps}}
	if s.Within != nil {
		m.add("within", s.Within.String())
	}
	return m
}

func (s *SegmentRule) members() (m members) {
	if len(s.In) > 0 {
		m.add("in", s.In)
	}
	if len(s.NotIn) > 0 {
		m.add("notIn", s.NotIn)
	}
	return m
}

func (r *RFMRule) members() (m members) {
	for _, score := range [...]struct {
		key    string
		scores *ScoreRange
	}{{"recency", r.Recency}, {"frequency", r.Frequency}, {"monetary", r.Monetary}} {
		if score.scores != nil {
			m.add(score.key, integerMembers(score.scores.Gte, score.scores.Lte))
		}
	}
	if len(r.Groups) > 0 {
		m.add("groups", names(r.Groups))
	}
	return m
}

func (h *HouseholdRule) members() (m members) {
	if h.Exists != nil {
		m.add("exists", *h.Exists)
	}
	if h.Size != nil {
		m.add("size", integerMembers(h.Size.Gte, h.Size.Lte))
	}
	return m
}

func inMembers[T fmt.Stringer](codes []T) members { return members{{"in", names(codes)}} }

func names[T fmt.Stringer](codes []T) []string {
	list := make([]string, len(codes))
	for i, c := range codes {
		list[i] = c.String()
	}
	return list
}

func integerMembers(gte, lte Optional[int64]) members {
	return append(integerMember("gte", gte), integerMember("lte", lte)...)
}

func integerMember(key string, n Optional[int64]) members {
	if !n.Known {
		return nil
	}
	return members{{key, n.Value}}
}

func decimalMembers(gte, lte Optional[Decimal]) (m members) {
	if gte.Known {
		m.add("gte", gte.Value.String())
	}
	if lte.Known {
		m.add("lte", lte.Value.String())
	}
	return m
}
