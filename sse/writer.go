package sse

// AppendEvent appends an event, each line ended by LF. An empty eventType
// writes no "event" line. Data may have several lines, ended by LF, CRLF or CR;
// a client gets them joined by LF. Line ends in eventType are left out.
func AppendEvent(dst []byte, eventType string, data []byte) []byte {
	if eventType != "" {
		dst = append(dst, "event: "...)
		for i := range len(eventType) {
			if c := eventType[i]; c != '\n' && c != '\r' {
				dst = append(dst, c)
			}
		}
		dst = append(dst, '\n')
	}
	dst = appendData(dst, []byte("data: "), data, []byte("\n"))
	return append(dst, '\n')
}

// appendData appends data as "data" lines. The last line of data is a line even
// if it is empty, so that what a client reads is data.
func appendData(dst, prefix, data, ending []byte) []byte {
	last := true // whether a line is still to be written at the end
	for l := linesOf(data); ; {
		line, end, ok := l.next()
		if !ok {
			break
		}
		dst = add(dst, prefix)
		if len(line) > 0 && line[0] == ' ' && prefix[len(prefix)-1] == ':' {
			dst = append(dst, ' ') // a reader takes one space off
		}
		dst = add(add(dst, line), ending)
		last = len(end) > 0
	}
	if last {
		dst = add(add(dst, prefix), ending)
	}
	return dst
}

// AppendRewritten appends ev with other data. All lines but those of the data,
// the line ends, and the space after the colon or its absence stay as they are
// in ev.Raw. The new data lines stand where the first old one was, or if there
// was none, at the end. An event that is Oversize was not read, and is appended
// as it is.
func AppendRewritten(dst []byte, ev Event, data []byte) []byte {
	if ev.Oversize {
		return add(dst, ev.Raw)
	}
	dst = add(dst, ev.Raw[:ev.lead])
	begin := len(dst)
	ending := lineEnding(ev.Raw[ev.lead:])
	written := false
	for l := linesOf(ev.Raw[ev.lead:]); ; {
		line, end, ok := l.next()
		if !ok {
			break
		}
		name, value := field(line)
		if string(name) == "data" {
			if !written {
				written = true
				dst = appendData(dst, prefix(line, value), data, ending)
			}
			continue
		}
		if len(line) == 0 {
			if !written {
				written = true
				dst = appendData(dst, []byte("data: "), data, ending)
			}
			// Where line ends are mixed, the line now before the blank one may
			// end in CR, and a LF would become the other half of its end.
			if end[0] == '\n' && len(dst) > begin && dst[len(dst)-1] == '\r' {
				dst = append(dst, '\n')
			}
		}
		dst = add(add(dst, line), end)
	}
	if !written { // an incomplete event without data
		if len(dst) > begin && dst[len(dst)-1] != '\n' && dst[len(dst)-1] != '\r' {
			dst = add(dst, ending)
		}
		dst = appendData(dst, []byte("data: "), data, ending)
	}
	return dst
}

// prefix is what stands before the value of a data line.
func prefix(line, value []byte) []byte {
	if p := line[:len(line)-len(value)]; len(p) > len("data") {
		return p
	}
	return []byte("data: ")
}

// lineEnding is how the first line of a block ends, LF if it does not.
func lineEnding(block []byte) []byte {
	l := linesOf(block)
	if _, ending, ok := l.next(); ok && len(ending) > 0 {
		return ending
	}
	return []byte("\n")
}

// add is append, which is 300 bytes of code wherever it stands.
//
//go:noinline
func add(dst, p []byte) []byte { return append(dst, p...) }
