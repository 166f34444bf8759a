package gateway_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/gateway"
)

// guarded is a policy that redacts.
const guarded = providers + `
guards:
  pii: {kinds: [email, card]}
`

func TestRedactedPrompt(t *testing.T) {
	w := newWorld(t, guarded)
	c := w.begin("/v1/chat/completions")
	c.write(`{"model":"gpt-4o-mini","user":"ann@example.com","messages":[{"role":"user","content":"I am ann@example.com, my card is 4111 1111 1111 1111, and ann@example.com again"}],"stream_options":{}}`)
	require.Equal(t, "I am [EMAIL_1], my card is [CARD_1], and [EMAIL_1] again", gjson.Get(c.sent, "messages.0.content").Str, c.sent)
	require.Equal(t, "[EMAIL_1]", gjson.Get(c.sent, "user").Str)
}

// A recording's transcript, into which values were put back, leaves without them where a client
// sends it along; the recording itself stays as it is.
func TestTranscriptComesBack(t *testing.T) {
	const said = `{"id":"a","data":"YW5uQGV4YW1wbGUuY29t","expires_at":1,"transcript":"Dear ann@example.com"}`
	c := newWorld(t, guarded).post(chat, `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"I am ann@example.com"},{"role":"assistant","content":null,"audio":`+said+`}]}`)
	require.Equal(t, strings.Replace(said, "ann@example.com", "[EMAIL_1]", 1), gjson.Get(c.sent, "messages.1.audio").Raw)
}

