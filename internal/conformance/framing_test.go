package conformance

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInPieces(t *testing.T) {
	for _, row := range []struct {
		body   string
		pieces int
		want   string
	}{
		{"", 0, ""}, {"a", 0, "a"}, {"ab", 0, "a|b"}, {"abc", 0, "ab|c"}, {"abcdefg", 3, "abc|def|g"}, {"abc", 9, "a|b|c"},
	} {
		r := Request{Body: row.body, Pieces: row.pieces}
		require.Equal(t, row.want, string(bytes.Join(r.inPieces(), []byte("|"))))
	}
}

// A request says how long its body is, or that it does not say so.
func TestOverHTTP1(t *testing.T) {
	for _, row := range []struct {
		name             string
		request          Request
		length, encoding string
		pieces           int
	}{
		{"a body", chat("m", "Say it."), "62", "", 2},
		{"none", Request{Path: chatPath}, "0", "", 0},
		{"none of a method that has none", Request{Method: "GET", Path: "/"}, "", "", 0},
		{"chunks", chat("m", "Say it.").chunked(3), "", "chunked", 3},
		{"no chunks", Request{Path: chatPath, Chunked: true}, "", "chunked", 1},
	} {
		sent := row.request.overHTTP1(false)
		require.Equal(t, row.length, sent.Headers.Get("content-length"), row.name)
		require.Equal(t, row.encoding, sent.Headers.Get("transfer-encoding"), row.name)
		require.Len(t, sent.Body, row.pieces, row.name)
		require.Equal(t, row.request.Body, string(bytes.Join(sent.Body, nil)), row.name)
	}
}

func TestMisframed(t *testing.T) {
	require.Empty(t, misframed(http.Header{}, "abc"))
	require.Empty(t, misframed(http.Header{"Content-Length": {"3"}}, "abc"))
	for _, lengths := range [][]string{{"2"}, {"4"}, {""}, {"x"}, {"3", "3"}} {
		require.NotEmpty(t, misframed(http.Header{"Content-Length": lengths}, "abc"), lengths)
	}
	require.True(t, bodiless("HEAD", 200) && bodiless("POST", 204) && bodiless("GET", 304))
	require.False(t, bodiless("POST", 200) || bodiless("GET", 404))
}
