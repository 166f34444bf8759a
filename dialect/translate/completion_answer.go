package translate

import (
	"errors"
	"strconv"

	"github.com/sluice-gateway/sluice/jsontree"
)

// CompletionToMessage translates a whole chat completion into a message of Anthropic's,
// which it appends to out. There is one message in that API: of several choices it is
// the first. An error means that the body is no answer of OpenAI's.
func CompletionToMessage(out, body []byte, c Context) ([]byte, error) {
	root, err := jsontree.Parse(body)
	if err != nil {
		return out, err
	}
	choices := chatList(root.Get("choices"))
	if len(choices) == 0 {
		return out, errors.New("translate: an answer without choices")
	}
	message := choices[0].Get("message")
	t := chatText(out)
	t.or(`{"id":`, root.Get("id"), c.ID)
	t.or(`,"type":"message","role":"assistant","model":`, root.Get("model"), c.Model)
	t.put(`,"content":[`)
	t.block("thinking", thoughtOf(message))
	content := message.Get("content")
	t.block("text", content)
	for _, part := range chatList(content) { // Mistral's
		t.block("text", part.Get("text"))
	}
	refusal := message.Get("refusal")
	t.block("text", refusal)
	calls := chatList(message.Get("tool_calls"))
	for _, call := range calls {
		function := call.Get("function")
		input := jsontree.Value{}
		text := function.Get("arguments").AppendText(nil)
		if len(text) > 0 {
			if input, err = jsontree.Parse(text); err != nil || chatKind(input) != jsontree.Object {
				return out, errors.New("translate: arguments of a call that are not a JSON object")
			}
		}
		t.object(`{"type":"tool_use","id":`)
		t.or("", call.Get("id"), "")
		t.or(`,"name":`, function.Get("name"), "")
		if len(text) == 0 {
			t.put(`,"input":{}}`)
		} else {
			t.raw(`,"input":`, input)
			t.put("}")
		}
	}
	reason := choices[0].Get("finish_reason").Text()
	if len(calls) > 0 && reason == "stop" {
		reason = "tool_calls"
	}
	if chatFull(refusal) {
		reason = "content_filter"
	}
	t.quoted(`],"stop_reason":`, completionStop(reason))
	t.put(`,"stop_sequence":null,"usage":`)
	var u completionUsage
	u.read(root.Get("usage"))
	u.write(&t)
	t.put("}")
	return t, nil
}

// thoughtOf is what servers that are like OpenAI's show of a model's thinking.
func thoughtOf(message jsontree.Value) jsontree.Value {
	if v := message.Get("reasoning_content"); chatFull(v) {
		return v
	}
	return message.Get("reasoning")
}

// block writes a block of text or of thinking, where there is any.
func (t *chatText) block(typ string, text jsontree.Value) {
	if !chatFull(text) {
		return
	}
	t.object(`{"type":`)
	t.quoted("", typ)
	t.quoted(",", typ)
	t.raw(":", text)
	if typ == "thinking" {
		t.put(`,"signature":""`)
	}
	t.put("}")
}

// completionStop is Anthropic's reason to stop for OpenAI's to finish.
func completionStop(finish string) string {
	switch finish {
	case "length":
		return "max_tokens"
	case "tool_calls", "function_call":
		return "tool_use"
	case "content_filter":
		return "refusal"
	}
	return "end_turn"
}

// completionUsage is a usage of OpenAI's.
type completionUsage struct{ prompt, completion, total, cached, cacheWrite int64 }

func (u *completionUsage) read(v jsontree.Value) (there bool) {
	if !chatThere(v) {
		return false
	}
	messageTokens(v.Get("prompt_tokens"), &u.prompt)
	messageTokens(v.Get("completion_tokens"), &u.completion)
	messageTokens(v.Get("total_tokens"), &u.total)
	messageTokens(chatGet(v, "prompt_tokens_details", "cached_tokens"), &u.cached)
	messageTokens(chatGet(v, "prompt_tokens_details", "cache_write_tokens"), &u.cacheWrite)
	return true
}

// write writes Anthropic's usage, where what the cache read and wrote stands beside the
// input.
func (u *completionUsage) write(t *chatText) {
	cached := min(u.cached, u.prompt)
	wrote := min(u.cacheWrite, u.prompt-cached)
	t.number(`{"input_tokens":`, u.prompt-cached-wrote)
	t.number(`,"cache_creation_input_tokens":`, wrote)
	t.number(`,"cache_read_input_tokens":`, cached)
	t.number(`,"output_tokens":`, max(u.completion, u.total-u.prompt))
	t.put("}")
}

// ErrorToAnthropic translates the body of an error, OpenAI's or anything else that came
// with that status, into Anthropic's, which it appends to out.
func ErrorToAnthropic(out []byte, status int, body []byte) []byte {
	root, _ := jsontree.Parse(body)
	return completionError(out, status, root)
}

func completionError(out []byte, status int, root jsontree.Value) []byte {
	e := root.Get("error")
	message := e.Get("message")
	if chatString(e) {
		message = e
	} else if !chatString(message) {
		message = root.Get("message")
	}
	text := "the provider failed, and did not say why"
	if status != 0 {
		text = "the provider answered with status " + strconv.Itoa(status) + ", and did not say why"
	}
	t := chatText(out)
	t.quoted(`{"type":"error","error":{"type":`, completionErrorType(status, e))
	t.or(`,"message":`, message, text)
	t.put("}}")
	return t
}

// completionErrorType is Anthropic's word for an error, by its status or, in a stream,
// which has none, by OpenAI's words.
func completionErrorType(status int, e jsontree.Value) string {
	for _, w := range [...]struct {
		status    int
		code      string
		anthropic string
	}{
		{400, "invalid_request_error", "invalid_request_error"}, {401, "invalid_api_key", "authentication_error"},
		{402, "insufficient_quota", "billing_error"}, {403, "permission_denied", "permission_error"}, {404, "model_not_found", "not_found_error"},
		{413, "", "request_too_large"}, {429, "rate_limit_exceeded", "rate_limit_error"}, {503, "server_overloaded", "overloaded_error"},
		{529, "overloaded", "overloaded_error"},
	} {
		if status == w.status || status == 0 && w.code != "" && (chatIs(e, "code", w.code) || chatIs(e, "type", w.code)) {
			return w.anthropic
		}
	}
	if 400 <= status && status < 500 {
		return "invalid_request_error"
	}
	return "api_error"
}
