package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/gateway"
)

// thoughtful are answers of each dialect that say TEXT in a thought, and SHOW in what the
// client is shown, as it is sent by a provider, whole and as a stream.
var thoughtful = map[string]struct {
	path, model    string
	whole          string
	stream         func(pieces []string) string
	unsigned, sign string // where the thought stands in the client's answer, by gjson's paths of a whole one
}{
	"message": {messages, "claude", `{"id":"m","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[THOUGHT,{"type":"text","text":"Done"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":5}}`,
		anthropicThought, "content.0.thinking", "content.0.thinking"},
	"message to a chat": {chat, "claude", `{"id":"m","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[THOUGHT,{"type":"text","text":"Done"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":5}}`,
		anthropicThought, "choices.0.message.reasoning_content", "choices.0.message.thinking_blocks.0.thinking"},
	"chat": {chat, "four", `{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"Done","reasoning_content":TEXT},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`,
		openAIThought, "choices.0.message.reasoning_content", ""},
	"chat to a message": {messages, "four", `{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"Done","reasoning_content":TEXT},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`,
		openAIThought, "content.0.thinking", ""},
}

func anthropicThought(pieces []string) string {
	out := claudeStart[:strings.Index(claudeStart, "event: content_block_start")]
	event := func(typ, rest string) { out += "event: " + typ + "\ndata: {\"type\":\"" + typ + "\"," + rest + "}\n\n" }
	event("content_block_start", `"index":0,"content_block":{"type":"thinking","thinking":"","signature":""}`)
	for _, p := range pieces {
		event("content_block_delta", fmt.Sprintf(`"index":0,"delta":{"type":"thinking_delta","thinking":%q}`, p))
	}
	event("SIGNATURE", "")
	event("content_block_stop", `"index":0`)
	event("content_block_start", `"index":1,"content_block":{"type":"text","text":""}`)
	event("content_block_delta", `"index":1,"delta":{"type":"text_delta","text":"Done"}`)
	event("content_block_stop", `"index":1`)
	event("message_delta", `"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}`)
	return out + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
}

