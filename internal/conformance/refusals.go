package conformance

import "strings"

// refused is what an OpenAI client sees of a request that the gateway refuses.
func refused(status int, code string) Want {
	return Want{Status: status, Error: code, Header: fields{"content-type": "*application/json*", "x-sluice-attempts": "0"},
		Record: fields{"end": "refused", "code": code, "attempts.#": "0"}}
}

// What is refused before anything has been sent.
var refusals = []Scenario{
	{Name: "a model that nobody knows", On: Guarded, Steps: []Step{
		{chat("gpt-none", "Say it."), refused(404, "model_not_found")},
		{message("gpt-none", "Say it."), Want{Status: 404, Error: "not_found_error", JSON: fields{"type": "error"}, Record: fields{"code": "model_not_found"}}},
	}},
	{Name: "a path that a lenient server may take for a call", On: Plain, Steps: []Step{
		{Request{Path: "/v1/Chat/completions", Body: chat("gpt-4o-mini", "Say it.").Body}, refused(404, "path_not_canonical")},
		{Request{Path: "/v1/chat%2Fcompletions", Body: chat("gpt-4o-mini", "Say it.").Body}, refused(404, "path_not_canonical")},
		{Request{Path: "/v1/messages;x=1", Body: message("gpt-4o-mini", "Say it.").Body}, Want{Status: 404, Record: fields{"code": "path_not_canonical"}}},
	}},
	{Name: "a name twice in the body, however it is escaped", On: Plain, Steps: []Step{
		{Request{Path: chatPath, Body: `{"model":"gpt-4o-mini","messages":[],"max_tokens":1,"max_tokens":9000}`}, refused(400, "invalid_body")},
		{Request{Path: chatPath, Body: `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"a","c\u006fntent":"b"}]}`}, refused(400, "invalid_body")},
	}},
	{Name: "a body that is no JSON", On: Plain, Steps: []Step{
		{Request{Path: chatPath, Body: `{"model":`}, refused(400, "invalid_body")},
		{Request{Path: chatPath, Body: "{\"model\":\"gpt-4o-mini\",\"messages\":[],\"user\":\"\xff\"}"}, refused(400, "invalid_body")},
	}},
	{Name: "a field that a budget rests on, in a form that cannot be used", On: Plain, Steps: []Step{
		{chat("gpt-4o-mini", "Say it.", `"max_tokens":1e3`), refused(400, "invalid_field")},
		{chat("gpt-4o-mini", "Say it.", `"n":-1`), refused(400, "invalid_field")},
		{chat("gpt-4o-mini", "Say it.", `"MAX_TOKENS":5`), refused(400, "invalid_field")},
	}},
	{Name: "an empty body", On: Plain, Steps: []Step{
		{Request{Path: chatPath}, refused(400, "empty_body")},
		{Request{Path: messagesPath}, Want{Status: 400, JSON: fields{"type": "error"}, Record: fields{"end": "refused", "code": "empty_body"}}},
	}},
	{Name: "an empty body that comes in chunks", On: Plain, Needs: []Feature{EmptyChunks},
		Steps: []Step{{Request{Path: chatPath, Chunked: true}, refused(400, "invalid_body")}},
		// It goes on with the client's credential, and the provider refuses it.
		Without: map[Feature][]Want{EmptyChunks: {{Status: 400, Header: fields{"x-sluice-id": ""}, Sent: []Sent{{To: "open", Header: fields{"authorization": "Bearer " + clientKey}}}, Record: fields{"end": "error", "attempts.#": "0"}}}}},
	{Name: "a body over limits.request_body", On: Plain, Steps: []Step{
		{chat("gpt-4o-mini", strings.Repeat("long ", 8_000)), refused(413, "request_too_large")},
	}},
	{Name: "a body over limits.request_body that comes in chunks", On: Plain, Steps: []Step{
		{chat("gpt-4o-mini", strings.Repeat("long ", 8_000)).chunked(4), refused(413, "request_too_large")},
		{chat("gpt-4o-mini", strings.Repeat("long ", 30_000)).chunked(4), refused(413, "request_too_large")}, // nor can Kong's nginx keep that in memory
	}},
	{Name: "after a refusal the client's next request is served, and so on", On: Plain, Steps: []Step{
		{chat("gpt-4o-mini", "Say it."), Want{Status: 200, Text: saying("alpha"), Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "complete"}}},
		{chat("gpt-4o-mini", strings.Repeat("long ", 8_000)), refused(413, "request_too_large")},
		{chat("gpt-4o-mini", "Say it.", stream), Want{Status: 200, Text: saying("alpha"), Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "complete"}}},
		{chat("gpt-4o-mini", "Say it.", `"max_tokens":200000`), refused(429, "budget_exceeded")},
		{message("claude-haiku-4-5", "Say it."), Want{Status: 200, Text: saying("claude"), Sent: []Sent{{To: "claude"}}, Record: fields{"end": "complete"}}},
	}},
	{Name: "a path with a prompt in it that no guard looks at", On: Screened, Steps: []Step{
		{Request{Path: "/v1/moderations", Body: `{"input":"I am ann@example.com"}`}, refused(404, "not_guarded")},
		{Request{Path: "/v1/messages/count_tokens", Body: `{"model":"claude-haiku-4-5","messages":[{"role":"user","content":"I am ann@example.com"}]}`}, Want{Status: 404, Error: "not_found_error", Record: fields{"end": "refused", "code": "not_guarded"}}},
		{Request{Path: "/openai/deployments/a/chat/completions", Body: chat("a", "I am ann@example.com").Body}, refused(404, "not_guarded")},
		{chat("gpt-4.1-nano", "I am ann@example.com"), Want{Status: 200, Sent: []Sent{{To: "open", Says: []string{"[EMAIL_1]"}, Hides: []string{"ann@"}}}, Record: fields{"end": "complete"}}},
		{Request{Method: "GET", Path: "/v1/files"}, Want{Status: 200, Sent: []Sent{{To: "open"}}}},
	}},
	{Name: "a compressed body", On: Plain, Steps: []Step{
		{Request{Path: chatPath, Body: "\x1f\x8b\x08", Header: fields{"content-encoding": "gzip"}}, refused(415, "unsupported_content_encoding")},
	}},
	{Name: "a provider whose key the gateway was started without", On: Plain, Steps: []Step{
		{chat("unkeyed-gpt", "Say it."), Want{Status: 503, Error: "credential_missing", Header: fields{"x-should-retry": "false"}, Record: fields{"end": "error", "code": "credential_missing", "attempts.#": "0"}}},
	}},
	{Name: "an API that cannot be counted yet", On: Plain, Steps: []Step{
		{Request{Path: "/v1/messages/batches", Body: `{"requests":[]}`}, Want{Status: 404, Error: "not_found_error", Record: fields{"code": "not_supported_yet"}}},
	}},
	{Name: "a response of a model of Anthropic's, which has no such API", On: Plain, Steps: []Step{
		{Request{Path: "/v1/responses", Body: `{"model":"claude-haiku-4-5","input":"Say it."}`}, refused(400, "dialect_mismatch")},
	}},
	{Name: "what is no call, where no provider is the default", On: Guarded, Steps: []Step{
		{Request{Method: "GET", Path: "/v1/files"}, Want{Status: 404, Error: "not_found", Record: fields{"end": "refused", "code": "not_found"}}},
	}},
	{Name: "more than any target's context window", On: Plain, Steps: []Step{
		{chat("narrow", "Say it.", `"max_tokens":1000`), refused(400, "context_length_exceeded")},
	}},
}
