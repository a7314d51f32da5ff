package insight

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Brief is a gap on one page, for who is to make a product of it.
type Brief struct {
	Title    string
	Summary  string
	Sections []BriefSection
}

// BriefSection is a heading with lines below it.
type BriefSection struct {
	Heading string
	Lines   []string
}

// Markdown gives the brief as text.
func (b *Brief) Markdown() string {
	var text strings.Builder
	fmt.Fprintf(&text, "# %s\n\n%s\n", escapeMarkdown(b.Title), escapeMarkdown(b.Summary))
	for _, s := range b.Sections {
		fmt.Fprintf(&text, "\n## %s\n\n", s.Heading)
		for _, line := range s.Lines {
			fmt.Fprintf(&text, "- %s\n", escapeMarkdown(line))
		}
	}
	return text.String()
}

// escapeMarkdown keeps names and words that customers typed from being read as markup.
func escapeMarkdown(s string) string {
	return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "]", "\\]", "<", "&lt;", "|", "\\|", "\n", " ", "\r", " ").Replace(s)
}

// briefing is what a brief is made of.
type briefing struct {
	g        *Gaps
	ref      GapRef
	gap      Gap
	segment  string // names
	category string
	value    *Value
	why      string // there is no value
	trend    GrowthTrend
	evidence []Evidence
	forecast GapForecast
	series   []GapPoint
}

// Brief puts a cell on one page: who wants what, how many, since when, at which price, with which attributes, why the catalog fails them, what it is worth, how sure that is, what would
// prove it wrong, and how the figures are defined.
func (g *Gaps) Brief(ctx context.Context, ref GapRef) (*Brief, error) {
	b := &briefing{g: g, ref: ref, gap: g.Gap(ref), segment: g.segmentName(ref.segment), category: g.view.catalog.categories[ref.category].Name}
	if b.category == "" {
		b.category = b.gap.Category
	}
	values, reasons, err := g.Values(ctx, []GapRef{ref})
	if err != nil {
		return nil, err
	}
	b.value, b.why = values[0], reasons[0]
	trends, err := g.Trends(ctx, []GapRef{ref})
	if err != nil {
		return nil, err
	}
	b.trend = trends[0]
	if b.evidence, err = g.Evidence(ctx, ref); err != nil {
		return nil, err
	}
	if b.series, err = g.Series(ctx, ref); err != nil {
		return nil, err
	}
	if b.forecast, err = g.Forecast(ctx, ref); err != nil {
		return nil, err
	}
	out := &Brief{Title: b.need() + " for " + b.segment, Summary: b.summary()}
	for _, s := range []BriefSection{
		{"Who wants it", b.who()}, {"Since when", b.since()}, {"At which price", b.prices()}, {"With what", b.attributes()}, {"Why the catalog fails them", b.cause()},
		{"What they did", b.seen()}, {"What it is worth", b.worth()}, {"How sure this is", b.certainty()}, {"What would prove it wrong", b.disproof()}, {"What the figures mean", definitions(g)},
	} {
		if len(s.Lines) > 0 {
			out.Sections = append(out.Sections, s)
		}
	}
	return out, nil
}

func (g *Gaps) segmentName(s int) string {
	if s == 0 {
		return "everyone"
	}
	if segment := g.view.Segment(g.segments[s].id); segment != nil && segment.Name != "" {
		return segment.Name
	}
	return g.segments[s].id
}

// need says what is wanted.
func (b *briefing) need() string { return b.gap.Detail.Need(b.category) }

// Need says what is wanted of a category, by its name.
func (d *CauseDetail) Need(category string) string {
	switch {
	case d.Attribute != "":
		return fmt.Sprintf("%s with %s %s", category, d.Attribute, d.Value)
	case d.PriceLow != nil && d.PriceHigh != nil:
		return fmt.Sprintf("%s at %.4g to %.4g %s", category, *d.PriceLow, *d.PriceHigh, d.Currency)
	case d.PriceLow != nil:
		return fmt.Sprintf("%s at %.4g %s and more", category, *d.PriceLow, d.Currency)
	case d.PriceHigh != nil:
		return fmt.Sprintf("%s below %.4g %s", category, *d.PriceHigh, d.Currency)
	default:
		return category
	}
}

