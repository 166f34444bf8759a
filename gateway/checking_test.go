package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// polite is a policy whose answers have to thank somebody.
const polite = providers + `
guards:
  answers: [{name: polite, allow_words: [thanks, please], window: 16}]
`

// events frames the data of a stream's events.
func events(data ...string) string {
	return "data: " + strings.Join(data, "\n\ndata: ") + "\n\n"
}

// A rule that allows is asked of a whole answer, of what it tells the user. An answer that
// breaks it is not shown where all of it could still be held.
func TestAllowedAnswers(t *testing.T) {
	const finish = `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":9,"total_tokens":10}}`
	chat := func(deltas ...string) string {
		all := []string{`{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}`}
		for _, d := range deltas {
			all = append(all, `{"choices":[{"index":0,"delta":`+d+`}]}`)
		}
		return events(append(all, finish, "[DONE]")...)
	}
	message := func(blocks ...string) string {
		all := []string{`{"type":"message_start","message":{"id":"m","usage":{"input_tokens":1,"output_tokens":1}}}`}
		all = append(all, blocks...)
		return events(append(all, `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}`, `{"type":"message_stop"}`)...)
	}
	said := func(index, text string) string {
		return `{"type":"content_block_start","index":` + index + `,"content_block":{"type":"text","text":""}}` + "\n\ndata: " +
			`{"type":"content_block_delta","index":` + index + `,"delta":{"type":"text_delta","text":"` + text + `"}}` + "\n\ndata: " +
			`{"type":"content_block_stop","index":` + index + `}`
	}
	const used = `{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"say","input":{}}}` + "\n\ndata: " +
		`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"say\":\"hello\"}"}}` + "\n\ndata: " +
		`{"type":"content_block_stop","index":1}`
	response := func(text string) string {
		return events(`{"type":"response.output_text.delta","sequence_number":1,"output_index":0,"content_index":0,"delta":"`+text+`"}`,
			`{"type":"response.output_text.done","sequence_number":2,"output_index":0,"content_index":0,"text":"`+text+`"}`,
			`{"type":"response.completed","sequence_number":3,"response":{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"`+text+`"}]}],"usage":{"input_tokens":1,"output_tokens":9}}}`)
	}
	const calls = `"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"say","arguments":"{\"say\":\"hello\",\"n\":\"2\"}"}}]`
	for name, tt := range map[string]struct {
		path, model, answer string
		blocked             bool
		hidden              string // of what is blocked the client must not see
	}{
		"chat":                        {"/v1/chat/completions", "gpt-4o-mini", chat(`{"content":"many "}`, `{"content":"thanks"}`), false, ""},
		"chat, rude":                  {"/v1/chat/completions", "gpt-4o-mini", chat(`{"content":"go "}`, `{"content":"away"}`), true, "away"},
		"chat, a call alone":          {"/v1/chat/completions", "gpt-4o-mini", chat(`{` + calls + `}`), false, ""},
		"chat, thanks after a call":   {"/v1/chat/completions", "gpt-4o-mini", chat(`{"content":"I look"}`, `{`+calls+`}`, `{"content":" thanks"}`), false, ""},
		"chat, rude before a call":    {"/v1/chat/completions", "gpt-4o-mini", chat(`{"content":"go away"}`, `{`+calls+`}`), true, "away"},
		"chat, thanks in arguments":   {"/v1/chat/completions", "gpt-4o-mini", chat(`{"content":"go away"}`, `{`+strings.ReplaceAll(calls, "hello", "thanks")+`}`), true, "away"},
		"message":                     {"/v1/messages", "claude-haiku-4-5", message(said("0", "thanks")), false, ""},
		"message, rude":               {"/v1/messages", "claude-haiku-4-5", message(said("0", "go away")), true, "away"},
		"message, a call alone":       {"/v1/messages", "claude-haiku-4-5", message(used), false, ""},
		"message, thanks after":       {"/v1/messages", "claude-haiku-4-5", message(said("0", "I look"), used, said("2", "thanks")), false, ""},
		"message, rude and a call":    {"/v1/messages", "claude-haiku-4-5", message(said("0", "go away"), used), true, "away"},
		"response":                    {"/v1/responses", "gpt-4o-mini", response("thanks"), false, ""},
		"response, rude":              {"/v1/responses", "gpt-4o-mini", response("go away"), true, "away"},
		"no finish, but an end":       {"/v1/chat/completions", "gpt-4o-mini", events(`{"choices":[{"index":0,"delta":{"content":"go away"}}]}`, "[DONE]"), true, "away"},
		"whole":                       {"/v1/chat/completions", "gpt-4o-mini", `{"choices":[{"index":0,"message":{"role":"assistant","content":"thanks"},"finish_reason":"stop"}]}`, false, ""},
		"whole, rude":                 {"/v1/chat/completions", "gpt-4o-mini", `{"choices":[{"index":0,"message":{"role":"assistant","content":"go away"},"finish_reason":"stop"}]}`, true, "away"},
		"whole, a call":               {"/v1/chat/completions", "gpt-4o-mini", `{"choices":[{"index":0,"message":{"role":"assistant","content":"",` + calls + `},"finish_reason":"tool_calls"}]}`, false, ""},
		"whole, one of two is rude":   {"/v1/chat/completions", "gpt-4o-mini", `{"choices":[{"index":0,"message":{"content":"thanks"},"finish_reason":"stop"},{"index":1,"message":{"content":"go away"},"finish_reason":"stop"}]}`, true, "away"},
		"whole message, call's input": {"/v1/messages", "claude-haiku-4-5", `{"type":"message","content":[{"type":"text","text":"thanks"},{"type":"tool_use","id":"t","name":"say","input":{"say":"hello there","n":"2"}}],"usage":{"input_tokens":1,"output_tokens":2}}`, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			stream := strings.HasPrefix(tt.answer, "data:")
			for size := 1; size <= len(tt.answer); size = size*3 + 1 {
				ask, contentType := `{"model":"`+tt.model+`","max_tokens":50,"messages":[{"role":"user","content":"hi"}],"input":"hi"}`, "application/json"
				if stream {
					ask, contentType = `{"stream":true,`+ask[1:], "text/event-stream"
				}
				c := newWorld(t, polite).post(tt.path, ask)
				require.Nil(t, c.reply, c.replyBody())
				c.respond("200", contentType)
				for from := 0; from < len(tt.answer); from += size {
					c.stream(from+size >= len(tt.answer), tt.answer[from:min(from+size, len(tt.answer))])
				}
				r := c.done()
				if !tt.blocked {
					require.Equal(t, "complete", r.End, c.client.String())
					if !stream {
						require.Equal(t, tt.answer, c.client.String())
					}
					require.Equal(t, strings.Contains(tt.answer, "thanks"), strings.Contains(c.client.String(), "thanks"))
					require.NotRegexp(t, `content_filter|refusal`, c.client.String())
					require.Zero(t, r.samples["sluice_guard_total;kind=polite;action=block;"])
					continue
				}
				require.Equal(t, "blocked", r.End)
				require.NotContains(t, c.client.String(), tt.hidden)
				require.Equal(t, int64(1), r.samples["sluice_guard_total;kind=polite;action=block;"])
				if stream {
					require.Regexp(t, `content_filter|refusal`, c.client.String())
				} else {
					require.Equal(t, "blocked_by_guard", gjson.Get(c.client.String(), "error.code").Str)
				}
			}
		})
	}
}

