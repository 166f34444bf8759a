package jsontree_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsontree"
)

func TestWalk(t *testing.T) {
	v, err := jsontree.Parse([]byte(` {"a\u0062":[1,"x\n\ud83d\ude00",{"k":null}],"t":true,"empty":{},"none":[]} `))
	require.NoError(t, err)
	require.Equal(t, 4, v.Len())
	list := v.Get("ab")
	require.Equal(t, jsontree.Array, list.Kind())
	require.Equal(t, 3, list.Len())
	require.Equal(t, "ab", list.Name())
	require.Equal(t, `"a\u0062"`, string(list.RawName()))
	for i, e := range list.Elements() {
		switch i {
		case 0:
			n, ok := e.Int()
			require.True(t, ok)
			require.EqualValues(t, 1, n)
		case 1:
			require.Equal(t, "x\n😀", e.Text())
			require.True(t, e.Is("x\n😀"))
			require.Equal(t, `x\n\ud83d\ude00`, string(e.Inside()))
		case 2:
			require.Equal(t, `{"k":null}`, string(e.Raw()))
			require.False(t, e.Get("k").Present())
			require.Equal(t, jsontree.Null, e.Get("k").Kind())
		}
	}
	require.True(t, v.Get("t").Bool())
	require.Zero(t, v.Get("empty").Len())
	require.Zero(t, v.Get("none").Len())
}

// Whatever is asked of a value that is not there, there is an answer.
func TestAbsent(t *testing.T) {
	var v jsontree.Value
	require.Equal(t, jsontree.Absent, v.Get("a").Get("b").Kind())
	require.Nil(t, v.Raw())
	require.Nil(t, v.Inside())
	require.Empty(t, v.Text())
	require.Empty(t, v.Name())
	require.False(t, v.Is(""))
	for range v.Elements() {
		t.Fatal("it has none")
	}
	whole, err := jsontree.Parse([]byte(`3`))
	require.NoError(t, err)
	require.Equal(t, jsontree.Absent, whole.Get("a").Kind())
}

func TestBounds(t *testing.T) {
	_, err := jsontree.Parse([]byte(strings.Repeat("[", jsontree.MaxDepth) + strings.Repeat("]", jsontree.MaxDepth)))
	require.NoError(t, err)
	_, err = jsontree.Parse([]byte(strings.Repeat("[", jsontree.MaxDepth+1) + strings.Repeat("]", jsontree.MaxDepth+1)))
	require.ErrorContains(t, err, "nested deeper")
	_, err = jsontree.Parse([]byte("[" + strings.Repeat("1,", jsontree.MaxValues) + "1]"))
	require.ErrorContains(t, err, "values")
}

// What encoding/json takes for JSON is taken, and what it refuses is refused; the tree
// written out again is the same text.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		``, ` `, `{}`, `[]`, `[1,]`, `[,1]`, `{"a":1,}`, `{"a"}`, `{"a":}`, `{a:1}`, `[1}`, `{]`, `01`, `-`, `1.`, `1.5e+3`, `1e`,
		`"a`, `"\x"`, `"\u12"`, `"\ud800"`, "\"\n\"", `nul`, `true false`, `[[[]]]`, `{"a":{"b":[1,{"c":"d"}]}}`, `"\ud83d\ude00\ud83d"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := jsontree.Parse(text)
		if !json.Valid(text) {
			require.Error(t, err, "%q", text)
			return
		}
		if err != nil {
			require.Regexp(t, "nested deeper|values", err.Error())
			return
		}
		var compact bytes.Buffer
		require.NoError(t, json.Compact(&compact, text))
		require.Equal(t, compact.String(), string(written(nil, v)))
		if v.Kind() == jsontree.String && utf8.Valid(text) {
			var s string
			require.NoError(t, json.Unmarshal(text, &s))
			require.Equal(t, s, v.Text())
		}
	})
}

func written(out []byte, v jsontree.Value) []byte {
	switch v.Kind() {
	case jsontree.Object:
		out = append(out, '{')
		for i, m := range v.Elements() {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(append(out, m.RawName()...), ':')
			out = written(out, m)
		}
		return append(out, '}')
	case jsontree.Array:
		out = append(out, '[')
		for i, e := range v.Elements() {
			if i > 0 {
				out = append(out, ',')
			}
			out = written(out, e)
		}
		return append(out, ']')
	}
	return append(out, v.Raw()...)
}

func BenchmarkParse(b *testing.B) {
	text := []byte(`{"model":"m","messages":[{"role":"user","content":"` + strings.Repeat("The quick brown fox. ", 50_000) + `"}]}`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := jsontree.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
