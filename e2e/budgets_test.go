package e2e

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// budget finds a budget in a record.
func (r record) budget(t *testing.T, name string) budgetUsed {
	t.Helper()
	for _, b := range r.Budgets {
		if b.Name == name {
			return b
		}
	}
	require.Fail(t, "no such budget in the record", "%s: %+v", name, r.Budgets)
	return budgetUsed{}
}

const smallEmbedding = `{"model":"text-embedding-3-small","input":"a"}`

// TestSeveralBudgets uses up one of several budgets: it alone refuses, and a refusal
// takes nothing of the others.
func TestSeveralBudgets(t *testing.T) {
	eachGateway(t, several, func(t *testing.T, g *gateway) {
		key := "sk-" + newName(t)
		var last record
		for i := 1; i <= 20; i++ {
			a := g.send(t, request{path: "/v1/embeddings", key: key, body: smallEmbedding})
			require.Equal(t, 200, a.status, a.body)
			last = g.record(t, a.name)
			require.Len(t, last.Budgets, 4)
			require.Equal(t, strconv.Itoa(20-i), last.budget(t, "key-day").Remaining.String())
			// Shadow refuses nobody, and says whom it would have.
			require.Equal(t, i > 2, last.budget(t, "key-try").WouldRefuse, "request %d", i)
			require.True(t, last.budget(t, "key-try").Shadow)
		}
		before := time.Now().UTC()
		a := g.send(t, request{path: "/v1/embeddings", key: key, body: smallEmbedding})
		after := time.Now().UTC()
		require.Equal(t, 429, a.status, a.body)
		p := a.problem(t, openAI)
		require.Equal(t, "rate_limit_exceeded", p.Error.Type)
		require.Equal(t, "budget_exceeded", *p.Error.Code)
		require.Equal(t, `budget "key-day" of 20 requests a day: 0 requests left, and this request needs 1`, p.Error.Message)
		require.Empty(t, g.arrived(a.name), "a refused request at the provider")

		// The quota begins anew at midnight in its zone.
		wait, err := strconv.ParseInt(a.header.Get("retry-after"), 10, 64)
		require.NoError(t, err)
		midnight := time.Date(before.Year(), before.Month(), before.Day()+1, 0, 0, 0, 0, time.UTC)
		require.LessOrEqual(t, wait, int64(midnight.Sub(before)/time.Second)+1)
		require.GreaterOrEqual(t, wait, int64(midnight.Sub(after)/time.Second))
		require.Equal(t, "false", a.header.Get("x-should-retry"))

		refused := g.record(t, a.name)
		require.Equal(t, "refused", refused.End)
		require.Equal(t, "budget_exceeded", refused.Code)
		require.Empty(t, refused.Attempts)
		require.Equal(t, last.budget(t, "model-usd").Remaining, refused.budget(t, "model-usd").Remaining, "money of a refused request")

		// Another caller has budgets of its own.
		require.Equal(t, 200, g.send(t, request{path: "/v1/embeddings", body: smallEmbedding}).status)
	})
}

func TestMoney(t *testing.T) {
	eachGateway(t, several, func(t *testing.T, g *gateway) {
		key := "sk-" + newName(t)
		// USD 0.60 for a million tokens of output: three million are 1.80.
		a := g.send(t, request{path: openAI.path, key: key, body: openAI.body("Much.", false, `"max_tokens":3000000`)})
		require.Equal(t, 429, a.status)
		require.Contains(t, a.problem(t, openAI).Error.Message, `budget "model-usd" of USD 1.5 a month: USD 1.5 left`)
		require.Contains(t, a.body, "more than the whole budget")
		r := g.record(t, a.name)
		require.Equal(t, "20", r.budget(t, "key-day").Remaining.String(), "requests left after a refusal")

		a = g.send(t, request{path: openAI.path, key: key, body: openAI.body("Little.", false, `"max_tokens":1000`)})
		require.Equal(t, 200, a.status)
		r = g.record(t, a.name)
		require.Equal(t, a.header.Get("x-sluice-cost-usd"), r.CostUSD.String())
		require.Equal(t, r.CostUSD, r.budget(t, "model-usd").Settled)
		u := g.upstream(t, a.name).Bill
		cost, err := r.CostUSD.Float64()
		require.NoError(t, err)
		require.InDelta(t, float64(u.Input)*0.15e-6+float64(u.Output)*0.60e-6, cost, 1e-6, "rounded up to a millionth")

		a = g.send(t, request{path: openAI.path, body: `{"model":"nobody-knows-its-price","messages":[{"role":"user","content":"?"}]}`})
		require.Equal(t, 400, a.status)
		require.Equal(t, "price_unknown", *a.problem(t, openAI).Error.Code)
		require.Equal(t, "price_unknown", g.record(t, a.name).Failure)
	})
}

