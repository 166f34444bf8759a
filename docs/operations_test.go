package docs

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/render"
)

// TestMetrics: the table of metrics has every metric that the code has, and its labels.
func TestMetrics(t *testing.T) {
	code := sources(t, "../gateway") + read(t, "../filter/metrics.go")
	want := map[string][]string{}
	for _, m := range regexp.MustCompile(`"(sluice_[a-z_]+)"((?:, "[a-z]+", [^,)]+)*)`).FindAllStringSubmatch(code, -1) {
		if len(want[m[1]]) == 0 && !strings.HasSuffix(m[1], "_") { // the prefix of response code details
			want[m[1]] = []string{}
			for _, label := range regexp.MustCompile(`, "([a-z]+)", `).FindAllStringSubmatch(m[2]+", ", -1) {
				want[m[1]] = append(want[m[1]], label[1])
			}
		}
	}
	delete(want, gateway.CompanionCluster) // a cluster's name
	got := map[string][]string{}
	for _, row := range rows(t, between(t, read(t, "operations.md"), "| metric | labels | counts |", "Labels are bounded"), 3) {
		labels := regexp.MustCompile("[a-z]+").FindAllString(row[1], -1)
		for _, label := range labels {
			require.Contains(t, render.Labels, label, "the rendered configuration takes it out of the name")
		}
		got[strings.Trim(row[0], "`")] = append([]string{}, labels...)
	}
	require.Greater(t, len(got), 8)
	require.Equal(t, want, got)
}

// TestRecordFields: the table of the record has every field that the code writes, and
// the examples have no other.
func TestRecordFields(t *testing.T) {
	report := sources(t, "../gateway")
	var want []string
	for _, m := range regexp.MustCompile(`\b(?:j\.(?:text|raw|number|boolean|key|dollars)|amount)\("([a-z_]+)"`).FindAllStringSubmatch(report, -1) {
		want = append(want, m[1])
	}
	for _, raw := range regexp.MustCompile("j\\.raw\\(\"[a-z]+\", `(\\{.*\\})`\\)").FindAllStringSubmatch(report, -1) {
		for name := range object(t, json.RawMessage(raw[1])) {
			want = append(want, name)
		}
	}
	text := section(t, read(t, "operations.md"), "The decision record")
	var got []string
	paths := map[string]bool{}
	for _, row := range rows(t, between(t, text, "| field | is |", "`code` and `failure`"), 2) {
		path := strings.Trim(row[0], "`")
		paths[path] = true
		got = append(got, path[strings.LastIndexByte(path, '.')+1:])
	}
	require.Greater(t, len(paths), 30)
	require.Equal(t, distinct(want), distinct(got))

	examples := blocks(text, "json")
	require.Len(t, examples, 2)
	for _, example := range examples {
		record := object(t, json.RawMessage(example))
		for path := range paths {
			name, _, _ := strings.Cut(path, ".")
			if name = strings.TrimSuffix(name, "[]"); !slices.Contains([]string{"code", "failure", "rule", "dropped"}, name) {
				require.Contains(t, record, name)
			}
		}
		requireNoOther(t, paths, "", json.RawMessage(example))
	}
}

// requireNoOther walks a record's fields.
func requireNoOther(t *testing.T, known map[string]bool, prefix string, value json.RawMessage) {
	t.Helper()
	switch value[0] {
	case '{':
		for name, value := range object(t, value) {
			require.True(t, known[prefix+name], prefix+name)
			if name != "identity" { // its fields are the policy's
				requireNoOther(t, known, prefix+name+".", value)
			}
		}
	case '[':
		var list []json.RawMessage
		require.NoError(t, json.Unmarshal(value, &list))
		for _, element := range list {
			requireNoOther(t, known, strings.TrimSuffix(prefix, ".")+"[].", element)
		}
	}
}

// TestWordsOfRecords: the tables of ends, reasons and failure modes have every one.
func TestWordsOfRecords(t *testing.T) {
	code := sources(t, "../gateway")
	page := read(t, "operations.md")
	column := func(head, to string) (words []string) {
		text := between(t, page, head, to)
		for _, row := range rows(t, text, strings.Count(head, "|")-1) {
			words = append(words, strings.Trim(row[0], "`"))
		}
		return words
	}

	var ends []string
	for _, m := range regexp.MustCompile(`\bEnd[A-Za-z]+ +End = "([a-z_]+)"`).FindAllStringSubmatch(code, -1) {
		ends = append(ends, m[1])
	}
	require.ElementsMatch(t, ends, column("| `end` | means |", "### Reasons"))

	reasons := toldReasons(t, code)
	for _, m := range regexp.MustCompile(`\b(?:a|r\.attempt)\.reason(?:, a\.[a-z]+)* = ("[a-z_]+"|policy\.[A-Z][A-Za-z]+)`).FindAllStringSubmatch(code, -1) {
		reasons = append(reasons, word(t, m[1]))
	}
	for _, m := range regexp.MustCompile(`\b(?:r\.broken|a\.fail)\(now, "([a-z_]+)"`).FindAllStringSubmatch(code, -1) {
		reasons = append(reasons, m[1])
	}
	require.ElementsMatch(t, distinct(reasons), column("| `reason` | the attempt | class |", "The class is"))

	var kinds []string
	for _, m := range regexp.MustCompile(`"([a-z_]+)"`).FindAllStringSubmatch(between(t, code, "var failureNames = ", "\n"), -1) {
		kinds = append(kinds, m[1])
	}
	require.ElementsMatch(t, kinds, column("| `kind` | what | then | setting |", "Budgets fail closed"))
}
