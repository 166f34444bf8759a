package guard

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard/match"
	"github.com/sluice-gateway/sluice/guard/placeholder"
)

// seeker finds values that a request has redacted in its texts, which have placeholders by
// now. It finds exact bytes that are no part of a longer word, and none of a placeholder; of
// those that begin at one byte, the longest.
//
// However many values there are, a byte is looked at but for each of their lengths, which
// come to maxSought bytes in all.
type seeker struct {
	names   map[string]string // by value
	lengths []int             // that values have
	read    int               // so much of the text has been read
	vault   *placeholder.Vault
}

// The limits of what is sought.
const (
	minSought = 3       // characters of a value; a shorter one is too much else
	maxSought = 1 << 10 // bytes of a value, and of all lengths at a time
	maxSeeks  = 8       // times for one request
)

// Again tells whether the request is to be read once more, as Edits have it: what tells a value
// may stand in one place, as the word in front of a password, and the value in others too.
// What is found so is replaced, and not counted in Found. A value is sought once.
func (p *Prompt) Again() bool {
	p.End()
	s := &seeker{names: map[string]string{}, vault: &p.Vault}
	room := maxSought
	for keys := p.Vault.Keys(); p.sought < len(keys) && p.seeks < maxSeeks; p.sought++ {
		name, value, _ := strings.Cut(keys[p.sought], "\x00")
		if len(value) > maxSought || len([]rune(value)) < minSought || name == placeholder.Written || s.names[value] != "" {
			continue
		}
		at := 0
		for at < len(s.lengths) && s.lengths[at] != len(value) {
			at++
		}
		if at == len(s.lengths) {
			if room -= len(value); room < 0 {
				break
			}
			s.lengths = append(s.lengths, len(value))
		}
		s.names[value] = name
	}
	if len(s.names) == 0 {
		return false
	}
	p.seeks++
	p.g, p.said = p.g.again, nil
	p.reader = p.g.take()
	p.reader.seek = s
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
			start, stop = s.placeholder(r.text, s.read)
			continue
		}
		n := 0
		if edge(r.text, s.read) {
			n = s.longest(r.text[:start], s.read)
		}
		if n > 0 {
			span := placeholder.Span{Start: s.read, End: s.read + n, Name: s.names[string(r.text[s.read:s.read+n])]}
			r.finds.finds = append(r.finds.finds, find{Span: span})
		}
		s.read += max(n, 1)
	}
	return s.read
}

// longest is the length of the longest value at a place in a text; 0 = none.
func (s *seeker) longest(text []byte, at int) (best int) {
	for _, n := range s.lengths {
		if n > best && at+n <= len(text) && edge(text, at+n) && s.names[string(text[at:at+n])] != "" {
			best = n
		}
	}
	return best
}

// placeholder is where the next of the vault's placeholders is in a text.
func (s *seeker) placeholder(text []byte, from int) (start, end int) {
	for {
		next := bytes.IndexByte(text[from:], '[')
		if next < 0 {
			return len(text), len(text)
		}
		start = from + next
		if _, from = around(text, start); from > start+1 {
			value := s.vault.Restorer(placeholder.Text)
			if !bytes.Equal(value.End(value.Write(nil, text[start:from])), text[start:from]) {
				return start, from
			}
		}
	}
}

// edge tells whether no word goes on across a place in a text. The letter of an escape is of
// none: the text may be JSON itself.
func edge(text []byte, at int) bool {
	before, _ := utf8.DecodeLastRune(text[:at])
	behind, _ := utf8.DecodeRune(text[at:])
	return !match.InWord(before) || !match.InWord(behind) || at > 1 && text[at-2] == '\\'
}
