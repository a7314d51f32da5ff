package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"lacuna/graph"
	"lacuna/graph/sqlitestore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// openStore gives a store with so many customers, all in households of ten and referred by the first, with ten
// products in three categories and so many interactions each.
func openStore(t testing.TB, customers, interactions int) graph.Store {
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
	b := &graph.Batch{}
	for i := range 3 {
		b.Categories = append(b.Categories, graph.Category{ID: fmt.Sprintf("k%d", i), Name: "Category"})
	}
	for i := range 10 {
		b.Products = append(b.Products, graph.Product{ID: fmt.Sprintf("p%d", i), Name: "Product", Categories: []string{fmt.Sprintf("k%d", i%3)}})
	}
	for i := range customers {
		u := graph.CustomerUpsert{ID: fmt.Sprintf("c%03d", i), Name: "Somebody", Source: "test", Household: fmt.Sprintf("h%d", i/10),
			Identities: []graph.IdentityClaim{{Identity: graph.Identity{Kind: graph.EmailAddress, Value: fmt.Sprintf("c%03d@example.com", i)}}}}
		if i > 0 {
			u.ReferredBy = graph.ByID("c000")
		}
		b.Customers = append(b.Customers, u)
		for j := range interactions {
			b.Interactions = append(b.Interactions, graph.Interaction{ID: fmt.Sprintf("i%03d-%d", i, j), Type: graph.View, Customer: graph.ByID(u.ID),
				At: time.Date(2026, 1, 1, 0, j, 0, 0, time.UTC), Product: fmt.Sprintf("p%d", (i+j)%10), Source: "test"})
		}
	}
	outcomes, err := store.Write(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range append(outcomes.Customers, outcomes.Interactions...) {
		if o.Status != graph.Accepted {
			t.Fatal(o.Rejection)
		}
	}
	return store
}

// logged is a log that goroutines may write to at once.
type logged struct {
	lock sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.text.String()
}

func newServer(o Options) (*Server, *logged) {
	log := &logged{}
	o.Logger = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.Registry = prometheus.NewRegistry()
	o.Place = "sqlite:test"
	return New(o), log
}

// answer is a GraphQL answer as a client sees it.
type answer struct {
	Status int
	Header http.Header
	Data   map[string]any
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct{ Code, RequestID string }
	}
	Extensions struct{ Cost *cost }
	Text       string // without the cost
}

// costs is what every executed answer ends in, beside what was asked for.
var costs = regexp.MustCompile(`,"extensions":\{"cost":\{[^}]*\}\}`)

func (a *answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	return a.Errors[0].Extensions.Code
}

func do(t *testing.T, h http.Handler, r *http.Request) *answer {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	a := &answer{Status: w.Code, Header: w.Header(), Text: costs.ReplaceAllString(w.Body.String(), "")}
	if strings.Contains(w.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(w.Body.Bytes(), a); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
	}
	return a
}

func post(ctx context.Context, body string) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func ask(t *testing.T, h http.Handler, query string, variables map[string]any) *answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return do(t, h, post(t.Context(), string(body)))
}
