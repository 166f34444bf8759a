package sse

import "bytes"

// DefaultMaxEvent is the size of the largest event that is read, in bytes with
// framing: 1 MiB of data and room for the rest of its lines.
const DefaultMaxEvent = 1<<20 + 4096

// An Event is one block of a stream: its lines up to and including the blank
// line that ends it. Its slices point into the chunk given to Feed or into the
// Reader's own buffers, and are valid until the next call of the Reader.
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

	// Oversize tells that the block is larger than the Reader's limit: it
	// passes in pieces as Raw only, none of it read. More tells that another
	// piece follows.
	Oversize bool
	More     bool

	lead int // see Lead
}

// Lead is the number of bytes at the start of Raw that belong to no line of the
// block: the LF of a CRLF that was cut in two, which is part of the event before,
// or a byte order mark. Who leaves an event out keeps its lead, and leaves out
// the lead of the next one if Raw of the one that is left out ends in CR.
func (e *Event) Lead() int { return e.lead }

// WithoutLead is the event as if nothing stood before its first line.
func (e Event) WithoutLead() Event {
	e.Raw, e.lead = e.Raw[e.lead:], 0
	return e
}

// size is the length of the block without lead, and without what may be in this
// Raw or the next, depending on how the stream was cut: the LF of a CRLF at its
// end. So the cut does not decide whether the event is oversize.
func (e *Event) size() int {
	n := len(e.Raw) - e.lead
	if bytes.HasSuffix(e.Raw, []byte("\r\n")) {
		n--
	}
	return n
}

const byteOrderMark = "\xEF\xBB\xBF"

// parse fills in the fields from Raw. Data of several lines is joined in join,
// which is returned for the next time.
func (e *Event) parse(join []byte) []byte {
	joined := false
	for lines := linesOf(e.Raw[e.lead:]); ; {
		line, _, ok := lines.next()
		if !ok {
			break
		}
		name, value := field(line)
		switch string(name) {
		case "data":
			switch {
			case !e.HasData:
				e.Data, e.HasData = value, true
			case !joined:
				joined = true
				join = add(join[:0], e.Data)
				fallthrough
			default:
				join = add(append(join, '\n'), value)
				e.Data = join
			}
		case "event":
			e.Type = value
		case "id":
			if bytes.IndexByte(value, 0) < 0 {
				e.ID, e.HasID = value, true
			}
		}
	}
	return join
}

// field takes a line apart. A comment has no name; a line without a colon is
// all name.
func field(line []byte) (name, value []byte) {
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return line, line[len(line):]
	}
	name, value = line[:colon], line[colon+1:]
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	return name, value
}
