package rewrite

import "github.com/sluice-gateway/sluice/jsonscan"

// messageEvent takes an event of a message stream.
func (s *Stream) messageEvent() {
	r := s.read
	switch string(r.kind) {
	case "content_block_start", "content_block_stop":
		s.end(0, which{choice: every, item: r.at[1], part: every})
	case "message_delta", "message_stop":
		s.endAll()
		s.over(every)
	case "error":
		s.endAll()
	}
	s.take()
}

func (s *Stream) appendDelta(c *channel, rest string) string {
	const typ = "content_block_delta"
	s.data = fill(s.data, `{"type":"`+typ+`","index":`, digits(int64(c.at[1])), `,"delta":{"type":`, shapes[c.shape].before)
	s.data = fill(jsonscan.AppendQuoted(s.data, rest), "}}")
	return typ
}