// TestBucket holds most of a bucket with an open stream, and asks for more than what is
// left: the answer says when that will be there.
func TestBucket(t *testing.T) {
	const perSecond = 1000 // 3,600,000 an hour
	eachGateway(t, several, func(t *testing.T, g *gateway) {
		key := "sk-" + newName(t)
		hold := newHold(t, g, openAI, key, `"max_tokens":2000000`, `{stall: {after_events: 3}}`)
		other := openAI
		other.model = "gpt-4.1-nano" // money is counted for each model
		a := g.send(t, request{path: other.path, key: key, body: other.body("More.", false, `"max_tokens":2400000`)})
		require.Equal(t, 429, a.status, a.body)
		message := a.problem(t, openAI).Error.Message
		require.Contains(t, message, `budget "key-bucket" of 3600000 tokens every 1h`)
		found := regexp.MustCompile(`: (\d+) tokens left, and this request needs up to (\d+) tokens`).FindStringSubmatch(message)
		require.Len(t, found, 3, message)
		left, err := strconv.Atoi(found[1])
		require.NoError(t, err)
		asked, err := strconv.Atoi(found[2])
		require.NoError(t, err)
		require.Equal(t, found[1], a.header.Get("x-ratelimit-remaining-tokens"))
		require.Equal(t, "3600000", a.header.Get("x-ratelimit-limit-tokens"))
		require.InDelta(t, 1_600_000, left, 100_000)
		wait, err := strconv.Atoi(a.header.Get("retry-after"))
		require.NoError(t, err)
		require.InDelta(t, float64(asked-left)/perSecond, wait, 1)

		// Nobody waits for the held one any more, and the policy charges what it held.
		r := hold.hangUp(t)
		require.Equal(t, "client_gone", r.End)
		require.Equal(t, "reserved", r.Tokens.Source)
		require.Equal(t, r.budget(t, "key-bucket").Reserved, r.budget(t, "key-bucket").Settled)
		require.EqualValues(t, 2_000_000, r.Tokens.Output)
	})
}

// TestNoKeyIsAKeyOfItsOwn holds that who sends no key shares a budget with nobody who
// sends one, be it empty.
func TestNoKeyIsAKeyOfItsOwn(t *testing.T) {
	eachGateway(t, several, func(t *testing.T, g *gateway) {
		left := func(header string) int {
			a := g.sendRaw(t, fmt.Sprintf("POST /v1/embeddings HTTP/1.1\r\nhost: gateway\r\nx-case: {name}\r\n%scontent-length: %d\r\n\r\n%s", header, len(smallEmbedding), smallEmbedding))
			require.Equal(t, 200, a.status, a.body)
			n, err := g.record(t, a.name).budget(t, "key-day").Remaining.Int64()
			require.NoError(t, err)
			return int(n)
		}
		require.Equal(t, 19, left(""))
		require.Equal(t, 18, left(""))
		require.Equal(t, 19, left("authorization: \r\n"))
		require.Equal(t, 19, left("authorization: none\r\n"))
		require.Equal(t, 19, left("authorization: absent\r\nx-api-key: \r\n"))
		require.Equal(t, 17, left(""))
	})
}