// What a rule has kept from the client is charged all the same: by the provider's usage where
// that came in the event that was not shown, else as it is counted.
func TestChargedForWhatIsBlocked(t *testing.T) {
	const rules = providers + "guards:\n  answers: [{name: code, deny: ['launch\\s+code'], window: 4KiB}]\n"
	piece := func(text, rest string) string {
		return `{"id":"x","choices":[{"index":0,"delta":{"content":"` + text + `"}` + rest + `}]`
	}
	for name, tt := range map[string]struct {
		rules  string
		pieces []string
		output int64
		source string
	}{
		"usage in the same event": {rules, []string{piece("the launch ", "") + "}", piece("code", `,"finish_reason":"stop"`) + `,"usage":{"prompt_tokens":7,"completion_tokens":1000,"total_tokens":1007}}`}, 1000, "provider"},
		"usage at the end of all": {polite, []string{piece("go away", "") + "}", `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":1000,"total_tokens":1007}}`}, 1000, "provider"},
		"none: what was held":     {rules, []string{piece("one two three four five six the launch ", "") + "}", piece("code", "") + "}"}, 9, "counted"},
		"none: what has ended":    {polite, []string{piece("one two three four five six go away", "") + "}", piece("", `,"finish_reason":"stop"`) + "}"}, 8, "counted"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newWorld(t, tt.rules).post("/v1/chat/completions", `{"model":"gpt-4o-mini","stream":true,"max_tokens":2000,"messages":[{"role":"user","content":"hi"}]}`)
			c.respond("200", "text/event-stream")
			for i, p := range tt.pieces {
				c.stream(i == len(tt.pieces)-1, events(p))
			}
			r := c.done()
			require.Equal(t, "blocked", r.End)
			require.Equal(t, tt.output, r.Tokens.Output)
			require.Equal(t, tt.source, r.Tokens.Source)
			require.NotContains(t, c.client.String(), "six")
		})
	}
}

