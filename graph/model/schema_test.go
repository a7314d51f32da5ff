package model

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"lacuna/graph"
	"lacuna/insight"
)

func schema(t *testing.T) *ast.Schema {
	t.Helper()
	text, err := os.ReadFile("../../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// names writes every value of an enum of the domain, from the first to the last valid one.
func names[T ~uint8](first, last T, marshal func(T) graphql.Marshaler) []string {
	var list []string
	for value := first; value <= last; value++ {
		var name string
		if json.Unmarshal([]byte(written(marshal(value))), &name) != nil {
			name = "no JSON"
		}
		list = append(list, name)
	}
	return list
}

// spelled writes every value of an enum of the domain that the API spells as the domain does.
func spelled[T interface {
	~uint8
	String() string
}](first, last T) (list []string) {
	for value := first; value <= last; value++ {
		list = append(list, value.String())
	}
	return list
}

// TestEnumsOfTheSchema holds that schema and domain have the same names: what one of them lacks could not be asked for,
// or would break an answer.
func TestEnumsOfTheSchema(t *testing.T) {
	domain := map[string][]string{
		"IdentityKind":      names(graph.EmailAddress, graph.Custom, MarshalIdentityKind),
		"InteractionType":   names(graph.View, graph.CampaignClicked, MarshalInteractionType),
		"Channel":           names(graph.Web, graph.Partner, MarshalChannel),
		"Phase":             names(graph.BeforePurchase, graph.AfterPurchase, MarshalPhase),
		"CustomerOrder":     names(graph.ByCustomerID, graph.ByNewest, MarshalCustomerOrder),
		"Lifecycle":         spelled(graph.LifecycleNew, graph.LifecycleProspect),
		"ValueTier":         spelled(graph.TierDiamond, graph.TierRegular),
		"RfmGroup":          spelled(graph.RFMChampions, graph.RFMProspects),
		"SumField":          spelled(graph.SumAmount, graph.SumQuantity),
		"GapVerdict":        spelled(insight.Served, insight.FixFindability),
		"GapCause":          spelled(insight.Absence, insight.Findability),
		"GapStatus":         names(graph.GapNew, graph.GapDismissed, MarshalGapStatus),
		"EvidenceKind":      spelled(insight.FoundNothing, insight.ContactedSupport),
		"GapOutcomeVerdict": spelled(insight.OutcomeUnknown, insight.OutcomeNoEffect),
	}
	// Those of the API alone are mapped by name where they are resolved.
	own := []string{"SegmentOrder", "SegmentOrigin", "SegmentState", "Dimension", "Measure", "Grain", "ColumnKind", "GapLevel", "GapOrder", "GapMeasure"}
	read := map[string]func(any) error{
		"IdentityKind":    func(v any) error { _, err := UnmarshalIdentityKind(v); return err },
		"InteractionType": func(v any) error { _, err := UnmarshalInteractionType(v); return err },
		"Channel":         func(v any) error { _, err := UnmarshalChannel(v); return err },
		"CustomerOrder":   func(v any) error { _, err := UnmarshalCustomerOrder(v); return err },
		"GapStatus":       func(v any) error { _, err := UnmarshalGapStatus(v); return err },
	}
	found := 0
	for _, definition := range schema(t).Types {
		if definition.Kind != ast.Enum || definition.BuiltIn || slices.Contains(own, definition.Name) {
			continue
		}
		found++
		var values []string
		for _, v := range definition.EnumValues {
			values = append(values, v.Name)
			if of := read[definition.Name]; of != nil {
				if err := of(v.Name); err != nil {
					t.Errorf("%s.%s cannot be read: %v", definition.Name, v.Name, err)
				}
			}
		}
		slices.Sort(values)
		ours := slices.Sorted(slices.Values(domain[definition.Name]))
		if diff := cmp.Diff(values, ours); diff != "" {
			t.Errorf("%s: the schema (-) and the domain (+) differ: %s", definition.Name, diff)
		}
	}
	if found != len(domain) {
		t.Errorf("the schema has %d enums, the domain %d", found, len(domain))
	}
}

// TestEnumsEnd holds that the last value named above is the last one of the domain.
func TestEnumsEnd(t *testing.T) {
	if (graph.Custom + 1).Valid() || (graph.CampaignClicked + 1).Valid() || (graph.Partner + 1).Valid() ||
		(graph.LifecycleProspect + 1).Valid() || (graph.TierRegular + 1).Valid() || (graph.RFMProspects + 1).Valid() || (graph.SumQuantity + 1).Valid() {
		t.Error("an enum goes on after what the test takes for its end")
	}
}
