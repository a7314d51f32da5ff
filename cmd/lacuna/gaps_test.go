package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
