package server

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"lacuna/internal/rows"
	"lacuna/resolvers"
)

// told is an error as the presenter made it for a client.
type told struct {
	code, message string
	retryAfter    int // seconds; 0: not said
}

// Error gives the message.
func (e *told) Error() string { return e.message }

func toldOf(err *gqlerror.Error) *told {
	code, _ := err.Extensions["code"].(string)
	return &told{code: code, message: err.Message}
}

// statuses of the codes that an operation may end with; any other is a mistake of the request, 400.
var statuses = map[string]int{
	codeForbidden: http.StatusForbidden, resolvers.CodeNotFound: http.StatusNotFound, codeTooManyRequests: http.StatusTooManyRequests,
	codeTimeout: http.StatusGatewayTimeout, codeUnavailable: http.StatusServiceUnavailable, codeInternal: http.StatusInternalServerError,
}

// errNoRows is an address that leads nowhere. It does not quote it.
var errNoRows = &told{code: resolvers.CodeNotFound, message: "there are no such rows: ask for " + rowsPath + "VIEW.FORMAT or " + rowsPath + "VIEW/schema, VIEW one of " +
	strings.Join(viewNames(), ", ") + ", FORMAT one of " + strings.Join(rows.Formats(), ", ")}

func viewNames() (names []string) {
	for _, v := range rows.Views() {
		names = append(names, v.Name)
	}
	return names
}

// refuse answers with an error in the shape of /graphql's. Here the status tells it too: who reads rows looks at nothing else.
func (t rowsTransport) refuse(w http.ResponseWriter, r *http.Request, err error) {
	_, full := errors.AsType[busy](err)
	if _, wrong := errors.AsType[*requestError](err); wrong || full {
		refuse(w, r, err)
		return
	}
	said, ok := errors.AsType[*told](err)
	if wrong, isParameter := errors.AsType[*rows.ParameterError](err); isParameter {
		said = &told{code: codeInvalidArgument, message: wrong.Error()}
	} else if !ok {
		said = toldOf(t.present(r.Context(), err))
	}
	status, known := statuses[said.code]
	if !known {
		status = http.StatusBadRequest
	}
	message := said.message
	if said.code == codeTooComplex {
		message += "; ask for fewer rows with first"
	}
	if said.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(said.retryAfter))
	}
	writeError(w, r, status, said.code, message)
}
