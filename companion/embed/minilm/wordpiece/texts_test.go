package wordpiece

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// source makes texts that a tokenizer can get wrong. The same seed makes the same texts.
type source struct {
	*rand.Rand
	pieces []string // of the vocabulary
}

func newSource(seed uint64, vocabulary string) *source {
	return &source{rand.New(rand.NewPCG(seed, 0)), strings.Split(vocabulary, "\n")}
}

// parts are what real prompts and hostile ones are made of.
var parts = []string{
	"Who is the president of the US?", "cancel my order 1243", "don't", "I'm", "it's 3.50€", "e-mail", "C++", "#hashtag", "a_b", "x=y+z;",
	"[SEP]", "[CLS]", "[MASK]", "[PAD]", "[UNK]", "[sep]", "[ SEP]", "[SEP", "[[SEP]]", "##ing", "##", "[S\u200bEP]", "[MASK]s",
	"café", "cafe\u0301", "CAFÉ", "Ångström", "İstanbul", "ß", "ẞ", "Σίσυφος", "ΌΣΟΣ", "ǅ", "ﬁ", "ﷺ", "Привет", "Ёлка", "Й",
	"中文", "日本語のテキスト", "한국어", "각", "パ", "ハ\u3099", "カ\u309a", "ไทย", "हिन्दी", "العَرَبِيَّة", "עִבְרִית", "𠀀", "𫠠𫤠", "豈", "㐀", "々", "〇",
	"😀", "👩\u200d👩\u200d👧", "🇩🇪", "❤\ufe0f", "™", "½", "²", "№", "…", "“quoted”", "«»", "—", "‐", "·", "、。", "！？", "\u037e", "\u1fef", "Å", "K", "ſ",
	" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\u2028", "\u0085", "\x0b", "\x1c", "\x00", "\u00ad", "\u200b", "\ufeff", "\ufffd", "\ue000", "\U000e0041",
	"\u0301", "\u0300\u0316", "\u0345", "\u302e", "\U0001d165", "\u0f71\u0f72", "\u034f", "\u20dd", "\u1734", "\u166d", "\U000111c9", "\u0b55", "\u2e43", "\U00011938",
	strings.Repeat("x", 99), strings.Repeat("é", 100), strings.Repeat("a", 101), strings.Repeat("e\u0301", 100), strings.Repeat("\u0301", 101), strings.Repeat("ab1", 34),
	"https://example.com/a?b=c&d=%20", "user@example.com", "192.168.0.1", "2024-05-03T10:00:00Z", "$1,234.56", "func main() { return }", "{\"a\": [1, 2]}",
}

func (s *source) text() string {
	var b strings.Builder
	for range 1 + s.IntN(30) {
		switch s.IntN(8) {
		case 0:
			b.WriteString(parts[s.IntN(len(parts))])
		case 1:
			b.WriteString(parts[s.IntN(len(parts))])
			b.WriteString(" ")
		case 2:
			b.WriteString(strings.ToUpper(s.piece()))
		case 3:
			b.WriteRune(s.rune())
		default:
			b.WriteString(s.piece())
			if s.IntN(3) > 0 {
				b.WriteString(" ")
			}
		}
	}
	return b.String()
}

func (s *source) piece() string {
	return strings.TrimPrefix(s.pieces[s.IntN(len(s.pieces))], "##")
}

// rune is mostly of a plane that is in use, and then mostly of the first.
func (s *source) rune() rune {
	for {
		r := rune(s.IntN([]int{0x250, 0x3000, 0x10000, 0x20000, utf8.MaxRune}[s.IntN(5)]))
		if utf8.ValidRune(r) {
			return r
		}
	}
}