var verdictWords = map[Verdict]string{
	Develop: "Develop", Restock: "Restock", FixFindability: "Make it easier to find", Watch: "Watch: it is served too rarely, and nothing tells why", Served: "Served, as far as can be told",
}

var causeWords = map[Cause]string{
	0: "nothing tells why", Absence: "there is hardly any product", PriceBandHole: "a price band is missing", AttributeHole: "an attribute is missing", QualityFault: "what is there is rated or returned badly",
	StockOut: "it could often not be had", Findability: "searches find nothing, though it is there",
}

func (b *briefing) summary() string {
	text := verdictWords[b.gap.Verdict] + "."
	if b.gap.Cause != 0 {
		text = fmt.Sprintf("%s: %s.", verdictWords[b.gap.Verdict], causeWords[b.gap.Cause])
	}
	if u := b.gap.Unmet; u != nil {
		text += fmt.Sprintf(" Some %s of %d customers who wanted it in %d weeks would buy it if they were served as others are (%s to %s).", roughly(u.Mid), b.gap.Demand.Customers, b.g.view.options.Thresholds.Window, roughly(u.Low), roughly(u.High))
	}
	if b.value != nil {
		text += fmt.Sprintf(" What these alone would spend in %d days is %s %s (%s to %s).", b.value.HorizonDays, roughly(b.value.Mid), b.value.Currency, roughly(b.value.Low), roughly(b.value.High))
	}
	return text
}

func (b *briefing) who() (lines []string) {
	d := &b.gap.Demand
	lines = append(lines, fmt.Sprintf("%d customers of %q wanted %q from %s to %s; bots are left out, and each counts once.", d.Customers, b.segment, b.category, b.g.day(b.gap.From), b.g.day(b.gap.To)))
	if s := b.g.view.Segment(b.gap.Segment); s != nil && s.Description != "" {
		lines = append(lines, "The segment: "+s.Description)
	}
	if d.Index != nil {
		lines = append(lines, fmt.Sprintf("That is %s times as many as one would expect of them (%s to %s).", say(d.Index.Mid/100), say(d.Index.Low/100), say(d.Index.High/100)))
	}
	if what := didWhat(d); what != "" {
		lines = append(lines, "They made "+what+".")
	}
	if b.ref.segment > 0 {
		lines = append(lines, "Customers of other segments, and of everyone, may be the same ones: do not add gaps up.")
	}
	return lines
}

