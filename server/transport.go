package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// mostRefusals is how many mistakes of one document are told: a small document can have very many.
const mostRefusals = 5

// transport carries GraphQL over POST and, for queries alone, over GET. gqlgen's own transports answer a request that
// they cannot read with no code, or with its body quoted, which then stands in the log; so these are ours.
type transport struct {
	bodies bodies
	bounds bounds
}

var _ graphql.Transport = transport{}

// bodies says how requests are read.
type bodies struct {
	reading *admission
	most    int64         // bytes
	timeout time.Duration // for a client to send one
}

// requestError is a request that holds no operation that could be run.
type requestError struct {
	status  int
	message string
	allow   string // methods that would do, with status 405
}

// Error gives the message, which never quotes the request.
func (e *requestError) Error() string { return e.message }

func (*requestError) code() string { return codeInvalidArgument }

// Supports takes every request, so that the refusal of one is ours too.
func (transport) Supports(*http.Request) bool { return true }

// Do answers one request. See the GraphQL over HTTP specification for what status goes with what media type.
func (t transport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	media, ok := answerMedia(r.Header.Values("Accept"))
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	w.Header().Add("Vary", "Accept")
	if !ok {
		refuse(w, r, &requestError{status: http.StatusNotAcceptable, message: "answers are application/json or application/graphql-response+json: accept one of them"})
		return
	}
	params := new(graphql.RawParams)
	if err := t.bodies.read(params, w, r); err != nil {
		refuse(w, r, err)
		return
	}
	if !t.bounds.running.enter() {
		refuse(w, r, busy{})
		return
	}
	t.answer(params, w, r, exec, media)()
}

// answer executes an operation and gives what sends the answer: a client that takes its time to read holds no place.
func (t transport) answer(params *graphql.RawParams, w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, media string) (send func()) {
	defer t.bounds.running.leave()
	ctx, cancel := context.WithTimeout(r.Context(), t.bounds.timeout)
	defer cancel()
	operation, errs := exec.CreateOperationContext(ctx, params)
	if errs != nil {
		response := exec.DispatchError(graphql.WithOperationContext(ctx, operation), errs[:min(len(errs), mostRefusals)])
		return func() {
			status := refusedStatus(media)
			if fast, ok := errors.AsType[*tooFast](errs[0]); ok {
				status = http.StatusTooManyRequests
				w.Header().Set("Retry-After", strconv.Itoa(fast.seconds()))
			}
			w.WriteHeader(status)
			write(w, response, false)
		}
	}
	if err := checkOperation(r.Method, operation, false); err != nil {
		return func() { refuse(w, r, err) }
	}
	respond, ctx := exec.DispatchOperation(ctx, operation)
	response := respond(ctx)
	if response == nil { // the context ended before anything was asked of the store
		response = exec.DispatchError(ctx, gqlerror.List{gqlerror.Wrap(ctx.Err())})
	}
	return func() { write(w, response, true) }
}

// checkOperation refuses what this transport cannot carry.
func checkOperation(method string, operation *graphql.OperationContext, streams bool) error {
	if operation.Operation.Operation == ast.Subscription && !streams {
		return &requestError{status: http.StatusBadRequest, message: "a subscription needs a connection that stays open: accept text/event-stream, or use a WebSocket"}
	}
	if method == http.MethodGet && operation.Operation.Operation != ast.Query {
		return &requestError{http.StatusMethodNotAllowed, "GET runs queries alone: send this operation with POST", http.MethodPost}
	}
	// One answer has no place for what is deferred: it would be lost.
	if strings.Contains(operation.RawQuery, "defer") && defers(operation) {
		return &requestError{status: http.StatusBadRequest, message: "@defer is not supported here: leave it out"}
	}
	return nil
}

func defers(operation *graphql.OperationContext) bool {
	found := within(operation.Operation.SelectionSet)
	for _, fragment := range operation.Doc.Fragments {
		found = found || within(fragment.SelectionSet)
	}
	return found
}

// within tells whether anything is deferred in a selection, fragments that it names aside.
func within(set ast.SelectionSet) bool {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if within(s.SelectionSet) {
				return true
			}
		case *ast.InlineFragment:
			if s.Directives.ForName("defer") != nil || within(s.SelectionSet) {
				return true
			}
		case *ast.FragmentSpread:
			if s.Directives.ForName("defer") != nil {
				return true
			}
		}
	}
	return false
}

