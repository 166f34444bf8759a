package placeholder

import (
	"bytes"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// Form is what the text is that values are restored into.
type Form uint8

// The forms.
const (
	// Text takes values as they are.
	Text Form = iota
	// JSON is the source of a JSON text, such as the arguments of a tool call. What is in
	// its strings may be written with escapes, brackets too, and values are escaped.
	JSON
)

// MaxHeld is the most that a Restorer holds back, in bytes. A longer spelling is no
// placeholder: the vault's own have at most 44.
const MaxHeld = 128

// Restorer puts values back into a text that comes in pieces: one channel of an answer.
// However the text is cut, together the pieces are restored to the same.
type Restorer struct {
	_ [0]func() // not compared: Go makes code for that

	vault *Vault
	form  Form

	held  [MaxHeld]byte // what may be a placeholder, as it came
	n     int           // bytes of it
	begun bool          // its bracket has come
	unit  int           // where in held the character begins that is not whole yet: JSON's escapes
	read  spelling

	last   [2]byte // characters that have come; 0 = none, or one that is in no name
	before [2]byte // and those that the bracket stands behind
	digits int     // of an escape that have yet to come, and are no characters
}

// Restorer begins a text. It sees the values that the vault has when they are needed.
func (v *Vault) Restorer(form Form) Restorer { return Restorer{vault: v, form: form} }

// Write appends what is known of the restored text, with the next piece p of it.
func (r *Restorer) Write(out, p []byte) []byte {
	for i := 0; i < len(p); {
		if r.n == 0 {
			next := i + r.plain(p[i:])
			out = add(out, p[i:next])
			r.behind(p[i:next])
			if i = next; i == len(p) {
				break
			}
		}
		out = r.take(out, p[i])
		i++
	}
	return out
}

// plain is how many bytes of p cannot begin a placeholder.
func (r *Restorer) plain(p []byte) int {
	bracket := bytes.IndexByte(p, '[')
	if bracket < 0 {
		bracket = len(p)
	}
	if r.form == Text {
		return bracket
	}
	for at := 0; at < bracket; at += 2 {
		next := bytes.IndexByte(p[at:bracket], '\\')
		if next < 0 {
			break
		}
		at += next
		if at+1 >= len(p) || p[at+1] == 'u' {
			return at
		}
		if at+1 == bracket { // `\[` is no escape; the bracket is one all the same
			break
		}
	}
	return bracket
}

// take adds a byte to what is held.
func (r *Restorer) take(out []byte, b byte) []byte {
	r.held[r.n] = b
	r.n++
	unit := r.held[r.unit:r.n]
	if r.form == Text || unit[0] != '\\' {
		return r.character(out, b)
	}
	const unicode = len(`\u005b`)
	switch n := len(unit); {
	case n == 1 || unit[1] == 'u' && n < unicode && escapes(unit):
		if r.n == MaxHeld {
			out = r.release(out, r.unit) // and not a backslash without what it escapes
		}
		return out
	case n == unicode && escapes(unit):
		high, _ := jsonscan.HexDigit(unit[4])
		low, _ := jsonscan.HexDigit(unit[5])
		b = byte(high<<4 | low)
	case n == 2 && (b == '\\' || b == '/' || b == '"'):
	case n == 2 && b == '[': // no escape: see plain
		out = r.release(out, r.n-1)
		r.last[1] = '\\'
	default: // some other character
		if unit[1] == 'u' {
			r.digits = unicode - n
		}
		r.last = [2]byte{}
		return r.release(out, r.n)
	}
	return r.character(out, b)
}

// escapes tells whether a unit is, as far as it goes, the escape of an ASCII character.
func escapes(unit []byte) bool {
	for i, c := range unit[2:] {
		d, ok := jsonscan.HexDigit(c)
		if !ok || i < 2 && d != 0 || i == 2 && d > 7 {
			return false
		}
	}
	return true
}

// character judges the character that stands, as written, at held[unit:n].
func (r *Restorer) character(out []byte, c byte) []byte {
	from, last := r.unit, r.last
	r.unit = r.n
	r.last = [2]byte{last[1], c}
	v := never
	if r.begun {
		if v = r.read.step(c); v == goesOn && r.n == MaxHeld {
			v = never
		}
	}
	switch {
	case v == goesOn:
		return out
	case v == whole:
		if value, ok := r.vault.value(r.read.name(), r.read.value()); ok && !r.read.index(r.before[:]) {
			r.n, r.unit, r.begun = 0, 0, false
			return r.restored(out, value)
		}
	case c == '[':
		out = r.release(out, from)
		r.unit, r.begun, r.before = r.n, true, last
		r.read.begin()
		return out
	}
	return r.release(out, r.n)
}

// release lets the first n held bytes go as they came: no placeholder begins in them.
//
//go:noinline
func (r *Restorer) release(out []byte, n int) []byte {
	out = add(out, r.held[:n])
	r.n = copy(r.held[:], r.held[n:r.n])
	r.unit, r.begun = 0, false
	return out
}

// behind says what has come of the text, as it came: of the escapes that it may have, none reads as
// a name.
//
//go:noinline
func (r *Restorer) behind(p []byte) {
	n := min(len(p), r.digits)
	r.digits -= n
	p = p[n:]
	for _, c := range p[max(0, len(p)-len(r.last)):] {
		r.last = [2]byte{r.last[1], c}
	}
}

func (r *Restorer) restored(out []byte, value string) []byte {
	if r.form == Text {
		return append(out, value...)
	}
	begin := len(out)
	out = jsonscan.AppendQuoted(out, value)
	copy(out[begin:], out[begin+1:len(out)-1]) // the quotes are there already
	return out[:len(out)-2]
}

// End appends what is held: the text has ended.
func (r *Restorer) End(out []byte) []byte { return r.release(out, r.n) }

// Held is the number of bytes that are held back.
func (r *Restorer) Held() int { return r.n }

// add is append, which is 300 bytes of code wherever it stands.
//
//go:noinline
func add(out, p []byte) []byte { return append(out, p...) }
