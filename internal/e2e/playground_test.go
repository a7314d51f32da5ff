package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lacuna/web"
)

const webFolder = "../../web"

// TestPlaygroundExamples holds that every tab of the playground asks the demo something, and gets it.
func TestPlaygroundExamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(webFolder, "examples", "*.graphql"))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	r := start(t, t.TempDir(), nil, "demo", "--addr", "127.0.0.1:0")
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".graphql"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(string(text), "\n")
			if !strings.HasPrefix(lines[0], "# ") || !strings.HasPrefix(lines[1], "# ") || !strings.HasSuffix(lines[1], "。") && !strings.HasSuffix(lines[1], "？") {
				t.Errorf("it begins with %q, not with what it shows in English and in Chinese", lines[:2])
			}
			about := ask
			if filepath.Base(file) == listeningExample {
				about = listen
			}
			for path, value := range about(t, r.url, string(text), variablesOf(t, file)) {
				hold(t, path, value)
			}
		})
	}
	if code, said := r.stop(t); code != 0 {
		t.Errorf("it ended with %d: %s", code, said)
	}
}

// listeningExample is the example with a subscription, and with a mutation of which it tells.
const listeningExample = "16-gaps-as-they-change.graphql"

// listen runs the subscription GapChanged of a document, and its mutation Decide again and again until something is told of, which it gives.
func listen(t *testing.T, url, query string, variables object) object {
	t.Helper()
	body := func(operation string) string {
		text, err := json.Marshal(object{"query": query, "operationName": operation, "variables": variables})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/graphql", strings.NewReader(body("GapChanged")))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	stream, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	told := make(chan string, 1)
	go func() {
		var all strings.Builder
		lines := bufio.NewScanner(stream.Body)
		for lines.Scan() {
			if data, is := strings.CutPrefix(lines.Text(), "data: "); is {
				told <- data
				return
			}
			all.WriteString(lines.Text() + "\n")
		}
		told <- fmt.Sprintf("the stream ended with %v after %q", lines.Err(), all.String())
	}()
	for {
		a := send(t, http.MethodPost, url+"/graphql", body("Decide"))
		if refused, _ := at(a.Data, "setGapStatus", "userErrors").([]any); len(a.Errors) > 0 || len(refused) > 0 {
			t.Fatal(a.Text)
		}
		select {
		case data := <-told:
			var event struct{ Data object }
			if err := json.Unmarshal([]byte(data), &event); err != nil {
				t.Fatal(data)
			}
			return event.Data
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// variablesOf reads the variables beside an example, nil when it needs none.
func variablesOf(t *testing.T, file string) object {
	t.Helper()
	text, err := os.ReadFile(strings.TrimSuffix(file, ".graphql") + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var variables object
	if err := json.Unmarshal(text, &variables); err != nil {
		t.Fatal(err)
	}
	return variables
}

// hold wants something in an answer: no list of results is empty, and none of what was asked for at the top is null.
func hold(t *testing.T, path string, value any) {
	t.Helper()
	switch v := value.(type) {
	case nil:
		t.Errorf("%s is null", path)
	case []any:
		if len(v) == 0 {
			t.Errorf("%s is empty", path)
		}
	case object:
		for _, name := range []string{"nodes", "interactions", "identities", "touchpoints", "report", "household"} {
			if inner, asked := v[name]; asked {
				hold(t, path+"."+name, inner)
			}
		}
		if refused, _ := v["userErrors"].([]any); len(refused) > 0 {
			t.Errorf("%s is refused: %v", path, refused)
		}
	}
}

// TestPagesServed holds that the program serves every file of the built pages, and that the documents name only files
// that are there.
func TestPagesServed(t *testing.T) {
	r := start(t, t.TempDir(), nil, "serve", "--addr", "127.0.0.1:0")
	err := fs.WalkDir(web.Pages(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		address := strings.NewReplacer("index.html", "", "playground.html", "playground").Replace(name)
		want, err := fs.ReadFile(web.Pages(), name)
		if a := send(t, http.MethodGet, r.url+"/"+address, ""); a.Status != http.StatusOK || a.Text != string(want) {
			t.Errorf("%s is %d with %d bytes, and has %d", name, a.Status, len(a.Text), len(want))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if code, said := r.stop(t); code != 0 {
		t.Errorf("it ended with %d: %s", code, said)
	}
}

// TestBrowser opens the pages of a running demo in a browser: web/test/pages.mjs says what it holds. LACUNA_TEST_SHOTS
// names a folder for pictures.
func TestBrowser(t *testing.T) {
	node, chromium := mustNode(t), mustBrowser(t)
	if err := sources(filepath.Join(webFolder, "test"), filepath.Join(webFolder, "examples")); err != nil {
		t.Fatal(err)
	}
	r := start(t, t.TempDir(), nil, "demo", "--addr", "127.0.0.1:0")
	script := exec.CommandContext(t.Context(), node, "test/pages.mjs", r.url)
	script.Dir = webFolder
	script.Env = append(os.Environ(), "LACUNA_TEST_CHROMIUM="+chromium)
	out, err := script.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	} else {
		t.Logf("%s", out)
	}
	if code, said := r.stop(t); code != 0 {
		t.Errorf("it ended with %d: %s", code, said)
	}
}

// TestAudits asks a running server what the GraphQL over HTTP specification wants of it: web/test/audits.mjs.
func TestAudits(t *testing.T) { runScript(t, "test/audits.mjs", "61 of 61 audits") }

// TestStreamClients talks to a running server by WebSocket and server-sent events: web/test/streams.mjs.
func TestStreamClients(t *testing.T) {
	runScript(t, "test/streams.mjs", "graphql-ws: ok\ngraphql-sse: ok\n")
}

// runScript runs a script of web/ against the GraphQL of a server with an empty store, which must say something.
func runScript(t *testing.T, name, says string) {
	t.Helper()
	node := mustNode(t)
	if err := sources(filepath.Join(webFolder, "test")); err != nil {
		t.Fatal(err)
	}
	r := start(t, t.TempDir(), nil, "serve", "--addr", "127.0.0.1:0")
	script := exec.CommandContext(t.Context(), node, name, r.url+"/graphql")
	script.Dir = webFolder
	if out, err := script.CombinedOutput(); err != nil || !strings.Contains(string(out), says) {
		t.Errorf("%v\n%s", err, out)
	}
	if code, said := r.stop(t); code != 0 {
		t.Errorf("it ended with %d: %s", code, said)
	}
}

// mustNode finds Node with the modules of web/. Where they are lacking the test is skipped, and fails with CI=true.
func mustNode(t *testing.T) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		lacking(t, "there is no node (20.19 or later)")
	}
	if _, err := os.Stat(filepath.Join(webFolder, "node_modules", "graphql-http")); err != nil {
		lacking(t, "web/node_modules is not installed")
	}
	return node
}

// mustBrowser finds Chromium, as mustNode finds Node.
func mustBrowser(t *testing.T) string {
	t.Helper()
	if chromium := os.Getenv("LACUNA_TEST_CHROMIUM"); chromium != "" {
		return chromium
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if chromium, err := exec.LookPath(name); err == nil {
			return chromium
		}
	}
	lacking(t, "there is no chromium")
	return ""
}

func lacking(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s; internal/tools/browser.sh sets it up", what)
	}
	t.Skipf("%s: run internal/tools/browser.sh, which sets it up", what)
}
