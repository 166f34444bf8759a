package translate

import (
	"errors"

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
	choices := elements(root.Get("choices"))
	if len(choices) == 0 {
		return out, errors.New("translate: an answer without choices")
	}
	said := completionSays(choices[0].Get("message"))
	t := jsonText(out)
	t.or(`{"id":`, root.Get("id"), c.ID)
	t.or(`,"type":"message","role":"assistant","model":`, root.Get("model"), c.Model)
	t.put(`,"content":[`)
	for _, text := range said.texts {
		t.block(text.block, text.text)
	}
	for i, call := range said.calls {
		function := completionFunction(call)
		t.object(`{"type":"tool_use","id":`)
		t.or("", call.Get("id"), completionID(c, int64(i)))
		t.or(`,"name":`, function.Get("name"), "")
		t.put(`,"input":`)
		if arguments := function.Get("arguments"); isBlank(arguments) {
			t.put("{}}")
		} else {
			input, err := jsontree.Parse(arguments.AppendText(nil))
			if err != nil || kindOf(input) != jsontree.Object {
				return out, errors.New("translate: arguments of a call that are not a JSON object")
			}
			t.raw("", input)
			t.put("}")
		}
	}
	t.quoted(`],"stop_reason":`, completionStop(choices[0].Get("finish_reason"), len(said.calls) > 0, said.refused))
	t.put(`,"stop_sequence":null,"usage":`)
	var u completionUsage
	u.read(root.Get("usage"))
	u.write(&t)
	t.put("}")
	return t, nil
}

// completionSaid is what a message, or a delta of one, says, in the order of Anthropic's blocks.
type completionSaid struct {
	texts   []saidText
	calls   []jsontree.Value
	refused bool
}

type saidText struct {
	block string // the type of block that it belongs into
	text  jsontree.Value
}

// completionMembers are what a message says in text. What servers that are like OpenAI's
// show of the model's thinking goes by two names, and some use both for the same.
var completionMembers = [...]struct{ name, block string }{
	{"reasoning", "thinking"}, {"reasoning_content", "thinking"}, {"content", "text"}, {"refusal", "text"},
}

// completionSays takes a message apart.
func completionSays(message jsontree.Value) (s completionSaid) {
	for i := range completionMembers {
		m := &completionMembers[i]
		v := message.Get(m.name)
		parts := elements(v) // Mistral's
		if hasText(v) {
			parts = []jsontree.Value{v}
			s.refused = i == len(completionMembers)-1
		}
		if i == 1 && len(parts) > 0 {
			s.texts = nil
		}
		for _, part := range parts {
			if text := part.Get("text"); isPresent(text) {
				part = text
			}
			s.texts = append(s.texts, saidText{m.block, part})
		}
	}
	s.calls = elements(message.Get("tool_calls"))
	if call := message.Get("function_call"); isPresent(call) { // what tools were before
		s.calls = append(s.calls, call)
	}
	return s
}

// completionFunction is what a call has of its function.
func completionFunction(call jsontree.Value) jsontree.Value {
	if function := call.Get("function"); isPresent(function) {
		return function
	}
	return call
}

// block writes a block of text or of thinking, where there is any.
func (t *jsonText) block(typ string, text jsontree.Value) {
	if !hasText(text) {
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

// completionStops are OpenAI's reasons to finish and Anthropic's to stop:
// https://platform.openai.com/docs/api-reference/chat/object and
// https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons.
var completionStops = [...]struct{ finish, stop string }{
	{"stop", "end_turn"},
	{"length", "max_tokens"}, {"model_length", "max_tokens"}, // Mistral's, of the context
	{"tool_calls", "tool_use"}, {"function_call", "tool_use"},
	{"content_filter", "refusal"},
}

// completionStop is why an answer has ended. A client of Anthropic's runs tools when that
// says so, and some servers say stop there.
func completionStop(finish jsontree.Value, calls, refused bool) string {
	why := "end_turn"
	for _, s := range completionStops {
		if isWord(finish, s.finish) {
			why = s.stop
		}
	}
	switch {
	case refused:
		why = "refusal"
	case calls && why == "end_turn":
		why = "tool_use"
	}
	return why
}

// completionUsage is a usage of OpenAI's.
type completionUsage struct {
	prompt, completion, total, cached, cacheWrite, reasoning int64
	hasInput, hasOutput                                      bool
}

// read takes a report. In a stream a later one has the totals up to there, and what it
// leaves out stands.
func (u *completionUsage) read(v jsontree.Value) (there bool) {
	input := messageTokens(v.Get("prompt_tokens"), &u.prompt)
	output := messageTokens(v.Get("completion_tokens"), &u.completion)
	messageTokens(v.Get("total_tokens"), &u.total)
	messageTokens(memberOf(v, "prompt_tokens_details", "cached_tokens"), &u.cached)
	messageTokens(memberOf(v, "prompt_tokens_details", "cache_write_tokens"), &u.cacheWrite)
	messageTokens(memberOf(v, "completion_tokens_details", "reasoning_tokens"), &u.reasoning)
	u.hasInput, u.hasOutput = u.hasInput || input, u.hasOutput || output
	return isPresent(v)
}

// write writes Anthropic's usage, where what the cache read and wrote stands beside the
// input. The member has to be there, for clients that read it; a figure that was not
// reported is null in it, since 0 would be believed.
func (u *completionUsage) write(t *jsonText) {
	if u.hasInput {
		cached := min(u.cached, u.prompt)
		wrote := min(u.cacheWrite, u.prompt-cached)
		t.number(`{"input_tokens":`, u.prompt-cached-wrote)
		t.number(`,"cache_creation_input_tokens":`, wrote)
		t.number(`,"cache_read_input_tokens":`, cached)
	} else {
		t.put(`{"input_tokens":null`)
	}
	if !u.hasOutput {
		t.put(`,"output_tokens":null}`)
		return
	}
	output := u.completion
	if u.hasInput {
		output = max(output, u.total-u.prompt) // see dialect.Usage
	}
	t.number(`,"output_tokens":`, output)
	if u.reasoning > 0 {
		t.number(`,"output_tokens_details":{"thinking_tokens":`, min(u.reasoning, output))
		t.put("}")
	}
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
	message, text := errorWords(root, status)
	if n, ok := e.Get("code").Int(); ok && status == 0 {
		status = int(n) // OpenRouter's
	}
	t := jsonText(out)
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
		if status == w.status || status == 0 && w.code != "" && (memberIs(e, "code", w.code) || memberIs(e, "type", w.code)) {
			return w.anthropic
		}
	}
	if 400 <= status && status < 500 {
		return "invalid_request_error"
	}
	return "api_error"
}
