package bulk

import (
	"slices"
	"strings"
	"time"

	"lacuna/graph"
)

// segmentDecoder reads events of the Segment spec.
type segmentDecoder struct {
	*eventDecoder

	specs map[string]eventSpec // of names as they are written
}

func (l *loader) segmentDecoder(f inputFile) *segmentDecoder {
	d := &segmentDecoder{eventDecoder: l.eventDecoder(f, segmentShape, bringsTraits), specs: map[string]eventSpec{}}
	d.isEvent = func() bool {
		call := &d.event.cells[callSlot]
		return call.kind == stringCell && slices.Contains(segmentCalls, strings.ToLower(call.text)) || call.kind == noCell && d.has(eventSlot)
	}
	return d
}

// segmentCalls are the types of an envelope.
var segmentCalls = []string{"track", "identify", "alias", "page", "screen", "group"}

func (d *segmentDecoder) decode(r *record, b *batch) *graph.Rejection {
	if rejection := d.parse(r.raw.text, d.shape); rejection != nil {
		return rejection
	}
	call, rejection := d.glance(callSlot, "type")
	if rejection != nil {
		return rejection
	}
	name, rejection := d.glance(eventSlot, "event")
	if rejection != nil {
		return rejection
	}
	switch {
	case strings.EqualFold(call, "identify") || name == "$identify" || name == "$set":
		return d.identify(r, b)
	case strings.EqualFold(call, "alias") || name == "$create_alias":
		return d.alias(r, b)
	case call != "" && !strings.EqualFold(call, "track"):
		b.ignore(graph.Clip(call))
		return nil
	case name == "":
		return graph.Reject(graph.RejectMissing, "event", "is required: a track call names what happened")
	}
	spec := d.spec(name)
	if spec.kind == 0 {
		b.ignore(graph.Clip(name))
		return nil
	}
	return d.track(r, b, spec)
}

// maxEventNames is how many spellings of events are remembered.
const maxEventNames = 1 << 12

func (d *segmentDecoder) spec(name string) eventSpec {
	spec, ok := d.specs[name]
	if !ok {
		if len(d.specs) == maxEventNames {
			clear(d.specs)
		}
		spec = segmentEvents[eventKey(name)]
		d.specs[strings.Clone(name)] = spec
	}
	return spec
}

// when gives the event's time; the zero time when it has none.
func (d *segmentDecoder) when() (time.Time, *graph.Rejection) {
	for _, s := range [...]slot{timestampSlot, originalSlot, sentSlot, receivedSlot} {
		if d.has(s) {
			return d.instant(&d.event.cells[s], "timestamp")
		}
	}
	return time.Time{}, nil
}

// ids gives who did it: the id of a customer, a visitor who is not known, or both.
func (d *segmentDecoder) ids() (user, anonymous string, rejection *graph.Rejection) {
	if user, rejection = d.optional(userSlot, "userId"); rejection != nil {
		return "", "", rejection
	}
	if anonymous, rejection = d.optional(anonymousSlot, "anonymousId"); rejection != nil {
		return "", "", rejection
	}
	distinct, rejection := d.optional(distinctSlot, "distinct_id")
	if rejection != nil || distinct == "" {
		return user, anonymous, rejection
	}
	device, rejection := d.optional(deviceSlot, "$device_id")
	if rejection != nil {
		return "", "", rejection
	}
	identified := &d.event.cells[identifiedSlot]
	switch {
	case identified.kind == boolCell && identified.num == 0, device == distinct:
		if anonymous == "" {
			anonymous = distinct
		}
	case user == "":
		user = distinct
	}
	return user, anonymous, nil
}

func cookie(value string) graph.Identity {
	return graph.Identity{Kind: graph.Cookie, Value: value}.Normalize()
}

