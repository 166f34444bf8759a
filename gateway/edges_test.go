package gateway_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/tokenizer"
)

// What an event costs does not depend on how many choices there are, and each is counted
// for itself.
func TestManyChoices(t *testing.T) {
	const choices = 128
	w := newWorld(t, strings.Replace(monthly, "limit: 100000", "limit: 100000000", 1))
	c := w.post(chat, `{"model":"gpt-4o","messages":[],"stream":true,"n":128,"max_tokens":1}`).respond("200", "text/event-stream")
	texts := make([]string, choices)
	var events strings.Builder
	for i := range 20 * choices {
		piece := "piece" + strconv.Itoa(i*i%97)
		texts[i%choices] += piece
		fmt.Fprintf(&events, "data: {\"choices\":[{\"index\":%d,\"delta\":{\"content\":%q},\"finish_reason\":null}]}\n\n", i%choices, piece)
	}
	c.stream(false, events.String())
	want := 0
	for _, text := range texts {
		want += tokenizer.O200kBase().CountString(text)
	}
	r := c.done()
	require.EqualValues(t, want, r.Tokens.Output)
}

func BenchmarkManyChoices(b *testing.B) {
	w := newWorld(b, strings.Replace(monthly, "limit: 100000", "limit: 900000000000", 1))
	for _, n := range []int{1, 128} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			c := w.post(chat, `{"model":"gpt-4o","messages":[],"stream":true,"n":`+strconv.Itoa(n)+`,"max_tokens":1}`).respond("200", "text/event-stream")
			for i := 0; b.Loop(); i++ {
				c.stream(false, fmt.Sprintf("data: {\"choices\":[{\"index\":%d,\"delta\":{\"content\":\"xqzjvk\"},\"finish_reason\":null}]}\n\n", i%n))
			}
			c.request.Done(w.now, false)
		})
	}
}

// A last event without its blank line: clients do not see it, and its usage counts.
func TestUsageWithoutBlankLine(t *testing.T) {
	w := newWorld(t, monthly)
	last := strings.TrimSuffix(usage1, "\n")
	c := w.post(chat, asksNot).respond("200", "text/event-stream").stream(true, chunk1+null, chunk3+null, last)
	require.NotContains(t, c.client.String(), "prompt_tokens")
	r := c.done()
	require.Equal(t, "complete", r.End)
	require.Equal(t, "provider", r.Tokens.Source)
	require.EqualValues(t, 18, r.Tokens.Input+r.Tokens.Output)
}

// A client that leaves between the finish and the usage has not waited for the end.
func TestLeavesBeforeTheUsage(t *testing.T) {
	w := newWorld(t, monthly+"budget: {settle_on_disconnect: reserved}\n")
	r := w.post(chat, asksNot).respond("200", "text/event-stream").stream(false, chunk1+null, chunk3+null).done()
	require.Equal(t, "client_gone", r.End)
	require.Equal(t, r.Budgets[0].Reserved, r.Budgets[0].Settled)
}

// One key is one identity, however its header is spelt.
func TestSpellingsOfAKey(t *testing.T) {
	w := newWorld(t, providers+"budgets: [{name: b, per: [key], unit: requests, limit: 1, calendar: month}]\n")
	ask := func(value string) *call {
		return w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":1}`, "authorization", value)
	}
	require.Nil(t, ask("Bearer sk-1").reply)
	for _, same := range []string{"bearer sk-1", "BEARER sk-1", "Bearer  sk-1", " Bearer sk-1 "} {
		require.NotNil(t, ask(same).reply, same)
	}
	require.Nil(t, ask("Bearer SK-1").reply, "the key itself has a case")
}

