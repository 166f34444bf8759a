package budget

// Numbers as bytes, as encoding/binary writes them; that package needs reflect.

func getUint64(b []byte) uint64 {
	_ = b[7]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

func putUint64(b []byte, v uint64) {
	_ = b[7]
	b[0], b[1], b[2], b[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
	b[4], b[5], b[6], b[7] = byte(v>>32), byte(v>>40), byte(v>>48), byte(v>>56)
}

// appendNumber appends v, which is not negative, seven bits a byte, lowest first.
func appendNumber(b []byte, v int64) []byte {
	u := uint64(v)
	for ; u >= 0x80; u >>= 7 {
		b = append(b, byte(u)|0x80)
	}
	return append(b, byte(u))
}

// reader takes numbers off the front of b. After a number that is not there, or is not
// from 0 to the most that the caller allows, bad is true and every number is 0.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) number(most int64) int64 {
	var u uint64
	for i, c := range r.b {
		if i == 9 {
			break // 63 bits are read: the number would be negative
		}
		u |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.b = r.b[i+1:]
			if int64(u) > most {
				break
			}
			return int64(u)
		}
	}
	r.b, r.bad = nil, true
	return 0
}
