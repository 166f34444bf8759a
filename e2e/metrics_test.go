package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/envoy"
)

// metered is a policy of a gateway that no other test uses, so that all of its metrics
// are known.
const metered = monthly + "  - {name: team-try, per: [team], unit: tokens, limit: 50, calendar: month, mode: shadow}\n"

// TestMetrics holds that the metrics are the sums of the records, and the records the
// provider's bill.
func TestMetrics(t *testing.T) {
	eachGateway(t, metered, func(t *testing.T, g *gateway) {
		var sent []answer
		streamsWithText := 0
		for i := range 60 {
			d := []dialect{openAI, anthropic}[i%2]
			stream := i/2%2 == 0
			header := map[string]string{"x-team": []string{"red", "blue", "", "green;a=b"}[i/4%4], "x-mock-answer": "{cached: 4, reasoning: 3, tokens: 20}"}
			more := `"max_tokens":100`
			switch {
			case i%15 == 7:
				header["x-mock-fault"] = "{status: 500}"
			case i%15 == 11:
				more = fmt.Sprintf(`"max_tokens":%d`, tooMuch)
			case stream:
				streamsWithText++
			}
			sent = append(sent, g.send(t, request{path: d.path, body: d.body("Count me.", stream, more), header: header}))
		}
		sent = append(sent, g.send(t, request{path: "/v1/embeddings", body: smallEmbedding}))

		want := map[string]int64{}
		var fromRecords [2]int64
		for _, a := range sent {
			r := g.record(t, a.name)
			team := r.Identity["team"]
			if team == "" {
				team = "none"
			}
			labels := fmt.Sprintf(`model="%s",provider="%s",team="%s"`, r.Model, r.Provider, strings.NewReplacer(";", "_", "=", "_").Replace(team))
			want[`sluice_tokens_total{direction="input",`+labels+`}`] += r.Tokens.Input
			want[`sluice_tokens_total{direction="output",`+labels+`}`] += r.Tokens.Output
			want[`sluice_requests_total{outcome="`+r.End+`"}`]++
			want[`sluice_cost_microusd_total{`+labels+`}`] += micros(t, r.CostUSD.String())
			fromRecords[0] += r.Tokens.Input
			fromRecords[1] += r.Tokens.Output
			for _, attempt := range r.Attempts {
				reason := attempt.Reason
				if reason == "" {
					reason = "ok"
				}
				want[`sluice_attempts_total{provider="`+attempt.Provider+`",reason="`+reason+`"}`]++
				want[`sluice_cache_total{result="bypass"}`]++
			}
			if r.End == "refused" {
				want[`sluice_budget_denied_total{budget="key-month"}`]++
			}
			for _, b := range r.Budgets {
				if b.WouldRefuse && r.End != "refused" {
					want[`sluice_budget_shadow_denied_total{budget="`+b.Name+`"}`]++
				}
			}
			if r.End == "complete" && r.Operation == "chat" {
				require.EqualValues(t, 4, r.Tokens.Cached)
				if r.Dialect == "openai" { // Anthropic does not say
					require.EqualValues(t, 3, r.Tokens.Reasoning)
				}
			}
			require.Equal(t, r.FirstTokenMS != nil, r.Stream && r.End == "complete")
		}
		want["sluice_first_token_ms_count{}"] = int64(streamsWithText)

		var bill [2]int64
		for _, account := range g.mock.Usage() {
			bill[0] += account.Input
			bill[1] += account.Output
		}
		require.Equal(t, bill, fromRecords, "the provider's bill and the records: input, output")

		var lines []string
		for name, n := range want {
			if n > 0 { // a counter that has never counted is not there
				lines = append(lines, fmt.Sprintf("%s %d", name, n))
			}
		}
		sort.Strings(lines)
		var got []string
		read := func() bool {
			text, err := g.envoy.Prometheus(t.Context())
			require.NoError(t, err)
			got = got[:0]
			for line := range strings.Lines(envoy.WithoutPlace(text)) {
				if line = strings.TrimSpace(line); strings.HasPrefix(line, "sluice_") && !unpredictable.MatchString(line) {
					got = append(got, line)
				}
			}
			sort.Strings(got)
			return slices.Equal(lines, got)
		}
		// A histogram is up to date after Envoy's next flush.
		for deadline := time.Now().Add(30 * time.Second); !read() && time.Now().Before(deadline); {
			time.Sleep(100 * time.Millisecond)
		}
		require.Equal(t, lines, got)
	})
}

// unpredictable are the figures that depend on the time, and on what a worker has counted
// before.
var unpredictable = regexp.MustCompile(`^sluice_first_token_ms_(bucket|sum)|^sluice_counted_bytes_total\{result="(hit|miss)"\}|^sluice_estimate_permille\{model="[^"]+"\}`)

// micros are the micro-dollars of a decimal number of dollars.
func micros(t *testing.T, dollars string) int64 {
	t.Helper()
	if dollars == "" {
		return 0
	}
	whole, part, _ := strings.Cut(dollars, ".")
	n, err := strconv.ParseInt(whole+(part + "000000")[:6], 10, 64)
	require.NoError(t, err)
	return n
}
