package dialect

import "slices"

// anthropicEvent judges an event of a message stream:
// https://docs.anthropic.com/en/docs/build-with-claude/streaming
//
// Nothing is ever hidden there: usage is part of the dialect.
func (s *Stream) anthropicEvent(typ []byte, reported bool) Effect {
	s.deliver(0)
	kind := string(s.kind)
	if kind == "" {
		kind = string(typ)
	}
	switch kind {
	case "content_block_start":
		if len(s.blocks) < maxBlocks && !slices.Contains(s.blocks, s.index) {
			s.blocks = append(s.blocks, s.index)
		}
	case "content_block_stop":
		s.blocks = slices.DeleteFunc(s.blocks, func(b int64) bool { return b == s.index })
	case "message_delta":
		// message_start has an output figure too, which is only the first.
		s.OutputKnown = s.OutputKnown || reported
		s.Finished = s.Finished || s.finish
	case "message_stop":
		s.Finished, s.Ended = true, true
	case "error":
		return Failed
	}
	return Pass
}

// maxBlocks bounds the content blocks that are open at once. They mostly come one
// after the other.
const maxBlocks = 64

// anthropicEnd closes the blocks that are open, then the message.
func (s *Stream) anthropicEnd(u Usage) []byte {
	var out []byte
	for _, block := range s.blocksBefore {
		out = fill(out, "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":$}\n\n", digits(block))
	}
	return fill(out, "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"$\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":$}}\n\n"+
		"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", s.endReason(), digits(u.Output))
}
