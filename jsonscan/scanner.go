package jsonscan

import "errors"

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
	// DefaultMaxKeyBytes. Neither may be above 1<<30.
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
	handler  Handler
	document *node
	maxDepth int

	state state
	base  int64 // offset in the text of the chunk being scanned
	err   error // of the handler or *Error; it ends the scan

	frames []frame // the objects and arrays that are open
	keys   keySet  // the names in these objects
	place  *node   // of the value being read, nil when nothing there is listed
	start  int64   // offset of the string, number or literal being read

	str     stringState
	num     numberState
	literal literal
	scratch []byte // a number that is split over chunks

	quiet      quiet // how the open value at quietDepth is reported
	quietDepth int
	rawFrom    int // first byte of the chunk that no RawChunk has carried yet

	ev Event
}

// A frame is an object or array that is open.
type frame struct {
	place  *node
	start  int64
	count  int // members or elements that have ended
	object bool
	names  nameSet // of an object
}

type state uint8

const (
	wantValue state = iota
	wantValueOrEnd
	wantKey
	wantKeyOrEnd
	wantColon
	wantCommaOrEnd
	wantNothing // the document has ended
	inKey
	inString
	inNumber
	inLiteral
	closed
)

// New returns a Scanner that reports to h.
func New(h Handler, o Options) *Scanner {
	s := &Scanner{
		document: allPlaces,
		maxDepth: orDefault(o.MaxDepth, DefaultMaxDepth),
		keys: keySet{
			maxKeys: min(orDefault(o.MaxKeys, DefaultMaxKeys), 1<<30),
			maxText: min(orDefault(o.MaxKeyBytes, DefaultMaxKeyBytes), 1<<30),
		},
	}
	if o.Paths != nil {
		s.document = o.Paths.document
	}
	s.Reset(h)
	return s
}

func orDefault(n, def int) int {
	if n <= 0 {
		return def
	}
	return n
}

// Reset makes the scanner ready for another text, with the same options, and
// reports to h. Buffers of the usual size are kept, larger ones are let go.
//
// The rest of a Scanner, which is most of it, is written before it is read: a stream
// resets its scanner for each event.
func (s *Scanner) Reset(h Handler) {
	s.handler, s.err = h, nil
	s.state, s.base, s.start = wantValue, 0, 0
	s.frames, s.scratch, s.place = s.frames[:0], s.scratch[:0], nil
	s.keys.reset()
	s.str.escape, s.str.high, s.str.nHeld, s.str.nText = noEscape, 0, 0, 0
	s.quiet = aloud
}

// Scan reads a text that is there as a whole.
func Scan(body []byte, h Handler, o Options) error {
	s := New(h, o)
	if err := s.Write(body); err != nil {
		return err
	}
	return s.Close()
}

var errClosed = errors.New("json: write after close")

// Write scans the next bytes of the text. It keeps nothing of chunk. The first
// error, an [*Error] or what the handler returned, ends the scan and is
// returned by every later call.
func (s *Scanner) Write(chunk []byte) error {
	if s.state == closed && s.err == nil {
		s.err = errClosed
	}
	s.rawFrom = 0
	for i := 0; i < len(chunk) && s.err == nil; {
		switch s.state {
		case inString, inKey:
			i = s.scanString(chunk, i)
		case inNumber:
			i = s.scanNumber(chunk, i)
		case inLiteral:
			i = s.scanLiteral(chunk, i)
		default:
			if isSpace(chunk[i]) {
				i++
				continue
			}
			i = s.scanToken(chunk, i)
		}
	}
	if s.err == nil {
		s.flushText()
		s.flushRaw(chunk, len(chunk))
	}
	s.base += int64(len(chunk))
	return s.err
}

// Complete tells whether the text may end here and nothing but space can follow. A number
// that is the whole text may go on, and is not complete before Close.
func (s *Scanner) Complete() bool { return s.state == wantNothing && s.err == nil }

// Close tells that the text has ended.
func (s *Scanner) Close() error {
	if s.err != nil {
		return s.err
	}
	switch {
	case s.state == inNumber && len(s.frames) == 0 && s.num.whole():
		s.endNumber(s.scratch, s.base)
	case s.state == wantValue && len(s.frames) == 0:
		s.fail(s.base, "the text is empty; a JSON value is needed")
	case s.state != wantNothing && s.state != closed:
		s.fail(s.base, "the text ends before "+s.unfinished())
	}
	if s.err == nil {
		s.state = closed
	}
	return s.err
}

