package match

import (
	"github.com/sluice-gateway/sluice/guard/match/internal/fold"
	"github.com/sluice-gateway/sluice/guard/match/internal/words"
)

// Fold is a text as a set that was compiled with Normalise reads it: without case, accents and
// invisible characters, and with look-alikes as what they look like.
func Fold(text string) string { return fold.String(text, fold.Alike) }

// InWord tells a letter, digit or mark of a script that puts spaces between words.
func InWord(r rune) bool { return words.ClassOf(r) == words.Letter }
