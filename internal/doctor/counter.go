package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lacuna/graph"
)

// counter counts what a scan passes by.
type counter struct {
	o        Options
	now      int64 // microseconds
	products []product
	unfiled  []string // products of no category, a few

	interactions, subjects, aimless           int64 // of those, interactions about things, and those about nothing
	searches, unanswered, blank               int64
	purchases, free                           int64
	onProducts, onUnfiled                     int64
	late, early, sold                         int64
	ahead, ancient                            int64
	productCount, unfiledCount, customerCount int64

	currencies map[string]int64
	sources    map[string]*hours
	junk       junk
}

// product is what is to be known of one when interactions pass by.
type product struct {
	filed             bool
	launched, retired int64 // microseconds; 0 is unknown
}

// hours counts a source's interactions by hour of the day.
type hours struct {
	all       int64
	byHour    [24]int64 // in the zone, but for those at a midnight
	midnights int64     // at midnight of the zone, to the microsecond
	elsewhere int64     // at midnight of UTC, where that is another moment
}

// firstPlausible is a moment before which no system of today has recorded anything about a customer.
var firstPlausible = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

func newCounter(o Options) *counter {
	return &counter{o: o, now: o.Now().UnixMicro(), currencies: map[string]int64{}, sources: map[string]*hours{}}
}

// read scans the store.
func (c *counter) read(ctx context.Context, store graph.Store) error {
	at, err := store.Head(ctx)
	if err != nil {
		return fmt.Errorf("read the head of the feed: %w", err)
	}
	for chunk, err := range store.Scan(ctx, at, graph.ScanTexts) {
		if err != nil {
			return fmt.Errorf("scan the store: %w", err)
		}
		for i := range chunk.Products {
			c.product(&chunk.Products[i])
		}
		for i := range chunk.Customers {
			c.customerCount++
			c.junk.add(&chunk.Customers[i].Customer)
		}
		if chunk.Interactions != nil {
			c.columns(chunk.Interactions)
		}
	}
	return nil
}

