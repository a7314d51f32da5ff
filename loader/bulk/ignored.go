package bulk

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"lacuna/graph"
)

// tally counts records that are left out on purpose, by name.
type tally map[string]int64

// maxIgnored is how many names are counted apart.
const maxIgnored = 1_000

func (t tally) add(name string, n int64) {
	if _, known := t[name]; !known && len(t) >= maxIgnored {
		name = "(others)"
	}
	t[strings.Clone(name)] += n
}

// noteIgnored tells the store which records of a file, read to its end, were left out.
func (run *fileRun) noteIgnored() error {
	if len(run.ignored) == 0 {
		return nil
	}
	b := &graph.Batch{}
	for _, name := range slices.Sorted(maps.Keys(run.ignored)) {
		b.Unread = append(b.Unread, graph.UnreadRecords{
			Source: run.loader.source(run.file), File: filepath.Base(run.file.path), Name: name, Records: run.ignored[name],
		})
	}
	if _, err := run.writer.Write(run.storing, b); err != nil {
		return fmt.Errorf("%s: note what is not read: %w", run.file.path, err)
	}
	return nil
}