// A kept answer is held to the rules as they are now. What another attempt is wanted for is
// taken for none, and a provider is asked.
func TestRulesForKeptAnswers(t *testing.T) {
	for action, asks := range map[string]bool{"retry": true, "block": false, "flag": false} {
		for _, stream := range []bool{false, true} {
			w := newWorld(t, cached+"guards:\n  answers: [{name: named, deny_words: [nobody], action: "+action+"}]\n")
			body, kept, contentType := president, chatAnswer, "application/json"
			if stream {
				body, kept, contentType = `{"stream":true,`+president[1:], chatStream, "text/event-stream"
			}
			c := w.post(chat, body).told(kept, ":status", "200", "x-sluice-cache", "hit", "x-sluice-reason", "equal", "content-type", contentType, "x-sluice-target", "openai/gpt-4o")
			if asks {
				require.Nil(t, c.reply)
				require.Contains(t, c.sent, president[1:])
				c.respond("200", contentType).stream(true, strings.ReplaceAll(kept, "Nobody", "Somebody"))
				require.Contains(t, c.client.String(), "Somebody")
				require.Equal(t, "miss", c.seen["x-sluice-cache"])
				r := c.done()
				require.Equal(t, []string{"complete", "miss", "the kept answer breaks a rule of guards.answers"}, []string{r.End, r.Cache.Result, r.Cache.Reason})
				require.Equal(t, int64(1), r.samples["sluice_guard_total;kind=named;action=retry;"])
				require.Zero(t, r.Cache.SavedTokens)
				continue
			}
			require.Empty(t, c.sent)
			require.Equal(t, map[string]int{"block": 400, "flag": 200}[action], c.reply.Status)
			require.Equal(t, int64(1), c.done().samples["sluice_guard_total;kind=named;action="+action+";"])
		}
	}
}

// What rules hold back of a stream that breaks off has been said, and is paid for.
func TestWithheldIsCounted(t *testing.T) {
	const ask = `{"model":"gpt-4o-mini","max_tokens":500,"stream":true,"messages":[{"role":"user","content":"Go on"}]}`
	words := func(n int) (events string) {
		for i := range n {
			events += fmt.Sprintf("data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word %d\"}}]}\n\n", i)
		}
		return events
	}
	for name, rest := range map[string]string{
		"the client hangs up":         "",
		"the provider ends it":        "end",
		"an event is malformed":       "data: {\"id\":\n\n",
		"the provider tells an error": "data: {\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			said := map[string]int64{}
			for _, rule := range []string{"mode: shadow", "window: 16", "window: 4KiB", "allow_words: [yes]"} {
				w := newWorld(t, providers+"guards:\n  answers: [{name: code, deny: ['launch\\s+code'], "+rule+"}]\n")
				if strings.HasPrefix(rule, "allow") {
					w = newWorld(t, providers+"guards:\n  answers: [{name: code, "+rule+"}]\n")
				}
				c := w.post(chat, ask).respond("200", "text/event-stream").stream(false, words(20), words(20))
				if rest == "end" {
					c.stream(true, "")
				} else if rest != "" {
					c.stream(false, rest)
				}
				said[rule] = c.done().Tokens.Output
			}
			require.Greater(t, said["mode: shadow"], int64(80))
			for rule, tokens := range said {
				require.Equal(t, said["mode: shadow"], tokens, rule)
			}
		})
	}
}

// secretive is a policy whose answers must not tell a code.
const secretive = providers + "guards:\n  answers: [{name: code, deny: ['launch\\s+code'], window: 256}]\n"

