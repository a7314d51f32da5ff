package server

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"lacuna/internal/rows"
	"lacuna/resolvers"
)

// rowsCursor is where a page of rows begins, and what all pages of its walk have in common. As text it is base64 of JSON.
type rowsCursor struct {
	Question string `json:"q"` // digest of the view and its parameters: a cursor goes on with no other question
	rows.Position
	AsOf    string `json:"t,omitempty"` // the moment that the first page settled; "" where it was asked for, or there is none
	Version string `json:"v,omitempty"` // of the data, within which Skip counts
}

var (
	errRowsCursor = &resolvers.Error{Code: resolvers.CodeInvalidCursor, Message: "after is no cursor of this view with these parameters: follow the link to the next page as it was given, or begin again without after"}
	errRowsMoved  = &resolvers.Error{Code: resolvers.CodeInvalidCursor, Message: "the data has changed since the page before, so that rows would be missed or come twice: begin again without after, with a larger first if that can be"}
)

// mostSkipped bounds what a cursor may ask to be computed for nothing.
const mostSkipped = 100_000_000

func (c rowsCursor) text() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // texts and a number
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// readRowsCursor reads a cursor of a question; any other text is INVALID_CURSOR.
func readRowsCursor(text, question string) (c rowsCursor, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || json.Unmarshal(raw, &c) != nil || c.text() != text { // one place has one cursor, so that none was made by hand
		return rowsCursor{}, errRowsCursor
	}
	if _, err := time.Parse(time.RFC3339, c.AsOf); c.AsOf != "" && err != nil {
		return rowsCursor{}, errRowsCursor
	}
	if c.Question != digest(question) || c.Skip < 0 || c.Skip > mostSkipped || c.After == "" && c.Skip == 0 || c.Skip > 0 != (c.Version != "") {
		return rowsCursor{}, errRowsCursor
	}
	return c, nil
}

// digest shortens a text to what no other one is likely to have.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
