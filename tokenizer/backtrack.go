package tokenizer

// shortPiece is the longest piece, in bytes, that backtrack encodes.
const shortPiece = 256

// certainPiece is the longest that is not given up.
const certainPiece = 32

// backtrack encodes pieces of up to shortPiece bytes. Its memory is used again by each.
//
// A sequence of tokens is the encoding of a text if and only if each two neighbours are adjacent, so the encoding is found by
// taking tokens from the end of the piece: the longest that stands there and is adjacent to its right neighbour, a shorter one
// when the way from there to the front is blocked. The encoding of text[i:] has the same tokens whatever stood before it, so
// when the way is blocked once at i it is blocked for good: no place is tried twice, and the work is linear.
//
// In ordinary text the first choice is nearly always right. In runs of one character it nearly never is, and a stretch, which
// begins at the front, is much faster: encode gives a piece up that goes badly.
type backtrack struct {
	tokens  [shortPiece]uint32 // from the last token of the piece
	ends    [shortPiece]uint16 // where each ends
	blocked [shortPiece / 64]uint64
	choices [maxToken]choice
}

// encode returns how many tokens piece has, which are then the first in b.tokens, in reverse; 0 if it gave up. The piece has 1
// to shortPiece bytes; token, of length bytes, is the longest at its end.
func (b *backtrack) encode(t *tables, piece string, token uint32, length int) (count int) {
	b.blocked = [shortPiece / 64]uint64{}
	end := len(piece)
	patience := len(piece) * maxToken // more than there can be refusals
	if len(piece) > certainPiece {
		patience = 16
	}
	for {
		if b.open(t, end-length, count, token) {
			b.tokens[count], b.ends[count] = token, uint16(end)
			count++
			end -= length
			if end == 0 {
				return count
			}
			token, length = t.suffix(piece, end)
			continue
		}
		for {
			n := t.suffixes(piece, end, length-1, &b.choices)
			for n--; n >= 0; n-- {
				if c := b.choices[n]; b.open(t, end-int(c.length), count, c.token) {
					token, length = c.token, int(c.length)
					break
				}
				if patience--; patience < 0 {
					return 0
				}
			}
			if n >= 0 {
				break
			}
			// Nothing shorter: the way to the front is blocked here, and the right neighbour must be shorter itself.
			b.blocked[end>>6&3] |= 1 << (end & 63)
			count--
			length = int(b.ends[count]) - end
			end = int(b.ends[count])
		}
	}
}

// open reports whether token may begin at start, left of the latest of count tokens.
func (b *backtrack) open(t *tables, start, count int, token uint32) bool {
	return b.blocked[start>>6&3]>>(start&63)&1 == 0 && (count == 0 || t.adjacent(token, b.tokens[count-1]))
}
