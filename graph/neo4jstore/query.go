package neo4jstore

import (
	"embed"
	"strings"
)

//go:embed queries/*.cypher
var queryFiles embed.FS

// queries are the texts of all queries by name, without their comments.
var queries = func() map[string]string {
	entries, err := queryFiles.ReadDir("queries")
	if err != nil {
		panic(err) // they are part of the program
	}
	texts := make(map[string]string, len(entries))
	for _, e := range entries {
		text, err := queryFiles.ReadFile("queries/" + e.Name())
		if err != nil {
			panic(err)
		}
		texts[strings.TrimSuffix(e.Name(), ".cypher")] = withoutComments(string(text))
	}
	return texts
}()

func withoutComments(text string) string {
	lines := strings.Split(text, "\n")
	kept := lines[:0]
	for _, line := range lines {
		if trimmed := strings.TrimSpace(line); trimmed != "" && !strings.HasPrefix(trimmed, "//") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// query gives the text of a query.
func query(name string) string {
	text, ok := queries[name]
	if !ok {
		panic("there is no query " + name) // found by the first test that asks for it
	}
	return text
}
