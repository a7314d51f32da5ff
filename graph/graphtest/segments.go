package graphtest

import (
	"testing"

	"lacuna/graph"
)

// attributeIs is the rule that an attribute has a text.
func attributeIs(name, value string) graph.Rule {
	return graph.Rule{Attribute: &graph.AttributeRule{Name: name, Op: graph.OpEq, Values: []graph.Value{graph.TextValue(value)}}}
}

// inSegments is the rule to be in one of some segments.
func inSegments(ids ...string) graph.Rule { return graph.Rule{Segment: &graph.SegmentRule{In: ids}} }

func segments(list ...graph.Segment) graph.Batch { return graph.Batch{Segments: list} }

// testSegments checks how segments are kept and refused.
func testSegments(t *testing.T, f Factory) {
	t.Run("kept in order of id, named by id where they have no name", func(t *testing.T) {
		x := fresh(t, f)
		b := segments(graph.Segment{ID: "b", Rule: attributeIs("x", "漢字")},
			graph.Segment{ID: "a", Name: "Aye", Description: "first", Rule: graph.Rule{Not: new(inSegments("b"))}})
		x.accept(b)
		x.same("segments", []graph.Segment{
			{ID: "a", Name: "Aye", Description: "first", Rule: graph.Rule{Not: new(inSegments("b"))}},
			{ID: "b", Name: "b", Rule: attributeIs("x", "漢字")},
		}, x.state().Segments)
		x.repeat(b)
		x.accept(segments(graph.Segment{ID: "b", Rule: attributeIs("x", "other")}))
		x.same("rule", attributeIs("x", "other"), x.state().Segments[1].Rule)
	})
	t.Run("a rule names segments anywhere in the batch", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(segments(graph.Segment{ID: "a", Rule: inSegments("b", "c")}, graph.Segment{ID: "b", Rule: inSegments("c")},
			graph.Segment{ID: "c", Rule: attributeIs("x", "y")}))
	})
	t.Run("an unknown segment is refused", func(t *testing.T) {
		x := fresh(t, f)
		x.reject(segments(graph.Segment{ID: "a", Rule: inSegments("none")}), graph.RejectUnknownSegment, "")
		got := x.codes(segments(graph.Segment{ID: "a", Rule: inSegments("b")}, graph.Segment{ID: "b", Rule: inSegments("none")}))
		x.same("outcomes", []string{"unknown_segment", "unknown_segment"}, got)
	})
	t.Run("cycles are refused", func(t *testing.T) {
		x := fresh(t, f)
		x.reject(segments(graph.Segment{ID: "a", Rule: inSegments("a")}), graph.RejectCycle, "")
		x.accept(segments(graph.Segment{ID: "a", Rule: attributeIs("x", "y")}, graph.Segment{ID: "b", Rule: inSegments("a")},
			graph.Segment{ID: "c", Rule: inSegments("b")}))
		x.reject(segments(graph.Segment{ID: "a", Rule: inSegments("c")}), graph.RejectCycle, "")
	})
	t.Run("deleted, unless another one depends on it", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(segments(graph.Segment{ID: "a", Rule: attributeIs("x", "y")}, graph.Segment{ID: "b", Rule: inSegments("a")}))
		x.reject(graph.Batch{DeleteSegments: []string{"a"}}, graph.RejectInUse, "")
		x.reject(graph.Batch{DeleteSegments: []string{"none"}}, graph.RejectNotFound, "")
		x.accept(graph.Batch{DeleteSegments: []string{"b", "a"}})
		x.same("segments", []graph.Segment{}, x.state().Segments)
		x.same("number", int64(0), x.stats().Segments)
		x.accept(segments(graph.Segment{ID: "a", Rule: attributeIs("x", "y")}))
	})
	t.Run("patches keep what they do not say", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(segments(graph.Segment{ID: "a", Name: "Aye", Description: "first", Rule: attributeIs("x", "y")}))
		x.repeat(segments(graph.Segment{ID: "a", Rule: attributeIs("x", "y")}))
		x.accept(segments(graph.Segment{ID: "a", Name: "Bee", Rule: attributeIs("x", "y")}))
		want := []graph.Segment{{ID: "a", Name: "Bee", Description: "first", Rule: attributeIs("x", "y")}}
		x.same("segments", want, x.state().Segments)
	})
	t.Run("a rule that says nothing, and an id that is taken by all, are refused", func(t *testing.T) {
		x := fresh(t, f)
		x.reject(segments(graph.Segment{ID: graph.EveryoneID, Rule: attributeIs("x", "y")}), graph.RejectBadID, "id")
		x.reject(segments(graph.Segment{ID: "a"}), graph.RejectInvalidRule, "")
	})
}
