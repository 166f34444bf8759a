package jsonscan_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// vectors are texts by what RFC 8259 says of them: y must be accepted, n must
// be refused, i is left to the reader, and the note says what we do. An empty
// problem means accepted.
var vectors = []struct {
	class   byte
	note    string
	text    string
	offset  int64
	path    string
	problem string
}{
	// Documents.
	{'y', "number alone", `42`, 0, "", ""},
	{'y', "string alone", `"x"`, 0, "", ""},
	{'y', "literals alone", `null`, 0, "", ""},
	{'y', "white space of all four kinds", " \t\r\n[ \t\r\n1 \t\r\n,\r2 ] \n", 0, "", ""},
	{'y', "empty containers", `{"a":{},"b":[]}`, 0, "", ""},
	{'n', "nothing", ``, 0, "", "the text is empty; a JSON value is needed"},
	{'n', "only white space", "  \n", 3, "", "the text is empty; a JSON value is needed"},
	{'n', "two values", `1 2`, 2, "", "'2' after the end of the JSON value; one text holds one value"},
	{'n', "closed twice", `[1]]`, 3, "", "']' after the end of the JSON value; one text holds one value"},
	{'n', "byte order mark", "\uFEFF{}", 0, "", "byte order mark; a JSON text begins without one"},
	{'n', "byte order mark behind white space", " \uFEFF{}", 1, "", "byte 0xef where a value is needed"},
	{'n', "form feed is no white space", "\f1", 0, "", "byte 0x0c where a value is needed"},
	{'n', "no-break space is no white space", "\u00a01", 0, "", "byte 0xc2 where a value is needed"},
	{'n', "zero byte", "\x00", 0, "", "byte 0x00 where a value is needed"},
	{'n', "zero byte at the end", "{}\x00", 2, "", "byte 0x00 after the end of the JSON value; one text holds one value"},
	{'n', "comment", `/*x*/1`, 0, "", "'/' where a value is needed"},
	{'n', "UTF-16", "\xff\xfe[\x00", 0, "", "byte 0xff where a value is needed"},

	// Literals.
	{'n', "capital", `[True]`, 1, "[0]", "'T' where a value is needed"},
	{'n', "cut", `[nul]`, 4, "[0]", "']' in what began like null"},
	{'n', "cut by the end", `tru`, 3, "", "the text ends before the value that began at byte 0 is complete"},
	{'n', "longer", `nulll`, 4, "", "'l' after the end of the JSON value; one text holds one value"},
	{'n', "NaN", `[NaN]`, 1, "[0]", "'N' where a value is needed"},
	{'n', "infinity", `[-Infinity]`, 2, "[0]", "'I' in a number where a digit is needed"},

	// Numbers.
	{'y', "all parts", `[-0.5e+10, 1E-2, 0e0, -0, 123, 0.10]`, 0, "", ""},
	{'i', "more digits than a float has: handed over as written", `[100000000000000000000000000000000.00000000000000000000000001]`, 0, "", ""},
	{'i', "too large for a float: handed over as written", `[1e999999]`, 0, "", ""},
	{'i', "4096 bytes", strings.Repeat("9", 4096), 0, "", ""},
	{'i', "4097 bytes: refused", `[` + strings.Repeat("9", 4097) + `]`, 1, "[0]", "a number of more than 4096 bytes"},
	{'n', "leading zero", `[012]`, 2, "[0]", "a digit after a leading zero"},
	{'n', "leading zero behind minus", `-01`, 2, "", "a digit after a leading zero"},
	{'n', "plus", `+1`, 0, "", "'+' where a value is needed"},
	{'n', "no integer part", `.5`, 0, "", "'.' where a value is needed"},
	{'n', "no fraction", `[1.]`, 3, "[0]", "']' in a number where a digit is needed"},
	{'n', "no exponent", `[1e]`, 3, "[0]", "']' in a number where a digit is needed"},
	{'n', "no exponent behind its sign", `1e+`, 3, "", "the text ends before the value that began at byte 0 is complete"},
	{'n', "two signs", `--1`, 1, "", "'-' in a number where a digit is needed"},
	{'n', "minus alone", `-`, 1, "", "the text ends before the value that began at byte 0 is complete"},
	{'n', "hexadecimal", `0x10`, 1, "", "'x' after the end of the JSON value; one text holds one value"},
	{'n', "two points", `{"a":1.2.3}`, 8, "", "'.' where a comma or the end of the object is needed"},
	{'n', "wide digit", `[１]`, 1, "[0]", "byte 0xef where a value is needed"},

	// Strings.
	{'y', "all escapes", `"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC"`, 0, "", ""},
	{'y', "pair", `"\ud83d\ude00"`, 0, "", ""},
	{'y', "zero escaped", `"\u0000"`, 0, "", ""},
	{'y', "DEL and the line separators stand for themselves", "\"\x7f\u2028\u2029\"", 0, "", ""},
	{'y', "characters of one to four bytes", `"aé€😀"`, 0, "", ""},
	{'y', "noncharacters", "\"\U0010FFFF\uFFFE\\uFDD0\"", 0, "", ""},
	{'y', "byte order mark inside", "\"\uFEFF\"", 0, "", ""},
	{'i', "lone high surrogate: U+FFFD", `"\ud83d"`, 0, "", ""},
	{'i', "lone low surrogate: U+FFFD", `"\ude00x"`, 0, "", ""},
	{'i', "high, high, low: U+FFFD and the pair", `"\ud83d\ud83d\ude00"`, 0, "", ""},
	{'i', "high and another escape", `"\ud83d\n\ud83dx\ud83d\u0041"`, 0, "", ""},
	{'i', "low before high", `"\ude00\ud83d"`, 0, "", ""},
	{'n', "surrogate in UTF-8", "\"a\xed\xa0\xbd\"", 2, "", "not valid UTF-8; a JSON text must be"},
	{'n', "overlong", "[\"\xc0\xaf\"]", 2, "[0]", "not valid UTF-8; a JSON text must be"},
	{'n', "beyond U+10FFFF", "\"\xf4\x90\x80\x80\"", 1, "", "not valid UTF-8; a JSON text must be"},
	{'n', "continuation alone", "\"\x80\"", 1, "", "not valid UTF-8; a JSON text must be"},
	{'n', "character cut by the quote", "\"\xe2\x82\"", 1, "", "not valid UTF-8; a JSON text must be"},
	{'n', "character cut by an escape", "\"\xf0\x9f\x98\\n\"", 1, "", "not valid UTF-8; a JSON text must be"},
	{'n', "Latin-1 in a name", "{\"\xe9\":1}", 2, "", "not valid UTF-8; a JSON text must be"},
	{'n', "line feed", "\"a\nb\"", 2, "", "control character 0x0a in a string; it must be escaped"},
	{'n', "zero byte in a string", "{\"k\":\"\x00\"}", 6, "k", "control character 0x00 in a string; it must be escaped"},
	{'n', "tab in a name", "{\"\t\":1}", 2, "", "control character 0x09 in a string; it must be escaped"},
	{'n', "unknown escape", `"\x41"`, 2, "", `'x' after a backslash; only \" \\ \/ \b \f \n \r \t \u are escapes`},
	{'n', "escaped line end", "\"\\\n\"", 2, "", `byte 0x0a after a backslash; only \" \\ \/ \b \f \n \r \t \u are escapes`},
	{'n', "three digits", `"\u00g0"`, 5, "", `'g' where a hexadecimal digit of a \u escape is needed`},
	{'n', "escape cut", `"\u00"`, 5, "", `'"' where a hexadecimal digit of a \u escape is needed`},
	{'n', "quotes of the wrong kind", `'a'`, 0, "", "'\\'' where a value is needed"},
	{'n', "not closed", `["abc`, 5, "[0]", "the text ends before the string that began at byte 1 is closed"},
	{'n', "closed by an escaped quote", `"\"`, 3, "", "the text ends before the string that began at byte 0 is closed"},
	{'n', "cut in a character", "\"\xf0\x9f", 3, "", "the text ends before the string that began at byte 0 is closed"},

	// Arrays.
	{'n', "trailing comma", `[1,]`, 3, "[1]", "comma before the end of the array; take it out"},
	{'n', "only a comma", `[,]`, 1, "[0]", "',' where a value is needed"},
	{'n', "two commas", `[1,,2]`, 3, "[1]", "',' where a value is needed"},
	{'n', "no comma", `[1 2]`, 3, "", "'2' where a comma or the end of the array is needed"},
	{'n', "colon", `[1:2]`, 2, "", "':' where a comma or the end of the array is needed"},
	{'n', "closed by a brace", `{"a":[1}`, 7, "a", "'}' where a comma or the end of the array is needed"},
	{'n', "array not closed", `[1 `, 3, "", "the text ends before the array that began at byte 0 is closed"},
	{'n', "array not closed, perhaps in a number", `[1`, 2, "[0]", "the text ends before the array that began at byte 0 is closed"},
	{'n', "inner array not closed", `[[1],[`, 6, "[1]", "the text ends before the array that began at byte 5 is closed"},

	// Objects.
	{'y', "names of all sorts", `{"":1," ":2,"a.b":3,"\u0000":4,"😀":5}`, 0, "", ""},
	{'y', "same name in two objects", `{"a":{"a":[{"a":1},{"a":2}]},"b":{"a":1}}`, 0, "", ""},
	{'y', "names that begin alike", `{"abc":1,"ab":2,"abcd":3,"a":4,"":5,"b":6,"ab\u0000":7}`, 0, "", ""},
	{'n', "trailing comma in an object", `{"a":1,}`, 7, "", "comma before the end of the object; take it out"},
	{'n', "no colon", `{"a" 1}`, 5, "a", "'1' where a colon is needed"},
	{'n', "no value", `{"a":}`, 5, "a", "'}' where a value is needed"},
	{'n', "no quotes", `{a:1}`, 1, "", "'a' where a member's name in quotes is needed"},
	{'n', "number as a name", `{1:1}`, 1, "", "'1' where a member's name in quotes is needed"},
	{'n', "two colons", `{"a"::1}`, 5, "a", "':' where a value is needed"},
	{'n', "no comma between members", `{"a":1 "b":2}`, 7, "", `'"' where a comma or the end of the object is needed`},
	{'n', "comma for colon", `{"a",1}`, 4, "a", "',' where a colon is needed"},
	{'n', "object not closed", `{"a":"b"`, 8, "", "the text ends before the object that began at byte 0 is closed"},
	{'n', "cut behind the colon", `{"a":`, 5, "a", "the text ends before the object that began at byte 0 is closed"},
	{'i', "name twice: refused", `{"a":1,"a":1}`, 7, "a", "the same name as at byte 1 of the same object; readers differ in which of the two counts"},
	{'i', "name twice, once escaped", `{"model":"x","mod\u0065l":"y"}`, 13, "model", "the same name as at byte 1 of the same object; readers differ in which of the two counts"},
	{'i', "name twice, deep", `[{"m":[0,{"x":1,"y":{"x":1},"x":2}]}]`, 28, "[0].m[1].x", "the same name as at byte 10 of the same object; readers differ in which of the two counts"},
	{'i', "empty name twice", `{"":1,"":2}`, 6, `[""]`, "the same name as at byte 1 of the same object; readers differ in which of the two counts"},
	{'i', "lone surrogates are one name", `{"\ud800":1,"\udfff":2}`, 12, "[\"\uFFFD\"]", "the same name as at byte 1 of the same object; readers differ in which of the two counts"},

	// Depth.
	{'i', "128 deep", strings.Repeat("[", 128) + strings.Repeat("]", 128), 0, "", ""},
	{'i', "129 deep: refused", `{"a":` + strings.Repeat("[", 128) + strings.Repeat("]", 128) + `}`, 132, "a" + strings.Repeat("[0]", 86) + "…", "nested deeper than 128 objects and arrays"},
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(string(v.class)+" "+v.note, func(t *testing.T) {
			got := everyCut(t, jsonscan.Options{}, nil, v.text)
			if v.problem == "" {
				require.NotEqual(t, byte('n'), v.class)
				require.NoError(t, got.Err)
				sameAsStandard(t, []byte(v.text))
				return
			}
			require.NotEqual(t, byte('y'), v.class)
			require.Equal(t, &jsonscan.Error{Offset: v.offset, Path: v.path, Problem: v.problem}, got.Err)
		})
	}
}

// Every byte at every place of a string that is long enough to be read eight
// bytes at a time.
func TestEveryByteInLongString(t *testing.T) {
	const long = "0123456789abcdefghijklm"
	for at := range len(long) {
		for c := range 256 {
			text := []byte(`"` + long + `"`)
			text[1+at] = byte(c)
			got := record(jsonscan.Options{}, nil, string(text))
			require.Equal(t, acceptable(text), got.Err == nil, "byte %#x at %d: %v", c, at, got.Err)
			if got.Err == nil {
				sameAsStandard(t, text)
			}
		}
	}
}
