package bulk

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"lacuna/graph"
)

// The slots of a GA4 export, beside those of a product.
const (
	gaNameSlot slot = iota + firstFreeSlot
	gaTimeSlot
	gaUserSlot
	gaPseudoSlot
	gaPlatformSlot
	gaSessionSlot
	gaTermSlot
	gaResultsSlot
	gaCurrencySlot
	gaValueSlot
	gaRevenueSlot
	gaRefundSlot
	gaTransactionSlot
	gaCampaignSlot
	gaItemSlot
	gaContentSlot
	slotsOfGA4
)

var _ [maxSlots - slotsOfGA4]struct{} // They fit.

// ga4Shape is a row of a BigQuery export.
var ga4Shape = newGA4Shape()

func newGA4Shape() *branch {
	items := shape(map[string]*branch{
		"item_id": leaf(productSlot), "item_name": leaf(titleSlot), "price": leaf(priceSlot), "quantity": leaf(quantitySlot),
		"item_category": leaf(category1Slot), "item_category2": leaf(category2Slot), "item_category3": leaf(category3Slot),
		"item_category4": leaf(category4Slot), "item_category5": leaf(category5Slot),
	})
	items.each = true
	params := shape(map[string]*branch{
		"ga_session_id": leaf(gaSessionSlot), "search_term": leaf(gaTermSlot), "currency": leaf(gaCurrencySlot), "value": leaf(gaValueSlot),
		"results_count resultsCount nbHits nb_hits hits": leaf(gaResultsSlot), "transaction_id": leaf(gaTransactionSlot),
		"campaign": leaf(gaCampaignSlot), "item_id": leaf(gaItemSlot), "content_type": leaf(gaContentSlot),
	})
	params.params = true
	return shape(map[string]*branch{
		"event_name": leaf(gaNameSlot), "event_timestamp": leaf(gaTimeSlot), "user_id": leaf(gaUserSlot), "user_pseudo_id": leaf(gaPseudoSlot),
		"platform": leaf(gaPlatformSlot), "event_params": params, "items": items,
		"ecommerce": shape(map[string]*branch{
			"purchase_revenue": leaf(gaRevenueSlot), "refund_value": leaf(gaRefundSlot), "transaction_id": leaf(gaTransactionSlot),
		}),
		"collected_traffic_source": shape(map[string]*branch{"manual_campaign_name": leaf(gaCampaignSlot)}),
	})
}

// ga4Events holds the events of GA4 that become interactions.
var ga4Events = map[string]eventSpec{
	"search":              {graph.Search, asSearch},
	"view_search_results": {graph.Search, asSearch},
	"view_item_list":      {graph.View, asWhole},
	"view_item":           {graph.View, asEach},
	"select_item":         {graph.Click, asEach},
	"add_to_wishlist":     {graph.Wishlist, asEach},
	"add_to_cart":         {graph.AddToCart, asEach},
	"begin_checkout":      {graph.Checkout, asWhole},
	"purchase":            {graph.Purchase, asOrder},
	"refund":              {graph.Return, asOrder},
	"share":               {graph.Share, asEach},
}

// ga4Decoder reads rows of a BigQuery export of Google Analytics 4.
type ga4Decoder struct {
	*eventDecoder

	searches *searches
}

func (l *loader) ga4Decoder(f inputFile) *ga4Decoder {
	d := l.eventDecoder(f, ga4Shape, func(string) bool { return false })
	d.isEvent = func() bool { return d.has(gaNameSlot) }
	return &ga4Decoder{eventDecoder: d, searches: l.searches}
}

// saysNothing tells what GA4 writes for nothing. Other texts in parentheses may be a person's search.
func saysNothing(text string) bool {
	return text == "(not set)" || text == "(none)" || text == "(other)" || text == "(not provided)" || text == "(data deleted)"
}

// value reads a text; what says nothing is nothing.
func (d *ga4Decoder) value(s slot, name string) (string, *graph.Rejection) {
	text, rejection := d.optional(s, name)
	if saysNothing(text) {
		text = ""
	}
	return text, rejection
}

