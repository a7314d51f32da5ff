package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const meiByEmail = `customer(by: {identity: {kind: EMAIL, value: " Mei.Chen@Example.com "}})`

// TestProfile holds what front-line staff see of one customer.
func TestProfile(t *testing.T) {
	url := serveSample(t)
	data := ask(t, url, `{ `+meiByEmail+` { id name createdAt lastSeenAt mergedIds
		identities { kind value verified source } attributes { name value source isWinner alternatives { value } }
		consents { purpose granted source } household { id members { id } } referrals { referredBy { id } referred { id } }
		touchpoints { channel phase interactions } } }`, nil)
	mei := at(data, "customer")
	if at(mei, "id") != "c001" || at(mei, "createdAt") != "2025-01-14T16:00:00Z" {
		t.Errorf("id %v, created at %v", at(mei, "id"), at(mei, "createdAt"))
	}
	kinds := each(at(mei, "identities"), "kind")
	if diff := cmp.Diff([]any{"DEVICE", "EMAIL", "LINE", "LOYALTY_CARD", "PHONE"}, kinds); diff != "" {
		t.Errorf("identities are not in order of kind: %s", diff)
	}
	names := each(at(mei, "attributes"), "name")
	if !slices.IsSortedFunc(names, func(a, b any) int { return strings.Compare(a.(string), b.(string)) }) || len(names) == 0 {
		t.Errorf("attributes are %v", names)
	}
	if diff := cmp.Diff([]any{"ANALYTICS", "MARKETING"}, each(at(mei, "consents"), "purpose")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{true, false}, each(at(mei, "consents"), "granted")); diff != "" {
		t.Error(diff)
	}
	if members := each(at(mei, "household", "members"), "id"); !slices.Contains(members, any("c001")) || !slices.Contains(members, any("c004")) {
		t.Errorf("members are %v", members)
	}
	for _, id := range each(at(mei, "referrals", "referred"), "id") {
		back := ask(t, url, `query($id: ID!) { customer(by: {id: $id}) { referrals { referredBy { id } } } }`, map[string]any{"id": id})
		if at(back, "customer", "referrals", "referredBy", "id") != "c001" {
			t.Errorf("%v was referred by %v", id, back)
		}
	}
	for _, kind := range []string{"EMAIL", "PHONE", "LINE", "LOYALTY_CARD", "DEVICE"} {
		value := at(mei, "identities", slices.Index(kinds, any(kind)), "value")
		found := ask(t, url, `query($v: String!) { customer(by: {identity: {kind: `+kind+`, value: $v}}) { id } }`, map[string]any{"v": value})
		if at(found, "customer", "id") != "c001" {
			t.Errorf("by %s: %v", kind, found)
		}
	}
}

// TestTouchpointsAddUp holds that what is counted by channel and phase is what there is.
func TestTouchpointsAddUp(t *testing.T) {
	url := serveSample(t)
	data := ask(t, url, `{ findCustomers(first: 50) { totalCount nodes { id lastSeenAt touchpoints { interactions firstAt lastAt }
		interactions(first: 200) { totalCount nodes { id at } pageInfo { hasNextPage } } } } status { customers interactions asOf } }`, nil)
	total := 0.0
	customers := at(data, "findCustomers", "nodes").([]any)
	for _, c := range customers {
		sum := 0.0
		for _, n := range each(at(c, "touchpoints"), "interactions") {
			sum += n.(float64)
		}
		list := at(c, "interactions", "nodes").([]any)
		if sum != at(c, "interactions", "totalCount") || int(sum) != len(list) || at(c, "interactions", "pageInfo", "hasNextPage") != false {
			t.Errorf("%v: touchpoints count %v, there are %d", at(c, "id"), sum, len(list))
		}
		if len(list) > 0 && at(list[0], "at") != at(c, "lastSeenAt") {
			t.Errorf("%v was last seen at %v, not %v", at(c, "id"), at(c, "lastSeenAt"), at(list[0], "at"))
		}
		total += sum
	}
	if total != at(data, "status", "interactions") || float64(len(customers)) != at(data, "status", "customers") || at(data, "findCustomers", "totalCount") != float64(len(customers)) {
		t.Errorf("%v interactions of %d customers; status is %v", total, len(customers), at(data, "status"))
	}
}

