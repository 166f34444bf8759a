package sse

import "bytes"

// lines goes through the lines of b. It remembers where the next LF and the
// next CR are, so that no byte is searched twice for either: a stream without a
// CR would otherwise be searched to its end for each of its lines.
type lines struct {
	b      []byte
	at     int
	lf, cr int // offsets of the next LF and CR at or behind at, len(b) if none
}

func linesOf(b []byte) lines {
	return lines{b: b, lf: -1, cr: -1}
}

// next returns the next line and the bytes that end it: LF, CRLF, CR, or, at
// the end of b, nothing. It is false when no bytes are left.
func (l *lines) next() (line, ending []byte, ok bool) {
	if l.at == len(l.b) {
		return nil, nil, false
	}
	end := l.end()
	next := end
	if next < len(l.b) {
		next++
		if l.b[end] == '\r' && next < len(l.b) && l.b[next] == '\n' {
			next++
		}
	}
	line, ending = l.b[l.at:end], l.b[end:next]
	l.at = next
	return line, ending, true
}

// end is the offset of the first LF or CR at or behind l.at.
func (l *lines) end() int {
	if l.lf < l.at {
		l.lf = l.find('\n')
	}
	if l.cr < l.at {
		l.cr = l.find('\r')
	}
	return min(l.lf, l.cr)
}

func (l *lines) find(c byte) int {
	if i := bytes.IndexByte(l.b[l.at:], c); i >= 0 {
		return l.at + i
	}
	return len(l.b)
}
