package gateway_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/gateway"
)

// told says what the values are, and repeated has them without a word that would tell.
const (
	told     = "My password is Tr0ub4dor&3, phone number 5551234567"
	repeated = "Done: Tr0ub4dor&3 5551234567"
)

const withSecrets = providers + "guards:\n  pii: {kinds: [secret, phone]}\n"

// What was redacted in one turn is in clear in no later one, and comes back to the client.
func TestTwoTurns(t *testing.T) {
	w := newWorld(t, withSecrets)
	for _, turn := range []string{"", "," + says("assistant", repeated) + "," + says("user", "thanks")} {
		c := w.post("/v1/chat/completions", chatOf(says("user", told)+turn))
		require.Equal(t, "My password is [SECRET_1], phone number [PHONE_1]", gjson.Get(c.sent, "messages.0.content").Str)
		if turn != "" {
			require.Equal(t, "Done: [SECRET_1] [PHONE_1]", gjson.Get(c.sent, "messages.1.content").Str)
		}
		require.NotContains(t, c.sent, "Tr0ub")
		c.respond("200", "application/json").stream(true, `{"choices":[{"index":0,"message":{"role":"assistant","content":"Done: [SECRET_1] [PHONE_1]"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`)
		require.Equal(t, repeated, gjson.Get(c.client.String(), "choices.0.message.content").Str)
		r := c.done()
		require.Equal(t, int64(1), r.samples["sluice_guard_total;kind=secret;action=redact;"], "what is replaced since it is known is no find")
		require.Equal(t, int64(1), r.samples["sluice_guard_total;kind=phone;action=redact;"])
	}
}

// What is counted is what leaves.
func TestTwoTurnsAreCounted(t *testing.T) {
	const secrets = "\nguards:\n  pii: {kinds: [secret, phone]}\n"
	arguments := `{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"password\":\"Tr0ub4dor&3\",\"n\":5551234567}"}}]}`
	for name, body := range map[string]string{
		"found once":                      chatOf(says("user", told)),
		"found again":                     chatOf(says("user", told) + "," + says("assistant", strings.Repeat(repeated+", ", 50))),
		"in arguments":                    chatOf(says("user", told) + "," + arguments),
		"in arguments alone":              chatOf(arguments),
		"a placeholder of the user's own": chatOf(says("user", "Who is [SECRET_1]? [phone 2]")),
	} {
		for _, counting := range []string{"", "\ncounting: lazy\n"} {
			c := newWorld(t, monthly+counting+secrets).post(chat, body)
			require.Contains(t, c.sent, "_1]", name)
			require.Equal(t, reservedFor(t, newWorld(t, monthly+counting), chat, c.sent), reservedFor(t, newWorld(t, monthly+counting+secrets), chat, body), name)
			if name == "found again" {
				require.Equal(t, 51, strings.Count(c.sent, "[SECRET_1]"))
			}
		}
	}
}

// The cache and the services see no value either, and what services find is replaced everywhere.
func TestTwoTurnsWithTheCompanion(t *testing.T) {
	w := newWorld(t, strings.Replace(strings.ReplaceAll(consulting, "ON", "deny"), "[email]", "[secret, phone]", 1))
	body := chatOf(says("user", told+". I am Zed") + "," + says("assistant", "Hello Zed! "+repeated) + "," + says("user", "thanks, says Zed to Zedd"))
	c := w.post("/v1/chat/completions", body)
	text := gjson.GetBytes(c.asks.Body, "texts.0.text").Str
	require.Equal(t, "My password is [SECRET_1], phone number [PHONE_1]. I am Zed", text)
	require.NotContains(t, string(c.asks.Body), "Tr0ub")
	span, err := json.Marshal(map[string]any{"text": 0, "start": strings.Index(text, "Zed"), "end": len(text), "kind": "PERSON", "score": 1})
	require.NoError(t, err)
	c.answers("200", `{"verdicts":[{"name":"names","result":"found","kinds":["PERSON"],"spans":[`+string(span)+`],"reason":"","ms":2},{"name":"harm","result":"clean","spans":[],"kinds":[],"reason":"","ms":1}]}`)
	require.Equal(t, []string{"My password is [SECRET_1], phone number [PHONE_1]. I am [PERSON_1]", "Hello [PERSON_1]! Done: [SECRET_1] [PHONE_1]", "thanks, says [PERSON_1] to Zedd"}, contents(c.sent))
	r := c.done()
	require.Equal(t, int64(1), r.samples["sluice_guard_total;kind=names;action=redact;"])

	w = newWorld(t, cached+"guards:\n  pii: {kinds: [secret, phone]}\n")
	c = w.post(chat, body, "x-team", "red")
	require.NotContains(t, string(c.asks.Body), "Tr0ub")
	require.Contains(t, string(c.asks.Body), "Done: [SECRET_1] [PHONE_1]")
}

