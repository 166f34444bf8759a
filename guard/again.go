package guard

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard/match"
	"github.com/sluice-gateway/sluice/guard/placeholder"
)

// seeker finds values that a request has redacted in its texts, which have placeholders by
// now. It finds exact bytes that are no part of a longer word, and none of a placeholder; of
// those that begin at one byte, the longest.
type seeker struct {
	*values
	read  int // so much of the text has been read
	vault *placeholder.Vault
}

// The limits of a value that is sought.
const (
	minSought = 3   // characters; a shorter one is too much else
	maxSought = 960 // bytes
)

// learn takes what the vault has got for what is to be sought.
func (p *Prompt) learn() {
	for keys := p.Vault.Keys(); p.sought < len(keys); p.sought++ {
		name, value, _ := strings.Cut(keys[p.sought], "\x00")
		if len(value) > maxSought || utf8.RuneCountInString(value) < minSought || name == placeholder.Written {
			continue
		}
		if p.values == nil {
			p.values = new(values)
		}
		p.values.add(value, name)
	}
}

// Again tells whether the request is to be read once more, as Edits have it: what tells a value
// may stand in one place, as the word in front of a password, and the value in others too.
// What is found so is replaced, and not counted in Found. A value is sought once.
func (p *Prompt) Again() bool {
	p.End()
	p.learn()
	if p.values == nil {
		return false
	}
	p.g, p.said = p.g.again, nil
	p.reader = p.g.take()
	p.reader.seek = &seeker{values: p.values, vault: &p.Vault}
	p.values = nil
	return true
}

// Reads tells whether the request is being read, and has its texts go on to next.
func (p *Prompt) Reads(next dialect.Content) bool {
	p.next = next
	return p.reader != nil
}

// again is find where the request is read again.
func (r *reader) again(end bool) int {
	s := r.seek
	limit := len(r.text)
	if !end {
		limit -= maxSought + placeholder.MaxHeld // more than a value and a placeholder that may cut it
	}
	for start, stop := s.read, s.read; s.read < limit; {
		if s.read >= start { // of a placeholder, or of nothing yet
			s.read = max(s.read, stop)
			start, stop = s.vault.Find(r.text, s.read)
			continue
		}
		if here := r.text[:start]; s.may(here[s.read:]) && edge(here, s.read) {
			if name, n := s.longest(here, s.read); n > 0 {
				span := placeholder.Span{Start: s.read, End: s.read + n, Name: name}
				r.finds.finds = append(r.finds.finds, find{Span: span})
				s.read += n
				continue
			}
		}
		s.read++
	}
	return s.read
}

// edge tells whether no word, and no decimal, goes on across a place in a text. The letter of an
// escape is of none: the text may be JSON itself.
//
//go:noinline
func edge(text []byte, at int) bool {
	if digit(text, at-2) && digit(text, at) && text[at-1] == '.' || digit(text, at-1) && digit(text, at+1) && text[at] == '.' {
		return false
	}
	before, _ := utf8.DecodeLastRune(text[:at])
	behind, _ := utf8.DecodeRune(text[at:])
	return !match.InWord(before) || !match.InWord(behind) || at > 1 && text[at-2] == '\\'
}

//go:noinline
func digit(text []byte, at int) bool {
	return uint(at) < uint(len(text)) && text[at]-'0' <= 9
}
