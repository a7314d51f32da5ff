package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"lacuna/graph/neo4jstore/neo4jtest"
	"lacuna/internal/synth"
)

// onNeo4j gives the arguments and variables by which the program uses an empty database of the tests' server.
func onNeo4j(t *testing.T) (location string, variables []string) {
	t.Helper()
	byProgram(t)
	server := neo4jtest.Server(t)
	neo4jtest.Empty(t, server)
	return server.URL, []string{"LACUNA_NEO4J_PASSWORD=" + server.Password}
}

// marketplace writes the files of a small marketplace.
func marketplace(t *testing.T, folder string) string {
	t.Helper()
	files := filepath.Join(folder, "market")
	if _, err := synth.Write(files, synth.Options{Customers: 600}); err != nil {
		t.Fatal(err)
	}
	return files
}

// volatile are fields that tell of the moment of an answer, not of the data.
var volatile = regexp.MustCompile(`"(tookMs|lastComputedAt|computedAt|latestObservedAt|dataVersion|store|ageSeconds)":("[^"]*"|[0-9.e+-]+)`)

// answerOf gives the data of an answer as it was sent.
func answerOf(t *testing.T, url, query string, variables object) string {
	t.Helper()
	var a struct {
		Data   json.RawMessage
		Errors json.RawMessage
	}
	sent := post(t, url, query, variables)
	if err := json.Unmarshal([]byte(sent.Text), &a); err != nil {
		t.Fatalf("%v: %s", err, sent.Text)
	}
	if len(a.Errors) > 0 {
		t.Fatalf("%s: %s", query, a.Errors)
	}
	return volatile.ReplaceAllString(string(a.Data), `"$1":null`)
}

const wholeProfile = `query($id: ID!) { customer(by: {id: $id}) { id mergedIds name createdAt lastSeenAt
  identities { kind value verified source } attributes { name value source observedAt isWinner alternatives { value source observedAt } }
  consents { purpose granted source at } household { id members { id } } referrals { referredBy { id } referred { id } }
  touchpoints { channel phase interactions firstAt lastAt } segments { segment { id } since } lifecycle valueTier rfm { frequency monetary group recencyScore }
  dataQuality { completeness verified ask }
  interactions(first: 30) { totalCount pageInfo { hasNextPage endCursor } nodes { id type at channel query results quantity amount currency campaign rating session available source attributes { name value }
    product { id name price categories { id } } category { id name } } } } }`

