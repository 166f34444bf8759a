package pii

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Lines of which nothing is personal and nothing is a secret. Each is looked at alone, and
// all of them as one text.
func TestNegatives(t *testing.T) {
	data, err := os.ReadFile("testdata/negatives.txt")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	require.Greater(t, len(lines), 300)
	for _, line := range lines {
		line = unseen.Replace(line)
		for _, f := range all(line, Options{}) {
			t.Errorf("%s: %s %s %q %d", line, f.Kind, f.What, line[f.Start:f.End], f.Score)
		}
	}
	data = []byte(unseen.Replace(string(data)))
	for _, f := range all(string(data), Options{}) {
		t.Errorf("in the whole: %s %s %q %d", f.Kind, f.What, data[f.Start:f.End], f.Score)
	}
}

// Probabilities, embeddings and coordinates are no phones and no cards, however many of them there are.
func TestDecimals(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 400 {
		var text strings.Builder
		separator := []string{", ", ",", " ", "\n", ";", "\t", " | "}[r.IntN(7)]
		for range 100 {
			v := r.NormFloat64()
			if r.IntN(4) == 0 {
				v /= 200
			}
			if r.IntN(8) == 0 {
				v *= 90
			}
			verb := []string{"%.9f", "%.10f", "%.12f", "%.16f", "%v", "%+.10f", "%.10e", "%+.16f", "%.7g"}[r.IntN(9)]
			fmt.Fprintf(&text, verb+"%s", v, separator)
		}
		for _, f := range all(text.String(), Options{}) {
			t.Errorf("%s %s %q %d in %q", f.Kind, f.What, text.String()[f.Start:f.End], f.Score, text.String()[max(0, f.Start-30):f.End])
		}
	}
}
