package sse

// A Reader finds the events in a stream that comes in chunks. It is made for
// one stream, and not safe for concurrent use.
type Reader struct {
	max int

	chunk lines  // the chunk being read; chunk.at is where scanning goes on
	from  int    // where in the chunk the bytes begin that no event has taken
	held  []byte // the beginning of the event, from earlier chunks
	used  bool   // held belongs to the event returned last
	join  []byte // Data of several lines

	inLine   bool // the line being read has bytes
	afterCR  bool // the last line ended with CR, at the very end of what was fed
	mark     int  // bytes of a byte order mark seen; -1 when none can come any more
	oversize bool // the event being read has been given out in part
	lead     int  // see Event.lead
}

// NewReader returns a Reader. Events larger than max bytes, framing included,
// are passed on unread; 0 means DefaultMaxEvent.
func NewReader(max int) *Reader {
	if max <= 0 {
		max = DefaultMaxEvent
	}
	return &Reader{max: max}
}

// Feed gives the reader the next bytes of the stream. They are not copied and
// must stay as they are until Next returns false. Bytes of an earlier chunk that
// Next has not been asked for are copied and come first.
func (r *Reader) Feed(chunk []byte) {
	r.release()
	if rest := r.chunk.b[r.from:]; len(rest) > 0 {
		chunk = add(add(nil, rest), chunk)
	}
	r.chunk, r.from = linesOf(chunk), 0
}

// Next returns the next event, false when there is none before more bytes come.
func (r *Reader) Next() (Event, bool) {
	r.release()
	for r.chunk.at < len(r.chunk.b) {
		if r.blankLine() {
			return r.event(false), true
		}
	}
	rest := r.chunk.b[r.from:]
	lead := r.lead + max(r.mark, 0) // see Event.size; a byte order mark may be there in part
	if len(rest) > 0 && (r.oversize || len(r.held)+len(rest)-lead > r.max) {
		return r.event(true), true
	}
	r.held = add(r.held, rest)
	r.chunk, r.from = lines{}, 0
	return Event{}, false
}

// Held is the number of bytes at the end of what was fed that belong to an
// event which is not complete yet, and that no event has taken. When it is 0
// before Feed and 0 after Next has returned false, the chunk was a whole number
// of events, or of pieces of one that is Oversize.
func (r *Reader) Held() int {
	n := len(r.chunk.b) - r.from
	if !r.used {
		n += len(r.held)
	}
	return n
}

// Close tells that the stream has ended, and returns what came after its last
// event, false if nothing did. All events before must have been taken by Next.
func (r *Reader) Close() (Event, bool) {
	r.release()
	r.held = add(r.held, r.chunk.b[r.from:])
	r.chunk, r.from = lines{}, 0
	if len(r.held) == 0 && !r.oversize {
		return Event{}, false
	}
	ev := Event{Raw: r.held, lead: r.lead, Oversize: r.oversize}
	ev.Incomplete = len(ev.Raw) > ev.lead || ev.Oversize
	if !ev.Oversize {
		r.join = ev.parse(r.join)
	}
	r.used, r.oversize = true, false
	return ev, true
}

// blankLine goes on to the end of the line, or of the chunk, and tells whether
// that was the end of a blank line.
func (r *Reader) blankLine() bool {
	c := &r.chunk
	if r.afterCR {
		r.afterCR = false
		if c.b[c.at] == '\n' {
			c.at++
			if !r.inBlock() {
				r.lead = 1
			}
			return false
		}
	}
	for r.mark >= 0 && c.at < len(c.b) {
		if c.b[c.at] != byteOrderMark[r.mark] {
			r.inLine = r.mark > 0
			r.mark = -1
			break
		}
		c.at++
		if r.mark++; r.mark == len(byteOrderMark) {
			r.lead, r.mark = len(byteOrderMark), -1
		}
	}
	end := c.end()
	r.inLine = r.inLine || end > c.at
	c.at = end
	if end == len(c.b) {
		return false
	}
	c.at++
	if c.b[end] == '\r' {
		if c.at == len(c.b) {
			r.afterCR = true
		} else if c.b[c.at] == '\n' {
			c.at++
		}
	}
	blank := !r.inLine
	r.inLine = false
	return blank
}

// inBlock tells whether the event being read has bytes before those of the
// chunk that blankLine looks at.
func (r *Reader) inBlock() bool { return r.oversize || len(r.held) > 0 }

// event takes the bytes up to where the scan is: the event that ends there, or
// if more, a piece of an oversize one.
func (r *Reader) event(more bool) Event {
	ev := Event{Raw: r.chunk.b[r.from:r.chunk.at:r.chunk.at], lead: r.lead}
	r.from = r.chunk.at
	if len(r.held) > 0 {
		r.held = add(r.held, ev.Raw)
		ev.Raw, r.used = r.held, true
	}
	if more || r.oversize || ev.size() > r.max {
		ev.Oversize, ev.More = true, more
	} else {
		r.join = ev.parse(r.join)
	}
	r.oversize = more
	r.lead = 0
	return ev
}

// release takes back the buffers of the event returned last.
func (r *Reader) release() {
	const usual = 32 << 10
	if r.used {
		r.used, r.held = false, r.held[:0]
	}
	if len(r.held) == 0 && cap(r.held) > usual {
		r.held = nil
	}
	if cap(r.join) > usual {
		r.join = nil
	}
}
