// Package docs holds the reference pages to the code that they describe.
package docs

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy/schema"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
)

// TestPolicyFields: the table of fields has every field of the schema with its default,
// in the schema's order, and no other.
func TestPolicyFields(t *testing.T) {
	type field struct{ path, value string }
	var want []field
	var walk func(prefix string, shape map[string]json.RawMessage)
	walk = func(prefix string, shape map[string]json.RawMessage) {
		for _, p := range members(t, shape["properties"]) {
			path := strings.TrimPrefix(prefix+"."+p.name, ".")
			property := object(t, p.value)
			var compact bytes.Buffer
			if property["default"] != nil {
				require.NoError(t, json.Compact(&compact, property["default"]))
			}
			value := strings.Trim(compact.String(), `"`)
			switch {
			case value != "":
				value = "`" + value + "`"
			case strings.Contains(string(shape["required"]), `"`+p.name+`"`):
				value = "required"
			}
			want = append(want, field{path, value})
			switch {
			case property["items"] != nil:
				walk(path+"[]", object(t, property["items"]))
			case property["properties"] != nil:
				walk(path, property)
			case property["additionalProperties"] != nil:
				walk(path+".*", object(t, property["additionalProperties"]))
			}
		}
	}
	walk("", object(t, schema.JSON()))
	require.Greater(t, len(want), 60)

	var got []field
	for _, row := range rows(t, section(t, read(t, "policy.md"), "Fields"), 4) {
		got = append(got, field{strings.Trim(row[0], "`"), row[2]})
	}
	require.Equal(t, want, got)
}

// TestPolicyBlocks: every policy on the pages is one that may run.
func TestPolicyBlocks(t *testing.T) {
	found := 0
	for _, page := range []string{"policy.md", "providers.md", "wire.md", "operations.md", "guards.md", "guards-meaning.md", "../README.md"} {
		for _, block := range blocks(read(t, page), "yaml") {
			if !strings.HasPrefix(block, "version: 1\n") {
				continue
			}
			found++
			p, err := source.Policy([]byte(block))
			require.NoError(t, err, "%s:\n%s", page, block)
			require.Empty(t, strict.Unsupported(p), "%s:\n%s", page, block)
		}
	}
	require.GreaterOrEqual(t, found, 20)
}

// TestPolicyMessages: what the page says that `sluice check` answers is what the tests
// of the messages say too.
func TestPolicyMessages(t *testing.T) {
	known := read(t, "../policy/strict/testdata/problems.txt")
	compared := 0
	for _, row := range rows(t, section(t, read(t, "policy.md"), "`sluice check`"), 2) {
		message, _, _ := strings.Cut(strings.TrimPrefix(row[1], "`"), "`")
		if !strings.Contains(message, ": ") || strings.HasPrefix(message, "line ") || strings.Contains(message, "unknown time zone") {
			continue // what needs the text's lines, or the database of zones, is not in that file
		}
		require.Contains(t, known, message)
		compared++
	}
	require.Greater(t, compared, 8)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

// section is the text under a heading, up to the next heading of the same level.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	_, after, ok := strings.Cut(page, "\n## "+heading+"\n")
	require.True(t, ok, "no section %q", heading)
	text, _, _ := strings.Cut(after, "\n## ")
	return text
}

var cell = regexp.MustCompile(` \| | \|$`)

// rows are the rows of a text's tables, all of so many columns, without their heads. A
// bar in a cell is written \|.
func rows(t *testing.T, text string, columns int) (found [][]string) {
	t.Helper()
	inTable := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "|---"):
			inTable = true
		case !strings.HasPrefix(line, "| "):
			inTable = false
		case inTable:
			line = strings.ReplaceAll(line, " | | ", " |  | ")
			cells := cell.Split(strings.TrimPrefix(line, "| "), -1)
			require.Len(t, cells, columns+1, "%s", line)
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			found = append(found, cells[:columns])
		}
	}
	return found
}

// blocks are the fenced blocks of a language.
func blocks(page, language string) (found []string) {
	for {
		_, after, ok := strings.Cut(page, "\n```"+language+"\n")
		if !ok {
			_, after, ok = strings.Cut(page, "\n   ```"+language+"\n") // in a list
		}
		if !ok {
			return found
		}
		block, rest, _ := strings.Cut(after, "```\n")
		lines := strings.Split(block, "\n")
		indent := len(lines[0]) - len(strings.TrimLeft(lines[0], " "))
		for i := range lines {
			lines[i] = lines[i][min(indent, len(lines[i])):]
		}
		found, page = append(found, strings.Join(lines, "\n")), rest
	}
}

type member struct {
	name  string
	value json.RawMessage
}

// members are the members of a JSON object in their order.
func members(t *testing.T, text json.RawMessage) (found []member) {
	t.Helper()
	if text == nil {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	_, err := decoder.Token()
	require.NoError(t, err)
	for decoder.More() {
		name, err := decoder.Token()
		require.NoError(t, err)
		var value json.RawMessage
		require.NoError(t, decoder.Decode(&value))
		found = append(found, member{name.(string), value})
	}
	return found
}

func object(t *testing.T, text json.RawMessage) (o map[string]json.RawMessage) {
	t.Helper()
	require.NoError(t, json.Unmarshal(text, &o))
	return o
}
