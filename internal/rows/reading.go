package rows

import "context"

// Of says which data an answer is of, as the API's extensions.data has it.
type Of struct {
	Version string  `json:"version"` // names the state of the store
	AsOf    *string `json:"asOf"`    // the moment of its figures, RFC 3339; nil while there is nothing
}

// Source answers a question in GraphQL, and says which data the answer is of, nil where no figures went into it.
type Source func(ctx context.Context, query string, variables map[string]any) (data map[string]any, of *Of, err error)

// Reading asks the questions of one walk through a view. What the first answer is as of, the others are too, where that can be asked for:
// interactions that come meanwhile do not move them. It is for one goroutine.
type Reading struct {
	source Source

	First, Last *Of // which data the first and the last answer with figures were of; nil where there was none
}

// NewReading begins to read.
func NewReading(source Source) *Reading { return &Reading{source: source} }

// Ask is an [Ask].
func (r *Reading) Ask(ctx context.Context, query string, variables map[string]any) (map[string]any, error) {
	if at, ok := variables["asOf"]; ok && at == nil && r.First != nil && r.First.AsOf != nil {
		variables["asOf"] = *r.First.AsOf
	}
	data, of, err := r.source(ctx, query, variables)
	if err != nil || of == nil {
		return data, err
	}
	if r.First == nil {
		r.First = of
	}
	r.Last = of
	return data, nil
}
