package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lacuna/graph"
	"lacuna/graph/sqlitestore"
	"lacuna/loader/bulk"
	"lacuna/server"
)

// site is a server that runs in this process.
type site struct {
	url    string
	log    *logged
	server *server.Server
}

// logged is a log that goroutines may write to at once.
type logged struct {
	lock sync.Mutex
	text bytes.Buffer
}

// Write adds to the log.
func (l *logged) Write(b []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.text.Write(b)
}

// String gives what was logged so far.
func (l *logged) String() string {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.text.String()
}

// newSite makes a server without a store, that logs everything.
func newSite(t *testing.T, o server.Options) *site {
	t.Helper()
	s := &site{log: &logged{}}
	o.Logger = slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.Registry, o.Place = prometheus.NewRegistry(), "sqlite:test"
	s.server = server.New(o)
	web := httptest.NewServer(s.server)
	t.Cleanup(web.Close)
	s.url = web.URL
	return s
}

// newStore gives an empty store in a temporary folder.
func newStore(t *testing.T) graph.Store {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), sqlitestore.Options{CreateIfMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// sampleStore gives a fresh store with the sample.
func sampleStore(t *testing.T) graph.Store {
	t.Helper()
	store := newStore(t)
	zone, err := time.LoadLocation(shopZone)
	if err != nil {
		t.Fatal(err)
	}
	summary, err := bulk.Load(t.Context(), store, []string{sampleFolder(t)}, bulk.Options{Zone: zone, Currency: shopCurrency})
	if err != nil || summary.Rejected > 0 {
		t.Fatalf("%d rejected, %v", summary.Rejected, err)
	}
	return store
}

// serveSample serves a fresh store with the sample, and gives its address.
func serveSample(t *testing.T) string {
	t.Helper()
	store := sampleStore(t)
	s := newSite(t, server.Options{})
	s.server.Attach(store)
	return s.url
}

// object is a JSON object of an answer.
type object = map[string]any

// answer is what a client gets.
type answer struct {
	Status int         `json:"-"`
	Header http.Header `json:"-"`
	Text   string      `json:"-"`
	Data   object
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct{ Code, RequestID string }
	}
}

// code is that of the first error, "" when there is none.
func (a *answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	return a.Errors[0].Extensions.Code
}

// send sends JSON, and reads the answer if it is JSON.
func send(t *testing.T, method, url, body string) *answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	return exchange(t, request)
}

// exchange sends a request as it is.
func exchange(t *testing.T, request *http.Request) *answer {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := &answer{Status: response.StatusCode, Header: response.Header, Text: string(text)}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(text, a); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	return a
}

// post asks a question.
func post(t *testing.T, url, query string, variables object) *answer {
	t.Helper()
	body, err := json.Marshal(object{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return send(t, http.MethodPost, url+"/graphql", string(body))
}

// ask gives the data of an answer that must have no errors.
func ask(t *testing.T, url, query string, variables object) object {
	t.Helper()
	a := post(t, url, query, variables)
	if len(a.Errors) > 0 {
		t.Fatalf("%s: %s", query, a.Text)
	}
	return a.Data
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
