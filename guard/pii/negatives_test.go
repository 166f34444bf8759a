package pii

import (
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
		for _, f := range all(line, Options{}) {
			t.Errorf("%s: %s %s %q %d", line, f.Kind, f.What, line[f.Start:f.End], f.Score)
		}
	}
	for _, f := range all(string(data), Options{}) {
		t.Errorf("in the whole: %s %s %q %d", f.Kind, f.What, data[f.Start:f.End], f.Score)
	}
}
