package sse

// A Reader finds the events in a stream that comes in chunks.
//
//	r.Feed(chunk)
//	for ev, ok := r.Next(); ok; ev, ok = r.Next() { … }
type Reader struct{ max int }

// NewReader returns a Reader for one stream. Events larger than max bytes are
// passed on unread; 0 means DefaultMaxEvent.
func NewReader(max int) *Reader { return &Reader{max: max} }

// Feed gives the reader the next bytes of the stream. They are not copied, and
// must stay as they are, until Next returns false.
func (r *Reader) Feed(chunk []byte) {}

// Next returns the next event, false when there is none before more bytes come.
func (r *Reader) Next() (Event, bool) { return Event{}, false }

// Held is the number of bytes at the end of what was fed that belong to an
// event which is not complete yet. When it is 0 before Feed and 0 after Next
// returned false, the chunk was a whole number of events.
func (r *Reader) Held() int { return 0 }

// Close tells that the stream has ended, and returns what is left of it, false
// if nothing is.
func (r *Reader) Close() (Event, bool) { return Event{}, false }