// An answer gets back what the prompt has redacted, whole and streamed, in whatever pieces.
func TestRestoredAnswer(t *testing.T) {
	ask := `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"I am ann@example.com, my card is 4111 1111 1111 1111"}]}`
	t.Run("whole", func(t *testing.T) {
		w := newWorld(t, guarded)
		c := w.post("/v1/chat/completions", ask)
		c.respond("200", "application/json").stream(true, `{"id":"x","model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"Dear [EMAIL_1], your card is [CARD_1]; [EMAIL_2] is unknown"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":10,"total_tokens":20}}`)
		require.Equal(t, "Dear ann@example.com, your card is 4111 1111 1111 1111; [EMAIL_2] is unknown", gjson.Get(c.client.String(), "choices.0.message.content").Str)
	})
	t.Run("stream", func(t *testing.T) {
		answer := "Dear [EMAIL_1], your card is [CARD_1]; [EMAIL_2] is unknown ["
		for cut := 1; cut <= 12; cut++ {
			w := newWorld(t, guarded)
			c := w.post("/v1/chat/completions", strings.Replace(ask, `"messages"`, `"stream":true,"messages"`, 1))
			c.respond("200", "text/event-stream")
			for from := 0; from < len(answer); from += cut {
				c.stream(false, `data: {"id":"x","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"`+answer[from:min(len(answer), from+cut)]+"\"}}]}\n\n")
			}
			c.stream(true, "data: {\"id\":\"x\",\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
			said := ""
			for line := range strings.SplitSeq(c.client.String(), "\n") {
				said += gjson.Get(strings.TrimPrefix(line, "data: "), "choices.0.delta.content").Str
			}
			require.Equal(t, "Dear ann@example.com, your card is 4111 1111 1111 1111; [EMAIL_2] is unknown [", said, c.client.String())
			require.True(t, strings.HasSuffix(c.client.String(), "data: [DONE]\n\n"), c.client.String())
			require.Equal(t, "complete", c.done().End)
		}
	})
}

// A character that a provider writes as two escapes comes out whole where it cuts a stream
// between them, whatever is held or put back around it.
func TestRestoredAroundHalves(t *testing.T) {
	units := []string{"So", ` `, `\ud83d`, `\ude00`, ` [`, `EMAIL_1]`, `\uD83D`, `\uDE00`, `.`}
	const want = "So 😀 ann@example.com😀."
	for _, rules := range []string{"", "  answers: [{name: code, deny: ['launch\\s+code'], window: 6}]\n"} {
		for cut := 1; cut <= len(units); cut++ {
			for size := range 4 {
				c := newWorld(t, guarded+rules).post(chat, `{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"I am ann@example.com"}]}`).respond("200", "text/event-stream")
				pieces := []string{strings.Join(units[:cut], ""), strings.Join(units[cut:], "")}
				if size > 0 {
					pieces = nil
					for from := 0; from < len(units); from += size {
						pieces = append(pieces, strings.Join(units[from:min(from+size, len(units))], ""))
					}
				}
				for _, piece := range pieces {
					c.stream(false, `data: {"id":"x","choices":[{"index":0,"delta":{"content":"`+piece+"\"}}]}\n\n")
				}
				c.stream(true, "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"+done)
				said := ""
				for line := range strings.SplitSeq(c.client.String(), "\n") {
					said += gjson.Get(strings.TrimPrefix(line, "data: "), "choices.0.delta.content").Str
				}
				require.Equal(t, want, said, "%q", pieces)
			}
		}
	}
}

// Where a text is JSON, a bracket in it may be an escape, and a stream may cut that anywhere, also
// where the event's own escapes are.
func TestRestoredWithinJSON(t *testing.T) {
	const args, want = `{"a":"\n\u005bEMAIL_1], \\u005bEMAIL_1] \ud83d\ude00\""}`, `{"a":"\nann@example.com, \\u005bEMAIL_1] \ud83d\ude00\""}`
	for cut := 1; cut < len(args); cut++ {
		first, second := strconv.Quote(args[:cut]), strconv.Quote(args[cut:])
		for _, written := range []func(string) string{
			func(s string) string { return s },
			func(s string) string { return strings.ReplaceAll(s, `\\`, `\u005c`) },
		} {
			first, second := written(first), written(second)
			for place, pieces := range map[string][]string{
				"choices.0.delta.tool_calls.0.function.arguments": {
					`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":` + first + `}}]}}]}`,
					`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":` + second + `}}]}}]}`,
					`{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}`, "[DONE]"},
				"choices.0.delta.content": {
					`{"choices":[{"index":0,"delta":{"content":` + first + `}}]}`,
					`{"choices":[{"index":0,"delta":{"content":` + second + `}}]}`,
					`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`, "[DONE]"},
				"delta.partial_json": {
					`{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"c","name":"f","input":{}}}`,
					`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":` + first + `}}`,
					`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":` + second + `}}`,
					`{"type":"content_block_stop","index":0}`, `{"type":"message_stop"}`},
			} {
				path, ask := chat, `{"model":"gpt-4o-mini","stream":true,"response_format":{"type":"json_object"},"messages":[{"role":"user","content":"I am ann@example.com"}]}`
				if place == "delta.partial_json" {
					path, ask = "/v1/messages", `{"model":"claude-haiku-4-5","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"I am ann@example.com"}]}`
				}
				c := newWorld(t, guarded).post(path, ask).respond("200", "text/event-stream")
				for _, p := range pieces {
					c.stream(false, "data: "+p+"\n\n")
				}
				c.stream(true, "")
				said := ""
				for line := range strings.SplitSeq(c.client.String(), "\n") {
					said += gjson.Get(strings.TrimPrefix(line, "data: "), place).Str
				}
				require.Equal(t, want, said, "%s: %s", place, pieces)
			}
		}
	}
}

// Where the answer is to be JSON, what comes back is escaped into it: no value ends a string.
func TestRestoredIntoJSON(t *testing.T) {
	const value = `"a,\"b"@example.com`
	written := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)
	rules := providers + "guards:\n  pii: {kinds: [email]}\n"
	for name, tt := range map[string]struct {
		rules, path, format string
		json                bool
	}{
		"object":           {rules, "/v1/chat/completions", `"response_format":{"type":"json_object"}`, true},
		"schema":           {rules, "/v1/chat/completions", `"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}`, true},
		"text":             {rules, "/v1/chat/completions", `"response_format":{"type":"text"}`, false},
		"message":          {rules, "/v1/messages", `"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}`, true},
		"message, effort":  {rules, "/v1/messages", `"output_config":{"effort":"low"}`, false},
		"response":         {rules, "/v1/responses", `"text":{"format":{"type":"json_object"}}`, true},
		"the policy's own": {rules + "  output: {on_invalid: flag, json_schema: {type: object}}\n", "/v1/chat/completions", `"temperature":1`, true},
		"that, in shadow":  {rules + "  output: {mode: shadow, json_schema: {type: object}}\n", "/v1/chat/completions", `"temperature":1`, false},
	} {
		t.Run(name, func(t *testing.T) {
			model := map[bool]string{false: "gpt-4o-mini", true: "claude-haiku-4-5"}[tt.path == "/v1/messages"]
			c := newWorld(t, tt.rules).post(tt.path, `{"model":"`+model+`","max_tokens":50,`+tt.format+`,"messages":[{"role":"user","content":"`+written+`"}],"input":"`+written+`"}`)
			require.Contains(t, c.sent, `[EMAIL_1]`)
			const said = `"{\"to\":\"[EMAIL_1]\"}"`
			answer, place := `{"choices":[{"index":0,"message":{"role":"assistant","content":`+said+`},"finish_reason":"stop"}]}`, "choices.0.message.content"
			switch tt.path {
			case "/v1/messages":
				answer, place = `{"type":"message","content":[{"type":"text","text":`+said+`}],"stop_reason":"end_turn"}`, "content.0.text"
			case "/v1/responses":
				answer, place = `{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":`+said+`}]}]}`, "output.0.content.0.text"
			}
			c.respond("200", "application/json").stream(true, answer)
			text := gjson.Get(c.client.String(), place).Str
			require.Equal(t, tt.json, gjson.Valid(text), text)
			if tt.json {
				require.Equal(t, value, gjson.Get(text, "to").Str)
			} else {
				require.Equal(t, `{"to":"`+value+`"}`, text)
			}
		})
	}
}

