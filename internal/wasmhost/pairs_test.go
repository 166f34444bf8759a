package wasmhost

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPairsThereAndBack(t *testing.T) {
	for _, h := range []Headers{{}, {{"", ""}}, {{":path", "/"}, {"x", ""}, {"x", "y\x00z"}}} {
		got, err := unmarshal(h.marshal())
		require.NoError(t, err)
		require.Equal(t, h, got)
	}
	require.Equal(t, "\x01\x00\x00\x00"+"\x01\x00\x00\x00"+"\x02\x00\x00\x00"+"k\x00vv\x00", string(Headers{{"k", "vv"}}.marshal()))
}

// Whatever bytes a module passes for pairs, the host refuses or reads them.
func FuzzUnmarshalPairs(f *testing.F) {
	f.Add(Headers{{"k", "vv"}, {"", ""}}.marshal())
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Add([]byte("\x01\x00\x00\x00\xff\xff\xff\xff\x00\x00\x00\x00k\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := unmarshal(b)
		if err == nil && len(b) > 0 {
			require.True(t, slices.Equal(b[:len(h.marshal())], h.marshal()))
		}
	})
}

func TestHeadersSet(t *testing.T) {
	h := Headers{{"a", "1"}, {"B", "2"}, {"A", "3"}, {"c", "4"}}
	h.set("a", "9")
	require.Equal(t, Headers{{"a", "9"}, {"B", "2"}, {"c", "4"}}, h)
	h.set("d", "5")
	h.remove("b")
	require.Equal(t, Headers{{"a", "9"}, {"c", "4"}, {"d", "5"}}, h)
}
