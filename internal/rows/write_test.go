package rows

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var mixed = []Column{{"text", Text, "a text"}, {"number", Number, "a number"}, {"yes", Boolean, "yes or no"}}

func given(list ...[]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, row := range list {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// TestCSVGuard holds which texts get an apostrophe, so that no spreadsheet program computes them, and that numbers stay numbers.
func TestCSVGuard(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "plain": "plain", "a=b": "a=b", "親子家庭": "親子家庭", "1-2": "1-2", "-5": "-5", "-0.25": "-0.25", "5": "5",
		"=1+1": "'=1+1", `=HYPERLINK("x")`: `'=HYPERLINK("x")`, "+1": "'+1", "+886912345678": "'+886912345678", "-1+1": "'-1+1", "-": "'-", "-5%": "'-5%", "--5": "'--5",
		"@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1", "  =1": "'  =1", "\u00a0=1": "'\u00a0=1", "\ufeff=1": "'\ufeff=1",
		"＝1+1": "'＝1+1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "\u3000＝1": "'\u3000＝1", "'=1": "'=1",
	} {
		if got := csvCell(text); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
	for number, want := range map[float64]string{-5: "-5", -0.25: "-0.25", 1e21: "1000000000000000000000", 0: "0"} {
		if got := csvCell(number); got != want {
			t.Errorf("%v is written %q, want %q", number, got, want)
		}
	}
}

// TestCSVForm holds the bytes of CSV: line ends, the mark, and that cells with line ends, quotes and commas come back as they were.
func TestCSVForm(t *testing.T) {
	list := [][]any{{"a,\"b\"\r\nc\nd", -1.5, true}, {nil, nil, nil}}
	for _, c := range []struct {
		form Form
		want string
	}{
		{Form{Format: "csv"}, "text,number,yes\n\"a,\"\"b\"\"\r\nc\nd\",-1.5,true\n,,\n"},
		{Form{Format: "csv", CRLF: true, BOM: true}, "\ufefftext,number,yes\r\n\"a,\"\"b\"\"\r\nc\nd\",-1.5,true\r\n,,\r\n"},
	} {
		var out bytes.Buffer
		if err := c.form.Write(&out, mixed, given(list...)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, out.String()); diff != "" {
			t.Error(diff)
		}
		if _, err := csv.NewReader(strings.NewReader(out.String())).ReadAll(); err != nil {
			t.Error(err)
		}
	}
}

// TestJSONForms holds JSON with and without rows, and what it says beside them.
func TestJSONForms(t *testing.T) {
	next, after, moment := "/v1/rows/x.json?a=1&after=b", "b", "2026-01-01T00:00:00Z"
	tail := func() Tail { return Tail{After: &after, Next: &next, Of: &Of{Version: "v1", AsOf: &moment}} }
	for _, c := range []struct {
		form Form
		rows [][]any
		want string
	}{
		{Form{Format: "json"}, nil, `{"rows":[],"columns":["text","number","yes"],"hasNextPage":false,"after":null,"next":null,"asOf":null,"dataVersion":null}` + "\n"},
		{Form{Format: "json", Tail: tail}, [][]any{{"=1", -1.5, true}, {nil, nil, nil}}, `{"rows":[{"text":"=1","number":-1.5,"yes":true},` + "\n" +
			`{"text":null,"number":null,"yes":null}],"columns":["text","number","yes"],"hasNextPage":true,"after":"b","next":"/v1/rows/x.json?a=1&after=b","asOf":"2026-01-01T00:00:00Z","dataVersion":"v1"}` + "\n"},
		{Form{Format: "ndjson"}, nil, ""},
		{Form{Format: "ndjson"}, [][]any{{"=1", -1.5, true}, {nil, nil, nil}}, `{"text":"=1","number":-1.5,"yes":true}` + "\n" + `{"text":null,"number":null,"yes":null}` + "\n"},
	} {
		var out bytes.Buffer
		if err := c.form.Write(&out, mixed, given(c.rows...)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, out.String()); diff != "" {
			t.Error(diff)
		}
		if c.form.Format == "json" && !json.Valid(out.Bytes()) {
			t.Errorf("no JSON: %s", out.String())
		}
	}
}
