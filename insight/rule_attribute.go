package insight

import (
	"slices"
	"strings"

	"lacuna/graph"
)

// attributeNode compares the winning value of an attribute: one look at each value that there is, then one at each customer's code.
type attributeNode struct {
	name    string
	number  int    // -1 where nobody has it
	matches []bool // by code; code 0 is no value
}

func (c *compiler) attribute(r *graph.AttributeRule, path string) (node, error) {
	number, holds, err := matching(c.view.attributes, r, path)
	return attributeNode{r.Name, number, holds}, err
}

// matching tells for each value of an attribute whether it matches. Nobody has an attribute of which nothing is stored: its number is -1.
func matching(attributes []attribute, r *graph.AttributeRule, path string) (number int, holds []bool, err error) {
	number = -1
	for i := range attributes {
		if attributes[i].name == r.Name {
			number = i
		}
	}
	if number < 0 {
		return -1, []bool{r.Op == graph.OpExists && absent(r)}, checkOperator(r, 0, path)
	}
	a := &attributes[number]
	if err := checkOperator(r, a.kind, path); err != nil {
		return number, nil, err
	}
	operands := make([]graph.Value, len(r.Values))
	for i, v := range r.Values {
		operands[i] = v
		if r.Op != graph.OpExists && r.Op != graph.OpContains {
			operands[i], _ = v.Fit(a.kind) // it fits, or it would have been refused
		}
	}
	holds = make([]bool, len(a.values))
	holds[0] = r.Op == graph.OpExists && absent(r)
	for code := 1; code < len(holds); code++ {
		holds[code] = compare(r.Op, a.values[code], operands)
	}
	return number, holds, nil
}

// absent tells whether exists asks for those who lack the attribute.
func absent(r *graph.AttributeRule) bool {
	there, _ := r.Values[0].Boolean()
	return !there
}

// checkOperator refuses what does not apply to an attribute's type, 0 where the type is not known.
func checkOperator(r *graph.AttributeRule, kind graph.ValueKind, path string) error {
	switch r.Op {
	case graph.OpExists:
		return nil
	case graph.OpContains:
		if kind != 0 && kind != graph.TextKind {
			return wrong(path+".contains", "does not apply: %s is a %s, not text", graph.Clip(r.Name), kind)
		}
		return nil
	case graph.OpGt, graph.OpGte, graph.OpLt, graph.OpLte, graph.OpBetween:
		if kind == graph.BooleanKind {
			return wrong(path+"."+r.Op.String(), "does not apply: %s is a boolean, which has no order", graph.Clip(r.Name))
		}
		if _, boolean := r.Values[0].Boolean(); boolean {
			return wrong(path+"."+r.Op.String(), "does not apply to a boolean, which has no order")
		}
	}
	if kind == 0 {
		return nil
	}
	for _, v := range r.Values {
		if _, ok := v.Fit(kind); ok {
			continue
		}
		if kind == graph.DateKind && v.Kind() == graph.TextKind {
			return wrong(path+"."+r.Op.String(), "must be a date such as 2026-01-31: %s is a date", graph.Clip(r.Name))
		}
		return wrong(path+"."+r.Op.String(), "is a %s, and %s is a %s", v.Kind(), graph.Clip(r.Name), kind)
	}
	return nil
}

// compare tells whether a value matches operands of its kind.
func compare(op graph.Operator, v graph.Value, operands []graph.Value) bool {
	switch op {
	case graph.OpExists:
		there, _ := operands[0].Boolean()
		return there
	case graph.OpContains:
		text, _ := v.Text()
		part, _ := operands[0].Text()
		return strings.Contains(graph.Fold(text), graph.Fold(part))
	case graph.OpEq, graph.OpIn:
		return slices.Contains(operands, v)
	case graph.OpNe, graph.OpNotIn:
		return !slices.Contains(operands, v)
	case graph.OpGt:
		return order(v, operands[0]) > 0
	case graph.OpGte:
		return order(v, operands[0]) >= 0
	case graph.OpLt:
		return order(v, operands[0]) < 0
	case graph.OpLte:
		return order(v, operands[0]) <= 0
	case graph.OpBetween:
		return order(v, operands[0]) >= 0 && order(v, operands[1]) < 0
	}
	return false
}

// order compares two values of one kind: numbers by size, dates by day, texts by their bytes.
func order(a, b graph.Value) int {
	if x, ok := a.Number(); ok {
		y, _ := b.Number()
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	x, _ := a.Text()
	y, _ := b.Text()
	return strings.Compare(x, y)
}

func (n attributeNode) narrow(_ []evaluation, _ int, p page, sets []pageSet) {
	if n.number < 0 || n.number >= len(p.attributes) || p.attributes[n.number] == nil {
		if !n.matches[0] {
			clear(sets)
		}
		return
	}
	column := p.attributes[n.number]
	for word := range pageWords {
		var wanted uint64
		for i := range sets {
			wanted |= sets[i][word]
		}
		if wanted == 0 {
			continue
		}
		var bits uint64
		for i, code := range column[word*64 : word*64+64] {
			if n.matches[code] {
				bits |= 1 << i
			}
		}
		for i := range sets {
			sets[i][word] &= bits
		}
	}
}

func (attributeNode) constant() bool { return true }