func (d *ga4Decoder) decode(r *record, b *batch) *graph.Rejection {
	if rejection := d.parse(r.raw.text, d.shape); rejection != nil {
		return rejection
	}
	name, rejection := d.glance(gaNameSlot, "event_name")
	if rejection != nil {
		return rejection
	}
	spec := ga4Events[name]
	switch {
	case name == "":
		return graph.Reject(graph.RejectMissing, "event_name", "is required")
	case name == "login" || name == "sign_up":
		return d.login(r, b, name)
	case spec.kind == 0:
		b.ignore(graph.Clip(name))
		return nil
	}
	row, rejection := d.common(spec)
	if rejection != nil {
		return rejection
	}
	d.unset()
	currency, rejection := d.currencyOf(gaCurrencySlot)
	if rejection != nil {
		return rejection
	}
	if rejection := d.readFacts(); rejection != nil {
		return rejection
	}
	d.rows = d.rows[:0]
	switch spec.manner {
	case asSearch:
		return d.search(r, b, &row, name)
	case asWhole:
		rejection = d.about(row)
	case asOrder:
		rejection = d.order(row, currency)
	default:
		if row.Type == graph.Share {
			rejection = d.shared()
		}
		d.aboutEach(row)
	}
	if rejection != nil {
		return rejection
	}
	return d.commit(r, b, currency)
}

// when reads the time: microseconds since 1970, as a number or printed as a string. 0 is no time.
func (d *ga4Decoder) when() (time.Time, *graph.Rejection) {
	c := &d.event.cells[gaTimeSlot]
	if c.kind == noCell {
		return time.Time{}, nil
	}
	if c.kind == stringCell || c.kind == numberCell {
		if micros, err := strconv.ParseInt(c.text, 10, 64); err == nil {
			if micros == 0 {
				return time.Time{}, nil
			}
			return time.UnixMicro(micros).UTC(), nil
		}
	}
	return time.Time{}, graph.Reject(graph.RejectBadTime, "event_timestamp", "is not a whole number of microseconds since 1970")
}

// visitor gives the identity of a browser or of an app's installation.
func (d *ga4Decoder) visitor(pseudo string) graph.Identity {
	kind := graph.Device
	if d.channelOf() == graph.Web {
		kind = graph.Cookie
	}
	return graph.Identity{Kind: kind, Value: pseudo}.Normalize()
}

// channelOf reads the platform; an export without one is of a web site.
func (d *ga4Decoder) channelOf() graph.Channel {
	switch c := &d.event.cells[gaPlatformSlot]; {
	case c.kind == noCell, strings.EqualFold(c.text, "WEB"):
		return graph.Web
	case strings.EqualFold(c.text, "IOS"), strings.EqualFold(c.text, "ANDROID"):
		return graph.App
	}
	return 0
}

// common reads what all interactions have.
func (d *ga4Decoder) common(spec eventSpec) (row graph.Interaction, rejection *graph.Rejection) {
	row = graph.Interaction{Type: spec.kind, Source: d.source, Channel: d.channelOf()}
	user, rejection := d.value(gaUserSlot, "user_id")
	if rejection != nil {
		return row, rejection
	}
	pseudo, rejection := d.value(gaPseudoSlot, "user_pseudo_id")
	if rejection != nil {
		return row, rejection
	}
	switch {
	case user != "":
		row.Customer = graph.ByID(user)
	case pseudo != "":
		row.Customer = graph.ByIdentity(d.visitor(pseudo))
	default:
		return row, graph.Reject(graph.RejectMissing, "customer", "is required: the event has neither user_id nor user_pseudo_id")
	}
	if row.At, rejection = d.when(); rejection != nil {
		return row, rejection
	}
	if row.Campaign, rejection = d.value(gaCampaignSlot, "campaign"); rejection != nil {
		return row, rejection
	}
	if strings.HasPrefix(row.Campaign, "(") && strings.HasSuffix(row.Campaign, ")") { // "(direct)", "(organic)": none either
		row.Campaign = ""
	}
	session, rejection := d.value(gaSessionSlot, "ga_session_id")
	if session != "" { // The number is the visitor's alone.
		session = d.interner.keep(cmp.Or(pseudo, user) + "." + session)
	}
	row.Session = session
	return row, rejection
}

