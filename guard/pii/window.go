package pii

// window is the part of the text that looks see. It is copied out of the text so that the
// code that looks needs neither bounds checks nor tests for the end: behind the last byte
// that a look may see are zeros, which are in no class. In WebAssembly that is a third of
// the code's size. Positions are within the window, but for those of finds.
type window struct {
	b     [windowSize]byte
	n     int    // how many bytes the look may see
	base  int    // where the window begins in the text
	held  int    // how many bytes of the text it has
	saved uint64 // what is where the zeros are
}

const (
	windowSize = 2048
	zeros      = 8
	step       = 64
)

func (t *window) at(i int) byte { return t.b[i&(windowSize-1)] }

// cut is the bytes from i to j.
//
//go:noinline
func (t *window) cut(i, j int) []byte { return t.b[i:j] }

// show makes the window have what a look at text[i] may see, of a text that begins with
// what the window had before. Looks that begin near each other see as far.
func (t *window) show(text []byte, i int) {
	end := min(len(text), i-i%step+ahead)
	if end == t.base+t.n {
		return
	}
	t.unveil()
	if end > t.base+t.held || i < t.base {
		t.base = max(0, i-2*behind)
		t.held = copy(t.b[:windowSize-zeros], text[t.base:])
	}
	t.n = end - t.base
	for k, b := range t.b[t.n : t.n+zeros] {
		t.saved = t.saved<<8 | uint64(b)
		t.b[t.n+k] = 0
	}
}

// unveil takes the zeros away.
func (t *window) unveil() {
	for k := zeros - 1; k >= 0; k-- {
		t.b[t.n+k] = byte(t.saved)
		t.saved >>= 8
	}
}
