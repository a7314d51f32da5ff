package graph

import (
	"slices"
	"strings"
	"time"
)

// Product is something that is sold. In an upsert empty fields say nothing: they change nothing.
type Product struct {
	ID         string
	Name       string
	Categories []string // ids, in the order given; the first is the main one
	Tags       []string // in the order given
	Price      Optional[Decimal]
	Currency   string // ISO 4217; "" when the price is unknown
	LaunchedAt time.Time
	RetiredAt  time.Time
	InStock    Optional[bool] // the state now
	Attributes []NamedValue   // in order of name
}

// Normalize puts the product into the form in which it is stored and compared.
func (p *Product) Normalize() {
	p.LaunchedAt, p.RetiredAt = Instant(p.LaunchedAt), Instant(p.RetiredAt)
	p.Categories, p.Tags = unique(p.Categories), unique(p.Tags)
	sortNamedValues(p.Attributes)
}

// Check refuses what no store may hold, see [CustomerUpsert.Check].
func (p *Product) Check() *Rejection {
	return firstRejection(checkID("id", p.ID), checkText("name", p.Name, MaxTextBytes), checkTexts("categories", p.Categories),
		checkTexts("tags", p.Tags), checkMoney("price", p.Price, p.Currency), checkTime("launched_at", p.LaunchedAt),
		checkTime("retired_at", p.RetiredAt), checkNamedValues("attr", p.Attributes))
}

// Category is a node of the category tree. In an upsert empty fields say nothing, but for Parent: see there.
type Category struct {
	ID     string
	Name   string            // in the catalog's own language; the id when no name is known
	Names  map[string]string // further names by language: "zh", "ja", "zh-hant"
	Parent string            // "" is a root; in an upsert of a stored category "" leaves the parent as it is
}

// NameIn gives the name in a language, else the name. A longer tag falls back to its beginning: "zh-TW" to "zh".
func (c *Category) NameIn(lang string) string {
	lang = strings.ToLower(strings.ReplaceAll(lang, "_", "-"))
	for lang != "" {
		if name := c.Names[lang]; name != "" {
			return name
		}
		i := strings.LastIndexByte(lang, '-')
		if i < 0 {
			break
		}
		lang = lang[:i]
	}
	return c.Name
}

// Normalize puts languages into lower case with dashes ("zh_TW" becomes "zh-tw") and drops empty names.
func (c *Category) Normalize() {
	if len(c.Names) == 0 {
		return
	}
	names := make(map[string]string, len(c.Names))
	for lang, name := range c.Names {
		if name != "" {
			names[strings.ToLower(strings.ReplaceAll(lang, "_", "-"))] = name
		}
	}
	c.Names = names
}

// Check refuses what no store may hold, see [CustomerUpsert.Check].
func (c *Category) Check() *Rejection {
	if r := firstRejection(checkID("id", c.ID), checkText("name", c.Name, MaxTextBytes), checkOptionalID("parent", c.Parent)); r != nil {
		return r
	}
	if c.Parent == c.ID {
		return Reject(RejectCycle, "parent", "a category cannot be its own parent")
	}
	if len(c.Names) > MaxListEntries {
		return Reject(RejectTooMany, "name", "has %d languages, at most %d are kept", len(c.Names), MaxListEntries)
	}
	for lang, name := range c.Names {
		if r := firstRejection(checkID("name", lang), checkText("name_"+lang, name, MaxTextBytes)); r != nil {
			return r
		}
	}
	return nil
}

// CategoryTree is all categories at one moment. It is immutable and safe for concurrent use.
type CategoryTree struct {
	byID     map[string]*Category
	children map[string][]*Category
}

// NewCategoryTree builds the tree. A category whose parent is not among them counts as a root.
func NewCategoryTree(categories []Category) *CategoryTree {
	t := &CategoryTree{byID: make(map[string]*Category, len(categories)), children: map[string][]*Category{}}
	for i := range categories {
		t.byID[categories[i].ID] = &categories[i]
	}
	for i := range categories {
		c := &categories[i]
		parent := c.Parent
		if t.byID[parent] == nil {
			parent = ""
		}
		t.children[parent] = append(t.children[parent], c)
	}
	for _, list := range t.children {
		slices.SortFunc(list, func(a, b *Category) int { return strings.Compare(a.ID, b.ID) })
	}
	return t
}

// Len is the number of categories.
func (t *CategoryTree) Len() int { return len(t.byID) }

// Category gives the category, nil when there is none of that id.
func (t *CategoryTree) Category(id string) *Category { return t.byID[id] }

// Children gives a category's children, or the roots for "", in order of id.
func (t *CategoryTree) Children(id string) []*Category { return t.children[id] }

// Descendants gives the ids of a category and all below it, parents before children; nil when it is unknown.
func (t *CategoryTree) Descendants(id string) []string {
	if t.byID[id] == nil {
		return nil
	}
	ids := []string{id}
	for i := 0; i < len(ids); i++ {
		for _, child := range t.children[ids[i]] {
			ids = append(ids, child.ID)
		}
	}
	return ids
}

func unique(list []string) []string {
	for i, s := range list {
		if slices.Contains(list[:i], s) {
			out := slices.Clone(list[:i])
			for _, s := range list[i:] {
				if !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
			return out
		}
	}
	return list
}