func contents(body string) (texts []string) {
	for _, m := range gjson.Get(body, "messages.#.content").Array() {
		texts = append(texts, m.Str)
	}
	return texts
}

// Where the host can be left in between, no step reads more than a slice, neither of the body
// as it came nor of what has become of it, and services' finds make it no other.
func TestTwoTurnsInSlices(t *testing.T) {
	w := newWorld(t, strings.Replace(strings.ReplaceAll(consulting, "ON", "deny"), "[email]", "[secret, phone]", 1))
	filler := strings.Repeat("and so on ", 3000)
	body := []byte(chatOf(says("user", repeated+" "+filler+told+" of Zed") + "," + says("assistant", filler+repeated+", Zed")))
	r, _ := w.gateway.Begin(gateway.Arrival{Now: start, ID: "id", Headers: gateway.Headers{{":method", "POST"}, {":path", "/v1/chat/completions"}}, Slices: true, HoldsAnswers: true,
		Property: func([]string) (string, bool) { return "", false }})
	steps := 0
	read := func(from, size int) []byte { return body[from:min(from+size, len(body))] }
	on := func(out gateway.Outcome) gateway.Outcome {
		for out.More {
			require.Equal(t, gateway.Hold, out.Action)
			steps++
			out = r.Body(start, len(body), true, read)
		}
		return out
	}
	out := on(r.Body(start, len(body), true, read))
	require.NotNil(t, out.Call)
	require.GreaterOrEqual(t, steps, 2*(len(body)/gateway.GuardedSlice), "the body is read twice")
	require.NotContains(t, string(out.Call.Body), "Tr0ub")
	text := gjson.GetBytes(out.Call.Body, "texts.0.text").Str
	span, err := json.Marshal(map[string]any{"text": 0, "start": len(text) - 3, "end": len(text), "kind": "PERSON", "score": 1})
	require.NoError(t, err)
	before := steps
	out = on(r.Called(start, out.Call, gateway.Headers{{":status", "200"}}, []byte(`{"verdicts":[{"name":"names","result":"found","kinds":["PERSON"],"spans":[`+string(span)+`],"reason":"","ms":2},{"name":"harm","result":"clean","spans":[],"kinds":[],"reason":"","ms":1}]}`), read))
	require.GreaterOrEqual(t, steps, before+len(body)/gateway.GuardedSlice, "and once more for what the services have found")
	require.Nil(t, out.Reply)
	require.Equal(t, []string{"Done: [SECRET_1] [PHONE_1] My password is [SECRET_1], phone number [PHONE_1] of [PERSON_1]", "Done: [SECRET_1] [PHONE_1], [PERSON_1]"}, contents(strings.ReplaceAll(string(out.Request), filler, "")))
}

// A request may become longer than the policy lets one come.
func TestLongerThanItCame(t *testing.T) {
	body := chatOf(says("user", "K-1 "+strings.Repeat("K-1 ", 100)))
	w := newWorld(t, providers+"limits: {request_body: 1KiB}\nguards:\n  pii: {custom: [{name: customer_of_ours, patterns: ['K-1']}]}\n")
	c := w.post("/v1/chat/completions", body)
	require.Nil(t, c.reply, c.replyBody())
	require.Greater(t, len(c.sent), 1<<10)
}