// Log probabilities have the tokens of the text beside them: they do not tell what is held back.
func TestLogprobsOfWhatIsHeld(t *testing.T) {
	const probs = `[{"token":"launch","logprob":-0.1,"bytes":[108],"top_logprobs":[{"token":"launch","logprob":-0.1,"bytes":[108]}]}]`
	const end = `{"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":9,"total_tokens":10}}`
	const part = `{"type":"output_text","text":"the launch","annotations":[],"logprobs":` + probs + `}`
	const item = `{"type":"message","id":"m","role":"assistant","content":[` + part + `]}`
	const at = `"output_index":0,"content_index":0,"item_id":"m",`
	for name, tt := range map[string]struct{ path, said, rest string }{
		"chat": {"/v1/chat/completions", events(
			`{"choices":[{"index":0,"delta":{"content":"the launch"},"logprobs":{"content":` + probs + `,"refusal":null},"finish_reason":null},{"logprobs":{"content":` + probs + `},"index":1,"delta":{}}]}`), events(end, "[DONE]")},
		"completion": {"/v1/completions", events(
			`{"choices":[{"index":0,"text":"the launch","logprobs":{"tokens":["the","launch"],"text_offset":[0,3],"top_logprobs":[{"launch":-0.1}]}}]}`), events(`{"choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":9,"total_tokens":10}}`, "[DONE]")},
		"response": {"/v1/responses", events(
			`{"type":"response.output_text.delta",` + at + `"sequence_number":1,"delta":"the launch","logprobs":` + probs + `}`),
			events(`{"type":"response.output_text.done",`+at+`"sequence_number":2,"text":"the launch","logprobs":`+probs+`}`,
				`{"type":"response.content_part.done",`+at+`"sequence_number":3,"part":`+part+`}`,
				`{"type":"response.output_item.done","output_index":0,"sequence_number":4,"item":`+item+`}`,
				`{"type":"response.completed","sequence_number":5,"response":{"status":"completed","output":[`+item+`],"usage":{"input_tokens":1,"output_tokens":9}}}`)},
	} {
		t.Run(name, func(t *testing.T) {
			ask := `{"model":"gpt-4o-mini","stream":true,"logprobs":true,"messages":[{"role":"user","content":"hi"}],"input":"hi","prompt":"hi"}`
			answer := func(rules string) (before, all string) {
				c := newWorld(t, rules).post(tt.path, ask)
				require.Nil(t, c.reply, c.replyBody())
				c.respond("200", "text/event-stream").stream(false, tt.said)
				before = c.client.String()
				c.stream(true, tt.rest)
				require.Equal(t, "complete", c.done().End)
				return before, c.client.String()
			}
			before, all := answer(secretive)
			require.NotContains(t, before, "launch")
			require.Contains(t, all, "the launch")
			require.NotRegexp(t, `"token|text_offset|-0.1`, all)
			require.Regexp(t, `"logprobs":(null|\[\])`, all)
			for _, line := range strings.Split(all, "\n") {
				if data, ok := strings.CutPrefix(line, "data: {"); ok {
					require.True(t, gjson.Valid("{"+data), line)
				}
			}

			_, all = answer(strings.Replace(secretive, "deny:", "mode: shadow, deny:", 1))
			require.Equal(t, tt.said+tt.rest, all, "what only notes holds nothing back")
		})
	}
}

