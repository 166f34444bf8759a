package module

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A profile has what was seen of a probed module, which is the same one but for what it tells.
func TestProfile(t *testing.T) {
	wasm, err := probed(branching())
	require.NoError(t, err)
	require.Equal(t, 4, strings.Count(string(wasm), string(calls(2, 1))), "each branch calls the probe")
	text, err := Profile(branching(), map[Branch]byte{{1, 0}: Always, {1, 1}: Either})
	require.NoError(t, err)
	require.Equal(t, "main.two 1-\n", text)
}