func (c *counter) product(p *graph.ScannedProduct) {
	c.productCount++
	if n := int(p.Handle) + 1; n > len(c.products) {
		c.products = slices.Grow(c.products, n-len(c.products))[:n]
	}
	c.products[p.Handle] = product{filed: len(p.Categories) > 0, launched: micros(p.LaunchedAt), retired: micros(p.RetiredAt)}
	if len(p.Categories) == 0 {
		c.unfiledCount++
		if len(c.unfiled) < maxExamples {
			c.unfiled = append(c.unfiled, strings.Clone(p.ID))
		}
	}
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func (c *counter) columns(cols *graph.InteractionColumns) {
	c.interactions += int64(cols.Len)
	for i := range cols.Len {
		c.subject(cols, i)
		c.moment(cols, i)
		if known := cols.Known[i]; known&graph.AmountKnown != 0 {
			c.currencies[cols.Currency[i]]++
		}
	}
}

// subject looks at what an interaction is about.
func (c *counter) subject(cols *graph.InteractionColumns, i int) {
	handle, at := cols.Product[i], cols.AtMicros[i]
	switch cols.Type[i] {
	case graph.Search:
		c.searches++
		if cols.Known[i]&graph.ResultsKnown == 0 {
			c.unanswered++
		}
		if cols.Query[i] == "" && cols.Category[i] == 0 && handle == 0 {
			c.blank++
		}
		return
	case graph.View, graph.Click, graph.Wishlist, graph.AddToCart, graph.Purchase, graph.Return, graph.Review:
		c.subjects++
		if handle == 0 && cols.Category[i] == 0 {
			c.aimless++
		}
	}
	if cols.Type[i] == graph.Purchase {
		c.purchases++
		if cols.Known[i]&graph.AmountKnown == 0 {
			c.free++
		}
	}
	if handle == 0 || int(handle) >= len(c.products) {
		return
	}
	p := &c.products[handle]
	c.onProducts++
	if !p.filed {
		c.onUnfiled++
	}
	if cols.Type[i] == graph.Purchase || cols.Type[i] == graph.AddToCart {
		c.sold++
		if p.launched != 0 && at < p.launched {
			c.early++
		}
		if p.retired != 0 && at >= p.retired+int64(24*time.Hour/time.Microsecond) { // a bare date is its first moment
			c.late++
		}
	}
}

// moment looks at when an interaction was.
func (c *counter) moment(cols *graph.InteractionColumns, i int) {
	at := cols.AtMicros[i]
	switch {
	case at > c.now || cols.Known[i]&graph.IsAhead != 0:
		c.ahead++
		return
	case at < firstPlausible:
		c.ancient++
		return
	}
	h := c.sources[cols.Source[i]]
	if h == nil {
		h = &hours{}
		c.sources[strings.Clone(cols.Source[i])] = h
	}
	h.add(at, c.o.Zone)
}

func (h *hours) add(at int64, zone *time.Location) {
	h.all++
	local := time.UnixMicro(at).In(zone)
	hour, minute, second := local.Clock()
	const day = int64(24 * time.Hour / time.Microsecond)
	switch {
	case hour == 0 && minute == 0 && second == 0 && at%1_000_000 == 0:
		h.midnights++
	case at%day == 0:
		h.elsewhere++
	default:
		h.byHour[hour]++
	}
}

// findings tells what the counts mean.
func (c *counter) findings() []Finding {
	return slices.Concat(
		share(CheckWhat, c.aimless, c.subjects, "interactions about a thing name neither product nor category: they count for no category",
			"fill the product or the category column of views, clicks, wishlists, carts, purchases, returns and reviews; with --map, map it"),
		c.filing(),
		share(CheckResult, c.unanswered, c.searches, "searches do not say how many results they had: what was looked for in vain cannot be told from them",
			"fill results (0 for none); Segment events take results_count, nbHits or hits among their properties"),
		share(CheckSought, c.blank, c.searches, "searches have neither a text nor a category: nobody can tell what was looked for",
			"fill query, or category where people search by filters"),
		share(CheckFuture, c.ahead, c.interactions, "interactions lie in the future, or did when they were recorded: they count only once asOf reaches them",
			"look for a wrong clock, a swapped day and month, or a planned date (of a journey, say) taken for the time; retract and load them again"),
		share(CheckPast, c.ancient, c.interactions, "interactions lie before 1980: a time that was not known has probably become 1970 or 1900",
			"leave rows without a time out, or map the right column; retract and load them again"),
		c.clocks(),
		share(CheckAmount, c.free, c.purchases, "purchases have no amount: they are missing from all figures of value",
			"fill amount (the line's total after discounts) and currency"),
		c.money(),
		share(CheckSale, c.early+c.late, c.sold, "purchases and carts are of a product before its launch or a day or more after its retirement",
			"mend launched_at and retired_at of the products, or the times of the interactions"),
		c.junk.findings(c.customerCount),
	)
}

func (c *counter) filing() []Finding {
	found := share(CheckFiled, c.unfiledCount, c.productCount, fmt.Sprintf("products are in no category; %s of %s interactions with a product are about them",
		grouped(c.onUnfiled), grouped(c.onProducts)), "fill the products' categories: demand is compared with supply by category", c.unfiled...)
	if len(found) > 0 && 100*c.onUnfiled < c.onProducts {
		found[0].Severity = Note
	}
	return found
}

func (c *counter) money() []Finding {
	if len(c.currencies) < 2 {
		return nil
	}
	var all int64
	codes := make([]string, 0, len(c.currencies))
	for code, n := range c.currencies {
		all += n
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b string) int {
		return cmp.Or(cmp.Compare(c.currencies[b], c.currencies[a]), strings.Compare(a, b))
	})
	examples := make([]string, 0, len(codes))
	for _, code := range codes[:min(len(codes), maxExamples)] {
		examples = append(examples, fmt.Sprintf("%s: %s", code, grouped(c.currencies[code])))
	}
	return []Finding{{
		Check: CheckMoney, Severity: Warning, Count: all - c.currencies[codes[0]], Of: all, Examples: examples,
		Message: fmt.Sprintf("amounts are in %d currencies: without rates they cannot be summed", len(codes)),
		Remedy:  "serve with a table of rates (--currency, --rates), or bring amounts into one currency before loading",
	}}
}
