package gateway_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// Each limit, just kept and just not, in each dialect that has it.
func TestRestricted(t *testing.T) {
	const chat, anthropic, responses = "/v1/chat/completions", "/v1/messages", "/v1/responses"
	user := `{"role":"user","content":"Hush"}`
	picture := `{"type":"image_url","image_url":{"url":"https://e.example/p.png"}}`
	for _, tt := range []struct{ limit, path, good, bad, message string }{
		{"max_messages: 2", chat, `"messages":[` + user + `,` + user + `]`, `"messages":[` + user + `,` + user + `,` + user + `]`, "3 messages, and the gateway's policy allows 2"},
		{"max_messages: 1", anthropic, `"system":"Hush","messages":[` + user + `]`, `"messages":[` + user + `,` + user + `]`, "2 messages, and the gateway's policy allows 1"},
		{"max_messages: 1", responses, `"instructions":"Hush","input":"Hush"`, `"input":[` + user + `,` + user + `]`, "2 messages, and the gateway's policy allows 1"},
		{"max_tools: 1", chat, `"messages":[],"tools":[{"type":"function","function":{"name":"a","parameters":{"x":[1,2,3]}}}]`,
			`"messages":[],"tools":[{}],"functions":[{}]`, "2 tools, and the gateway's policy allows 1"},
		{"max_tools: 1", anthropic, `"messages":[],"tools":[{"name":"a"}]`, `"messages":[],"tools":[ {"name":"a","x":[{},{}]} , {"description":"` + strings.Repeat("long ", 8<<10) + `"}]`, "2 tools, and the gateway's policy allows 1"},
		{"max_tools: 0", responses, `"tools":[],"input":"Hush"`, `"tools":[{"type":"web_search"}],"input":"Hush"`, "1 tool, and the gateway's policy allows 0"},
		{"max_tools: 0", anthropic, `"messages":[],"mcp_servers":[]`, `"messages":[],"mcp_servers":[{"type":"url","url":"https://mcp.example/sse","name":"a"}]`, "1 tool, and the gateway's policy allows 0"},
		{"max_images: 1", chat, `"messages":[{"role":"user","content":[` + picture + `]}]`, `"messages":[{"role":"user","content":[` + picture + `,` + picture + `]}]`, "2 pictures, and the gateway's policy allows 1"},
		{"max_images: 0", anthropic, `"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"Hush"}}]}]`,
			`"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}]`, "1 picture, and the gateway's policy allows 0"},
		{"max_images: 0", responses, `"input":"Hush"`, `"input":[{"role":"user","content":[{"type":"input_image","image_url":"https://e.example/p.png"}]}]`, "1 picture, and the gateway's policy allows 0"},
		{"system: required", chat, `"messages":[{"content":"Hush","role":"developer"},` + user + `]`, `"messages":[` + user + `]`, "no system prompt, and the gateway's policy requires one"},
		{"system: required", anthropic, `"messages":[` + user + `],"system":[{"type":"text","text":"Hush"}]`, `"system":"","messages":[` + user + `]`, "no system prompt, and the gateway's policy requires one"},
		{"system: required", responses, `"input":[{"role":"system","content":"Hush"}]`, `"input":"Hush","instructions":null`, "no system prompt, and the gateway's policy requires one"},
		{"system: required", chat, `"messages":[{"role":"system","content":[{"type":"text","text":"Hush"}]}]`, `"messages":[{"role":"system","content":""},{"role":"system","content":[{"type":"text","text":" \n"}]},{"role":"developer","content":"","x":"y"},` + user + `]`, "no system prompt, and the gateway's policy requires one"},
		{"system: required", anthropic, `"system":"Hush","messages":[]`, `"system":[{"type":"text","text":"","x":"y"}],"messages":[` + user + `]`, "no system prompt, and the gateway's policy requires one"},
		{"system: required", responses, `"instructions":[{"role":"system","content":"Hush"}]`, `"input":[{"role":"system","content":""}],"instructions":[{"id":"m","role":"user","content":""}]`, "no system prompt, and the gateway's policy requires one"},
		{"system: forbidden", chat, `"messages":[{"role":"system","content":""}]`, `"messages":[{"role":"System","content":"Hush"}]`, "a system prompt, and the gateway's policy takes none from clients"},
		{"system: forbidden", chat, `"messages":[` + user + `]`, `"messages":[{"role":"\u0073ystem","content":"Hush"}]`, "a system prompt, and the gateway's policy takes none from clients"},
		{"system: forbidden", anthropic, `"messages":[` + user + `]`, `"messages":[` + user + `],"system":"Hush"`, "a system prompt, and the gateway's policy takes none from clients"},
		{"system: forbidden", responses, `"input":[` + user + `]`, `"input":[{"type":"message","role":"developer","content":[{"type":"input_text","text":"Hush"}]}]`, "a system prompt, and the gateway's policy takes none from clients"},
		{"max_input_tokens: 20", chat, `"messages":[` + user + `]`, `"messages":[{"role":"user","content":"` + strings.Repeat("Hush ", 30) + `"}]`, " input tokens, and the gateway's policy allows 20"},
		{"max_input_tokens: 20", "/v1/embeddings", `"input":"Hush"`, `"input":[` + strings.Repeat("1,", 20) + `1]`, "21 input tokens, and the gateway's policy allows 20"},
		{"system: required, max_messages: 1, max_images: 0", "/v1/completions", `"prompt":["Hush","Hush"]`, "", ""},
	} {
		name, _, _ := strings.Cut(tt.limit, ":")
		kind := "requests." + name
		model := "gpt-4o-mini"
		if tt.path == anthropic {
			model = "claude-haiku-4-5"
		}
		body := func(rest string) string { return `{"model":"` + model + `","max_tokens":5,` + rest + `}` }
		if tt.path == responses || tt.path == "/v1/embeddings" {
			body = func(rest string) string { return `{"model":"` + model + `",` + rest + `}` }
		}
		for _, counting := range []string{"exact", "lazy"} {
			policyOf := func(rest string) string {
				return providers + "counting: " + counting + "\nguards:\n  requests: {" + tt.limit + rest + "}\n"
			}
			t.Run(tt.limit+tt.path+" "+counting, func(t *testing.T) {
				good := newWorld(t, policyOf("")).post(tt.path, body(tt.good))
				require.Nil(t, good.reply, good.replyBody())
				require.Empty(t, guardsOf(t, good))
				if tt.bad == "" {
					return
				}
				bad := newWorld(t, policyOf("")).post(tt.path, body(tt.bad))
				require.NotNil(t, bad.reply)
				require.Equal(t, 400, bad.reply.Status)
				require.Contains(t, gjson.Get(bad.replyBody(), "error.message").Str, tt.message+" (guards."+kind+")")
				require.NotContains(t, bad.replyBody(), "Hush")
				require.Equal(t, "invalid_request_error", gjson.Get(bad.replyBody(), "error.type").Str)
				if tt.path != anthropic {
					require.Equal(t, "blocked_by_guard", gjson.Get(bad.replyBody(), "error.code").Str)
				}
				r := bad.done()
				require.Equal(t, "blocked", r.End)
				require.Equal(t, "blocked_by_guard", r.Code)
				require.Equal(t, int64(1), r.samples["sluice_guard_total;kind="+kind+";action=block;"])
				require.Equal(t, int64(1), r.samples["sluice_requests_total;outcome=blocked;"])

				for rest, want := range map[string]string{
					", action: flag": `[{"kind":"` + kind + `","action":"flag","count":1}]`,
					", mode: shadow": `[{"kind":"` + kind + `","action":"block","count":1,"shadow":true}]`,
				} {
					c := newWorld(t, policyOf(rest)).post(tt.path, body(tt.bad))
					require.Nil(t, c.reply, c.replyBody())
					require.JSONEq(t, want, guardsOf(t, c))
				}
			})
		}
	}
}