// Every place of a request where somebody says something, in each dialect.
func TestRedactedPlaces(t *testing.T) {
	const mail, held = "ann@example.com", "[EMAIL_1]"
	for name, tt := range map[string]struct {
		path, body string
		places     []string // where the address stands
	}{
		"chat": {"/v1/chat/completions", `{"model":"gpt-4o-mini","metadata":{"who":"M"},"safety_identifier":"M","messages":[
			{"role":"system","content":"M"},{"content":[{"type":"text","text":"to M"},{"type":"image_url","image_url":{"url":"https://e.example/M"}}],"role":"user"},
			{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"mail","arguments":"{\"to\":[\"M\"],\"M\":1,\"cc\":\"M and \\\"M\\\"\"}"}}]},
			{"role":"tool","tool_call_id":"c","content":"{\"sent\":\"M\"}"}]}`,
			[]string{"metadata.who", "safety_identifier", "messages.0.content", "messages.1.content.0.text", "messages.2.tool_calls.0.function.arguments", "messages.3.content"}},
		"broken arguments": {"/v1/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"mail","arguments":"{\"to\": M"}}]}]}`,
			[]string{"messages.0.tool_calls.0.function.arguments"}},
		"completion": {"/v1/completions", `{"model":"gpt-4o-mini","prompt":["M","x"],"suffix":"M","user":"M"}`, []string{"prompt.0", "suffix", "user"}},
		"embedding":  {"/v1/embeddings", `{"model":"gpt-4o-mini","input":"M"}`, []string{"input"}},
		"message": {"/v1/messages", `{"model":"claude-haiku-4-5","max_tokens":9,"metadata":{"user_id":"M"},"system":[{"type":"text","text":"M"}],"messages":[{"role":"user","content":"M"},
			{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"mail","input":{"to":"M","M":{"deep":["M"]}}}]},
			{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"sent to M"},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"M"}}]}]}`,
			[]string{"metadata.user_id", "system.0.text", "messages.0.content", "messages.1.content.0.input.to", "messages.1.content.0.input.@keys.1", "messages.2.content.0.content", "messages.2.content.1.source.data"}},
		"response": {"/v1/responses", `{"model":"gpt-4o-mini","instructions":"M","input":[{"role":"user","content":[{"type":"input_text","text":"M"}]},{"type":"function_call","call_id":"c","name":"mail","arguments":"{\"to\":\"M\"}"},{"type":"function_call_output","call_id":"c","output":"M"}]}`,
			[]string{"instructions", "input.0.content.0.text", "input.1.arguments", "input.2.output"}},
	} {
		t.Run(name, func(t *testing.T) {
			body := strings.ReplaceAll(tt.body, "M", mail)
			c := newWorld(t, guarded).post(tt.path, body)
			require.Nil(t, c.reply, c.replyBody())
			require.True(t, gjson.Valid(c.sent), c.sent)
			for _, place := range tt.places {
				before, after := gjson.Get(body, place), gjson.Get(c.sent, place)
				require.Contains(t, before.String(), mail, place)
				require.Equal(t, strings.ReplaceAll(before.String(), mail, held), after.String(), place)
			}
			rest := strings.ReplaceAll(c.sent, "https://e.example/"+mail, "")
			require.NotContains(t, rest, mail)
			require.Equal(t, int64(strings.Count(body, mail)-strings.Count(c.sent, mail)), c.done().samples["sluice_guard_total;kind=email;action=redact;"])
		})
	}
}

// What has a prompt in it and is no call does not pass by guards that hold prompts.
func TestUnguardedPrompts(t *testing.T) {
	for _, path := range []string{"/v1/messages/count_tokens?beta=true", "/v1/moderations", "/openai/deployments/x/chat/completions"} {
		c := newWorld(t, guarded).begin(path)
		require.NotNil(t, c.reply, path)
		require.Equal(t, 404, c.reply.Status)
		require.Contains(t, c.replyBody(), path)
		if strings.HasPrefix(path, "/v1/messages") {
			require.Equal(t, "not_found_error", gjson.Get(c.replyBody(), "error.type").Str, "coding agents then count themselves")
		} else {
			require.Equal(t, "not_guarded", gjson.Get(c.replyBody(), "error.code").Str)
		}
		require.Equal(t, "refused", c.done().End)
		for _, lenient := range []string{providers, providers + "guards: {pii: {mode: shadow}}\n"} {
			require.Nil(t, newWorld(t, lenient).begin(path).reply, "as ever, where nothing is held")
		}
	}
	for _, headers := range [][]string{{":method", "GET", "upgrade", "websocket"}, {":method", "CONNECT"}} {
		require.NotNil(t, newWorld(t, guarded).begin("/v1/realtime?model=gpt-realtime", headers...).reply)
		require.Nil(t, newWorld(t, providers).begin("/v1/realtime?model=gpt-realtime", headers...).reply)
	}
	require.Nil(t, newWorld(t, guarded).begin("/v1/files").reply)
	require.Nil(t, newWorld(t, guarded).begin("/v1/messages/count_tokens", ":method", "GET").reply)
}

// The name of a member says what its value is, in arguments of calls as in other texts.
func TestRedactedByName(t *testing.T) {
	for value, want := range map[string]string{
		`{"password":"Tr0ub4dor&3"}`:                       `{"password":"[SECRET_1]"}`,
		`{"a":[{"password": "Tr0ub4dor&3"}],"b":"x"}`:      `{"a":[{"password": "[SECRET_1]"}],"b":"x"}`,
		`{"ssn":"123456789"}`:                              `{"ssn":"[SSN_1]"}`,
		`{"ssn":123456789}`:                                `{"ssn":"[SSN_1]"}`,
		`{"pass\u0077ord":"Tr0ub4d\u006fr&3"}`:             `{"pass\u0077ord":"[SECRET_1]"}`,
		`{"password":["Tr0ub4dor&3"],"order":"123456789"}`: `{"password":["Tr0ub4dor&3"],"order":"123456789"}`,
		`{"password":"unknown","ssn":true,"n":12345678.5}`: `{"password":"unknown","ssn":true,"n":12345678.5}`,
	} {
		w := newWorld(t, providers+"guards: {pii: {kinds: [secret, ssn]}}\n")
		c := w.post("/v1/chat/completions", fmt.Sprintf(`{"model":"gpt-4o-mini","messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":%q}}]}]}`, value))
		require.Equal(t, want, gjson.Get(c.sent, "messages.0.tool_calls.0.function.arguments").Str)
		c = w.post("/v1/messages", `{"model":"claude-haiku-4-5","max_tokens":9,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":`+value+`}]}]}`)
		require.Equal(t, want, gjson.Get(c.sent, "messages.0.content.0.input").Raw)
	}
}

