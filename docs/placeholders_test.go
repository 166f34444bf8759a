package docs

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/guard/placeholder"
)

// TestPlaceholders: what the page says that becomes of a placeholder that a model has
// written in its own way, does become of it.
func TestPlaceholders(t *testing.T) {
	compared := 0
	for _, row := range rows(t, section(t, read(t, "guards.md"), "Placeholders"), 2) {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[0], -1) {
			vault := new(placeholder.Vault)
			require.Equal(t, "[EMAIL_1]", string(vault.Placeholder(nil, "email", []byte("ann@example.org"))))
			want := strings.Trim(row[1], "`")
			if want == "the same, as written" {
				want = m[1]
			}
			r := vault.Restorer(placeholder.Text)
			require.Equal(t, want, string(r.End(r.Write(nil, []byte(m[1])))))
			compared++
		}
	}
	require.Greater(t, compared, 9)
}

// TestGuardKinds: the table of what guards count has every limit of a request, and the
// words for what has no name in the policy.
func TestGuardKinds(t *testing.T) {
	page := read(t, "operations.md")
	table := between(t, page, "| `kind` | is | counted once for each |", "`action` is what was done")
	code := sources(t, "../gateway")
	limits := regexp.MustCompile(`r\.(?:most|breach)\("([a-z_]+)"`).FindAllStringSubmatch(code, -1)
	require.Greater(t, len(limits), 4)
	for _, m := range limits {
		require.Contains(t, table, "`requests."+m[1]+"`")
	}
	guards := sources(t, "../guard")
	for _, name := range []string{"ErrorKind", "InjectionKind"} {
		m := regexp.MustCompile(`const ` + name + ` = "([a-z.]+)"`).FindStringSubmatch(guards)
		require.NotNil(t, m, name)
		require.Contains(t, table, "`"+m[1])
	}
}
