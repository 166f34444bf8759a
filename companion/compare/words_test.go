package compare

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTablesAgree: no two words are both interchangeable and never the same. The table of
// the interchangeable ones would win without a word.
func TestTablesAgree(t *testing.T) {
	l := load()
	groups := 0
	entries(apartText, func(_, rest string) {
		groups++
		words := strings.Split(rest, ", ")
		for i, a := range words {
			for _, b := range words[i+1:] {
				x, y := l.addPhrase(a), l.addPhrase(b)
				require.False(t, x != y && share(l.classes[x], l.classes[y]), "%s / %s", a, b)
			}
		}
	})
	require.Greater(t, groups, 600)
}
