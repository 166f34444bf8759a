package jsonscan_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsonscan"
)

func TestApply(t *testing.T) {
	body := []byte("0123456789")
	for _, v := range []struct {
		edits []jsonscan.Edit
		want  string
	}{
		{nil, "0123456789"},
		{[]jsonscan.Edit{{2, 4, []byte("ab")}}, "01ab456789"},
		{[]jsonscan.Edit{{0, 1, nil}, {9, 10, []byte("nine")}}, "12345678nine"},
		{[]jsonscan.Edit{{5, 5, []byte("a")}, {5, 5, []byte("b")}, {5, 7, nil}}, "01234ab789"},
		{[]jsonscan.Edit{{10, 10, []byte("end")}}, "0123456789end"},
		{[]jsonscan.Edit{{0, 10, nil}}, ""},
	} {
		require.Equal(t, "> "+v.want, string(jsonscan.Apply([]byte("> "), body, v.edits)))
		require.Equal(t, "0123456789", string(body))
	}
	for _, bad := range [][]jsonscan.Edit{
		{{3, 2, nil}}, {{-1, 2, nil}}, {{9, 11, nil}}, {{2, 5, nil}, {4, 6, nil}}, {{5, 6, nil}, {2, 3, nil}},
	} {
		require.Panics(t, func() { jsonscan.Apply(nil, body, bad) }, "%v", bad)
	}
}

// Any set of members or elements taken out leaves well-formed JSON with the
// others.
func TestAppendRemoval(t *testing.T) {
	for _, body := range []string{
		`{}`, `{"a":0}`, `{"a":0,"b":1}`, `{"a":0,"b":1,"c":2}`,
		` { "a" : [0] , "b" : {"x":1} , "c" : "," , "d" : "}" } `, "{\n  \"a\": 0,\n  \"b\": 1\n}",
		`[0,1,2]`, `[ [0] , {"x":1} , "," ]`,
	} {
		var all int
		require.NoError(t, jsonscan.Scan([]byte(body), jsonscan.HandlerFunc(func(e *jsonscan.Event) error {
			if e.Depth == 0 {
				all = e.Len
			}
			return nil
		}), jsonscan.Options{}))
		for set := range 1 << all {
			var edits []jsonscan.Edit
			var kept []string
			require.NoError(t, jsonscan.Scan([]byte(body), jsonscan.HandlerFunc(func(e *jsonscan.Event) error {
				if e.Depth != 1 || e.End < 0 || e.Kind == jsonscan.StringChunk {
					return nil
				}
				start := e.Start
				if e.Key != nil {
					start = e.Member
				}
				if set>>e.Index&1 == 1 {
					edits = jsonscan.AppendRemoval(edits, []byte(body), start, e.End, nil)
				} else {
					kept = append(kept, body[start:e.End])
				}
				return nil
			}), jsonscan.Options{}))
			want := strings.Join(kept, ",")
			if strings.Contains(body, "{") && !strings.HasPrefix(body, "[") {
				want = "{" + want + "}"
			} else {
				want = "[" + want + "]"
			}
			require.JSONEq(t, want, string(jsonscan.Apply(nil, []byte(body), edits)), "%s without set %b", body, set)
		}
	}
}

func TestAppendQuoted(t *testing.T) {
	for _, v := range []struct{ text, want string }{
		{"", `""`},
		{"plain <b>&é😀\u2028", "\"plain <b>&é😀\u2028\""},
		{"\"\\/\b\f\n\r\t", `"\"\\/\b\f\n\r\t"`},
		{"\x00\x1f\x7f", "\"\\u0000\\u001f\x7f\""},
		{"a\xffb\xe2\x82", "\"a\uFFFDb\uFFFD\uFFFD\""},
		{"\uFFFD", "\"\uFFFD\""},
	} {
		require.Equal(t, "x"+v.want, string(jsonscan.AppendQuoted([]byte("x"), v.text)))
	}
}

func FuzzAppendQuoted(f *testing.F) {
	f.Add("a\xff\n\"\\")
	f.Add("\xf0\x9f\x98\x80\xed\xa0\x80")
	f.Fuzz(func(t *testing.T, text string) {
		quoted := jsonscan.AppendQuoted(nil, text)
		var back string
		require.NoError(t, json.Unmarshal(quoted, &back))
		want := string([]rune(text)) // each stray byte becomes U+FFFD
		require.Equal(t, want, back)
		require.True(t, utf8.Valid(quoted))
		require.NoError(t, jsonscan.Scan(quoted, &recorder{}, jsonscan.Options{}))
	})
}

// Edits noted while scanning give the text that was meant.
func TestEditWhileScanning(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	body := []byte(`{"model":"a","max_tokens":10,"messages":[],"stream":true}`)
	for range 50 {
		var edits []jsonscan.Edit
		s := jsonscan.New(jsonscan.HandlerFunc(func(e *jsonscan.Event) error {
			switch {
			case string(e.Key) == "model" && e.Kind == jsonscan.EndString:
				edits = append(edits, jsonscan.Edit{Start: e.Start, End: e.End, With: jsonscan.AppendQuoted(nil, "b")})
			case string(e.Key) == "max_tokens":
				edits = append(edits, jsonscan.Edit{Start: e.Start, End: e.End, With: []byte("7")})
			case e.Depth == 0 && e.Kind == jsonscan.EndObject:
				edits = append(edits, jsonscan.Edit{Start: e.End - 1, End: e.End - 1, With: []byte(`,"n":1`)})
			}
			return nil
		}), jsonscan.Options{})
		cut := random.IntN(len(body))
		require.NoError(t, s.Write(body[:cut]))
		require.NoError(t, s.Write(body[cut:]))
		require.NoError(t, s.Close())
		require.Equal(t, `{"model":"b","max_tokens":7,"messages":[],"stream":true,"n":1}`, string(jsonscan.Apply(nil, body, edits)))
	}
}

// An array of which nothing is left has what it gets in place of that, and no object has.
func TestAppendRemovalInstead(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":[x]}`: `{"a":["-"]}`, `[ x ,x,	x ]`: `[ "-" ]`, `[x, 1, x]`: `[1]`, `[[x],x]`: `[["-"]]`, `[x,[x],[x,x]]`: `[["-"],["-"]]`,
		`{"a":1,x}`: `{"a":1}`, `{x}`: `{}`, `[x,[1,x]]`: `[[1]]`,
	} {
		var edits []jsonscan.Edit
		for at := range body {
			if body[at] == 'x' {
				edits = jsonscan.AppendRemoval(edits, []byte(body), int64(at), int64(at)+1, []byte(`"-"`))
			}
		}
		require.Equal(t, want, string(jsonscan.Apply(nil, []byte(body), edits)))
	}
}