// TestPaging holds that pages of any size together are the whole list, once, and in order.
func TestPaging(t *testing.T) {
	url := serveSample(t)
	walk := func(field, arguments, of string, size int, path ...any) []any {
		t.Helper()
		var ids []any
		var after any
		for range 1000 {
			data := ask(t, url, fmt.Sprintf(`query($after: String) { %s %s(%s first: %d, after: $after) { edges { cursor node { id } } nodes { id }
				pageInfo { hasNextPage endCursor } } %s }`, of, field, arguments, size, strings.Repeat("}", strings.Count(of, "{")-strings.Count(of, "}"))), map[string]any{"after": after})
			page := at(data, append(path, field)...)
			edges := at(page, "edges").([]any)
			ids = append(ids, each(at(page, "nodes"), "id")...)
			if len(edges) > size || (len(edges) > 0 && at(edges[len(edges)-1], "cursor") != at(page, "pageInfo", "endCursor")) {
				t.Fatalf("page %v", page)
			}
			if at(page, "pageInfo", "hasNextPage") == false {
				return ids
			}
			after = at(page, "pageInfo", "endCursor")
		}
		t.Fatal("the pages do not end")
		return nil
	}
	for _, list := range []struct {
		field, arguments, of string
		path                 []any
		many                 int
	}{
		{"findCustomers", "", "", nil, 32},
		{"findCustomers", "orderBy: NAME,", "", nil, 32},
		{"findCustomers", "orderBy: NEWEST,", "", nil, 32},
		{"findCustomers", `search: "c",`, "", nil, 2},
		{"products", "", "", nil, 18},
		{"products", `where: {category: "japan"},`, "", nil, 3},
		{"interactions", "", meiByEmail + " {", []any{"customer"}, 9},
		{"interactions", "where: {types: [SEARCH, VIEW]},", meiByEmail + " {", []any{"customer"}, 5},
	} {
		whole := walk(list.field, list.arguments, list.of, 500, list.path...)
		if len(whole) < list.many {
			t.Errorf("%s(%s): %d in all", list.field, list.arguments, len(whole))
		}
		for _, size := range []int{1, 2, 7, len(whole)} {
			if diff := cmp.Diff(whole, walk(list.field, list.arguments, list.of, size, list.path...)); diff != "" {
				t.Errorf("%s(%s) by %d: %s", list.field, list.arguments, size, diff)
			}
		}
	}
}

// TestCatalog holds products, categories and their names.
func TestCatalog(t *testing.T) {
	url := serveSample(t)
	data := ask(t, url, `{ product(id: "p03") { name price currency tags inStock launchedAt categories { id parent { id } } }
		none: product(id: "nope") { id } category(id: "japan-tokyo") { name zh: name(lang: "zh-TW") ja: name(lang: "ja") parent { id name(lang: "zh") children { id } } }
		roots: categories { id } unknown: category(id: "nope") { id } below: categories(parent: "nope") { id }
		soldOut: products(where: {inStock: false}) { totalCount nodes { inStock } } found: products(where: {search: "ＴＯＫＹＯ"}) { nodes { name } } }`, nil)
	want := object{"name": "Disneyland one-day passport", "price": "2150", "currency": "TWD", "tags": []any{"ticket", "family"}, "inStock": true,
		"launchedAt": "2024-02-29T16:00:00Z", "categories": []any{object{"id": "parks", "parent": nil}, object{"id": "japan-tokyo", "parent": object{"id": "japan"}}}}
	got := at(data, "product")
	if parks, ok := at(got, "categories", 0).(object); ok {
		parks["parent"] = nil // wherever the sample files it
	}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Error(diff)
	}
	tokyo := at(data, "category")
	if at(tokyo, "name") != "Tokyo" || at(tokyo, "zh") != "東京" || at(tokyo, "ja") != "Tokyo" || at(tokyo, "parent", "name") != "日本" {
		t.Errorf("category is %v", tokyo)
	}
	if children := each(at(tokyo, "parent", "children"), "id"); !slices.Contains(children, any("japan-tokyo")) {
		t.Errorf("children are %v", children)
	}
	if at(data, "none") != nil || at(data, "unknown") != nil || len(at(data, "below").([]any)) != 0 || len(at(data, "roots").([]any)) == 0 {
		t.Errorf("unknown ones are %v", data)
	}
	for _, name := range each(at(data, "found", "nodes"), "name") {
		if !strings.HasPrefix(strings.ToLower(name.(string)), "tokyo") {
			t.Errorf("a search for Tokyo found %v", name)
		}
	}
	if len(at(data, "found", "nodes").([]any)) == 0 {
		t.Error("a search for Tokyo found nothing")
	}
	for _, inStock := range each(at(data, "soldOut", "nodes"), "inStock") {
		if inStock != false {
			t.Errorf("sold out: %v", inStock)
		}
	}
}

// TestCustomersKeepTheirOrder holds that answers stand where their questions did.
func TestCustomersKeepTheirOrder(t *testing.T) {
	data := ask(t, serveSample(t), `{ customers(by: [{id: "c003"}, {id: "nope"}, {identity: {kind: EMAIL, value: "mei.chen@example.com"}}, {id: "c003"},
		{identity: {kind: PHONE, value: "+886 910-000-000"}}]) { id } }`, nil)
	if diff := cmp.Diff([]any{object{"id": "c003"}, nil, object{"id": "c001"}, object{"id": "c003"}, object{"id": "c001"}}, at(data, "customers")); diff != "" {
		t.Error(diff)
	}
}
