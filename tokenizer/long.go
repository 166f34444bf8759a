package tokenizer

// long is a piece that began more than a tail ago and is not complete. Only words, punctuation and white space get so long.
//
// In two cases what was read is one piece or two, depending on what is still to come: a run of capitals and letters without
// case is one word if lower case follows it, and ends with the last letter without case if not (wordO200k); and white space
// ends with its last newline if not (whitespace). So there are two stretches, for the piece as a whole and for what follows the
// latest place where it may have ended, the cut.
type long struct {
	tables *tables
	rule   rule
	state  longState
	size   int // bytes, at most: a lower bound of tokens rests on it

	piece    stretch
	after    stretch // what follows the cut
	cut      bool
	cutAt    int // the cut's place in piece.text, or -1 when cutCount has its count
	cutCount int

	held     [8]byte // what may be of this piece or of the next: the last white space, a contraction's beginning
	heldSize int
}

type longState uint8

const (
	longCapitals    longState = iota // o200k_base: a word without lower case, so far
	longWord                         // o200k_base: a word with
	longLetters                      // cl100k_base: a word
	longPunctuation                  // before its newlines
	longNewlines                     // at its newlines
	longWhitespace
)

// begin starts with text, at least two characters that are the beginning of an incomplete piece.
func (l *long) begin(e *Encoding, text string) {
	l.tables, l.rule = &e.tables, e.rule
	l.size, l.cut, l.heldSize = 0, false, 0
	l.piece.reset()
	first, size := classAt(text, 0)
	second, _ := classAt(text, size)
	word := isLetter
	if l.rule == ruleO200k {
		word = isWord
	}
	prefix := !word(first)
	switch {
	case first == classNewline || first == classSpace && second >= classSpace:
		l.state = longWhitespace
		prefix = false
	case word(first) || word(second):
		l.state = longLetters
		if l.rule == ruleO200k {
			l.state = longCapitals
		}
	default:
		l.state = longPunctuation
	}
	if prefix {
		l.put(text[:size])
		text = text[size:]
	}
	l.feed(text)
}

// feed reads on, and returns how many bytes of text belong to the piece or are held, and whether the piece is complete. text
// is valid UTF-8.
func (l *long) feed(text string) (n int, complete bool) {
	for n < len(text) {
		class, size := classAt(text, n)
		if used, complete := l.character(class, text[n:n+size]); complete {
			if used {
				n += size
			}
			l.size += n
			return n, true
		}
		n += size
	}
	l.size += n
	return n, false
}

// character reads one character c.
func (l *long) character(class byte, c string) (used, complete bool) {
	if l.heldSize > 0 && l.state <= longWord {
		return l.contraction(c)
	}
	switch l.state {
	case longCapitals:
		switch class {
		case classUpper:
			l.put(c)
		case classMark, classLetter:
			l.put(c)
			l.cutHere()
		case classLower:
			l.put(c)
			l.cut, l.state = false, longWord
		default:
			return l.contraction(c)
		}
		return true, false
	case longWord:
		if !isWord(class) || class == classUpper {
			return l.contraction(c)
		}
	case longLetters:
		if !isLetter(class) {
			return false, true
		}
	case longPunctuation:
		if c == "\r" || c == "\n" {
			l.state = longNewlines
		} else if class > classMark {
			return false, true
		}
	case longNewlines:
		if c != "\r" && c != "\n" && (c != "/" || l.rule != ruleO200k) {
			return false, true
		}
	case longWhitespace:
		if class < classSpace {
			return false, true
		}
		l.put(l.heldText())
		l.heldSize = copy(l.held[:], c)
		if class == classNewline {
			l.put(c)
			l.heldSize = 0
			l.cutHere()
		}
		return true, false
	}
	l.put(c)
	return true, false
}

// contraction reads a character after the letters of a word of o200k_base.
func (l *long) contraction(c string) (used, complete bool) {
	l.heldSize += copy(l.held[l.heldSize:], c)
	end, open := contraction(l.heldText(), 0)
	switch {
	case end > 0:
		if len(l.after.text) == 0 {
			l.cut = false // the word ends with a letter without case: it is whole
		}
		l.put(l.heldText())
		l.heldSize = 0
		return true, true
	case open:
		return true, false
	}
	l.heldSize -= len(c)
	return false, true
}

func (l *long) heldText() string { return bytesAsString(l.held[:l.heldSize]) }

// put appends to the piece.
func (l *long) put(text string) {
	if l.piece.full(len(text)) {
		l.settleCut()
		l.piece.slide(l.tables)
	}
	l.piece.append(text)
	if l.cut {
		if l.after.full(len(text)) {
			l.after.slide(l.tables)
		}
		l.after.append(text)
	}
}

// cutHere makes the place after what was put the latest where the piece may have ended.
func (l *long) cutHere() {
	l.cut, l.cutAt = true, len(l.piece.text)
	l.after.memo = l.piece.memo
	l.after.reset()
}

// settleCut works out the tokens before the cut.
func (l *long) settleCut() {
	if l.cut && l.cutAt >= 0 {
		l.cutCount, l.cutAt = l.piece.at(l.tables, l.cutAt), -1
	}
}

// total is the number of tokens of the complete piece, or of the two that it turned out to be. What is held is not of it.
func (l *long) total() int {
	if !l.cut {
		return l.piece.end(l.tables)
	}
	l.settleCut()
	if len(l.after.text) == 0 {
		return l.cutCount
	}
	return l.cutCount + l.after.end(l.tables)
}

// count is the number of tokens if the text ended with end, which is nothing or U+FFFD, behind what was read. What of the
// text is not of the piece is returned, to be counted for itself.
func (l *long) count(end string) (n int, heldText, endText string) {
	switch {
	case l.state == longPunctuation:
		return l.piece.peek(l.tables, end), "", ""
	case l.state != longWhitespace || end != "":
		return l.total(), l.heldText(), end
	case l.rule == ruleCl100k || !l.cut: // all white space at the end of the text is one piece
		return l.piece.peek(l.tables, l.heldText()), "", ""
	case len(l.after.text)+l.heldSize > 0:
		l.settleCut()
		return l.cutCount + l.after.peek(l.tables, l.heldText()), "", ""
	}
	return l.total(), "", ""
}

// whole returns the number of tokens of a complete piece. Lines begin with the same spaces and are ruled with the same dashes, so
// what the piece has in common with the one before is not worked out again.
func (l *long) whole(t *tables, piece string) int {
	s := &l.piece
	s.resume(piece)
	for piece = piece[len(s.text):]; len(piece) > 0; {
		n := min(len(piece), stretchBlock)
		if s.full(n) { // also by what resume has kept
			s.slide(t)
		}
		s.append(piece[:n])
		piece = piece[n:]
	}
	return s.end(t)
}
