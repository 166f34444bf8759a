package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

const shaped = `
guards:
  output:
    json_schema: {type: object, required: [a], properties: {a: {type: integer}}}
`

func wholeSaying(text, finish string) string {
	return fmt.Sprintf(`{"choices":[{"index":0,"message":{"role":"assistant","content":%q},"finish_reason":%q}],"usage":{"prompt_tokens":5,"completion_tokens":5}}`, text, finish)
}

// A schema of the policy's own is for each whole chat answer that says all it had to say.
func TestPolicySchema(t *testing.T) {
	const ownB = `,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","required":["b"]}}}`
	for _, row := range []struct{ name, more, model, ask, text, finish string }{
		{"fits", "", "gpt-4o-mini", "", `{"a":1}`, ""},
		{"does not fit", "", "gpt-4o-mini", "", `{"a":"x"}`, "stop"},
		{"no JSON", "", "gpt-4o-mini", "", `hello`, "stop"},
		{"a name twice", "", "gpt-4o-mini", "", `{"a":1,"a":"x"}`, "stop"},
		{"a name twice, inside and escaped", "", "gpt-4o-mini", "", `{"a":1,"b":[{"c":1,"\u0063":1}]}`, "stop"},
		{"the same name in two objects", "", "gpt-4o-mini", "", `{"a":1,"b":[{"a":1},{"a":1}]}`, ""},
		{"deep", "", "gpt-4o-mini", "", `{"a":1,"b":` + strings.Repeat("[", 400) + strings.Repeat("]", 400) + `}`, ""},
		{"cut short", "", "gpt-4o-mini", "", `{"a":`, "length"},
		{"calls a tool", "", "gpt-4o-mini", "", ``, "tool_calls"},
		{"both, of which one fits", "", "gpt-4o-mini", ownB, `{"a":1}`, "stop"},
		{"both fit", "", "gpt-4o-mini", ownB, `{"a":1,"b":2}`, ""},
		{"another model", ", models: [house]", "gpt-4o-mini", "", `hello`, ""},
		{"another model's own schema", ", models: [house]", "gpt-4o-mini", ownB, `hello`, ""},
		{"that model", ", models: [house]", "house", "", `hello`, "stop"},
	} {
		for _, on := range []string{"retry", "block", "flag", "retry, mode: shadow", "block, mode: shadow", "flag, mode: shadow"} {
			bad := row.finish == "stop"
			on, shadow := strings.CutSuffix(on, ", mode: shadow")
			mode := ""
			if shadow {
				mode = ", mode: shadow"
			}
			w := newWorld(t, providers+"guards:\n  output: {json_schema: {type: object, required: [a], properties: {a: {type: integer}}}, on_invalid: "+on+mode+row.more+"}\n")
			c := w.post("/v1/chat/completions", `{"model":"`+row.model+`","messages":[]`+row.ask+`}`)
			finish := row.finish
			if finish == "" {
				finish = "stop"
			}
			whole := wholeSaying(row.text, finish)
			c.respond("200", "application/json").stream(true, whole)
			r := c.done()
			action := "block" // a model without retries has none to make
			if on == "flag" {
				action = "flag"
			}
			if shadow {
				action = "shadow_" + action
				require.Equal(t, whole, c.client.String())
			}
			require.Equal(t, bad, r.samples["sluice_guard_total;kind=output;action="+action+";"] == 1, row.name)
			require.Equal(t, bad && on != "flag" && !shadow, c.seen[":status"] == "502", row.name)
			require.EqualValues(t, 10, r.Tokens.Input+r.Tokens.Output, "it was made, and is paid for")
		}
	}
}

