package tokenizer

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Two long pieces one after the other that begin alike, for any length that they share
// and any that follows: what is kept of the first leaves room for the second.
func TestPiecesThatBeginAlike(t *testing.T) {
	for _, e := range []*Encoding{O200kBase(), Cl100kBase()} {
		for _, shared := range []int{200, 256, 257, 600, 1023, 1024, 1025, 1279, 1280, 1281, 2500} {
			for _, more := range []int{0, 1, 255, 256, 1023, 1024, 1025, 1300, 4000} {
				begin := strings.Repeat("ab", shared/2+1)[:shared]
				first := begin + "x" + strings.Repeat("c", more/2)
				second := begin + "y" + strings.Repeat("de", more/2)
				want := e.CountString(first) + e.CountString(" "+second)
				require.Equal(t, want, e.CountString(first+" "+second), "%d and %d bytes", shared, more)
				require.Equal(t, len(e.Encode(nil, []byte(first+" "+second))), want)
			}
		}
	}
}