// didWhat counts what customers did, but for what they did not.
func didWhat(d *Demand) string {
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{{d.Searches, "searches"}, {d.ZeroResultSearches, "of them without a result"}, {d.Views, "looks"}, {d.Wishlists, "wishes"}, {d.Carts, "carts"}, {d.Purchases, "purchases"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return strings.Join(parts, ", ")
}

func (b *briefing) since() (lines []string) {
	for i := range b.series {
		if p := &b.series[i]; p.Customers > 0 {
			since := fmt.Sprintf("The first month in which anyone of them wanted it is %s", p.PeriodStart.Format("2006-01"))
			if i == 0 {
				since += ", with which the data begins"
			}
			lines = append(lines, since+".")
			break
		}
	}
	growth := &b.gap.Growth
	if c := &b.g.cells[b.ref.segment][b.ref.category]; c.before > 0 {
		line := fmt.Sprintf("%d customers wanted it, and %d in the %d weeks %s", c.customers, c.before, b.g.view.options.Thresholds.Window, b.comparedWith())
		if growth.Rate != nil {
			line += fmt.Sprintf(", while the usual category changed by %s", signed(b.g.growthAt(b.ref.segment, b.ref.category).base-1))
		}
		lines = append(lines, line+".")
	}
	switch {
	case growth.Rate != nil && growth.Significant:
		lines = append(lines, fmt.Sprintf("Ever more want it: %s beyond that (%s at least).", signed(*growth.Rate), signed(*growth.Low)))
	case growth.Rate != nil:
		lines = append(lines, fmt.Sprintf("It is not surely growing: %s beyond that.", signed(*growth.Rate)))
	default:
		lines = append(lines, "Whether it grows cannot be told: "+growth.Reason+".")
	}
	if t := &b.trend; t.Rate != nil {
		lines = append(lines, fmt.Sprintf("By all %d weeks, the season aside, it changed by %s a year (%s to %s) beside all others.", t.Weeks, signed(*t.Rate), signed(*t.Low), signed(*t.High)))
		if t.ShiftAt != nil {
			lines = append(lines, fmt.Sprintf("Its level became another one around %s, by %s: look what changed then.", b.g.day(*t.ShiftAt), signed(*t.ShiftBy)))
		}
	}
	if points := b.forecast.Points; len(points) > 0 {
		p := &points[0]
		lines = append(lines, fmt.Sprintf("In %s some %s customers are expected to want it (%s to %s; as last year: %s).", p.PeriodStart.Format("2006-01"), roughly(p.Mid), roughly(p.Low), roughly(p.High), roughly(p.Naive)))
	}
	return lines
}

// comparedWith says which weeks growth is beside.
func (b *briefing) comparedWith() string {
	if b.gap.Growth.SeasonSeparable {
		return "a year before"
	}
	return "just before"
}

// prices are in order of the band, and of what enough customers buy.
func (b *briefing) prices() (lines []string) {
	currency := b.g.catalogCurrency()
	bands := map[string]string{}
	most, best := 0, ""
	for i := range b.evidence {
		e := &b.evidence[i]
		if band, is := strings.CutPrefix(e.ID, "BOUGHT_ELSEWHERE:band="); is && e.Customers >= leastTold {
			bands[band] = fmt.Sprintf("%s %s a unit: %d of them buy so in the categories beside; %s of the products here cost so.", e.What, currency, e.Customers, percent(*e.Offered))
			if e.Customers > most {
				most, best = e.Customers, e.What
			}
		}
	}
	for band := 1; band <= len(bandEnds)+1; band++ {
		if line := bands[strconv.Itoa(band)]; line != "" {
			lines = append(lines, line)
		}
	}
	if best != "" {
		lines = append(lines, fmt.Sprintf("Most of them buy at %s %s a unit.", best, currency))
	}
	if b.value != nil {
		lines = append(lines, fmt.Sprintf("They would spend some %s %s an order, of all its units.", roughly(b.value.SpendPerOrder), b.value.Currency))
	}
	return lines
}

// attributes are what they buy, then what their searches were for: numbers as a range, and nothing that all have in common with the category.
func (b *briefing) attributes() (lines []string) {
	searched := map[string][]*Evidence{}
	var names []string
	for i := range b.evidence {
		e := &b.evidence[i]
		if e.Kind == BoughtElsewhere && !strings.HasPrefix(e.ID, "BOUGHT_ELSEWHERE:band=") && e.Customers >= leastTold && len(lines) < 8 {
			lines = append(lines, fmt.Sprintf("%s: %d of them buy it in the categories beside; %s of the products here have it.", e.What, e.Customers, percent(*e.Offered)))
		}
		if name, _, is := strings.Cut(strings.TrimPrefix(e.ID, "SEARCHED_FOR:"), "="); is && e.Kind == SearchedFor {
			if searched[name] == nil {
				names = append(names, name)
			}
			searched[name] = append(searched[name], e)
		}
	}
	for _, name := range names {
		list := searched[name]
		if len(list) == 1 && list[0].Share == 1 {
			continue // it is what the category is
		}
		lines = append(lines, "Their searches: "+valuesOf(name, list)+".")
	}
	return lines
}

// valuesOf tells the values of an attribute of searches, the most frequent first; of numbers the range, too.
func valuesOf(name string, list []*Evidence) string {
	var parts []string
	low, high, numbers := math.Inf(1), math.Inf(-1), true
	for _, e := range list {
		value := strings.TrimPrefix(e.ID, "SEARCHED_FOR:"+name+"=")
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			low, high = min(low, n), max(high, n)
		} else {
			numbers = false
		}
		if len(parts) < 3 {
			parts = append(parts, fmt.Sprintf("%s (%d customers)", value, e.Customers))
		}
	}
	text := name + " " + strings.Join(parts, ", ")
	if numbers && len(list) > len(parts) {
		text += fmt.Sprintf(", from %s to %s in all", say(low), say(high))
	}
	return text
}

func (b *briefing) cause() []string {
	s, served := &b.gap.Supply, &b.gap.Served
	var lines []string
	if b.gap.Verdict != Served {
		lines = append(lines, fmt.Sprintf("%s (%s).", capital(causeWords[b.gap.Cause]), b.gap.Verdict))
	}
	if b.gap.Detail.Note != "" {
		lines = append(lines, b.gap.Detail.Note+".")
	}
	switch {
	case s.ActiveProducts == 0:
		lines = append(lines, "No product is on sale.")
	case b.ref.segment == 0:
		lines = append(lines, fmt.Sprintf("%d products are on sale.", s.ActiveProducts))
	default:
		lines = append(lines, fmt.Sprintf("%d products are on sale, %d of them fit these customers.", s.ActiveProducts, s.FittingProducts))
	}
	if s.Index != nil && s.ActiveProducts > 0 {
		lines = append(lines, fmt.Sprintf("The category has %s %% of the supply that its share of what they want would ask for.", say(*s.Index)))
	}
	if served.Reference != nil {
		lines = append(lines, fmt.Sprintf("%d of %d who want it buy (%s); served as %s are, %s would.", served.Buyers, served.Customers, percent(*served.Rate), b.basis(), percent(*served.Reference)))
	}
	return lines
}

// basis names who the reference is of.
func (b *briefing) basis() string {
	if b.gap.Served.Basis != "SIBLING_CATEGORIES" {
		return "other customers of the category"
	}
	catalog := b.g.view.catalog
	var names []string
	for _, k := range b.g.levels[b.g.depth[b.ref.category]].categories {
		if k != b.ref.category && catalog.categories[k].parent == catalog.categories[b.ref.category].parent && !b.g.impaired[k] {
			names = append(names, cmp.Or(catalog.categories[k].Name, catalog.categories[k].ID))
		}
	}
	const most = 4
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("%d more", len(names)-most))
	}
	if len(names) == 0 {
		return "those of other categories"
	}
	return "those of " + strings.Join(names, ", ")
}

