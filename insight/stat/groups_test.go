package stat

import (
	"strings"
	"testing"

	"lacuna/graph"
)

// allGroups has a row a score of recency from 5 down to 1, in it a block a score of frequency from 1 up to 5, in that a word a score of
// monetary value from 1 up to 5.
const allGroups = `
Ne Ne Ne Ac Ac   Ne Ne Ac Ac Ch   Ne Ac Ac Ch Ch   Ac Ac Ch Ch Ch   Ac Ch Ch Ch Ch
Pr Pr Pr Ac Ac   Pr Pr Ac Ac Lo   Pr Ac Ac Lo Lo   Ac Ac Lo Lo Lo   Ac Lo Lo Lo Lo
Al Al Al Na Na   Al Al Na Na Lo   Al Na Na Lo Lo   Na Na Lo Lo Lo   Na Lo Lo Lo Lo
Al Al Al Ar Ar   Al Al Ar Ar Ar   Al Ar Ar Ar Ar   Ar Ar Ar Ar Pl   Ar Ar Ar Pl Pl
Do Do Do Ar Ar   Do Do Ar Ar Pl   Do Ar Ar Pl Pl   Ar Ar Pl Pl Pl   Ar Pl Pl Pl Pl
`

// TestRFMGroupTable shows the group of each of the 125 combinations.
func TestRFMGroupTable(t *testing.T) {
	groups := map[string]graph.RFMGroup{
		"Ch": graph.RFMChampions, "Lo": graph.RFMLoyal, "Ac": graph.RFMActive, "Ne": graph.RFMNew, "Pr": graph.RFMPromising,
		"Na": graph.RFMNeedsAttention, "Al": graph.RFMAlmostLost, "Pl": graph.RFMPreviouslyLoyal, "Ar": graph.RFMAtRisk, "Do": graph.RFMDormant,
	}
	words := strings.Fields(allGroups)
	if len(words) != 125 {
		t.Fatalf("the table has %d words", len(words))
	}
	for i, word := range words {
		r, f, m := uint8(5-i/25), uint8(1+i/5%5), uint8(1+i%5)
		if got, want := RFMGroup(r, f, m), groups[word]; got != want {
			t.Errorf("%d%d%d is %v, want %v", r, f, m, got, want)
		}
	}
}
