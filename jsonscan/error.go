package jsonscan

import "strconv"

// An Error says why the text is not accepted.
type Error struct {
	_ [0]func() // not compared: Go makes code for that

	// Offset is the byte, from 0, at which the text went wrong: the first byte
	// of a sequence that is not UTF-8, the opening quote of a name used twice,
	// the length of the text where it ends too early.
	Offset int64

	// Path is the place, as in messages[2].content; empty for the document.
	Path string

	// Problem is what is wrong, in lower case, with the numbers one would ask for.
	Problem string
}

func (e *Error) Error() string {
	text := "json: byte " + strconv.FormatInt(e.Offset, 10)
	if e.Path != "" {
		text += ", " + e.Path
	}
	return text + ": " + e.Problem
}
