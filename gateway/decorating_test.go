package gateway_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/gateway"
)

// decorates is a policy that has messages of its own.
const decorates = `
guards:
  pii: {kinds: [email]}
  decorate:
    prepend:
      - {role: system, content: "For {{identity.team}}, by house@example.com.\nYou are {{ model }}."}
      - {role: system, content: "{{identity.team}}"}
    append:
      - {role: user, content: "Be brief, {{identity.team}}."}
`

// The policy's messages are in every chat that leaves, in its own form, and the client's are
// as they were. Values are text, whatever they say, and guards look at what clients say.
func TestDecorated(t *testing.T) {
	const team = `"}],"x":"{{model}}`
	house := "For " + team + ", by house@example.com.\nYou are MODEL."
	for _, tt := range []struct{ path, body, want string }{
		{"/v1/chat/completions", `{"messages" : [ {"role":"user","content":"I am ann@example.com"} ] , "model":"gpt-4o-mini"}`,
			`{"model":"gpt-4o-mini","messages":[{"role":"system","content":HOUSE},{"role":"system","content":TEAM},{"role":"user","content":"I am [EMAIL_1]"},{"role":"user","content":BRIEF}]}`},
		{"/v1/messages", `{"model":"claude-haiku-4-5","max_tokens":5,"system":"ann@example.com asks","messages":[{"role":"user","content":"I am ann@example.com"}]}`,
			`{"model":"claude-haiku-4-5","max_tokens":5,"system":[{"type":"text","text":HOUSE},{"type":"text","text":TEAM},{"type":"text","text":"[EMAIL_1] asks"}],"messages":[{"role":"user","content":"I am [EMAIL_1]"},{"role":"user","content":BRIEF}]}`},
		{"/v1/responses", `{"model":"gpt-4o-mini","input":"I am ann@example.com","instructions":"ann@example.com asks"}`,
			`{"model":"gpt-4o-mini","input":[{"role":"user","content":"I am [EMAIL_1]"},{"role":"user","content":BRIEF}],"instructions":HOUSE\n\nTEAM\n\n[EMAIL_1] asks}`},
		{"/v1/completions", `{"model":"gpt-4o-mini","prompt":"x"}`, `{"model":"gpt-4o-mini","prompt":"x"}`},
		{"/v1/embeddings", `{"model":"gpt-4o-mini","input":"x"}`, `{"model":"gpt-4o-mini","input":"x"}`},
	} {
		t.Run(tt.path, func(t *testing.T) {
			quoted := func(s string) string {
				b, err := json.Marshal(s)
				require.NoError(t, err)
				return string(b)
			}
			house := strings.ReplaceAll(house, "MODEL", gjson.Get(tt.body, "model").Str)
			want := strings.NewReplacer(`HOUSE\n\nTEAM\n\n[EMAIL_1] asks`, quoted(house+"\n\n"+team+"\n\n[EMAIL_1] asks"),
				"HOUSE", quoted(house), "TEAM", quoted(team), "BRIEF", quoted("Be brief, "+team+".")).Replace(tt.want)
			for size := 1; size < len(tt.body)+20; size += 7 {
				var pieces []string
				for rest := tt.body; len(rest) > 0; rest = rest[min(size, len(rest)):] {
					pieces = append(pieces, rest[:min(size, len(rest))])
				}
				c := newWorld(t, providers+decorates).begin(tt.path, "x-team", team).write(pieces...)
				require.Nil(t, c.reply, c.replyBody())
				require.JSONEq(t, want, c.sent)
			}
		})
	}
}