func openAIThought(pieces []string) string {
	out := ""
	for _, p := range pieces {
		out += fmt.Sprintf(`data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"reasoning_content":%q},"finish_reason":null}]}`+"\n\n", p)
	}
	return out + `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":"Done"},"finish_reason":null}]}` + "\n\n" +
		`data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n" +
		`data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}` + "\n\n" + done
}

const signature = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"EqQB\"}}\n\n"

// signs has an answer come with its thought signed, or not.
func signs(answer, text string, signed bool) string {
	const mark = "event: SIGNATURE\ndata: {\"type\":\"SIGNATURE\",}\n\n"
	sign, delta := "", ""
	if signed {
		sign, delta = "EqQB", signature
	}
	answer = strings.Replace(answer, mark, delta, 1)
	answer = strings.Replace(answer, "THOUGHT", fmt.Sprintf(`{"type":"thinking","thinking":%q,"signature":%q}`, text, sign), 1)
	return strings.Replace(answer, "TEXT", fmt.Sprintf("%q", text), 1)
}

// heardThoughts is what a client has heard of a stream's thoughts: as text that it shows, and as
// blocks that it sends back.
func heardThoughts(stream string) (shown, blocks string) {
	for line := range strings.SplitSeq(stream, "\n") {
		e := gjson.Parse(strings.TrimPrefix(line, "data: "))
		shown += e.Get("choices.0.delta.reasoning_content").Str
		blocks += e.Get("choices.0.delta.thinking_blocks.0.thinking").Str + e.Get("delta.thinking").Str + e.Get("content_block.thinking").Str
	}
	return shown, blocks
}

// thinksOf asks one of those answers' providers, and has its answer come in pieces of a size.
func thinksOf(t *testing.T, rules, path, model, answer string, size int) *call {
	stream := !strings.HasPrefix(answer, "{")
	c := newWorld(t, several+rules).post(path, strings.Replace(asksFor(model, stream), "hi", "I am ann@example.com", 1))
	var pieces []string
	for rest := answer; rest != ""; rest = rest[min(size, len(rest)):] {
		pieces = append(pieces, rest[:min(size, len(rest))])
	}
	a := streamAnswer(pieces...)
	if !stream {
		a.kind = "application/json"
	}
	return c.answered(a)
}

// answered is follow, or where the one provider speaks the client's dialect, its answer.
func (c *call) answered(a answer) *call {
	if strings.HasPrefix(c.headers[gateway.ClusterHeader], gateway.AttemptsPrefix) {
		return c.follow(a)
	}
	return c.respond(a.status, a.kind).stream(true, a.pieces...)
}

// Thoughts that are not signed, and what is shown of those that are, get back what the prompt
// has redacted. A signed one stays as it was, so that its provider takes it back.
func TestRestoredThoughts(t *testing.T) {
	const text, want = "So [EMAIL_1] and [email 1]; [EMAIL_2] é", "So ann@example.com and ann@example.com; [EMAIL_2] é"
	const rules = "guards: {pii: {kinds: [email]}}\n"
	for name, tt := range thoughtful {
		for _, signed := range []bool{true, false}[map[bool]int{false: 1, true: 0}[tt.sign != ""]:] {
			t.Run(fmt.Sprintf("%s, signed %t", name, signed), func(t *testing.T) {
				kept := want
				if signed {
					kept = text
				}
				c := thinksOf(t, rules, tt.path, tt.model, signs(tt.whole, text, signed), 50)
				body := c.client.String()
				if tt.sign != "" {
					require.Equal(t, kept, gjson.Get(body, tt.sign).Str, body)
				}
				if tt.unsigned != tt.sign {
					require.Equal(t, want, gjson.Get(body, tt.unsigned).Str, body)
				}
				if tt.path == messages && !signed {
					require.Equal(t, want, gjson.Get(body, "content.0.thinking").Str)
				}
				characters := strings.Split(text, "")
				for cut := range len(characters) {
					stream := signs(tt.stream([]string{strings.Join(characters[:cut], ""), strings.Join(characters[cut:], "")}), "", signed)
					shown, blocks := heardThoughts(thinksOf(t, rules, tt.path, tt.model, stream, len(stream)).client.String())
					if tt.path == chat {
						require.Equal(t, want, shown)
					}
					if tt.path == messages || tt.sign != "" {
						require.Equal(t, kept, blocks)
					}
				}
				stream := signs(tt.stream(characters), "", signed)
				for _, size := range []int{1, 2, 3, 5, 17, 64, 300, 1000} {
					c := thinksOf(t, rules, tt.path, tt.model, stream, size)
					shown, blocks := heardThoughts(c.client.String())
					require.Equal(t, map[bool]string{true: want}[tt.path == chat], shown)
					require.Equal(t, map[bool]string{true: kept}[tt.path == messages || tt.sign != ""], blocks)
					require.Equal(t, signed, strings.Contains(c.client.String(), "EqQB"))
					require.Equal(t, "complete", c.done().End)
				}
			})
		}
	}
}

// A rule for answers sees thoughts, signed ones too, and nothing of what it blocks is seen: in no
// copy of it either.
func TestRulesForThoughts(t *testing.T) {
	const text = "It is well known that the launch code is 1234"
	for name, tt := range thoughtful {
		for _, signed := range []bool{true, false}[map[bool]int{false: 1, true: 0}[tt.sign != ""]:] {
			t.Run(fmt.Sprintf("%s, signed %t", name, signed), func(t *testing.T) {
				whole, characters := signs(tt.whole, text, signed), strings.Split(text, "")
				stream := signs(tt.stream(characters), "", signed)
				for _, action := range []string{"block", "flag"} {
					rules := "guards: {answers: [{name: code, deny: ['launch\\s+code'], window: 16, action: " + action + "}]}\n"
					for _, answer := range []string{whole, stream} {
						for _, size := range []int{1, 9, 100, len(answer)} {
							c := thinksOf(t, rules, tt.path, tt.model, answer, size)
							said, r := c.client.String(), c.done()
							require.Positive(t, r.samples["sluice_guard_total;kind=code;action="+action+";"])
							if action == "flag" {
								require.Equal(t, "complete", r.End)
								if answer == whole {
									require.Contains(t, said, text)
								} else {
									shown, blocks := heardThoughts(said)
									require.Contains(t, []string{text, text + text}, shown+blocks)
								}
								continue
							}
							require.Equal(t, "blocked", r.End)
							shown, blocks := heardThoughts(said)
							for _, seen := range []string{shown, blocks} {
								require.NotContains(t, seen, "launch")
								require.LessOrEqual(t, len(seen), len(text)-16)
							}
							require.NotContains(t, said, "1234")
							if answer == stream {
								require.Regexp(t, `content_filter|refusal`, said)
								require.True(t, strings.HasPrefix(shown+blocks, "It is"), "what is not near it was not held: %s", said)
							}
						}
					}
				}
			})
		}
	}
}

// A thought that is not signed passes as it is read where nothing in it is put back; so the
// window of a rule is all that a thought waits for.
func TestThoughtsPass(t *testing.T) {
	c := newWorld(t, several+"guards: {pii: {kinds: [email]}}\n").post(messages, strings.Replace(asksFor("claude", true), "hi", "I am ann@example.com", 1))
	stream := signs(anthropicThought([]string{"So ", "[x] and", " so on"}), "", true)
	c.respond("200", "text/event-stream")
	at := strings.Index(stream, "so on")
	c.stream(false, stream[:at+len(`so on"}}`)+2])
	require.Contains(t, c.client.String(), "so on")
}

