package budget_test

import (
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
)

// No two of our keys have one CRC-32, which is all that Kong knows of a key. It takes the
// namespace off first, "sluice/", which makes no difference to that.
func TestPlacesNeverMeet(t *testing.T) {
	seen := make(map[uint32]bool, 1<<20)
	meet := func(key string) {
		sum := crc32.ChecksumIEEE([]byte(key[len("sluice/"):]))
		if len(key) != budget.PlaceLen || seen[sum] {
			t.Fatal(key)
		}
		seen[sum] = true
	}
	for i := range 1 << 14 {
		meet(budget.PageKey(budget.Digest{byte(i >> 8), byte(i)}))
	}
	for _, kind := range []byte("GxyzZ") {
		for n := range uint(1 << budget.PlaceBits) {
			meet(budget.Place(kind, n))
		}
	}
}

// What was not sealed under this very name is nobody's, cut, torn or changed.
func TestSeal(t *testing.T) {
	name := budget.Place('x', 7)
	value := []byte("what is kept")
	sealed := budget.Seal(name, value)
	kept, ok := budget.Unseal(name, sealed)
	require.True(t, ok)
	require.Equal(t, value, kept)
	_, ok = budget.Unseal(budget.Place('x', 8), sealed)
	require.False(t, ok)
	_, ok = budget.Unseal(name+"of another", sealed)
	require.False(t, ok)
	for i := range sealed {
		_, ok = budget.Unseal(name, sealed[:i])
		require.False(t, ok)
		bad := append([]byte(nil), sealed...)
		bad[i] ^= 0x10
		_, ok = budget.Unseal(name, bad)
		require.False(t, ok)
	}
	other := budget.Seal(name, []byte("something el"))
	for i := 1; i < len(other); i++ {
		_, ok = budget.Unseal(name, append(other[:i:i], sealed[i:]...))
		require.False(t, ok, "torn at %d", i)
	}
	empty, ok := budget.Unseal(name, budget.Seal(name, nil))
	require.True(t, ok)
	require.Empty(t, empty)
}
