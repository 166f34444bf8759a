package jsonscan

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// The figures of the package documentation.
func TestMemory(t *testing.T) {
	h := HandlerFunc(func(*Event) error { return nil })
	for _, n := range []int{600, 5_000, 100_000} {
		s := New(h, Options{})
		text := 0
		for i := range n {
			name := fmt.Sprintf("name of some length %d", i)
			text += len(name)
			require.NoError(t, s.Write([]byte(`{,`[min(i, 1):min(i, 1)+1]+`"`+name+`":0`)))
		}
		kept := cap(s.keys.text) + cap(s.keys.keys)*int(unsafe.Sizeof(key{})) + cap(s.keys.forks)*int(unsafe.Sizeof(fork{}))
		require.LessOrEqual(t, kept, 2*(text+36*n), "%d names", n)
		require.NoError(t, s.Write([]byte("}")))
		require.Empty(t, s.keys.text)
		require.Empty(t, s.keys.keys)
		require.Empty(t, s.keys.forks)
		s.Reset(h)
		require.LessOrEqual(t, cap(s.keys.text), 16<<10)
	}

	s := New(h, Options{})
	for range DefaultMaxDepth {
		require.NoError(t, s.Write([]byte("[")))
	}
	require.LessOrEqual(t, cap(s.frames)*int(unsafe.Sizeof(frame{})), 80*DefaultMaxDepth)
	for range MaxNumber {
		require.NoError(t, s.Write([]byte("1")))
	}
	require.LessOrEqual(t, cap(s.scratch)+int(unsafe.Sizeof(*s)), 9<<10)
}
