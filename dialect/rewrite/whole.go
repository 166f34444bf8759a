package rewrite

import (
	"bytes"
	"errors"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
)

// Whole are the edits that rewrite an answer which is no stream: in order, and none where
// nothing changes. See jsonscan.Apply. An error means that the body is no JSON object, and
// is to stay as it is.
func Whole(op dialect.Op, body []byte, open Open) ([]jsonscan.Edit, error) {
	paths := pathsOf(op, false)
	if paths == nil {
		return nil, nil
	}
	r := newReader(paths)
	if !r.read(body) {
		return nil, errors.New("rewrite: the answer is not a JSON object")
	}
	var edits []jsonscan.Edit
	var out []byte
	for i := range r.texts {
		t := &r.texts[i]
		if t.role < wholes {
			continue
		}
		said := t.said.of(r.said)
		out = open.all(t.channel(t.kind()), out[:0], said)
		if !t.signed {
			edits = appendEdit(edits, t, said, out)
		}
	}
	return edits, nil
}

// appendEdit appends the edit that has a text say something else.
//
//go:noinline
func appendEdit(edits []jsonscan.Edit, t *text, said, now []byte) []jsonscan.Edit {
	if bytes.Equal(said, now) { // as it is written, with whatever escapes
		return edits
	}
	return place(edits, t.place, jsonscan.AppendQuoted(nil, string(now)))
}

// place puts an edit into its place among others, if what it replaces is there.
//
//go:noinline
func place(edits []jsonscan.Edit, at span, with []byte) []jsonscan.Edit {
	if at.start == at.end {
		return edits
	}
	edits = jsonscan.AppendEdit(edits, int64(at.start), int64(at.end), with)
	for i := len(edits) - 1; i > 0 && edits[i].Start < edits[i-1].Start; i-- {
		edits[i], edits[i-1] = edits[i-1], edits[i]
	}
	return edits
}
