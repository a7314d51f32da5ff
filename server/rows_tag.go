package server

import (
	"context"
	"net/http"
	"strings"

	"lacuna/graph"
)

// dataState names the state of what answers are made from: how far the store's change feed has come, and which part of it is in the figures. "" where either is not
// known; then nothing can be said of whether an answer has changed.
func (s *Server) dataState(store graph.Store) func(ctx context.Context) string {
	return func(ctx context.Context) string {
		if s.options.Engine == nil {
			return ""
		}
		view, err := s.options.Engine.View()
		if err != nil {
			return ""
		}
		head, err := store.Head(ctx)
		if err != nil {
			return ""
		}
		return string(head) + "\n" + string(view.Version())
	}
}

// tag gives the entity tag of an answer, a strong one: the same question of the same role, in the same form, about the same data gives the same bytes.
func (t rowsTransport) tag(r *http.Request, q *rowsRequest, state string) string {
	if state == "" && !q.schema {
		return ""
	}
	if q.schema {
		state = ""
	}
	return `"` + digest(strings.Join([]string{t.run, roleOf(r.Context()), r.URL.Path, q.values.Encode(), state}, "\n")) + `"`
}

// matches tells whether If-None-Match names a tag.
func matches(known []string, tag string) bool {
	for part := range strings.SplitSeq(strings.Join(known, ","), ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == tag || part == "*" {
			return true
		}
	}
	return false
}
