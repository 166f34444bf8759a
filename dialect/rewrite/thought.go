package rewrite

import "unicode/utf8"

// thought writes a thought that may turn out to be signed: then it stays as it was, since its
// provider takes it back in no other way, though w has looked at it. That is known at its end,
// or so late: https://platform.claude.com/docs/en/build-with-claude/streaming. So what w
// changes waits, and all behind it; what w leaves as it is does not.
type thought struct {
	w        Writer
	old, new []byte // what has not gone out, as it came and as w has it
	signed   bool
}

// maxThought bounds what waits, in bytes. What waits for longer is taken for signed. A window
// of the policy's is no longer than 64 KiB.
const maxThought = 256 << 10

// isThought tells whether a text of this shape may be signed.
func isThought(shape uint8) bool { return shape >= thoughtCopy && shape <= blockThought }

// Write and the methods behind it make it a Writer.
func (t *thought) Write(out, piece []byte) []byte {
	before, now := add(t.old, piece), t.w.Write(t.new, piece)
	if t.signed = t.signed || len(before) > maxThought; t.signed {
		now = add(now[:0], before)
	}
	same := 0
	for same < min(len(before), len(now)) && before[same] == now[same] {
		same++
	}
	for same < len(before) && !utf8.RuneStart(before[same]) {
		same--
	}
	t.old, t.new = before[same:], now[same:]
	return add(out, before[:same])
}

func (t *thought) End(out []byte) []byte {
	rest := t.w.End(t.new)
	if t.signed {
		rest = t.old
	}
	return add(out, rest)
}

func (t *thought) Held() int { return t.w.Held() + len(t.new) }
