package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph/neo4jstore"
	"lacuna/graph/neo4jstore/neo4jtest"
)

// obviousCypher is what somebody would write for a profile who has nothing but the graph: the customer, the newest interactions with product
// and category, and how many there are.
const obviousCypher = `MATCH (c:Customer {id: $id})
CALL (c) {
  MATCH (i:Interaction) WHERE i.customerId = c.id AND i.at IS NOT NULL
  WITH i ORDER BY i.customerId DESC, i.at DESC LIMIT 20
  OPTIONAL MATCH (i)-[:ABOUT]->(p:Product)
  OPTIONAL MATCH (p)-[:IN_CATEGORY]->(k:Category)
  WITH i, p, collect({id: k.id, name: k.name}) AS categories
  RETURN collect({id: i.id, type: i.type, at: i.at, channel: i.channel, amount: i.amount, product: {id: p.id, name: p.name, categories: categories}}) AS nodes
}
CALL (c) { MATCH (i:Interaction) WHERE i.customerId = c.id AND i.at IS NOT NULL RETURN count(i) AS totalCount }
RETURN c.id AS id, c.name AS name, nodes, totalCount`

// BenchmarkProfileNeo4j asks for a profile over HTTP from a store on Neo4j, beside the obvious Cypher by the bare driver behind plain net/http,
// by one caller and by many. The ratios are throughputs.
func BenchmarkProfileNeo4j(b *testing.B) {
	rows := benchRows(100_000)
	location := neo4jtest.Server(b)
	neo4jtest.Empty(b, location)
	store, err := neo4jstore.Open(b.Context(), neo4jstore.Options{URL: location.URL, User: location.User, Password: location.Password, CreateIfMissing: true})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	customers := rows / perCustomer
	fill(b, store, rows, customers)
	web := served(b, store)
	bare := httptest.NewServer(bareCypher(b, location))
	defer bare.Close()

	cases := []struct {
		name string
		call func() func(*rand.Rand) error
	}{
		{"bare", posts(b, bare.URL, customers, func(n int) any { return map[string]string{"id": customerID(n)} })},
		{"by id", posts(b, web+"/graphql", customers, byID)},
		{"by e-mail", posts(b, web+"/graphql", customers, func(n int) any {
			return map[string]any{"query": profileQuery, "variables": map[string]any{"by": map[string]any{"identity": map[string]string{"kind": "EMAIL", "value": fmt.Sprintf("c%d@example.com", n)}}}}
		})},
	}
	for range 2 { // the server compiles what it runs often
		for _, c := range cases {
			warm(b, 10_000, c.call)
		}
	}
	for _, workers := range []int{1, callers} {
		rate := map[string]float64{}
		for _, c := range cases {
			b.Run(fmt.Sprintf("callers=%d/%s", workers, c.name), func(b *testing.B) {
				rate[c.name] = measure(b, workers, c.call)
				if of := rate["bare"]; of > 0 {
					b.ReportMetric(rate[c.name]/of, "of-bare")
				}
			})
		}
	}
}

// warm asks so many times, by as many callers as there are at most.
func warm(b *testing.B, times int, newCall func() func(*rand.Rand) error) {
	var group sync.WaitGroup
	for w := range callers {
		call, random := newCall(), rand.New(rand.NewPCG(uint64(w), 9))
		group.Go(func() {
			for range times / callers {
				if err := call(random); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// bareCypher answers with what the obvious query gives, as JSON.
func bareCypher(b *testing.B, location neo4jtest.Location) http.Handler {
	driver, err := neo4j.NewDriverWithContext(location.URL, neo4j.BasicAuth(location.User, location.Password, ""))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { driver.Close(b.Context()) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail := func(err error) { http.Error(w, err.Error(), http.StatusInternalServerError) }
		var asked struct{ ID string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			fail(err)
			return
		}
		session := driver.NewSession(r.Context(), neo4j.SessionConfig{AccessMode: neo4j.AccessModeRead, DatabaseName: "neo4j"})
		defer session.Close(r.Context())
		result, err := session.Run(r.Context(), obviousCypher, map[string]any{"id": asked.ID})
		if err != nil {
			fail(err)
			return
		}
		record, err := result.Single(r.Context())
		if err != nil {
			fail(err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(record.AsMap()); err != nil {
			b.Error(err)
		}
	})
}

// posts makes callers that ask for random customers and look whether they were answered.
func posts(b *testing.B, url string, customers int, body func(n int) any) func() func(*rand.Rand) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	b.Cleanup(client.CloseIdleConnections)
	return func() func(*rand.Rand) error {
		return func(random *rand.Rand) error {
			sent, err := json.Marshal(body(random.IntN(customers)))
			if err != nil {
				return err
			}
			response, err := client.Post(url, "application/json", bytes.NewReader(sent))
			if err != nil {
				return err
			}
			defer response.Body.Close()
			answer, err := io.ReadAll(response.Body)
			if err != nil || !bytes.Contains(answer, []byte(`"totalCount":`)) || bytes.Contains(answer, []byte(`"errors"`)) {
				return fmt.Errorf("unexpected answer %.200s: %w", answer, err)
			}
			return nil
		}
	}
}
