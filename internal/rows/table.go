package rows

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Kind is what a column holds.
type Kind uint8

// The kinds of columns. Each cell may also be missing.
const (
	Text    Kind = iota + 1 // string
	Number                  // float64
	Boolean                 // bool
)

// Column is one of a view.
type Column struct {
	Name string
	Kind Kind
	Help string // what it is, with its unit
}

// Ask sends a question in GraphQL and reads the data of its answer, as JSON is decoded, into an object.
type Ask func(ctx context.Context, query string, variables map[string]any) (map[string]any, error)

// Options narrows a view.
type Options struct {
	AsOf     string   // RFC 3339; "" for the moment of the latest interaction
	Segments []string // ids; all where a view is about segments
	By       []string // dimensions of demand; CATEGORY and PERIOD
	Measures []string // of demand; all but SERVED_RATE
	Grain    string   // of periods; MONTH
	// Attribute is the one of customers that the dimension ATTRIBUTE means.
	Attribute string
	// Which gaps.
	Categories   []string // ids
	Verdicts     []string // DEVELOP, RESTOCK and FIX_FINDABILITY
	Level        string   // RANKED
	Growing      bool     // only those that grow
	MinCustomers int
}

// View is a way to lay out answers.
type View struct {
	Name    string
	Help    string
	several bool // an answer's record gives several rows, or all come in one answer
	columns func(o Options) []Column
	rows    func(ctx context.Context, ask Ask, o Options) iter.Seq2[[]any, error]
}

// Views lists all, in order of name.
func Views() []View {
	return []View{customersView, demandView, gapsView, populationView, segmentGrowthView, segmentsView}
}

// Find gives the view of a name, or an error that lists them.
func Find(name string) (View, error) {
	var names []string
	for _, v := range Views() {
		if v.Name == name {
			return v, nil
		}
		names = append(names, v.Name)
	}
	return View{}, fmt.Errorf("there is no view %q: use one of %s", name, strings.Join(names, ", "))
}

// Columns gives the columns in order.
func (v View) Columns(o Options) []Column { return v.columns(o) }

// Rows gives the rows in order, each with a cell for each column: string, float64, bool, or nil where it is missing. An error ends them.
func (v View) Rows(ctx context.Context, ask Ask, o Options) iter.Seq2[[]any, error] {
	return v.rows(ctx, ask, o)
}

// fixed gives columns that do not depend on options.
func fixed(columns ...Column) func(Options) []Column {
	return func(Options) []Column { return slices.Clone(columns) }
}

// dig follows keys into an answer; nil where one is missing.
func dig(value any, keys ...string) any {
	for _, key := range keys {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[key]
	}
	return value
}

// list gives what lies at keys as a list.
func list(value any, keys ...string) []any {
	l, _ := dig(value, keys...).([]any)
	return l
}

// number turns a decimal, which JSON has as text, into a number.
func number(value any) any {
	text, ok := value.(string)
	if !ok {
		return value
	}
	var n float64
	if _, err := fmt.Sscan(text, &n); err != nil {
		return nil
	}
	return n
}

// asOf gives the variable of a question.
func asOf(o Options) any {
	if o.AsOf == "" {
		return nil
	}
	return o.AsOf
}
