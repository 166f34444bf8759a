package jsonscan

// Kind says what an [Event] reports.
type Kind uint8

const (
	// BeginObject, BeginArray and BeginString open a value. The Begin event is
	// where a handler may ask for Event.Skip or Event.Raw.
	BeginObject Kind = iota + 1
	EndObject
	BeginArray
	EndArray
	BeginString
	// StringChunk carries the next piece of a string's decoded text. A piece
	// is never empty and never splits a character; where the pieces begin and
	// end depends on how the text was cut into chunks and means nothing.
	StringChunk
	EndString
	// RawChunk carries the next piece of a value as written, after Event.Raw.
	RawChunk
	// Number, True, False and Null are whole values: one event each, with Text
	// as written.
	Number
	True
	False
	Null
)

var kindNames = [...]string{
	"none", "begin object", "end object", "begin array", "end array", "begin string",
	"string chunk", "end string", "raw chunk", "number", "true", "false", "null",
}

// String is the kind in words, for error messages and test output.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown kind"
}

// An Event is one thing seen in the text. It belongs to the scanner: the event
// and the bytes it points to are valid until the handler returns.
type Event struct {
	Kind Kind

	// Path is the number that Options.Paths gives to the value's path, 0 when
	// no paths were given.
	Path int

	// Depth is how many objects and arrays are open around the value: 0 for
	// the document itself. The Begin and End of a value have the same Depth.
	Depth int

	// Index is the value's place in its object or array, from 0.
	Index int

	// Key is the decoded name of the member that the value belongs to, not nil
	// even if empty. It is nil in arrays and for the document.
	Key []byte

	// Member is the offset of the opening quote of that name, -1 in arrays and
	// for the document. [Member, End) is the whole member.
	Member int64

	// Start and End are the value's place in the text: [Start, End) is the
	// value as written, quotes and brackets included. End is -1 until the
	// value has ended.
	Start, End int64

	// Len is the number of members or elements, in EndObject and EndArray.
	Len int

	// Text is the piece in StringChunk and RawChunk, and the value as written
	// in Number, True, False and Null.
	Text []byte

	quiet quiet
}

// quiet is how the inside of a value is reported.
type quiet uint8

const (
	aloud   quiet = iota // as events
	skipped              // not at all
	raw                  // as RawChunk
)

// Skip, called while handling a Begin event, asks for no events until the
// value's End. The value is still checked in full.
func (e *Event) Skip() { e.quiet = skipped }

// Raw, called while handling a Begin event, asks that all until the value's End
// be RawChunk events. Together their Text is the text's bytes [Start, End).
func (e *Event) Raw() { e.quiet = raw }

// A Handler is told what the scanner sees, in the order of the text. An error
// stops the scan: Write and Close return it, as it is, from then on.
type Handler interface {
	Event(e *Event) error
}

// HandlerFunc is a function as a [Handler].
type HandlerFunc func(e *Event) error

// Event calls f.
func (f HandlerFunc) Event(e *Event) error { return f(e) }
