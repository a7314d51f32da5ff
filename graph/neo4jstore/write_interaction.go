package neo4jstore

import (
	"encoding/hex"
	"slices"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
)

// events is what a transaction knows of interactions.
type events struct {
	stored    map[string]*graph.Interaction // by id; nil for one that was asked for and is not there
	origins   map[string]string             // of those stored, the id under which each came
	retracted map[string]string             // content of those that were retracted, by id
	create    []params                      // not written yet
	created   map[string]int                // where these stand in create
	remove    []string
	withdrawn []params
}

func newEvents() *events {
	return &events{stored: map[string]*graph.Interaction{}, origins: map[string]string{}, retracted: map[string]string{}, created: map[string]int{}}
}

// askEvents reads what there is under ids.
func (w *writer) askEvents(ids []string) error {
	e := w.events
	keys := make([]any, 0, len(ids))
	for _, id := range ids {
		if _, asked := e.stored[id]; !asked && id != "" {
			e.stored[id] = nil
			keys = append(keys, id)
		}
	}
	if w.state.Interactions > 0 {
		if err := w.eachKeys("interactions_by_id", keys, func(r *neo4j.Record) error {
			i, origin, err := interactionFrom(r.Values[0])
			if err != nil {
				return err
			}
			e.stored[i.ID], e.origins[i.ID] = &i, origin
			return nil
		}); err != nil {
			return err
		}
	}
	if w.state.Retracted == 0 {
		return nil
	}
	return w.eachKeys("retracted_by_id", keys, func(r *neo4j.Record) error {
		e.retracted[text(r.Values[0])] = text(r.Values[1])
		return nil
	})
}

func contentText(i *graph.Interaction) string {
	hash := i.ContentHash()
	return hex.EncodeToString(hash[:])
}

func (w *writer) writeInteraction(row *graph.Interaction, createMissing bool) (graph.Outcome, error) {
	if r := row.Check(); r != nil {
		return r.Outcome(), nil
	}
	e, c := w.events, w.catalog
	misfit := w.fit(graph.InteractionScope, row.Attributes)
	if content, ok := e.retracted[row.ID]; ok {
		if content == contentText(row) {
			return graph.NewOutcome(false), nil
		}
		return graph.RefuseRetracted().Outcome(), nil
	}
	if old := e.stored[row.ID]; old != nil {
		if old.SameContent(row) {
			return graph.NewOutcome(false), nil
		}
		return graph.RefuseContent().Outcome(), nil
	}
	if w.people.isErased(row.Customer) {
		return graph.RefuseErased("customer").Outcome(), nil
	}
	if !createMissing {
		if _, ok := c.products[row.Product]; !ok && row.Product != "" {
			return graph.RefuseProduct(row.Product).Outcome(), nil
		}
		if _, ok := c.categories[row.Category]; !ok && row.Category != "" {
			return graph.RefuseCategory("category", row.Category).Outcome(), nil
		}
	}
	if misfit != nil {
		return misfit.Outcome(), nil
	}
	if err := w.settle(graph.InteractionScope, row.Attributes); err != nil {
		return graph.Outcome{}, err
	}
	if err := w.createCategory(row.Category); err != nil {
		return graph.Outcome{}, err
	}
	if _, ok := w.catalog.products[row.Product]; !ok && row.Product != "" {
		if _, err := w.putProduct(&graph.Product{ID: row.Product}); err != nil {
			return graph.Outcome{}, err
		}
	}
	w.record(row)
	return graph.NewOutcome(true), nil
}

// record takes a new interaction.
func (w *writer) record(row *graph.Interaction) {
	e := w.events
	origin := w.createCustomer(row.Customer, row.Source, w.now)
	owner := w.people.root(origin)
	stored := *row
	stored.Attributes = slices.Clone(row.Attributes) // the row is its caller's
	stored.Owner, stored.Ahead = owner, row.At.After(w.now)
	e.stored[row.ID], e.origins[row.ID] = &stored, origin
	w.state.Seq++
	w.state.Interactions++
	if !stored.Ahead {
		w.sawAt(stored.At.UnixMicro())
	}
	e.created[row.ID] = len(e.create)
	e.create = append(e.create, interactionRow(&stored, origin, w.state.Seq))
}

