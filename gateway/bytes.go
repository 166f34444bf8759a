package gateway

// add is append, which is 300 bytes of code wherever it stands.
//
//go:noinline
func add(out, p []byte) []byte { return append(out, p...) }

// Numbers as encoding/binary's LittleEndian writes them; that package needs reflect.

func appendNumber(b []byte, n int64) []byte {
	for i := range 8 {
		b = append(b, byte(n>>(8*i)))
	}
	return b
}

func numberAt(b []byte) (n int64) {
	for i := range 8 {
		n |= int64(b[i]) << (8 * i)
	}
	return n
}
