package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect"
)

// TestErrorCodes: the table of errors has every code that the code has, and no other.
func TestErrorCodes(t *testing.T) {
	code := sources(t, "../gateway") + sources(t, "../filter/internal/abi") + sources(t, "../render")
	var want []string
	for _, m := range regexp.MustCompile(`(?:\bCode(?:, e\.Param =|:| =) |"code":|at\("code", )"([a-z_]+)"`).FindAllStringSubmatch(code, -1) {
		if m[1] != "upstream_" {
			want = append(want, m[1])
			continue
		}
		for _, reason := range toldReasons(t, code) {
			want = append(want, m[1]+reason)
		}
	}
	var got []string
	for _, row := range rows(t, between(t, read(t, "wire.md"), "| code | status |", "`internal_error` has"), 6) {
		for _, code := range strings.Split(row[0], ", ") { // with one row where all else is the same
			got = append(got, strings.Trim(code, "`"))
		}
	}
	require.Greater(t, len(got), 35)
	require.ElementsMatch(t, distinct(want), got)
}

// toldReasons are the reasons of failed attempts that a client may be told of: those of
// statuses, and those that there are words for.
func toldReasons(t *testing.T, code string) (reasons []string) {
	t.Helper()
	told := function(t, code, "statusClass") + function(t, code, "failureWords")
	for _, m := range regexp.MustCompile(`(?:return|\{)\s*("[a-z_]+"|policy\.[A-Z][A-Za-z]+), `).FindAllStringSubmatch(told, -1) {
		reasons = append(reasons, word(t, m[1]))
	}
	require.Greater(t, len(reasons), 10)
	return reasons
}

// word is the text of a constant: one that is written there, or one of the policy's.
func word(t *testing.T, expression string) string {
	t.Helper()
	name, ours := strings.CutPrefix(expression, "policy.")
	if !ours {
		return strings.Trim(expression, `"`)
	}
	m := regexp.MustCompile(`(?m)^\t` + name + ` += "([a-z_]+)"$`).FindStringSubmatch(sources(t, "../policy"))
	require.NotNil(t, m, expression)
	return m[1]
}

// TestAnswerHeaders: the table of headers has every header that an answer gets.
func TestAnswerHeaders(t *testing.T) {
	code := sources(t, "../gateway") + sources(t, "../dialect")
	for _, other := range []string{"send", "limited", "waitOf"} { // the host's, the providers'
		code = strings.Replace(code, function(t, code, other), "", 1)
	}
	table := between(t, read(t, "wire.md"), "| header | value | on |", "`x-ratelimit-*-tokens` replace")
	found := 0
	for _, m := range regexp.MustCompile(`\{"((?:x-|retry-)[a-z-]+)", `).FindAllStringSubmatch(code, -1) {
		require.Contains(t, table, "| `"+m[1]+"` |")
		found++
	}
	require.Greater(t, found, 8)
	for _, row := range rows(t, table, 3) {
		require.Contains(t, code, `"`+strings.Trim(row[0], "`")+`"`)
	}
}

// TestOperations: what the page says is a call, is one; what it says passes or is
// refused, does and is.
func TestOperations(t *testing.T) {
	text := section(t, read(t, "wire.md"), "Which requests are LLM calls")
	calls := rows(t, text, 3)
	require.Len(t, calls, 5)
	for _, row := range calls {
		method, path, _ := strings.Cut(strings.Trim(row[0], "`"), " ")
		op, reading := dialect.Classify(method, path)
		require.Equal(t, dialect.Call, reading, row[0])
		require.Equal(t, strings.Trim(row[2], "`"), op.String(), row[0])
		require.Equal(t, strings.ToLower(row[1]), string(op.Dialect()), row[0])
	}
	for _, path := range []string{"/v1/Chat/completions", "/v1/chat%2Fcompletions", "/v1/messages;x=1"} {
		require.Contains(t, text, "`"+path+"`")
		_, reading := dialect.Classify("POST", path)
		require.Equal(t, dialect.Disguised, reading, path)
	}
	for request, want := range map[string]dialect.Reading{
		"POST /v1/responses/compact":      dialect.Unbuilt,
		"POST /v1/responses/input_tokens": dialect.Other,
		"POST /v1/messages/batches":       dialect.Unbuilt,
		"GET /v1/models":                  dialect.Other,
		"POST /v1/messages/count_tokens":  dialect.Other,
	} {
		require.Contains(t, text, "`"+request+"`")
		method, path, _ := strings.Cut(request, " ")
		_, reading := dialect.Classify(method, path)
		require.Equal(t, want, reading, request)
	}
}

// TestPromptPaths: the page has the ends of paths that are refused where guards hold prompts.
func TestPromptPaths(t *testing.T) {
	ends := between(t, read(t, "wire.md"), "Such ends are ", ", as in Azure's")
	found := regexp.MustCompile("`([a-z_-]+)`").FindAllStringSubmatch(ends, -1)
	for _, m := range found {
		require.True(t, dialect.Prompts("/x/"+m[1]), m[1])
	}
	ours := regexp.MustCompile(`prompting = " ([a-z_ -]+) "`).FindStringSubmatch(sources(t, "../dialect"))
	require.Len(t, found, len(strings.Fields(ours[1])))
}

// sources is the text of a package without its tests.
func sources(t *testing.T, dir string) (text string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		text += string(b)
	}
	require.NotEmpty(t, text, dir)
	return text
}

// function is the text of the one function or method of a name.
func function(t *testing.T, code, name string) string {
	t.Helper()
	heads := regexp.MustCompile(`(?m)^func (?:\([a-z]+ \*?[A-Za-z]+\) )?`+name+`\(`).FindAllString(code, -1)
	require.Len(t, heads, 1, name)
	return between(t, code, heads[0], "\n}\n")
}

// between is the text from one mark, itself included, up to another.
func between(t *testing.T, text, from, to string) string {
	t.Helper()
	at := strings.Index(text, from)
	require.GreaterOrEqual(t, at, 0, "no %q", from)
	text, _, ok := strings.Cut(text[at:], to)
	require.True(t, ok, "no %q behind %q", to, from)
	return text
}

func distinct(list []string) []string {
	list = slices.Sorted(slices.Values(list))
	return slices.Compact(list)
}
