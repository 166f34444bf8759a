package rewrite

import (
	"strings"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// chunk takes a chunk of a chat completion or a completion. A choice's finish reason ends
// all its texts.
func (s *Stream) chunk() {
	r := s.read
	if r.choices && len(r.data) < maxHead && (len(r.finished) == 0 || !s.kept) {
		// A last chunk may have more, which is not to come twice.
		s.kept = true
		s.head = s.without(s.head[:0], span{0, r.choicesAt.start})
		s.tail = s.without(s.tail[:0], span{r.choicesAt.end, len(r.data)})
	}
	s.take()
	for _, choice := range r.finished {
		s.end(len(r.texts), which{choice: choice, item: every, part: every})
		s.over(choice)
	}
}

// maxHead bounds the chunk whose head is kept, in bytes.
const maxHead = 16 << 10

// without appends a part of a chunk, without the usage that may be in it.
func (s *Stream) without(out []byte, part span) []byte {
	if u := s.read.usageAt; u.start >= part.start && u.start < u.end && u.end <= part.end {
		out = add(add(out, s.read.data[part.start:u.start]), []byte("null"))
		part.start = u.end
	}
	return add(out, part.of(s.read.data))
}

func (s *Stream) appendChunk(c *channel, rest string) {
	shape := &shapes[c.shape]
	before, after, indexed := strings.Cut(shape.before, "$")
	if indexed {
		before += digits(int64(c.at[1])) + after
	}
	s.data = fill(s.data, string(s.head), `[{"index":`, digits(int64(c.at[0])), ",", before)
	s.data = fill(jsonscan.AppendQuoted(s.data, rest), shape.after, `,"logprobs":null,"finish_reason":null}]`, string(s.tail))
}