// What a client sends back of a signed thought is what its provider has sent, and the provider
// gets it so, in either dialect. One with a value does not leave.
func TestSignedThoughtsGoBack(t *testing.T) {
	const block = `{"type":"thinking","thinking":"So [EMAIL_1], and [EMAIL_7]","signature":"EqQB"}`
	const other = `{"type":"thinking","thinking":"So ann@example.com","signature":"EqQB"}`
	for path, body := range map[string]string{
		messages: `{"model":"claude","max_tokens":50,"messages":[{"role":"user","content":"I am ann@example.com"},{"role":"assistant","content":[BLOCKS,{"type":"text","text":"Done"}]},{"role":"user","content":"go on"}]}`,
		chat:     `{"model":"claude","max_tokens":50,"messages":[{"role":"user","content":"I am ann@example.com"},{"role":"assistant","content":"Done","reasoning_content":"So","thinking_blocks":[BLOCKS]},{"role":"user","content":"go on"}]}`,
	} {
		for blocks, left := range map[string]string{block: block, other: "", block + "," + other: block, other + ", " + block: block, other + "," + other: ""} {
			c := newWorld(t, several+"guards: {pii: {kinds: [email]}}\n").post(path, strings.Replace(body, "BLOCKS", blocks, 1)).answered(jsonAnswer("200", claudeBody))
			sent := c.sent
			if path == chat {
				sent = c.tries[0].body
			}
			require.NotContains(t, sent, "ann@example.com")
			thoughts := ""
			for _, b := range gjson.Get(sent, "messages.1.content").Array() {
				if b.Get("type").Str == "thinking" {
					thoughts += b.Raw
				}
			}
			require.Equal(t, left, thoughts, sent)
			require.Equal(t, "Done", gjson.Get(sent, `messages.1.content.#(type="text").text`).Str)
			require.Equal(t, int64(1+strings.Count(blocks, "ann@")), c.done().samples["sluice_guard_total;kind=email;action=redact;"])
		}
	}
	c := newWorld(t, several+"guards: {pii: {kinds: [email], action: block}}\n").post(messages, `{"model":"claude","max_tokens":50,"messages":[{"role":"assistant","content":[`+other+`]},{"role":"user","content":"go on"}]}`)
	require.Equal(t, 400, c.reply.Status)
	require.Contains(t, c.replyBody(), "(email)")
}

