package resolvers

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"lacuna/graph"
	"lacuna/graph/model"
)

// The codes of errors that resolvers answer with.
const (
	CodeInvalidArgument = "INVALID_ARGUMENT"
	CodeInvalidCursor   = "INVALID_CURSOR"
	CodeNotFound        = "NOT_FOUND"
)

// Error is a mistake of the client: a code and a message that may be shown.
type Error struct {
	Code    string
	Message string
}

// Error gives the message.
func (e *Error) Error() string { return e.Message }

func invalidArgument(format string, args ...any) error {
	return &Error{Code: CodeInvalidArgument, Message: fmt.Sprintf(format, args...)}
}

func notFound(message string) error { return &Error{Code: CodeNotFound, Message: message} }

// payload tells what became of the rows of one argument named input.
func payload(outcomes []graph.Outcome) *model.UpsertPayload {
	p := &model.UpsertPayload{UserErrors: []model.UserError{}}
	for i, o := range outcomes {
		switch o.Status {
		case graph.Accepted:
			p.Accepted++
		case graph.Duplicate:
			p.Duplicates++
		default:
			p.UserErrors = append(p.UserErrors, userError(o.Rejection, "input", strconv.Itoa(i)))
		}
	}
	return p
}

// userError tells why a row was not taken, with the path of the field in the API's words.
func userError(r *graph.Rejection, path ...string) model.UserError {
	return model.UserError{Path: append(path, fieldPath(r.Field)...), Code: strings.ToUpper(string(r.Code)), Message: r.Message}
}

// consentError tells why a statement of consent was not taken: the columns of the customer row that carried it are
// other fields of ConsentInput.
func consentError(r *graph.Rejection) model.UserError {
	named := *r
	switch r.Field {
	case "id":
		named.Field = "customer"
	case "consents":
		named.Field = "purpose"
		if r.Code == graph.RejectBadTime {
			named.Field = "at"
		}
	}
	return userError(&named, "input")
}

// fieldPath turns a file's column into the API's field: "created_at" is createdAt, "attr.party" is attributes, party.
func fieldPath(column string) []string {
	switch {
	case column == "":
		return nil
	case column == "attr":
		return []string{"attributes"}
	case column == "updated_at":
		return []string{"observedAt"}
	case strings.HasPrefix(column, "attr."):
		return []string{"attributes", strings.TrimPrefix(column, "attr.")}
	case strings.HasPrefix(column, "name_"):
		return []string{"names", strings.TrimPrefix(column, "name_")}
	}
	words := strings.Split(column, "_")
	for i, word := range words[1:] {
		if word != "" {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return []string{strings.Join(words, "")}
}

// refused turns what a store refuses into a user error about an argument; other errors go on as they are.
func refused(err error, path string) ([]model.UserError, error) {
	if rejection, ok := errors.AsType[*graph.Rejection](err); ok {
		return []model.UserError{userError(rejection, path)}, nil
	}
	for sentinel, code := range map[error]string{graph.ErrNotFound: "NOT_FOUND", graph.ErrConflict: "CONFLICT"} {
		if errors.Is(err, sentinel) {
			return []model.UserError{{Path: []string{path}, Code: code, Message: strings.TrimSuffix(err.Error(), ": "+sentinel.Error())}}, nil
		}
	}
	return nil, err
}
