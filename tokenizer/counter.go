package tokenizer

// Counter counts a text that arrives in parts. However it is cut, the count is that of the whole.
//
// It keeps a piece that is not known to be complete: its text up to 256 bytes, and of a longer one two stretches, 55 KB
// together, which are allocated when the first such piece comes. Nothing grows with the text. A Counter is for one goroutine
// at a time. Encoding.NewCounter makes one.
type Counter struct {
	encoding *Encoding
	room     int // of tail that is used: shortPiece, and less in tests
	done     int // tokens of the pieces that are complete

	tail     [shortPiece]byte // the text after them, valid UTF-8
	tailSize int
	long     long // in place of tail, when inLong
	inLong   bool

	carry     [4]byte // at the end of all, the beginning of a character
	carrySize int

	short backtrack
}

// NewCounter returns a Counter that has counted nothing.
func (e *Encoding) NewCounter() *Counter { c := e.counter(); return &c }

func (e *Encoding) counter() Counter { return Counter{encoding: e, room: shortPiece} }

// Reset makes the counter as new, and keeps its memory.
func (c *Counter) Reset() {
	c.done, c.tailSize, c.inLong, c.carrySize = 0, 0, false, 0
}

// Write counts p as the text's next part. p is not kept.
func (c *Counter) Write(p []byte) { c.WriteString(bytesAsString(p)) }

// WriteString is Write of a string.
func (c *Counter) WriteString(s string) {
	for c.carrySize > 0 && len(s) > 0 {
		c.carry[c.carrySize] = s[0]
		size, state := sequence(bytesAsString(c.carry[:c.carrySize+1]))
		switch {
		case state == partial:
			c.carrySize++
			s = s[1:]
		case state == whole:
			c.carrySize = 0
			s = s[1:]
			c.text(bytesAsString(c.carry[:size]))
		default: // s[0] does not belong to it
			c.carrySize = 0
			c.text(replacement)
		}
	}
	for len(s) > 0 {
		n := valid(s)
		c.text(s[:n])
		s = s[n:]
		if len(s) == 0 {
			break
		}
		size, state := sequence(s)
		if state == partial {
			c.carrySize = copy(c.carry[:], s)
			break
		}
		// Often there are many in a row.
		var row [64 * len(replacement)]byte
		n = 0
		for state == broken {
			n += copy(row[n:], replacement)
			s = s[size:]
			if len(s) == 0 || n == len(row) {
				break
			}
			size, state = sequence(s)
		}
		c.text(bytesAsString(row[:n]))
	}
}

// text counts valid UTF-8.
func (c *Counter) text(s string) {
	for len(s) > 0 {
		switch {
		case c.inLong:
			n, ended := c.long.feed(s)
			s = s[n:]
			if ended {
				c.done += c.long.total()
				c.inLong = false
				c.tailSize = copy(c.tail[:], c.long.held[:c.long.heldSize])
			}
		case c.tailSize == 0:
			s = s[c.pieces(s):]
			if len(s) > c.room {
				c.begin(s)
			} else {
				c.tailSize = copy(c.tail[:], s)
			}
			return
		default: // put enough of s behind the tail to see where its piece ends
			before := c.tailSize
			c.tailSize += copy(c.tail[before:c.room], s[:characters(s, c.room-before)])
			tail := bytesAsString(c.tail[:c.tailSize])
			n := c.pieces(tail)
			switch added := c.tailSize - before; {
			case n >= before: // the rest is whole in s
				c.tailSize = 0
				s = s[n-before:]
			case n == 0 && added < len(s): // the piece fills the tail
				c.tailSize = 0
				c.begin(tail)
				s = s[added:]
			default:
				c.tailSize = copy(c.tail[:], tail[n:])
				s = s[added:]
			}
		}
	}
}

// characters returns how many bytes the whole characters at the beginning of s have that fit in room.
func characters(s string, room int) int {
	if len(s) <= room {
		return len(s)
	}
	for room > 0 && s[room]&0xc0 == 0x80 {
		room--
	}
	return room
}

// pieces counts the pieces of s that are complete, and returns where the one begins that is not.
func (c *Counter) pieces(s string) int {
	o200k := c.encoding.rule == ruleO200k
	for i := 0; i < len(s); {
		var end int
		var open bool
		if o200k { // as rule.piece, without a call
			end, open = pieceO200k(s, i)
		} else {
			end, open = pieceCl100k(s, i)
		}
		if open {
			return i
		}
		c.done += c.tokens(s[i:end])
		i = end
	}
	return len(s)
}

// tokens returns the number of tokens of one complete piece.
func (c *Counter) tokens(piece string) int {
	t := &c.encoding.tables
	token, length := t.suffix(piece, len(piece))
	if length == len(piece) {
		return 1
	}
	if len(piece) <= shortPiece {
		if n := c.short.encode(t, piece, token, length); n > 0 {
			return n
		}
	}
	return c.long.whole(t, piece)
}

// begin goes over to c.long with an incomplete piece.
func (c *Counter) begin(piece string) {
	c.inLong = true
	c.long.begin(c.encoding, piece)
}

// Count returns the number of tokens of what was written so far, as if the text ended there; more text may make it smaller. It
// takes no longer than to encode the latest 256 bytes or what was written since the last call, so it can be called after every
// few bytes.
func (c *Counter) Count() int {
	n, rest := c.done, bytesAsString(c.tail[:c.tailSize])
	end := ""
	if c.carrySize > 0 {
		end = replacement
	}
	if c.inLong {
		var tokens int
		tokens, rest, end = c.long.count(end)
		n += tokens
	}
	if end != "" {
		var both [shortPiece + len(replacement)]byte
		size := copy(both[:], rest)
		size += copy(both[size:], end)
		rest = bytesAsString(both[:size])
	}
	for i := 0; i < len(rest); {
		end, _ := c.encoding.rule.piece(rest, i)
		n += c.tokens(rest[i:end])
		i = end
	}
	return n
}

// least is a number of tokens that the text will not go below, whatever follows.
func (c *Counter) least() int {
	if c.inLong {
		return c.done + c.long.size/maxToken
	}
	return c.done
}