// An answer that was kept is restored and held to rules in its thoughts too, should one have any.
func TestThoughtsOfKeptAnswers(t *testing.T) {
	for _, stream := range []bool{false, true} {
		for rules, status := range map[string]int{"  pii: {kinds: [email]}\n": 200, "  answers: [{name: mail, deny_words: [EMAIL_1]}]\n": 400} {
			kept, contentType := `{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"Done","reasoning_content":"So [EMAIL_1]","thinking_blocks":[{"type":"thinking","thinking":"So [EMAIL_1]"}]},"finish_reason":"stop"}]}`, "application/json"
			body := strings.Replace(president, "Who is", "Mail ann@example.com, who is", 1)
			if stream {
				kept, contentType = `data: {"choices":[{"index":0,"delta":{"reasoning_content":"So [EMAIL","thinking_blocks":[{"index":0,"type":"thinking","thinking":"So [EMAIL"}]}}]}`+"\n\n"+
					`data: {"choices":[{"index":0,"delta":{"reasoning_content":"_1]","thinking_blocks":[{"index":0,"type":"thinking","thinking":"_1]"}]}}]}`+"\n\n"+
					`data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`+"\n\n"+done, "text/event-stream"
				body = `{"stream":true,` + body[1:]
			}
			c := newWorld(t, cached+"guards:\n"+rules).post(chat, body).told(kept, ":status", "200", "x-sluice-cache", "hit", "x-sluice-reason", "equal", "content-type", contentType, "x-sluice-target", "openai/gpt-4o")
			require.Equal(t, status, c.reply.Status)
			if status == 400 {
				require.NotContains(t, c.replyBody(), "So")
				continue
			}
			if stream {
				shown, blocks := heardThoughts(c.replyBody())
				require.Equal(t, [2]string{"So ann@example.com", "So ann@example.com"}, [2]string{shown, blocks})
			} else {
				require.Equal(t, strings.ReplaceAll(kept, "[EMAIL_1]", "ann@example.com"), c.replyBody())
			}
		}
	}
}

// A signed thought that was kept stays as it was, whoever would be asked first if nothing were kept.
func TestSignedThoughtsOfKeptAnswers(t *testing.T) {
	const rules = several + "companion: {endpoint: \"http://127.0.0.1:8090/base\"}\ncache: {max_answer: 64KiB}\nguards: {pii: {kinds: [email]}}\n"
	for _, model := range []string{"messages", "claude"} { // OpenAI's dialect is first, or Anthropic's
		for _, stream := range []bool{false, true} {
			kept, contentType := signs(thoughtful["message"].whole, "So [EMAIL_1]", true), "application/json"
			if stream {
				kept, contentType = signs(anthropicThought([]string{"So [EMAIL", "_1]"}), "", true), "text/event-stream"
			}
			c := newWorld(t, rules).post(messages, strings.Replace(asksFor(model, stream), "hi", "I am ann@example.com", 1)).
				told(kept, ":status", "200", "x-sluice-cache", "hit", "x-sluice-reason", "equal", "content-type", contentType, "x-sluice-target", "claude/claude-haiku-4-5")
			thought := gjson.Get(c.replyBody(), "content.0.thinking").Str
			if stream {
				_, thought = heardThoughts(c.replyBody())
			}
			require.Equal(t, "So [EMAIL_1]", thought, "%s, stream %t: %s", model, stream, c.replyBody())
		}
	}
}

// OpenRouter's details of a thought are looked at as others, and so is why Anthropic has refused.
func TestDetails(t *testing.T) {
	const (
		chatAnswer    = `{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"Done","reasoning_details":[{"type":"reasoning.text","text":"[EMAIL_1] has the launch code"}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`
		chatStream    = `data: {"id":"c","choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.summary","summary":"[EMAIL_1] has the launch ","index":0}]}}]}` + "\n\n" + `data: {"id":"c","choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.summary","summary":"code","index":0}]}}]}` + "\n\n" + `data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n" + done
		message       = `{"id":"m","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[],"stop_reason":"refusal","stop_details":{"type":"refusal","category":null,"explanation":"[EMAIL_1] has the launch code"},"usage":{"input_tokens":9,"output_tokens":5}}`
		messageStream = `event: message_delta` + "\n" + `data: {"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","explanation":"[EMAIL_1] has the launch code"}},"usage":{"output_tokens":5}}` + "\n\n" + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
	)
	for _, tt := range []struct{ path, model, answer string }{{chat, "four", chatAnswer}, {chat, "four", chatStream}, {messages, "claude", message}, {messages, "claude", messageStream}} {
		c := thinksOf(t, "guards: {pii: {kinds: [email]}}\n", tt.path, tt.model, tt.answer, len(tt.answer))
		require.Contains(t, c.client.String(), "ann@example.com has the launch ")
		require.Contains(t, c.client.String(), "code")
		c = thinksOf(t, "guards: {answers: [{name: code, deny: ['launch\\s+code']}]}\n", tt.path, tt.model, tt.answer, len(tt.answer))
		require.NotContains(t, c.client.String(), "launch")
		require.Equal(t, "blocked", c.done().End)
	}
}
