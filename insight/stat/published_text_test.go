package stat

import (
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// publishedText opens a plain file of the published data sets, where [published] opens a packed one.
func publishedText(t *testing.T, name string) io.Reader {
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
	return f
}
