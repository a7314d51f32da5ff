package resolvers

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
	"lacuna/graph/model"
)

// refusal fails unless err is INVALID_ARGUMENT and says where.
func refusal(t *testing.T, err error, where string) {
	t.Helper()
	if coded, ok := errors.AsType[*Error](err); !ok || coded.Code != CodeInvalidArgument || !strings.Contains(coded.Message, where) {
		t.Errorf("error is %v, want INVALID_ARGUMENT about %s", err, where)
	}
}

func TestPageSize(t *testing.T) {
	for _, first := range []int32{0, 1, 20, 500} {
		if n, err := pageSize(first); err != nil || n != int(first) {
			t.Errorf("pageSize(%d) = %d, %v", first, n, err)
		}
	}
	for _, first := range []int32{-1, 501, math.MinInt32, math.MaxInt32} {
		_, err := pageSize(first)
		refusal(t, err, "first")
	}
}

func TestCustomerRef(t *testing.T) {
	email := &model.IdentityInput{Kind: graph.EmailAddress, Value: " A@B.c "}
	for _, c := range []struct {
		in   *model.CustomerBy
		want graph.CustomerRef
	}{
		{&model.CustomerBy{ID: new("c1")}, graph.ByID("c1")},
		{&model.CustomerBy{ID: new("EMAIL:x")}, graph.ByID("EMAIL:x")},
		{&model.CustomerBy{Identity: email}, graph.CustomerRef{Kind: graph.EmailAddress, Value: "a@b.c"}},
		{&model.CustomerBy{Identity: &model.IdentityInput{Kind: graph.Phone, Value: "+886 912-345 678"}}, graph.CustomerRef{Kind: graph.Phone, Value: "+886912345678"}},
	} {
		if got, err := customerRef(c.in, "by"); err != nil || got != c.want {
			t.Errorf("customerRef = %v, %v; want %v", got, err, c.want)
		}
	}
	for _, in := range []*model.CustomerBy{nil, {}, {ID: new("c1"), Identity: email}, {ID: new("")}, {Identity: &model.IdentityInput{Kind: graph.Line, Value: " "}}} {
		_, err := customerRef(in, "by[7]")
		refusal(t, err, "by[7]")
	}
}

func TestCustomerRefs(t *testing.T) {
	by := make([]model.CustomerBy, mostCustomers+1)
	for i := range by {
		by[i].ID = new("c")
	}
	if refs, err := customerRefs(by[:mostCustomers]); err != nil || len(refs) != mostCustomers {
		t.Errorf("%d refs, %v", len(refs), err)
	}
	_, err := customerRefs(by)
	refusal(t, err, "by has 201")
	by[3].ID = nil
	_, err = customerRefs(by[:5])
	refusal(t, err, "by[3]")
	if refs, err := customerRefs(nil); err != nil || len(refs) != 0 {
		t.Errorf("%v, %v", refs, err)
	}
}

func TestInteractionFilter(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	in := &model.InteractionWhere{Types: []graph.InteractionType{graph.Search}, Channels: []graph.Channel{graph.App}, Category: new("japan"),
		Product: new("p1"), Query: new("Ski"), Between: &model.DateTimeRange{From: from, To: from.Add(time.Hour)}}
	want := graph.InteractionFilter{Types: in.Types, Channels: in.Channels, Category: "japan", Product: "p1", Query: "Ski", From: from, To: from.Add(time.Hour)}
	got, err := interactionFilter(in)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if got, err := interactionFilter(nil); err != nil || cmp.Diff(graph.InteractionFilter{}, got) != "" {
		t.Errorf("no filter is %v, %v", got, err)
	}
	for where, in := range map[string]*model.InteractionWhere{
		"where.types":    {Types: []graph.InteractionType{}},
		"where.channels": {Channels: []graph.Channel{}},
		"where.category": {Category: new("")},
		"where.product":  {Product: new("")},
		"where.query":    {Query: new("")},
		"where.between":  {Between: &model.DateTimeRange{From: from, To: from}},
	} {
		_, err := interactionFilter(in)
		refusal(t, err, where)
	}
}

func TestProductFilter(t *testing.T) {
	got, err := productFilter(&model.ProductWhere{Category: new("a"), Tag: new("b"), Search: new("c"), InStock: new(false)})
	want := graph.ProductQuery{Category: "a", Tag: "b", Search: "c", InStock: graph.Some(false)}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	for where, in := range map[string]*model.ProductWhere{"where.category": {Category: new("")}, "where.tag": {Tag: new("")}, "where.search": {Search: new("")}} {
		_, err := productFilter(in)
		refusal(t, err, where)
	}
}
