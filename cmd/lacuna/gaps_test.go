package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// Of data that cannot show gaps it is said what it lacks.
func TestGapsSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	rows := "id,type,at,customer,product\n"
	for n := range 60 {
		rows += fmt.Sprintf("i%d,PURCHASE,2026-0%d-11T10:00:00Z,c%d,p\n", n, 3+n%3, n%20)
	}
	for name, text := range map[string]string{"products.csv": "id,name\np,Tea\n", "interactions.csv": rows} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store := "sqlite:" + filepath.Join(dir, "test.db")
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"load", dir, "--store", store}, &out, &errs); code != exitOK {
		t.Fatalf("exit %d: %s%s", code, &out, &errs)
	}
	out.Reset()
	errs.Reset()
	if code := run(t.Context(), []string{"gaps", "--store", store}, &out, &errs); code != exitOK {
		t.Fatalf("exit %d: %s", code, &errs)
	}
	for _, want := range []string{"there are no categories", "no segments are defined", "there are purchases only"} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("it does not say that %s: %s%s", want, &out, &errs)
		}
	}
}

// Amounts in the table have three digits at most, and are never rounded into a fourth.
func TestCompact(t *testing.T) {
	for amount, want := range map[float64]string{
		0: "0", 4.4: "4", 999.4: "999", 999.5: "1.0 k", 1_234: "1.2 k", 9_949: "9.9 k", 9_951: "10 k", 487_600: "488 k", 999_499: "999 k", 999_501: "1.0 M", 1_900_000: "1.9 M",
		-8_736: "-8.7 k", 2.5e9: "2.5 G", 3e15: "3000 T",
	} {
		if got := compact(amount); got != want {
			t.Errorf("%v is %q, want %q", amount, got, want)
		}
	}
}

// What a value cannot be computed with is refused before any data is read.
func TestValueFlags(t *testing.T) {
	for _, c := range []struct{ flag, value string }{
		{"--horizon-days", "0"}, {"--horizon-days", "3651"}, {"--horizon-days", "-1"}, {"--margin", "0"}, {"--margin", "1.01"}, {"--margin", "NaN"}, {"--margin", "-0.5"},
		{"--cannibalisation", "1"}, {"--cannibalisation", "-0.1"}, {"--cannibalisation", "NaN"}, {"--cannibalisation", "Inf"},
	} {
		for _, command := range []string{"gaps", "serve", "demo", "export customers", "segments"} {
			var out, errs bytes.Buffer
			line := append(strings.Fields(command), c.flag, c.value)
			if code := run(t.Context(), line, &out, &errs); code != exitUsage || !strings.Contains(errs.String(), c.flag+": must be") {
				t.Errorf("%v exits with %d: %s", line, code, &errs)
			}
		}
	}
	var f figureFlags
	cmd := &cobra.Command{}
	f.add(cmd, time.UTC)
	if err := cmd.ParseFlags([]string{"--horizon-days", "90", "--margin", "0.2", "--cannibalisation", "0.3"}); err != nil {
		t.Fatal(err)
	}
	o, err := f.options()
	if got := o.Thresholds; err != nil || got.HorizonDays != 90 || got.Margin != .2 || got.Cannibalisation != .3 {
		t.Errorf("%+v, %v", got, err)
	}
}
