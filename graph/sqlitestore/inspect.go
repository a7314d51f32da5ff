package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// FileState is what can be told of a store's file from outside.
type FileState struct {
	Version     int    // of its schema; see [SchemaVersion]
	Bytes       int64  // of the file and its log
	FreeBytes   int64  // on its disk, for this user; -1 where the system does not tell
	NotWritable string // why neither the file nor its folder can be written; "" when they can
}

// Inspect looks at a store's file without changing it. It refuses what [Open] refuses, but for a file of an older version.
func Inspect(ctx context.Context, path string) (state FileState, err error) {
	opts := Options{ReadOnly: true}
	opts.setDefaults()
	s := &Store{opts: opts, path: path}
	defer func() {
		if err != nil {
			err = fmt.Errorf("inspect store %s: %w", path, translate(ctx, err))
		}
	}()
	if err := ctx.Err(); err != nil {
		return state, err
	}
	empty, err := inspect(path)
	if err != nil {
		return state, err
	}
	if empty {
		return state, errNoStore()
	}
	if state.Version, err = s.readVersion(); err != nil {
		return state, err
	}
	if s.alone && !s.frozen {
		s.removeLog()
	}
	for _, name := range []string{path, path + "-wal"} {
		if info, err := os.Stat(name); err == nil {
			state.Bytes += info.Size()
		}
	}
	state.FreeBytes = freeBytes(filepath.Dir(path))
	state.NotWritable = notWritable(path)
	return state, nil
}

// notWritable tries what a writer would do, and changes nothing.
func notWritable(path string) string {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "the file cannot be opened for writing"
	}
	if err := f.Close(); err != nil {
		return "the file cannot be opened for writing"
	}
	f, err = os.CreateTemp(filepath.Dir(path), ".lacuna-*")
	if err != nil {
		return "no file can be made in its folder, where the log must lie"
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return "a file that was made in its folder cannot be removed"
	}
	return ""
}
