package conformance

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// How a body is framed: how long it is said to be, and how long it is. A client over HTTP/1.1
// that is told too much waits for the rest, and one that is told too little takes what is
// left for the next answer; a server does the same with requests.

// inPieces is the body as it leaves the client.
func (r *Request) inPieces() (pieces [][]byte) {
	n := r.Pieces
	if n == 0 {
		n = 2
	}
	size := max(1, (len(r.Body)+n-1)/n)
	for piece := range slices.Chunk([]byte(r.Body), size) {
		pieces = append(pieces, piece)
	}
	return pieces
}

// overHTTP1 is a request as a client sends it over HTTP/1.1, for a host that is given its
// parts. The end of the body comes in a call of its own, or endWithLast.
func (r *Request) overHTTP1(endWithLast bool) wasmhost.Request {
	sent := wasmhost.Request{Body: r.inPieces(), EndWithLast: endWithLast, Headers: wasmhost.Headers{
		{":method", r.method()}, {":path", r.Path}, {":authority", "gateway.example"}, {":scheme", "http"}}}
	headers := r.headers()
	switch {
	case r.Chunked && r.Body == "":
		headers.Set("transfer-encoding", "chunked")
		sent.Body, sent.EndWithLast = [][]byte{{}}, true
	case r.Chunked:
		headers.Set("transfer-encoding", "chunked")
	case r.Body != "" || r.method() == http.MethodPost: // RFC 9110, section 8.6
		headers.Set("content-length", strconv.Itoa(len(r.Body)))
	}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		sent.Headers = append(sent.Headers, [2]string{name, headers.Get(name)})
	}
	for name, value := range r.Trailers {
		sent.Trailers = append(sent.Trailers, [2]string{name, value})
	}
	return sent
}

// misframed says how a body is not as long as its headers have it; "" = it is, or they do not
// say.
func misframed(h http.Header, body string) string {
	lengths := h.Values("content-length")
	if len(lengths) == 0 || len(lengths) == 1 && lengths[0] == strconv.Itoa(len(body)) {
		return ""
	}
	return fmt.Sprintf("content-length %q, and %d bytes", lengths, len(body))
}

// bodiless tells whether an answer has no body, whatever its headers say of one (RFC 9112,
// section 6.3).
func bodiless(method string, status int) bool {
	return method == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified
}