var evidenceWords = map[EvidenceKind]string{
	FoundNothing: "searched for “%s” and found nothing", MetUnavailable: "met %s, which could not be had", ViewedAndLeft: "looked at %s and bought nothing", WishedFor: "put %s on a wish list",
	RatedLow: "rated %s with 1 or 2", ContactedSupport: "asked the support about %s",
}

func (b *briefing) seen() (lines []string) {
	told := map[EvidenceKind]int{}
	for i := range b.evidence {
		e := &b.evidence[i]
		if words := evidenceWords[e.Kind]; words != "" && told[e.Kind] < 3 {
			told[e.Kind]++
			lines = append(lines, fmt.Sprintf("%d %s (%d times).", e.Customers, fmt.Sprintf(words, e.What), e.Interactions))
		}
	}
	return lines
}

func (b *briefing) worth() []string {
	v := b.value
	if v == nil {
		return []string{"It cannot be told: " + b.why + "."}
	}
	text := fmt.Sprintf("%s %s in %d days (%s to %s): further buyers × %s orders each × %s %s an order", roughly(v.Mid), v.Currency, v.HorizonDays, roughly(v.Low), roughly(v.High), say(v.OrdersPerBuyer), roughly(v.SpendPerOrder), v.Currency)
	if v.Margin < 1 {
		text += fmt.Sprintf(" × a margin of %s", percent(v.Margin))
	}
	if v.Cannibalisation > 0 {
		text += fmt.Sprintf(" × %s that other products do not lose", percent(1-v.Cannibalisation))
	}
	lines := []string{
		text + ".",
		fmt.Sprintf("That counts the customers of these %d weeks alone: who comes to want it later is not in it.", b.g.view.options.Thresholds.Window),
	}
	if v.Margin == 1 {
		lines = append(lines, "The margin was not given: this is what would be paid, not what would be earned.")
	}
	switch {
	case v.FairShare == nil:
	case *v.FairShare < 0:
		lines = append(lines, fmt.Sprintf("By the plain fair share, of all who want it in a year, the category lacks nothing: it sells %s %s more beside its siblings than it is wanted.", roughly(-*v.FairShare), v.Currency))
	default:
		lines = append(lines, fmt.Sprintf("The plain fair share, of all who want it in a year: the category lacks %s %s to sell as much beside its siblings as it is wanted.", roughly(*v.FairShare), v.Currency))
	}
	return lines
}