// identify brings what is known of a person.
func (d *segmentDecoder) identify(r *record, b *batch) *graph.Rejection {
	row, anonymous, rejection := d.person()
	if rejection != nil {
		return rejection
	}
	if anonymous == "" && d.has(previousSlot) { // PostHog's $identify
		if anonymous, rejection = d.optional(previousSlot, "$anon_distinct_id"); rejection != nil {
			return rejection
		}
	}
	if anonymous != "" && anonymous != row.ID {
		row.Identities = append(row.Identities, graph.IdentityClaim{Identity: cookie(anonymous)})
		if row.ID == "" {
			row.ID = graph.DerivedCustomerID(cookie(anonymous))
		}
	}
	if row.ID == "" {
		return graph.Reject(graph.RejectMissing, "userId", "is required: the call has neither userId nor anonymousId")
	}
	var first, last string
	row.Attributes, rejection = d.attributes(func(t *trait, c *cell) (taken bool, rejection *graph.Rejection) {
		switch t.name {
		case "id": // The userId once more.
		case "email":
			rejection = d.claim(&row, graph.EmailAddress, c)
		case "phone":
			rejection = d.claim(&row, graph.Phone, c)
		case "name":
			row.Name, rejection = d.text(c, "traits.name")
		case "first_name":
			first, rejection = d.text(c, "traits.first_name")
		case "last_name":
			last, rejection = d.text(c, "traits.last_name")
		case "created_at":
			row.CreatedAt, rejection = d.moment(c)
		default:
			return false, nil
		}
		return true, rejection
	})
	if rejection != nil {
		return rejection
	}
	if row.Name == "" {
		row.Name = strings.TrimSpace(first + " " + last)
	}
	return d.commitPerson(r, b, row)
}

// person begins a customer's row.
func (d *segmentDecoder) person() (row graph.CustomerUpsert, anonymous string, rejection *graph.Rejection) {
	row = graph.CustomerUpsert{Source: d.source}
	if row.ID, anonymous, rejection = d.ids(); rejection != nil {
		return row, "", rejection
	}
	if row.ObservedAt, rejection = d.when(); row.ObservedAt.IsZero() {
		row.ObservedAt = d.observed
	}
	return row, anonymous, rejection
}

// claim adds an identity.
func (d *eventDecoder) claim(row *graph.CustomerUpsert, kind graph.IdentityKind, c *cell) *graph.Rejection {
	value, rejection := d.text(c, "traits")
	if rejection != nil || strings.TrimSpace(value) == "" {
		return rejection
	}
	row.Identities = append(row.Identities, graph.IdentityClaim{Identity: graph.Identity{Kind: kind, Value: value}.Normalize()})
	return nil
}

// moment reads a time that may also be written as seconds or milliseconds since 1970.
func (d *eventDecoder) moment(c *cell) (time.Time, *graph.Rejection) {
	if c.kind != numberCell {
		return d.instant(c, "created_at")
	}
	n, rejection := d.decimal(c, "created_at")
	if rejection != nil {
		return time.Time{}, graph.Reject(graph.RejectBadTime, "created_at", "is not a time")
	}
	micros := int64(n.Value) * (1_000_000 / graph.DecimalScale)
	if n.Value > 1e11*graph.DecimalScale { // No second is that late, and no millisecond so early.
		micros = int64(n.Value / (graph.DecimalScale / 1000))
	}
	return time.UnixMicro(micros).UTC(), nil
}

// commitPerson adds a customer's row to the batch.
func (d *eventDecoder) commitPerson(r *record, b *batch, row graph.CustomerUpsert) *graph.Rejection {
	row.Normalize()
	if rejection := row.Check(); rejection != nil {
		return rejection
	}
	b.rows.Customers = append(b.rows.Customers, row)
	b.from(Customers, r)
	return nil
}

// alias says that a visitor was a customer.
func (d *segmentDecoder) alias(r *record, b *batch) *graph.Rejection {
	row, _, rejection := d.person()
	if rejection != nil {
		return rejection
	}
	previous, rejection := d.optional(previousSlot, "previousId")
	switch {
	case rejection != nil:
		return rejection
	case row.ID == "":
		return graph.Reject(graph.RejectMissing, "userId", "is required: an alias says who the visitor is")
	case previous == "":
		return graph.Reject(graph.RejectMissing, "previousId", "is required: an alias says who the visitor was")
	}
	row.Identities = []graph.IdentityClaim{{Identity: cookie(previous)}}
	return d.commitPerson(r, b, row)
}

