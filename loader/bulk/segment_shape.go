package bulk

import (
	"maps"
	"strings"

	"lacuna/graph"
)

// The slots of the Segment spec, beside those of a product.
const (
	callSlot slot = iota + firstFreeSlot
	eventSlot
	messageSlot
	userSlot
	anonymousSlot
	previousSlot
	distinctSlot // PostHog's user, known or not
	deviceSlot
	identifiedSlot
	timestampSlot
	originalSlot
	sentSlot
	receivedSlot
	channelSlot
	deviceTypeSlot
	librarySlot
	agentSlot
	pageSlot
	campaignSlot
	sessionSlot
	currencySlot
	querySlot
	resultsSlot
	ratingSlot
	subtotalSlot
	revenueSlot
	totalSlot
	slotsOfSegment
)

var _ [maxSlots - slotsOfSegment]struct{} // They fit.

// segmentShape is the envelope of the Segment spec with what RudderStack and PostHog write in other places.
var segmentShape = newSegmentShape()

func newSegmentShape() *branch {
	product := map[string]*branch{
		"product_id productId": leaf(productSlot), "id": leaf(productAltSlot), "sku": leaf(skuSlot), "name title": leaf(titleSlot),
		"price": leaf(priceSlot), "quantity": leaf(quantitySlot), "category": leaf(category1Slot),
	}
	items := shape(product)
	items.each = true
	traits := &branch{traits: true}
	session := leaf(sessionSlot)
	properties := map[string]*branch{
		"products": items, "query search_query searchQuery search_term searchTerm": leaf(querySlot),
		"results_count resultsCount nbHits nb_hits hits": leaf(resultsSlot), "rating": leaf(ratingSlot), "currency": leaf(currencySlot),
		"subtotal": leaf(subtotalSlot), "revenue": leaf(revenueSlot), "total value": leaf(totalSlot), "session_id sessionId $session_id": session,
		"$set $set_once": traits, "$anon_distinct_id alias": leaf(previousSlot), "$device_id": leaf(deviceSlot),
		"$is_identified": leaf(identifiedSlot), "$lib": leaf(librarySlot), "utm_campaign": leaf(campaignSlot),
	}
	maps.Copy(properties, product)
	return shape(map[string]*branch{
		"type": leaf(callSlot), "event": leaf(eventSlot), "messageId message_id uuid": leaf(messageSlot),
		"userId user_id": leaf(userSlot), "anonymousId anonymous_id": leaf(anonymousSlot), "previousId previous_id": leaf(previousSlot),
		"distinct_id": leaf(distinctSlot), "timestamp": leaf(timestampSlot), "originalTimestamp original_timestamp": leaf(originalSlot),
		"sentAt sent_at": leaf(sentSlot), "receivedAt received_at": leaf(receivedSlot), "channel": leaf(channelSlot),
		"properties": shape(properties), "traits $set $set_once": traits,
		"context": shape(map[string]*branch{
			"traits": traits, "channel": leaf(channelSlot), "sessionId session_id": session,
			"campaign": shape(map[string]*branch{"name": leaf(campaignSlot)}), "device": shape(map[string]*branch{"type": leaf(deviceTypeSlot)}),
			"library": shape(map[string]*branch{"name": leaf(librarySlot)}), "page": shape(map[string]*branch{"url": leaf(pageSlot)}),
			"userAgent user_agent": leaf(agentSlot),
		}),
	})
}

// bringsTraits tells at a glance whether a line of the Segment spec may say something of a person.
func bringsTraits(line string) bool {
	return strings.Contains(line, `"traits"`) || strings.Contains(line, `"$set`)
}

// personal names the traits that have a place of their own in a profile.
var personal = map[string]bool{
	"id": true, "email": true, "phone": true, "name": true, "first_name": true, "last_name": true, "created_at": true,
}

// manner is how an event becomes interactions.
type manner uint8

const (
	asWhole  manner = iota + 1 // one row
	asEach                     // one row a product
	asSearch                   // one row with the query
	asOrder                    // one row a product, with amounts
	asReview                   // one row a product, with a rating
)

// eventSpec is what an event of a name becomes.
type eventSpec struct {
	kind   graph.InteractionType
	manner manner
}

// segmentEvents holds the events of the spec by name without spaces and letter case, those of its first version after them.
var segmentEvents = map[string]eventSpec{
	"productssearched":       {graph.Search, asSearch},
	"productlistviewed":      {graph.View, asWhole},
	"productlistfiltered":    {graph.View, asWhole},
	"productclicked":         {graph.Click, asEach},
	"productviewed":          {graph.View, asEach},
	"productadded":           {graph.AddToCart, asEach},
	"checkoutstarted":        {graph.Checkout, asWhole},
	"ordercompleted":         {graph.Purchase, asOrder},
	"orderrefunded":          {graph.Return, asOrder},
	"productaddedtowishlist": {graph.Wishlist, asEach},
	"productreviewed":        {graph.Review, asReview},
	"productshared":          {graph.Share, asEach},

	"searchedproducts":       {graph.Search, asSearch},
	"viewedproductcategory":  {graph.View, asWhole},
	"viewedproductlist":      {graph.View, asWhole},
	"filteredproductlist":    {graph.View, asWhole},
	"clickedproduct":         {graph.Click, asEach},
	"viewedproduct":          {graph.View, asEach},
	"addedproduct":           {graph.AddToCart, asEach},
	"startedcheckout":        {graph.Checkout, asWhole},
	"startedorder":           {graph.Checkout, asWhole},
	"completedorder":         {graph.Purchase, asOrder},
	"refundedorder":          {graph.Return, asOrder},
	"addedproducttowishlist": {graph.Wishlist, asEach},
	"reviewedproduct":        {graph.Review, asReview},
	"sharedproduct":          {graph.Share, asEach},
}

// eventKey removes what spellings of an event's name differ in: "Product Viewed", "product_viewed", "productViewed".
func eventKey(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '_' || r == '-':
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, name)
}
