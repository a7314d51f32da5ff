package neo4jstore

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lacuna/graph"
)

// TestImportOfDecisions holds that what was decided about gaps is among the files of an import.
func TestImportOfDecisions(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "import")
	files, err := NewImport(folder, bytes.NewReader(make([]byte, 1_000)))
	if err != nil {
		t.Fatal(err)
	}
	e := graph.GapEvent{Gap: graph.GapKey{Segment: "s", Category: "c"}, ID: "1", At: instant(7), Status: graph.GapLaunched, Product: "p", Note: "for \"families\",\nand others"}
	if err := files.Add(&graph.Portion{GapEvents: []graph.GapEvent{e}}); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Finish(time.Unix(0, 0), "neo4j"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(folder, "gapevent.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "id,segment,category,at:long,status,product,note,by\n1,s,c,7,LAUNCHED,p,\"for \"\"families\"\",\nand others\",\n"; string(got) != want {
		t.Errorf("gapevent.csv is %q, want %q", got, want)
	}
}
