// Package placeholder keeps the values that a request has redacted, and puts them back
// into the answer.
//
// A placeholder is a name and a number in brackets: `[EMAIL_1]`, `[BIRTH_DATE_12]`. The
// same value has the same one throughout a request, so a model can tell who is who, and
// whoever reads the prompt cannot.
//
// Models do not always write back what they have read. So another case is tolerated, and
// spaces inside the brackets, and between the words a space, a hyphen, or the underscore
// as Markdown escapes it. `[EMAIL_1]`, `[ Email 1 ]`, `[email-1]` and `[EMAIL\_1]` are one.
// `[EMAIL_12]` is not `[EMAIL_1]` and more, and what the vault does not know stays as it is.
// `list[email - 1]` is code, and none: so is all that is not as the vault writes it right behind
// a letter, a digit, `_`, `)` or `]`.
//
// # There and back
//
// A [Redactor] followed by a [Restorer] is the identity, also where the user has written a
// placeholder: that text is a value like others. It follows from one thing: a bracket
// cannot stand inside a placeholder, so what is put into a text never makes one with what
// stands around it.
//
// The package is pure. Time is linear in the bytes, and a Restorer allocates nothing but
// what it appends.
package placeholder

import "strconv"

// Vault has the values of one request. The zero value is ready.
type Vault struct {
	names   []named
	numbers map[string]int // of the values, by name, zero byte, value
	key     []byte
	keys    []string
}

// named is the values of one name: number n is at n-1.
type named struct {
	name   string
	values []string
}

// The limits of a placeholder, in bytes.
const (
	// MaxName is the longest name. Of a longer one only so much is used, and those that
	// do not differ there are numbered together.
	MaxName   = 32
	maxDigits = 9
)

// Placeholder appends the placeholder of a value: the one that it has, or the next number
// of that name. The name is written as [Name] writes it.
func (v *Vault) Placeholder(out []byte, name string, value []byte) []byte {
	v.key = appendName(v.key[:0], name)
	length := len(v.key)
	v.key = add(append(v.key, 0), value)
	number := v.numbers[string(v.key)]
	if number == 0 {
		number = v.add(string(v.key), length)
	}
	return add(out, []byte("["+string(v.key[:length])+"_"+strconv.Itoa(number)+"]"))
}

// add keeps a new value. Name and value are parts of its key, whose first length bytes
// are the name.
func (v *Vault) add(key string, length int) int {
	if v.numbers == nil {
		v.numbers = make(map[string]int)
	}
	name, value := key[:length], key[length+1:]
	at := 0
	for at < len(v.names) && v.names[at].name != name {
		at++
	}
	if at == len(v.names) {
		v.names = append(v.names, named{name: name})
	}
	n := &v.names[at]
	n.values = append(n.values, value)
	v.numbers[key] = len(n.values)
	v.keys = append(v.keys, key)
	return len(n.values)
}

// value is what a placeholder stands for.
func (v *Vault) value(name []byte, number int) (value string, ok bool) {
	for i := range v.names {
		if n := &v.names[i]; n.name == string(name) {
			if number > len(n.values) {
				return "", false
			}
			return n.values[number-1], true
		}
	}
	return "", false
}

// Find is where the next placeholder of the vault is in a text that has all of it: a place at
// or behind from. Where there is none, it is the text's end.
func (v *Vault) Find(text []byte, from int) (start, stop int) {
	var s spelling
	for {
		start, stop, ok := s.find(text, from, true)
		if !ok {
			return len(text), len(text)
		}
		if _, ok = v.value(s.name(), s.value()); ok {
			return start, stop
		}
		from = stop
	}
}

// Numbered tells whether a name has several values.
func (v *Vault) Numbered() bool {
	for i := range v.names {
		if len(v.names[i].values) > 1 {
			return true
		}
	}
	return false
}

// Keys are the values in the order in which they came, each behind its name and a zero byte.
func (v *Vault) Keys() []string { return v.keys }

// Len is the number of values.
func (v *Vault) Len() int { return len(v.numbers) }

// Name is a name as placeholders have it: upper case letters and digits of ASCII, with an
// underscore for each run of other bytes between them. One that does not begin with a
// letter gets one in front.
func Name(name string) string { return string(appendName(nil, name)) }

func appendName(out []byte, name string) []byte {
	var plain [MaxName]byte
	n, gap := 0, 0
	for i := 0; i < len(name); i++ {
		c := upper(name[i])
		digit := '0' <= c && c <= '9'
		if !digit && (c < 'A' || c > 'Z') {
			gap = min(n, 1)
			continue
		}
		if n == 0 && digit {
			plain[0], n = 'N', 1
		}
		if n+gap >= MaxName {
			break
		}
		plain[n] = '_' // if there is a gap
		plain[n+gap] = c
		n, gap = n+gap+1, 0
	}
	if n == 0 {
		n = copy(plain[:], "VALUE")
	}
	return add(out, plain[:n])
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}
