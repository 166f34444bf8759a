package jsonscan

// Options set what a [Scanner] reports and what it refuses. The zero value
// reports everything, with the default limits.
type Options struct {
	// Paths are the places whose events the handler gets; nil means all.
	Paths *Paths

	// MaxDepth is how many objects and arrays may be open at once; 0 means
	// DefaultMaxDepth.
	MaxDepth int

	// MaxKeys and MaxKeyBytes limit the names of the objects that are open at
	// once, in number and in bytes of decoded text; 0 means DefaultMaxKeys and
	// DefaultMaxKeyBytes.
	MaxKeys     int
	MaxKeyBytes int
}

const (
	DefaultMaxDepth    = 128
	DefaultMaxKeys     = 1 << 17
	DefaultMaxKeyBytes = 4 << 20

	// MaxNumber is the length in bytes of the longest number that is accepted.
	MaxNumber = 4096
)

// A Scanner reads one JSON text. It is not safe for concurrent use.
type Scanner struct {
	h Handler
}

// New returns a Scanner that reports to h.
func New(h Handler, o Options) *Scanner { return &Scanner{h: h} }

// Write scans the next bytes of the text. It keeps nothing of chunk. The first
// error, an [*Error] or what the handler returned, ends the scan and is
// returned by every later call.
func (s *Scanner) Write(chunk []byte) error { return nil }

// Close tells that the text has ended.
func (s *Scanner) Close() error { return nil }

// Reset makes the scanner ready for another text, with the same options and
// with the buffers it has, and reports to h.
func (s *Scanner) Reset(h Handler) { s.h = h }

// Scan reads a text that is there as a whole.
func Scan(body []byte, h Handler, o Options) error {
	s := New(h, o)
	if err := s.Write(body); err != nil {
		return err
	}
	return s.Close()
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// plainByte tells the bytes that stand for themselves in a string: ASCII but
// control characters, the quote and the backslash.
var plainByte = func() (t [256]bool) {
	for c := ' '; c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()
