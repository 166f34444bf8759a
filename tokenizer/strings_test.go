package tokenizer

import (
	"math/rand/v2"
	"strings"
)

// source makes texts that are hard to count, the same ones for the same seed.
type source struct {
	*rand.Rand
	tokens [][]byte
}

func newSource(seed uint64, e *Encoding) source {
	return source{rand.New(rand.NewPCG(seed, uint64(len(e.Name())))), vocabularies()[e.Name()].Tokens}
}

func pick[T any](s source, from []T) T { return from[s.IntN(len(from))] }

var (
	words = strings.Fields("the of and to in Hello WORLD iPhone McDonald naïve Straße ǅungla ǈeto STRASSE ǄUNGLA camelCaseWord " +
		"snake_case_word SCREAMING_CASE don't it's I'll we've they're Привет мир ΑΘΗΝΑ λόγος שלום مرحبا नमस्ते สวัสดี 日本語 中文字符 한국어 " +
		"ქართული ʰello ªº Ⅷ ½ ٣٤ 𝐇𝐞𝐥𝐥𝐨 𐐀𐐨 𓍼 ffi ﷺ İstanbul ıI ſ K Å")
	spaces       = []string{" ", "  ", "\t", "\n", "\r\n", "\r", "\n\n", " \n", "\n ", "   ", "\t\t", "\u00a0", "\u2003", "\u3000", "\u2028", "\v", "\f", "\u0085", "\u1680", "\u202f"}
	contractions = []string{"'s", "'S", "'t", "'T", "'re", "'RE", "'rE", "'ve", "'Ve", "'m", "'M", "'ll", "'LL", "'lL", "'d", "'D", "'ſ", "'", "'r", "'v", "'l", "'x", "''s", "’s", "'S's", "'res", "'ſt"}
	punctuations = []string{"!", "?", ".", ",", "...", "//", "/", "\\", "---", "===", "***", "((", "))", "{}", "[]", "<|endoftext|>", "<|endofprompt|>", "\"", "$", "+", "~~~", "_", "、", "。", "“", "€", "\u0000", "\u007f", "\ufffd", "\u200b", "\ufeff", "!/\n/\r/", "!\n"}
	marks        = []string{"\u0301", "\u0308", "\u20d0", "\u093f", "\u0e31", "\u0489", "\ufe0f", "\U000e0100", "\u064b", "\u1ab0"}
	emojis       = []string{"😀", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "👍🏽", "❤️", "1️⃣", "🧑🏿‍🚀"}
	numbers      = []string{"0", "1", "12", "123", "1234", "3.14159", "1,000", "²", "½", "٣", "Ⅷ", "𝟘", "൧"}
	// The borders of what UTF-8 can say, and beyond them.
	invalid = []string{"\xff", "\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x80", "\xf8\x88", "\xf0\x80", "\xe2\x28\xa1", "\xf0\x9f\xff"}
)

// text is valid UTF-8 of some pieces of every kind.
func (s source) text() string {
	var b strings.Builder
	for n := 1 + s.IntN(12); n > 0; n-- {
		s.fragment(&b)
	}
	return strings.ToValidUTF8(b.String(), "")
}

// bytes is text that may be broken.
func (s source) bytes() []byte {
	var b strings.Builder
	for n := 1 + s.IntN(8); n > 0; n-- {
		switch s.IntN(4) {
		case 0:
			b.WriteString(pick(s, invalid))
		case 1:
			for range s.IntN(6) {
				b.WriteByte(byte(s.IntN(256)))
			}
		default:
			s.fragment(&b)
		}
	}
	text := b.String()
	return []byte(text[:s.IntN(len(text)+1)])
}

func (s source) fragment(b *strings.Builder) {
	switch s.IntN(16) {
	case 0: // any code point, every plane alike
		for range 1 + s.IntN(4) {
			b.WriteRune(rune(s.IntN(17)<<16 | s.IntN(1<<16)))
		}
	case 1: // the plane where most of the scripts are
		for range 1 + s.IntN(4) {
			b.WriteRune(rune(s.IntN(1 << 16)))
		}
	case 2: // whole tokens
		for range 1 + s.IntN(4) {
			b.Write(pick(s, s.tokens))
		}
	case 3: // parts of tokens
		for range 1 + s.IntN(4) {
			token := pick(s, s.tokens)
			b.Write(token[s.IntN(len(token)):])
		}
	case 4:
		b.WriteString(strings.Repeat(pick(s, spaces), 1+s.IntN(6)))
	case 5:
		for range 1 + s.IntN(5) {
			b.WriteString(pick(s, spaces))
		}
	case 6:
		b.WriteString(pick(s, words))
		b.WriteString(strings.Repeat(pick(s, contractions), 1+s.IntN(3)))
	case 7:
		b.WriteString(pick(s, contractions))
	case 8:
		b.WriteString(pick(s, numbers))
	case 9:
		b.WriteString(strings.Repeat(pick(s, punctuations), 1+s.IntN(4)))
	case 10:
		b.WriteString(pick(s, marks))
	case 11:
		b.WriteString(pick(s, emojis))
	case 12: // letters of any case
		for range 1 + s.IntN(20) {
			b.WriteByte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[s.IntN(52)])
		}
	case 13: // a run of one thing
		b.WriteString(strings.Repeat(pick(s, words)[:1], 1+s.IntN(40)))
	case 14: // capitals, letters without case and marks in turn
		for range 1 + s.IntN(8) {
			b.WriteString(pick(s, []string{"A", "BC", "中", "ª", "\u0301", "ǅ", "ʰ", "É", "z"}))
		}
	default:
		b.WriteString(pick(s, []string{" ", "", "-"}))
		b.WriteString(pick(s, words))
	}
}
