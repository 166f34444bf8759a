// Package pii finds personal data and secrets in text, in time linear in the text, without
// regular expressions, allocation or I/O.
//
//	s := pii.New(pii.Options{Kinds: pii.Of(pii.Email, pii.Card), MinScore: 60})
//	finds, _ := s.Scan([]byte("card 4111 1111 1111 1111"), true)
//	// finds[0] is {Kind: Card, What: "visa", Start: 5, End: 24, Score: 99}
//
// A text may come in pieces. Each call is given the whole text so far, and returns what is
// final and was not returned before, and how far everything is decided:
//
//	for piece := range pieces {
//		text = append(text, piece...)
//		finds, done := s.Scan(text, false) // text[:done] may go
//	}
//	finds, done := s.Scan(text, true) // done is len(text)
//
// The finds of a text do not depend on how it was cut, be it within a character. What is not
// decided at the end of a call is at most the last 480 bytes, or all of a find that goes on:
// a private key's block, a token that is longer.
//
// # How a text is looked at
//
// One pass. A table has the classes of each byte. Blanks, marks and words that mean nothing
// cost a look-up or two for each byte; a word of small letters is passed when a filter of
// the first three letters says that it is none of those that mean something. A look begins
// where something may: at a word or a number, an @, a colon, a dash, a character that is no
// ASCII. A look sees at least 320 bytes, and never how far the text has come: that is why
// cuts do not matter. It sees them in a copy with zeros behind them (window.go).
//
// Numbers are read in groups with what is between them, and with every kind of digit, blank
// and dash that people or attackers write (fold.go). Cards, telephones and the numbers of
// states are then forms of groups with prefixes and checks, in tables. In a row of numbers
// each may begin a find, but a group is read once: the next look goes on with what the last
// has read (number.go).
//
// A word that says what a number is (card, Geburtsdatum, 密码) is kept with the place where it
// stood. It raises the score of what follows it within some 20 to 50 bytes; some are looked
// for behind a find too. Words such as invoice, version or tracking lower it, in the same line
// and sentence. Parts of the text that have no such word are looked through once (context.go).
//
// # Which find stays
//
// A find below the least score, or of a kind that is not asked for, neither is returned nor
// hides another: a card number in a password is found when only cards are asked for. Among
// finds that overlap the one with the best score stays; of equal ones the longer, then the
// one that begins first, then the kind that stands first in the list of kinds. A chain of
// more than 64 candidates that overlap each other is decided 64 at a time.
//
// The kinds, their forms, checks, scores and words, and what is not found, are in
// docs/pii.md.
package pii