// unset empties the cells of the currency and of products that say nothing.
func (d *ga4Decoder) unset() {
	if c := &d.event.cells[gaCurrencySlot]; saysNothing(c.text) {
		*c = cell{}
	}
	for i := range d.event.items {
		for s := range d.event.items[i] {
			if c := &d.event.items[i][s]; c.kind == stringCell && saysNothing(c.text) {
				*c = cell{}
			}
		}
	}
}

// login says that a visitor is a customer.
func (d *ga4Decoder) login(r *record, b *batch, name string) *graph.Rejection {
	user, rejection := d.value(gaUserSlot, "user_id")
	if rejection != nil {
		return rejection
	}
	pseudo, rejection := d.value(gaPseudoSlot, "user_pseudo_id")
	if rejection != nil {
		return rejection
	}
	if user == "" || pseudo == "" {
		b.ignore(name + " without user_id or user_pseudo_id")
		return nil
	}
	at, rejection := d.when()
	if rejection != nil {
		return rejection
	}
	if at.IsZero() {
		at = d.observed
	}
	return d.commitPerson(r, b, graph.CustomerUpsert{
		ID: user, Source: d.source, ObservedAt: at, Identities: []graph.IdentityClaim{{Identity: d.visitor(pseudo)}},
	})
}

// search adds a search, unless the same one was told within two seconds. What the first one did not say, how many results
// there were, may be told by the second.
func (d *ga4Decoder) search(r *record, b *batch, row *graph.Interaction, name string) (rejection *graph.Rejection) {
	if row.Query, rejection = d.value(gaTermSlot, "search_term"); rejection != nil {
		return rejection
	}
	if row.Results, rejection = d.integer(&d.event.cells[gaResultsSlot], "results"); rejection != nil {
		return rejection
	}
	if rejection := d.about(*row); rejection != nil {
		return rejection
	}
	said := &d.rows[0]
	said.Normalize()
	said.ID = contentID(said, 0)
	if rejection := said.Check(); rejection != nil {
		return rejection
	}
	if first, repeated := d.searches.repeats(row, b); repeated {
		if first != nil && said.Results.Known && !first.Results.Known {
			first.Results = said.Results
			first.ID = contentID(first, 0)
		}
		b.ignore(name + " of the same search")
		return nil
	}
	if rejection := d.commit(r, b, d.currency); rejection != nil {
		return rejection
	}
	d.searches.note(row, b)
	return nil
}

// order makes the rows of a purchase or a refund. A purchase sent again has the same ids, whatever else differs.
func (d *ga4Decoder) order(row graph.Interaction, currency string) *graph.Rejection {
	transaction, rejection := d.value(gaTransactionSlot, "transaction_id")
	if rejection != nil {
		return rejection
	}
	if transaction != "" && row.Type == graph.Purchase {
		row.ID = "ga4-" + transaction
	}
	d.aboutEach(row)
	slots := []slot{gaRevenueSlot, gaValueSlot}
	if row.Type == graph.Return {
		slots = []slot{gaRefundSlot, gaValueSlot}
	}
	total, rejection := d.orderTotal(row.Type, slots...)
	if rejection != nil {
		return rejection
	}
	return d.putAmounts(total, currency)
}

// shared takes the product of a share event, which stands among its parameters.
func (d *ga4Decoder) shared() *graph.Rejection {
	content, rejection := d.value(gaContentSlot, "content_type")
	if rejection != nil || len(d.facts) > 0 || content != "" && content != "product" {
		return rejection
	}
	id, rejection := d.value(gaItemSlot, "item_id")
	if rejection == nil && id != "" {
		d.facts = append(d.facts, productFacts{id: id})
	}
	return rejection
}
