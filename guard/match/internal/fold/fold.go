// Package fold reads text as an attacker would not like it to be read: letters that look the same are the same letter, what
// cannot be seen is not there, and white space is one space. docs/matching.md has the table.
//
// A Folder takes text in any pieces and gives folded bytes with the place in the source that each came from. What it gives is
// always valid UTF-8: a byte that is part of no character becomes U+FFFD, as in Go's own reading of a string.
package fold

import (
	"unicode"
	"unicode/utf8"
)

//go:generate go run ./gen

// Options say what is folded. Zero only replaces invalid UTF-8.
type Options uint8

const (
	// Alike folds case, forms and look-alikes, takes out what is invisible, and makes runs of white space one: a line break if
	// there is one in it, else a space.
	Alike Options = 1 << iota
	// Leet, with Alike, reads digits and signs as the letters that they stand for in h4ck3r writing.
	Leet
)

// Chunk is some folded text. Byte i comes from the source's bytes [Start[i], End[i]).
type Chunk struct {
	Bytes      [chunkSize]byte
	Start, End [chunkSize]uint32
	N          int
}

const (
	chunkSize = 512
	// longest is the most that one byte of source adds: a space that was waiting, and the longest folding of a character or
	// three replacement characters.
	longest = 1 + 3*utf8.UTFMax
)

// Folder folds one text. The zero value folds nothing.
type Folder struct {
	Options Options

	at      uint32 // bytes of source read
	begun   [utf8.UTFMax]byte
	begunN  uint32
	space   byte // the white space that waits for what follows it: ' ', '\n', or 0
	spaceAt uint32
	spaceTo uint32
}

// Fold folds the beginning of p into c, until p is used up or c full. What is left of p is for the next call.
func (f *Folder) Fold(c *Chunk, p []byte) (rest []byte) {
	c.N = 0
	for len(p) > 0 && c.N < chunkSize-longest {
		b := p[0]
		if f.begunN == 0 && b < utf8.RuneSelf {
			if f.Options&Alike == 0 {
				c.put(b, f.at, f.at+1)
			} else {
				f.ascii(c, b, f.at, f.at+1)
			}
			f.at++
			p = p[1:]
			continue
		}
		f.begun[f.begunN] = b
		f.begunN++
		f.at++
		p = p[1:]
		if utf8.FullRune(f.begun[:f.begunN]) {
			f.settle(c)
		}
	}
	return p
}

// End folds what was waiting for more.
func (f *Folder) End(c *Chunk) {
	c.N = 0
	for f.begunN > 0 {
		f.settle(c)
	}
	f.flush(c)
}

// Decided is the byte of source before which all has been folded.
func (f *Folder) Decided() int {
	if f.space != 0 {
		return int(f.spaceAt)
	}
	return int(f.at - f.begunN)
}

// settle takes the characters that are complete, or can never be, out of begun.
func (f *Folder) settle(c *Chunk) {
	for f.begunN > 0 {
		r, size := utf8.DecodeRune(f.begun[:f.begunN])
		start := f.at - f.begunN
		f.begunN -= uint32(size)
		copy(f.begun[:], f.begun[size:])
		f.rune(c, r, start, start+uint32(size))
		if f.begunN > 0 && !utf8.FullRune(f.begun[:f.begunN]) {
			return
		}
	}
}

func (f *Folder) rune(c *Chunk, r rune, start, end uint32) {
	if f.Options&Alike == 0 {
		c.putRune(r, start, end)
		return
	}
	if r < utf8.RuneSelf {
		f.ascii(c, byte(r), start, end)
		return
	}
	switch {
	case Space(r):
		f.wait(r == 0x85 || r == 0x2028 || r == 0x2029, start, end)
		return
	case Invisible(r):
		return
	}
	same, ok := alike(r)
	if !ok {
		r = Lower(r)
		same, ok = alike(r)
	}
	if !ok {
		f.flush(c)
		c.putRune(r, start, end)
		return
	}
	for i := range len(same) {
		f.ascii(c, same[i], start, end)
	}
}

