package bulk

import (
	"hash/maphash"
	"math"
	"math/big"
	"math/bits"
	"slices"
	"strings"
	"time"

	"lacuna/graph"
)

// view shows a table as a generic file of one kind: a reader whose columns are the fields that the map names, so that the
// decoder of that kind reads it like any other. It may also be given records one by one, see fill.
type view struct {
	inner  reader
	kind   *mapKind
	zone   *time.Location
	names  []string
	fields []boundField
	asIs   bool // all attributes are columns as they are

	numbers map[string]int // of the inner reader's columns, by name
	seen    int            // how many of these are in numbers
	row     record         // of the inner reader
	at      []int          // in row.cells, by inner column; -1 is absent
	out     record
	paths   map[string]string
	scratch []byte
	returns boundExpression
	typeAt  int   // of the type among fields, -1 for none
	signed  []int // the fields that lose their sign on a return
}

// boundField is a field with its expressions bound to columns.
type boundField struct {
	parts []boundExpression
	list  bool // several parts, or a path, make a list
}

// boundExpression is an expression with the numbers of its columns, -1 as long as there is none of that name.
type boundExpression struct {
	*expression

	columns []int
	memo    []memo // of texts turned into others; nil where nothing is turned
}

// memo is a text that was turned into another. Columns like customers and products have few different ones.
// The slot of an empty memo is that of the empty text, of which nothing comes.
type memo struct{ in, out string }

// memoSlots is a power of two.
const memoSlots = 1 << 15

// maxPaths is how many different paths a view remembers.
const maxPaths = 1 << 16

func newView(kind *mapKind, zone *time.Location) *view {
	v := &view{kind: kind, zone: zone, asIs: true, numbers: map[string]int{}, paths: map[string]string{}, typeAt: -1}
	for i, f := range kind.fields {
		bound := boundField{list: len(f.parts) > 1}
		for _, x := range f.parts {
			bound.parts = append(bound.parts, bindExpression(x))
			bound.list = bound.list || x.path != nil && f.name == "categories"
			if specs[kind.kind].bind(f.name).field == attributeField && (x.column == "" || bound.parts[0].memo != nil) {
				v.asIs = false
			}
		}
		v.names = append(v.names, f.name)
		v.fields = append(v.fields, bound)
		switch {
		case kind.kind != Interactions:
		case f.name == "type":
			v.typeAt = i
		case f.name == "quantity" || f.name == "amount":
			v.signed = append(v.signed, i)
		}
	}
	if kind.returns != nil {
		v.returns = bindExpression(&expression{column: kind.returns.column})
	}
	v.out.cells = make([]cell, len(v.fields))
	return v
}

func bindExpression(x *expression) boundExpression {
	b := boundExpression{expression: x}
	if x.match != nil || x.prefix != "" {
		b.memo = make([]memo, memoSlots)
	}
	for range max(1, len(x.multiply), len(x.path)) {
		b.columns = append(b.columns, -1)
	}
	return b
}

// use takes up the columns that the inner reader knows by now.
func (v *view) use(inner reader) {
	v.inner = inner
	names := inner.columns()
	if v.seen == len(names) {
		return
	}
	for ; v.seen < len(names); v.seen++ {
		v.numbers[names[v.seen]] = v.seen
	}
	v.at = slices.Grow(v.at, len(names)-len(v.at))[:len(names)]
	for i := range v.fields {
		for j := range v.fields[i].parts {
			v.resolve(&v.fields[i].parts[j])
		}
	}
	if v.kind.returns != nil {
		v.resolve(&v.returns)
	}
}

func (v *view) resolve(b *boundExpression) {
	for i, name := range b.names() {
		if number, ok := v.numbers[name]; ok {
			b.columns[i] = number
		}
	}
}

