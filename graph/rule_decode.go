package graph

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// RuleError is why a rule was refused: the path to what is wrong, such as "rule.all[1].event.count.gte", and what is
// wrong with it. It is [ErrInvalid].
type RuleError struct {
	Path    string
	Message string
}

// Error gives the path and the message.
func (e *RuleError) Error() string { return e.Path + ": " + e.Message }

// Unwrap gives [ErrInvalid].
func (e *RuleError) Unwrap() error { return ErrInvalid }

// Rejection gives the error as the reason for which a segment is rejected.
func (e *RuleError) Rejection() *Rejection {
	return &Rejection{Code: RejectInvalidRule, Field: e.Path, Message: e.Message}
}

// DecodeRule reads a rule from a tree as JSON and GraphQL inputs give it: map[string]any, []any, string, bool, nil and
// numbers (json.Number, float64, int64, int32, int). The shape and the errors are those of [ParseRule], with paths that
// begin with path. As everywhere in GraphQL, one entry may stand for a list of one, and an integer for an id.
func DecodeRule(v any, path string) (Rule, error) {
	d := &ruleDecoder{}
	rule := d.rule(&place{key: path}, v, 1)
	if d.err != nil {
		return Rule{}, d.err
	}
	return rule, nil
}

// place is where in the tree something stands. It is turned into a path only when there is something to tell.
type place struct {
	parent *place
	key    string
	index  int // of a list's entry; -1 for a key
}

func (p *place) field(key string) *place { return &place{parent: p, key: key, index: -1} }
func (p *place) item(i int) *place       { return &place{parent: p, index: i} }

