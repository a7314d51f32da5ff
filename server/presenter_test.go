package server

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"lacuna/graph"
	"lacuna/resolvers"
)

// sentinels has the code of each error of the port. What resolvers turn into user errors, and what no reader of the API
// can bring about, is a defect here.
var sentinels = map[string]struct {
	err  error
	code string
}{
	"ErrNotFound":      {graph.ErrNotFound, "INTERNAL"},
	"ErrConflict":      {graph.ErrConflict, "INTERNAL"},
	"ErrInvalid":       {graph.ErrInvalid, "INVALID_ARGUMENT"},
	"ErrUnavailable":   {graph.ErrUnavailable, "UNAVAILABLE"},
	"ErrReadOnly":      {graph.ErrReadOnly, "UNAVAILABLE"},
	"ErrClosed":        {graph.ErrClosed, "UNAVAILABLE"},
	"ErrNewerSchema":   {graph.ErrNewerSchema, "INTERNAL"},
	"ErrDamaged":       {graph.ErrDamaged, "INTERNAL"},
	"ErrCursorExpired": {graph.ErrCursorExpired, "INTERNAL"},
}

func TestPresenter(t *testing.T) {
	placed := func(err error) error { return &gqlerror.Error{Err: err, Message: err.Error()} }
	cases := map[string]struct {
		err           error
		code, message string // message "" is: nothing of the error
	}{
		"resolver":         {&resolvers.Error{Code: "INVALID_CURSOR", Message: "no cursor"}, "INVALID_CURSOR", "no cursor"},
		"resolver, placed": {placed(&resolvers.Error{Code: "INVALID_ARGUMENT", Message: "first"}), "INVALID_ARGUMENT", "first"},
		"row":              {graph.Reject(graph.RejectTooLong, "name", "too long"), "INVALID_ARGUMENT", "name: too long"},
		"row in conflict":  {graph.Reject(graph.RejectErased, "secret", "secret"), "INTERNAL", ""},
		"invalid":          {placed(fmt.Errorf("search is too long: %w", graph.ErrInvalid)), "INVALID_ARGUMENT", "search is too long"},
		"number":           {placed(&graphql.IntegerError{Message: "secret"}), "INVALID_ARGUMENT", "a number is too large"},
		"late":             {fmt.Errorf("secret: %w", context.DeadlineExceeded), "TIMEOUT", ""},
		"given up":         {fmt.Errorf("secret: %w", context.Canceled), "TIMEOUT", ""},
		"unknown":          {errors.New("secret"), "INTERNAL", "internal error"},
		"unknown, coded":   {&gqlerror.Error{Message: "secret", Extensions: map[string]any{"code": "SECRET", "secret": true}}, "INTERNAL", "internal error"},
		"several":          {errors.Join(errors.New("secret"), graph.ErrUnavailable), "UNAVAILABLE", ""},
	}
	for name, s := range sentinels {
		c := cases[name]
		c.err, c.code = fmt.Errorf("secret: %w", s.err), s.code
		if s.code == "INVALID_ARGUMENT" {
			c.err, c.message = fmt.Errorf("what and why: %w", s.err), "what and why"
		}
		cases[name] = c
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s, log := newServer(Options{})
			got := s.present(context.WithValue(t.Context(), requestIDKey{}, "r1"), c.err)
			if got.Extensions["code"] != c.code || got.Extensions["requestId"] != "r1" || len(got.Extensions) != 2 {
				t.Errorf("extensions are %v, want %s", got.Extensions, c.code)
			}
			if got.Message == "" || (c.message != "" && got.Message != c.message) || strings.Contains(got.Message, "secret") {
				t.Errorf("message is %q, want %q", got.Message, c.message)
			}
			if logs := c.code == "INTERNAL" || c.code == "UNAVAILABLE"; strings.Contains(log.String(), `"requestId":"r1"`) != logs {
				t.Errorf("the log is %s", log)
			}
		})
	}
}

// TestEverySentinelHasACode holds that an error that is added to the port is given a code here.
func TestEverySentinelHasACode(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../graph/errors.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, declaration := range file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok || general.Tok != token.VAR {
			continue
		}
		for _, spec := range general.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				found++
				if _, ok := sentinels[name.Name]; !ok {
					t.Errorf("graph.%s has no code", name)
				}
			}
		}
	}
	if found != len(sentinels) {
		t.Errorf("%d sentinels, and codes for %d", found, len(sentinels))
	}
}
