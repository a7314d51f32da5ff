package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"lacuna/internal/rows"
)

// asking runs the questions of one request by the executor. It holds one place among the operations that are executed, and is for one goroutine.
type asking struct {
	exec    graphql.GraphExecutor
	headers http.Header
	running *admission
	placed  bool
	asked   bool // a question was answered
}

func (a *asking) enter() bool {
	a.placed = a.running.enter()
	return a.placed
}

// leave gives the place back, if there is one.
func (a *asking) leave() {
	if a.placed {
		a.running.leave()
	}
	a.placed = false
}

// source is a [rows.Source]. An error is what a client may see.
func (a *asking) source(ctx context.Context, query string, variables map[string]any) (map[string]any, *rows.Of, error) {
	params := &graphql.RawParams{Query: query, Headers: a.headers}
	if err := recode(variables, &params.Variables); err != nil {
		return nil, nil, err
	}
	operation, err := a.admit(ctx, params)
	if err != nil {
		return nil, nil, err
	}
	respond, ctx := a.exec.DispatchOperation(ctx, operation)
	response := respond(ctx)
	if response == nil { // the context ended before anything was asked of the store
		response = a.exec.DispatchError(ctx, gqlerror.List{gqlerror.Wrap(ctx.Err())})
	}
	if len(response.Errors) > 0 {
		return nil, nil, toldOf(response.Errors[0])
	}
	a.asked = true
	var data map[string]any
	if err := json.Unmarshal(response.Data, &data); err != nil {
		return nil, nil, fmt.Errorf("read answer: %w", err)
	}
	info, ok := response.Extensions["data"].(dataInfo)
	if !ok {
		return data, nil, nil
	}
	of := new(rows.Of)
	if err := recode(info, of); err != nil {
		return nil, nil, err
	}
	return data, of, nil
}

// recode turns one form of what can be JSON into another, as a client's would arrive.
func recode(from, into any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return fmt.Errorf("write as JSON: %w", err)
	}
	if !decode(string(text), into) {
		return errors.New("what was written as JSON cannot be read")
	}
	return nil
}

// admit checks a question as that of any client. Who has used up their share is refused with the first question of a request; further ones wait: to refuse
// them would throw away what was answered, and a page of many questions might never be had.
func (a *asking) admit(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, error) {
	for {
		operation, errs := a.exec.CreateOperationContext(ctx, params)
		if errs == nil {
			return operation, nil
		}
		fast, ok := errors.AsType[*tooFast](errs[0])
		if ok && a.asked && endsAfter(ctx, fast.wait) {
			if err := a.wait(ctx, fast.wait); err != nil {
				return nil, err
			}
			continue
		}
		response := a.exec.DispatchError(graphql.WithOperationContext(ctx, operation), errs[:1])
		told := toldOf(response.Errors[0])
		if ok {
			told.retryAfter = fast.seconds()
		}
		return nil, told
	}
}

// endsAfter tells whether a context lasts so long.
func endsAfter(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait
}

// wait lets time go by without holding a place.
func (a *asking) wait(ctx context.Context, so time.Duration) error {
	a.leave()
	timer := time.NewTimer(so)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	if !a.enter() {
		return busy{}
	}
	return nil
}
