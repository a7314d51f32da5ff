package main

import (
	"context"
	"encoding/json"

	"lacuna/internal/rows"
)

// missing tells what the data does not have that gaps are found by.
func missing(ctx context.Context, ask rows.Ask) (list []string, err error) {
	data, err := ask(ctx, `{ status { categories segments }
		demand(by: [], measures: [INTERACTIONS, SEARCHES, VIEWS, WISHLISTS, CARTS]) { columns { name numbers } }
		gaps(where: {verdicts: [DEVELOP, RESTOCK, FIX_FINDABILITY, SERVED, WATCH], level: ALL}, first: 1) { nodes { growth { seasonSeparable } } } }`, nil)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	var a struct {
		Status struct{ Categories, Segments int }
		Demand struct {
			Columns []struct {
				Name    string
				Numbers []float64
			}
		}
		Gaps struct {
			Nodes []struct {
				Growth struct{ SeasonSeparable bool }
			}
		}
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return nil, err
	}
	sum := map[string]float64{}
	for _, column := range a.Demand.Columns {
		for _, n := range column.Numbers {
			sum[column.Name] += n
		}
	}
	add := func(is bool, say string) {
		if is {
			list = append(list, say)
		}
	}
	looks := sum["VIEWS"] + sum["WISHLISTS"] + sum["CARTS"]
	add(a.Status.Categories == 0, "there are no categories, and gaps are of categories: load a tree of them, and products with their categories")
	add(a.Status.Segments == 0, "no segments are defined: only everyone is judged")
	add(sum["SEARCHES"]+looks == 0, "there are purchases only, by which nobody who wanted something went without it: load searches, views, wishlists or carts")
	add(sum["SEARCHES"] == 0 && looks > 0, "there are no searches: what cannot be found is not seen")
	add(len(a.Gaps.Nodes) > 0 && !a.Gaps.Nodes[0].Growth.SeasonSeparable, "there is less than a year of data: growth is beside sibling categories, and may be of the season")
	return list, nil
}
