package insight

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"lacuna/graph"
)

// Rule is a rule that was checked against a view and can be evaluated as of any moment.
type Rule struct {
	view    *View
	root    node
	segment string // whose rule it is; "" for any other
}

// node is a part of a compiled rule.
type node interface {
	// narrow leaves in each set, customers of one page, those in whom it holds as of the moment of the evaluation beside it.
	narrow(es []evaluation, number int, p page, sets []pageSet)
	// constant tells whether it holds or not whatever the moment.
	constant() bool
}

// evaluation is what nodes look at.
type evaluation struct {
	view *View
	asOf moment
}

// Compile checks a rule against what is stored. What is wrong with it is a [graph.RuleError], whose path begins with path.
func (v *View) Compile(rule graph.Rule, path string) (*Rule, error) {
	root, err := (&compiler{view: v}).compile(&rule, path)
	if err != nil {
		return nil, err
	}
	return &Rule{view: v, root: root}, nil
}

// compiler makes nodes of rules.
type compiler struct {
	view *View
	open []string // segments that are being compiled
}

func wrong(path, format string, args ...any) error {
	return &graph.RuleError{Path: path, Message: fmt.Sprintf(format, args...)}
}

func (c *compiler) compile(r *graph.Rule, path string) (node, error) {
	switch {
	case r.All != nil:
		nodes, err := c.each(r.All, path+".all")
		return all(nodes), err
	case r.Any != nil:
		nodes, err := c.each(r.Any, path+".any")
		return anyOf(nodes), err
	case r.Not != nil:
		inner, err := c.compile(r.Not, path+".not")
		return not{inner}, err
	case r.Attribute != nil:
		return c.attribute(r.Attribute, path+".attribute")
	case r.Event != nil:
		return c.event(r.Event, path+".event")
	case r.Sequence != nil:
		return c.sequence(r.Sequence, path+".sequence")
	case r.Segment != nil:
		return c.segment(r.Segment, path+".segment")
	case r.RFM != nil:
		if r.RFM.Monetary != nil || len(r.RFM.Groups) > 0 {
			return rfmNode{*r.RFM}, c.needMoney(path + ".rfm")
		}
		return rfmNode{*r.RFM}, nil
	case r.Lifecycle != nil:
		return lifecycleNode{r.Lifecycle.In}, nil
	case r.Tier != nil:
		return tierNode{r.Tier.In}, c.needMoney(path + ".tier")
	case r.Consent != nil:
		return c.consent(r.Consent), nil
	case r.Household != nil:
		return householdNode{*r.Household}, nil
	default:
		return nil, wrong(path, "says nothing: give it one of all, any, not, attribute, event, sequence, segment, rfm, lifecycle, tier, consent, household")
	}
}

// needMoney refuses what needs amounts to be added up where they cannot be.
func (c *compiler) needMoney(path string) error {
	if !c.view.mixedCurrencies() {
		return nil
	}
	found := strings.Join(c.view.currencies[1:], ", ")
	if c.view.options.Rates != nil {
		return wrong(path, "needs amounts to be added up: some are in currencies and of months without a rate (there are %s)", found)
	}
	return wrong(path, "needs amounts to be added up: there are several currencies (%s) and no rates", found)
}

func (c *compiler) each(rules []graph.Rule, path string) ([]node, error) {
	if len(rules) == 0 {
		return nil, wrong(path, "is empty: give at least one entry")
	}
	nodes := make([]node, len(rules))
	for i := range rules {
		n, err := c.compile(&rules[i], fmt.Sprintf("%s[%d]", path, i))
		if err != nil {
			return nil, err
		}
		nodes[i] = n
	}
	return nodes, nil
}

// Members gives the customers that exist and in whom the rule holds as of a moment.
func (r *Rule) members(ctx context.Context, asOf moment) (Set, error) {
	es := []evaluation{{r.view, asOf}}
	set := make(Set, len(r.view.pages))
	err := inParallel(ctx, len(set), func(n int) {
		p := r.view.pages[n]
		if set[n] = p.existing(asOf); set[n] != (pageSet{}) {
			r.root.narrow(es, n, p, set[n:n+1])
		}
	})
	return set, err
}

// everyone gives the customers that exist as of a moment.
func (v *View) everyone(asOf moment) Set {
	set := make(Set, len(v.pages))
	for n := range v.pages {
		set[n] = v.pages[n].existing(asOf)
	}
	return set
}

// inParallel calls do for each of 0 to n-1, on all processors where there is enough to do, until the context ends.
func inParallel(ctx context.Context, n int, do func(i int)) error {
	workers := min(runtime.GOMAXPROCS(0), n/4)
	if workers <= 1 {
		for i := range n {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			do(i)
		}
		return ctx.Err()
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	all.Wait()
	return ctx.Err()
}

// all holds where each of its nodes holds.
type all []node

func (a all) narrow(es []evaluation, number int, p page, sets []pageSet) {
	for _, n := range a {
		if len(sets) == 1 && sets[0] == (pageSet{}) {
			return
		}
		n.narrow(es, number, p, sets)
	}
}

func (a all) constant() bool { return constant(a) }

func constant(nodes []node) bool {
	for _, n := range nodes {
		if !n.constant() {
			return false
		}
	}
	return true
}

// anyOf holds where one of its nodes holds.
type anyOf []node

func (a anyOf) narrow(es []evaluation, number int, p page, sets []pageSet) {
	rest, found := slices.Clone(sets), make([]pageSet, len(sets))
	for _, n := range a {
		copy(found, rest)
		n.narrow(es, number, p, found)
		for i := range rest {
			rest[i].remove(&found[i])
		}
	}
	for i := range sets {
		sets[i].remove(&rest[i])
	}
}

func (a anyOf) constant() bool { return constant(a) }

// not holds where its node does not.
type not struct{ inner node }

func (n not) narrow(es []evaluation, number int, p page, sets []pageSet) {
	found := slices.Clone(sets)
	n.inner.narrow(es, number, p, found)
	for i := range sets {
		sets[i].remove(&found[i])
	}
}

func (n not) constant() bool { return n.inner.constant() }
