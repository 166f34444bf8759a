package conformance

import (
	"strings"

	"github.com/tidwall/gjson"
)

// answer is what a client of either API makes of an answer.
type answer struct {
	text   string
	finish string
	calls  string
	code   string // of an error
	stream bool
	done   bool     // a stream has its end
	bad    []string // data of events that is no JSON
}

func readAnswer(contentType, body string) (a answer) {
	if !strings.HasPrefix(contentType, "text/event-stream") {
		a.whole(gjson.Parse(body))
		return a
	}
	a.stream = true
	for block := range strings.SplitSeq(strings.ReplaceAll(body, "\r\n", "\n"), "\n\n") {
		for line := range strings.SplitSeq(block, "\n") {
			if data, ok := strings.CutPrefix(line, "data:"); ok {
				a.event(strings.TrimPrefix(data, " "))
			}
		}
	}
	if strings.HasSuffix(a.calls, "(") { // a call without arguments
		a.calls += "{}"
	}
	if a.calls != "" {
		a.calls += ")"
	}
	return a
}

// whole is an answer that is no stream: of chat, of completions, of messages, of responses.
func (a *answer) whole(v gjson.Result) {
	for _, path := range [...]string{"choices.0.message.content", "choices.0.text", `content.#(type=="text").text`, `output.#(type=="message").content.0.text`} {
		a.text += v.Get(path).String()
	}
	a.finish = v.Get("choices.0.finish_reason").String() + v.Get("stop_reason").String()
	for _, call := range v.Get("choices.0.message.tool_calls").Array() {
		a.call(call.Get("function.name").Str, call.Get("function.arguments").Str)
	}
	for _, call := range v.Get(`content.#(type=="tool_use")#`).Array() {
		a.call(call.Get("name").Str, call.Get("input").Raw)
	}
	a.problem(v)
}

func (a *answer) call(name, arguments string) {
	a.calls += name + "(" + gjson.Get(arguments, "@ugly").Raw + ")"
}

func (a *answer) problem(v gjson.Result) {
	if code := v.Get("error.code").String(); code != "" {
		a.code = code
	} else if kind := v.Get("error.type").String(); kind != "" {
		a.code = kind
	}
}

// event is one of a stream.
func (a *answer) event(data string) {
	if data == "[DONE]" {
		a.done = true
		return
	}
	if !gjson.Valid(data) {
		a.bad = append(a.bad, data)
		return
	}
	v := gjson.Parse(data)
	a.text += v.Get("choices.0.delta.content").String() + v.Get("choices.0.text").String() + v.Get("delta.text").String()
	a.finish += v.Get("choices.0.finish_reason").String() + v.Get("delta.stop_reason").String()
	a.problem(v)
	switch v.Get("type").Str {
	case "message_stop", "response.completed", "response.incomplete":
		a.done = true
	case "response.output_text.delta":
		a.text += v.Get("delta").Str
	case "content_block_start":
		if v.Get("content_block.type").Str == "tool_use" {
			a.begin(v.Get("content_block.name").Str)
		}
	}
	for _, call := range v.Get("choices.0.delta.tool_calls").Array() {
		if name := call.Get("function.name").Str; name != "" {
			a.begin(name)
		}
		a.calls += call.Get("function.arguments").Str
	}
	a.calls += v.Get("delta.partial_json").Str
}

func (a *answer) begin(name string) {
	if a.calls != "" {
		a.calls += ")"
	}
	a.calls += name + "("
}
