package e2e

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lacuna/graph/sqlitestore"
	"lacuna/internal/sample"
	"lacuna/loader/bulk"
	"lacuna/server"
)

// serveSample serves a fresh store with the sample, and gives its address.
func serveSample(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	store, err := sqlitestore.Open(t.Context(), filepath.Join(folder, "test.db"), sqlitestore.Options{CreateIfMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	files := filepath.Join(folder, "files")
	if err := os.CopyFS(files, sample.Files()); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(sample.Zone)
	if err != nil {
		t.Fatal(err)
	}
	summary, err := bulk.Load(t.Context(), store, []string{files}, bulk.Options{Zone: zone, Currency: sample.Currency})
	if err != nil || summary.Rejected > 0 {
		t.Fatalf("%d rejected, %v", summary.Rejected, err)
	}
	s := server.New(server.Options{Logger: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(), Place: "sqlite:test"})
	s.Attach(store)
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		web.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return web.URL
}

// object is a JSON object of an answer.
type object = map[string]any

// post gives an answer's data and the code of its first error.
func post(t *testing.T, url, query string, variables object) (data object, code string) {
	t.Helper()
	body, err := json.Marshal(object{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Data   object
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Errors) > 0 {
		return answer.Data, answer.Errors[0].Extensions.Code
	}
	return answer.Data, ""
}

// ask gives the data of an answer that must have no errors.
func ask(t *testing.T, url, query string, variables object) object {
	t.Helper()
	data, code := post(t, url, query, variables)
	if code != "" {
		t.Fatalf("%s: %s", query, code)
	}
	return data
}

// at follows a path of names and indices into an answer; nil where it ends early.
func at(value any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			o, _ := value.(object)
			value = o[s]
		case int:
			list, _ := value.([]any)
			if s >= len(list) {
				return nil
			}
			value = list[s]
		}
	}
	return value
}

// each gives one field of every object of a list.
func each(value any, field string) []any {
	list, _ := value.([]any)
	fields := make([]any, len(list))
	for i, entry := range list {
		fields[i] = at(entry, field)
	}
	return fields
}
