package injection

// tags reads what is written in characters that show nothing: tags (U+E0020 to U+E007E, for ASCII), and variation selectors, of
// which the 256 stand for bytes (U+FE00 to U+FE0F, U+E0100 to U+E01EF).
type tags struct {
	bytes uint32 // the last four
	shown int
}

func (t *tags) read(out []byte, b byte) []byte {
	t.bytes = t.bytes<<8 | uint32(b)
	if b < 0x80 || b > 0xbf {
		return out
	}
	value := -1
	switch low := int(t.bytes & 0x3f); {
	case t.bytes>>8 == 0xf3a080, t.bytes>>8 == 0xf3a081:
		value = int(t.bytes>>8&1)<<6 | low
	case t.bytes&0xffffff >= 0xefb880 && t.bytes&0xffffff <= 0xefb88f:
		value = low
	case t.bytes>>8 >= 0xf3a084 && t.bytes>>8 <= 0xf3a087:
		value = int(t.bytes>>8&3)<<6 + low + 16
	}
	if value < ' ' || value > 0xff || value == 0x7f { // emoji have selectors 15 and 16 of their own
		return out
	}
	t.shown++
	return append(out, byte(value))
}

// base64 decodes the runs of base64 in a text, of both alphabets. The beginning of a run is kept until it is long enough not to be
// a word, so that most text costs nothing.
type base64 struct {
	bits  uint32
	n     uint8 // bits that are not used yet
	run   int   // characters
	begun [shortest]byte
	size  int
	lines int // line breaks in a row
}

// shortest is how many characters a run has at least: 18 bytes.
const shortest = 24

func (d *base64) read(out []byte, b byte) []byte {
	value := byte(0)
	switch {
	case b >= 'a' && b <= 'z':
		value = b - 'a' + 26
	case b >= 'A' && b <= 'Z':
		value = b - 'A'
	case b >= '0' && b <= '9':
		value = b - '0' + 52
	case b == '+' || b == '-':
		value = 62
	case b == '/' || b == '_':
		value = 63
	default:
		if (b == '\n' || b == '\r') && d.run >= shortest && d.lines < 2 { // base64 is often broken into lines
			d.lines++
			return out
		}
		if d.run >= shortest {
			out = append(out, '\n')
		}
		d.bits, d.n, d.run, d.size, d.lines = 0, 0, 0, 0, 0
		return out
	}
	d.run++
	d.lines = 0
	d.bits = d.bits<<6 | uint32(value)
	if d.n += 6; d.n >= 8 {
		d.n -= 8
		decoded := byte(d.bits >> d.n)
		if d.run < shortest {
			d.begun[d.size] = decoded
			d.size++
			return out
		}
		out = append(append(out, d.begun[:d.size]...), decoded)
		d.size = 0
	}
	return out
}