// A claim is found where Envoy's jwt_authn leaves it, by hand or by Istio, and each caller's
// is a budget of its own.
func TestClaims(t *testing.T) {
	w := newWorld(t, providers+"  tenant: {claim: team}\nbudgets: [{name: b, per: [tenant], unit: requests, limit: 1, calendar: month}]\n")
	const claims = "metadata filter_metadata envoy.filters.http.jwt_authn "
	ask := func(properties ...string) *call {
		w.properties = map[string]string{}
		for i := 0; i < len(properties); i += 2 {
			w.properties[claims+properties[i]] = properties[i+1]
		}
		return w.post(chat, `{"model":"gpt-4o","messages":[],"max_tokens":1}`)
	}
	require.Nil(t, ask("jwt team", "red").reply)
	require.NotNil(t, ask("jwt team", "red").reply)
	require.NotNil(t, ask("payload team", "red").reply, "the same caller")
	require.Nil(t, ask("payload team", "blue").reply)
	require.NotNil(t, ask("payload team", "blue").reply)
	require.NotNil(t, ask("jwt team", "red", "payload team", "green").reply, "where both are, jwt is meant")
	require.Nil(t, ask("jwt sub", "red", "payload team", "green").reply, "a claim that jwt lacks")
	require.Nil(t, ask().reply, "those without one have a budget in common")
	require.NotNil(t, ask("other team", "x").reply)
}

// With a base path, what passes is judged as the provider will see it.
func TestBasePath(t *testing.T) {
	based := strings.Replace(monthly, "default_provider: openai", "default_provider: plain", 1)
	w := newWorld(t, based)
	require.Equal(t, 404, w.begin("/..%2fbase/../v1/chat/completions").reply.Status)
	require.Nil(t, w.begin("/v1/files").reply)
	w = newWorld(t, strings.Replace(based, "/base", "/v1", 1))
	require.Equal(t, 404, w.begin("/chat/completions").reply.Status)
}

// Tools that are too long to be kept are counted as they are written, while they arrive.
func TestLongTools(t *testing.T) {
	w := newWorld(t, strings.Replace(monthly, "limit: 100000", "limit: 100000000", 1))
	for path, model := range map[string]string{chat: "gpt-4o", messages: "claude-haiku-4-5"} {
		body := `{"model":"` + model + `","max_tokens":0,"messages":[],"tools":[{"name":"a","description":"` + strings.Repeat("word ", 20000) + `"}]}`
		n := reservedFor(t, w, path, body)
		require.InDelta(t, 20000, n, 8500)
		for _, cut := range []int{100, 40000, len(body) - 5} {
			c := w.begin(path).write(body[:cut], body[cut:])
			require.Nil(t, c.reply)
			reserved, _ := c.done().Budgets[0].Reserved.Int64()
			require.Equal(t, n, reserved)
		}
	}
}

// What a file costs teaches nothing about words.
func TestFilesDoNotTeach(t *testing.T) {
	w := newWorld(t, strings.Replace(monthly, "limit: 100000", "limit: 100000000", 1))
	text := `{"model":"claude-haiku-4-5","max_tokens":1,"messages":[{"role":"user","content":"` + strings.Repeat("The quick brown fox. ", 500) + `"}]}`
	before := reservedFor(t, w, messages, text)
	file := `{"model":"claude-haiku-4-5","max_tokens":1,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"` + strings.Repeat("JVBE", 1<<18) + `"}}]}]}`
	c := w.post(messages, file).respond("200", "application/json").stream(true, `{"usage":{"input_tokens":1500,"output_tokens":1}}`)
	require.Equal(t, "complete", c.done().End)
	require.Equal(t, before, reservedFor(t, w, messages, text))
}

// The vendors bill the account that a request names: with a key of ours it is ours.
func TestAccountHeaders(t *testing.T) {
	c := newWorld(t, monthly).post(chat, asks, "openai-project", "theirs", "openai-organization", "theirs")
	require.NotContains(t, c.headers, "openai-project")
	require.NotContains(t, c.headers, "openai-organization")
	require.True(t, gjson.Valid(c.sent))
}
