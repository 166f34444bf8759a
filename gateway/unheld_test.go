package gateway_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/gateway"
)

// Kong cannot hold an answer, shows each piece once, and does not always say which is
// the last.
func TestAnswerThatCannotBeHeld(t *testing.T) {
	const answer = `{"choices":[{"message":{"content":"Hi"}}],"usage":{"prompt_tokens":8,"completion_tokens":1}}`
	const noUsage = `{"choices":[{"message":{"content":"Hi"}}]}`
	for _, row := range []struct {
		why, body, end, source string
		says                   bool // the host says that it was the last piece
		settled                int64
		failure, reason        string
	}{
		{"said to be over", answer, "complete", "provider", true, 9, "", ""},
		{"not said to be over", answer, "complete", "provider", false, 9, "", ""},
		{"without usage, said to be over", noUsage, "complete", "counted", true, 9, "usage_missing", ""},
		{"without usage, not said to be over", noUsage, "complete", "counted", false, 9, "usage_missing", ""},
		{"an error, not said to be over", `{"error":{"message":"no, and no again"}}`, "error", "none", false, 0, "", "error_body"},
		{"broken off", answer[:40], "client_gone", "counted", false, 1, "", ""},
	} {
		t.Run(row.why, func(t *testing.T) {
			w := newWorld(t, monthly)
			c := &call{w: w, headers: map[string]string{}, seen: map[string]string{}}
			var out gateway.Outcome
			c.request, out = w.gateway.Begin(gateway.Arrival{Now: w.now, ID: "id-1", Headers: gateway.Headers{{":method", "POST"}, {":path", chat}},
				Property: func([]string) (string, bool) { return "", false }})
			c.toProvider(out)
			c.write(`{"model":"gpt-4o","messages":[],"max_tokens":50}`).respond("200", "application/json")
			require.False(t, c.holding)
			c.stream(false, row.body[:20]).stream(row.says, row.body[20:])
			require.Equal(t, row.body, c.client.String())
			require.NotContains(t, c.seen, "x-sluice-cost-usd")
			r := c.done()
			require.Equal(t, row.end, r.End)
			require.Equal(t, row.source, r.Tokens.Source)
			require.Equal(t, row.failure, r.Failure)
			require.Equal(t, row.reason, r.Attempts[0].Reason)
			settled, _ := r.Budgets[0].Settled.Int64()
			require.InDelta(t, row.settled, settled, 8) // a broken one costs its input
			require.Equal(t, 100000-settled, w.left())
		})
	}
}

// unheld begins a request on a host that cannot hold its answer, and sends its body.
func unheld(w *world, path, body string) *call {
	c := &call{w: w, headers: map[string]string{}, seen: map[string]string{}}
	var out gateway.Outcome
	c.request, out = w.gateway.Begin(gateway.Arrival{Now: w.now, ID: "id-1", Headers: gateway.Headers{{":method", "POST"}, {":path", path}},
		Property: func([]string) (string, bool) { return "", false }})
	c.toProvider(out)
	return c.write(body)
}

// There an answer is restored, and held to the rules, all the same: nothing of it goes before
// all of it is there, however it is cut and whatever tells its end.
func TestGuardedAnswerThatCannotBeHeld(t *testing.T) {
	const (
		rules  = "guards:\n  pii: {kinds: [email]}\n  answers: [{name: code, deny: ['launch\\s+code']}]\n  output: {on_invalid: block}\n"
		ask    = `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"I am ann@example.com"}]SCHEMA}`
		schema = `,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","required":["a"]}}}`
		claude = `{"model":"claude-haiku-4-5","max_tokens":9,"messages":[{"role":"user","content":"I am ann@example.com"}]}`
	)
	chat := func(text string) string {
		return `{"id":"c-1","created":7,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":` + text + `},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}`
	}
	const withheld = `{"id":"c-1","created":7,"model":"gpt-4o-mini","usage":{"prompt_tokens":3,"completion_tokens":2},"choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":null},"logprobs":null,"finish_reason":"content_filter"}]}`
	for _, row := range []struct {
		name, path, ask, answer, client, end, code string
	}{
		{"restored", "/v1/chat/completions", strings.Replace(ask, "SCHEMA", "", 1), chat(`"Dear \u005bEMAIL_1], {\"[EMAIL_1]\"}"`), chat(`"Dear ann@example.com, {\"ann@example.com\"}"`), "complete", ""},
		{"as it is", "/v1/chat/completions", strings.NewReplacer("SCHEMA", "", "I am ann@example.com", "Hello").Replace(ask), chat(`"Hello \u005b"`), chat(`"Hello \u005b"`), "complete", ""},
		{"a rule", "/v1/chat/completions", strings.Replace(ask, "SCHEMA", "", 1), chat(`"[EMAIL_1], the launch code"`), withheld, "blocked", "blocked_by_guard"},
		{"of another schema", "/v1/chat/completions", strings.Replace(ask, "SCHEMA", schema, 1), chat(`"[EMAIL_1]"`), withheld, "blocked", "invalid_output"},
		{"an error", "/v1/chat/completions", strings.Replace(ask, "SCHEMA", "", 1), `{"error":{"message":"launch code"}}`, `{"error":{"message":"launch code"}}`, "error", ""},
		{"message", "/v1/messages", claude,
			`{"id":"m","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[{"type":"tool_use","id":"t","name":"n","input":{"[EMAIL_1]":"[EMAIL_1]"}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":2}}`,
			`{"id":"m","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[{"type":"tool_use","id":"t","name":"n","input":{"ann@example.com":"ann@example.com"}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":2}}`, "complete", ""},
	} {
		for _, says := range []string{"nothing", "the length", "the end"} {
			t.Run(row.name+", the host says "+says, func(t *testing.T) {
				w := newWorld(t, providers+rules)
				for i := range len(row.answer) + 1 {
					for _, j := range []int{i, i + 1, len(row.answer)} {
						j = min(j, len(row.answer))
						c := unheld(w, row.path, row.ask)
						if says == "the length" {
							c.respond("200", "application/json", "content-length", strconv.Itoa(len(row.answer)))
							require.NotContains(t, c.seen, "content-length")
						} else {
							c.respond("200", "application/json")
						}
						require.False(t, c.holding)
						c.stream(says == "the end", row.answer[:i], row.answer[i:j], row.answer[j:])
						require.Equal(t, row.client, c.client.String(), "cut at %d and %d", i, j)
						require.Equal(t, "200", c.seen[":status"], "it has gone")
						r := c.done()
						require.Equal(t, []string{row.end, row.code}, []string{r.End, r.Code})
						if row.end != "error" {
							require.Equal(t, []int64{3, 2}, []int64{r.Tokens.Input, r.Tokens.Output}, "it was made, and is paid for")
						}
					}
				}
			})
		}
	}
}

