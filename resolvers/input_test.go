package resolvers

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
	"lacuna/graph/model"
)

func TestDecodeRows(t *testing.T) {
	_, err := decodeRows(make([]model.RetractionInput, mostRows+1), retraction)
	refusal(t, err, "1001 rows")
	rows, err := decodeRows(make([]model.RetractionInput, mostRows), retraction)
	if err != nil || len(rows) != mostRows {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	_, err = decodeRows([]model.InteractionInput{{Customer: &model.CustomerBy{ID: new("c")}}, {Customer: &model.CustomerBy{}}}, interactionRow)
	refusal(t, err, "input[1].customer")
	_, err = decodeRows([]model.CustomerInput{{ReferredBy: &model.CustomerBy{}}}, customerUpsert)
	refusal(t, err, "input[0].referredBy")
	_, err = decodeRows([]model.CategoryInput{{Names: []model.CategoryNameInput{{Lang: "zh", Name: "a"}, {Lang: "zh", Name: "b"}}}}, category)
	refusal(t, err, "input[0].names[1].lang")
}

func TestRowsKeepWhatWasSaid(t *testing.T) {
	at := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	price := graph.Decimal(125_000)
	attributes := []model.AttributeInput{{Name: "party", Value: graph.TextValue("family")}}
	values := []graph.NamedValue{{Name: "party", Value: graph.TextValue("family")}}
	check := func(got any, err error, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(graph.Value{})); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
	}
	c, err := category(model.CategoryInput{ID: "a", Name: new("A"), Parent: new("b"), Names: []model.CategoryNameInput{{Lang: "zh", Name: "甲"}}}, "")
	check(c, err, graph.Category{ID: "a", Name: "A", Parent: "b", Names: map[string]string{"zh": "甲"}})
	p, err := productRow(model.ProductInput{ID: "p", Name: new("P"), Categories: []string{"a"}, Tags: []string{"t"}, Price: &price, Currency: new("TWD"),
		LaunchedAt: &at, RetiredAt: &at, InStock: new(false), Attributes: attributes}, "")
	check(p, err, graph.Product{ID: "p", Name: "P", Categories: []string{"a"}, Tags: []string{"t"}, Price: graph.Some(price), Currency: "TWD",
		LaunchedAt: at, RetiredAt: at, InStock: graph.Some(false), Attributes: values})
	u, err := customerUpsert(model.CustomerInput{ID: "c", Name: new("C"), CreatedAt: &at, Household: new("h"), ReferredBy: &model.CustomerBy{ID: new("r")},
		Identities: []model.IdentityClaimInput{{Kind: graph.Phone, Value: "1", Verified: true}}, Attributes: attributes,
		Consents: []model.CustomerConsentInput{{Purpose: "MARKETING", Granted: true, At: &at}}, Source: "s", ObservedAt: &at, Verified: true}, "")
	check(u, err, graph.CustomerUpsert{ID: "c", Name: "C", CreatedAt: at, Household: "h", ReferredBy: graph.ByID("r"),
		Identities: []graph.IdentityClaim{{Identity: graph.Identity{Kind: graph.Phone, Value: "1"}, Verified: true}}, Attributes: values,
		Consents: []graph.Consent{{Purpose: "MARKETING", Granted: true, At: at}}, Source: "s", ObservedAt: at, Verified: true})
	i, err := interactionRow(model.InteractionInput{ID: "i", Type: graph.Purchase, At: at, Customer: &model.CustomerBy{ID: new("c")}, Channel: new(graph.App),
		Product: new("p"), Category: new("a"), Query: new("q"), Results: new(int32(0)), Quantity: &price, Amount: &price, Currency: new("TWD"), Campaign: new("k"),
		Rating: &price, Session: new("z"), Available: new(true), Attributes: attributes, Source: "s"}, "")
	check(i, err, graph.Interaction{ID: "i", Type: graph.Purchase, At: at, Customer: graph.ByID("c"), Channel: graph.App, Product: "p", Category: "a",
		Query: "q", Results: graph.Some(int64(0)), Quantity: graph.Some(price), Amount: graph.Some(price), Currency: "TWD", Campaign: "k",
		Rating: graph.Some(price), Session: "z", Available: graph.Some(true), Attributes: values, Source: "s"})
	r, err := retraction(model.RetractionInput{ID: "i", Reason: "twice", Source: "s"}, "")
	check(r, err, graph.Retraction{ID: "i", Reason: "twice", Source: "s"})
	check(consentUpsert(model.ConsentInput{Customer: "c", Purpose: "MARKETING", At: &at, Source: "s"}), nil,
		graph.CustomerUpsert{ID: "c", Source: "s", Consents: []graph.Consent{{Purpose: "MARKETING", At: at}}})
}

func TestFieldPath(t *testing.T) {
	for column, want := range map[string][]string{
		"": nil, "id": {"id"}, "created_at": {"createdAt"}, "updated_at": {"observedAt"}, "in_stock": {"inStock"}, "referred_by": {"referredBy"},
		"attr": {"attributes"}, "attr.party": {"attributes", "party"}, "attr.first_seen": {"attributes", "first_seen"}, "name_zh-tw": {"names", "zh-tw"},
		"name_": {"names", ""}, "a__b": {"aB"},
	} {
		if diff := cmp.Diff(want, fieldPath(column)); diff != "" {
			t.Errorf("fieldPath(%q): %s", column, diff)
		}
	}
}

func TestPayload(t *testing.T) {
	got := payload([]graph.Outcome{{Status: graph.Accepted}, {Status: graph.Duplicate}, {Status: graph.Accepted},
		{Status: graph.Rejected, Rejection: graph.Reject(graph.RejectUnknownProduct, "product", "is unknown")}})
	want := &model.UpsertPayload{Accepted: 2, Duplicates: 1, UserErrors: []model.UserError{
		{Path: []string{"input", "3", "product"}, Code: "UNKNOWN_PRODUCT", Message: "is unknown"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := payload(nil); got.UserErrors == nil {
		t.Error("no errors are not an empty list")
	}
}

func TestConsentError(t *testing.T) {
	for _, c := range []struct {
		code        graph.RejectCode
		field, want string
	}{
		{graph.RejectMissing, "consents", "purpose"}, {graph.RejectBadTime, "consents", "at"}, {graph.RejectMissing, "source", "source"}, {graph.RejectErased, "id", "customer"},
	} {
		got := consentError(graph.Reject(c.code, c.field, "m"))
		if diff := cmp.Diff([]string{"input", c.want}, got.Path); diff != "" {
			t.Error(diff)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		err           error
		code, message string
	}{
		{fmt.Errorf("merge: no such customer: %w", graph.ErrNotFound), "NOT_FOUND", "merge: no such customer"},
		{fmt.Errorf("undo merge m1 first: %w", graph.ErrConflict), "CONFLICT", "undo merge m1 first"},
		{fmt.Errorf("merge: %w", graph.Reject(graph.RejectBadID, "", "reads as an identity")), "BAD_ID", "reads as an identity"},
	} {
		got, err := refused(c.err, "merge")
		want := []model.UserError{{Path: []string{"merge"}, Code: c.code, Message: c.message}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
	}
	if got, err := refused(graph.ErrUnavailable, "id"); got != nil || !errors.Is(err, graph.ErrUnavailable) {
		t.Errorf("%v, %v", got, err)
	}
}