// track makes an event's interactions.
func (d *segmentDecoder) track(r *record, b *batch, spec eventSpec) *graph.Rejection {
	row := graph.Interaction{Type: spec.kind, Source: d.source}
	user, anonymous, rejection := d.ids()
	switch {
	case rejection != nil:
		return rejection
	case user != "":
		row.Customer = graph.ByID(user)
	case anonymous != "":
		row.Customer = graph.ByIdentity(cookie(anonymous))
	default:
		return graph.Reject(graph.RejectMissing, "customer", "is required: the event has neither userId nor anonymousId")
	}
	if row.At, rejection = d.when(); rejection != nil {
		return rejection
	}
	if row.ID, rejection = d.uniqueText(&d.event.cells[messageSlot], "messageId"); rejection != nil {
		return rejection
	}
	if row.Campaign, rejection = d.optional(campaignSlot, "campaign"); rejection != nil {
		return rejection
	}
	if row.Session, rejection = d.optional(sessionSlot, "session"); rejection != nil {
		return rejection
	}
	if row.Channel, rejection = d.channelOf(); rejection != nil {
		return rejection
	}
	currency, rejection := d.currencyOf(currencySlot)
	if rejection != nil {
		return rejection
	}
	if rejection := d.readFacts(); rejection != nil {
		return rejection
	}
	if rejection := d.makeRows(row, spec, currency); rejection != nil {
		return rejection
	}
	return d.commit(r, b, currency)
}

// makeRows makes the rows of an event of which all but the products is read.
func (d *segmentDecoder) makeRows(row graph.Interaction, spec eventSpec, currency string) (rejection *graph.Rejection) {
	d.rows = d.rows[:0]
	switch spec.manner {
	case asSearch:
		if row.Query, rejection = d.optional(querySlot, "query"); rejection != nil {
			return rejection
		}
		if row.Results, rejection = d.integer(&d.event.cells[resultsSlot], "results"); rejection != nil {
			return rejection
		}
		return d.about(row)
	case asWhole:
		return d.about(row)
	case asReview:
		row.Rating, rejection = d.decimal(&d.event.cells[ratingSlot], "rating")
		d.aboutEach(row)
		return rejection
	case asOrder:
		d.aboutEach(row)
		total, rejection := d.orderTotal(row.Type, subtotalSlot, revenueSlot, totalSlot)
		if rejection != nil {
			return rejection
		}
		return d.putAmounts(total, currency)
	default:
		d.aboutEach(row)
		return nil
	}
}

// channelOf tells a web page from an app. A server's library says nothing of the channel.
func (d *segmentDecoder) channelOf() (graph.Channel, *graph.Rejection) {
	channel, rejection := d.glance(channelSlot, "channel")
	if rejection != nil {
		return 0, rejection
	}
	library, rejection := d.glance(librarySlot, "context.library.name")
	if rejection != nil {
		return 0, rejection
	}
	device, rejection := d.glance(deviceTypeSlot, "context.device.type")
	if rejection != nil {
		return 0, rejection
	}
	agent := &d.event.cells[agentSlot]
	switch channel, library, device = strings.ToLower(channel), strings.ToLower(library), strings.ToLower(device); {
	case channel == "mobile" || channel == "app":
		return graph.App, nil
	case channel == "web" || channel == "browser":
		return graph.Web, nil
	case channel == "server":
		return 0, nil
	case namesAny(library, "ios", "android", "react-native", "flutter", "swift", "kotlin") || namesAny(device, "ios", "android"):
		return graph.App, nil
	case namesAny(library, "analytics.js", "javascript", "posthog-js") || library == "web" || d.has(pageSlot),
		agent.kind == stringCell && strings.HasPrefix(agent.text, "Mozilla/"):
		return graph.Web, nil
	case namesAny(device, "mobile", "phone", "tablet", "app"):
		return graph.App, nil
	case namesAny(device, "desktop", "web", "browser"):
		return graph.Web, nil
	}
	return 0, nil
}

func namesAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}