// guardsOf ends a call and is its record's guards; "" = there are none.
func guardsOf(t *testing.T, c *call) string {
	report := c.request.Done(c.w.now, false)
	require.True(t, json.Valid(report.Record))
	if guards := gjson.GetBytes(report.Record, "guards"); len(guards.Array()) > 0 {
		return guards.Raw
	}
	return ""
}

// Every limit that a request is over is noted, and it is refused for the first.
func TestSeveralRestrictions(t *testing.T) {
	w := newWorld(t, guarded+"  requests: {max_messages: 1, max_tools: 0, system: required}\n")
	c := w.post("/v1/chat/completions", `{"model":"gpt-4o-mini","tools":[{}],"messages":[{"role":"user","content":"ann@example.com"},{"role":"user"}]}`)
	require.Contains(t, c.replyBody(), "guards.requests.max_messages")
	require.JSONEq(t, `[{"kind":"requests.max_messages","action":"block","count":1},{"kind":"requests.max_tools","action":"block","count":1},
		{"kind":"requests.system","action":"block","count":1},{"kind":"email","action":"redact","count":1}]`, guardsOf(t, c))
}

// A request whose bytes are over the limit is counted before it is refused.
func TestLengthIsCounted(t *testing.T) {
	body := `{"model":"gpt-4o","max_tokens":5,"messages":[{"role":"user","content":"` + strings.Repeat("All of this is in ordinary English words. ", 100) + `"}]}`
	for _, counting := range []string{"exact", "lazy"} {
		fits := newWorld(t, providers+"counting: "+counting+"\nguards: {requests: {max_input_tokens: 1000}}\n").post("/v1/chat/completions", body)
		require.Nil(t, fits.reply, fits.replyBody())
		over := newWorld(t, providers+"counting: "+counting+"\nguards: {requests: {max_input_tokens: 800}}\n").post("/v1/chat/completions", body)
		require.Contains(t, over.replyBody(), "it has 908 input tokens")
	}
}
