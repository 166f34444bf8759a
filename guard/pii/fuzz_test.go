package pii

import (
	"testing"
	"unicode/utf8"
)

// Whatever the bytes and the cuts: the finds are the whole text's, in order, apart, within
// the text, and on the edges of characters.
func FuzzScan(f *testing.F) {
	for _, e := range examples(f) {
		f.Add(e.text, uint16(e.start+1), uint16(e.end))
	}
	f.Add(mixedText, uint16(40), uint16(700))
	f.Fuzz(func(t *testing.T, text string, a, b uint16) {
		if len(text) > 4096 {
			return
		}
		first := min(int(a), len(text))
		second := max(first, min(int(b), len(text)))
		whole := finds(t, text)
		cut := finds(t, text, first, second)
		if len(whole) != len(cut) {
			t.Fatalf("%v in one, %v in pieces", whole, cut)
		}
		last := 0
		for i, f := range whole {
			if f != cut[i] {
				t.Fatalf("%v in one, %v in pieces", f, cut[i])
			}
			if f.Start < last || f.End <= f.Start || f.End > len(text) || f.Score < DefaultMinScore || f.Score > 100 {
				t.Fatalf("%v after %d", f, last)
			}
			if utf8.ValidString(text) && (!utf8.RuneStart(text[f.Start]) || f.End < len(text) && !utf8.RuneStart(text[f.End])) {
				t.Fatalf("%v cuts a character of %q", f, text)
			}
			last = f.End
		}
	})
}
