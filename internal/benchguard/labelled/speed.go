package labelled

import (
	"strings"
	"unicode/utf8"
)

// Adversaries are repeated until a text is long: each looks like the beginning of something at every byte.
var Adversaries = []string{
	"1", "1 ", "12-", "1.", "1-1 ", "+1 ", "A1 ", "passport 1 ", "phone 1 ", "card 4", "a@", "a.", "@", "a@b.", ":", "a:", "ff:", "+", "(1)", "4111 ", "DE", "DE89 ", "eyJ", "sk-", "password=", "key: ", "-----BEGIN PRIVATE KEY-----\n",
	"//u:p@", "<", "é", "年", " born ", "0x", "bc1q", "AKIA", "\\u0031", "\n", " ",
}

// Apart are the texts that have something to find, and those that have nothing.
func Apart(texts []Text) (positive, negative []string) {
	for _, t := range texts {
		if t.Negative() {
			negative = append(negative, t.Text)
		} else {
			positive = append(positive, t.Text)
		}
	}
	return positive, negative
}

// Cut joins texts and cuts the whole into n pieces of a length, at characters. It starts over when texts run out.
func Cut(texts []string, n, bytes int) []string {
	var out []string
	var b strings.Builder
	for i := 0; len(out) < n; i++ {
		b.WriteString(texts[i%len(texts)])
		b.WriteString("\n\n")
		if b.Len() <= bytes {
			continue
		}
		s := b.String()
		end := bytes
		for !utf8.RuneStart(s[end]) {
			end--
		}
		out = append(out, s[:end])
		b.Reset()
	}
	return out
}