func (f *Folder) ascii(c *Chunk, b byte, start, end uint32) {
	to := plain[b]
	if f.Options&Leet != 0 {
		to = leet[b]
	}
	switch to {
	case 0:
		return
	case ' ', '\n':
		f.wait(to == '\n', start, end)
		return
	}
	if f.space != 0 {
		f.flush(c)
	}
	c.put(to, start, end)
}

func (f *Folder) wait(line bool, start, end uint32) {
	if f.space == 0 {
		f.space, f.spaceAt = ' ', start
	}
	if line {
		f.space = '\n'
	}
	f.spaceTo = end
}

func (f *Folder) flush(c *Chunk) {
	if f.space != 0 {
		c.put(f.space, f.spaceAt, f.spaceTo)
		f.space = 0
	}
}

func (c *Chunk) put(b byte, start, end uint32) {
	i := c.N & (chunkSize - 1) // the mask costs less than the check that it saves
	c.Bytes[i], c.Start[i], c.End[i] = b, start, end
	c.N++
}

func (c *Chunk) putRune(r rune, start, end uint32) {
	var bytes [utf8.UTFMax]byte
	for _, b := range bytes[:utf8.EncodeRune(bytes[:], r)] {
		c.put(b, start, end)
	}
}

// Lower is the letter that all cases of r are folded to.
func Lower(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }

// Space reports whether r is white space or a separator, of any script.
func Space(r rune) bool {
	switch {
	case r < 0x80:
		return r == ' ' || r >= '\t' && r <= '\r'
	case r >= 0x2000 && r <= 0x200a:
		return true
	}
	switch r {
	case 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x2800, 0x3000, 0x3164, 0xffa0:
		return true
	}
	return false
}

// Invisible reports whether r shows nothing: controls, joiners, marks of direction, variation selectors and tags, and accents
// that stand alone.
func Invisible(r rune) bool {
	if r < 0x80 {
		return r < ' ' && !Space(r) || r == 0x7f
	}
	for i := range invisible {
		if r < invisible[i].lo {
			return false
		}
		if r <= invisible[i].hi {
			return true
		}
	}
	return false
}

var invisible = [...]struct{ lo, hi rune }{
	{0x80, 0x84}, {0x86, 0x9f}, {0xad, 0xad}, {0x300, 0x36f}, {0x483, 0x489}, {0x61c, 0x61c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
	{0x180b, 0x180f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f},
	{0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
	{0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
}

// alike is the ASCII text that looks like r or is a form of it.
func alike(r rune) (string, bool) {
	lo, hi := 0, len(runs)
	for lo < hi {
		middle := int(uint(lo+hi) >> 1)
		if runs[middle].first <= r {
			lo = middle + 1
		} else {
			hi = middle
		}
	}
	if lo == 0 {
		return "", false
	}
	run := &runs[lo-1]
	i := int(r - run.first)
	if i >= len(run.to) || run.to[i] == 0 {
		return "", false
	}
	if n := int(run.to[i]) - 0x80; n >= 0 && n < len(several) {
		return several[n], true
	}
	return run.to[i : i+1], true
}

// plain and leet are what ASCII is folded to: 0 for nothing.
const (
	plain = "" +
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00 \n\n\n\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
		" !\"#$%&'()*+,-./0123456789:;<=>?@abcdefghijklmnopqrstuvwxyz[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\x00"
	leet = "" +
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00 \n\n\n\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
		" i\"#s%&'()*+,-./oizeasgtbg:;<=>?aabcdefghijklmnopqrstuvwxyz[\\]^_`abcdefghijklmnopqrstuvwxyz{i}~\x00"
)

// String folds a text that is whole. white space at its ends stays, as one.
func String(text string, o Options) string {
	f := Folder{Options: o}
	var c Chunk
	var out []byte
	for p := []byte(text); len(p) > 0; {
		p = f.Fold(&c, p)
		out = append(out, c.Bytes[:c.N]...)
	}
	f.End(&c)
	return string(append(out, c.Bytes[:c.N]...))
}