// Rules that only note see such an answer as well, and hold none of it.
func TestNotedAnswerThatCannotBeHeld(t *testing.T) {
	const answer = `{"choices":[{"index":0,"message":{"role":"assistant","content":"the launch code"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}`
	for rules, told := range map[string]string{
		"answers: [{name: code, deny_words: [launch code], mode: shadow}]":                                               "kind=code;action=shadow_block;",
		"answers: [{name: code, deny_words: [launch code], action: flag}]":                                               "kind=code;action=flag;",
		"output: {on_invalid: flag, json_schema: {type: object}}\n  answers: [{name: a, deny_words: [b], mode: shadow}]": "kind=output;action=flag;",
		"output: {on_invalid: retry, mode: shadow, json_schema: {type: object}}":                                         "kind=output;action=shadow_block;",
	} {
		c := unheld(newWorld(t, providers+"guards:\n  "+rules+"\n"), "/v1/chat/completions", chatOf(says("user", "hi")))
		c.respond("200", "application/json", "content-length", strconv.Itoa(len(answer)))
		require.Equal(t, strconv.Itoa(len(answer)), c.seen["content-length"], "it stays as it is")
		for i := range answer {
			c.stream(i == len(answer)-1, answer[i:i+1])
			require.Equal(t, answer[:i+1], c.client.String())
		}
		r := c.done()
		require.Equal(t, "complete", r.End)
		require.Equal(t, int64(2), r.Tokens.Output)
		require.Equal(t, int64(1), r.samples["sluice_guard_total;"+told], rules)
	}
}

// What cannot be read there passes as it came, all of it; what never comes to its end does not.
func TestUnreadableAnswerThatCannotBeHeld(t *testing.T) {
	const ask = `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"I am ann@example.com"}]}`
	rest := strings.Repeat("x", 3000)
	for _, row := range []struct {
		name, answer, length, client, failure string
		end                                   bool
	}{
		{"no JSON", `{"a":[EMAIL_1]}`, "", `{"a":[EMAIL_1]}`, "unreadable_answer", false},
		{"too long", `{"a":"[EMAIL_1]` + rest + `"}`, "", `{"a":"[EMAIL_1]` + rest + `"}`, "answer_too_large", false},
		{"cut short, as announced", `{"a":"[EMAIL_1]`, "15", `{"a":"[EMAIL_1]`, "unreadable_answer", false},
		{"cut short, as told", `{"a":"[EMAIL_1]`, "", `{"a":"[EMAIL_1]`, "unreadable_answer", true},
		{"broken off", `{"a":"[EMAIL_1]`, "", ``, "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, providers+"limits: {response_body: 2KiB}\nguards:\n  pii: {kinds: [email]}\n")
			for i := range len(row.answer) {
				c := unheld(w, "/v1/chat/completions", ask).respond("200", "application/json", "content-length", row.length)
				c.stream(row.end, row.answer[:i], row.answer[i:])
				require.Equal(t, row.client, c.client.String(), i)
				require.Equal(t, row.failure, c.done().Failure)
			}
		})
	}
}