// streamed is a stream of a dialect that says these pieces.
func streamed(path, finish string, pieces ...string) string {
	out := ""
	switch path {
	case messages:
		out = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-haiku-4-5\",\"content\":[],\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}\n\n"
		for i, p := range pieces {
			out += fmt.Sprintf("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":%d,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n", i)
			out += fmt.Sprintf("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":%d,\"delta\":{\"type\":\"text_delta\",\"text\":%q}}\n\n", i, p)
			out += fmt.Sprintf("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":%d}\n\n", i)
		}
		if finish == "stop" {
			finish = "end_turn"
		}
		out += fmt.Sprintf("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":%q},\"usage\":{\"output_tokens\":5}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", finish)
	case "/v1/responses":
		event := func(typ, format string, more ...any) {
			out += fmt.Sprintf("event: %s\ndata: {\"type\":%q,\"output_index\":0,\"content_index\":0,\"item_id\":\"i\","+format+"}\n\n", append([]any{typ, typ}, more...)...)
		}
		whole := strings.Join(pieces, "")
		for _, p := range pieces {
			event("response.output_text.delta", `"delta":%q`, p)
		}
		event("response.output_text.done", `"text":%q`, whole)
		event("response.output_item.done", `"item":{"type":"message","id":"i","role":"assistant","content":[{"type":"output_text","text":%q}]}`, whole)
		status := map[bool]string{true: "completed", false: "incomplete"}[finish == "stop"]
		event("response."+status, `"response":{"id":"r","status":%q,"output":[{"type":"message","id":"i","role":"assistant","content":[{"type":"output_text","text":%q}]}],"usage":{"input_tokens":5,"output_tokens":5}}`, status, whole)
	default:
		for _, p := range pieces {
			out += fmt.Sprintf("data: {\"id\":\"x\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":%q}}]}\n\n", p)
		}
		out += fmt.Sprintf("data: {\"id\":\"x\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":%q}]}\n\n", finish) +
			"data: {\"id\":\"x\",\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":5}}\n\ndata: [DONE]\n\n"
	}
	return out
}

// A stream that does not fit has no clean end, however it is cut; one that fits is what it
// was, byte by byte.
func TestStreamOfSchema(t *testing.T) {
	for _, path := range []string{chat, messages, "/v1/responses"} {
		model := map[string]string{messages: "claude-haiku-4-5"}[path]
		if model == "" {
			model = "gpt-4o-mini"
		}
		ask := `{"model":"` + model + `","max_tokens":99,"stream":true,"stream_options":{"include_usage":true},"messages":[]}`
		if path == "/v1/responses" {
			ask = `{"model":"` + model + `","stream":true,"input":"x"}`
		}
		run := func(on, stream string, cut int) (*call, record) {
			rule, shadow := strings.CutPrefix(on, "shadow_")
			if rule = shaped + "    on_invalid: " + rule + "\n"; shadow {
				rule += "    mode: shadow\n"
			}
			w := newWorld(t, providers+rule)
			c := w.post(path, ask)
			c.respond("200", "text/event-stream")
			for from := 0; from < len(stream); from += cut {
				c.stream(from+cut >= len(stream), stream[from:min(len(stream), from+cut)])
			}
			return c, c.done()
		}
		for _, cut := range []int{1, 7, 100, 1 << 20} {
			for _, on := range []string{"block", "flag", "shadow_block"} {
				good := streamed(path, "stop", `{"a`, `":1}`)
				c, r := run(on, good, cut)
				require.Equal(t, good, c.client.String())
				require.Equal(t, "complete", r.End)

				short := streamed(path, "length", `{"a`, `":`)
				c, _ = run(on, short, cut)
				require.Equal(t, short, c.client.String(), "what was cut short is not looked at")

				twice := streamed(path, "stop", `{"a`, `":1,"a":1}`)
				_, r = run(on, twice, cut)
				require.Equal(t, int64(1), r.samples["sluice_guard_total;kind=output;action="+on+";"])

				bad := streamed(path, "stop", `{"a`, `":"x"}`)
				c, r = run(on, bad, cut)
				require.EqualValues(t, 10, r.Tokens.Input+r.Tokens.Output, "%s %d", path, cut)
				if on != "block" {
					require.Equal(t, bad, c.client.String())
					require.Equal(t, int64(1), r.samples["sluice_guard_total;kind=output;action="+on+";"])
					require.Equal(t, "complete", r.End)
					continue
				}
				require.Equal(t, int64(1), r.samples["sluice_guard_total;kind=output;action=block;"])
				require.Equal(t, "blocked", r.End)
				require.Equal(t, "invalid_output", r.Code)
				for _, end := range []string{`"stop"`, "[DONE]", "end_turn", "message_stop", "response.completed"} {
					require.NotContains(t, c.client.String(), end)
				}
				require.Contains(t, c.client.String(), "JSON schema")
			}
		}
	}
}

