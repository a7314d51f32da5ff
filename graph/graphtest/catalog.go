package graphtest

import (
	"fmt"
	"testing"

	"lacuna/graph"
)

// testCatalog checks the category tree.
func testCatalog(t *testing.T, f Factory) {
	t.Run("names", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(categories(graph.Category{ID: "a"}, graph.Category{ID: "b", Name: "Bee", Names: map[string]string{"zh_TW": "蜂", "ja": "蜂"}}))
		x.same("tree", []graph.Category{{ID: "a", Name: "a"}, {ID: "b", Name: "Bee", Names: map[string]string{"zh-tw": "蜂", "ja": "蜂"}}},
			treeList(x.tree()))
		x.repeat(categories(graph.Category{ID: "b", Names: map[string]string{"ja": "蜂", "de": ""}}, graph.Category{ID: "a"}))
		x.accept(categories(graph.Category{ID: "b", Names: map[string]string{"de": "Biene"}}))
		x.same("names", map[string]string{"zh-tw": "蜂", "ja": "蜂", "de": "Biene"}, x.tree().Category("b").Names)
		x.accept(categories(graph.Category{ID: "a", Name: "Aye"}))
		x.repeat(categories(graph.Category{ID: "a"}))
		x.same("name", "Aye", x.tree().Category("a").Name)
	})
	t.Run("a parent may stand anywhere in the batch", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(categories(graph.Category{ID: "c", Parent: "b"}, graph.Category{ID: "b", Parent: "a"}, graph.Category{ID: "a"}))
		x.same("descendants", []string{"a", "b", "c"}, x.tree().Descendants("a"))
	})
	t.Run("an unknown parent is refused, or created", func(t *testing.T) {
		x := fresh(t, f)
		x.reject(categories(graph.Category{ID: "c", Parent: "none"}), graph.RejectUnknownCategory, "parent")
		x.same("outcomes below a refused row", []string{"unknown_category", "bad_text"},
			x.codes(categories(graph.Category{ID: "c", Parent: "p"}, graph.Category{ID: "p", Name: "\x00"})))
		b := categories(graph.Category{ID: "c", Parent: "made"})
		b.CreateMissing = true
		x.accept(b)
		x.same("tree", []graph.Category{{ID: "made", Name: "made"}, {ID: "c", Name: "c", Parent: "made"}}, treeList(x.tree()))
	})
	t.Run("moves", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(catalog())
		x.accept(categories(graph.Category{ID: "c/d", Parent: "x"}))
		x.same("below x", []string{"x", "c/d", "c/d/e"}, x.tree().Descendants("x"))
		x.repeat(categories(graph.Category{ID: "c/d"})) // without a parent: stays where it is
		x.same("below c", []string{"c"}, x.tree().Descendants("c"))
	})
	t.Run("cycles are refused", func(t *testing.T) { catalogCycles(fresh(t, f)) })
	t.Run("so many levels and no more", func(t *testing.T) { catalogLevels(fresh(t, f)) })
	t.Run("a tree once read stays as it is", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(catalog())
		old := x.tree()
		x.accept(categories(graph.Category{ID: "y", Parent: "x"}, graph.Category{ID: "c/d", Parent: "x", Name: "Dee"}))
		x.same("old tree", []any{4, "c/d", []string{"x"}}, []any{old.Len(), old.Category("c/d").Name, old.Descendants("x")})
		x.same("new tree", 5, x.tree().Len())
	})
}

func catalogCycles(x *fixture) {
	x.reject(categories(graph.Category{ID: "a", Parent: "a"}), graph.RejectCycle, "parent")
	x.accept(catalog())
	x.reject(categories(graph.Category{ID: "c", Parent: "c/d/e"}), graph.RejectCycle, "parent")
	x.same("roots", 2, len(x.tree().Children("")))
	// Two rows that make a cycle between them: one at least is refused, and the tree stays one.
	var cycles int
	for _, code := range x.codes(categories(graph.Category{ID: "m", Parent: "n"}, graph.Category{ID: "n", Parent: "m"}, graph.Category{ID: "fine"})) {
		if code == string(graph.RejectCycle) {
			cycles++
		}
	}
	if cycles == 0 {
		x.t.Error("a cycle within a batch is not refused")
	}
	x.same("categories that hang together", x.tree().Len(), len(treeList(x.tree())))
	if x.tree().Category("fine") == nil {
		x.t.Error("a cycle keeps another row back")
	}
}

func catalogLevels(x *fixture) {
	var b graph.Batch
	for level := 1; level <= graph.MaxCategoryLevels; level++ {
		c := graph.Category{ID: fmt.Sprint("level", level)}
		if level > 1 {
			c.Parent = fmt.Sprint("level", level-1)
		}
		b.Categories = append(b.Categories, c)
	}
	x.accept(b)
	below := graph.Category{ID: "below", Parent: fmt.Sprint("level", graph.MaxCategoryLevels)}
	if got := flat(x.write(categories(below)))[0]; got.Status != graph.Rejected {
		x.t.Errorf("a category at level %d is %s", graph.MaxCategoryLevels+1, describe(got))
	}
	x.accept(categories(graph.Category{ID: "root"}))
	if got := flat(x.write(categories(graph.Category{ID: "level1", Parent: "root"})))[0]; got.Status != graph.Rejected {
		x.t.Errorf("a move that brings the tree to %d levels is %s", graph.MaxCategoryLevels+1, describe(got))
	}
	x.same("categories", graph.MaxCategoryLevels+1, x.tree().Len())
}