// Any way of writing a value's characters in JSON, and any pieces of the body.
func TestRedactedEscapes(t *testing.T) {
	escaped := ""
	for _, c := range "ann@example.com" {
		escaped += fmt.Sprintf(`\u%04x`, c)
	}
	body := `{"messages":[{"role":"user","content":"to ` + escaped + `."}],"model":"gpt-4o-mini"}`
	for size := 1; size < 40; size++ {
		var pieces []string
		for rest := body; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			pieces = append(pieces, rest[:min(size, len(rest))])
		}
		c := newWorld(t, guarded).begin("/v1/chat/completions").write(pieces...)
		require.Equal(t, "to [EMAIL_1].", gjson.Get(c.sent, "messages.0.content").Str, c.sent)
	}
}

// A tool's result that is JSON is looked at as it says: what is escaped in it is found, counted as it
// leaves, refused where the policy has it so, and the client gets the value itself back.
func TestRedactedResults(t *testing.T) {
	const card, rules = "4111\u00a01111\u00a01111\u00a01111", providers + "\nguards: {pii: {kinds: [card]}}\n"
	for path, body := range map[string]string{
		"/v1/chat/completions": `{"model":"gpt-4o-mini","messages":[{"role":"tool","tool_call_id":"c","content":RESULT}]}`,
		"/v1/messages":         `{"model":"claude-haiku-4-5","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":RESULT}]}]}`,
	} {
		asks := strings.Replace(body, "RESULT", `"{\"n\": \"\\u00e4\", \"card\": \"4111\\u00a01111\\u00a01111\\u00a01111\"}"`, 1)
		c := newWorld(t, rules).post(path, asks)
		require.JSONEq(t, strings.Replace(body, "RESULT", `"{\"n\": \"\\u00e4\", \"card\": \"[CARD_1]\"}"`, 1), c.sent)
		if path == "/v1/chat/completions" {
			c.respond("200", "application/json").stream(true, `{"choices":[{"index":0,"message":{"role":"assistant","content":"It is [CARD_1]"},"finish_reason":"stop"}]}`)
			require.Equal(t, "It is "+card, gjson.Get(c.client.String(), "choices.0.message.content").Str)
		}
		require.NotNil(t, newWorld(t, providers+"\nguards: {pii: {kinds: [card], action: block}}\n").post(path, asks).reply)
	}
}

