package resolvers

import (
	"context"
	"time"

	"lacuna/graph/model"
	"lacuna/insight"
)

var dimensions = map[model.Dimension]insight.Dimension{
	model.DimensionSegment: insight.BySegment, model.DimensionCategory: insight.ByCategory, model.DimensionProduct: insight.ByProduct,
	model.DimensionChannel: insight.ByChannel, model.DimensionPeriod: insight.ByPeriod, model.DimensionAttribute: insight.ByAttribute,
}

var measures = map[model.Measure]insight.Measure{
	model.MeasureCustomers: insight.Customers, model.MeasureInteractions: insight.Interactions, model.MeasureSearches: insight.Searches,
	model.MeasureZeroResultSearches: insight.ZeroResultSearches, model.MeasureViews: insight.Views, model.MeasureWishlists: insight.Wishlists,
	model.MeasureCarts: insight.Carts, model.MeasurePurchases: insight.Purchases, model.MeasureBuyers: insight.Buyers, model.MeasureRevenue: insight.Revenue,
	model.MeasureServedRate: insight.ServedRate,
}

// units of measures other than revenue, which is in a currency.
var units = map[model.Measure]string{
	model.MeasureCustomers: "customers", model.MeasureBuyers: "customers", model.MeasureServedRate: "share",
}

const mostDimensions = 4

func (query) Demand(ctx context.Context, by []model.Dimension, asked []model.Measure, between *model.DateTimeRange, grain *model.Grain, where *model.DemandWhere, asOf *time.Time, attribute *string) (*model.DemandTable, error) {
	if len(by) > mostDimensions {
		return nil, invalidArgument("by: name at most %d dimensions", mostDimensions)
	}
	v, at, err := viewAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	q := insight.DemandQuery{Attribute: text(attribute), Grain: grainOf(grain), AsOf: at}
	if q.Between, err = timeRange(between); err != nil {
		return nil, err
	}
	for _, d := range by {
		q.By = append(q.By, dimensions[d])
	}
	for _, m := range asked {
		q.Measures = append(q.Measures, measures[m])
	}
	if err := demandWhere(v, where, &q); err != nil {
		return nil, err
	}
	table, err := v.Demand(ctx, q)
	if err != nil {
		return nil, err
	}
	return demandTable(table, by, asked), nil
}

func demandWhere(v *insight.View, where *model.DemandWhere, q *insight.DemandQuery) error {
	if where == nil {
		return nil
	}
	for _, list := range []struct {
		name  string
		empty bool
	}{
		{"segments", where.Segments != nil && len(where.Segments) == 0}, {"categories", where.Categories != nil && len(where.Categories) == 0},
		{"types", where.Types != nil && len(where.Types) == 0}, {"channels", where.Channels != nil && len(where.Channels) == 0},
	} {
		if list.empty {
			return invalidArgument("where.%s is empty: name some or leave it out", list.name)
		}
	}
	q.Segments, q.Categories, q.Types, q.Channels = where.Segments, where.Categories, where.Types, where.Channels
	if where.Rule == nil {
		return nil
	}
	rule, err := decodeRule(where.Rule, "where.rule")
	if err != nil {
		return err
	}
	q.Rule, err = v.Compile(rule, "where.rule")
	return err
}

func demandTable(t *insight.Table, by []model.Dimension, asked []model.Measure) *model.DemandTable {
	out := &model.DemandTable{RowCount: model.Count(t.Rows), AsOf: model.Moment(t.AsOf), DataVersion: string(t.Version)}
	for i, d := range by {
		column := model.StringColumn(t.Labels[i])
		out.Columns = append(out.Columns, model.DemandColumn{Name: string(d), Kind: model.ColumnKindDimension, Strings: &column})
	}
	for i, m := range asked {
		column := model.FloatColumn(t.Numbers[i])
		c := model.DemandColumn{Name: string(m), Kind: model.ColumnKindMeasure, Numbers: &column}
		unit, ok := units[m]
		switch {
		case m == model.MeasureRevenue:
			unit, c.Reason = t.Currency, model.NonEmpty(t.Reason)
		case !ok:
			unit = "interactions"
		}
		c.Unit = model.NonEmpty(unit)
		out.Columns = append(out.Columns, c)
	}
	return out
}
