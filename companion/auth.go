package companion

import (
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"mime"
	"net/http"
	"strings"
)

// allowed tells whether a caller may make a call that is not open: it shows the token, and
// a verified certificate, each where it is asked for. The comparison takes the same time
// for every wrong token, also for one of another length.
func (s *Server) allowed(r *http.Request) bool {
	if s.c.ClientCA && (r.TLS == nil || len(r.TLS.VerifiedChains) == 0) {
		return false
	}
	if s.c.Token == "" {
		return true
	}
	scheme, shown, _ := strings.Cut(r.Header.Get("authorization"), " ")
	want, got := sha256.Sum256([]byte(s.c.Token)), sha256.Sum256([]byte(shown))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1 && strings.EqualFold(scheme, "Bearer")
}

// isType tells whether a content-type header names a type, whatever its parameters.
func isType(header, want string) bool {
	got, _, err := mime.ParseMediaType(header)
	return err == nil && got == want
}

// readAll is io.ReadAll that knows how much comes, if it does. Room is made as the bytes
// arrive: a length that is only announced costs nothing.
func readAll(r io.Reader, length int64) ([]byte, error) {
	b := make([]byte, 0, min(max(length+1, 512), 64<<10))
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
	}
}