// Arguments may be an object: Mistral, vLLM and Ollama take one.
func TestRedactedObjects(t *testing.T) {
	c := newWorld(t, guarded).post("/v1/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":{"ann@example.com":4111111111111111}}}]}]}`)
	require.Equal(t, `{"[EMAIL_1]":"[CARD_1]"}`, gjson.Get(c.sent, "messages.0.tool_calls.0.function.arguments").Raw)
}

// What is refused names the kind and never the value, in the client's dialect; what is only
// noted passes.
func TestGuardActions(t *testing.T) {
	const ask = `{"model":"MODEL","max_tokens":5,"messages":[{"role":"user","content":"call ann@example.com"}]}`
	policyOf := func(rest string) string { return providers + "guards:\n  pii: {kinds: [email], " + rest + "}\n" }

	w := newWorld(t, policyOf("action: block"))
	for path, model := range map[string]string{"/v1/chat/completions": "gpt-4o-mini", "/v1/messages": "claude-haiku-4-5"} {
		c := w.post(path, strings.Replace(ask, "MODEL", model, 1))
		require.Equal(t, 400, c.reply.Status)
		require.Contains(t, c.replyBody(), "(email)")
		require.NotContains(t, c.replyBody(), "ann@")
		if path == "/v1/messages" {
			require.Equal(t, "invalid_request_error", gjson.Get(c.replyBody(), "error.type").Str)
		} else {
			require.Equal(t, "blocked_by_guard", gjson.Get(c.replyBody(), "error.code").Str)
		}
		r := c.done()
		require.Equal(t, "blocked", r.End)
		require.Equal(t, int64(1), r.samples["sluice_guard_total;kind=email;action=block;"])
		require.Equal(t, int64(1), r.samples["sluice_requests_total;outcome=blocked;"])
	}
	for rest, action := range map[string]string{"action: flag": "flag", "mode: shadow": "shadow_redact", "action: block, mode: shadow": "shadow_block"} {
		c := newWorld(t, policyOf(rest)).post("/v1/chat/completions", strings.Replace(ask, "MODEL", "gpt-4o-mini", 1))
		require.Contains(t, c.sent, "ann@example.com", rest)
		require.Equal(t, int64(1), c.done().samples["sluice_guard_total;kind=email;action="+action+";"], rest)
	}
	c := newWorld(t, policyOf("min_score: 1")).post("/v1/chat/completions", strings.Replace(ask, "MODEL", "gpt-4o-mini", 1))
	require.Contains(t, c.sent, "ann@example.com")
}

// A user who writes a placeholder gets it back, and nobody else's value for it.
func TestPlaceholderOfTheUser(t *testing.T) {
	c := newWorld(t, guarded).post("/v1/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"[EMAIL_1] is not ann@example.com"}]}`)
	sent := gjson.Get(c.sent, "messages.0.content").Str
	require.Equal(t, "[PLACEHOLDER_1] is not [EMAIL_1]", sent)
	c.respond("200", "application/json").stream(true, `{"choices":[{"index":0,"message":{"role":"assistant","content":"`+sent+`"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`)
	require.Equal(t, "[EMAIL_1] is not ann@example.com", gjson.Get(c.client.String(), "choices.0.message.content").Str)
}

