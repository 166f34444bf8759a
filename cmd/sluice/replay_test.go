package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReplay(t *testing.T) {
	const policy, records = "../../replay/testdata/tomorrow.yaml", "../../replay/testdata/records.jsonl"
	code, stdout, stderr := sluice("", "replay", "-c", policy, records)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "120 records, 2026-11-18T11:06:44Z to 2026-11-18T11:16:30Z\n")
	require.Contains(t, stderr, "warning: ", "what check says of the policy")

	// The same from standard input, with a bad line, and what a machine reads.
	text, err := os.ReadFile(records)
	require.NoError(t, err)
	bad := string(text) + "no JSON\n" + strings.Repeat("{}\n", 30)
	code, stdout, stderr = sluice(bad, "replay", "-c", policy, "--json", "--by", "user", "--top", "1", "-")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "stdin:121: no JSON at its byte 2\nstdin:122: neither a decision record")
	require.Contains(t, stderr, "… and 11 more bad lines\n")
	var report struct {
		Records int
		Bad     []any
		Now     struct {
			RefusedByBudget int     `json:"refused_by_budget"`
			Cost            float64 `json:"cost_usd"`
		}
		RefusedIDs []string `json:"refused_ids"`
		Callers    []any    `json:"refused_callers"`
		By         string
		ByPart     []struct{ Name string } `json:"by_part"`
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	require.Equal(t, 120, report.Records)
	require.Len(t, report.Bad, 31)
	require.Len(t, report.RefusedIDs, report.Now.RefusedByBudget)
	require.Len(t, report.Callers, 1)
	require.Positive(t, report.Now.Cost)
	require.Equal(t, "user", report.By)
	require.Greater(t, len(report.ByPart), 3)

	code, _, _ = sluice(bad, "replay", "-c", policy, "--ignore-bad", "-")
	require.Zero(t, code)

	// Nothing at all is replayed too.
	code, stdout, _ = sluice("", "replay", "-c", policy, "-")
	require.Zero(t, code)
	require.Contains(t, stdout, "0 records")

	code, _, stderr = sluice("", "replay", "-c", policy, "no/such/file.jsonl")
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "no/such/file.jsonl")
	code, stdout, _ = sluice("", "replay", "-c", write(t, "p.yaml", "version: 2\n"), records)
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "version: must be 1")
}
