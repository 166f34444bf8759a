package guard

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// piece is a part of a text that is embedded by itself, and the sentences that it takes in
// whole.
type piece struct {
	text     string
	from, to int
}

// The sizes of pieces, in characters. A vector of a longer text says less and less of each
// sentence in it. A token of the model is a character at least, so that it reads a piece whole.
const (
	longPiece  = 240
	shortPiece = 60
)

// pieces cuts a text: it is each sentence by itself; with runs, sentences that follow one
// another, as many as have room in longPiece; and with windows those of shortPiece, each of
// which begins in the middle of the one before, so that what was put into a long sentence, or
// cut in two by a full stop, is in one of them. A text that has room in longPiece is one too.
//
//	One. Two. Three, which is longer.
//	├──┤ ├──┤ ├─────────────────────┤   sentences
//	├───────────────────────────────┤   a run
//	├────────┤    ├──────────┤
//	     ├───────────┤     ├────────┤   windows
//
// sentences is how many there are; ok is false where there would be more than most pieces.
func pieces(text string, runs, windows bool, most int) (all []piece, sentences int, ok bool) {
	var parts []string
	for rest := text; rest != ""; {
		var sentence string
		sentence, rest = cutSentence(rest)
		for sentence != "" {
			var part string
			part, sentence = cutAt(sentence, longPiece)
			if !speaks(part) {
				continue
			}
			if len(parts) == most {
				return nil, 0, false
			}
			part = strings.TrimSpace(part)
			all = append(all, piece{part, len(parts), len(parts) + 1})
			parts = append(parts, part)
		}
	}
	for from := 0; from < len(parts); {
		to, size := from+1, width(parts[from])
		for ; to < len(parts) && size+1+width(parts[to]) <= longPiece; to++ {
			size += 1 + width(parts[to])
		}
		if to > from+1 && (runs || to-from == len(parts)) {
			all = append(all, piece{strings.Join(parts[from:to], " "), from, to})
		}
		from = to
	}
	joined := strings.Join(parts, " ")
	for rest := joined; windows && len(all) <= most; {
		window, behind := cutAt(rest, shortPiece)
		if behind == "" && len(rest) == len(joined) {
			break // it is short itself
		}
		all = append(all, piece{text: strings.TrimSpace(window)})
		if behind == "" {
			break
		}
		half, _ := cutAt(rest, shortPiece/2)
		rest = rest[len(half):]
	}
	return all, len(parts), len(all) <= most
}

// cutSentence cuts a text behind its first sentence: at a line's end, behind a full stop, a
// question or exclamation mark in front of white space, or behind those of Chinese and Japanese.
func cutSentence(text string) (sentence, rest string) {
	var before rune
	for i, r := range text {
		switch {
		case r == '\n', i > 0 && (before == '.' || before == '!' || before == '?' || before == ';') && unicode.IsSpace(r),
			before == '。', before == '！', before == '？':
			if i > 0 {
				return text[:i], text[i:]
			}
		}
		before = r
	}
	return text, ""
}

// cutAt cuts a text behind so many characters, at white space where there is some in their
// second half.
func cutAt(text string, size int) (part, rest string) {
	n, space := 0, 0
	for i, r := range text {
		if n += weight(r); n > size {
			if space == 0 {
				space = max(i, utf8.RuneLen(r))
			}
			return text[:space], text[space:]
		}
		if n > size/2 && unicode.IsSpace(r) {
			space = i
		}
	}
	return text, ""
}

func width(text string) (n int) {
	for _, r := range text {
		n += weight(r)
	}
	return n
}

// weight is how many tokens a character may be: the model takes a syllable of Korean apart.
func weight(r rune) int {
	if 0xac00 <= r && r <= 0xd7a3 {
		return 3
	}
	return 1
}

// speaks tells whether a text says anything.
func speaks(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0
}
