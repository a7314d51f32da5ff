package graph

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "abc 1": "abc 1", "ABC": "abc", "Ａｂｃ１": "abc1", "Straße": "strasse", "STRASSE": "strasse", "ẞ": "ss", "ﬁne": "fine", "漢字": "漢字",
		"ｶﾞ": "ガ", "カ\u3099": "ガ", "がﾞ": "が\u3099", "Café": "café", "Cafe\u0301": "café", "ΣΊΣΥΦΟΣ": "σίσυφοσ", "ς": "σ", "I": "i", "ı": "ı",
		"İ": "i\u0307", "™": "tm", "①": "1", "㈱": "(株)", "㌔": "キロ", "\u00a0": " ", "　": " ", "台北１０１": "台北101", "ǅ": "dž", "😀": "😀", "Ꭰ": "Ꭰ", "ꭰ": "Ꭰ",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldProperties(t *testing.T) {
	letters := rapid.OneOf(rapid.Rune(), rapid.RuneFrom(nil, unicode.Upper, unicode.Title, unicode.Mn, unicode.Lm, unicode.Katakana, unicode.Greek),
		rapid.SampledFrom([]rune("ſẞßŉΐᾳ̈́̂ͅﬀǰİıσςΩÅΣꭰᏸ")))
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(letters, 0, 12, -1).Draw(t, "text")
		folded := Fold(s)
		if again := Fold(folded); again != folded {
			t.Errorf("Fold(%+q) = %+q, and folded again %+q", s, folded, again)
		}
		if !norm.NFKC.IsNormalString(folded) || !utf8.ValidString(folded) {
			t.Errorf("Fold(%+q) = %+q, which is not NFKC", s, folded)
		}
		for _, same := range []string{norm.NFD.String(s), norm.NFKC.String(s)} {
			if got := Fold(same); got != folded {
				t.Errorf("Fold(%+q) = %+q, but of %+q it is %+q", same, got, s, folded)
			}
		}
		plain := rapid.StringOf(rapid.RuneFrom(nil, &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0, Hi: 127, Stride: 1}}})).Draw(t, "plain")
		if got := Fold(plain); got != strings.ToLower(plain) {
			t.Errorf("Fold(%q) = %q", plain, got)
		}
	})
}

// TestFoldEveryRune holds that folding is stable for each character alone.
func TestFoldEveryRune(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		if once := Fold(string(r)); Fold(once) != once {
			t.Errorf("Fold(%U) = %+q, and folded again %+q", r, once, Fold(once))
		}
	}
}

func TestFoldConcurrently(t *testing.T) {
	done := make(chan string)
	for range 4 {
		go func() {
			got := ""
			for range 200 {
				got = Fold("ＳＴＲＡẞＥ Ｃafé")
			}
			done <- got
		}()
	}
	for range 4 {
		if got := <-done; got != "strasse café" {
			t.Errorf("Fold = %q", got)
		}
	}
}

func TestSearchTerms(t *testing.T) {
	for in, want := range map[string][]string{"": {}, "  ": {}, "Chen Mei-Ling": {"chen mei-ling", "mei-ling", "ling"}, "  A  Ｂ c ": {"a b c", "b c", "c"},
		"陳 美玲": {"陳 美玲", "美玲"}, "陳　美玲": {"陳 美玲", "美玲"}} {
		if got := SearchTerms(in); !slices.Equal(got, want) {
			t.Errorf("SearchTerms(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestClip(t *testing.T) {
	sixty := strings.Repeat("x", 60)
	for in, want := range map[string]string{"": "", sixty: sixty, sixty + "y": sixty + "…", strings.Repeat("漢", 20): strings.Repeat("漢", 20),
		strings.Repeat("漢", 21): strings.Repeat("漢", 20) + "…", "x" + strings.Repeat("漢", 20): "x" + strings.Repeat("漢", 19) + "…"} {
		if got := Clip(in); got != want {
			t.Errorf("Clip(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCheckID(t *testing.T) {
	for in, want := range map[string]RejectCode{
		"a": "", "a b": "", "漢字": "", "EMAIL:a": "", strings.Repeat("x", MaxIDBytes): "",
		"": RejectMissing, strings.Repeat("x", MaxIDBytes+1): RejectTooLong, " a": RejectBadID, "a\u00a0": RejectBadID, "a\tb": RejectBadID,
		"a\nb": RejectBadID, "a\x00": RejectBadText, "\xff": RejectBadText,
	} {
		got := RejectCode("")
		if r := checkID("id", in); r != nil {
			got = r.Code
		}
		if got != want {
			t.Errorf("checkID(%q) = %q, want %q", in, got, want)
		}
	}
}
