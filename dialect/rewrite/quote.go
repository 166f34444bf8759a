package rewrite

import (
	"strings"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// appendQuoted appends a text as a JSON string. A half of a surrogate pair, as the reader has
// it, is written as such: where a provider cuts a text between the halves, the client joins them.
//
//go:noinline
func appendQuoted(out []byte, s string) []byte {
	for begin := len(out); ; {
		n := nextHalf(s)
		at := len(out)
		if out = jsonscan.AppendQuoted(out, s[:n]); at > begin {
			out = append(out[:at], out[at+1:]...) // it has been opened
		}
		if n == len(s) {
			return out
		}
		const digits = "0123456789abcdef"
		high, low := s[n+1]&0x3F, s[n+2]&0x3F
		out = fill(out[:len(out)-1], `\ud`, digits[high>>2:high>>2+1], digits[high&3<<2|low>>4:][:1], digits[low&15:][:1])
		s = s[n+3:]
	}
}

// nextHalf is where the next half of a surrogate pair begins, or the length of s.
func nextHalf(s string) int {
	for from := 0; ; {
		n := strings.IndexByte(s[from:], 0xED)
		if n < 0 || from+n+2 >= len(s) {
			return len(s)
		}
		if from += n; s[from+1] >= 0xA0 {
			return from
		}
		from++
	}
}
