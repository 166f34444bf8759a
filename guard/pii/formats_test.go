package pii

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// ofForm makes a secret in a published form.
func ofForm(f *format, r *rand.Rand) string {
	some := func(n int, bytes uint16) string {
		var set []byte
		for c := range class {
			if class[c]&bytes != 0 && class[c]&alnum != 0 {
				set = append(set, byte(c))
			}
		}
		b := make([]byte, n)
		for i := range b {
			b[i] = set[r.IntN(len(set))]
		}
		return string(b)
	}
	n := int(f.min)
	if f.max == 0 {
		n += 4
	}
	switch f.check {
	case checkSendGrid:
		return f.prefix + some(22, alnum) + "." + some(43, alnum)
	case checkJWT: // {"alg":"HS256"}
		return "eyJhbGciOiJIUzI1NiJ9." + some(60, alnum) + "." + some(43, alnum)
	case checkDiscord:
		return f.prefix + some(25, alnum) + "." + some(6, alnum) + "." + some(27, alnum)
	}
	return f.prefix + some(n, f.bytes)
}

// Every form of the table is found wherever it stands: no word, no escape and no other look takes its beginning.
func TestEveryForm(t *testing.T) {
	around := [][2]string{
		{"", ""}, {"The key is ", " as agreed."}, {"Key: ", "\nnext line"}, {`{"value":"`, `","n":1}`}, {"(", ")"}, {"'", "',"}, {"TOKEN=", " ./run"},
		{"https://", " "}, {"line\\n", "\\nline"}, {"https://x.org/?k=", "&y=1"}, {"<b>", "</b>"}, {"| x | ", " |"}, {"密钥", "的"}, {"\t- ", "\r\n"}, {"a%20", "%20b"}, {"key ", "?"},
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range formats {
		f := &formats[i]
		secret := ofForm(f, r)
		for _, a := range around {
			text := a[0] + secret + a[1]
			covered := false
			for _, found := range finds(t, text) {
				covered = covered || found.Kind == Secret && found.Start <= len(a[0]) && found.End >= len(a[0])+len(secret)
			}
			require.True(t, covered, "%s in %q: %v", f.what, text, finds(t, text))
		}
	}
}