// caps are the caps in a request as the provider got it.
type caps struct {
	MaxTokens           *int64 `json:"max_tokens"`
	MaxCompletionTokens *int64 `json:"max_completion_tokens"`
}

func (g *gateway) caps(t *testing.T, name string) (c caps) {
	t.Helper()
	require.NoError(t, json.Unmarshal(g.upstream(t, name).Body, &c))
	return c
}

// spend uses up a key's budget but for about so many tokens.
func (g *gateway) spend(t *testing.T, d dialect, key string, leave int64) (left int64) {
	t.Helper()
	use := strconv.FormatInt(monthlyLimit-leave, 10)
	a := g.send(t, request{path: d.path, key: key, body: d.body("Much.", false, `"max_tokens":`+use),
		header: map[string]string{"x-mock-answer": `{tokens: ` + use + `}`}})
	require.Equal(t, 200, a.status, a.body)
	left = g.remaining(t, d, key)
	require.InDelta(t, leave, left, 50)
	return left
}

func TestClamp(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		t.Run("no cap", func(t *testing.T) {
			key := "sk-" + newName(t)
			a := g.send(t, request{path: openAI.path, key: key, body: openAI.body("No cap.", false, "")})
			require.Equal(t, 200, a.status)
			require.Equal(t, caps{}, g.caps(t, a.name), "a cap where the model's own is smaller than what is left")

			left := g.spend(t, openAI, "sk-"+a.name, 5000)
			for _, n := range []int64{1, 3} {
				a = g.send(t, request{path: openAI.path, key: "sk-" + a.name, body: openAI.body("No cap.", false, `"n":`+strconv.FormatInt(n, 10))})
				require.Equal(t, 200, a.status, a.body)
				put := g.caps(t, a.name)
				require.Nil(t, put.MaxTokens)
				require.NotNil(t, put.MaxCompletionTokens)
				bill := g.upstream(t, a.name).Bill
				require.Equal(t, (left-bill.Input)/n, *put.MaxCompletionTokens, "what was left for each of %d choices", n)
				left -= bill.Input + bill.Output
				a.name = a.key[len("sk-"):]
			}
		})
		t.Run("own caps", func(t *testing.T) {
			key := "sk-" + newName(t)
			for _, c := range []struct {
				more     string
				reserved int64 // of output
			}{
				{`"max_tokens":50`, 50},
				{`"max_completion_tokens":50`, 50},
				{`"max_tokens":1,"max_completion_tokens":10000`, 10_000},
				{`"max_tokens":10000,"max_completion_tokens":1`, 10_000},
				{`"max_tokens":100,"n":3`, 300},
			} {
				body := openAI.body("Own cap.", false, c.more)
				a := g.send(t, request{path: openAI.path, key: key, body: body})
				require.Equal(t, 200, a.status, a.body)
				up := g.upstream(t, a.name)
				require.Equal(t, body, string(up.Body), "a request that needs no change")
				require.Equal(t, strconv.FormatInt(up.Bill.Input+c.reserved, 10), g.record(t, a.name).Budgets[0].Reserved.String(), c.more)
			}
			for _, more := range []string{`"max_tokens":1,"max_completion_tokens":200000`, `"max_tokens":60000,"n":2`, `"max_tokens":200000`} {
				a := g.send(t, request{path: openAI.path, key: key, body: openAI.body("Own cap.", false, more)})
				require.Equal(t, 429, a.status, more)
				require.Empty(t, g.arrived(a.name))
			}
		})
		t.Run("a default", func(t *testing.T) {
			a := g.send(t, request{path: anthropic.path, body: `{"model":"keyed-claude","messages":[{"role":"user","content":"?"}]}`})
			require.Equal(t, 200, a.status, a.body)
			put := g.caps(t, a.name)
			require.EqualValues(t, 64, *put.MaxTokens, "default_max_tokens")
		})
	})
}