// Rules see each text as a client puts it together, whatever the stream has between its pieces.
func TestTextsThatCross(t *testing.T) {
	chat := func(deltas ...string) string {
		var all []string
		for _, d := range deltas {
			all = append(all, `{"choices":[{"index":0,"delta":`+d+`}]}`)
		}
		return events(append(all, `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":9,"total_tokens":10}}`, "[DONE]")...)
	}
	const call = `{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"say","arguments":"{}"}}]}`
	argument := func(index, text string) string {
		return `{"tool_calls":[{"index":` + index + `,"function":{"arguments":"` + text + `"}}]}`
	}
	block := func(index, text string) string {
		return `{"type":"content_block_delta","index":` + index + `,"delta":{"type":"text_delta","text":"` + text + `"}}`
	}
	delta := func(n, text string) string {
		return `{"type":"response.output_text.delta","sequence_number":` + n + `,"output_index":` + n[:1] + `,"content_index":0,"delta":"` + text + `"}`
	}
	var both, calls []string
	for _, c := range strings.Split("this is the launch code", "") {
		both = append(both, `{"content":"`+c+`","reasoning_content":"`+c+`"}`)
	}
	for i := range 300 {
		calls = append(calls, strings.Replace(call, `"index":0`, fmt.Sprintf(`"index":%d`, i), 1))
	}
	for name, tt := range map[string]struct {
		path, answer string
		blocked      bool
	}{
		"a thought":            {"/v1/chat/completions", chat(`{"content":"the launch"}`, `{"reasoning_content":"hm"}`, `{"content":" code is 0000"}`), true},
		"a refusal":            {"/v1/chat/completions", chat(`{"content":"the launch"}`, `{"refusal":"no"}`, `{"content":" code is 0000"}`), true},
		"a call":               {"/v1/chat/completions", chat(`{"content":"the launch"}`, call, `{"content":" code is 0000"}`), true},
		"content of a thought": {"/v1/chat/completions", chat(`{"reasoning":"the launch"}`, `{"content":"hm"}`, `{"reasoning":" code is 0000"}`), true},
		"both in each event":   {"/v1/chat/completions", chat(both...), true},
		"parts, then a string": {"/v1/chat/completions", chat(`{"content":[{"type":"text","text":"the launch"}]}`, `{"content":" code is 0000"}`), true},
		"behind the finish":    {"/v1/chat/completions", strings.Replace(chat(`{"content":"the launch"}`, `{"content":" code is 0000"}`), `launch"}}`, `launch"},"finish_reason":"stop"}`, 1), true},
		"a call's arguments":   {"/v1/chat/completions", chat(argument("0", `{\"a\":\"the lau\\u00`), argument("1", "{}"), argument("0", `6ech code\"}`)), true},
		"many calls":           {"/v1/chat/completions", chat(append(calls, argument("299", "the launch"), `{"content":"hm"}`, argument("299", " code is 0000"))...), true},
		"blocks":               {"/v1/messages", events(block("0", "the launch"), block("1", "hm"), block("0", " code is 0000"), `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}`, `{"type":"message_stop"}`), true},
		"items":                {"/v1/responses", events(delta("1", "the launch"), delta("2", "hm"), delta("11", " code is 0000"), `{"type":"response.completed","sequence_number":12,"response":{"status":"completed","output":[],"usage":{"input_tokens":1,"output_tokens":9}}}`), true},

		"two texts":         {"/v1/chat/completions", chat(`{"content":"the launch"}`, `{"reasoning_content":" code is 0000"}`, `{"content":" is off"}`), false},
		"two calls":         {"/v1/chat/completions", chat(argument("0", "the launch"), argument("1", " code"), argument("0", " is off")), false},
		"nothing of a code": {"/v1/chat/completions", chat(append(both[:15:15], call, `{"content":"ed"}`)...), false},
	} {
		t.Run(name, func(t *testing.T) {
			var before string
			for size := 1; size <= len(tt.answer); size = size*3 + 1 {
				model := "gpt-4o-mini"
				if tt.path == "/v1/messages" {
					model = "claude-haiku-4-5"
				}
				c := newWorld(t, secretive).post(tt.path, `{"model":"`+model+`","stream":true,"max_tokens":500,"messages":[{"role":"user","content":"hi"}],"input":"hi"}`)
				require.Nil(t, c.reply, c.replyBody())
				c.respond("200", "text/event-stream")
				for from := 0; from < len(tt.answer); from += size {
					c.stream(from+size >= len(tt.answer), tt.answer[from:min(from+size, len(tt.answer))])
				}
				r, got := c.done(), c.client.String()
				require.True(t, before == "" || before == got, "%s\n%s", before, got)
				before = got
				if !tt.blocked {
					require.Equal(t, "complete", r.End, got)
					require.Equal(t, joined(tt.answer), joined(got))
					continue
				}
				require.Equal(t, "blocked", r.End, got)
				require.NotContains(t, joined(got)+got, "code")
			}
		})
	}
}

// joined is what a client of chats has of a stream: the texts of a choice.
func joined(stream string) (texts string) {
	for _, path := range []string{"content", "reasoning_content", "tool_calls.#(index==0).function.arguments", "tool_calls.#(index==1).function.arguments"} {
		for _, line := range strings.Split(stream, "\n") {
			texts += gjson.Get(strings.TrimPrefix(line, "data: "), "choices.0.delta."+path).Str
		}
		texts += "\n"
	}
	return texts
}
