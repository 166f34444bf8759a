package replay_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/replay"
)

var update = flag.Bool("update", false, "write testdata/records.jsonl and the report in docs/replay.md anew")

// The report in docs/replay.md is what the command there prints.
func TestExample(t *testing.T) {
	const file, page = "testdata/records.jsonl", "../docs/replay.md"
	if *update {
		shadow := "guards:\n  prompts: [{name: no-legal, deny_words: [legal advice], mode: shadow}]\n"
		plans := traffic(5, 120)
		for i, p := range plans {
			if i%17 == 3 {
				p.body = strings.Replace(p.body, `"content":"`, `"content":"legal advice, please `, 1)
			}
		}
		records := run(t, policyOf(t, base+budgets+shadow), plans)
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(records, "\n")+"\n"), 0o644))
	}
	p, err := source.Load("testdata/tomorrow.yaml")
	require.NoError(t, err)
	records, err := os.Open(file)
	require.NoError(t, err)
	defer records.Close()
	in := replay.Input{}
	require.NoError(t, in.Read("records.jsonl", records))
	report, err := replay.Run(p, &in, replay.Options{Top: 5})
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, report.WriteText(&out, "tomorrow.yaml"))
	require.Empty(t, in.Bad)

	doc, err := os.ReadFile(page)
	require.NoError(t, err)
	const fence = "<!-- replay/example_test.go -->\n```\n"
	from := bytes.Index(doc, []byte(fence))
	require.Positive(t, from)
	from += len(fence)
	end := from + bytes.Index(doc[from:], []byte("```\n"))
	if *update {
		doc = append(append(append([]byte(nil), doc[:from]...), out.Bytes()...), doc[end:]...)
		require.NoError(t, os.WriteFile(page, doc, 0o644))
		return
	}
	require.Equal(t, string(doc[from:end]), out.String())
}
