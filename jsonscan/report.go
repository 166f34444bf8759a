package jsonscan

import "strconv"

// audible tells whether the handler hears of the value at s.place.
func (s *Scanner) audible() bool {
	return s.place != nil && s.place.listed && s.quiet == aloud
}

// begin reports the Begin event of the value whose first byte is byte i of the
// chunk, and notes how the handler wants to have its inside.
func (s *Scanner) begin(kind Kind, start int64, i int) {
	if !s.audible() {
		return
	}
	s.value(kind, start, -1)
	s.report()
	if s.ev.quiet != aloud {
		s.quiet, s.quietDepth, s.rawFrom = s.ev.quiet, len(s.frames), i
	}
}

// endQuiet ends what Skip or Raw has asked for, if that was for the value that
// ends at byte end of the chunk. The frame of that value is off the stack.
func (s *Scanner) endQuiet(chunk []byte, end int) {
	if s.quiet == aloud || s.quietDepth != len(s.frames) {
		return
	}
	s.flushRaw(chunk, end)
	s.quiet = aloud
}

// flushRaw reports the bytes of the chunk before end as they are.
func (s *Scanner) flushRaw(chunk []byte, end int) {
	if s.quiet == raw && s.rawFrom < end {
		s.chunk(RawChunk, chunk[s.rawFrom:end])
	}
}

// value fills the event for the value at s.place.
func (s *Scanner) value(kind Kind, start, end int64) {
	e := &s.ev // each of its fields is set here: a copy of the whole is a call of the host's
	e.Kind, e.quiet, e.Path, e.Depth = kind, aloud, s.place.path, len(s.frames)
	e.Index, e.Key, e.Member = 0, nil, -1
	e.Start, e.End, e.Len, e.Text = start, end, 0, nil
	if len(s.frames) == 0 {
		return
	}
	f := s.top()
	e.Index = f.count
	if f.object {
		e.Key, e.Member = s.keys.last()
	}
}

// chunk reports a piece of the value whose Begin was the last event but for
// other pieces.
func (s *Scanner) chunk(kind Kind, text []byte) {
	s.ev.Kind, s.ev.Text = kind, text
	s.report()
}

func (s *Scanner) report() {
	if s.err == nil {
		s.err = s.handler.Event(&s.ev)
	}
}

// fail ends the scan. What has come of a string is reported.
func (s *Scanner) fail(at int64, problem string) {
	switch s.state {
	case inString:
		s.flushText()
	case inKey:
		s.keys.abandon()
	}
	if s.err == nil {
		s.err = &Error{Offset: at, Path: s.path(), Problem: problem}
	}
}

// path is the place being read, in words. It is made for errors only, and cut
// when long, since names are the sender's.
func (s *Scanner) path() string {
	const most = 256
	inValue := s.state == inString || s.state == inNumber || s.state == inLiteral || s.state == wantValue || s.state == wantColon
	var path []byte
	for i := range s.frames {
		top := i == len(s.frames)-1
		if top && !inValue {
			break
		}
		if len(path) > most {
			path = append(path, "…"...)
			break
		}
		if f := &s.frames[i]; !f.object {
			path = append(path, '[')
			path = strconv.AppendInt(path, int64(f.count), 10)
			path = append(path, ']')
		} else if top {
			key, _ := s.keys.last()
			path = appendStep(path, key)
		} else {
			path = appendStep(path, s.keys.before(s.frames[i+1].names))
		}
	}
	return string(path)
}

// found names a byte for an error message.
func found(c byte) string {
	if c > ' ' && c < 0x7F {
		return strconv.QuoteRune(rune(c))
	}
	return "byte 0x" + string(hexDigits[c>>4]) + string(hexDigits[c&15])
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