// A rule in shadow makes no attempt fail, and takes no schema of the request's from what the
// model's retries say. What it would have done is told as that.
func TestSchemaInShadow(t *testing.T) {
	const ownB = `,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","required":["b"]}}}`
	for _, row := range []struct {
		name, on, ask string
		says          []string
		reasons, told string
	}{
		{"another attempt", "retry", "", []string{`{"a":"x"}`}, ",", "shadow_retry"},
		{"a block", "block", "", []string{`{"a":"x"}`}, ",", "shadow_block"},
		{"a note", "flag", "", []string{`{"a":"x"}`}, ",", "shadow_flag"},
		{"nothing", "retry", "", []string{`{"a":1}`}, ",", ""},
		{"the request's own", "block", ownB, []string{`{"a":1}`, `{"a":1,"b":2}`}, "schema,,", ""},
		{"the request's own, and the policy's", "block", ownB, []string{`{"a":1}`, `{"b":2}`}, "schema,,", "shadow_block"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, several+shaped+"    mode: shadow\n    on_invalid: "+row.on+"\n")
			c := w.post(chat, strings.Replace(asksFor("pair", false), "{", `{"user":"u"`+row.ask+",", 1))
			var answers []answer
			for _, says := range row.says {
				answers = append(answers, jsonAnswer("200", wholeSaying(says, "stop")))
			}
			c.follow(answers...)
			r := c.done()
			require.Equal(t, "complete", r.End)
			require.Equal(t, wholeSaying(row.says[len(row.says)-1], "stop"), c.client.String())
			reasons, told := "", ""
			for _, a := range r.Attempts {
				reasons += a.Reason + ","
			}
			for name := range r.samples {
				if rest, ok := strings.CutPrefix(name, "sluice_guard_total;kind=output;action="); ok {
					told += strings.TrimSuffix(rest, ";")
				}
			}
			require.Equal(t, []string{row.reasons, row.told}, []string{reasons, told})
			settled(t, w, r)
		})
	}
	w := newWorld(t, providers+shaped+"    mode: shadow\n")
	c := w.post(chat, `{"model":"gpt-4o-mini","stream":true,"messages":[]}`)
	c.respond("200", "text/event-stream").stream(true, streamed(chat, "stop", strings.Repeat("x", 300<<10)))
	require.Equal(t, int64(1), c.done().samples["sluice_guard_total;kind=output.unchecked;action=shadow_flag;"])
}