// TestSameAnswers loads the same files into both stores and asks both the same: every example of the playground and hundreds of profiles.
func TestSameAnswers(t *testing.T) {
	location, variables := onNeo4j(t)
	folder := t.TempDir()
	files := marketplace(t, folder)
	embedded := "sqlite:" + filepath.Join(folder, "market.db")
	copied := "sqlite:" + filepath.Join(folder, "copied.db")
	var urls []string
	var servers []*running
	for _, store := range []string{embedded, location, copied} {
		if store == copied { // what came from the one store into the other comes back
			if stdout, stderr, code := runWith(t, folder, variables, "copy", "--from", location, "--to", copied); code != 0 || !strings.HasPrefix(stdout, "copied ") {
				t.Fatalf("copy: %d: %s%s", code, stdout, stderr)
			}
		}
		for _, want := range []float64{0, 1} { // new at first, then all of it there already
			if store == copied && want == 0 {
				continue
			}
			stdout, stderr, code := runWith(t, folder, variables, "load", files, "--store", store, "--currency", "TWD", "--json")
			var summary object
			if err := json.Unmarshal([]byte(stdout), &summary); err != nil || code != 0 {
				t.Fatalf("load into %s: %d: %s", store, code, stderr)
			}
			accepted, duplicates := summary["accepted"].(float64), summary["duplicates"].(float64)
			if summary["rejected"] != 0.0 || want == 0 && (accepted == 0 || duplicates != 0) || want == 1 && (accepted != 0 || duplicates == 0) {
				t.Fatalf("load into %s: %s", store, stdout)
			}
		}
		r := start(t, folder, variables, "serve", "--addr", "127.0.0.1:0", "--store", store, "--zone", "Asia/Taipei")
		urls = append(urls, r.url)
		servers = append(servers, r)
	}
	same := func(what, query string, given object) { sameAnswer(t, urls, what, query, given) }
	paths, err := filepath.Glob(filepath.Join(webFolder, "examples", "*.graphql"))
	if err != nil || len(paths) < 12 {
		t.Fatalf("%d examples, %v", len(paths), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(path) == listeningExample {
			continue // what it tells is of a moment
		}
		same(filepath.Base(path), string(text), variablesOf(t, path))
	}
	for _, query := range []string{
		`{ status { asOf customers interactions products categories segments } categories { id name parent { id } children { id } } }`,
		`{ findCustomers(first: 200, orderBy: NAME) { totalCount nodes { id name } } }`,
		`{ gaps(where: {verdicts: [DEVELOP, RESTOCK, FIX_FINDABILITY, WATCH, SERVED]}, first: 500) { totalCount nodes { id verdict cause demand { customers searches views index { low mid high } }
			supply { activeProducts fittingProducts index } served { rate reference buyers } growth { rate low high qValue reason } unmetCustomers { low mid high } } } }`,
		whatGapsSay,
		`{ findCustomers(first: 500) { nodes { id clv { historic currency expectedPurchases probabilityAlive expectedValue reason } } } }`,
		`{ emergingSegments(first: 50) { id description size growth { rate low } } }`,
		`{ findCustomers(first: 200, orderBy: NEWEST) { totalCount nodes { id createdAt } } }`,
		`{ demand(by: [SEGMENT, CATEGORY, PERIOD], grain: MONTH, measures: [CUSTOMERS, INTERACTIONS, REVENUE, SERVED_RATE]) { rowCount columns { name strings numbers } } }`,
		`{ segments(first: 9) { nodes { id size growth { periodStart totalMembers membersAdded } trend { rate low high significant } differentiators(first: 9) { attribute value lift qValue } } } }`,
	} {
		same(query, query, nil)
	}
	list, _ := at(ask(t, urls[0], `{ findCustomers(first: 500) { nodes { id } } }`, nil), "findCustomers", "nodes").([]any)
	if len(list) < 500 {
		t.Fatalf("there are %d customers", len(list))
	}
	for n := range list {
		same(fmt.Sprint("profile ", n), wholeProfile, object{"id": at(list[n], "id")})
	}
	hearDecisions(t, urls)
	for _, r := range servers {
		if code, said := r.stop(t); code != 0 {
			t.Errorf("it ended with %d: %s", code, said)
		}
	}
}

// hearDecisions holds that each server tells of what is decided in its store, when it is decided.
func hearDecisions(t *testing.T, urls []string) {
	t.Helper()
	for n, url := range urls {
		told, _ := at(listen(t, url, gapChanges, nil), "gapChanged").(object)
		if told["id"] != "families/stays-family-okinawa" || told["status"] != "REVIEWING" {
			t.Errorf("server %d tells %v", n+1, told)
		}
	}
}

// gapChanges are of all gaps: in so small a marketplace none is listed by itself.
const gapChanges = `subscription GapChanged { gapChanged(where: {segments: ["families"], verdicts: [DEVELOP, RESTOCK, FIX_FINDABILITY, WATCH, SERVED]}) { id status } }
	mutation Decide { setGapStatus(gap: "families/stays-family-okinawa", status: REVIEWING) { gap { id } userErrors { message } } }`

// whatGapsSay asks for all that is told of gaps to act on them. In so small a marketplace none is sure, and cells are asked for that are served.
const whatGapsSay = `{ gaps(first: 40, where: {verdicts: [DEVELOP, RESTOCK, FIX_FINDABILITY, WATCH, SERVED], level: ALL, minCustomers: 40}) { nodes { id status score breakdown { name points why }
	value { low mid high currency ordersPerBuyer spendPerOrder fairShare } valueReason
	forecast { periodStart low mid high naive } forecastMethod forecastReason series { periodStart customers buyers searches activeProducts availableShare } trend { rate low high levelShiftAt reason }
	evidence(first: 10) { totalCount nodes { id what customerCount interactions share offered customers(first: 3) { nodes { id } } } } brief { markdown } } } }`

// sameAnswer asks several servers the same.
func sameAnswer(t *testing.T, urls []string, what, query string, given object) {
	t.Helper()
	want := answerOf(t, urls[0], query, given)
	for n, url := range urls[1:] {
		if got := answerOf(t, url, query, given); want != got {
			t.Errorf("%s:\nfirst server %s\nserver %d     %s", what, want, n+2, got)
		}
	}
}

// TestOfflineImport writes files for neo4j-admin, has it read them into a new server, and asks that and an embedded store the same.
func TestOfflineImport(t *testing.T) {
	byProgram(t)
	neo4jtest.Server(t) // where none can be had the test is left out
	folder := t.TempDir()
	files := marketplace(t, folder)
	embedded := "sqlite:" + filepath.Join(folder, "market.db")
	if _, stderr, code := runWith(t, folder, nil, "load", files, "--store", embedded, "--currency", "TWD"); code != 0 {
		t.Fatal(stderr)
	}
	stdout, stderr, code := runWith(t, folder, nil, "load", files, "--offline", filepath.Join(folder, "import"), "--currency", "TWD")
	_, command, found := strings.Cut(stdout, "\nneo4j-admin ")
	command, _, _ = strings.Cut(command, "\n")
	if code != 0 || !found {
		t.Fatalf("%d: %s%s", code, stdout, stderr)
	}
	if _, stderr, code := runWith(t, folder, nil, "load", files, "--offline", filepath.Join(folder, "import"), "--currency", "TWD"); code != 1 || !strings.Contains(stderr, "is not empty") {
		t.Errorf("into a folder with files: %d: %s", code, stderr)
	}
	server, err := neo4jtest.Start(strings.Fields(command)...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	}()
	variables := []string{"LACUNA_NEO4J_PASSWORD=" + server.Password}
	var urls []string
	for _, store := range []string{embedded, server.URL} {
		r := start(t, folder, variables, "serve", "--addr", "127.0.0.1:0", "--store", store, "--zone", "Asia/Taipei", "--keep-figures=false")
		urls = append(urls, r.url)
		defer r.stop(t)
	}
	sameAnswer(t, urls, "status", `{ status { asOf customers interactions products categories segments } segments(first: 9) { nodes { id size } } categories { id children { id } } }`, nil)
	list, _ := at(ask(t, urls[0], `{ findCustomers(first: 100) { nodes { id } } }`, nil), "findCustomers", "nodes").([]any)
	if len(list) < 100 {
		t.Fatalf("there are %d customers", len(list))
	}
	for n := range list {
		sameAnswer(t, urls, fmt.Sprint("profile ", n), wholeProfile, object{"id": at(list[n], "id")})
	}
	// What is loaded again is there already.
	if stdout, stderr, code := runWith(t, folder, variables, "load", files, "--store", server.URL, "--currency", "TWD", "--json"); code != 0 || !strings.Contains(stdout, `"accepted": 0`) {
		t.Errorf("load again: %d: %s%s", code, stdout, stderr)
	}
}

// TestTwoServers runs two servers over one database and writes by both: each answers with what the other wrote.
func TestTwoServers(t *testing.T) {
	location, variables := onNeo4j(t)
	folder := t.TempDir()
	if _, stderr, code := runWith(t, folder, variables, "load", sampleFolder(t), "--store", location); code != 0 && code != 3 {
		t.Fatal(stderr)
	}
	var servers []*running
	for range 2 {
		servers = append(servers, start(t, folder, variables, "serve", "--addr", "127.0.0.1:0", "--store", location, "--keep-figures=false"))
	}
	before := at(ask(t, servers[0].url, `{ status { interactions } }`, nil), "status", "interactions").(float64)
	const each = 20
	for n := range each {
		for s, server := range servers {
			answer := ask(t, server.url, `mutation($i: [InteractionInput!]!) { recordInteractions(input: $i) { accepted userErrors { code } } }`, object{"i": []any{object{
				"id": fmt.Sprintf("two-%d-%d", s, n), "type": "VIEW", "at": "2026-03-01T00:00:00Z", "customer": object{"id": fmt.Sprintf("two-%d", n%3)}, "source": "test"}}})
			if at(answer, "recordInteractions", "accepted") != 1.0 {
				t.Fatalf("written as %v", answer)
			}
		}
	}
	for _, server := range servers {
		eventually(t, 5*time.Second, "what the other server wrote", func() bool {
			found := ask(t, server.url, `{ status { interactions } population { customers } a: previewSegment(rule: {event: {types: [VIEW], between: {from: "2026-03-01T00:00:00Z", to: "2026-03-01T00:00:01Z"}, count: {gte: 1}}}) { size sample(first: 5) { id interactions(first: 50) { totalCount } } } }`, nil)
			if at(found, "status", "interactions") != before+2*each || at(found, "a", "size") != 3.0 {
				return false
			}
			total := 0.0
			for n := range 3 {
				total += at(found, "a", "sample", n, "interactions", "totalCount").(float64)
			}
			return total == 2*each
		})
	}
	for _, server := range servers {
		if code, said := server.stop(t); code != 0 {
			t.Errorf("it ended with %d: %s", code, said)
		}
	}
}
