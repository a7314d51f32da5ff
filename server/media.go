package server

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// The media types of answers.
const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
)

// answerMedia chooses the media type of the answer from what the client accepts: GraphQL's own for those who name it and do
// not like JSON better, JSON for everybody else. It is not ok when the client accepts neither.
func answerMedia(accept []string) (media string, ok bool) {
	if len(accept) == 0 {
		return mediaJSON, true
	}
	own, json := weight(accept, mediaGraphQL), weight(accept, mediaJSON)
	switch {
	case own.q <= 0 && json.q <= 0:
		return mediaJSON, false
	case own.named && own.q >= json.q, json.q <= 0:
		return mediaGraphQL, true
	default:
		return mediaJSON, true
	}
}

// preference is how much a media type, or a coding, is liked.
type preference struct {
	q     float64
	named bool // by its own name rather than by a range
}

// weight finds what headers of the Accept family say of a media type or a coding: by its name, else by application/*, else by */*.
func weight(accept []string, name string) (best preference) {
	kind, _, _ := strings.Cut(name, "/")
	itsKind, rank := kind+"/*", 0
	const anything, likeIt, itself = 1, 2, 3
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		found, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		level := 0
		switch found {
		case name:
			level = itself
		case "*/*":
			level = anything
		case itsKind:
			level = likeIt
		}
		if level <= rank {
			continue
		}
		q := 1.0
		if text, ok := parameters["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		best, rank = preference{q, level == itself}, level
	}
	return best
}

// readsJSON tells whether a request's body is JSON in UTF-8, by its own account.
func readsJSON(r *http.Request) bool {
	media, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(parameters["charset"])
	return err == nil && media == mediaJSON && (charset == "" || charset == "utf-8" || charset == "utf8")
}
