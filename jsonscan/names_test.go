package jsonscan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// A name that is there twice is found however many there are and whichever it is: few are
// compared one by one, more are in a tree. Names of objects inside are others'.
func TestNamesTwice(t *testing.T) {
	nobody := jsonscan.HandlerFunc(func(*jsonscan.Event) error { return nil })
	for n := 1; n <= 24; n++ {
		var text strings.Builder
		var at []int
		text.WriteByte('{')
		for i := range n {
			if i > 0 {
				text.WriteByte(',')
			}
			at = append(at, text.Len())
			fmt.Fprintf(&text, `"%s%d":{"x0":1,"a0":2,"a1":{}}`, "ax"[i%2:i%2+1], i/2)
		}
		require.NoError(t, jsonscan.Scan([]byte(text.String()+"}"), nobody, jsonscan.Options{}))
		for i := range n {
			twice := fmt.Sprintf(`%s,"%s%d":0}`, text.String(), "ax"[i%2:i%2+1], i/2)
			var e *jsonscan.Error
			require.True(t, errors.As(jsonscan.Scan([]byte(twice), nobody, jsonscan.Options{}), &e), twice)
			require.Equal(t, int64(text.Len()+1), e.Offset)
			require.Contains(t, e.Problem, fmt.Sprintf("the same name as at byte %d of", at[i]))
		}
	}
}
