package bulk

import (
	"errors"
	"slices"

	"lacuna/graph"
)

func (d *decoder) category(r *record, b *batch) *graph.Rejection {
	var row graph.Category
	rejection := d.each(r, func(to *binding, c *cell) (rejection *graph.Rejection) {
		switch to.field {
		case idField:
			row.ID, rejection = d.uniqueText(c, "id")
		case nameField:
			row.Name, rejection = d.uniqueText(c, "name")
		case parentField:
			row.Parent, rejection = d.text(c, "parent")
		case nameInField:
			if row.Names == nil {
				row.Names = map[string]string{}
			}
			row.Names[to.name], rejection = d.uniqueText(c, "name_"+to.name)
		}
		return rejection
	})
	if rejection == nil {
		b.rows.Categories = append(b.rows.Categories, row)
		b.from(Categories, r)
	}
	return rejection
}

func (d *decoder) product(r *record, b *batch) *graph.Rejection {
	var row graph.Product
	d.values = d.values[:0]
	rejection := d.each(r, func(to *binding, c *cell) (rejection *graph.Rejection) {
		switch to.field {
		case idField:
			row.ID, rejection = d.uniqueText(c, "id")
		case nameField:
			row.Name, rejection = d.uniqueText(c, "name")
		case categoriesField:
			row.Categories, rejection = d.ownList(r, c, "categories")
		case tagsField:
			row.Tags, rejection = d.ownList(r, c, "tags")
		case priceField:
			row.Price, rejection = d.decimal(c, "price")
		case currencyField:
			row.Currency, rejection = d.text(c, "currency")
		case launchedField:
			row.LaunchedAt, rejection = d.instant(c, "launched_at")
		case retiredField:
			row.RetiredAt, rejection = d.instant(c, "retired_at")
		case inStockField:
			row.InStock, rejection = d.boolean(c, "in_stock")
		case attributeField:
			rejection = d.addAttribute(to, c)
		}
		return rejection
	})
	if rejection != nil {
		return rejection
	}
	if row.Price.Known && row.Currency == "" {
		row.Currency = d.currency
	}
	row.Attributes = d.keepAttributes()
	b.rows.Products = append(b.rows.Products, row)
	b.from(Products, r)
	return nil
}

func (d *decoder) ownList(r *record, c *cell, name string) ([]string, *graph.Rejection) {
	parts, rejection := d.list(r, c, name)
	return slices.Clone(parts), rejection
}

func (d *decoder) segment(r *record, b *batch) *graph.Rejection {
	var row graph.Segment
	ruled := false
	rejection := d.each(r, func(to *binding, c *cell) (rejection *graph.Rejection) {
		switch to.field {
		case idField:
			row.ID, rejection = d.uniqueText(c, "id")
		case nameField:
			row.Name, rejection = d.uniqueText(c, "name")
		case descriptionField:
			row.Description, rejection = d.uniqueText(c, "description")
		case ruleField:
			ruled = true
			row.Rule, rejection = parseRule(c)
		}
		return rejection
	})
	switch {
	case rejection != nil:
		return rejection
	case !ruled:
		return graph.Reject(graph.RejectMissing, "rule", "is required")
	}
	b.rows.Segments = append(b.rows.Segments, row)
	b.from(Segments, r)
	return nil
}

func parseRule(c *cell) (graph.Rule, *graph.Rejection) {
	if c.kind != jsonCell {
		return graph.Rule{}, graph.Reject(graph.RejectInvalidRule, "rule", "is not an object: write the rule as the API takes it")
	}
	rule, err := graph.ParseRule([]byte(c.text))
	if err == nil {
		return rule, nil
	}
	if wrong, ok := errors.AsType[*graph.RuleError](err); ok {
		return rule, wrong.Rejection()
	}
	return rule, graph.Reject(graph.RejectInvalidRule, "rule", "cannot be read as a rule")
}
