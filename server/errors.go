package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"lacuna/graph"
	"lacuna/insight"
	"lacuna/resolvers"
	"lacuna/server/guard"
)

// The codes that the server itself answers with; resolvers name the others.
const (
	codeInvalidArgument = "INVALID_ARGUMENT"
	codeTooComplex      = "TOO_COMPLEX"
	codeTimeout         = "TIMEOUT"
	codeUnavailable     = "UNAVAILABLE"
	codeInternal        = "INTERNAL"
)

// clientError is an error of this package whose text is written for clients.
type clientError interface {
	error
	code() string
}

// present turns any error into what a client may see: a code, a message written for clients, and the request id under
// which the log has the rest. What it does not know becomes INTERNAL, and its text stays here.
func (s *Server) present(ctx context.Context, err error) *gqlerror.Error {
	shown := &gqlerror.Error{Path: graphql.GetPath(ctx)}
	if known, ok := errors.AsType[*gqlerror.Error](err); ok {
		shown.Path, shown.Locations = known.Path, known.Locations
	}
	code, message := codeAndMessage(err)
	if ctx.Err() != nil && code == codeInternal {
		code, message = codeTimeout, "the request took too long or was given up; ask for less"
	}
	if code == codeInternal || code == codeUnavailable {
		s.options.Logger.Error("request failed", "requestId", requestID(ctx), "code", code, "error", err.Error())
	}
	s.metrics.errors.WithLabelValues(code).Inc()
	shown.Message = message
	shown.Extensions = map[string]any{"code": code, "requestId": requestID(ctx)}
	return shown
}

func codeAndMessage(err error) (code, message string) {
	if coded, ok := errors.AsType[*resolvers.Error](err); ok {
		return coded.Code, coded.Message
	}
	if wrong, ok := errors.AsType[*graph.RuleError](err); ok {
		return "INVALID_RULE", wrong.Error()
	}
	if errors.Is(err, insight.ErrNotReady) {
		return codeUnavailable, insight.ErrNotReady.Error()
	}
	if told, ok := errors.AsType[clientError](err); ok {
		return told.code(), told.Error()
	}
	if refusal, ok := errors.AsType[*guard.Refusal](err); ok {
		if refusal.Invalid() {
			return codeInvalidArgument, refusal.Error()
		}
		return codeTooComplex, refusal.Error()
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return codeTimeout, "the request took too long or was given up; ask for less"
	case errors.Is(err, graph.ErrUnavailable), errors.Is(err, graph.ErrClosed):
		return codeUnavailable, "the store cannot answer now; try again in a moment"
	case errors.Is(err, graph.ErrReadOnly):
		return codeUnavailable, "the store is read-only"
	}
	if parsed, ok := errors.AsType[*gqlerror.Error](err); ok {
		switch parsed.Extensions["code"] {
		case errcode.ParseFailed, errcode.ValidationFailed:
			if parsed.Message == "operation  not found" { // without the name that was not given
				return codeInvalidArgument, "the document has several operations: name one in operationName"
			}
			if strings.HasPrefix(parsed.Message, "operation ") && strings.HasSuffix(parsed.Message, " not found") {
				return codeInvalidArgument, "the document has no operation of the name in operationName"
			}
			return codeInvalidArgument, withoutValues(parsed.Message)
		case "COMPLEXITY_LIMIT_EXCEEDED":
			return codeTooComplex, parsed.Message
		}
	}
	if _, ok := errors.AsType[*graphql.IntegerError](err); ok {
		return codeInvalidArgument, "a number is too large"
	}
	if errors.Is(err, graph.ErrInvalid) {
		return codeInvalidArgument, withoutSentinel(err)
	}
	return codeInternal, "internal error"
}

// quotedValues are the ways in which the parser quotes values of a document or a variable, and what is said instead. The
// first are the suggestions of those rules that have no switch for them.
var quotedValues = []struct {
	quote   *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`(?s) Did you mean .*$`), ""},
	{regexp.MustCompile(`(?s)^Value ".*" (does not exist in "\w+" enum\.)$`), "Value $1"},
	{regexp.MustCompile(`(?s)^(.* cannot represent .* value): .*$`), "$1"},
	{regexp.MustCompile(`(?s)^(Expected value of type "[^"]*"), found .*$`), "$1, found another"},
	{regexp.MustCompile(`(?s)^.* is not a valid (\w+)$`), "is not a valid $1"},
	{regexp.MustCompile(`(?s)\b(Name|String|BlockString|Int|Float|Comment) ".*"$`), "$1"},
	{regexp.MustCompile(`(?s)^(Invalid character escape sequence): .*$`), "$1"},
}

// withoutValues leaves out of a message what the client gave as a value, which may be personal. Where it stands is told
// by the error's path or location.
func withoutValues(message string) string {
	for _, q := range quotedValues {
		message = q.quote.ReplaceAllString(message, q.instead)
	}
	return message
}

// withoutSentinel gives what is wrong with an input. Where it is stands in the error's path, and that it is invalid in
// the code.
func withoutSentinel(err error) string {
	if placed, ok := errors.AsType[*gqlerror.Error](err); ok && placed.Err != nil {
		err = placed.Err
	}
	return strings.TrimSuffix(err.Error(), ": "+graph.ErrInvalid.Error())
}

// writeError answers a request that never reached GraphQL in the shape of a GraphQL answer.
func writeError(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]any{
		"message":    message,
		"extensions": map[string]any{"code": code, "requestId": requestID(r.Context())},
	}}})
}
