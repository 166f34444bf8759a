package sse

// DefaultMaxEvent is the size of the largest event that is read, in bytes with
// framing: 1 MiB of data and room for the rest of its lines.
const DefaultMaxEvent = 1<<20 + 4096

// An Event is one block of a stream: its lines up to and including the blank
// line that ends it. Its slices point into the chunk given to Feed or into the
// Reader's own buffer, and are valid until the next call of the Reader.
type Event struct {
	// Type is the value of the last "event" field; empty means "message".
	Type []byte

	// Data is the values of the "data" fields, joined by LF. HasData tells
	// whether there was any such field: a client sees nothing of an event
	// without one. Data of a field without a value is empty.
	Data    []byte
	HasData bool

	// ID is the value of the last "id" field, if HasID. A value with a zero
	// byte in it does not count, as the specification says.
	ID    []byte
	HasID bool

	// Raw is the block as it came. The Raw of all events in order, and of the
	// one from Close, are the stream.
	Raw []byte

	// Incomplete tells that the stream ended before the block's blank line. A
	// client that follows the specification discards such an event.
	Incomplete bool

	// Oversize tells that the block is larger than the Reader's limit, and is
	// passed in pieces as Raw only, none of it read. More tells that this is not the last
	// piece.
	Oversize bool
	More     bool

	lead int // bytes at the start of Raw that belong to no line of the block: LF of a CRLF, or a byte order mark
}
