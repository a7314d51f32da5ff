package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lacuna/insight"
	"lacuna/server"
)

// The canaries are what tells who somebody is. They must come back to those who ask for them, and stand nowhere else.
const (
	canaryName  = "Canaria Vogel"
	canaryEmail = "canaria@example.com"
	canaryPhone = "+886987654321"
	canaryQuery = "canaria honeymoon"
	canaryValue = "canaria-secret"
)

// sings tells which canaries stand in a text.
func sings(text string) []string {
	var found []string
	lower := strings.ToLower(text)
	for _, canary := range []string{"canaria", "vogel", "87654321", "honeymoon"} {
		if strings.Contains(lower, canary) {
			found = append(found, canary)
		}
	}
	return found
}

// goodQuestions plant the canaries and ask for them.
func goodQuestions() []object {
	identity := object{"identity": object{"kind": "EMAIL", "value": canaryEmail}}
	return []object{
		{"query": `mutation($v: [CustomerInput!]!) { upsertCustomers(input: $v) { accepted userErrors { message } } }`, "variables": object{"v": []any{
			object{"id": "k1", "name": canaryName, "verified": true, "identities": []any{object{"kind": "EMAIL", "value": canaryEmail}}, "attributes": []any{object{"name": "note", "value": canaryValue}}},
			object{"id": "k2", "name": canaryName + " 2", "identities": []any{object{"kind": "PHONE", "value": canaryPhone}}, "attributes": []any{object{"name": "note", "value": canaryValue + "2"}}},
		}}},
		{"query": `mutation($v: [InteractionInput!]!) { recordInteractions(input: $v) { accepted } }`, "variables": object{"v": []any{
			object{"id": "ki", "type": "SEARCH", "at": "2026-01-01T00:00:00Z", "customer": identity, "query": canaryQuery, "attributes": []any{object{"name": "wish", "value": canaryValue}}},
		}}},
		{"query": `query($v: CustomerBy!) { customer(by: $v) { name identities { value } attributes { value } interactions { nodes { query attributes { value } } } } }`, "variables": object{"v": identity}},
		{"query": `query($v: String!) { findCustomers(search: $v) { nodes { name } } }`, "variables": object{"v": canaryName}},
		{"query": `{ findCustomers(search: "` + canaryEmail + `") { nodes { name } } }`},
		{"query": `query($v: String!) { customer(by: {id: "k1"}) { interactions(where: {query: $v}) { totalCount } } }`, "variables": object{"v": canaryQuery}},
		{"query": `query Canaria_Vogel { status { store } }`},
		{"query": `mutation { mergeCustomers(keep: "k1", merge: "k2") { report { conflicts { keep merge } } } }`},
	}
}