func (b *briefing) certainty() (lines []string) {
	if below := b.gap.Served.Below; below != nil {
		lines = append(lines, fmt.Sprintf("The chance that they are served worse than four fifths of what they should be is %s.", chance(*below)))
	}
	if b.gap.Served.Basis == "SIBLING_CATEGORIES" {
		lines = append(lines, "What they should be served is read off the sibling categories, as the category serves nobody well.")
	}
	if b.gap.Unmet != nil {
		lines = append(lines, "All ranges are 80 % intervals but for that of the demand index and of growth, which are 90 %.")
	}
	return lines
}

func (b *briefing) disproof() []string {
	lines := []string{"A launch after which they buy no more often than those of comparable categories (the outcome tells, from four weeks on)."}
	switch b.gap.Cause {
	case Absence, AttributeHole, PriceBandHole:
		lines = append(lines, "Products of this kind that are sold, but are not in the catalog that was loaded, or lack their prices or attributes there.")
	case QualityFault:
		lines = append(lines, "Ratings and returns that are of other products, or of a fault that is mended.")
	case StockOut:
		lines = append(lines, "Shelves that are full again, or a feed that tells of availability wrongly.")
	case Findability:
		lines = append(lines, "Searches whose results are counted wrongly, or words that mean something else.")
	}
	if b.gap.Served.Basis == "SIBLING_CATEGORIES" {
		lines = append(lines, "A category that is by its nature bought more rarely than its siblings.")
	}
	return append(lines, "Purchases elsewhere, in shops or by telephone, that are not loaded.")
}

func definitions(g *Gaps) []string {
	t := &g.view.options.Thresholds
	return []string{
		fmt.Sprintf("Customers: distinct customers with a search, view, click, wish, cart, checkout or purchase in the category or below, in %d weeks until %s.", t.Window, g.day(g.AsOf())),
		"Demand index: 100 × how many times more of them want it than months, channels and sizes explain, shrunk (EBGM, 5 % to 95 %).",
		"Further buyers (unmet): customers × what the reference exceeds the served rate by, drawn from what is known of each (10 %, 50 %, 90 %).",
		"Worth: further buyers × orders in the horizon (BG/NBD) × spend an order (gamma-gamma) × margin × what other products do not lose.",
		"Growth: customers beside the same weeks 364 days before, the median of all categories divided out, tested against +10 %.",
	}
}

// day is a moment's, in the configured zone.
func (g *Gaps) day(t time.Time) string { return t.In(g.view.options.Zone).Format(time.DateOnly) }

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
