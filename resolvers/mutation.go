package resolvers

import (
	"context"
	"errors"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
	"lacuna/loader"
)

type mutation struct{ *root }

var _ generated.MutationResolver = mutation{}

func (r mutation) UpsertCategories(ctx context.Context, input []model.CategoryInput) (*model.UpsertPayload, error) {
	rows, err := decodeRows(input, category)
	if err != nil {
		return nil, err
	}
	o, err := r.write(ctx, &graph.Batch{Categories: rows})
	return payload(o.Categories), err
}

func (r mutation) UpsertProducts(ctx context.Context, input []model.ProductInput, createMissing bool) (*model.UpsertPayload, error) {
	rows, err := decodeRows(input, productRow)
	if err != nil {
		return nil, err
	}
	o, err := r.write(ctx, &graph.Batch{Products: rows, CreateMissing: createMissing})
	return payload(o.Products), err
}

func (r mutation) UpsertCustomers(ctx context.Context, input []model.CustomerInput) (*model.UpsertPayload, error) {
	rows, err := decodeRows(input, customerUpsert)
	if err != nil {
		return nil, err
	}
	o, err := r.write(ctx, &graph.Batch{Customers: rows})
	return payload(o.Customers), err
}

func (r mutation) RecordInteractions(ctx context.Context, input []model.InteractionInput, createMissing bool) (*model.UpsertPayload, error) {
	rows, err := decodeRows(input, interactionRow)
	if err != nil {
		return nil, err
	}
	o, err := r.write(ctx, &graph.Batch{Interactions: rows, CreateMissing: createMissing})
	return payload(o.Interactions), err
}

func (r mutation) RetractInteractions(ctx context.Context, input []model.RetractionInput) (*model.UpsertPayload, error) {
	rows, err := decodeRows(input, retraction)
	if err != nil {
		return nil, err
	}
	o, err := r.write(ctx, &graph.Batch{Retractions: rows})
	return payload(o.Retractions), err
}

func (r mutation) SetConsent(ctx context.Context, input model.ConsentInput) (*model.SetConsentPayload, error) {
	p := &model.SetConsentPayload{UserErrors: []model.UserError{}}
	found, err := r.current(ctx, input.Customer)
	if err != nil {
		return nil, err
	}
	if found == nil {
		p.UserErrors = append(p.UserErrors, userError(graph.Reject(graph.RejectNotFound, "customer", "no such customer"), "input"))
		return p, nil
	}
	o, err := r.write(ctx, &graph.Batch{Customers: []graph.CustomerUpsert{consentUpsert(input)}})
	if err != nil {
		return nil, err
	}
	if rejection := o.Customers[0].Rejection; rejection != nil {
		p.UserErrors = append(p.UserErrors, consentError(rejection))
		return p, nil
	}
	p.Customer, err = r.current(ctx, input.Customer)
	return p, err
}

func (r mutation) MergeCustomers(ctx context.Context, keep, merge string, dryRun bool) (*model.MergePayload, error) {
	report, err := r.store.Merge(ctx, keep, merge, dryRun)
	if err != nil {
		userErrors, err := refused(err, r.blamed(ctx, err, keep))
		return &model.MergePayload{UserErrors: userErrors}, err
	}
	p := &model.MergePayload{Report: &model.MergeReport{MergeReport: report}, UserErrors: []model.UserError{}}
	if report.MergeID != "" {
		p.MergeID = &report.MergeID
	}
	p.Customer, err = r.current(ctx, report.Keep)
	return p, err
}

// blamed tells which argument a merge was refused for.
func (r mutation) blamed(ctx context.Context, err error, keep string) string {
	if errors.Is(err, graph.ErrNotFound) {
		if kept, failed := r.current(ctx, keep); kept == nil && failed == nil {
			return "keep"
		}
	}
	return "merge"
}

func (r mutation) UnmergeCustomers(ctx context.Context, mergeID string) (*model.UnmergePayload, error) {
	merge, err := r.store.Unmerge(ctx, mergeID)
	if err != nil {
		userErrors, err := refused(err, "mergeId")
		return &model.UnmergePayload{UserErrors: userErrors}, err
	}
	p := &model.UnmergePayload{UserErrors: []model.UserError{}}
	if p.Kept, err = r.current(ctx, merge.Keep); err != nil {
		return nil, err
	}
	p.Restored, err = r.current(ctx, merge.Retired)
	return p, err
}

func (r mutation) EraseCustomer(ctx context.Context, id string, keepStatistics bool) (*model.ErasePayload, error) {
	report, err := r.store.Erase(ctx, id, keepStatistics)
	if err != nil {
		userErrors, err := refused(err, "id")
		return &model.ErasePayload{UserErrors: userErrors}, err
	}
	loader.For(ctx).Forget()
	return &model.ErasePayload{
		Erased: &report.Customer, Identities: model.Count(report.Identities), Interactions: model.Count(report.Interactions),
		Merges: model.Count(report.Merges), UserErrors: []model.UserError{},
	}, nil
}

// write stores a batch, after which everything is read anew. Outcomes are empty when it fails.
func (r mutation) write(ctx context.Context, b *graph.Batch) (*graph.Outcomes, error) {
	o, err := r.store.Write(ctx, b)
	loader.For(ctx).Forget()
	if err != nil {
		return &graph.Outcomes{}, err
	}
	return o, nil
}

// current reads a customer as it is now.
func (mutation) current(ctx context.Context, id string) (*model.Customer, error) {
	loader.For(ctx).Forget()
	return customerByRef(ctx, graph.ByID(id))
}
