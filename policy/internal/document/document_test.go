package document

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	n, err := Parse(` {"a": [1, -2.5e+3, "x\u00e9\ud83d\ude00\ud800\n"], "a": {"b": null, "c": true}} `)
	require.NoError(t, err)
	require.Equal(t, Node{Kind: Object, Pos: 1,
		Keys: []Member{{"a", 2}, {"a", 52}}, // duplicates are the caller's to judge
		Kids: []Node{
			{Kind: Array, Pos: 7, Kids: []Node{
				{Kind: Number, Pos: 8, Text: "1"},
				{Kind: Number, Pos: 11, Text: "-2.5e+3"},
				{Kind: String, Pos: 20, Text: "xé😀\uFFFD\n"},
			}},
			{Kind: Object, Pos: 57, Keys: []Member{{"b", 58}, {"c", 69}}, Kids: []Node{
				{Kind: Null, Pos: 63},
				{Kind: Bool, Pos: 74, Text: "true"},
			}},
		}}, n)
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "not JSON: expected a value at byte 0",
		"{} x":                    "not JSON: more text after the end of the document at byte 3",
		`{"a" 1}`:                 "not JSON: expected ':' at byte 5",
		`{"a":1,}`:                "not JSON: expected '\"' at byte 7",
		`[1,]`:                    "not JSON: expected a value at byte 3",
		`["a`:                     "not JSON: a string without an end at byte 3",
		"[\"a\x01\"]":             "not JSON: a control character in a string at byte 3",
		"[\"a\xff\"]":             "not JSON: not UTF-8 at byte 3",
		`["\x"]`:                  "not JSON: an unknown escape at byte 3",
		`["\u12g4"]`:              "not JSON: expected four hexadecimal digits at byte 4",
		`[01]`:                    "not JSON: expected ',' at byte 2",
		`[1.]`:                    "not JSON: expected a digit at byte 3",
		`[-]`:                     "not JSON: expected a digit at byte 2",
		`[1e+]`:                   "not JSON: expected a digit at byte 4",
		`nul`:                     "not JSON: expected a value at byte 0",
		strings.Repeat("[", 1000): "not JSON: nested deeper than 64 levels at byte 65",
	} {
		_, err := Parse(text)
		require.EqualError(t, err, want, text)
	}
}

// FuzzParse reads every text as encoding/json does: the same texts are documents, with
// the same values.
func FuzzParse(f *testing.F) {
	f.Add(` {"a": [1, -2.5e+3, "x\u00e9\ud83d\ude00\ud800\n"], "a": {"b": null, "c": true}} `)
	f.Add(`["\ud800\ud800\udc00\ud800\u0041", "\udc00", "\/\b\f\r\t\"\\"]`)
	f.Add(`[0, -0, 0.0, 1E5, 10, 01, 1., .5, +1, "` + "\x7f\u2028" + `"]`)
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Parse(text)
		valid := json.Valid([]byte(text)) && utf8.ValidString(text)
		if !valid {
			require.Error(t, err)
			return
		}
		if err != nil {
			require.ErrorContains(t, err, "nested deeper")
			return
		}
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		same(t, decoder, &n)
	})
}

func same(t *testing.T, decoder *json.Decoder, n *Node) {
	token, err := decoder.Token()
	require.NoError(t, err)
	switch v := token.(type) {
	case nil:
		require.Equal(t, Null, n.Kind)
	case bool:
		require.Equal(t, Bool, n.Kind)
		require.Equal(t, v, n.Text == "true")
	case json.Number:
		require.Equal(t, Number, n.Kind)
		require.Equal(t, v.String(), n.Text)
	case string:
		require.Equal(t, String, n.Kind)
		require.Equal(t, v, n.Text)
	case json.Delim:
		if v == '{' {
			require.Equal(t, Object, n.Kind)
			require.Len(t, n.Keys, len(n.Kids))
		} else {
			require.Equal(t, Array, n.Kind)
		}
		for i := range n.Kids {
			if v == '{' {
				key, err := decoder.Token()
				require.NoError(t, err)
				require.Equal(t, key, n.Keys[i].Name)
			}
			same(t, decoder, &n.Kids[i])
		}
		require.False(t, decoder.More())
		_, err := decoder.Token()
		require.NoError(t, err)
	}
}

func TestPaths(t *testing.T) {
	path := Index(Join(Join(Join("", "models"), "gpt-4.1"), "targets"), 0)
	require.Equal(t, `models["gpt-4.1"].targets[0]`, path)
	require.Equal(t, `[""]`, Join("", ""))
	require.Equal(t, `a["x\ny"]`, Join("a", "x\ny"), "a path is one line")
}