// badQuestions put canaries where they do not belong; each is refused, by an error or by user errors.
func badQuestions() []object {
	customers := func(rows ...object) object {
		return object{"query": `mutation($v: [CustomerInput!]!) { upsertCustomers(input: $v) { accepted userErrors { path code message } } }`, "variables": object{"v": rows}}
	}
	interactions := func(row object) object {
		whole := object{"id": "kx", "type": "VIEW", "at": "2026-01-01T00:00:00Z", "customer": object{"id": "k1"}}
		maps.Copy(whole, row)
		return object{"query": `mutation($v: [InteractionInput!]!) { recordInteractions(input: $v) { accepted userErrors { path code message } } }`, "variables": object{"v": []any{whole}}}
	}
	by := func(v any) object {
		return object{"query": `query($v: CustomerBy!) { customer(by: $v) { id } }`, "variables": object{"v": v}}
	}
	document := func(text string) object { return object{"query": text} }
	identity := object{"kind": "EMAIL", "value": canaryEmail}
	return []object{
		customers(object{"id": "k3", "identities": []any{identity}}),                                                                             // taken
		customers(object{"id": "k1", "attributes": []any{object{"name": "note", "value": 1}, object{"name": "x", "value": []any{canaryValue}}}}), // no value
		customers(object{"id": "k1", "attributes": []any{object{"name": "children", "value": canaryValue}}}),                                     // another type
		customers(object{"id": "k1", "createdAt": canaryValue}),
		customers(object{"id": "k1", "verified": canaryValue}),
		customers(object{"id": "k1", "name": canaryName + "\x00"}),
		customers(object{"id": "k1", "name": strings.Repeat(canaryName, 10_000)}),
		customers(object{"id": "k1", "identities": []any{object{"kind": canaryEmail, "value": "x"}}}),
		customers(object{"id": "k1", "identities": []any{object{"kind": "CUSTOM", "value": canaryValue}, object{"kind": "EMAIL", "value": canaryEmail + "\n"}, object{"kind": "PHONE", "value": canaryPhone + "\x00"}}}),
		customers(object{"id": "EMAIL:" + canaryEmail}),
		customers(object{"id": "k1", "consents": []any{object{"purpose": "M", "granted": canaryValue}}}),
		customers(object{"id": "k1", "referredBy": object{"identity": identity, "id": canaryValue}}),
		interactions(object{"at": canaryValue}), interactions(object{"type": canaryValue}), interactions(object{"amount": canaryValue, "currency": "TWD"}),
		interactions(object{"results": canaryValue}), interactions(object{"rating": canaryPhone[1:]}), interactions(object{"query": canaryQuery + "\x00"}),
		interactions(object{"available": canaryValue}), interactions(object{"customer": canaryEmail}), interactions(object{"channel": canaryEmail}),
		interactions(object{"id": "ki", "query": canaryQuery + " changed"}), interactions(object{"attributes": []any{object{"name": "wish", "value": canaryValue + "\x00"}}}),
		by(canaryEmail), by(object{"id": object{"x": canaryEmail}}), by(object{"identity": canaryEmail}), by(object{"identity": object{"kind": canaryEmail, "value": "x"}}),
		by(object{"id": canaryEmail, "identity": identity}), by([]any{canaryEmail}),
		document(`{ customer(by: "` + canaryEmail + `") { id } }`), document(`{ customer(by: {identity: {kind: "` + canaryEmail + `", value: "x"}}) { id } }`),
		document(`{ customer(by: {id: ["` + canaryEmail + `"]}) { id } }`), document(`{ findCustomers(first: "` + canaryEmail + `") { totalCount } }`),
		document(`{ findCustomers(first: 886987654321) { totalCount } }`), document(`{ findCustomers(search: {x: "` + canaryName + `"}) { totalCount } }`),
		document(`{ findCustomers(search: "` + canaryName + `" "` + canaryName + `") { totalCount } }`), document(`{ findCustomers(search: "` + canaryName + `) { totalCount } }`),
		document(`query Canaria_Vogel { nope }`), {"query": `query Canaria { status { store } }`, "operationName": "Vogel"},
		document(`{ findCustomers } "` + canaryName + `"`), document(`query("` + canaryName + `") { status { store } }`), document(`{ findCustomers(search: "\u` + canaryName + `") { totalCount } }`),
		document(`"` + canaryName), document(`{ findCustomers(search: """` + canaryName), document(`{ findCustomers(orderBy: "` + canaryName + `") { totalCount } }`),
		{"query": `query($v: CustomerOrder) { findCustomers(orderBy: $v) { totalCount } }`, "variables": object{"v": canaryName}},
		{"query": `query($v: String) { findCustomers(after: $v) { totalCount } }`, "variables": object{"v": canaryName}},
		{"query": `query($v: InteractionWhere) { customer(by: {id: "k1"}) { interactions(where: $v) { totalCount } } }`, "variables": object{"v": object{"types": canaryValue}}},
		{"query": `query($v: String!) { customer(by: {id: "k1"}) { interactions(where: {between: {from: $v, to: $v}}) { totalCount } } }`, "variables": object{"v": canaryValue}},
	}
}

