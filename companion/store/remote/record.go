package remote

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

// A record is an entry without its vector, which a database keeps in a column of its own:
//
//	version | key 32 | scope 32 | space | model | prompt | created | expires | saves | n { name value } | answer
//
// The version is a byte. Texts have their length before them, as an unsigned varint, and
// the answer is what remains; numbers are signed varints, times in nanoseconds since 1970.
const recordVersion = 1

// noTime stands for the zero time, which has no such number of nanoseconds.
const noTime = math.MinInt64

// Encode writes all of an entry but its vector.
func Encode(e *store.Entry) []byte {
	b := make([]byte, 0, 128+len(e.Prompt)+len(e.Answer))
	b = append(b, recordVersion)
	b = append(b, e.Key[:]...)
	b = append(b, e.Scope[:]...)
	for _, text := range []string{e.Space, e.Model, e.Prompt} {
		b = appendText(b, text)
	}
	for _, at := range []time.Time{e.Created, e.Expires} {
		if at.IsZero() {
			b = binary.AppendVarint(b, noTime)
		} else {
			b = binary.AppendVarint(b, at.UnixNano())
		}
	}
	b = binary.AppendVarint(b, e.Saves)
	b = binary.AppendUvarint(b, uint64(len(e.Labels)))
	for _, l := range e.Labels {
		b = appendText(appendText(b, l.Name), l.Value)
	}
	return append(b, e.Answer...)
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// errRecord says that bytes are no record: another program's, or cut.
var errRecord = errors.New("not an entry of this cache")

// Decode reads what Encode wrote. It keeps nothing of b.
func Decode(b []byte) (*store.Entry, error) {
	r := reader{rest: b}
	if version := r.bytes(1); r.bad || version[0] != recordVersion {
		return nil, fmt.Errorf("%w: %d bytes that do not begin with %d", errRecord, len(b), recordVersion)
	}
	e := &store.Entry{}
	copy(e.Key[:], r.bytes(len(e.Key)))
	copy(e.Scope[:], r.bytes(len(e.Scope)))
	e.Space, e.Model, e.Prompt = r.text(), r.text(), r.text()
	e.Created, e.Expires = r.time(), r.time()
	e.Saves = r.varint()
	labels := r.uvarint()
	if labels > uint64(len(r.rest))/2 { // each is at least two lengths
		r.bad = true
	}
	for ; labels > 0 && !r.bad; labels-- {
		e.Labels = append(e.Labels, store.Label{Name: r.text(), Value: r.text()})
	}
	if r.bad {
		return nil, fmt.Errorf("%w: cut at %d bytes", errRecord, len(b))
	}
	e.Answer = append([]byte{}, r.rest...)
	return e, nil
}

// reader takes fields off the front of a record. After the first that is not there it is
// bad, and all others are empty.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) bytes(n int) []byte {
	if r.bad || n > len(r.rest) {
		r.bad = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) text() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.bad = true
		return ""
	}
	return string(r.bytes(int(n)))
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.bad = true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) varint() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.bad = true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) time() time.Time {
	if n := r.varint(); n != noTime {
		return time.Unix(0, n).UTC()
	}
	return time.Time{}
}

// Word is a text of any kind as 32 hexadecimal digits, the first half of its SHA-256 sum.
// Queries are made of these and of numbers alone: no model, space or label that somebody
// chose can be taken for a part of the query, or be split, folded or ignored by a server.
func Word(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// LabelWord is the word of a label.
func LabelWord(l store.Label) string {
	return Word(fmt.Sprintf("%d:%s%s", len(l.Name), l.Name, l.Value))
}

// LabelWords are the words of labels, which may be none.
func LabelWords(labels []store.Label) []string {
	words := make([]string, len(labels))
	for i, l := range labels {
		words[i] = LabelWord(l)
	}
	return words
}

// AppendVector writes a vector as float32 in little endian, as Redis takes it.
func AppendVector(b []byte, v []float32) []byte {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// Vector reads what AppendVector wrote. Nothing gives nil.
func Vector(b []byte) ([]float32, error) {
	if len(b)%4 != 0 {
		return nil, fmt.Errorf("%w: a vector of %d bytes", errRecord, len(b))
	}
	var v []float32
	for ; len(b) > 0; b = b[4:] {
		v = append(v, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return v, nil
}
