package rows

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// numbered answers as a connection of so many records would, and counts how many records were asked for.
func numbered(n int, asked *int) Ask {
	return func(_ context.Context, _ string, variables map[string]any) (map[string]any, error) {
		begin := 0
		if after, ok := variables["after"].(string); ok {
			begin, _ = strconv.Atoi(after)
		}
		first, _ := variables["first"].(int)
		*asked += first
		end := min(begin+first, n)
		nodes := []any{}
		for i := begin; i < end; i++ {
			nodes = append(nodes, float64(i))
		}
		return map[string]any{"list": map[string]any{"nodes": nodes, "pageInfo": map[string]any{"hasNextPage": end < n, "endCursor": strconv.Itoa(end)}}}, nil
	}
}

// viewOfNumbers gives each record as so many rows.
func viewOfNumbers(each1 int) View {
	return View{Name: "numbers", several: each1 != 1, rows: func(ctx context.Context, ask Ask, _ Options) iter.Seq2[[]any, error] {
		return each(pages(ctx, ask, "", map[string]any{"first": 4}, "list"), func(node any) (list [][]any, err error) {
			for i := range each1 {
				list = append(list, []any{fmt.Sprint(node, ".", i)})
			}
			return list, nil
		})
	}}
}

// TestPages holds that pages of any size put together are the whole, whether records are rows or give several or none, and that no page is too large.
func TestPages(t *testing.T) {
	for _, n := range []int{0, 1, 3, 4, 5, 8, 11} {
		for _, rowsEach := range []int{0, 1, 3} {
			view := viewOfNumbers(rowsEach)
			var whole, parts [][]any
			var asked int
			for row, err := range view.Rows(t.Context(), numbered(n, &asked), Options{}) {
				if err != nil {
					t.Fatal(err)
				}
				whole = append(whole, row)
			}
			for size := 1; size <= 13; size++ {
				parts, asked = nil, 0
				from, turns := Position{}, 0
				for {
					rows, next, err := view.Page(t.Context(), numbered(n, &asked), Options{}, from, size)
					if err != nil || len(rows) > size {
						t.Fatalf("%d rows, %v", len(rows), err)
					}
					parts = append(parts, rows...)
					if turns++; next == nil || turns > 100 {
						break
					}
					from = *next
				}
				if diff := cmp.Diff(whole, parts); diff != "" {
					t.Errorf("%d records of %d rows in pages of %d: %s", n, rowsEach, size, diff)
				}
				if rowsEach == 1 && asked > n+size {
					t.Errorf("%d records in pages of %d: %d were asked for", n, size, asked)
				}
			}
		}
	}
}

// TestPageFails holds that an error gives no rows.
func TestPageFails(t *testing.T) {
	broken := errors.New("broken")
	rows, next, err := viewOfNumbers(1).Page(t.Context(), func(context.Context, string, map[string]any) (map[string]any, error) { return nil, broken }, Options{}, Position{}, 5)
	if !errors.Is(err, broken) || rows != nil || next != nil {
		t.Errorf("%v %v %v", rows, next, err)
	}
}

// TestReading holds that later questions are about the moment that the first answer settled.
func TestReading(t *testing.T) {
	moments := []string{"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"}
	var asked []any
	r := NewReading(func(_ context.Context, _ string, variables map[string]any) (map[string]any, *Of, error) {
		asked = append(asked, variables["asOf"])
		return nil, &Of{Version: strconv.Itoa(len(asked)), AsOf: &moments[min(len(asked), 2)-1]}, nil
	})
	for _, variables := range []map[string]any{{"asOf": nil}, {"asOf": nil}, {"asOf": "2025-01-01T00:00:00Z"}, {}} {
		if _, err := r.Ask(t.Context(), "", variables); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]any{nil, moments[0], "2025-01-01T00:00:00Z", nil}, asked); diff != "" {
		t.Error(diff)
	}
	if r.First.Version != "1" || r.Last.Version != "4" {
		t.Errorf("of %v to %v", r.First, r.Last)
	}
}
