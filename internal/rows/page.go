package rows

import "context"

// Position is where a page of a view begins.
type Position struct {
	After string `json:"a,omitempty"` // cursor of the API's connection; "" for its beginning
	Skip  int    `json:"s,omitempty"` // so many rows after that, which holds for one version of the data alone
}

// Page gives at most n rows of a view from a position on, and where the next page begins, nil where there is none. It asks for no more than
// the page needs, where the API lets it.
func (v View) Page(ctx context.Context, ask Ask, o Options, from Position, n int) (rows [][]any, next *Position, err error) {
	w := &walk{to: ask, begin: from.After, left: n, exact: !v.several}
	begin, read := from.After, 0 // the cursor that the records being read follow, and how many rows of them were read
	for row, err := range v.Rows(ctx, w.ask, o) {
		if err != nil {
			return nil, nil, err
		}
		if begin != w.begin {
			begin, read = w.begin, 0
		}
		if read++; begin == from.After && read <= from.Skip {
			continue
		}
		if len(rows) == n {
			return rows, &Position{begin, read - 1}, nil
		}
		rows = append(rows, row)
		if w.left--; w.left == 0 && w.exact { // these were the last records of an answer
			if w.more {
				next = &Position{After: w.end}
			}
			return rows, next, nil
		}
	}
	return rows, nil, nil
}

// walk stands between a view and who answers: a connection begins where the page does, and its cursors are noted.
type walk struct {
	to    Ask
	asked bool // for records of the connection
	exact bool // a record is a row
	left  int  // rows until the page is full

	begin, end string // the cursors that the last answer follows, and ends with
	more       bool   // there is something after it
}

func (w *walk) ask(ctx context.Context, query string, variables map[string]any) (map[string]any, error) {
	first, connection := variables["first"].(int)
	if connection && w.exact {
		variables["first"] = min(first, w.left)
	}
	if connection && !w.asked && w.begin != "" {
		variables["after"] = w.begin
	}
	w.asked = w.asked || connection
	data, err := w.to(ctx, query, variables)
	if err != nil || !connection {
		return data, err
	}
	w.begin, _ = variables["after"].(string)
	for field := range data { // there is one
		w.end, _ = dig(data, field, "pageInfo", "endCursor").(string)
		w.more = dig(data, field, "pageInfo", "hasNextPage") == true
	}
	return data, nil
}
