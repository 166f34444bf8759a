// Package labelled holds texts of our own in which personal data and secrets are marked: what guard/pii is measured with.
//
// Nobody's data is in it. Values are made by the generators of this package (valid by their checksums, in many spellings), come
// from ranges that are kept free for examples, or were made up. Secrets are made when the texts are read, so that none is in the
// tree for a scanner of repositories to find.
//
//	texts.go     the text, its spans and its two halves
//	marks.go     how a file marks a value
//	generate.go  many texts from few frames
//	values.go    the generators by name; the files value_*.go hold them by what they make
//	testdata/    hand-*.txt whole texts; frames-*.txt sentences for the generated ones; negatives-*.txt and
//	             negative-frames-*.txt what looks like data and is not
package labelled
