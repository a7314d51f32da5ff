package graph

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// The limits on what a row may hold. They keep every record, index entry and page of a size that both stores serve.
const (
	MaxIDBytes        = 256
	MaxTextBytes      = 4096 // a name, a query, an attribute's text
	MaxAttributes     = 200  // of one customer, product or interaction, per row
	MaxIdentities     = 100  // per row
	MaxListEntries    = 100  // categories, tags, consents per row
	MaxCategoryLevels = 32
)

// folder keeps no state between calls, unlike other casers, so it may be shared by goroutines.
var folder = cases.Fold()

// Fold prepares text for comparison as people do it: compatibility forms united (NFKC: full width "Ａ" is "A") and
// letter case removed. Both stores search by folded text, so it is defined here once.
func Fold(s string) string {
	if isPlainLower(s) {
		return s
	}
	return norm.NFKC.String(folder.String(strings.Map(lowerCherokee, norm.NFKC.String(s))))
}

// lowerCherokee works around cases.Fold, which swaps the letter case of Cherokee instead of removing it.
func lowerCherokee(r rune) rune {
	if r >= 0x13A0 && r <= 0x13F5 {
		return unicode.ToLower(r)
	}
	return r
}

func isPlainLower(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || (s[i] >= 'A' && s[i] <= 'Z') {
			return false
		}
	}
	return true
}

// SearchTerms gives the folded terms under which a customer's name is found by prefix: the name from each of its words
// on, so that "chen", "mei" and "ling" all find "Chen Mei-Ling". A word begins where a letter or digit follows none.
func SearchTerms(name string) []string {
	folded := strings.Join(strings.Fields(Fold(name)), " ")
	var terms []string
	inWord := false
	for i, r := range folded {
		wordRune := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		if i == 0 || (wordRune && !inWord) {
			terms = append(terms, folded[i:])
		}
		inWord = wordRune
	}
	return terms
}

// Clip shortens text for an error message, at a rune's edge.
func Clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// checkText refuses what no store may hold: invalid UTF-8, NUL, over-long text.
func checkText(field, s string, most int) *Rejection {
	if len(s) > most {
		return Reject(RejectTooLong, field, "has %d bytes, at most %d are kept", len(s), most)
	}
	if strings.IndexByte(s, 0) >= 0 {
		return Reject(RejectBadText, field, "contains a NUL character")
	}
	if !utf8.ValidString(s) {
		return Reject(RejectBadText, field, "is not valid UTF-8: save the file as UTF-8 and try again")
	}
	return nil
}

// checkID is checkText for ids, which must not be empty, padded or contain line breaks or tabs.
func checkID(field, s string) *Rejection {
	if s == "" {
		return Reject(RejectMissing, field, "is required")
	}
	if r := checkText(field, s, MaxIDBytes); r != nil {
		return r
	}
	if s != strings.TrimSpace(s) || strings.ContainsAny(s, "\t\r\n") {
		return Reject(RejectBadID, field, "begins or ends with a space, or contains a line break or tab")
	}
	return nil
}
