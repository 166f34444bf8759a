package conformance

const mails = `defaults: {answer: {tools: [{name: mail, arguments: {to: ann, say: "\"quoted\" Grüße"}}]}}`

const mailed = `mail({"say":"\"quoted\" Grüße","to":"ann"})`

// Any model from either API.
var translation = []Scenario{
	{Name: "a chat completion of a model of Anthropic's", On: Plain, Steps: []Step{
		{chat("claude-haiku-4-5", "Say it."), Want{Status: 200, Text: saying("claude"), Finish: "stop", JSON: fields{"object": "chat.completion", "usage.total_tokens": ">0"},
			Sent:   []Sent{{To: "claude", Path: "/v1/messages", JSON: fields{"max_tokens": "64", "messages.0.role": "user"}, Header: fields{"x-api-key": "sk-ant-provider-key-of-claude", "anthropic-version": "2023-06-01"}}},
			Record: fields{"end": "complete", "dialect": "openai", "provider": "claude", "tokens.source": "provider"}}},
	}},
	{Name: "a chat completion of a model of Anthropic's, as a stream", On: Plain, Providers: fields{"claude": says(umlauts, "split_bytes: 1")}, Steps: []Step{
		{chat("claude-haiku-4-5", "Say it.", stream, `"stream_options":{"include_usage":true}`), Want{Status: 200, Text: umlauts, Finish: "stop", Says: []string{"chat.completion.chunk", `"usage":{`, "[DONE]"}, Hides: []string{"message_start"},
			Sent: []Sent{{To: "claude", Path: "/v1/messages"}}, Record: fields{"end": "complete", "stream": "true", "tokens.source": "provider"}}},
	}},
	{Name: "calls of tools by a model of Anthropic's, whole and as a stream", On: Plain, Providers: fields{"claude": mails}, Steps: []Step{
		{chat("claude-haiku-4-5", "Mail it.", chatTools), Want{Status: 200, Calls: mailed, Finish: "tool_calls", Sent: []Sent{{To: "claude", JSON: fields{"tools.0.name": "mail", "tools.0.input_schema.type": "object"}}}, Record: fields{"end": "complete"}}},
		{chat("claude-haiku-4-5", "Mail it.", chatTools, stream), Want{Status: 200, Calls: mailed, Finish: "tool_calls", Sent: []Sent{{To: "claude"}}, Record: fields{"end": "complete"}}},
	}},
	{Name: "a message to a model of OpenAI's", On: Plain, Steps: []Step{
		{message("gpt-4o-mini", "Say it."), Want{Status: 200, Text: saying("alpha"), Finish: "end_turn", JSON: fields{"type": "message", "usage.output_tokens": ">0"},
			Sent:   []Sent{{To: "alpha", Path: "/base/v1/chat/completions", Header: fields{"authorization": "Bearer sk-provider-key-of-alpha", "anthropic-version": "", "x-api-key": ""}}},
			Record: fields{"end": "complete", "dialect": "anthropic", "provider": "alpha", "tokens.source": "provider"}}},
	}},
	{Name: "a message to a model of OpenAI's, as a stream", On: Plain, Providers: fields{"alpha": says(umlauts, "split_bytes: 1")}, Steps: []Step{
		{message("gpt-4o-mini", "Say it.", stream), Want{Status: 200, Text: umlauts, Finish: "end_turn", Says: []string{"event: message_start", "event: message_stop"}, Hides: []string{"chat.completion", "[DONE]"},
			Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "complete", "tokens.source": "provider"}}},
	}},
	{Name: "calls of tools by a model of OpenAI's, whole and as a stream", On: Plain, Providers: fields{"alpha": mails}, Steps: []Step{
		{message("gpt-4o-mini", "Mail it.", messageTools), Want{Status: 200, Calls: mailed, Finish: "tool_use", Sent: []Sent{{To: "alpha", JSON: fields{"tools.0.function.name": "mail"}}}, Record: fields{"end": "complete"}}},
		{message("gpt-4o-mini", "Mail it.", messageTools, stream), Want{Status: 200, Calls: mailed, Finish: "tool_use", Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "complete"}}},
	}},
	{Name: "errors are translated", On: Plain, Providers: fields{"alpha": "defaults: {fault: {status: 400, message: Oh no}}", "claude": "defaults: {fault: {status: 400, message: Oh no}}"}, Steps: []Step{
		{message("gpt-4o-mini", "Say it."), Want{Status: 400, JSON: fields{"type": "error", "error.message": "*Oh no*"}, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "error"}}},
		{chat("claude-haiku-4-5", "Say it."), Want{Status: 400, JSON: fields{"type": "", "error.message": "*Oh no*"}, Sent: []Sent{{To: "claude"}}, Record: fields{"end": "error"}}},
	}},
	{Name: "a field without an equal is refused by name", On: Plain, Steps: []Step{
		{chat("claude-haiku-4-5", "Say it.", `"logit_bias":{"50256":-100}`), Want{Status: 400, Error: "untranslatable_field", JSON: fields{"error.param": "logit_bias"}, Record: fields{"end": "refused", "code": "untranslatable_field"}}},
	}},
}
