package rows

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parameter is something that a view can be asked with. URLs name it so; a flag of the command line is the same in kebab case.
type Parameter struct {
	Name   string
	Help   string
	Values []string // all that there are, in whatever case; nil for any text
	List   bool     // it has several values
	set    func(o *Options, values []string) error
}

// Given is what a view is asked with: the values of each parameter that was named.
type Given map[string][]string

// ParameterError is a parameter that a view does not have, or a value that it cannot have. The message quotes no value,
// but an id that no segment has.
type ParameterError struct {
	Name    string // of the parameter, shortened where it was made up
	Problem string // "must be …"
}

// Error gives name and problem.
func (e *ParameterError) Error() string { return e.Name + ": " + e.Problem }

var errEmpty = errors.New("is empty: name a value or leave it out")

// What the API's enumerations are called, in its order.
var (
	grains     = []string{"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}
	gapLevels  = []string{"RANKED", "LEAF", "ALL"}
	verdicts   = []string{"DEVELOP", "RESTOCK", "FIX_FINDABILITY", "SERVED", "WATCH"}
	dimensions = []string{"SEGMENT", "CATEGORY", "PRODUCT", "CHANNEL", "PERIOD", "ATTRIBUTE"}
)

// parameters are all that there are, in the order in which they are listed.
var parameters = []Parameter{
	{"by", "break demand down by these dimensions, at most 4; CATEGORY and PERIOD when left out", dimensions, true, func(o *Options, v []string) error { o.By = v; return nil }},
	{"measures", "of demand, these measures; all but SERVED_RATE when left out", measureNames(), true, func(o *Options, v []string) error { o.Measures = v; return nil }},
	{"attribute", "the name of the customers' attribute that the dimension ATTRIBUTE means", nil, false, func(o *Options, v []string) error { o.Attribute = v[0]; return nil }},
	{"segments", "only these segments' ids; of gaps also everyone", nil, true, func(o *Options, v []string) error { o.Segments = v; return nil }},
	{"grain", "how long periods are; MONTH when left out", grains, false, func(o *Options, v []string) error { o.Grain = v[0]; return nil }},
	{"categories", "only these categories' ids, each by itself", nil, true, func(o *Options, v []string) error { o.Categories = v; return nil }},
	{"verdicts", "only these verdicts; DEVELOP, RESTOCK and FIX_FINDABILITY when left out", verdicts, true, func(o *Options, v []string) error { o.Verdicts = v; return nil }},
	{"level", "RANKED lists a gap at the deepest category that carries it, LEAF only categories without any below, ALL every one; RANKED when left out", gapLevels, false,
		func(o *Options, v []string) error { o.Level = v[0]; return nil }},
	{"growing", "true: only what surely grows", []string{"true"}, false, func(o *Options, _ []string) error { o.Growing = true; return nil }},
	{"minCustomers", "only with so many customers or more", nil, false, func(o *Options, v []string) (err error) {
		if o.MinCustomers, err = strconv.Atoi(v[0]); err != nil || o.MinCustomers < 0 || o.MinCustomers > math.MaxInt32 {
			return fmt.Errorf("must be a whole number from 0 to %d", math.MaxInt32)
		}
		return nil
	}},
	{"asOf", "compute as of this moment, RFC 3339; by default that of the latest interaction", nil, false, func(o *Options, v []string) error {
		if _, err := time.Parse(time.RFC3339, v[0]); err != nil {
			return errors.New("must be a moment in RFC 3339, such as 2026-01-31T00:00:00Z; in a URL, + is written %2B")
		}
		o.AsOf = v[0]
		return nil
	}},
}

// taken lists the names of parameters that views take.
var taken = map[string][]string{
	"customers":      {},
	"demand":         {"by", "measures", "attribute", "segments", "grain", "asOf"},
	"gaps":           {"segments", "categories", "verdicts", "level", "growing", "minCustomers", "asOf"},
	"population":     {"asOf"},
	"segment-growth": {"segments", "grain", "asOf"},
	"segments":       {"segments", "asOf"},
}

// Parameters lists all parameters of all views.
func Parameters() []Parameter { return slices.Clone(parameters) }

// Parameters lists those of the view.
func (v View) Parameters() []Parameter {
	return slices.DeleteFunc(Parameters(), func(p Parameter) bool { return !v.Takes(p.Name) })
}

// Takes tells whether the view has a parameter of that name.
func (v View) Takes(name string) bool { return slices.Contains(taken[v.Name], name) }

// Options reads what the view is asked with. What it does not take, or cannot use beside the rest, is a [*ParameterError]: nothing that was
// named is ignored. also lists what else may be named where the view is asked for, to be told to who names something else.
func (v View) Options(given Given, also ...string) (o Options, err error) {
	known := v.Parameters()
	for name := range given {
		if !slices.ContainsFunc(known, func(p Parameter) bool { return p.Name == name }) {
			return o, v.unknown(name, also)
		}
	}
	for _, p := range known {
		values, ok := given[p.Name]
		if !ok {
			continue
		}
		if values, err = p.clean(values); err == nil {
			err = p.set(&o, values)
		}
		if err != nil {
			return o, &ParameterError{p.Name, err.Error()}
		}
	}
	return o, v.fit(o, given)
}

func (v View) unknown(name string, also []string) error {
	problem := "the view " + v.Name + " has no parameters"
	if names := slices.Concat(taken[v.Name], also); len(names) > 0 {
		problem = "the view " + v.Name + " has no such parameter: use " + strings.Join(names, ", ")
	}
	return &ParameterError{fmt.Sprintf("%.40q", name), problem}
}

// clean checks the values of a parameter. Names of enumerations may be written in any case.
func (p *Parameter) clean(values []string) ([]string, error) {
	clean := make([]string, 0, len(values))
	for _, value := range values {
		if value == "" {
			return nil, errEmpty
		}
		if p.Values != nil {
			at := slices.IndexFunc(p.Values, func(known string) bool { return strings.EqualFold(known, strings.TrimSpace(value)) })
			if at < 0 {
				return nil, fmt.Errorf("use %s", p.Choice())
			}
			value = p.Values[at]
		}
		if slices.Contains(clean, value) {
			return nil, errors.New("names a value twice")
		}
		clean = append(clean, value)
	}
	if len(clean) == 0 {
		return nil, errEmpty
	}
	return clean, nil
}

// Choice lists the values that a parameter may have, "" for any text.
func (p *Parameter) Choice() string {
	switch {
	case len(p.Values) == 1:
		return p.Values[0] + ", or leave it out"
	case p.List:
		return strings.Join(p.Values, ", ")
	default:
		return strings.Join(p.Values, " or ")
	}
}

// fit refuses what would mean nothing beside the other options.
func (v View) fit(o Options, given Given) error {
	if v.Name != demandView.Name {
		return nil
	}
	switch byAttribute, byPeriod := slices.Contains(o.by(), "ATTRIBUTE"), slices.Contains(o.by(), "PERIOD"); {
	case byAttribute && o.Attribute == "":
		return &ParameterError{"attribute", "is required: it names the customers' attribute that the dimension ATTRIBUTE means"}
	case !byAttribute && given["attribute"] != nil:
		return &ParameterError{"attribute", "says what the dimension ATTRIBUTE means: name that in by too"}
	case !byPeriod && given["grain"] != nil:
		return &ParameterError{"grain", "says how long a PERIOD is: name that in by too"}
	}
	return nil
}
