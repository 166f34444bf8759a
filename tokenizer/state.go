package tokenizer

// StateSize is the most bytes that AppendState appends, which are few enough to keep for every message of a conversation.
const StateSize = 1 + 7 + 3 + shortPiece

// AppendState appends what c knows between two Writes to dst: its tokens so far and the text that more text could still move, at
// most StateSize bytes and for most texts about 10. ok is false, and state is dst, while c is within a piece of more than 256
// bytes, of which it knows more than that.
//
//	1 byte      the encoding << 2 | bytes of an incomplete character, 0 to 3
//	1 to 7      tokens of the complete pieces, below 2^49, 7 bits a byte, the lowest first; all but the last byte have bit 7
//	0 to 3      the incomplete character
//	0 to 256    the text of the incomplete piece
func (c *Counter) AppendState(dst []byte) (state []byte, ok bool) {
	if c.inLong {
		return dst, false
	}
	dst = append(dst, byte(c.encoding.rule)<<2|byte(c.carrySize))
	done := uint64(c.done)
	for ; done >= 0x80; done >>= 7 {
		dst = append(dst, byte(done)|0x80)
	}
	dst = append(dst, byte(done))
	dst = append(dst, c.carry[:c.carrySize]...)
	return append(dst, c.tail[:c.tailSize]...), true
}

// RestoreState makes c what the counter was that wrote state, of the same encoding; what c counted before is forgotten. It reports
// whether state is one, and leaves c alone if not. state is not kept.
func (c *Counter) RestoreState(state []byte) bool {
	if len(state) == 0 || state[0]>>2 != byte(c.encoding.rule) {
		return false
	}
	carrySize, rest := int(state[0]&3), state[1:]
	done, n := uint64(0), 0
	for shift := 0; ; shift += 7 {
		if n == len(rest) || shift > 42 {
			return false
		}
		b := rest[n]
		n++
		done |= uint64(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	if rest = rest[n:]; len(rest) < carrySize {
		return false
	}
	carry, tail := bytesAsString(rest[:carrySize]), bytesAsString(rest[carrySize:])
	if len(tail) > c.room || valid(tail) != len(tail) || uint64(int(done)) != done {
		return false
	}
	if carrySize > 0 {
		if _, incomplete := sequence(carry); incomplete != partial {
			return false
		}
	}
	c.Reset()
	c.done = int(done)
	c.carrySize = copy(c.carry[:], carry)
	c.tailSize = copy(c.tail[:], tail)
	return true
}