// write sends an answer, without data when it was not executed. Its data is JSON already, and is not read through once more.
func write(w io.Writer, response *graphql.Response, executed bool) {
	var buf bytes.Buffer
	buf.Grow(len(response.Data) + 128)
	between := byte('{')
	next := func() {
		buf.WriteByte(between)
		between = ','
	}
	if len(response.Errors) > 0 {
		next()
		member(&buf, "errors", response.Errors)
	}
	if executed {
		next()
		buf.WriteString(`"data":`)
		if len(response.Data) == 0 {
			buf.WriteString("null")
		}
		buf.Write(response.Data)
	}
	if c, ok := response.Extensions["cost"].(cost); ok && len(response.Extensions) == 1 {
		next()
		buf.WriteString(`"extensions":{"cost":`)
		c.write(&buf)
		buf.WriteByte('}')
	} else if len(response.Extensions) > 0 {
		next()
		member(&buf, "extensions", response.Extensions)
	}
	buf.WriteString("}\n")
	_, _ = w.Write(buf.Bytes()) // a client that is gone needs no answer
}

func member(buf *bytes.Buffer, name string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // maps and lists of text and numbers, as the presenter makes them
	}
	buf.WriteString(`"` + name + `":`)
	buf.Write(text)
}

func refuse(w http.ResponseWriter, r *http.Request, err error) {
	if full, ok := errors.AsType[busy](err); ok {
		writeError(w, r, http.StatusServiceUnavailable, full.code(), full.Error())
		return
	}
	refused, ok := errors.AsType[*requestError](err)
	if !ok {
		refused = &requestError{status: http.StatusBadRequest, message: "the request could not be read"}
	}
	if refused.allow != "" {
		w.Header().Set("Allow", refused.allow)
	}
	writeError(w, r, refused.status, codeInvalidArgument, refused.message)
}

// refusedStatus is the status for a document that was refused before anything of it ran: clients of the older media type
// take any other than 200 for a failure of the connection.
func refusedStatus(media string) int {
	if media == mediaGraphQL {
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// read gives the operation that a request asks for.
func (b bodies) read(params *graphql.RawParams, w http.ResponseWriter, r *http.Request) (err error) {
	params.Headers, params.ReadTime.Start = r.Header, graphql.Now()
	switch r.Method {
	case http.MethodGet:
		err = readURL(params, r.URL.RawQuery)
	case http.MethodPost:
		err = b.readBody(params, w, r)
	default:
		err = &requestError{http.StatusMethodNotAllowed, "send GraphQL with POST, or a query with GET", "GET, POST"}
	}
	if err == nil && params.Query == "" {
		err = &requestError{status: http.StatusBadRequest, message: "query is required: it holds the document"}
	}
	params.ReadTime.End = graphql.Now()
	return err
}

func (b bodies) readBody(params *graphql.RawParams, w http.ResponseWriter, r *http.Request) error {
	if !readsJSON(r) {
		return &requestError{status: http.StatusUnsupportedMediaType, message: "Content-Type must be application/json, in UTF-8"}
	}
	if r.ContentLength > b.most {
		w.Header().Set("Connection", "close") // rather than to read it all
		return tooLarge(b.most)
	}
	if !b.reading.enter() {
		return busy{}
	}
	defer b.reading.leave()
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(b.timeout)) // what is no connection has no deadline
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, b.most))
	if err == nil { // otherwise nothing more is to be read, and the connection ends
		_ = control.SetReadDeadline(time.Time{})
	}
	if over, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge(over.Limit)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &requestError{status: http.StatusRequestTimeout, message: fmt.Sprintf("the body did not arrive within %v", b.timeout)}
	}
	if err != nil {
		return &requestError{status: http.StatusBadRequest, message: "the body could not be read to its end"}
	}
	if !decode(string(body), params) {
		return &requestError{status: http.StatusBadRequest, message: `the body must be one JSON object {"query", "variables", "operationName"}`}
	}
	return nil
}

func tooLarge(most int64) error {
	return &requestError{status: http.StatusRequestEntityTooLarge, message: fmt.Sprintf("the body is larger than %d bytes: send less at a time", most)}
}

func readURL(params *graphql.RawParams, rawQuery string) error {
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		return &requestError{status: http.StatusBadRequest, message: "the URL's query is not properly encoded"}
	}
	params.Query, params.OperationName = values.Get("query"), values.Get("operationName")
	if text := values.Get("variables"); text != "" && !decode(text, &params.Variables) {
		return &requestError{status: http.StatusBadRequest, message: "variables must be a JSON object"}
	}
	if text := values.Get("extensions"); text != "" && !decode(text, &params.Extensions) {
		return &requestError{status: http.StatusBadRequest, message: "extensions must be a JSON object"}
	}
	return nil
}

// decode reads exactly one JSON value. Numbers stay text, so that none loses digits on its way to a Decimal.
func decode(text string, into any) bool {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if d.Decode(into) != nil {
		return false
	}
	_, err := d.Token()
	return errors.Is(err, io.EOF)
}