// What is longer than is kept is not looked at, and told so; its room is given back.
func TestLongStreamOfSchema(t *testing.T) {
	w := newWorld(t, providers+shaped)
	for range 40 { // more than all may have together
		c := w.post(chat, `{"model":"gpt-4o-mini","stream":true,"messages":[]}`)
		c.respond("200", "text/event-stream")
		c.stream(true, streamed(chat, "stop", strings.Repeat("x", 200<<10), strings.Repeat("x", 100<<10)))
		r := c.done()
		require.Equal(t, int64(1), r.samples["sluice_guard_total;kind=output.unchecked;action=flag;"])
	}
	c := w.post(chat, `{"model":"gpt-4o-mini","stream":true,"messages":[]}`)
	c.respond("200", "text/event-stream")
	c.stream(true, streamed(chat, "stop", strings.Repeat("x", 200<<10)))
	require.Equal(t, "blocked", c.done().End)

	// As many at once as all may have together, and more.
	var open []*call
	for range 30 {
		c := w.post(chat, `{"model":"gpt-4o-mini","stream":true,"messages":[]}`)
		c.respond("200", "text/event-stream").stream(false, strings.SplitAfter(streamed(chat, "stop", strings.Repeat("x", 200<<10)), "\n\n")[0])
		open = append(open, c)
	}
	ends := map[string]int{}
	for _, c := range open {
		c.stream(true, strings.SplitAfterN(streamed(chat, "stop", "x"), "\n\n", 2)[1])
		ends[c.done().End]++
	}
	require.Equal(t, map[string]int{"blocked": 20, "complete": 10}, ends)

	// Several choices are told apart by nobody.
	c = w.post(chat, `{"model":"gpt-4o-mini","stream":true,"n":2,"messages":[]}`)
	c.respond("200", "text/event-stream")
	c.stream(true, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	require.Equal(t, int64(1), c.done().samples["sluice_guard_total;kind=output.unchecked;action=flag;"])

	// A refusal is none that could fit.
	c = w.post(chat, `{"model":"gpt-4o-mini","stream":true,"messages":[]}`)
	c.respond("200", "text/event-stream")
	c.stream(true, "data: {\"choices\":[{\"index\":0,\"delta\":{\"refusal\":\"no\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	require.Equal(t, "complete", c.done().End)
}

const retrying = several + `
guards:
  answers:
    - {name: secrets, deny: ['launch\s+code'], window: 64, action: retry}
    - {name: never, deny_words: [poison], window: 64}
    - {name: tone, deny_words: [damn], action: flag}
    - {name: trial, deny_words: [trial], action: retry, mode: shadow}
`

// An answer that breaks a rule whose action is retry is an attempt that failed, and costs
// what it used, once.
func TestRetriedAnswers(t *testing.T) {
	const bad, good, never = "the launch code is 7", "the weather is damn fine, a trial", "launch code and poison"
	for _, row := range []struct {
		name, policy, model string
		says                []string
		end, reasons        string
		guards              map[string]int64
	}{
		{"good at once", retrying, "pair", []string{good}, "complete", ",", map[string]int64{"tone/flag": 1, "trial/shadow_retry": 1}},
		{"then good", retrying, "pair", []string{bad, good}, "complete", "guard,,", map[string]int64{"secrets/retry": 1, "tone/flag": 1, "trial/shadow_retry": 1}},
		{"nothing is left", retrying, "pair", []string{bad, bad}, "blocked", "guard,guard,", map[string]int64{"secrets/retry": 1, "secrets/block": 1}},
		{"blocked in any case", retrying, "pair", []string{never}, "blocked", ",", map[string]int64{"never/block": 1, "secrets/block": 1}},
		{"translated", retrying, "mixed", []string{bad, good}, "complete", "guard,,", map[string]int64{"secrets/retry": 1, "tone/flag": 1, "trial/shadow_retry": 1}},
		{"not retried", strings.Replace(retrying, "{attempts: 2, max_retry_after: 10s}", "{attempts: 2, on: [unavailable]}", 1), "pair", []string{bad}, "blocked", ",", map[string]int64{"secrets/block": 1}},
	} {
		for _, stream := range []bool{false, true} {
			if stream && row.says[0] == never {
				continue // there the first of the two decides
			}
			t.Run(fmt.Sprintf("%s/stream=%t", row.name, stream), func(t *testing.T) {
				w := newWorld(t, row.policy)
				c := w.post(chat, asksFor(row.model, stream))
				var answers []answer
				for i, says := range row.says {
					path := chat
					if row.model == "mixed" && i == 0 {
						path = messages
					}
					switch {
					case stream:
						pieces := []string{says[:9], says[9:]}
						if path == messages {
							pieces = []string{says} // each block is a text by itself
						}
						answers = append(answers, streamAnswer(streamed(path, "stop", pieces...)))
					case path == messages:
						answers = append(answers, jsonAnswer("200", fmt.Sprintf(`{"id":"m","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[{"type":"text","text":%q}],"stop_reason":"end_turn","usage":{"input_tokens":5,"output_tokens":5}}`, says)))
					default:
						answers = append(answers, jsonAnswer("200", wholeSaying(says, "stop")))
					}
				}
				c.follow(answers...)
				r := c.done()
				require.Equal(t, row.end, r.End)
				reasons := ""
				for _, a := range r.Attempts {
					reasons += a.Reason + ","
					require.Positive(t, a.Tokens)
					require.True(t, stream || a.Tokens == 10)
				}
				require.Equal(t, row.reasons, reasons)
				settled(t, w, r)
				found := map[string]int64{}
				for name, n := range r.samples {
					if rest, ok := strings.CutPrefix(name, "sluice_guard_total;kind="); ok {
						found[strings.NewReplacer(";action=", "/", ";", "").Replace(rest)] = n
					}
				}
				require.Equal(t, row.guards, found)
				require.NotContains(t, c.client.String(), "code is 7")
				switch {
				case row.end == "complete":
					require.Contains(t, c.client.String(), "weather")
				case !stream || reasons != ",":
					require.Equal(t, "400", c.seen[":status"])
					require.Equal(t, "blocked_by_guard", gjson.Get(c.client.String(), "error.code").Str)
					require.Equal(t, "blocked_by_guard", r.Code)
				default:
					require.Contains(t, c.client.String(), "content_filter")
				}
			})
		}
	}
}

// Whether a stream is taken back does not depend on how its bytes were cut, and one that has
// said more than the window is not.
func TestRetriedStreamCuts(t *testing.T) {
	long := strings.Repeat("all is well ", 7)
	for name, row := range map[string]struct {
		stream string
		again  bool
	}{
		"at once":            {streamed(chat, "stop", "the lau", "nch co", "de is 7"), true},
		"in the window":      {streamed(chat, "stop", long[:40], " launch", " code is 7"), true},
		"in its last byte":   {streamed(chat, "stop", long[:64-11], "launch code", " is 7"), true},
		"behind it":          {streamed(chat, "stop", long[:64], "x", " launch code is 7"), false},
		"an error in it":     {streamed(chat, "stop", "all ")[:70] + "\n\ndata: " + ourError + "\n\n", true},
		"broken off in it":   {strings.SplitAfter(streamed(chat, "stop", "all is well"), "\n\n")[0], true},
		"broken off, longer": {strings.SplitAfter(streamed(chat, "stop", long), "\n\n")[0], false},
	} {
		t.Run(name, func(t *testing.T) {
			run := func(pieces ...string) string {
				w := newWorld(t, retrying)
				c := w.post(chat, asksFor("pair", true))
				answers := []answer{streamAnswer(pieces...)}
				if row.again {
					answers = append(answers, streamAnswer(goodText))
				}
				c.follow(answers...)
				settled(t, w, c.done())
				return c.client.String()
			}
			whole := run(row.stream)
			require.NotContains(t, whole, "code is 7")
			for at := 1; at < len(row.stream); at++ {
				require.Equal(t, whole, run(row.stream[:at], row.stream[at:]))
			}
		})
	}
}

// A stream that begins slowly is let go, and a breach behind that blocks it.
func TestSlowStreamIsNotHeld(t *testing.T) {
	w := newWorld(t, retrying)
	c := w.post(chat, asksFor("pair", true))
	events := strings.SplitAfter(streamed(chat, "stop", "the lau", "nch code is 7"), "\n\n")
	first := streamAnswer(append([]string{events[0]}, events[1:]...)...)
	first.takes = 8_000 // of first_token: 15s
	c.follow(first)
	require.Equal(t, "blocked", c.done().End)
	require.Contains(t, c.client.String(), "content_filter")
}

// What is held of a stream is bounded, whatever it is that says nothing.
func TestLongStreamIsNotHeld(t *testing.T) {
	for n, end := range map[int]string{900: "complete", 1100: "blocked"} {
		w := newWorld(t, retrying)
		c := w.post(chat, asksFor("pair", true))
		events := strings.SplitAfter(streamed(chat, "stop", "the lau", "nch code is 7"), "\n\n")
		empty := `data: {"choices":[{"index":0,"delta":{"content":""},"x":"` + strings.Repeat("x", 1000) + "\"}]}\n\n"
		pieces := append([]string{events[0], strings.Repeat(empty, n)}, events[1:]...)
		answers := []answer{streamAnswer(pieces...)}
		if end == "complete" {
			answers = append(answers, streamAnswer(goodText))
		}
		c.follow(answers...)
		require.Equal(t, end, c.done().End, n)
	}
}

// The same where the filter calls by itself.
func TestRetriedInline(t *testing.T) {
	w := newWorld(t, strings.Replace(retrying, "  pair:\n", "  pair:\n    failover: inline\n", 1))
	for _, row := range []struct {
		says []string
		end  string
	}{{[]string{"the launch code", "fine"}, "complete"}, {[]string{"the launch code", "a launch code"}, "blocked"}} {
		c := w.post(chat, asksFor("pair", false))
		for _, says := range row.says {
			require.NotNil(t, c.asks)
			c.toProvider(c.request.Called(w.now, c.asks, [][2]string{{":status", "200"}, {"content-type", "application/json"}}, []byte(wholeSaying(says, "stop")), c.read))
		}
		require.NotNil(t, c.reply)
		r := c.done()
		require.Equal(t, row.end, r.End)
		require.EqualValues(t, 20, r.Tokens.Input+r.Tokens.Output)
		require.Equal(t, row.end == "blocked", c.reply.Status == 400)
	}
}
