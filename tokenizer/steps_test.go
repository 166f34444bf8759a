//go:build steps

package tokenizer

import (
	"strings"
	"testing"

	"github.com/sluice-gateway/sluice/internal/benchtokenizer/texts"
	"github.com/stretchr/testify/require"
)

// Ten times the text is ten times the steps, and a byte has a bounded number of them, for every adversary, whole and in parts.
func TestSteps(t *testing.T) {
	forEach(t, func(t *testing.T, e *Encoding) {
		for _, a := range texts.Adversaries() {
			for way, count := range map[string]func(string){
				"whole":  func(text string) { e.CountString(text) },
				"slices": func(text string) { inSlices(e, text, 1000) },
				"encode": func(text string) { e.Encode(nil, []byte(text)) },
			} {
				measure := func(text string) float64 {
					steps = 0
					count(text)
					return float64(steps)
				}
				small, large := a.Make(20_000), a.Make(200_000)
				once, ten := measure(small), measure(large)
				bytes := float64(len(large)) / float64(len(small))
				require.Less(t, ten/once, bytes*1.2, "%s, %s: %.0f steps for %d bytes, %.0f for %d", a.Name, way, once, len(small), ten, len(large))
				require.Less(t, ten/float64(len(large)), 30.0, "%s, %s: steps for a byte; the most is 21, in bytes that are not UTF-8", a.Name, way)
			}
		}
	})
}

// Deltas of five bytes with a count after each, as a streamed answer has them.
func TestStepsOfDeltas(t *testing.T) {
	forEach(t, func(t *testing.T, e *Encoding) {
		for _, a := range texts.Adversaries() {
			measure := func(text string) float64 {
				steps = 0
				inSlices(e, text, 5)
				return float64(steps)
			}
			small, large := a.Make(4000), a.Make(40_000)
			bytes := float64(len(large)) / float64(len(small))
			require.Less(t, measure(large)/measure(small), bytes*1.3, a.Name)
		}
	})
}

func TestOneByte64MB(t *testing.T) {
	text := strings.Repeat("a", 64<<20)
	forEach(t, func(t *testing.T, e *Encoding) {
		steps = 0
		n := e.CountString(text)
		require.Equal(t, n, inSlices(e, text, 1<<16))
		require.Less(t, steps, 12*len(text))
	})
}

func inSlices(e *Encoding, text string, size int) int {
	c := e.NewCounter()
	for at := 0; at < len(text); at += size {
		c.WriteString(text[at:min(at+size, len(text))])
		c.Count()
	}
	return c.Count()
}