func (s *Scanner) unfinished() string {
	switch {
	case s.state == inString || s.state == inKey:
		return "the string that began at byte " + decimal(s.start) + " is closed"
	case s.state == inNumber || s.state == inLiteral:
		if len(s.frames) == 0 {
			return "the value that began at byte " + decimal(s.start) + " is complete"
		}
	}
	return "the " + s.top().kind() + " that began at byte " + decimal(s.top().start) + " is closed"
}

func (f *frame) kind() string {
	if f.object {
		return "object"
	}
	return "array"
}

func (s *Scanner) top() *frame { return &s.frames[len(s.frames)-1] }

// scanToken takes the one byte chunk[i], which is not white space and not
// inside a string, number or literal, except that the first byte of a number is
// left for scanNumber.
func (s *Scanner) scanToken(chunk []byte, i int) int {
	c, at := chunk[i], s.base+int64(i)
	switch s.state {
	case wantValueOrEnd:
		if c == ']' {
			return s.endContainer(chunk, i)
		}
		s.state = wantValue
		return s.beginValue(chunk, i)
	case wantValue:
		return s.beginValue(chunk, i)

	case wantKeyOrEnd, wantKey:
		switch {
		case c == '"':
			s.state, s.start = inKey, at
			s.keys.begin()
			return i + 1
		case c == '}' && s.state == wantKeyOrEnd:
			return s.endContainer(chunk, i)
		case c == '}':
			s.fail(at, "comma before the end of the object; take it out")
		default:
			s.fail(at, found(c)+" where a member's name in quotes is needed")
		}

	case wantColon:
		if c == ':' {
			s.state = wantValue
			return i + 1
		}
		s.fail(at, found(c)+" where a colon is needed")

	case wantCommaOrEnd:
		object := s.top().object
		switch {
		case c == ',' && object:
			s.state = wantKey
			return i + 1
		case c == ',':
			s.state = wantValue
			return i + 1
		case c == '}' && object, c == ']' && !object:
			return s.endContainer(chunk, i)
		}
		s.fail(at, found(c)+" where a comma or the end of the "+s.top().kind()+" is needed")

	case wantNothing:
		s.fail(at, found(c)+" after the end of the JSON value; one text holds one value")
	}
	return i
}

// beginValue starts the value whose first byte is chunk[i].
func (s *Scanner) beginValue(chunk []byte, i int) int {
	c, at := chunk[i], s.base+int64(i)
	switch {
	case len(s.frames) == 0:
		s.place = s.document
	case !s.top().object: // the place of a member is known since its name
		s.place = s.top().place.elementOf()
	}
	switch c {
	case '{', '[':
		return s.beginContainer(chunk, i)
	case '"':
		s.state, s.start = inString, at
		s.begin(BeginString, at, i)
		s.str.audible = s.audible()
		return i + 1
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		s.state, s.start, s.num, s.scratch = inNumber, at, numberStart, s.scratch[:0]
		return i
	case 't', 'f', 'n':
		s.state, s.start, s.literal = inLiteral, at, literalOf(c)
		return i + 1
	}
	switch {
	case c == ']' && len(s.frames) > 0 && !s.top().object:
		s.fail(at, "comma before the end of the array; take it out")
	case c == 0xEF && at == 0:
		s.fail(at, "byte order mark; a JSON text begins without one")
	default:
		s.fail(at, found(c)+" where a value is needed")
	}
	return i
}

func (s *Scanner) beginContainer(chunk []byte, i int) int {
	at := s.base + int64(i)
	if len(s.frames) >= s.maxDepth {
		s.fail(at, "nested deeper than "+decimal(int64(s.maxDepth))+" objects and arrays")
		return i
	}
	object := chunk[i] == '{'
	if object {
		s.state = wantKeyOrEnd
		s.begin(BeginObject, at, i)
	} else {
		s.state = wantValueOrEnd
		s.begin(BeginArray, at, i)
	}
	s.frames = append(s.frames, frame{place: s.place, start: at, object: object, names: s.keys.open()})
	return i + 1
}

func (s *Scanner) endContainer(chunk []byte, i int) int {
	f := *s.top()
	s.frames = s.frames[:len(s.frames)-1]
	s.keys.close(f.names)
	s.place = f.place
	kind := EndArray
	if f.object {
		kind = EndObject
	}
	s.endQuiet(chunk, i+1)
	if s.audible() {
		s.value(kind, f.start, s.base+int64(i)+1)
		s.ev.Len = f.count
		s.report()
	}
	s.endValue()
	return i + 1
}

// endValue counts the value that has ended, and goes on behind it.
func (s *Scanner) endValue() {
	if len(s.frames) == 0 {
		s.state = wantNothing
		return
	}
	s.top().count++
	s.state = wantCommaOrEnd
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }
