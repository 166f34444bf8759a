package rewrite

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// messageEvent takes an event of a message stream.
func (s *Stream) messageEvent() {
	r := s.read
	switch string(r.kind) {
	case "content_block_start", "content_block_stop":
		s.end(0, func(c *channel) bool { return c.at[1] == r.at[1] })
	case "message_delta", "message_stop", "error":
		s.endAll()
	}
	s.take(nil)
}

func (s *Stream) appendDelta(c *channel, rest []byte) string {
	const typ = "content_block_delta"
	s.data = append(s.data, `{"type":"`+typ+`","index":`...)
	s.data = append(strconv.AppendInt(s.data, int64(c.at[1]), 10), `,"delta":{"type":`...)
	s.data = append(s.data, shapes[c.shape].before...)
	s.data = append(jsonscan.AppendQuoted(s.data, string(rest)), "}}"...)
	return typ
}
