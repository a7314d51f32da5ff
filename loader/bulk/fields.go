package bulk

import (
	"slices"
	"strings"

	"lacuna/graph"
)

// attributePrefix begins the columns of attributes.
const attributePrefix = "attr."

// field is what a column of a kind is read into.
type field uint8

const (
	unknownField field = iota
	idField
	nameField
	nameInField // name_<lang>
	parentField
	categoriesField
	tagsField
	priceField
	currencyField
	launchedField
	retiredField
	inStockField
	createdField
	householdField
	identitiesField
	consentsField
	sourceField
	updatedField
	referredByField
	descriptionField
	ruleField
	typeField
	atField
	customerField
	channelField
	productField
	categoryField
	queryField
	resultsField
	quantityField
	amountField
	campaignField
	ratingField
	sessionField
	availableField
	attributeField
)

// kindSpec is how the records of one kind are read.
type kindSpec struct {
	columns  []column // in the order in which they are named to people
	required []string
	scope    graph.Scope // of attr.<name>; 0 when the kind has no attributes
	named    bool        // has name_<lang>
	decode   func(d *decoder, r *record, b *batch) *graph.Rejection
}

type column struct {
	name  string
	field field
}

var specs = map[Kind]*kindSpec{
	Categories: {
		columns:  []column{{"id", idField}, {"name", nameField}, {"parent", parentField}},
		required: []string{"id"}, named: true, decode: (*decoder).category,
	},
	Products: {
		columns: []column{{"id", idField}, {"name", nameField}, {"categories", categoriesField}, {"tags", tagsField},
			{"price", priceField}, {"currency", currencyField}, {"launched_at", launchedField}, {"retired_at", retiredField},
			{"in_stock", inStockField}},
		required: []string{"id"}, scope: graph.ProductScope, decode: (*decoder).product,
	},
	Customers: {
		columns: []column{{"id", idField}, {"name", nameField}, {"created_at", createdField}, {"household", householdField},
			{"identities", identitiesField}, {"consents", consentsField}, {"source", sourceField}, {"updated_at", updatedField},
			{"referred_by", referredByField}},
		required: []string{"id"}, scope: graph.CustomerScope, decode: (*decoder).customer,
	},
	Segments: {
		columns:  []column{{"id", idField}, {"name", nameField}, {"description", descriptionField}, {"rule", ruleField}},
		required: []string{"id", "rule"}, decode: (*decoder).segment,
	},
	Interactions: {
		columns: []column{{"id", idField}, {"type", typeField}, {"at", atField}, {"customer", customerField},
			{"channel", channelField}, {"product", productField}, {"category", categoryField}, {"query", queryField},
			{"results", resultsField}, {"quantity", quantityField}, {"amount", amountField}, {"currency", currencyField},
			{"campaign", campaignField}, {"rating", ratingField}, {"session", sessionField}, {"available", availableField},
			{"source", sourceField}},
		required: []string{"type", "at", "customer"}, scope: graph.InteractionScope, decode: (*decoder).interaction,
	},
}

// binding is what one column of a file is read into.
type binding struct {
	field field
	name  string          // of an attribute, or a language
	kind  graph.ValueKind // of an attribute, once it is settled
}

func (s *kindSpec) bind(name string) binding {
	for _, c := range s.columns {
		if c.name == name {
			return binding{field: c.field}
		}
	}
	if rest, ok := strings.CutPrefix(name, attributePrefix); ok && rest != "" && s.scope != 0 {
		return binding{field: attributeField, name: rest}
	}
	if rest, ok := strings.CutPrefix(name, "name_"); ok && rest != "" && s.named {
		return binding{field: nameInField, name: rest}
	}
	return binding{}
}

// names lists the columns for people.
func (s *kindSpec) names() string {
	names := make([]string, len(s.columns))
	for i, c := range s.columns {
		names[i] = c.name
	}
	if s.named {
		names = append(names, "name_<language>")
	}
	if s.scope != 0 {
		names = append(names, attributePrefix+"<name>")
	}
	return strings.Join(names, " ")
}

// nearest suggests what an unknown column may have been meant to be, or "".
func (s *kindSpec) nearest(name string) string {
	best, distance := "", 3
	lower := strings.ToLower(strings.NewReplacer(" ", "_", "-", "_").Replace(name))
	for _, c := range s.columns {
		if d := editDistance(lower, c.name); d < distance && d < len(c.name) {
			best, distance = c.name, d
		}
	}
	return best
}

// missing lists the required columns that are not among names.
func (s *kindSpec) missing(names []string) []string {
	var missing []string
	for _, name := range s.required {
		if !slices.Contains(names, name) {
			missing = append(missing, name)
		}
	}
	return missing
}

// editDistance counts the insertions, deletions and replacements of bytes that turn a into b. Long names are far apart.
func editDistance(a, b string) int {
	if len(a) > 40 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
