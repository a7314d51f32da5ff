package doctor

import (
	"context"
	"fmt"
	"time"

	"lacuna/graph"
)

// Options say by what a store is judged. The zero value is valid.
type Options struct {
	Now  func() time.Time // nil is time.Now
	Zone *time.Location   // in which people live; nil is UTC
}

// maxExamples is how many examples a finding has.
const maxExamples = 10

// Examine makes the [DataChecks]: one scan of the store, whose memory does not grow with the interactions.
func Examine(ctx context.Context, store graph.Store, o Options) (*Stored, []Finding, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	stats, err := store.Stats(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read statistics: %w", err)
	}
	var findings []Finding
	if stats.Customers+stats.Interactions+stats.Products == 0 {
		findings = append(findings, Finding{
			Check: CheckEmpty, Severity: Note, Message: "nothing is loaded", Remedy: "load files: lacuna load PATH; docs/importing.md has an example of each format",
		})
	}
	c := newCounter(o)
	if err := c.read(ctx, store); err != nil {
		return nil, nil, err
	}
	findings = append(findings, c.findings()...)
	shared, err := sharedIdentities(ctx, store)
	if err != nil {
		return nil, nil, err
	}
	unread, err := unreadRecords(ctx, store)
	if err != nil {
		return nil, nil, err
	}
	return storedOf(&stats), append(append(findings, shared...), unread...), nil
}

// share makes a finding of some records among others: a note while they are few, a warning from one in a hundred on. There is
// none when no record is affected.
func share(check string, count, of int64, message, remedy string, examples ...string) []Finding {
	if count == 0 {
		return nil
	}
	severity := Note
	if 100*count >= of {
		severity = Warning
	}
	return []Finding{{
		Check: check, Severity: severity, Message: fmt.Sprintf("%s of %s %s", grouped(count), grouped(of), message), Count: count, Of: of,
		Examples: examples, Remedy: remedy,
	}}
}

// grouped writes a number with its thousands set apart.
func grouped(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