func (p *place) String() string {
	switch {
	case p.parent == nil:
		return p.key
	case p.index >= 0:
		return p.parent.String() + "[" + strconv.Itoa(p.index) + "]"
	case p.key == "" || strings.Trim(p.key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "":
		return p.parent.String() + "." + strconv.Quote(Clip(p.key))
	default:
		return p.parent.String() + "." + Clip(p.key)
	}
}

// ruleDecoder turns a tree into a rule. The first error stays; what is decoded after it is of no use.
type ruleDecoder struct {
	nodes int
	err   *RuleError
}

func (d *ruleDecoder) fail(p *place, format string, args ...any) {
	if d.err == nil {
		d.err = &RuleError{Path: p.String(), Message: fmt.Sprintf(format, args...)}
	}
}

func (d *ruleDecoder) failRejection(p *place, r *Rejection) {
	if r != nil {
		d.fail(p, "%s", r.Message)
	}
}

// object is a JSON object whose keys are known ones.
type object struct {
	d      *ruleDecoder
	at     *place
	values map[string]any
}

func (d *ruleDecoder) object(p *place, v any, known []string) object {
	values, ok := v.(map[string]any)
	if !ok {
		d.fail(p, "must be an object with %s, not %s", strings.Join(known, ", "), kindOf(v))
	}
	var unknown []string
	for key := range values {
		if !slices.Contains(known, key) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		d.fail(p.field(slices.Min(unknown)), "is unknown: use one of %s", strings.Join(known, ", "))
	}
	return object{d, p, values}
}

// set lists those of the keys that are given, in the order of keys.
func (o object) set(keys []string) []string {
	var set []string
	for _, key := range keys {
		if o.values[key] != nil {
			set = append(set, key)
		}
	}
	return set
}

// one gives the only one of the keys that is given, "" after an error.
func (o object) one(keys []string) string {
	switch set := o.set(keys); {
	case o.d.err != nil:
		return ""
	case len(set) == 0:
		o.d.fail(o.at, "says nothing: give exactly one of %s", strings.Join(keys, ", "))
		return ""
	case len(set) > 1:
		o.d.fail(o.at, "has %s: give exactly one", strings.Join(set, " and "))
		return ""
	default:
		return set[0]
	}
}

// some demands that at least one of the keys is given.
func (o object) some(keys ...string) {
	if len(o.set(keys)) == 0 {
		o.d.fail(o.at, "says nothing: give at least one of %s", strings.Join(keys, ", "))
	}
}

// apart demands that not both keys are given.
func (o object) apart(a, b string) {
	if o.values[a] != nil && o.values[b] != nil {
		o.d.fail(o.at.field(b), "excludes %s: give only one of them", a)
	}
}

var (
	ruleKeys = []string{"all", "any", "not", "attribute", "event", "sequence", "segment", "rfm", "lifecycle", "tier",
		"consent", "household"}
	attributeKeys = append([]string{"name"}, operators[1:]...)
	eventKeys     = []string{"types", "category", "product", "tag", "channel", "query", "price", "within", "between", "count",
		"sum", "attribute"}
)

// rule decodes one node; depth counts from 1.
func (d *ruleDecoder) rule(p *place, v any, depth int) (r Rule) {
	d.count(p)
	if depth > MaxRuleDepth {
		d.fail(p, "is nested more than %d rules deep", MaxRuleDepth)
	}
	if d.err != nil {
		return r
	}
	o := d.object(p, v, ruleKeys)
	key := o.one(ruleKeys)
	child, at := o.values[key], p.field(key)
	nested := func(p *place, v any) Rule { return d.rule(p, v, depth+1) }
	switch key {
	case "all":
		r.All = listOf(d, nested)(at, child)
	case "any":
		r.Any = listOf(d, nested)(at, child)
	case "not":
		not := nested(at, child)
		r.Not = &not
	case "attribute":
		r.Attribute = new(d.attribute(at, child))
	case "event":
		r.Event = new(d.event(at, child))
	case "sequence":
		r.Sequence = d.sequence(at, child)
	case "segment":
		r.Segment = d.segment(at, child)
	case "rfm":
		r.RFM = d.rfm(at, child)
	case "lifecycle":
		o := d.object(at, child, []string{"in"})
		r.Lifecycle = &LifecycleRule{In: required(o, "in", listOf(d, named[Lifecycle](d, "lifecycle", lifecycles)))}
	case "tier":
		o := d.object(at, child, []string{"in"})
		r.Tier = &TierRule{In: required(o, "in", listOf(d, named[ValueTier](d, "value tier", valueTiers)))}
	case "consent":
		o := d.object(at, child, []string{"purpose", "granted"})
		r.Consent = &ConsentRule{Purpose: required(o, "purpose", d.label), Granted: required(o, "granted", d.boolean)}
	case "household":
		r.Household = d.household(at, child)
	}
	return r
}

// count bounds the work of reading and evaluating.
func (d *ruleDecoder) count(p *place) {
	if d.nodes++; d.nodes > MaxRuleNodes {
		d.fail(p, "is one too many: a rule has at most %d parts", MaxRuleNodes)
	}
}

func (d *ruleDecoder) attribute(p *place, v any) (a AttributeRule) {
	o := d.object(p, v, attributeKeys)
	a.Name = required(o, "name", d.label)
	key := o.one(operators[1:])
	if key == "" {
		return a
	}
	a.Op = Operator(slices.Index(operators, key))
	operand, at := o.values[key], p.field(key)
	switch a.Op {
	case OpIn, OpNotIn:
		a.Values = listOf(d, d.value)(at, operand)
		for i, v := range a.Values {
			if v.Kind() != a.Values[0].Kind() {
				d.fail(at.item(i), "is a %s among values that begin with a %s: give values of one kind", v.Kind(),
					a.Values[0].Kind())
			}
		}
	case OpBetween:
		o := d.object(at, operand, []string{"from", "to"})
		a.Values = []Value{required(o, "from", d.ordered), required(o, "to", d.ordered)}
		d.checkBetween(at, a.Values[0], a.Values[1])
	case OpGt, OpGte, OpLt, OpLte:
		a.Values = []Value{d.ordered(at, operand)}
	case OpContains:
		a.Values = []Value{TextValue(d.text(at, operand))}
	case OpExists:
		a.Values = []Value{BooleanValue(d.boolean(at, operand))}
	default:
		a.Values = []Value{d.value(at, operand)}
	}
	return a
}

// ordered decodes a value that can be greater than another.
func (d *ruleDecoder) ordered(p *place, v any) Value {
	if _, ok := v.(bool); ok {
		d.fail(p, "is a boolean, which is neither more nor less than another: use eq")
	}
	return d.value(p, v)
}

func (d *ruleDecoder) checkBetween(p *place, from, to Value) {
	switch {
	case from.Kind() != to.Kind():
		d.fail(p, "is from a %s to a %s: give values of one kind", from.Kind(), to.Kind())
	case from.num > to.num || from.text > to.text || from == to:
		d.fail(p, "is empty: from must be less than to")
	}
}

func (d *ruleDecoder) event(p *place, v any) (e EventRule) {
	o := d.object(p, v, eventKeys)
	e.Types = optional(o, "types", listOf(d, named[InteractionType](d, "interaction type", interactionTypes))).Value
	e.Category = optional(o, "category", d.id).Value
	e.Product = optional(o, "product", d.id).Value
	e.Tag = optional(o, "tag", d.label).Value
	e.Channel = optional(o, "channel", named[Channel](d, "channel", channels)).Value
	e.Query = optional(o, "query", d.text).Value
	e.Price = optional(o, "price", d.prices).Ptr()
	e.Within = optional(o, "within", d.duration).Ptr()
	o.apart("within", "between")
	e.Between = optional(o, "between", d.times).Ptr()
	e.Count = optional(o, "count", d.counts).Ptr()
	o.apart("count", "sum")
	e.Sum = optional(o, "sum", d.sum).Ptr()
	e.Attribute = optional(o, "attribute", d.attribute).Ptr()
	return e
}

func (d *ruleDecoder) sequence(p *place, v any) *SequenceRule {
	o := d.object(p, v, []string{"steps", "within"})
	return &SequenceRule{
		Steps:  required(o, "steps", listOf(d, d.step)),
		Within: optional(o, "within", d.duration).Ptr(),
	}
}

func (d *ruleDecoder) step(p *place, v any) EventRule {
	d.count(p)
	e := d.event(p, v)
	if e.Count != nil {
		d.fail(p.field("count"), "does not apply to a step, which is one interaction: repeat the step instead")
	}
	if e.Sum != nil {
		d.fail(p.field("sum"), "does not apply to a step, which is one interaction")
	}
	return e
}

func (d *ruleDecoder) segment(p *place, v any) *SegmentRule {
	o := d.object(p, v, []string{"in", "notIn"})
	o.some("in", "notIn")
	ids := listOf(d, d.id)
	return &SegmentRule{In: optional(o, "in", ids).Value, NotIn: optional(o, "notIn", ids).Value}
}

func (d *ruleDecoder) rfm(p *place, v any) *RFMRule {
	o := d.object(p, v, []string{"recency", "frequency", "monetary", "groups"})
	o.some("recency", "frequency", "monetary", "groups")
	scores := integerRange(d, 1, 5)
	return &RFMRule{
		Recency:   optional(o, "recency", scores).Ptr(),
		Frequency: optional(o, "frequency", scores).Ptr(),
		Monetary:  optional(o, "monetary", scores).Ptr(),
		Groups:    optional(o, "groups", listOf(d, named[RFMGroup](d, "RFM group", rfmGroups))).Value,
	}
}

func (d *ruleDecoder) household(p *place, v any) *HouseholdRule {
	o := d.object(p, v, []string{"exists", "size"})
	o.some("exists", "size")
	h := &HouseholdRule{
		Exists: optional(o, "exists", d.boolean).Ptr(),
		Size:   optional(o, "size", integerRange(d, 0, math.MaxInt64)).Ptr(),
	}
	if h.Exists != nil && !*h.Exists && h.Size != nil {
		d.fail(p.field("size"), "does not apply where there is no household: leave out exists, or size")
	}
	return h
}
