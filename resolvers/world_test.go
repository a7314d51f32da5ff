package resolvers

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"go.uber.org/goleak"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/sqlitestore"
	"lacuna/insight"
	"lacuna/loader"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a store, and an executor of the schema over it.
type world struct {
	store    graph.Store
	executor *executor.Executor
	view     func() (*insight.View, error)
	asOf     time.Time // what the last response said of its data
	used     bool
}

type object = map[string]any

// newWorld makes a store of a batch. Without figures there is no view, as before the engine is ready.
func newWorld(t *testing.T, figures bool, batch *graph.Batch) *world {
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
	outcomes, err := store.Write(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]graph.Outcome{outcomes.Categories, outcomes.Products, outcomes.Customers, outcomes.Segments, outcomes.Interactions} {
		for i, o := range list {
			if o.Status != graph.Accepted {
				t.Fatalf("row %d: %v", i, o.Rejection)
			}
		}
	}
	w := &world{store: store, view: func() (*insight.View, error) { return nil, insight.ErrNotReady }}
	if figures {
		v := viewOfStore(t, store)
		w.view = func() (*insight.View, error) { return v, nil }
	}
	w.executor = executor.New(generated.NewExecutableSchema(NewConfig(Options{Store: store})))
	w.executor.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		ctx = WithView(loader.Attach(ctx, store, loader.Wait), w.view)
		response := next(ctx)
		_, w.asOf, w.used = DataOf(ctx)
		return response
	})
	return w
}

// viewOfStore gives a view of what a store holds now.
func viewOfStore(t *testing.T, store graph.Store) *insight.View {
	t.Helper()
	engine := insight.New(insight.Options{Logger: slog.New(slog.DiscardHandler)})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = engine.Run(ctx, store) // the context's end
	}()
	<-engine.Tried()
	stop()
	<-ended
	view, err := engine.View()
	if err != nil {
		t.Fatal(err)
	}
	return view
}

// execute answers with data, which has a JSON tree, and what went wrong.
func (w *world) execute(t *testing.T, query string, variables object) (data any, err error) {
	t.Helper()
	ctx := graphql.StartOperationTrace(t.Context())
	operation, errs := w.executor.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables})
	if len(errs) > 0 {
		return nil, errs[0]
	}
	respond, ctx := w.executor.DispatchOperation(ctx, operation)
	response := respond(ctx)
	if len(response.Errors) > 0 {
		return nil, response.Errors[0]
	}
	if err := json.Unmarshal(response.Data, &data); err != nil {
		t.Fatalf("%s: %s", err, response.Data)
	}
	return data, nil
}

// ask fails the test when there is an error.
func (w *world) ask(t *testing.T, query string, variables object) any {
	t.Helper()
	data, err := w.execute(t, query, variables)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return data
}

// at goes down a tree by keys and indexes; nil where there is nothing.
func at(tree any, way ...any) any {
	for _, step := range way {
		switch node := tree.(type) {
		case object:
			tree = node[step.(string)]
		case []any:
			if step.(int) >= len(node) {
				return nil
			}
			tree = node[step.(int)]
		default:
			return nil
		}
	}
	return tree
}

// column gives one field of each object of a list, joined by spaces.
func column(list any, way ...any) string {
	var texts []string
	for _, entry := range list.([]any) {
		text, _ := at(entry, way...).(string)
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}

func rule(t *testing.T, text string) graph.Rule {
	t.Helper()
	r, err := graph.ParseRule([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// shop is six customers, c1 to c6, of whom c1 to c4 live in Taipei and c1 to cN viewed something on days N of January; and
// segments of different sizes, one of which does not fit the data.
func shop(t *testing.T) *graph.Batch {
	t.Helper()
	b := &graph.Batch{Categories: []graph.Category{{ID: "ski"}}, Products: []graph.Product{{ID: "p", Categories: []string{"ski"}}}}
	for i, name := range []string{"Fei", "Eva", "Dan", "Chen", "Bo", "Ann"} {
		id := "c" + string(rune('1'+i))
		city := "Taipei"
		if i >= 4 {
			city = "Tainan"
		}
		b.Customers = append(b.Customers, graph.CustomerUpsert{ID: id, Name: name, CreatedAt: someTime.AddDate(-1, 0, i), Source: "test", ObservedAt: someTime,
			Attributes: []graph.NamedValue{{Name: "city", Value: graph.TextValue(city)}}})
		b.Interactions = append(b.Interactions, graph.Interaction{ID: "i" + id, Type: graph.View, At: someTime.AddDate(0, 0, -i), Customer: graph.ByID(id),
			Product: "p", Channel: graph.Web, Source: "test"})
	}
	b.Segments = []graph.Segment{
		{ID: "a", Name: "Zeta", Rule: rule(t, `{"attribute":{"name":"city","eq":"Tainan"}}`)},
		{ID: "b", Name: "alpha", Rule: rule(t, `{"attribute":{"name":"city","exists":true}}`)},
		{ID: "c", Name: "Mid", Description: "in town", Rule: rule(t, `{"attribute":{"name":"city","eq":"Taipei"}}`)},
		{ID: "d", Name: "alpha", Rule: rule(t, `{"not":{"segment":{"in":["a"]}}}`)},
		{ID: "odd", Rule: rule(t, `{"attribute":{"name":"city","gt":5}}`)},
	}
	return b
}

func schemaOf(w *world) *ast.Schema {
	return generated.NewExecutableSchema(NewConfig(Options{Store: w.store})).Schema()
}
