package guard

import "github.com/vektah/gqlparser/v2/ast"

// fields are those of a selection set by response name, fragments expanded, in order.
type fields struct {
	names []string
	all   map[string][]*ast.Field
}

// within counts the comparisons by which a validator makes sure that fields of one response name can be merged: each pair
// in this set and in every one below it, and for each pair those of their own fields. It stops at the limit, so that it
// costs no more than what it counts.
func (v *vetting) within(set ast.SelectionSet) *Refusal {
	if len(set) == 0 {
		return nil
	}
	collected := v.collect(set)
	for _, name := range collected.names {
		list := collected.all[name]
		for i := range list {
			for j := i + 1; j < len(list); j++ {
				if r := v.compare(list[i], list[j]); r != nil {
					return r
				}
			}
		}
	}
	for _, selection := range set {
		var below ast.SelectionSet
		switch s := selection.(type) {
		case *ast.Field:
			below = s.SelectionSet
		case *ast.InlineFragment:
			below = s.SelectionSet
		}
		if r := v.within(below); r != nil {
			return r
		}
	}
	return nil
}

// compare counts a pair of fields, and the pairs of what is below the two.
func (v *vetting) compare(a, b *ast.Field) *Refusal {
	v.pairs++
	if r := refuse("merge-pairs", v.limits.MergePairs, v.pairs); r != nil || len(a.SelectionSet) == 0 || len(b.SelectionSet) == 0 {
		return r
	}
	left, right := v.collect(a.SelectionSet), v.collect(b.SelectionSet)
	for _, name := range left.names {
		for _, x := range left.all[name] {
			for _, y := range right.all[name] {
				if r := v.compare(x, y); r != nil {
					return r
				}
			}
		}
	}
	return nil
}

// collect gives the fields of a set, computed once.
func (v *vetting) collect(set ast.SelectionSet) *fields {
	key := &set[0]
	if known := v.sets[key]; known != nil {
		return known
	}
	f := &fields{all: map[string][]*ast.Field{}}
	v.gather(f, set, map[string]bool{})
	v.sets[key] = f
	return f
}

// gather adds the fields of a set; each fragment counts once.
func (v *vetting) gather(f *fields, set ast.SelectionSet, spread map[string]bool) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if f.all[s.Alias] == nil {
				f.names = append(f.names, s.Alias)
			}
			f.all[s.Alias] = append(f.all[s.Alias], s)
		case *ast.InlineFragment:
			v.gather(f, s.SelectionSet, spread)
		case *ast.FragmentSpread:
			if known := v.fragments[s.Name]; known != nil && !spread[s.Name] {
				spread[s.Name] = true
				v.gather(f, known.SelectionSet, spread)
			}
		}
	}
}
