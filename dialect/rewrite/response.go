package rewrite

import (
	"bytes"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// responseEvent takes an event of a response.
func (s *Stream) responseEvent() {
	r := s.read
	stem, done := bytes.CutSuffix(r.kind, []byte(".done"))
	if !done {
		stem, _ = bytes.CutSuffix(r.kind, []byte(".delta"))
	}
	shape := shapeOf(stem)
	for i := range r.texts {
		switch t := &r.texts[i]; {
		case t.role != typed && t.role != retyped:
		case shape == 0 || done != (t.role == retyped):
			t.role = atNothing
		case done:
			t.role = wholes + role(kindOf(shape))
		default:
			t.role = pieces + role(shape)
		}
	}
	over := false
	switch kind := string(r.kind); {
	case kind == "response.output_item.done":
		s.end(0, which{choice: every, item: r.at[1], part: every})
	case done: // a text, or a part with whatever is in it
		s.end(0, which{shape: shape, choice: every, item: r.at[1], part: r.at[2]})
	case kind == "response.completed", kind == "response.incomplete":
		over = true
		fallthrough
	case kind == "response.failed", kind == "error":
		s.end(0, which{choice: every, item: every, part: every})
	}
	s.take()
	if over { // and it has the texts once more
		s.over(every)
	}
}

// shapeOf is the shape of a text whose events have this stem, 0 where that is none.
func shapeOf(stem []byte) uint8 {
	for i := range stems {
		if stems[i].name == string(stem) {
			return uint8(responses + i)
		}
	}
	return 0
}

// keep keeps an event of the channel, as a model for others.
func (c *channel) keep(r *reader) {
	c.last = add(c.last[:0], r.data)
	c.delta, c.number, c.logprobs = r.deltaAt, r.sequenceAt, r.logprobsAt
}

// appendLast appends the last event of a channel, with another piece of its text.
func (s *Stream) appendLast(c *channel, rest string) string {
	edits := place(nil, c.delta, jsonscan.AppendQuoted(nil, rest))
	edits = place(edits, c.number, []byte(digits(s.next+s.inserted)))
	edits = place(edits, c.logprobs, []byte("[]"))
	s.data = jsonscan.Apply(s.data, c.last, edits)
	return stems[c.shape-responses].name + ".delta"
}
