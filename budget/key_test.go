package budget

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func blake(s string) []byte {
	var h blake2b
	h.init(16)
	h.writeString(s)
	out := make([]byte, 16)
	h.sum(out)
	return out
}

// Expected values: Python's hashlib.blake2b(data, digest_size=16).
func TestBlake2b(t *testing.T) {
	data := make([]byte, 400)
	for i := range data {
		data[i] = byte(i*7 + 3)
	}
	for _, c := range []struct{ in, want string }{
		{"", "cae66941d9efbd404e4d88758ea67670"},
		{"abc", "cf4ab791c62b8d2b2109c90275287816"},
		{string(data[:128]), "8e0cf9bb1b36fa6c42aa6490f719b575"}, // one full block, which is also the last
	} {
		require.Equal(t, c.want, hex.EncodeToString(blake(c.in)), "%d bytes", len(c.in))
	}
	// The digest of the digests of every length from 0 to 400, so over every place
	// where a block can end.
	var all strings.Builder
	for n := range 401 {
		all.Write(blake(string(data[:n])))
	}
	require.Equal(t, "c5afac107067351c65553b682d92cca8", hex.EncodeToString(blake(all.String())))
}

func TestBlake2bByteByByte(t *testing.T) {
	s := strings.Repeat("abcdefghij", 40)
	for n := range len(s) {
		var h blake2b
		h.init(16)
		for _, c := range []byte(s[:n]) {
			h.writeByte(c)
		}
		out := make([]byte, 16)
		h.sum(out)
		require.Equal(t, blake(s[:n]), out, "%d bytes", n)
	}
}

func TestKeysOfDifferentListsDiffer(t *testing.T) {
	p := func(name, value string) Part { return Part{name, value, true} }
	absent := func(name string) Part { return Part{Name: name} }
	lists := []struct {
		limit string
		parts []Part
	}{
		{"l", nil},
		{"", nil},
		{"", []Part{p("l", "")}},
		{"l", []Part{p("team", "")}},
		{"l", []Part{absent("team")}}, // absent is not empty
		{"l", []Part{p("team", "\x00")}},
		{"l", []Part{p("team", "a")}},
		{"l", []Part{p("user", "a")}}, // another part with the same value
		{"m", []Part{p("team", "a")}},
		{"l", []Part{p("team", "a"), p("user", "b")}},
		{"l", []Part{p("user", "b"), p("team", "a")}},
		{"l", []Part{p("team", "a\x04user\x02b")}}, // the one above, forged inside a value
		{"l", []Part{p("team", "a\x05user\x02b")}},
		{"l", []Part{p("team", "ab"), p("user", "")}},
		{"l", []Part{p("team", ""), p("user", "ab")}},
		{"l", []Part{p("team", ""), absent("user")}},
		{"l", []Part{absent("team"), p("user", "")}},
		{"l", []Part{absent("team"), absent("user")}},
		{"l\x04team\x02a", nil},
		{"l", []Part{p("team", strings.Repeat("a", 127))}},
		{"l", []Part{p("team", strings.Repeat("a", 128))}},
		{"l", []Part{p("team", strings.Repeat("a", 20_000))}},
	}
	seen := map[Digest]int{}
	for i, c := range lists {
		d := Key(c.limit, c.parts)
		j, found := seen[d]
		require.False(t, found, "lists %d and %d have one key", i, j)
		seen[d] = i
		require.Equal(t, d, Key(c.limit, c.parts), "the same list has the same key")
	}
}

func BenchmarkKey(b *testing.B) {
	parts := []Part{{"team", "payments", true}, {"user", "ada@example.com", true}}
	b.ReportAllocs()
	for b.Loop() {
		Key("team-month/usd", parts)
	}
}
