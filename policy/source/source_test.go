package source

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/internal/document"
)

func TestRead(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"order":            {"b: 1\na: 2\n", `{"b":1,"a":2}`},
		"flow":             {"{b: 1, a: [x, 'y', \"z\\n\"]}", `{"b":1,"a":["x","y","z\n"]}`},
		"json":             {"{\n\t\"b\": 1,\n\t\"a\": \"\\u0041\\/<\"\n}\n", `{"b":1,"a":"A/<"}`},
		"byte order mark":  {"\xef\xbb\xbfa: 1\n", `{"a":1}`},
		"document marks":   {"---\na: 1\n...\n", `{"a":1}`},
		"windows lines":    {"a: 1\r\nb:\r\n  - 2\r\n", `{"a":1,"b":[2]}`},
		"null":             {"a:\nb: ~\nc: null\n", `{"a":null,"b":null,"c":null}`},
		"booleans":         {"a: true\nb: False\nc: TRUE\n", `{"a":true,"b":false,"c":true}`},
		"not booleans":     {"a: NO\nb: yes\nc: on\nd: y\n", `{"a":"NO","b":"yes","c":"on","d":"y"}`},
		"keys are no bool": {"on: [timeout]\nno: 1\ny: 2\n", `{"on":["timeout"],"no":1,"y":2}`},
		"dates are text":   {"a: 2026-01-31\nb: 2026-01-31T10:00:00Z\n", `{"a":"2026-01-31","b":"2026-01-31T10:00:00Z"}`},
		"sexagesimal":      {"a: 1:30\n", `{"a":"1:30"}`},
		"version-like":     {"a: 1.2.3\nb: 4.1\n", `{"a":"1.2.3","b":4.1}`},
		"decimals":         {"a: 0.60\nb: -1\nc: 0\n", `{"a":0.60,"b":-1,"c":0}`},
		"quoted numbers":   {"a: '050'\nb: \"1e3\"\n", `{"a":"050","b":"1e3"}`},
		"alias":            {"a: &x {p: 1}\nb: *x\nc: [*x, *x]\n", `{"a":{"p":1},"b":{"p":1},"c":[{"p":1},{"p":1}]}`},
		"aliased key":      {"a: &x p\n*x : 1\n", `{"a":"p","p":1}`},
		"block text":       {"a: |\n  one\n  two\n", `{"a":"one\ntwo\n"}`},
		"quoted merge":     {"'<<': 1\n", `{"<<":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Read([]byte(row.text))
			require.NoError(t, err)
			require.Equal(t, row.want, string(got))
			again, err := Read(got)
			require.NoError(t, err)
			require.Equal(t, row.want, string(again), "canonical JSON is its own canonical form")
		})
	}
}

func TestReadProblems(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := byte('b'); c < 'z'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+",", 10) + "]\n"
	}
	for name, row := range map[string]struct{ text, want string }{
		"empty":             {"", "policy: the file is empty; a policy begins with version: 1"},
		"comments only":     {"# nothing\n", "policy: the file is empty; a policy begins with version: 1"},
		"too long":          {strings.Repeat("#", MaxBytes+1), "policy: longer than 1048576 bytes: this is no policy"},
		"not UTF-8":         {"a: 1\nb: \xff\n", "line 2: not UTF-8; save the file as UTF-8"},
		"duplicate":         {"x:\n  - a: 1\n    b: 2\n    a: 3\n", "x[0].a: duplicate key: lines 2 and 4; keep one"},
		"duplicate in json": {"{\n\t\"a\": {\n\t\t\"b\": 1,\n\t\t\"b\": 2}}", "a.b: duplicate key: lines 3 and 4; keep one"},
		"tab":               {"a:\n\tb: 1\n", "line 2: indented with a tab; YAML wants spaces"},
		"two documents":     {"a: 1\n---\nb: 2\n", "line 2: a second document begins; a policy is one document"},
		"merge":             {"a: &x {p: 1}\nb:\n  <<: *x\n  q: 2\n", `b["<<"]: merge keys are not supported; write the fields out, or use an alias for the whole value (line 3)`},
		"number as key":     {"a: {4: x}\n", "a.4: this key is read as a number, a boolean or null; put it in quotes (line 1)"},
		"boolean as key":    {"true: x\n", "true: this key is read as a number, a boolean or null; put it in quotes (line 1)"},
		"list as key":       {"a:\n  ? [x]\n  : 1\n", "a: a key here is a list or a mapping; keys are text (line 2)"},
		"tag":               {"a: !!str 5\n", "a: tags such as !!str are not supported; remove it (line 1)"},
		"own tag":           {"a: !secret x\n", "a: tags such as !secret are not supported; remove it (line 1)"},
		"unknown alias":     {"a: *x\n", "policy: not YAML: unknown anchor 'x' referenced"},
		"no end":            {"a: [1, 2\nb: 3\n", "line 1: not YAML: did not find expected ',' or ']'"},
		"json without end":  {"{\n  \"a\": 1,\n  \"b\" 2\n}", "line 3: neither JSON (expected ':') nor YAML"},
		"bomb":              {bomb, ": nested or aliased into more than 100000 values or 64 levels; does an anchor contain its own alias?"},
		"cycle":             {"a: &a\n  b: *a\n", "nested or aliased into more than 100000 values or 64 levels; does an anchor contain its own alias?"},
		"deep":              {strings.Repeat("[", 100) + strings.Repeat("]", 100), "nested or aliased into more than 100000 values or 64 levels; does an anchor contain its own alias?"},
		"underscores":       {"limit: 50_000\n", "limit: write the number 50_000 in plain decimal digits, such as 50000 or 0.15, or put it in quotes if it is meant as text (line 1)"},
		"octal":             {"limit: 0o17\n", "limit: write the number 0o17 in plain decimal digits, such as 50000 or 0.15, or put it in quotes if it is meant as text (line 1)"},
		"leading zero":      {"limit: 017\n", "limit: write the number 017 in plain decimal digits, such as 50000 or 0.15, or put it in quotes if it is meant as text (line 1)"},
		"hexadecimal":       {"limit: 0x1F\n", "limit: write the number 0x1F in plain decimal digits, such as 50000 or 0.15, or put it in quotes if it is meant as text (line 1)"},
		"exponent":          {"limit: 1e3\n", "limit: write the number 1e3 in plain decimal digits, such as 50000 or 0.15, or put it in quotes if it is meant as text (line 1)"},
		"infinity":          {"limit: .inf\n", "limit: write the number .inf in plain decimal digits, such as 50000 or 0.15, or put it in quotes if it is meant as text (line 1)"},
		"sign":              {"limit: +5\n", "limit: write the number +5 in plain decimal digits, such as 50000 or 0.15, or put it in quotes if it is meant as text (line 1)"},
		"several":           {"a: 1_0\nb: {c: 1, c: 0x2}\n", "a: write the number 1_0 in plain decimal digits, such as 50000 or 0.15, or put it in quotes if it is meant as text (line 1)\nb.c: duplicate key: lines 2 and 2; keep one\nb.c: write the number 0x2 in plain decimal digits, such as 50000 or 0.15, or put it in quotes if it is meant as text (line 2)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]byte(row.text))
			var problems *policy.Problems
			require.ErrorAs(t, err, &problems)
			require.ErrorContains(t, err, row.want)
		})
	}
}

// TestYAMLAndJSONAgree reads the documented policy from YAML and, indented with tabs,
// from JSON.
func TestYAMLAndJSONAgree(t *testing.T) {
	text, err := os.ReadFile("testdata/every-field.yaml")
	require.NoError(t, err)
	canonical, err := Read(text)
	require.NoError(t, err)
	fromYAML, err := Policy(text)
	require.NoError(t, err)
	var indented bytes.Buffer
	require.NoError(t, json.Indent(&indented, canonical, "", "\t"))
	file := filepath.Join(t.TempDir(), "policy.json")
	require.NoError(t, os.WriteFile(file, indented.Bytes(), 0o600))
	fromJSON, err := Load(file)
	require.NoError(t, err)
	require.Equal(t, fromYAML, fromJSON)
}

func TestLoadProblems(t *testing.T) {
	load := func(text string) error {
		file := filepath.Join(t.TempDir(), "policy.yaml")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := Load(file)
		return err
	}
	const start = "version: 1\nproviders: {a: {dialect: openai, endpoint: 'http://a'}}\n"
	require.NoError(t, load(start+"budgets: [{name: b, unit: tokens, limit: 1, calendar: day, zone: Asia/Kathmandu}]\n"))
	require.EqualError(t, load(start+"budgets: [{name: b, unit: tokens, limit: 1, calendar: day, zone: Mars/Base}]\n"),
		`budgets[0].zone: unknown time zone "Mars/Base"; write an IANA name such as UTC or Europe/Berlin`)
	require.EqualError(t, load(start+"budgets: [{name: b, unit: tokens, limit: 1, calendar: day, zone: NO}]\n"),
		`budgets[0].zone: unknown time zone "NO"; write an IANA name such as UTC or Europe/Berlin`)
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestZones: a policy has the clocks of the places that its budgets name, each once.
func TestZones(t *testing.T) {
	budget := func(name, zone string) string {
		return "  - {name: " + name + ", unit: tokens, limit: 1, calendar: day" + zone + "}\n"
	}
	p, err := Policy([]byte("version: 1\nproviders: {a: {dialect: openai, endpoint: 'http://a'}}\nbudgets:\n" +
		budget("a", ", zone: Europe/Berlin") + budget("b", "") + budget("c", ", zone: Asia/Kolkata") + budget("d", ", zone: Europe/Berlin") + budget("e", ", zone: UTC")))
	require.NoError(t, err)
	require.Len(t, p.Zones, 2)
	berlin := p.Zones[0]
	require.Equal(t, "Europe/Berlin", berlin.Name)
	require.Len(t, berlin.At, 1+2*40)
	back := time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC).Unix()
	at := slices.Index(berlin.At, back)
	require.Equal(t, []int64{7200, 3600}, berlin.Offset[at-1:at+1])
	require.Equal(t, time.Date(2059, 10, 26, 1, 0, 0, 0, time.UTC).Unix(), berlin.At[80], "the last Sunday of October")
	require.Equal(t, policy.Zone{Name: "Asia/Kolkata", At: []int64{firstYear.Unix()}, Offset: []int64{19800}}, p.Zones[1])
}

// FuzzRead: what is read is JSON without duplicate keys, and its own canonical form.
func FuzzRead(f *testing.F) {
	documented, err := os.ReadFile("testdata/every-field.yaml")
	require.NoError(f, err)
	f.Add(documented)
	f.Add([]byte("{\"a\": [1, {\"b\": \"\\ud800\"}]}"))
	f.Add([]byte("a: &x {p: 1}\nb: [*x, ? [y] : 2]\n<<: *x\n"))
	f.Add([]byte("\"\\xff\\u00e9\": \"\\U0001F600\\0\"\n--- !t\n%YAML 1.1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		canonical, err := Read(text)
		if err != nil {
			var problems *policy.Problems
			require.ErrorAs(t, err, &problems)
			require.NotEmpty(t, *problems)
			for _, problem := range *problems {
				require.NotContains(t, problem.String(), "\n")
			}
			return
		}
		require.True(t, json.Valid(canonical))
		_, err = document.Parse(string(canonical))
		require.NoError(t, err)
		again, err := Read(canonical)
		require.NoError(t, err)
		require.Equal(t, string(canonical), string(again))
	})
}
