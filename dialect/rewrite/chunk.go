package rewrite

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// chunk takes a chunk of a chat completion or a completion. A choice's finish reason ends
// all its texts, and its next text those before: clients take the arguments of a call for
// complete when the next call begins.
func (s *Stream) chunk() {
	r := s.read
	if r.choices && len(r.data) < maxHead && (len(r.finished) == 0 || !s.kept) {
		s.keepHead() // a last chunk may have more, which is not to come twice
	}
	s.take(func(c *channel, t *text) bool { return c.at[0] == t.at[0] })
	for _, choice := range r.finished {
		s.end(len(r.texts), func(c *channel) bool { return c.at[0] == choice })
	}
}

// maxHead bounds the chunk whose head is kept, in bytes.
const maxHead = 16 << 10

// keepHead keeps what stands around the choices of a chunk, without the usage.
func (s *Stream) keepHead() {
	r := s.read
	s.kept = true
	s.head = s.appendHead(s.head[:0], 0, r.choicesAt.start)
	s.tail = s.appendHead(s.tail[:0], r.choicesAt.end, len(r.data))
}

func (s *Stream) appendHead(out []byte, from, to int) []byte {
	if u := s.read.usageAt; u.start >= from && u.start < u.end && u.end <= to {
		out = append(append(out, s.read.data[from:u.start]...), "null"...)
		from = u.end
	}
	return append(out, s.read.data[from:to]...)
}

func (s *Stream) appendChunk(c *channel, rest []byte) {
	shape := &shapes[c.shape]
	s.data = append(append(s.data, s.head...), `[{"index":`...)
	s.data = append(strconv.AppendInt(s.data, int64(c.at[0]), 10), ',')
	before, after, indexed := strings.Cut(shape.before, "$")
	s.data = append(s.data, before...)
	if indexed {
		s.data = append(strconv.AppendInt(s.data, int64(c.at[1]), 10), after...)
	}
	s.data = append(jsonscan.AppendQuoted(s.data, string(rest)), shape.after...)
	s.data = append(append(s.data, `,"logprobs":null,"finish_reason":null}]`...), s.tail...)
}
