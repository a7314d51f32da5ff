package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/internal/synth/planted"
)

// gapReport loads a folder of planted data and gives what lacuna gaps says of it, as CSV.
func gapReport(t *testing.T, dir string) string {
	t.Helper()
	store := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	arguments := []string{"load", "--store", store, "--source", "generate"}
	for _, name := range []string{"categories.csv", "products.csv", "customers.csv", "segments.ndjson", "interactions.csv"} {
		arguments = append(arguments, filepath.Join(dir, name))
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), arguments, &out, &errs); code != exitOK {
		t.Fatalf("exit %d: %s", code, &errs)
	}
	out.Reset()
	if code := run(t.Context(), []string{"gaps", "--store", store, "--csv", "--first", "0", "--level", "ALL"}, &out, &errs); code != exitOK {
		t.Fatalf("exit %d: %s", code, &errs)
	}
	return out.String()
}

// table is a file of planted data: its header, then its rows.
type table [][]string

func (rows table) column(name string) int { return slices.Index(rows[0], name) }

// each changes a column of every row.
func (rows table) each(name string, change func(string) string) {
	n := rows.column(name)
	for _, row := range rows[1:] {
		if row[n] != "" {
			row[n] = change(row[n])
		}
	}
}

// changed writes a folder of planted data again with its tables changed.
func changed(t *testing.T, dir string, change func(files map[string]table)) string {
	t.Helper()
	to, files := t.TempDir(), map[string]table{}
	for _, name := range []string{"categories", "products", "customers", "interactions"} {
		text, err := os.ReadFile(filepath.Join(dir, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		if files[name], err = csv.NewReader(bytes.NewReader(text)).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	change(files)
	for name, rows := range files {
		var text bytes.Buffer
		if err := csv.NewWriter(&text).WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name+".csv"), text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	segments, err := os.ReadFile(filepath.Join(dir, "segments.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, "segments.ndjson"), segments, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

// flags are the cells of a report with what they are called, in order of their names.
func flags(t *testing.T, report string) (list []string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(report)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		var cell []string
		for _, name := range []string{"segment", "category", "verdict", "cause", "cause_attribute", "cause_value", "growing"} {
			if n := table(rows).column(name); n >= 0 {
				cell = append(cell, row[n])
			} else {
				t.Fatalf("no column %s in %v", name, rows[0])
			}
		}
		list = append(list, strings.Join(cell, " "))
	}
	slices.Sort(list)
	return list
}

// The same data gives the same report, byte for byte, in whatever order rows come, however often, and on however many threads.
func TestGapsAreTheSameEveryTime(t *testing.T) {
	dir := planting(t, planted.Options{Customers: 4_000, Seed: 9})
	want := gapReport(t, dir)
	if strings.Count(want, "\n") < 5 {
		t.Errorf("hardly any gaps: %s", want)
	}
	t.Run("rows the other way round, and each twice", func(t *testing.T) {
		other := changed(t, dir, func(files map[string]table) {
			rows := files["interactions"]
			slices.Reverse(rows[1:])
			files["interactions"] = append(rows, rows[1:]...)
		})
		if diff := cmp.Diff(want, gapReport(t, other)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("one thread", func(t *testing.T) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		if diff := cmp.Diff(want, gapReport(t, dir)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("other names and another currency", func(t *testing.T) {
		rename := func(id string) string {
			h := fnv.New64a()
			_, _ = h.Write([]byte(id))
			return fmt.Sprintf("%016x", h.Sum64())
		}
		other := changed(t, dir, func(files map[string]table) {
			files["customers"].each("id", rename)
			files["products"].each("id", rename)
			files["interactions"].each("customer", rename)
			files["interactions"].each("product", rename)
			files["interactions"].each("id", rename)
			for name, column := range map[string]string{"products": "price", "interactions": "amount"} {
				files[name].each(column, func(text string) string {
					x, err := strconv.ParseFloat(text, 64)
					if err != nil {
						t.Fatal(err)
					}
					return strconv.FormatFloat(math.Round(x*100), 'f', 0, 64)
				})
				files[name].each("currency", func(string) string { return "TWD" })
			}
		})
		if diff := cmp.Diff(flags(t, want), flags(t, gapReport(t, other))); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a category beside", func(t *testing.T) {
		other := changed(t, dir, func(files map[string]table) {
			category := make([]string, len(files["categories"][0]))
			category[files["categories"].column("id")], category[files["categories"].column("name")] = "beside", "Beside"
			files["categories"] = append(files["categories"], category)
			customers, interactions := files["customers"], files["interactions"]
			moment := interactions.column("at")
			for n := range 300 {
				row := make([]string, len(interactions[0]))
				for name, value := range map[string]string{"id": fmt.Sprint("beside", n), "type": "VIEW", "channel": "APP", "category": "beside", "customer": customers[1+n*7][customers.column("id")]} {
					row[interactions.column(name)] = value
				}
				row[moment] = interactions[1+n*(len(interactions)-2)/300][moment]
				files["interactions"] = append(files["interactions"], row)
			}
		})
		got := slices.DeleteFunc(flags(t, gapReport(t, other)), func(flag string) bool { return strings.Contains(flag, " beside ") })
		if diff := cmp.Diff(flags(t, want), got); diff != "" {
			t.Error(diff)
		}
	})
}
