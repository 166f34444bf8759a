package strict_test

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/strict"
)

var update = flag.Bool("update", false, "write testdata/problems.txt anew")

// small is a good policy without its last brace; withFields adds fields to it.
const small = `{"version":1,"providers":{"openai":{"dialect":"openai","endpoint":"https://api.openai.com"}},` +
	`"identity":{"team":{"claim":"team"}}`

// withFields replaces the fields of small that the given ones name and adds the others.
// What begins as a document is one.
func withFields(fields string) string {
	switch {
	case strings.HasPrefix(fields, `{`), strings.HasPrefix(fields, `[`), fields == "null":
		return fields
	case strings.HasPrefix(fields, `"version"`):
		return strings.Replace(small, `"version":1`, fields, 1) + "}"
	case strings.HasPrefix(fields, `"providers"`):
		return `{"version":1,` + fields + `}`
	case strings.HasPrefix(fields, `"identity"`):
		return strings.Replace(small, `"identity":{"team":{"claim":"team"}}`, fields, 1) + "}"
	}
	return small + "," + fields + "}"
}

// TestProblems holds every message against testdata/problems.txt.
func TestProblems(t *testing.T) {
	const file = "testdata/problems.txt"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var got strings.Builder
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "    ") {
			continue
		}
		got.WriteString(line + "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		p, err := strict.Decode([]byte(withFields(line)))
		require.Error(t, err, line)
		require.Nil(t, p)
		var problems *policy.Problems
		require.True(t, errors.As(err, &problems), line)
		require.NotContains(t, err.Error(), "hush", "a message repeats what may be a key")
		for problem := range strings.SplitSeq(err.Error(), "\n") {
			got.WriteString("    " + problem + "\n")
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got.String()), 0o644))
	}
	require.Equal(t, string(text), got.String())
}
