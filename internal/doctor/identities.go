package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"lacuna/graph"
)

const (
	manyClaimants  = 3  // other customers with one identity: more than a family or a mistake
	manyIdentities = 20 // e-mails, phones, cards or LINE ids of one customer
)

// sharedIdentities tells which identities several customers claim.
func sharedIdentities(ctx context.Context, store graph.Store) ([]Finding, error) {
	list, err := store.Contested(ctx, graph.MaxPage)
	if err != nil {
		return nil, fmt.Errorf("read contested identities: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	many := fmt.Sprint(len(list))
	if len(list) == graph.MaxPage {
		many = "more than " + grouped(graph.MaxPage-1)
	}
	f := Finding{
		Check: CheckShared, Severity: Note, Count: int64(len(list)),
		Message: many + " identities are claimed by customers beside the one who has them; rows of those were rejected as identity_taken",
		Remedy: "an identity of very many is junk that a form or a till fills in: empty it in the source and load again; " +
			"two customers with one identity may be one person: mergeCustomers",
	}
	if list[0].Claimants >= manyClaimants {
		f.Severity = Warning
	}
	for _, c := range list[:min(len(list), maxExamples)] {
		f.Examples = append(f.Examples, fmt.Sprintf("%s %s of customer %s: claimed by %s others", c.Kind, masked(c.Value), graph.Clip(c.Owner), grouped(c.Claimants)))
	}
	return []Finding{f}, nil
}

// masked shows enough of an identity to find it, and too little to use it. What is nobody's is shown as it is.
func masked(value string) string {
	if isPlaceholder(value) {
		return fmt.Sprintf("%q", graph.Clip(value))
	}
	first, size := utf8.DecodeRuneInString(value)
	if size == len(value) {
		return "…"
	}
	if !strings.Contains(value, "@") {
		return fmt.Sprintf("%c… (%d characters)", first, utf8.RuneCountInString(value))
	}
	return fmt.Sprintf("%c…@… (%d characters)", first, utf8.RuneCountInString(value))
}

// placeholders are values that forms, tills and exports fill in where nothing is known.
var placeholders = []string{
	"none", "null", "nil", "undefined", "unknown", "n/a", "na", "-", "--", "guest", "anonymous", "test", "no-email", "noemail", "nomail", "default",
	"無", "沒有", "不明", "未知", "測試",
}

// mailboxes are the names of mailboxes that are nobody's.
var mailboxes = []string{"noreply", "no-reply", "donotreply", "none", "null", "no", "na", "n/a", "noemail", "no-email", "nomail", "unknown", "anonymous", "guest", "x", "xx", "xxx"}

// isPlaceholder tells whether an identity's value is one that stands for none.
func isPlaceholder(value string) bool {
	value = graph.Fold(value)
	if slices.Contains(placeholders, value) {
		return true
	}
	if mailbox, _, ok := strings.Cut(value, "@"); ok {
		return slices.Contains(mailboxes, mailbox)
	}
	return isFiller(value)
}

// isFiller tells whether a number is one digit over and over but for a prefix of up to four, or counts up: 0900000000, 123456789.
func isFiller(value string) bool {
	digits := strings.TrimLeft(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '(' || r == ')' {
			return -1
		}
		return r
	}, value), "+")
	if len(digits) < 7 || strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) {
		return false
	}
	for _, counting := range [...]string{"01234567890123456789", "1234567890123456789"} {
		if strings.HasPrefix(counting, digits) {
			return true
		}
	}
	tail := digits[min(4, len(digits)-6):]
	return strings.Trim(tail, tail[:1]) == ""
}

// junk gathers identities that are nobody's, and customers who have too many.
type junk struct {
	identities, fillers, crowded int64
	values, owners               []string
}

func (j *junk) add(c *graph.Customer) {
	var kinds [16]int
	most := 0
	for _, i := range c.Identities {
		j.identities++
		switch i.Kind {
		case graph.EmailAddress, graph.Phone, graph.LoyaltyCard, graph.Line:
			kinds[i.Kind&15]++
			most = max(most, kinds[i.Kind&15])
		}
		if isPlaceholder(i.Value) {
			j.fillers++
			if len(j.values) < maxExamples {
				j.values = append(j.values, fmt.Sprintf("%s %q of customer %s", i.Kind, graph.Clip(i.Value), graph.Clip(c.ID)))
			}
		}
	}
	if most > manyIdentities {
		j.crowded++
		if len(j.owners) < maxExamples {
			j.owners = append(j.owners, fmt.Sprintf("customer %s: %d of one kind", graph.Clip(c.ID), most))
		}
	}
}

func (j *junk) findings(customers int64) []Finding {
	var found []Finding
	if j.fillers > 0 {
		found = append(found, Finding{
			Check: CheckJunk, Severity: Warning, Count: j.fillers, Of: j.identities, Examples: j.values,
			Message: fmt.Sprintf("%s identities are values that forms and tills fill in where nothing is known: whoever has one gets what all others did under it", grouped(j.fillers)),
			Remedy:  "empty such values in the source, erase or unmerge the customer who has one, and load again",
		})
	}
	if j.crowded > 0 {
		found = append(found, Finding{
			Check: CheckJunk, Severity: Warning, Count: j.crowded, Of: customers, Examples: j.owners,
			Message: fmt.Sprintf("%s customers have more than %d e-mail addresses, phones, cards or LINE ids of one kind: probably several people, or an account of staff", grouped(j.crowded), manyIdentities),
			Remedy:  "look at the merges of these customers and undo what was wrong (unmergeCustomers), or keep staff accounts out of the files",
		})
	}
	return found
}

// unreadRecords tells which events of files are not read.
func unreadRecords(ctx context.Context, store graph.Store) ([]Finding, error) {
	list, err := store.Unread(ctx, graph.MaxPage)
	if err != nil {
		return nil, fmt.Errorf("read names of unread records: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	f := Finding{
		Check: CheckUnread, Severity: Note,
		Remedy: "these say nothing that is asked here; if one does (a search or a purchase under a name of your own), send it under the name that docs/importing.md lists, " +
			"or load it as a table with --map",
	}
	for i, u := range list {
		f.Count += u.Records
		if i < maxExamples {
			f.Examples = append(f.Examples, fmt.Sprintf("%s × %s", grouped(u.Records), graph.Clip(u.Name)))
		}
	}
	f.Message = fmt.Sprintf("%s events of %d names in loaded files are not read", grouped(f.Count), len(list))
	return []Finding{f}, nil
}
