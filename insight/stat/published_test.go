package stat

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// published opens a packed file of the published data sets: below LACUNA_SHARED, else beside the repository. The test is skipped where it is absent.
func published(t *testing.T, name string) io.Reader {
	t.Helper()
	root := cmp.Or(os.Getenv("LACUNA_SHARED"), filepath.Join("..", "..", "..", "shared"))
	f, err := os.Open(filepath.Join(root, "data", filepath.FromSlash(name)))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the data set %s is not at hand; set LACUNA_SHARED to the folder that has data/%s", name, name)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return unpacked
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// checkTopFifth compares with a published share of the top fifth, and holds the curve against it.
func checkTopFifth(t *testing.T, spent map[string]float64, buyers int, want float64) {
	t.Helper()
	values := slices.Collect(maps.Values(spent))
	top := TopShare(values, .2)
	if len(values) != buyers || math.Abs(top-want) > .0005 {
		t.Errorf("the top fifth of %d buyers made %.4f, published %g of %d", len(values), top, want, buyers)
	}
	curve := Pareto(values, 100)
	if len(curve) != 100 || curve[19].ValueShare != top || curve[99].ValueShare != 1 {
		t.Errorf("a curve of %d points, %v at a fifth, %v at the end", len(curve), curve[19], curve[99])
	}
}

// TestOnlineRetail is UCI Online Retail: purchases of known customers, without cancellations.
func TestOnlineRetail(t *testing.T) {
	rows := csv.NewReader(published(t, "online_retail/online_retail.csv.gz"))
	rows.ReuseRecord = true
	if _, err := rows.Read(); err != nil {
		t.Fatal(err)
	}
	spent := map[string]float64{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if row[6] != "" && !strings.HasPrefix(row[0], "C") {
			spent[row[6]] += number(t, row[3]) * number(t, row[5])
		}
	}
	checkTopFifth(t, spent, 4_339, .746)
}

// TestCDNOW is the CDNOW master data set (Fader and Hardie).
func TestCDNOW(t *testing.T) {
	lines := bufio.NewScanner(published(t, "cdnow/CDNOW_master.txt.gz"))
	lines.Scan() // the heading
	spent := map[string]float64{}
	for lines.Scan() {
		if row := strings.Fields(lines.Text()); len(row) == 4 {
			spent[row[0]] += number(t, row[3])
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	checkTopFifth(t, spent, 23_570, .678)
}
