package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// account is what one user of one team has spent.
type account struct {
	team, user        string
	requests, refused int
	cached            int
	input, output     int64
	dollars           float64
}

// bill adds up the decision records, and holds the sum against the providers' own
// bills and the gateway's metrics.
func (t *tour) bill(ctx context.Context) error {
	records, err := t.gateway.records(ctx, t.client.sent)
	if err != nil {
		return err
	}
	if len(records) != t.client.sent {
		return fmt.Errorf("%d decision records for %d requests", len(records), t.client.sent)
	}
	accounts := accountsOf(records)
	t.say("%d requests left %d decision records on Envoy's stdout. Added up:", t.client.sent, len(records))
	t.say("%-8s %-12s %9s %8s %7s %8s %8s %10s", "team", "user", "requests", "refused", "cached", "input", "output", "USD")
	var all account
	for _, a := range accounts {
		t.say("%-8s %-12s %9d %8d %7d %8s %8s %10.6f", a.team, a.user, a.requests, a.refused, a.cached, grouped(a.input), grouped(a.output), a.dollars)
		all.input += a.input
		all.output += a.output
		all.dollars += a.dollars
	}
	t.say("%-8s %-12s %9d %8s %7s %8s %8s %10.6f", "", "", len(records), "", "", grouped(all.input), grouped(all.output), all.dollars)
	if err := t.compare(ctx, all); err != nil {
		return err
	}
	if err := t.ledger(ctx, all); err != nil {
		return err
	}
	return t.metrics(ctx, all)
}

// accountsOf groups the records by team and user, a team with many users in one line.
func accountsOf(records []record) []account {
	users := map[string]map[string]bool{}
	for _, r := range records {
		team := r.Identity["team"]
		if users[team] == nil {
			users[team] = map[string]bool{}
		}
		users[team][r.Identity["user"]] = true
	}
	var accounts []account
	for _, r := range records {
		team, user := r.Identity["team"], r.Identity["user"]
		if n := len(users[team]); n > 8 {
			user = fmt.Sprintf("(%d users)", n)
		}
		at := slices.IndexFunc(accounts, func(a account) bool { return a.team == team && a.user == user })
		if at < 0 {
			at = len(accounts)
			accounts = append(accounts, account{team: team, user: user})
		}
		a := &accounts[at]
		a.requests++
		if r.End == "refused" {
			a.refused++
		}
		if strings.HasSuffix(r.Cache.Result, "hit") {
			a.cached++
		}
		a.input += r.Tokens.Input
		a.output += r.Tokens.Output
		a.dollars += r.dollars()
	}
	return accounts
}

// compare holds the sum against what the mock providers would bill.
func (t *tour) compare(ctx context.Context, all account) error {
	if len(t.gateway.mocks) != 2 {
		return nil
	}
	var input, output int64
	for _, server := range t.gateway.mocks {
		if err := server.Wait(ctx); err != nil {
			return err
		}
		for _, account := range server.Usage() {
			input += account.Input
			output += account.Output
		}
	}
	if input != all.input || output != all.output {
		return fmt.Errorf("the records have %d input and %d output tokens, and the providers bill %d and %d", all.input, all.output, input, output)
	}
	t.say("The providers' own bills: %s input and %s output tokens. The same.", grouped(input), grouped(output))
	return nil
}

// ledger holds the sum against the companion's ledger, which gets the records too.
func (t *tour) ledger(ctx context.Context, all account) error {
	ctx, cancel := context.WithTimeout(ctx, recordsWithin)
	defer cancel()
	for {
		u, err := t.gateway.companion.Usage(ctx, "group_by=team")
		if err != nil {
			return err
		}
		if u.Total.Requests < int64(t.client.sent) {
			if err := pause(ctx, 50*time.Millisecond); err != nil {
				return fmt.Errorf("the companion's ledger has %d requests of %d: %w", u.Total.Requests, t.client.sent, err)
			}
			continue
		}
		if u.Total.Tokens.Input != all.input || u.Total.Tokens.Output != all.output || u.Total.Requests != int64(t.client.sent) {
			return fmt.Errorf("the companion's ledger has %+v, the records %d input and %d output tokens", u.Total, all.input, all.output)
		}
		t.say("The companion's ledger has it by team, model, feature, hour …:")
		t.command(fmt.Sprintf("curl -s '%s/v1/usage?group_by=team'", t.gateway.companion.URL))
		for _, row := range u.Rows {
			t.quote(fmt.Sprintf("%-8s requests %d, tokens %d, USD %s, answered from the cache %d, saved USD %s",
				row.By["team"], row.Requests, row.Tokens.Input+row.Tokens.Output, row.CostUSD, row.Hits+row.SemanticHits, row.SavedUSD))
		}
		return nil
	}
}

// metrics shows some of the gateway's metrics, and holds their sum against the records'.
func (t *tour) metrics(ctx context.Context, all account) error {
	text, err := t.gateway.envoy.Prometheus(ctx)
	if err != nil {
		return err
	}
	t.command(fmt.Sprintf("curl -s http://%s/stats/prometheus | grep ^sluice_", t.gateway.envoy.Admin))
	sum := int64(0)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, value, _ := strings.Cut(line, "} ")
		if strings.HasPrefix(name, "sluice_tokens_total{") {
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return fmt.Errorf("a metric that is no number: %s", line)
			}
			sum += n
		}
		if strings.HasPrefix(name, "sluice_budget_denied_total") || strings.HasPrefix(name, "sluice_requests_total") || strings.HasPrefix(name, "sluice_tokens_total") && strings.Contains(name, `team="batch"`) {
			t.quote(line)
		}
	}
	if sum != all.input+all.output {
		return fmt.Errorf("the metric sluice_tokens_total adds up to %d, the records to %d", sum, all.input+all.output)
	}
	return nil
}