// An index in code is no placeholder, neither in a prompt nor in an answer, in whatever pieces.
func TestIndexInCode(t *testing.T) {
	policy := strings.Replace(guarded, "email", "ip, email", 1)
	ask := `{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"bind 127.0.0.1; val = code[ip - 1]; stack[ip-1]"}]}`
	const sent = "bind [IP_1]; val = code[ip - 1]; stack[ip-1]"
	const answer = `op := code[ip - 1] + (x)[ip-1] // [IP_1], [ip 1] and code[IP_1]`
	for cut := 1; cut <= len(answer); cut++ {
		c := newWorld(t, policy).post("/v1/chat/completions", ask)
		require.Equal(t, sent, gjson.Get(c.sent, "messages.0.content").Str)
		c.respond("200", "text/event-stream")
		for from := 0; from < len(answer); from += cut {
			c.stream(false, events(`{"id":"x","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"`+answer[from:min(len(answer), from+cut)]+`"}}]}`)+": ping\n\n")
		}
		c.stream(true, events(`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`, "[DONE]"))
		require.Equal(t, "op := code[ip - 1] + (x)[ip-1] // 127.0.0.1, 127.0.0.1 and code127.0.0.1", strings.TrimSpace(joined(c.client.String())), cut)
	}
}

// A step reads so little that no callback is long: less where more is looked for.
func TestGuardedSlices(t *testing.T) {
	body := chatOf(says("user", strings.Repeat("and so on ", 10_000)))
	for rules, most := range map[string]int{
		"":                                   gateway.Slice,
		"guards:\n  pii: {kinds: [email]}\n": gateway.GuardedSlice,
		"guards:\n  requests: {max_messages: 9}\n":                                                   gateway.Slice,
		"guards:\n  pii: {kinds: [email], custom: [{name: a, words: [b]}]}\n":                        gateway.MatchedSlice,
		"guards:\n  prompts: [{name: a, deny_words: [b]}]\n":                                         gateway.MatchedSlice,
		"guards:\n  injection: {}\n":                                                                 gateway.MatchedSlice,
		"guards:\n  answers: [{name: a, deny_words: [b]}]\n  requests: {max_input_tokens: 100000}\n": gateway.Slice,
	} {
		w := newWorld(t, providers+rules)
		r, _ := w.gateway.Begin(gateway.Arrival{Now: start, ID: "id", Headers: gateway.Headers{{":method", "POST"}, {":path", "/v1/chat/completions"}}, Slices: true, HoldsAnswers: true,
			Property: func([]string) (string, bool) { return "", false }})
		read, steps := 0, 0
		for more := true; more; steps++ {
			require.Less(t, steps, 100)
			read = 0
			out := r.Body(start, len(body), true, func(from, size int) []byte {
				read += size
				return []byte(body)[from:min(from+size, len(body))]
			})
			if more = out.More; more {
				require.LessOrEqual(t, read, most, rules)
			}
		}
		require.GreaterOrEqual(t, steps, len(body)/most, rules)
		require.LessOrEqual(t, steps, len(body)/most+2, rules)
	}
}
