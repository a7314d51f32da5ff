package bulk

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"lacuna/graph"
)

// maxRejectedRow is how much of a rejected row is kept in the rejects.
const maxRejectedRow = 16 << 10

// Rejected is one line of the rejects. It holds personal data.
type Rejected struct {
	File   string `json:"file"`
	Line   int64  `json:"line"`   // from 1; in Parquet the number of the row
	Reason string `json:"reason"` // "code: field: message"
	Row    string `json:"row"`    // as it stands in the file, for Parquet as JSON; cut to 16 KiB
}

// reasonText writes a reason for the rejects.
func reasonText(r *graph.Rejection) string { return string(r.Code) + ": " + r.Error() }

// rejectWriter writes rejects as NDJSON; with no writer it does nothing.
type rejectWriter struct {
	buf *bufio.Writer
	enc *json.Encoder
}

func newRejectWriter(w io.Writer) *rejectWriter {
	if w == nil {
		return &rejectWriter{}
	}
	buf := bufio.NewWriter(w)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	return &rejectWriter{buf: buf, enc: enc}
}

func (w *rejectWriter) write(file string, r reject) error {
	if w.enc == nil {
		return nil
	}
	err := w.enc.Encode(Rejected{File: file, Line: r.line, Reason: reasonText(r.reason), Row: cutRow(r.raw.String())})
	if err != nil {
		return fmt.Errorf("write rejects: %w", err)
	}
	return nil
}

func (w *rejectWriter) flush() error {
	if w.buf == nil {
		return nil
	}
	if err := w.buf.Flush(); err != nil {
		return fmt.Errorf("write rejects: %w", err)
	}
	return nil
}

// cutRow shortens a row to maxRejectedRow at a rune's edge.
func cutRow(row string) string {
	if len(row) <= maxRejectedRow {
		return row
	}
	cut := maxRejectedRow
	for cut > maxRejectedRow-utf8.UTFMax && !utf8.RuneStart(row[cut]) {
		cut--
	}
	return row[:cut] + "…"
}

// RejectsFile is an [io.WriteCloser] over a file that comes into being with the first reject, readable by its owner only.
type RejectsFile struct {
	path string
	file *os.File
}

// NewRejectsFile gives a rejects file at a path. What is there already is replaced, but only once something is rejected.
func NewRejectsFile(path string) *RejectsFile { return &RejectsFile{path: path} }

// Path is where the file is, or would be.
func (f *RejectsFile) Path() string { return f.path }

// Created tells whether anything was written.
func (f *RejectsFile) Created() bool { return f.file != nil }

// Write writes to the file and creates it first if need be.
func (f *RejectsFile) Write(p []byte) (int, error) {
	if f.file == nil {
		file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return 0, fmt.Errorf("create rejects file, name another with --rejects: %w", err)
		}
		if err := file.Chmod(0o600); err != nil && !strings.HasPrefix(f.path, "/dev/") {
			_ = file.Close()
			return 0, fmt.Errorf("keep rejects file from others' eyes: %w", err)
		}
		f.file = file
	}
	return f.file.Write(p)
}

// Close closes the file if there is one.
func (f *RejectsFile) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}
