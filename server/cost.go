package server

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/extension"
)

// cost is what stands in extensions.cost of every answer that was executed.
type cost struct {
	Requested int `json:"requested"` // what the operation may cost at most: fields, lists multiplied by how long they may be
	Actual    int `json:"actual"`    // fields in the answer
	Limit     int `json:"limit"`     // of requested
}

// dataInfo is what stands in extensions.data of every answer that figures went into.
type dataInfo struct {
	Version string     `json:"version"` // names the state of the store
	AsOf    *time.Time `json:"asOf"`    // the moment that figures are as of; null while there is nothing
}

// write writes it as JSON: it stands in every answer, and reflection would take longer than all else there.
func (c cost) write(buf *bytes.Buffer) {
	text := append(buf.AvailableBuffer(), `{"requested":`...)
	text = strconv.AppendInt(text, int64(c.Requested), 10)
	text = append(text, `,"actual":`...)
	text = strconv.AppendInt(text, int64(c.Actual), 10)
	text = append(text, `,"limit":`...)
	text = strconv.AppendInt(text, int64(c.Limit), 10)
	buf.Write(append(text, '}'))
}

// costOf gives what an answer cost; not ok for one that was never executed.
func costOf(ctx context.Context, response *graphql.Response) (c cost, ok bool) {
	if !graphql.HasOperationContext(ctx) || response == nil {
		return c, false
	}
	stats := extension.GetComplexityStats(ctx)
	if stats == nil {
		return c, false
	}
	return cost{Requested: stats.Complexity, Actual: members(response.Data), Limit: stats.ComplexityLimit}, true
}

// members counts the members of all objects in JSON that was written without spaces: the texts that a colon follows.
func members(json []byte) (n int) {
	for {
		begin := bytes.IndexByte(json, '"')
		if begin < 0 {
			return n
		}
		json = json[begin+1:]
		for {
			end := bytes.IndexByte(json, '"')
			if end < 0 {
				return n
			}
			escaped := (end-len(bytes.TrimRight(json[:end], `\`)))%2 == 1
			json = json[end+1:]
			if !escaped {
				break
			}
		}
		if len(json) > 0 && json[0] == ':' {
			n++
		}
	}
}
