package resolvers

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"time"

	"lacuna/graph"
	"lacuna/graph/model"
	"lacuna/insight"
	"lacuna/loader"
)

func (query) SimulateProduct(ctx context.Context, product model.ProductIdea, asOf *time.Time) (*model.Simulation, error) {
	v, gaps, err := gapsAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	idea := &insight.ProductIdea{
		Categories: product.Categories, Price: graph.FromPtr(product.Price), Currency: text(product.Currency), Tags: product.Tags, Attributes: namedValues(product.Attributes), Variants: int(product.Variants),
	}
	s, err := gaps.Simulate(ctx, idea)
	if err != nil {
		return nil, err
	}
	out := &model.Simulation{Customers: estimate(&s.Customers), Value: amounts(s.Value), Currency: model.NonEmpty(s.Currency), TakenValue: moneyOrNil(s.TakenValue), Notes: append([]string{}, s.Notes...)}
	refs := make([]insight.GapRef, len(s.Gaps))
	for i := range s.Gaps {
		refs[i] = s.Gaps[i].Ref
	}
	list, err := gapList(ctx, v, gaps, refs)
	if err != nil {
		return nil, err
	}
	for i := range s.Gaps {
		c := &s.Gaps[i]
		out.Gaps = append(out.Gaps, model.GapClosure{Gap: &list[i], Closes: c.Closes, Why: c.Why, Reach: c.Reach, Customers: estimate(&c.Customers), Value: amounts(c.Value)})
	}
	for _, t := range s.Takes {
		out.Takes = append(out.Takes, model.TakenProduct{ProductID: t.Product, Buyers: t.Buyers, Of: model.Count(t.Of)})
	}
	return out, nil
}

func amounts(e *insight.Estimate) *model.GapRange {
	if e == nil {
		return nil
	}
	return &model.GapRange{Low: money(e.Low), Mid: money(e.Mid), High: money(e.High)}
}

func (r mutation) SetGapStatus(ctx context.Context, gapID string, status graph.GapStatus, product, note *string, at *time.Time) (*model.SetGapStatusPayload, error) {
	key, ok := gapKey(gapID)
	if !ok {
		return &model.SetGapStatusPayload{UserErrors: []model.UserError{userError(graph.Reject(graph.RejectBadID, "gap", "is no id of a gap: take it from Gap.id"))}}, nil
	}
	e := graph.GapEvent{Gap: key, ID: rand.Text(), At: r.now(), Status: status, Product: text(product), Note: text(note)}
	if r.principal != nil {
		e.By = r.principal(ctx)
	}
	if at != nil {
		e.At = *at
	}
	err := r.store.RecordGapEvent(ctx, e)
	loader.For(ctx).Forget()
	if err != nil {
		if rejection, ok := errors.AsType[*graph.Rejection](err); ok {
			return &model.SetGapStatusPayload{UserErrors: []model.UserError{gapError(rejection)}}, nil
		}
		return nil, err
	}
	if r.watch != nil {
		r.watch.Decided(&e)
	}
	recorded := gapEvent(&e)
	p := &model.SetGapStatusPayload{Event: &recorded, UserErrors: []model.UserError{}}
	p.Gap, err = query(r).Gap(ctx, key.Segment, key.Category, nil)
	return p, err
}

// gapError tells why a decision was not taken. Segment and category stand in the argument gap; all else is an argument of its own.
func gapError(r *graph.Rejection) model.UserError {
	named := *r
	if r.Field == "segment" || r.Field == "category" {
		named.Field = "gap"
	}
	return userError(&named)
}

// gapKey reads the id of a gap, see [gapID].
func gapKey(id string) (key graph.GapKey, ok bool) {
	segment, category, found := strings.Cut(id, "/")
	var errs [2]error
	key.Segment, errs[0] = url.QueryUnescape(segment)
	key.Category, errs[1] = url.QueryUnescape(category)
	return key, found && errs[0] == nil && errs[1] == nil && gapID(key.Segment, key.Category) == id
}
