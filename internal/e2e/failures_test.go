package e2e

import (
	"strings"
	"testing"
)

func TestLoadFails(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "customers.csv", "")
	write(t, folder, "products.csv", "name\nx\n")
	write(t, folder, "categories.csv", "id,name\na,A\n")
	for _, c := range []struct {
		arguments []string
		code      int
		says      string
	}{
		{nil, 2, "lacuna load shop/"},
		{[]string{"none.csv"}, 1, "none.csv"},
		{[]string{"customers.csv"}, 1, "customers.csv"},
		{[]string{"products.csv"}, 1, "id"},
		{[]string{"categories.csv", "--format", "xyz"}, 2, "generic"},
		{[]string{"categories.csv", "--zone", "Mars"}, 2, "Mars"},
		{[]string{"categories.csv", "--store", "bolt://h"}, 2, "no Neo4j store"},
		{[]string{"categories.csv", "--store", "sqlite:none/there.db"}, 1, "none/there.db"},
		{[]string{"categories.csv", "--create-missing=perhaps"}, 2, "--create-missing"},
	} {
		_, stderr, code := run(t, folder, append([]string{"load"}, c.arguments...)...)
		if code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("load %v ended with %d, want %d: %s", c.arguments, code, c.code, stderr)
		}
	}
}
