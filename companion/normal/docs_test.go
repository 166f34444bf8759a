package normal

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDocs: the two tables of the page are those of the code, row by row.
func TestDocs(t *testing.T) {
	b, err := os.ReadFile("../../docs/cache-requests.md")
	require.NoError(t, err)
	page := string(b)
	table := func(head string) string {
		_, after, ok := strings.Cut(page, head+"\n")
		require.True(t, ok, "no table %q", head)
		_, after, _ = strings.Cut(after, "|\n") // the line under the head
		rows, _, _ := strings.Cut(after, "\n\n")
		return strings.TrimSpace(rows) + "\n"
	}
	var want strings.Builder
	for _, f := range fields {
		api := map[API]string{"": "both", Chat: "OpenAI", Messages: "Anthropic"}[f.api]
		want.WriteString("| `" + f.name + "` | " + api + " | " + string(f.treatment) + " | " + f.why + " |\n")
	}
	require.Equal(t, want.String(), table("| field | API | in the scope | why |"))
	want.Reset()
	for _, r := range reasons {
		want.WriteString("| `" + string(r.reason) + "` | " + r.of + " | " + r.why + " |\n")
	}
	require.Equal(t, want.String(), table("| reason | of | when |"))
}
