package resolvers

import (
	"context"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/formatter"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/insight"
	"lacuna/loader/follow"
)

// Options is what resolvers need.
type Options struct {
	Store graph.Store
	Place string // kind and place of the store, without secrets

	// Engine computes figures; nil answers that they are not there.
	Engine *insight.Engine

	// Follower tells of what is recorded; nil refuses subscriptions to it.
	Follower *follow.Follower

	// Watch tells of gaps that change; nil refuses subscriptions to them.
	Watch *insight.GapWatch

	// Principal gives the name of who asks, "" where nobody is asked who they are; nil knows nobody.
	Principal func(context.Context) string

	// Now is the clock by which decisions are dated; nil is time.Now.
	Now func() time.Time
}

// NewConfig gives the configuration of the executable schema. The server must attach loaders to every response.
func NewConfig(o Options) generated.Config {
	if o.Now == nil {
		o.Now = time.Now
	}
	return generated.Config{Resolvers: &root{store: o.Store, place: o.Place, follower: o.Follower, watch: o.Watch, engine: o.Engine, principal: o.Principal, now: o.Now}}
}

// Schema gives the schema as text, with all descriptions.
func Schema() string {
	var text strings.Builder
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatSchema(schema)
	return text.String()
}

// root makes the resolvers of each type. They hold no state of their own.
type root struct {
	store    graph.Store
	place    string
	follower *follow.Follower
	watch    *insight.GapWatch
	engine   *insight.Engine

	principal func(context.Context) string
	now       func() time.Time
}

var _ generated.ResolverRoot = (*root)(nil)

func (r *root) Query() generated.QueryResolver               { return query{r} }
func (r *root) Mutation() generated.MutationResolver         { return mutation{r} }
func (r *root) Subscription() generated.SubscriptionResolver { return subscription{r} }
func (r *root) Customer() generated.CustomerResolver         { return customer{} }
func (r *root) CustomerConnection() generated.CustomerConnectionResolver {
	return customerConnection{r}
}
func (r *root) Household() generated.HouseholdResolver { return household{} }
func (r *root) Referrals() generated.ReferralsResolver { return referrals{} }
func (r *root) InteractionConnection() generated.InteractionConnectionResolver {
	return interactionConnection{}
}
func (r *root) Segment() generated.SegmentResolver                     { return segment{r} }
func (r *root) Gap() generated.GapResolver                             { return gap{r} }
func (r *root) Evidence() generated.EvidenceResolver                   { return evidence{r} }
func (r *root) EmergingSegment() generated.EmergingSegmentResolver     { return emergingSegment{r} }
func (r *root) SegmentPreview() generated.SegmentPreviewResolver       { return segmentPreview{} }
func (r *root) ProductConnection() generated.ProductConnectionResolver { return productConnection{r} }