// missing lists the columns that never came.
func (v *view) missing() []string {
	var names []string
	for name := range v.kind.columns {
		if _, ok := v.numbers[name]; !ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (v *view) columns() []string { return v.names }
func (v *view) fixed() bool       { return true }
func (v *view) typed() bool       { return v.asIs && v.inner.typed() }
func (v *view) bytes() int64      { return v.inner.bytes() }
func (v *view) Close() error      { return v.inner.Close() }

func (v *view) next(r *record) error {
	err := v.inner.next(&v.row)
	if err != nil {
		r.line, r.raw, r.size = v.row.line, v.row.raw, v.row.size
		return err
	}
	v.use(v.inner)
	*r = *v.fill(&v.row)
	return nil
}

// fill shows a record of the inner reader. What it gives is valid until the next call.
func (v *view) fill(r *record) *record {
	if r.columns != nil {
		for i := range v.at {
			v.at[i] = -1
		}
		for i, column := range r.columns {
			v.at[column] = i
		}
	}
	v.out.items = v.out.items[:0]
	v.out.line, v.out.raw, v.out.size = r.line, r.raw, r.size
	for i := range v.fields {
		f, c := &v.fields[i], &v.out.cells[i]
		*c = cell{}
		if f.list {
			v.list(f, r, c)
		} else {
			v.value(&f.parts[0], r, c)
		}
	}
	v.markReturn(r)
	return &v.out
}

// column gives the cell of a column, nil where the record has none.
func (v *view) column(r *record, number int) *cell {
	if number < 0 {
		return nil
	}
	if r.columns != nil {
		if number = v.at[number]; number < 0 {
			return nil
		}
	}
	if c := &r.cells[number]; c.kind != noCell {
		return c
	}
	return nil
}

// list gathers the texts of several expressions.
func (v *view) list(f *boundField, r *record, c *cell) {
	from := len(v.out.items)
	for i := range f.parts {
		var one cell
		v.value(&f.parts[i], r, &one)
		switch one.kind {
		case noCell:
		case listCell:
		case textCell, stringCell, numberCell:
			v.out.items = append(v.out.items, one.text)
		case badCell, jsonCell:
			*c = one
			return
		default:
			v.out.items = append(v.out.items, typedText(&one))
		}
	}
	if len(v.out.items) > from {
		c.setList(from, len(v.out.items))
	}
}

// value evaluates an expression into an empty cell.
func (v *view) value(x *boundExpression, r *record, c *cell) {
	switch {
	case x.constant != nil:
		*c = *x.constant
		return
	case x.multiply != nil:
		v.product(v.column(r, x.columns[0]), v.column(r, x.columns[1]), c)
		return
	case x.path != nil:
		v.path(x, r, c)
		return
	}
	from := v.column(r, x.columns[0])
	switch {
	case from == nil:
	case from.kind == badCell || from.kind == jsonCell:
		*c = *from
	case x.layout != nil || x.zone != nil:
		v.time(x, from, c)
	case from.kind == listCell:
		start := len(v.out.items)
		v.out.items = append(v.out.items, r.list(from)...)
		*c = cell{kind: listCell}
		c.setList(start, len(v.out.items))
	case x.memo == nil && x.values == nil:
		*c = *from
	default:
		x.turn(from, c)
	}
}

// plainText gives a cell's text and whether it has its own memory.
func plainText(c *cell) (text string, own bool) {
	switch c.kind {
	case textCell, stringCell, numberCell:
		return c.text, c.own
	}
	return typedText(c), true
}

// turn applies match, values and prefix to a text.
func (x *boundExpression) turn(from, c *cell) {
	text, own := plainText(from)
	if x.memo != nil {
		text, own = x.remembered(text), true
	} else if other, ok := x.values[text]; ok {
		text, own = other, true
	}
	if text != "" {
		*c = cell{kind: textCell, text: text, own: own}
	}
}

// memoSeed is of the hashes by which memos have their slots.
var memoSeed = maphash.MakeSeed()

// remembered turns a text, or remembers what came of it. A text has two slots; what came latest takes the first one.
func (x *boundExpression) remembered(text string) string {
	at := maphash.String(memoSeed, text) & (memoSlots - 1)
	m, n := &x.memo[at], &x.memo[at^1]
	if m.in == text {
		return m.out
	}
	if n.in == text {
		return n.out
	}
	kept := strings.Clone(text)
	first := &x.memo[at&^1]
	x.memo[at|1] = *first
	*first = memo{in: kept, out: x.turned(kept)}
	return first.out
}

// turned applies match, values and prefix.
func (x *boundExpression) turned(text string) string {
	if x.match != nil {
		found := x.match.FindStringSubmatchIndex(text)
		switch {
		case found == nil:
			return ""
		case len(found) > 2 && found[2] >= 0:
			text = text[found[2]:found[3]]
		case len(found) > 2:
			text = ""
		default:
			text = text[found[0]:found[1]]
		}
	}
	if other, ok := x.values[text]; ok {
		text = other
	}
	if text == "" || x.prefix == "" {
		return text
	}
	return x.prefix + text
}

// The seconds since 1970 between which times can be written with a year of four digits.
var (
	firstSecond = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	lastSecond  = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix()
)

// time reads a time in the expression's layout and zone.
func (v *view) time(x *boundExpression, from, c *cell) {
	zone := x.zone
	if zone == nil {
		zone = v.zone
	}
	var t time.Time
	ok := false
	switch from.kind {
	case instantCell:
		*c = *from
		return
	case dateCell, localCell:
		wall := time.UnixMicro(from.num).UTC()
		if from.kind == dateCell {
			wall = dayOf(from)
		}
		t, ok = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), zone), true
	default:
		text, _ := plainText(from)
		if x.layout == nil {
			t, ok = parseTime(text, zone)
		} else {
			t, ok = x.layout.parse(text, zone)
		}
	}
	switch {
	case ok && t.Unix() >= firstSecond && t.Unix() <= lastSecond:
		*c = cell{kind: instantCell, num: t.UnixMicro()}
	case x.layout != nil:
		*c = cell{kind: badCell, text: "is not a time of the layout " + x.layout.text}
	default:
		*c = *from
	}
}

