package resolvers

import (
	"context"
	"errors"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
)

type subscription struct{ *root }

var _ generated.SubscriptionResolver = subscription{}

// InteractionRecorded tells of interactions as they are recorded.
func (r subscription) InteractionRecorded(ctx context.Context, customer *string) (<-chan *model.Interaction, error) {
	if r.follower == nil {
		return nil, errors.New("nobody follows the store")
	}
	id := ""
	if customer != nil {
		if *customer == "" {
			return nil, invalidArgument("customer is empty: fill it or leave it out")
		}
		id = *customer
		found, err := r.store.Customers(ctx, []graph.CustomerRef{graph.ByID(id)})
		if err != nil {
			return nil, err
		}
		if c := found[graph.ByID(id)]; c != nil {
			id = c.ID
		}
	}
	recorded, err := r.follower.Interactions(ctx, id)
	if err != nil {
		return nil, err
	}
	events := make(chan *model.Interaction)
	go func() {
		defer close(events)
		for i := range recorded {
			event := r.event(ctx, i)
			if event == nil {
				continue
			}
			select {
			case events <- event:
			case <-ctx.Done():
				return
			}
		}
	}()
	return events, nil
}

// event reads whose an interaction is and what it is about; nil where it is gone by now, or cannot be read.
func (r subscription) event(ctx context.Context, i *graph.Interaction) *model.Interaction {
	owner := graph.ByID(i.Owner)
	found, err := r.store.Customers(ctx, []graph.CustomerRef{owner})
	if err != nil || found[owner] == nil {
		return nil
	}
	catalog := &model.Catalog{}
	if i.Product != "" {
		if catalog.Products, err = r.store.Products(ctx, []string{i.Product}); err != nil {
			return nil
		}
	}
	if catalog.Tree, err = r.store.Categories(ctx); err != nil {
		return nil
	}
	event := model.NewInteraction(i, found[owner], catalog)
	return &event
}