// TestCanaries holds that personal data reaches those who ask for it, and no log line, metric or error.
func TestCanaries(t *testing.T) {
	s := newSite(t, server.Options{MaxBodyBytes: 100_000})
	s.server.Attach(sampleStore(t))
	body := func(question object) string {
		text, err := json.Marshal(question)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	shown := 0
	for _, question := range goodQuestions() {
		a := send(t, http.MethodPost, s.url+"/graphql", body(question))
		if a.Status != http.StatusOK || len(a.Errors) > 0 {
			t.Errorf("%v: %s", question, a.Text)
		}
		shown += len(sings(a.Text))
	}
	if shown < 8 {
		t.Errorf("canaries are shown %d times: they were not planted", shown)
	}
	for _, question := range badQuestions() {
		a := send(t, http.MethodPost, s.url+"/graphql", body(question))
		if len(a.Errors) == 0 && !strings.Contains(a.Text, `"code"`) {
			t.Errorf("%.200v is taken: %s", question, a.Text)
		}
		if found := sings(a.Text); len(found) > 0 {
			t.Errorf("%.200v: %v in %s", question, found, a.Text)
		}
	}
	for _, request := range []struct{ method, path, body string }{
		{http.MethodPost, "/graphql", `{"query": "` + canaryName}, {http.MethodPost, "/graphql", canaryEmail}, {http.MethodPost, "/graphql", `{"variables": "` + canaryEmail + `"}`},
		{http.MethodPost, "/graphql", `{"query": "` + strings.Repeat(canaryName, 10_000) + `"}`}, {http.MethodPut, "/graphql", canaryEmail},
		{http.MethodGet, "/graphql?variables=" + url.QueryEscape(canaryEmail), ""}, {http.MethodGet, "/graphql?query=" + url.QueryEscape(canaryEmail), ""},
		{http.MethodGet, "/" + canaryEmail, ""}, {http.MethodGet, "/readyz?" + url.QueryEscape(canaryEmail), ""},
	} {
		a := send(t, request.method, s.url+request.path, request.body)
		if found := sings(a.Text); len(found) > 0 {
			t.Errorf("%s %.100s: %v in %s", request.method, request.path, found, a.Text)
		}
	}
	if found := sings(s.log.String()); len(found) > 0 {
		t.Errorf("%v in the log: %s", found, s.log)
	}
	if found := sings(send(t, http.MethodGet, s.url+"/metrics", "").Text); len(found) > 0 {
		t.Errorf("%v in /metrics", found)
	}
}

// TestCanariesInFigures holds the same of rules and figures: values of attributes are for those who ask for them.
func TestCanariesInFigures(t *testing.T) {
	store := sampleStore(t)
	log := &logged{}
	engine := insight.New(insight.Options{Logger: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), Snapshot: filepath.Join(t.TempDir(), "figures"), Poll: time.Millisecond})
	s := newSite(t, server.Options{Engine: engine})
	s.server.Attach(store)
	for _, question := range goodQuestions()[:2] {
		send(t, http.MethodPost, s.url+"/graphql", body(t, question))
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx, store) }()
	<-engine.Tried()
	note := func(op string) object { return object{"attribute": object{"name": "note", op: canaryValue}} }
	const preview = `query($r: RuleInput!) { previewSegment(rule: $r) { size sample { name } } }`
	shown := 0
	for _, question := range []object{
		{"query": preview, "variables": object{"r": note("eq")}},
		{"query": `query($r: RuleInput!) { explainMembership(customer: "k1", rule: $r) { matches observed } }`, "variables": object{"r": note("contains")}},
		{"query": `{ demand(by: [ATTRIBUTE], attribute: "note", measures: [CUSTOMERS]) { columns { strings } } }`},
	} {
		a := send(t, http.MethodPost, s.url+"/graphql", body(t, question))
		if a.Status != http.StatusOK || len(a.Errors) > 0 {
			t.Errorf("%v: %s", question, a.Text)
		}
		shown += len(sings(a.Text))
	}
	if shown < 3 {
		t.Errorf("canaries are shown %d times: they were not planted", shown)
	}
	save := `mutation($r: RuleInput!) { saveSegment(input: {id: "x", rule: $r}) { userErrors { path code message } } }`
	for _, rule := range []object{
		note("gt"), {"attribute": object{"name": "children", "eq": canaryValue}}, {"event": object{"within": canaryEmail}}, {"event": object{"types": []any{canaryValue}}},
		{"event": object{"price": object{"gte": canaryPhone + "x"}}}, {"event": object{"between": object{"from": canaryValue}}}, {"event": object{"channel": canaryName}},
		{"sequence": object{"steps": []any{object{}}, "within": canaryName}}, {"lifecycle": object{"in": []any{canaryName}}}, {"all": canaryName},
		{"attribute": object{"name": "birth", "between": object{"from": canaryValue, "to": canaryName}}},
	} {
		for _, query := range []string{preview, save} {
			if a := send(t, http.MethodPost, s.url+"/graphql", body(t, object{"query": query, "variables": object{"r": rule}})); len(sings(a.Text)) > 0 && !strings.Contains(a.Text, `"size"`) {
				t.Errorf("%v: %s", rule, a.Text)
			}
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if found := sings(log.String() + s.log.String() + send(t, http.MethodGet, s.url+"/metrics", "").Text); len(found) > 0 {
		t.Errorf("%v in a log or metric: %s", found, log)
	}
}

// TestCanariesInFiles holds that a load says nothing personal; the rejects file, which is its owner's alone, has the rows.
func TestCanariesInFiles(t *testing.T) {
	folder := t.TempDir()
	shop := filepath.Join(folder, "shop")
	if err := os.Mkdir(shop, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, shop, "customers.csv", "id,name,identities,consents,created_at,attr.age\nk1,"+canaryName+",EMAIL:"+canaryEmail+"|PHONE:"+canaryPhone+",,,3\nk2,"+canaryName+",EMAIL:"+canaryEmail+",,,3\n"+
		"k3,x,"+canaryEmail+",,,3\nk4,x,,"+canaryValue+",,3\nk5,x,,,"+canaryValue+",3\n,"+canaryName+",,,,3\nk6,\""+canaryName+"\"x,,,,3\nk7,"+canaryName+",,,,3,"+canaryValue+"\n")
	write(t, shop, "interactions.ndjson", `{"id":"i1","type":"SEARCH","at":"2026-01-01","customer":"EMAIL:`+canaryEmail+`","query":"`+canaryQuery+`"}
{"id":"i2","type":"SEARCH","at":"`+canaryValue+`","customer":"EMAIL:`+canaryEmail+`"}
{"id":"i3","type":"`+canaryValue+`","at":"2026-01-01","customer":"EMAIL:`+canaryEmail+`"}
{"id":"i4","type":"VIEW","at":"2026-01-01","customer":"WHO:`+canaryEmail+`","amount":"`+canaryPhone+`x"}
{"id":"i1","type":"SEARCH","at":"2026-01-01","customer":"EMAIL:`+canaryEmail+`","query":"`+canaryQuery+` again"}
{"id":"i5","query":"`+canaryQuery+`
`)
	write(t, folder, "cut.csv.gz", gzipped(t, canaryName)[:20])
	for _, arguments := range [][]string{{"shop"}, {"shop", "--json"}, {"shop", "--dry-run"}, {"cut.csv.gz"}} {
		stdout, stderr, code := run(t, folder, append([]string{"load"}, arguments...)...)
		if code != 3 && arguments[0] == "shop" {
			t.Errorf("load %v ended with %d: %s%s", arguments, code, stdout, stderr)
		}
		if found := sings(stdout + stderr); len(found) > 0 {
			t.Errorf("load %v: %v in %s%s", arguments, found, stdout, stderr)
		}
	}
	for _, r := range readRejects(t, filepath.Join(folder, "lacuna-rejects.ndjson")) {
		if found := sings(r.Reason); len(found) > 0 {
			t.Errorf("line %v: %v in the reason %q", r.Line, found, r.Reason)
		}
	}
}