// A part of the identity that a request lacks is empty, and so is a message of nothing else.
func TestDecoratedWithoutIdentity(t *testing.T) {
	c := newWorld(t, providers+decorates).post("/v1/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"x"}]}`)
	require.Equal(t, `["For , by house@example.com.\nYou are gpt-4o-mini.","x","Be brief, ."]`, gjson.Get(c.sent, "messages.#.content").Raw)
}

// What is reserved, and sent, is what the same request would be if the client had written
// all of it: however it is counted, whatever vocabulary was guessed, in whatever steps.
func TestDecoratedIsCounted(t *testing.T) {
	long := strings.Repeat("All of this is in ordinary English words. ", 2000)
	for _, tt := range []struct{ name, path, body string }{
		{"chat", "/v1/chat/completions", `{"messages":[{"role":"user","content":"x"}],"max_tokens":50,"model":"gpt-4o"}`},
		{"another vocabulary", "/v1/chat/completions", `{"messages":[{"role":"user","content":"` + long + `"}],"max_tokens":50,"model":"gpt-4"}`},
		{"messages", "/v1/messages", `{"system":"y","messages":[{"role":"user","content":"x"}],"max_tokens":50,"model":"claude-haiku-4-5","tools":[{"name":"a"}]}`},
		{"responses", "/v1/responses", `{"instructions":"unfinished wor","input":"x","max_output_tokens":50,"model":"gpt-4o"}`},
	} {
		for _, rest := range []string{"", "counting: lazy\n"} {
			t.Run(tt.name+rest, func(t *testing.T) {
				c := newWorld(t, monthly+rest+decorates).post(tt.path, tt.body, "x-team", "a")
				require.Nil(t, c.reply, c.replyBody())
				byHand := newWorld(t, monthly+rest).post(tt.path, c.sent, "x-team", "a")
				require.Nil(t, byHand.reply)
				require.JSONEq(t, byHand.sent, c.sent)
				want := byHand.done().Budgets[0].Reserved
				require.Equal(t, want, c.done().Budgets[0].Reserved)

				undecorated := newWorld(t, monthly+rest).post(tt.path, tt.body, "x-team", "a")
				require.NotEqual(t, want, undecorated.done().Budgets[0].Reserved)

				sliced := newWorld(t, monthly+rest+decorates)
				h := gateway.Headers{{":method", "POST"}, {":path", tt.path}, {"x-team", "a"}}
				request, _ := sliced.gateway.Begin(gateway.Arrival{Now: start, ID: "id", Headers: h, Slices: true, HoldsAnswers: true,
					Property: func([]string) (string, bool) { return "", false }})
				read := func(from, size int) []byte {
					return []byte(tt.body)[from:min(from+size, len(tt.body))]
				}
				out := request.Body(start, len(tt.body), true, read)
				for steps := 0; out.More; steps++ {
					require.Less(t, steps, 20)
					out = request.Body(start, len(tt.body), true, read)
				}
				require.NotEmpty(t, out.Request)
				var r record
				require.NoError(t, json.Unmarshal(request.Done(start, false).Record, &r))
				require.Equal(t, want, r.Budgets[0].Reserved)
			})
		}
	}
}

// Near a limit the policy's own messages are what does not fit.
func TestDecoratedOverBudget(t *testing.T) {
	const body = `{"messages":[{"role":"user","content":"x"}],"max_tokens":5,"model":"gpt-4o"}`
	for _, rest := range []string{"", "counting: lazy\n"} {
		budget := providers + "budgets: [{name: b, unit: tokens, limit: 30, calendar: month}]\n" + rest
		require.Nil(t, newWorld(t, budget).post("/v1/chat/completions", body).reply)
		c := newWorld(t, budget+decorates).post("/v1/chat/completions", body)
		require.Equal(t, 429, c.reply.Status)
	}
	limited := decorates + "  requests: {max_input_tokens: 20}\n"
	c := newWorld(t, providers+limited).post("/v1/chat/completions", body)
	require.Contains(t, c.replyBody(), "guards.requests.max_input_tokens")
}

// The cache is shown what would be sent, so that callers whose messages differ share nothing.
func TestDecoratedIsLookedUp(t *testing.T) {
	w := newWorld(t, providers+"cache: {}\n"+decorates)
	c := w.post("/v1/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"I am ann@example.com"}]}`, "x-team", "a")
	require.NotNil(t, c.asks)
	require.Contains(t, string(c.asks.Body), "For a, by house@example.com.")
	require.Contains(t, string(c.asks.Body), "[EMAIL_1]")
	require.NotContains(t, string(c.asks.Body), "ann@")
}

// A body that the policy's messages make longer than limits.request_body is none that the
// client has sent.
func TestDecoratedOverTheBodyLimit(t *testing.T) {
	body := `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"` + strings.Repeat("x", 940) + `"}]}`
	c := newWorld(t, providers+"limits: {request_body: 1KiB}\n"+decorates).post("/v1/chat/completions", body)
	require.Nil(t, c.reply, c.replyBody())
	require.Greater(t, len(c.sent), 1024)
}

// The policy's messages are the same in every conversation, and do not tell one from others;
// what is appended is gone in the next turn.
func TestDecoratedConversationsStay(t *testing.T) {
	const policy = `
version: 1
providers:
  a: {dialect: openai, endpoint: "https://a.example"}
  b: {dialect: openai, endpoint: "https://b.example"}
models:
  m: {strategy: weighted, affinity: 10m, targets: [{provider: a, model: gpt-4o}, {provider: b, model: gpt-4}]}
guards:
  decorate: {prepend: [{role: user, content: "Hello."}], append: [{role: user, content: "Be brief."}]}
`
	w := newWorld(t, policy)
	answeredBy := func(conversation, rest string) string {
		c := w.post("/v1/chat/completions", `{"messages":[{"role":"user","content":"`+conversation+`"}`+rest+`],"model":"m"}`)
		require.Nil(t, c.reply, c.replyBody())
		c.respond("200", "application/json").stream(true, `{"choices":[{"index":0,"message":{"role":"assistant","content":"Yes"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`)
		return c.done().Provider
	}
	answered := map[string]bool{}
	for i := range 40 {
		name := strings.Repeat("x", i+1)
		first := answeredBy(name, "")
		for range 3 {
			require.Equal(t, first, answeredBy(name, `,{"role":"assistant","content":"Yes"},{"role":"user","content":"And?"}`))
		}
		answered[first] = true
	}
	require.Len(t, answered, 2)
}
