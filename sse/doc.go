// Package sse reads and writes server-sent events, the stream format of the
// WHATWG HTML specification, section 9.2, for a proxy that looks into a stream
// while passing it on.
//
// A client of a stream wants the data of the events. A proxy wants two things
// more: the exact bytes of each event, so that what needs no change leaves as
// it came, and no delay, so that an event leaves with the chunk that completes
// it. So an [Event] has its bytes in Raw, framing included, and the Raw of all
// events in their order is the stream, for every way of cutting it:
//
//	r := sse.NewReader(0)
//	for chunk := range chunks {
//		whole := r.Held() == 0
//		changed := false
//		r.Feed(chunk)
//		for ev, ok := r.Next(); ok; ev, ok = r.Next() {
//			if wanted(ev) { out = append(out, ev.Raw...) } else { changed = true }
//		}
//		if whole && !changed && r.Held() == 0 {
//			// The chunk was a number of whole events: send it as it is.
//		}
//	}
//	if ev, ok := r.Close(); ok { … } // what came after the last blank line
//
// # What is an event here
//
// A block of lines up to and including the blank line that ends it. Lines end
// with LF, CRLF or CR. A block of comments only (": ping"), and a blank line on
// its own, are events too: a client sees nothing of them (HasData is false), but
// they keep the connection alive and are to be passed on.
//
// A block is complete at the end of its blank line, also if that end is a CR
// that may be the first half of a CRLF: waiting for the LF could mean waiting
// for the next event. The LF, when it comes, is then the first byte of the next
// Raw, where it means nothing. If it is the last byte of the stream, it comes
// from Close as an event without data which is not Incomplete.
//
// A byte order mark at the beginning of the stream is part of the first Raw,
// and of no line. Bytes that are not UTF-8 are handed over as they are; a client
// would read them as U+FFFD. "retry" fields are in Raw only, like fields that
// the specification does not know.
//
// # Cost
//
// Time is linear in the bytes of the stream. An event that lies in one chunk is
// not copied, but for Data of several lines, which has to be joined. An event
// that is split over chunks is gathered in a buffer, of at most twice the limit
// of NewReader and one chunk; an event above the limit passes in pieces as Raw,
// unread, and is marked Oversize. Between events a Reader holds at most 64 KiB
// and, once its buffers have grown, allocates nothing for events up to 16 KiB.
package sse
