package normal

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/jsontree"
)

// encoding is what is hashed: a list of tokens that can be read back in one way only.
//
//	( … )            a group
//	" length bytes   a text; the length is 8 bytes, the most significant first
//	# length bytes   a number, as written
//	[ … ]  { … }     a JSON array, a JSON object: of each member its name, then its value
//	t f n            true, false, null
//
// Since every text has its length in front, none can look like a token. The spaces and
// escapes of a JSON text are gone; the order of members and the spelling of numbers stay,
// for a model sees both: it fills in a schema in the order in which that is written.
type encoding []byte

func (e *encoding) open(kind string) {
	*e = append(*e, '(')
	e.text(kind)
}

func (e *encoding) close() { *e = append(*e, ')') }

func (e *encoding) text(s string) {
	*e = append(*e, '"')
	*e = binary.BigEndian.AppendUint64(*e, uint64(len(s)))
	*e = append(*e, s...)
}

// value appends any JSON value. An absent one is not to be given.
func (e *encoding) value(v jsontree.Value) {
	switch v.Kind() {
	case jsontree.Null:
		*e = append(*e, 'n')
	case jsontree.False:
		*e = append(*e, 'f')
	case jsontree.True:
		*e = append(*e, 't')
	case jsontree.Number:
		*e = append(*e, '#')
		*e = binary.BigEndian.AppendUint64(*e, uint64(len(v.Raw())))
		*e = append(*e, v.Raw()...)
	case jsontree.String:
		e.text(textOf(v))
	case jsontree.Array:
		*e = append(*e, '[')
		for _, element := range v.Elements() {
			e.value(element)
		}
		*e = append(*e, ']')
	case jsontree.Object:
		*e = append(*e, '{')
		for _, member := range v.Elements() {
			e.text(member.Name())
			e.value(member)
		}
		*e = append(*e, '}')
	}
}

// decimal is a JSON number such that two spellings of one number are the same text: 1,
// 1.0 and 10e-1 are 1e0. It is exact; a number whose exponent has ten digits stays
// as it is written.
func decimal(raw string) string {
	number, sign := raw, ""
	if strings.HasPrefix(number, "-") {
		number, sign = number[1:], "-"
	}
	exponent := 0
	if at := strings.IndexAny(number, "eE"); at >= 0 {
		var err error
		if exponent, err = strconv.Atoi(number[at+1:]); err != nil || exponent > 1<<30 || exponent < -1<<30 {
			return raw
		}
		number = number[:at]
	}
	whole, fraction, _ := strings.Cut(number, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	exponent -= len(fraction)
	short := strings.TrimRight(digits, "0")
	if short == "" {
		return "0"
	}
	return sign + short + "e" + strconv.Itoa(exponent+len(digits)-len(short))
}