// interactionRow gives the properties of an interaction.
func interactionRow(i *graph.Interaction, origin string, seq int64) params {
	p := params{"id": i.ID, "customerId": i.Owner, "at": i.At.UnixMicro(), "type": i.Type.String(), "seq": seq}
	put := func(name, text string) {
		if text != "" {
			p[name] = text
		}
	}
	put("product", i.Product)
	put("category", i.Category)
	put("query", i.Query)
	put("currency", i.Currency)
	put("campaign", i.Campaign)
	put("session", i.Session)
	put("source", i.Source)
	put("attributes", encodeValues(i.Attributes))
	if i.Query != "" {
		if folded := graph.Fold(i.Query); folded != i.Query {
			p["queryFold"] = folded
		}
	}
	if i.Channel != 0 {
		p["channel"] = i.Channel.String()
	}
	if i.Customer.Kind != 0 {
		p["ref"] = i.Customer.String()
	}
	if origin != i.Owner {
		p["origin"] = origin
	}
	if i.Results.Known {
		p["results"] = i.Results.Value
	}
	if i.Quantity.Known {
		p["quantity"] = int64(i.Quantity.Value)
	}
	if i.Amount.Known {
		p["amount"] = int64(i.Amount.Value)
	}
	if i.Rating.Known {
		p["rating"] = int64(i.Rating.Value)
	}
	if i.Available.Known {
		p["available"] = i.Available.Value
	}
	if i.Ahead {
		p["ahead"] = true
	}
	return p
}

func (w *writer) retract(r *graph.Retraction) (graph.Outcome, error) {
	if x := r.Check(); x != nil {
		return x.Outcome(), nil
	}
	e := w.events
	if _, ok := e.retracted[r.ID]; ok {
		return graph.NewOutcome(false), nil
	}
	i := e.stored[r.ID]
	if i == nil {
		return graph.RefuseMissing("interaction", r.ID).Outcome(), nil
	}
	origin := e.origins[r.ID]
	e.retracted[r.ID] = contentText(i)
	e.stored[r.ID] = nil
	e.withdrawn = append(e.withdrawn, retractionRow(&graph.ArchivedRetraction{Retraction: *r, Content: i.ContentHash(), Origin: origin}))
	if at, ok := e.created[r.ID]; ok {
		e.create[at] = nil
		delete(e.created, r.ID)
	} else {
		e.remove = append(e.remove, r.ID)
	}
	w.state.Interactions--
	w.state.Retracted++
	if !i.Ahead {
		w.goneAt(i.At.UnixMicro())
	}
	if err := w.ask([]graph.CustomerRef{graph.ByID(origin)}); err != nil {
		return graph.Outcome{}, err
	}
	w.change(graph.InteractionRetracted, r.ID, w.people.root(origin))
	return graph.NewOutcome(true), nil
}

// flushEvents writes interactions; their customers and catalog are there.
func (w *writer) flushEvents() error {
	e := w.events
	if len(e.remove) > 0 {
		if _, err := w.run("interactions_delete", params{"ids": e.remove}); err != nil {
			return err
		}
	}
	var ofProducts, ofCategories, others []params
	for _, row := range e.create {
		switch {
		case row == nil: // retracted in the same batch
		case row["product"] != nil:
			ofProducts = append(ofProducts, row)
		case row["category"] != nil:
			ofCategories = append(ofCategories, row)
		default:
			others = append(others, row)
		}
	}
	create := w.steps
	if w.lanes != nil {
		create = w.lanes.make
	}
	steps := []step{{"interaction_create_product", ofProducts}, {"interaction_create_category", ofCategories}, {"interaction_create", others}}
	if err := create(steps); err != nil {
		return err
	}
	if err := w.each("retracted_create", e.withdrawn); err != nil {
		return err
	}
	e.create, e.created, e.remove, e.withdrawn = nil, map[string]int{}, nil, nil
	return nil
}
