package fold_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/sluice-gateway/sluice/guard/match/internal/fold"
)

// TestAgreesWithUnicode: a character whose compatibility decomposition is one ASCII letter or digit with accents is read as that.
func TestAgreesWithUnicode(t *testing.T) {
	checked := 0
	for r := rune(0x80); r < 0x20000; r++ {
		var base []rune
		for _, part := range norm.NFKD.String(string(r)) {
			if !unicode.Is(unicode.Mn, part) {
				base = append(base, part)
			}
		}
		if len(base) != 1 || base[0] >= 0x80 || !unicode.IsLetter(base[0]) && !unicode.IsDigit(base[0]) {
			continue
		}
		require.Equal(t, strings.ToLower(string(base)), fold.String(string(r), fold.Alike), "%U", r)
		checked++
	}
	require.Greater(t, checked, 1400)
}

// TestCasesFoldAlike: a letter is read the same in all its cases, and what has been folded stays as it is.
func TestCasesFoldAlike(t *testing.T) {
	for r := rune(0x21); r < 0x20000; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		once := fold.String(string(r), fold.Alike)
		require.True(t, utf8.ValidString(once))
		require.Equal(t, once, fold.String(once, fold.Alike), "%U", r)
		for _, other := range []rune{unicode.ToLower(r), unicode.ToUpper(r)} {
			if unicode.IsLetter(r) && unicode.ToUpper(other) == unicode.ToUpper(r) {
				require.Equal(t, once, fold.String(string(other), fold.Alike), "%U %U", r, other)
			}
		}
	}
}

func TestInvalid(t *testing.T) {
	for _, text := range []string{"a\xffb", "\xe2\x82", "\xe2\x82a", "\xf0\x9f\x98", "\xed\xa0\x80", "\xc0\x80", "\xf8\x88\x80\x80\x80", "\xf0\x9f\xf0\x9f\x98\x80"} {
		require.Equal(t, string([]rune(text)), fold.String(text, 0), "%q", text)
	}
}

// TestDocumented: each character in the table of docs/matching.md is read as it says there.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../../docs/matching.md")
	require.NoError(t, err)
	for from, to := range map[string]string{
		"ß æ œ ø đ ł ð þ ħ ŧ": "ss ae oe o d l d th h t",
		"Ａ１！ 𝐀𝒜𝔸𝙰 Ⓐ🅰 ﬁ Ⅷ …":   "a1! aaaa aa fi viii ...",
		"а е о р с у х і ѕ ј": "a e o p c y x i s j",
		"α ε ο ρ τ ν":         "a e o p t v",
		"ᴀ ʙ ᴄ":               "a b c",
		"‐ ‑ – — −":           "- - - - -",
		"“ ” „ « » ‘ ’":       "\" \" \" \" \" ' '",
	} {
		require.Equal(t, to, fold.String(from, fold.Alike))
		for word := range strings.FieldsSeq(from) {
			require.Contains(t, string(page), word)
		}
	}
	require.Equal(t, "oizeasgtbgasii", fold.String("0123456789@$!|", fold.Alike|fold.Leet))
	require.Equal(t, "a b\ncd", fold.String("A\u00a0\u3000\u200b b \r\n\t c\u200bd", fold.Alike))
	require.Regexp(t, regexp.MustCompile("with `leet`: `0 1 2 3 4 5 6 7 8 9 @ [$] !"), string(page))
}
