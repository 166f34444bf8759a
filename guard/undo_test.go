package guard

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// undoes is what becomes of a text that comes in these pieces.
func undoes(pieces ...string) *undo {
	u := new(undo)
	u.begin()
	for i, piece := range pieces {
		u.read([]byte(piece), i == len(pieces)-1)
	}
	return u
}

func TestUndo(t *testing.T) {
	for _, tt := range []struct{ written, text string }{
		{"", ""},
		{"no escape", "no escape"},
		{`4111\u00a01111`, "4111\u00a01111"},
		{`\u002B49 12\/25\/1990`, "+49 12/25/1990"},
		{`M\u00FCller \u4e2d\u6587`, "Müller 中文"},
		{`a\ud83d\ude00b`, `a\ud83d\ude00b`},                   // halves
		{`\u0022a\u005cb\u000ac\u0000`, `\"a\\b\u000ac\u0000`}, // what JSON must escape
		{`\"\\\b\f\n\r\t`, `\"\\\b\f\n\r\t`},
		{`{\"a\":\"4111\\u00a01111 \\u00E4 \\/\"}`, `{\"a\":\"4111` + "\u00a01111 ä /" + `\"}`}, // JSON in JSON
		{`\\\\u0041 \\\\\\\\u0041 \\\\\\\\\\u0041`, `A A \\\\\\\\A`},
		{`C:\users\u12 \u12g4 \u`, `C:\users\u12 \u12g4 \u`},
		{`at the end \`, `at the end \`},
		{`at the end \u00a`, `at the end \u00a`},
		{`at the end \ud83d\ude0`, `at the end \ud83d\ude0`},
	} {
		for cut := range len(tt.written) + 1 {
			u := undoes(tt.written[:cut], tt.written[cut:])
			require.Equal(t, tt.text, string(u.text), cut)
			require.Equal(t, tt.written, string(u.written()), cut)
		}
		u := undoes(append(strings.Split(tt.written, ""), "")...)
		require.Equal(t, tt.text, string(u.text))
	}
}

// A place in the text is the one in what was written before which the same stands.
func TestUndoPlaces(t *testing.T) {
	const written = `ab\u00e4\u00e4\u00e4c\/\/\u00e4d\u0022e`
	u := undoes(written)
	require.Equal(t, "abäääc//äd\\\"e", string(u.text))
	places := map[int]int{} // none within a character
	for at, as := 0, 0; at <= len(u.text); {
		places[at] = as
		if at == len(u.text) {
			break
		}
		switch {
		case strings.HasPrefix(written[as:], `\u00`):
			at, as = at+2, as+6
		case written[as] == '\\':
			at, as = at+1, as+2
		default:
			at, as = at+1, as+1
		}
	}
	for at, place := range places {
		require.Equal(t, place, u.place(at), at)
	}
}

var escapes = regexp.MustCompile(`\\{1,8}(/|u[0-9a-fA-F]{4})`)

// However a text is cut, it is the same; what was written is kept; and each place in the one has its
// place in the other.
func FuzzUndo(f *testing.F) {
	f.Add(`{"card": "4111\u00a01111"}`, uint(3))
	f.Add(`\\\\\\\\\\u00e4\ud83d\ude00\/`, uint(7))
	f.Add(`\ud83d\\\ud83d\ude00\u`, uint(1))
	f.Add("\\u0\x1400", uint(1))
	f.Fuzz(func(t *testing.T, text string, size uint) {
		whole := undoes(text)
		var pieces []string
		for rest := text; ; {
			n := min(len(rest), 1+int(size%32))
			pieces = append(pieces, rest[:n])
			if rest = rest[n:]; rest == "" {
				break
			}
		}
		u := undoes(pieces...)
		require.Equal(t, whole.text, u.text)
		require.Equal(t, text, string(u.written()))
		require.Equal(t, whole.ends, u.ends)
		if !escapes.MatchString(text) {
			require.Equal(t, text, string(u.text))
		}
		last := 0
		for at := range string(u.text) {
			place := u.place(at)
			require.GreaterOrEqual(t, place, last)
			last = place
		}
		require.Equal(t, len(text), u.place(len(u.text)))
	})
}

// An oracle: what JSON's own reader makes of a string, where nothing in it must be escaped.
func TestUndoAsJSON(t *testing.T) {
	for char := rune(' '); char < 0x3000; char++ {
		if char == '"' || char == '\\' {
			continue
		}
		written := `x\u` + strconv.FormatInt(0x10000+int64(char), 16)[1:] + "y"
		var want string
		require.NoError(t, json.Unmarshal([]byte(`"`+written+`"`), &want))
		require.Equal(t, want, string(undoes(written).text))
	}
}
