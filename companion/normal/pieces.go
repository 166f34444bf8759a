package normal

import (
	"unicode"
	"unicode/utf8"
)

// mostOfPiece is the length in bytes from which a piece ends within a word: languages that
// put no spaces between theirs stream too.
const mostOfPiece = 24

// mostPieces is about how many pieces a text is cut into.
const mostPieces = 400

// pieces cuts a text as models say theirs, in front of the spaces: "The", " answer",
// " is". No character is cut.
func pieces(text string) []string {
	var all []string
	least := len(text) / mostPieces // of a long text: an event is larger than a word by far
	from, spaces := 0, true
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		space := unicode.IsSpace(r)
		if i > from && (space && !spaces && i-from >= least || i+size-from > mostOfPiece+least) {
			all = append(all, text[from:i])
			from = i
		}
		spaces = space
		i += size
	}
	if from < len(text) {
		all = append(all, text[from:])
	}
	return all
}
