package tokenizer

import (
	"math/rand/v2"
	"strings"
)

// adversary is a kind of text that is slow for a counter that is not careful.
type adversary struct {
	name string
	make func(n int) string // n bytes, about
}

func adversaries() []adversary {
	repeat := func(name, unit string) adversary {
		return adversary{name, func(n int) string { return strings.Repeat(unit, n/len(unit)+1) }}
	}
	random := func(name, alphabet string) adversary {
		return adversary{name, func(n int) string {
			r := rand.New(rand.NewPCG(1, 2))
			letters := []rune(alphabet)
			var b strings.Builder
			for b.Len() < n {
				b.WriteRune(letters[r.IntN(len(letters))])
			}
			return b.String()
		}}
	}
	const lower, upper = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return []adversary{
		repeat("one-letter", "a"), repeat("one-capital", "A"), repeat("two-letters", "ab"), repeat("word", "tokenizer"),
		repeat("spaces", " "), repeat("newlines", "\n"), repeat("tabs", "\t"), repeat("mixed-space", " \t\n"), repeat("crlf", "\r\n"),
		repeat("indented", strings.Repeat(" ", 250)+"x"), repeat("ruled", strings.Repeat("=", 200)+" "), repeat("odd-run", strings.Repeat("/", 1001)+"a"),
		repeat("no-break-spaces", "\u00a0"), repeat("contractions", "'s"), repeat("apostrophes", "'"), repeat("equals", "="),
		repeat("slashes", "/"), repeat("punctuation", "!?.,;:-_()"), repeat("digits", "1234567890"),
		repeat("han", "中"), repeat("thai", "ภาษาไทย"), repeat("emoji", "👨‍👩‍👧‍👦"), repeat("marks", "\u0301"), repeat("letter-marks", "e\u0301"),
		repeat("alternating-case", "aB"), repeat("caseless-capitals", "中AAAA"), repeat("one-caseless-then-capitals", "ªABCDEFGHIJKLMNOPQRSTUVWXYZ"),
		repeat("identifier", "VeryLongIdentifierNameInCamelCase"), repeat("nul", "\x00"), repeat("not-utf8", "\xff"),
		random("random-letters", lower), random("random-capitals", upper), random("random-two", "ab"),
		random("base64", lower+upper+"0123456789+/"), random("hexadecimal", "0123456789abcdef"), random("random-space", " \t\n\u00a0"),
		random("random-punctuation", "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~"), random("random-han", "的一是不了人我在有他这中大来上国"),
	}
}
