package bulk

import (
	"bytes"
	"fmt"
	"strings"
)

// content is what a file's first bytes say it is.
type content string

const (
	isCSV       content = "CSV"
	isNDJSON    content = "NDJSON"
	isParquet   content = "Parquet"
	isGzip      content = "gzip"
	isZstd      content = "Zstandard"
	isZip       content = "a zip archive (or an Excel file)"
	isBzip2     content = "bzip2"
	isXz        content = "xz"
	isJSONArray content = "a JSON array"
	isUTF16     content = "UTF-16 text"
	isBinary    content = "binary data"
)

var signatures = []struct {
	magic string
	is    content
}{
	{"PAR1", isParquet}, {"\x1f\x8b", isGzip}, {"\x28\xb5\x2f\xfd", isZstd}, {"PK\x03\x04", isZip}, {"PK\x05\x06", isZip},
	{"BZh", isBzip2}, {"\xfd7zXZ\x00", isXz}, {"\xff\xfe", isUTF16}, {"\xfe\xff", isUTF16},
}

var remedies = map[content]string{
	isCSV: "name it .csv", isNDJSON: "name it .ndjson", isParquet: "name it .parquet", isGzip: "add .gz to its name",
	isZstd: "add .zst to its name", isZip: "unpack it, or save the sheet as CSV (UTF-8)", isBzip2: "unpack it, or use .gz or .zst",
	isXz: "unpack it, or use .gz or .zst", isJSONArray: "write one object a line", isUTF16: "save it as UTF-8",
	isBinary: "save it in the format that its name tells",
}

const byteOrderMark = "\xef\xbb\xbf"

// sniffSize is how many bytes of a file are looked at.
const sniffSize = 4096

// sniff tells what the beginning of a file is. Text that is no JSON is taken to be CSV.
func sniff(head []byte) content {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return s.is
		}
	}
	if isSkippableZstdFrame(head) {
		return isZstd
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(byteOrderMark)), " \t\r\n")
	switch {
	case len(text) > 0 && text[0] == '{':
		return isNDJSON
	case len(text) > 0 && text[0] == '[':
		return isJSONArray
	case bytes.Count(head, []byte{0}) > len(head)/8:
		return isBinary
	default:
		return isCSV
	}
}

func isSkippableZstdFrame(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18
}

// mismatch explains that a file holds something other than its name says.
func mismatch(path, named string, found content) error {
	return fmt.Errorf("%s: is named .%s but holds %s: %s", path, strings.TrimPrefix(named, "."), found, remedies[found])
}

// checkContent compares what was found after unpacking with what the name says. Text that is no JSON in an NDJSON file is
// left to be rejected line by line, unless it is plainly CSV.
func checkContent(f inputFile, head []byte) error {
	found := sniff(head)
	switch {
	case f.format == CSV && found == isCSV, f.format == Parquet && found == isParquet, f.format == NDJSON && found == isNDJSON:
		return nil
	case f.format == NDJSON && found == isCSV && !looksLikeCSV(head):
		return nil
	}
	if f.layout == SegmentSpec || f.layout == GA4 {
		return fmt.Errorf("%s: holds %s, and events are one JSON object a line: %s", f.path, found, eventRemedies[found])
	}
	return mismatch(f.path, string(f.format), found)
}

// eventRemedies say what to do with a file that is read as events and is none.
var eventRemedies = map[content]string{
	isCSV: "leave --format out, or say with --map what its columns mean", isParquet: "leave --format out, or say with --map what its columns mean",
	isGzip: "it is packed twice, unpack it", isZstd: "it is packed twice, unpack it", isZip: "unpack it", isBzip2: "unpack it, or use gzip",
	isXz: "unpack it, or use gzip", isJSONArray: "write its elements one a line, as jq -c '.[]' does", isUTF16: "save it as UTF-8",
	isBinary: "export it as JSON lines",
}

// looksLikeCSV tells whether the first line names columns rather than being broken JSON.
func looksLikeCSV(head []byte) bool {
	line, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte(byteOrderMark)), []byte("\n"))
	return bytes.ContainsAny(line, ",;\t") && !bytes.ContainsAny(line, "{}:")
}
