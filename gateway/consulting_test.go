package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/gateway"
)

const consulting = providers + `
companion: {}
guards:
  pii: {kinds: [email]}
  external:
    - {name: names, type: presidio, endpoint: 'http://presidio:3000', on_error: ON}
    - {name: harm, type: moderation, endpoint: 'http://moderation', action: block, on_error: ON, roles: [user, system]}
`

// answers has the companion answer the call that a request waits for.
func (c *call) answers(status, body string) *call {
	require.NotNil(c.w.t, c.asks)
	var h gateway.Headers
	if status != "" {
		h = gateway.Headers{{":status", status}, {"content-type", "application/json"}}
	}
	c.toProvider(c.request.Called(c.w.now, c.asks, h, []byte(body), c.whileCalling))
	return c
}

// What services find is done about like what the filter finds by itself. They see what is
// to leave, and not who the user is.
func TestConsulting(t *testing.T) {
	w := newWorld(t, strings.ReplaceAll(consulting, "ON", "deny"))
	ask := chatOf(says("system", "Be nice") + "," + says("user", "I am Ann Lee (ann@example.com) of Bern. [PERSON_1]") + "," + says("assistant", "Hello"))
	c := w.post("/v1/chat/completions", ask)
	require.Empty(t, c.sent)
	call := string(c.asks.Body)
	require.NotContains(t, call, "ann@")
	require.NotContains(t, call, "Hello")
	require.Equal(t, `["names","harm"]`, gjson.Get(call, "guards").Raw)
	text := gjson.Get(call, "texts.1.text").Str
	require.Equal(t, "I am Ann Lee ([EMAIL_1]) of Bern. [PLACEHOLDER_1]", text)
	c.answers("200", `{"verdicts":[{"name":"names","result":"found","kinds":["PERSON","LOCATION"],"spans":[{"text":1,"start":5,"end":17,"kind":"PERSON","score":1},{"text":1,"start":28,"end":32,"kind":"LOCATION","score":1}],"reason":"","ms":2},
		{"name":"harm","result":"clean","spans":[],"kinds":[],"reason":"","ms":1}]}`)
	sent := gjson.Get(c.sent, "messages.1.content").Str
	require.Equal(t, "I am [PERSON_1]) of [LOCATION_1]. [PLACEHOLDER_1]", sent, "a span that cuts a placeholder takes it in")
	c.respond("200", "application/json").stream(true, `{"choices":[{"index":0,"message":{"role":"assistant","content":"`+sent+`"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`)
	require.Equal(t, "I am Ann Lee (ann@example.com) of Bern. [PERSON_1]", gjson.Get(c.client.String(), "choices.0.message.content").Str)
	r := c.done()
	require.Equal(t, "complete", r.End)
	require.Equal(t, int64(1), r.samples["sluice_guard_total;kind=names;action=redact;"])

	c = w.post("/v1/chat/completions", ask).answers("200", `{"verdicts":[{"name":"names","result":"clean","spans":[],"kinds":[],"reason":"","ms":2},{"name":"harm","result":"found","spans":[],"kinds":["violence"],"reason":"","ms":1}]}`)
	require.Equal(t, 400, c.reply.Status)
	require.Contains(t, c.replyBody(), "(harm)")
	require.Equal(t, "blocked", c.done().End)
}

func TestNobodyToConsult(t *testing.T) {
	for _, on := range []string{"deny", "allow"} {
		for name, reply := range map[string][2]string{
			"no answer": {"", ""}, "an error": {"500", "{}"}, "nonsense": {"200", "220 mail"}, "of others": {"200", `{"verdicts":[]}`},
			"half":    {"200", `{"verdicts":[{"name":"names","result":"clean","spans":[],"kinds":[],"reason":"","ms":2}]}`},
			"outside": {"200", `{"verdicts":[{"name":"names","result":"found","kinds":["X"],"spans":[{"text":0,"start":3,"end":900,"kind":"X","score":1}],"reason":"","ms":2},{"name":"harm","result":"error","spans":[],"kinds":[],"reason":"down","ms":1}]}`},
		} {
			w := newWorld(t, strings.ReplaceAll(consulting, "ON", on))
			c := w.post("/v1/chat/completions", chatOf(says("user", "I am Ann Lee"))).answers(reply[0], reply[1])
			r := c.request.Done(w.now, false)
			if on == "allow" {
				require.Nil(t, c.reply, name)
				require.NotEmpty(t, c.sent)
			} else {
				require.Equal(t, 503, c.reply.Status, name)
				require.Equal(t, "guard_unavailable", gjson.Get(c.replyBody(), "error.code").Str)
				require.Contains(t, c.replyBody(), "gave no verdict; try again")
			}
			require.Equal(t, "guard_error", gjson.GetBytes(r.Record, "failure").Str, name)
			found := false
			for _, s := range r.Samples {
				found = found || strings.HasPrefix(s.Name, "sluice_guard_total;kind=error.harm;") || strings.HasPrefix(s.Name, "sluice_guard_total;kind=error.names;")
			}
			require.True(t, found, name)
		}
	}
}

// More texts than services take in one call are a failure of the guards like another.
func TestTooManyTexts(t *testing.T) {
	for _, on := range []string{"deny", "allow"} {
		c := newWorld(t, strings.ReplaceAll(consulting, "ON", on)).post("/v1/chat/completions", chatOf(strings.Repeat(says("user", "hi")+",", 4096)+says("user", "hi")))
		require.Equal(t, on == "deny", c.reply != nil)
		r := c.done()
		require.Equal(t, int64(1), r.samples["sluice_failures_total;kind=guard_error;"], on)
		require.Equal(t, int64(1), r.samples["sluice_guard_total;kind=error.names;action="+map[string]string{"deny": "block", "allow": "flag"}[on]+";"])
	}
}
