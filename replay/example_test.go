package replay_test

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/replay"
)

var update = flag.Bool("update", false, "write testdata/records.jsonl and the report in docs/replay.md anew")

// The reports in docs/replay.md are what the commands there print.
func TestExample(t *testing.T) {
	if *update {
		shadow := "guards:\n  prompts: [{name: no-legal, deny_words: [legal advice], mode: shadow}]\n"
		plans := traffic(5, 120)
		for i, p := range plans {
			if i%17 == 3 {
				p.body = strings.Replace(p.body, `"content":"`, `"content":"legal advice, please `, 1)
			}
		}
		records := run(t, policyOf(t, base+budgets+shadow), plans)
		require.NoError(t, os.WriteFile("testdata/records.jsonl", []byte(strings.Join(records, "\n")+"\n"), 0o644))
	}
	holds(t, "<!-- replay/example_test.go -->\n```\n", reportOf(t, "records.jsonl"))
	holds(t, "<!-- replay/example_test.go captured -->\n```\n", reportOf(t, "captured.jsonl"))
}

// reportOf is what the command prints of a file in testdata.
func reportOf(t *testing.T, name string) []byte {
	p, err := source.Load("testdata/tomorrow.yaml")
	require.NoError(t, err)
	lines, err := os.Open("testdata/" + name)
	require.NoError(t, err)
	defer lines.Close()
	in := replay.Input{}
	require.NoError(t, in.Read(name, lines))
	require.Empty(t, in.Bad)
	report, err := replay.Run(p, &in, replay.Options{Top: 5})
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, report.WriteText(&out, "tomorrow.yaml"))
	return out.Bytes()
}

// holds holds a block of the page to a report.
func holds(t *testing.T, fence string, report []byte) {
	const page = "../docs/replay.md"
	doc, err := os.ReadFile(page)
	require.NoError(t, err)
	from := bytes.Index(doc, []byte(fence))
	require.Positive(t, from)
	from += len(fence)
	end := from + bytes.Index(doc[from:], []byte("```\n"))
	if *update {
		doc = slices.Concat(doc[:from], report, doc[end:])
		require.NoError(t, os.WriteFile(page, doc, 0o644))
		return
	}
	require.Equal(t, string(doc[from:end]), string(report))
}
