package rewrite

import (
	"bytes"
	"strconv"

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
	known := r.texts[:0]
	for _, t := range r.texts {
		switch {
		case t.role == typed && shape != 0 && !done:
			t.role = pieces + role(shape)
		case t.role == retyped && shape != 0 && done:
			t.role = wholes + role(kindOf(shape))
		case t.role == typed || t.role == retyped:
			continue
		}
		known = append(known, t)
	}
	r.texts = known
	switch kind := string(r.kind); {
	case done && shape != 0:
		s.end(0, func(c *channel) bool { return c.shape == shape && c.at == r.at })
	case kind == "response.output_item.done":
		s.end(0, func(c *channel) bool { return c.at[1] == r.at[1] })
	case done: // a part
		s.end(0, func(c *channel) bool { return c.at == r.at })
	case kind == "response.completed", kind == "response.incomplete", kind == "response.failed", kind == "error":
		s.end(0, func(*channel) bool { return true })
	}
	s.take(nil)
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
	c.last = append(c.last[:0], r.data...)
	c.delta, c.number, c.logprobs = r.deltaAt, r.sequenceAt, r.logprobsAt
}

// appendLast appends the last event of a channel, with another piece of its text.
func (s *Stream) appendLast(c *channel, rest []byte) string {
	edits := place(nil, c.delta, jsonscan.AppendQuoted(nil, string(rest)))
	edits = place(edits, c.number, strconv.AppendInt(nil, s.next+s.inserted, 10))
	edits = place(edits, c.logprobs, []byte("[]"))
	s.data = jsonscan.Apply(s.data, c.last, edits)
	return stems[c.shape-responses].name + ".delta"
}
