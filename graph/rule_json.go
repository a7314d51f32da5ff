package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxJSONDepth is more than a rule of [MaxRuleDepth] needs, and little enough to be read by recursion.
const maxJSONDepth = 3*MaxRuleDepth + 4

// ParseRule reads a rule from JSON in the shape of the API's RuleInput, in which null is the same as absent. Anything
// that it does not know or cannot mean, down to a key given twice, is refused: the error is a [*RuleError], which is
// [ErrInvalid], with a path that begins with "rule".
func ParseRule(data []byte) (Rule, error) {
	root := &place{key: "rule"}
	d := &ruleDecoder{}
	switch {
	case len(data) > MaxRuleBytes:
		d.fail(root, "has %d bytes of JSON, at most %d are read", len(data), MaxRuleBytes)
	case !utf8.Valid(data):
		d.fail(root, "is not valid UTF-8")
	}
	if d.err != nil {
		return Rule{}, d.err
	}
	reader := json.NewDecoder(bytes.NewReader(data))
	reader.UseNumber()
	tree := d.readTree(reader, root, 0)
	if d.err == nil {
		if _, err := reader.Token(); !errors.Is(err, io.EOF) {
			d.fail(root, "goes on after its end")
		}
	}
	rule := d.rule(root, tree, 1)
	if d.err != nil {
		return Rule{}, d.err
	}
	return rule, nil
}

// readTree reads one JSON value. Other than json.Unmarshal it refuses keys given twice and deep nesting.
func (d *ruleDecoder) readTree(reader *json.Decoder, p *place, depth int) any {
	token, err := reader.Token()
	if err != nil {
		d.failJSON(p, err)
		return nil
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return token
	}
	if depth >= maxJSONDepth {
		d.fail(p, "is nested more than %d levels deep", maxJSONDepth)
		return nil
	}
	var tree any
	if delim == '{' {
		tree = d.readObject(reader, p, depth)
	} else {
		list := []any{}
		for d.err == nil && reader.More() {
			list = append(list, d.readTree(reader, p.item(len(list)), depth+1))
		}
		tree = list
	}
	if d.err == nil {
		if _, err := reader.Token(); err != nil { // the closing bracket
			d.failJSON(p, err)
		}
	}
	return tree
}

func (d *ruleDecoder) readObject(reader *json.Decoder, p *place, depth int) map[string]any {
	object := map[string]any{}
	for d.err == nil && reader.More() {
		token, err := reader.Token()
		if err != nil {
			d.failJSON(p, err)
			break
		}
		key := token.(string) // the decoder answers with nothing else here
		at := p.field(key)
		if _, twice := object[key]; twice {
			d.fail(at, "is given twice")
			break
		}
		object[key] = d.readTree(reader, at, depth+1)
	}
	return object
}

func (d *ruleDecoder) failJSON(p *place, err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		d.fail(p, "is not JSON: it ends too early")
		return
	}
	d.fail(p, "is not JSON: %v", err)
}

// UnmarshalJSON reads the rule as [ParseRule] does.
func (r *Rule) UnmarshalJSON(data []byte) error {
	rule, err := ParseRule(data)
	if err != nil {
		return err
	}
	*r = rule
	return nil
}

// MarshalJSON writes the rule in the shape of the API's RuleInput, without nulls, keys always in the same order. A rule
// that [ParseRule] would refuse gives its error instead. Dates are written as text, and read back as such.
func (r Rule) MarshalJSON() ([]byte, error) {
	data, err := r.appendJSON()
	if err != nil {
		return nil, err
	}
	if _, err := ParseRule(data); err != nil {
		return nil, err
	}
	return data, nil
}

// Check refuses a rule that [ParseRule] would refuse, however it was made.
func (r Rule) Check() *Rejection {
	_, err := r.MarshalJSON()
	if err == nil {
		return nil
	}
	if refused, ok := errors.AsType[*RuleError](err); ok {
		return refused.Rejection()
	}
	return Reject(RejectInvalidRule, "rule", "cannot be written as JSON")
}

// Equal tells whether two rules are written as the same JSON.
func (r Rule) Equal(other Rule) bool {
	a, errA := r.appendJSON()
	b, errB := other.appendJSON()
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// String gives the rule's JSON, for people.
func (r Rule) String() string {
	data, err := r.MarshalJSON()
	if err != nil {
		return fmt.Sprintf("invalid rule (%v)", err)
	}
	return string(data)
}

func (r Rule) appendJSON() ([]byte, error) { return r.members(1).append(nil) }