// path joins texts up to the first empty one.
func (v *view) path(x *boundExpression, r *record, c *cell) {
	v.scratch = v.scratch[:0]
	for _, number := range x.columns {
		part := v.column(r, number)
		if part == nil {
			break
		}
		if part.kind == badCell || part.kind == jsonCell || part.kind == listCell {
			*c = cell{kind: badCell, text: "has a level that is not one text"}
			return
		}
		text, _ := plainText(part)
		if text = strings.TrimSpace(text); text == "" {
			break
		}
		if len(v.scratch) > 0 {
			v.scratch = append(v.scratch, pathSeparator...)
		}
		v.scratch = append(v.scratch, text...)
	}
	if len(v.scratch) == 0 {
		return
	}
	id, ok := v.paths[string(v.scratch)]
	if !ok {
		if len(v.paths) >= maxPaths {
			clear(v.paths)
		}
		id = string(v.scratch)
		v.paths[id] = id
	}
	*c = cell{kind: textCell, text: id, own: true}
}

// product multiplies two numbers exactly; only the result is rounded. It is empty where one of them is.
func (v *view) product(a, b, c *cell) {
	if a == nil || b == nil {
		return
	}
	x, y := quickDecimal(a), quickDecimal(b)
	if x.Known && y.Known {
		if product, ok := mulQuickly(x.Value, y.Value); ok {
			*c = cell{kind: decimalCell, num: int64(product), scale: 4}
			return
		}
	}
	left, okLeft := rational(a)
	right, okRight := rational(b)
	if okLeft && okRight {
		product, err := graph.ParseDecimal(left.Mul(left, right).FloatString(4))
		if err == nil {
			*c = cell{kind: decimalCell, num: int64(product), scale: 4}
			return
		}
	}
	*c = cell{kind: badCell, text: "one of the two factors is not a number, or the product is too large"}
}

// quickDecimal reads a number that four decimals hold exactly.
func quickDecimal(c *cell) (d graph.Optional[graph.Decimal]) {
	switch c.kind {
	case textCell, stringCell, numberCell:
		if i := strings.IndexByte(c.text, '.'); len(c.text) > 18 || i >= 0 && len(c.text)-i > 5 || strings.ContainsAny(c.text, "eE") {
			return d
		}
		if value, err := graph.ParseDecimal(c.text); err == nil {
			return graph.Some(value)
		}
	case intCell:
		if value, err := graph.DecimalFromInt(c.num); err == nil {
			return graph.Some(value)
		}
	}
	return d
}

// mulQuickly multiplies where the product of the units fits 64 bits.
func mulQuickly(a, b graph.Decimal) (graph.Decimal, bool) {
	negative := (a < 0) != (b < 0)
	high, low := bits.Mul64(uint64(abs(a)), uint64(abs(b)))
	if high != 0 || low > math.MaxInt64-graph.DecimalScale {
		return 0, false
	}
	product := graph.Decimal((low + graph.DecimalScale/2) / graph.DecimalScale)
	if negative {
		product = -product
	}
	return product, true
}

// rational reads any number exactly. The bounds are those of a decimal.
func rational(c *cell) (*big.Rat, bool) {
	text, _ := plainText(c)
	if _, err := graph.ParseDecimal(text); err != nil {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// markReturn makes returns of rows that the rule finds, and takes the sign from what is returned.
func (v *view) markReturn(r *record) {
	if v.typeAt < 0 {
		return
	}
	kind := &v.out.cells[v.typeAt]
	if rule := v.kind.returns; rule != nil {
		if c := v.column(r, v.returns.columns[0]); c != nil {
			if rule.applies(c) {
				*kind = cell{kind: textCell, text: "RETURN", own: true}
			}
		}
	}
	if !strings.EqualFold(kind.text, "RETURN") {
		return
	}
	for _, i := range v.signed {
		unsign(&v.out.cells[i])
	}
}

func (rule *returnsRule) applies(c *cell) bool {
	if rule.match == nil && (c.kind == intCell || c.kind == decimalCell) {
		return c.num < 0
	}
	text, _ := plainText(c)
	if rule.match == nil {
		return strings.HasPrefix(strings.TrimSpace(text), "-")
	}
	return rule.match.MatchString(text)
}

// unsign takes a number's sign away.
func unsign(c *cell) {
	switch c.kind {
	case textCell, stringCell, numberCell:
		c.text = strings.TrimPrefix(c.text, "-")
	case intCell, decimalCell:
		if c.num < 0 && c.num != math.MinInt64 {
			c.num = -c.num
		}
	case floatCell:
		c.num = int64(math.Float64bits(math.Abs(math.Float64frombits(uint64(c.num)))))
	}
}
