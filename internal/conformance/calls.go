package conformance

import "strings"

// oddAnswer is one that no library would write.
const oddAnswer = `{ "usage" : {"completion_tokens":22 ,"prompt_tokens":11}, "x":"\u00e9\/", "choices":[ {"message":{"content":"Hi","role":"assistant"},"index":0,"finish_reason":"stop"}] }`

// expected is what is seen of a request that asks before it sends its body, and whether the
// provider is asked too.
func expected(sent string) Want {
	return Want{Status: 200, Text: saying("alpha"), Sent: []Sent{{To: "alpha", Header: fields{"expect": sent}}}, Record: fields{"end": "complete"}}
}

// What each API is served with.
var calls = []Scenario{
	{
		Name: "a chat completion", On: Plain,
		Steps: []Step{{chat("gpt-4o-mini", "Say it.", `"max_tokens":50`).with("x-sluice-provider", "evil", "x-sluice-cluster", "evil", "cookie", "a=b"), Want{
			Status: 200, Text: saying("alpha"), Finish: "stop", JSON: fields{"usage.total_tokens": ">0"},
			Header: fields{"x-sluice-provider": "alpha", "x-sluice-model": "gpt-4o-mini", "x-sluice-attempts": "1", "x-sluice-cache": "bypass", "x-sluice-id": "*",
				"x-ratelimit-limit-tokens": "100000", "x-ratelimit-remaining-tokens": ">0"},
			Sent: []Sent{{To: "alpha", Path: "/base/v1/chat/completions", Body: chat("gpt-4o-mini", "Say it.", `"max_tokens":50`).Body,
				Header: fields{"authorization": "Bearer sk-provider-key-of-alpha", "accept-encoding": "identity", "cookie": ""}}},
			Record: fields{"end": "complete", "dialect": "openai", "operation": "chat", "model_asked": "gpt-4o-mini", "model": "gpt-4o-mini", "provider": "alpha", "stream": "false",
				"tokens.source": "provider", "tokens.input": ">0", "tokens.output": ">0", "cost_usd": ">0", "budgets.#": "3", "budgets.0.name": "tokens", "budgets.0.settled": "17",
				"attempts.#": "1", "attempts.0.status": "200", "attempts.0.reason": "", "identity.team": "*"},
			Metrics: map[string]int64{
				`sluice_tokens_total{direction="input",model="gpt-4o-mini",provider="alpha",team="{team}"}`: 10, `sluice_tokens_total{direction="output",model="gpt-4o-mini",provider="alpha",team="{team}"}`: 7,
				`sluice_cost_microusd_total{model="gpt-4o-mini",provider="alpha",team="{team}"}`: 6,
				`sluice_requests_total{outcome="complete"}`:                                      1, `sluice_attempts_total{provider="alpha",reason="ok"}`: 1, `sluice_cache_total{result="bypass"}`: 1},
		}}},
	},
	{
		Name: "not a byte of a whole answer is changed", On: Plain, Providers: fields{"alpha": "defaults: {fault: {body: '" + oddAnswer + "', content_type: application/json}}"},
		Steps: []Step{{chat("gpt-4o-mini", "Say it."), Want{
			Status: 200, Body: oddAnswer, Sent: []Sent{{To: "alpha"}}, Record: fields{"tokens.input": "11", "tokens.output": "22", "tokens.source": "provider", "budgets.0.settled": "33"},
		}}},
	},
	{
		Name: "a body of 24 KiB", On: Plain,
		Steps: []Step{{chat("gpt-4o-mini", strings.Repeat("long ", 5_000)), Want{
			Status: 200, Text: saying("alpha"), Sent: []Sent{{To: "alpha", Body: chat("gpt-4o-mini", strings.Repeat("long ", 5_000)).Body}}, Record: fields{"end": "complete", "tokens.source": "provider"},
		}}},
	},
	{
		Name: "a body that comes in chunks, in many pieces", On: Plain,
		Steps: []Step{
			{chat("gpt-4o-mini", strings.Repeat("long ", 200), `"max_tokens":50`).chunked(100), Want{
				Status: 200, Text: saying("alpha"), Sent: []Sent{{To: "alpha", Body: chat("gpt-4o-mini", strings.Repeat("long ", 200), `"max_tokens":50`).Body}}, Record: fields{"end": "complete", "tokens.source": "provider"}}},
			{chat("gpt-4o-mini", "Say it.", stream).chunked(20), Want{
				Status: 200, Text: saying("alpha"), Sent: []Sent{{To: "alpha", JSON: fields{"stream_options.include_usage": "true"}}}, Record: fields{"end": "complete", "stream": "true"}}},
			{message("gpt-4o-mini", "Say it.").chunked(20), Want{
				Status: 200, Text: saying("alpha"), Finish: "end_turn", Sent: []Sent{{To: "alpha", Path: "/base/v1/chat/completions"}}, Record: fields{"end": "complete"}}},
		},
	},
	{
		Name: "a body with trailers behind it", On: Plain,
		Steps: []Step{{Request{Path: chatPath, Body: chat("gpt-4o-mini", "Say it.", stream).Body, Chunked: true, Trailers: fields{"x-late": "1"}}, Want{
			Status: 200, Text: saying("alpha"), Sent: []Sent{{To: "alpha", JSON: fields{"stream_options.include_usage": "true"}}}, Record: fields{"end": "complete", "stream": "true"},
		}}},
	},
	{
		Name: "a client that asks whether it may send its body", On: Plain,
		Steps: []Step{{chat("gpt-4o-mini", "Say it.").with("expect", "100-continue"), expected("")}}, // on Istio when it asks no longer: docs/istio.md
	},
	{
		Name: "a client that takes compressed answers gets one that was read", On: Plain,
		Steps: []Step{{chat("gpt-4o-mini", "Say it.").with("accept-encoding", "gzip, br"), Want{
			Status: 200, Text: saying("alpha"), Header: fields{"content-encoding": ""}, Sent: []Sent{{To: "alpha", Header: fields{"accept-encoding": "identity"}}}, Record: fields{"end": "complete", "tokens.source": "provider"},
		}}},
	},
	{
		Name: "the cost of an answer in its headers", On: Plain, Needs: []Feature{LateStatus},
		Steps: []Step{{chat("gpt-4o-mini", "Say it."), Want{
			Status: 200, Header: fields{"x-sluice-cost-usd": ">0"}, Sent: []Sent{{To: "alpha"}}, Record: fields{"cost_usd": ">0"},
		}}},
		Without: map[Feature][]Want{LateStatus: {{Status: 200, Header: fields{"x-sluice-cost-usd": ""}, Sent: []Sent{{To: "alpha"}}, Record: fields{"cost_usd": ">0"}}}},
	},
	{
		Name: "a stream; usage is asked for and taken out again", On: Plain,
		Steps: []Step{{chat("gpt-4o-mini", "Say it.", stream), Want{
			Status: 200, Header: fields{"content-type": "*text/event-stream*"}, Text: saying("alpha"), Finish: "stop", Hides: []string{`"usage"`},
			Sent:   []Sent{{To: "alpha", JSON: fields{"stream_options.include_usage": "true"}}},
			Record: fields{"end": "complete", "stream": "true", "tokens.source": "provider", "tokens.output": ">0"},
		}}},
	},
	{
		Name: "a stream whose client asks for usage", On: Plain,
		Steps: []Step{{chat("gpt-4o-mini", "Say it.", stream, `"stream_options":{"include_usage":true}`, `"max_tokens":50`), Want{
			Status: 200, Text: saying("alpha"), Says: []string{`"usage":{"`, `"usage":null`},
			Sent:   []Sent{{To: "alpha", Body: chat("gpt-4o-mini", "Say it.", stream, `"stream_options":{"include_usage":true}`, `"max_tokens":50`).Body}},
			Record: fields{"end": "complete", "tokens.source": "provider"},
		}}},
	},
	{
		Name: "a message", On: Plain,
		Steps: []Step{{message("claude-haiku-4-5", "Say it."), Want{
			Status: 200, Text: saying("claude"), Finish: "end_turn", Header: fields{"x-sluice-provider": "claude", "x-sluice-model": "claude-haiku-4-5"},
			Sent: []Sent{{To: "claude", Path: "/v1/messages", Body: message("claude-haiku-4-5", "Say it.").Body,
				Header: fields{"x-api-key": "sk-ant-provider-key-of-claude", "anthropic-version": "2023-06-01", "authorization": ""}}},
			Record: fields{"end": "complete", "dialect": "anthropic", "tokens.source": "provider", "budgets.0.settled": ">0"},
		}}},
	},
	{
		Name: "a message as a stream", On: Plain,
		Steps: []Step{{message("claude-haiku-4-5", "Say it.", stream), Want{
			Status: 200, Text: saying("claude"), Finish: "end_turn", Says: []string{"event: message_start", "event: message_stop"},
			Sent: []Sent{{To: "claude"}}, Record: fields{"end": "complete", "stream": "true", "tokens.source": "provider"},
		}}},
	},
	{
		Name: "a completion", On: Plain,
		Steps: []Step{{Request{Path: "/v1/completions", Body: `{"model":"gpt-4o-mini","prompt":"Say it.","max_tokens":50}`}, Want{
			Status: 200, Text: saying("alpha"), Sent: []Sent{{To: "alpha", Path: "/base/v1/completions"}},
			Record: fields{"end": "complete", "operation": "text_completion", "tokens.source": "provider"},
		}}},
	},
	{
		Name: "embeddings", On: Plain,
		Steps: []Step{{Request{Path: "/v1/embeddings", Body: `{"model":"text-embedding-3-small","input":["Say it."]}`}, Want{
			Status: 200, JSON: fields{"data.#": "1", "usage.prompt_tokens": ">0"}, Sent: []Sent{{To: "alpha", Path: "/base/v1/embeddings"}},
			Record: fields{"end": "complete", "operation": "embeddings", "tokens.source": "provider", "tokens.output": "0"},
		}}},
	},
	{
		Name: "a response, whole and as a stream", On: Plain,
		Steps: []Step{
			{Request{Path: "/v1/responses", Body: `{"model":"gpt-4o-mini","input":"Say it.","max_output_tokens":50}`}, Want{
				Status: 200, Text: saying("alpha"), Sent: []Sent{{To: "alpha", Path: "/base/v1/responses"}}, Record: fields{"end": "complete", "operation": "chat", "tokens.source": "provider"}}},
			{Request{Path: "/v1/responses", Body: `{"model":"gpt-4o-mini","input":"Say it.","max_output_tokens":50,"stream":true}`}, Want{
				Status: 200, Text: saying("alpha"), Says: []string{"response.completed"}, Sent: []Sent{{To: "alpha", Path: "/base/v1/responses"}},
				Record: fields{"end": "complete", "stream": "true", "tokens.source": "provider"}}},
		},
	},
	{
		Name: "a model under a name of the policy's own", On: Plain,
		Steps: []Step{{chat("house", "Say it."), Want{
			Status: 200, Text: saying("alpha"), Header: fields{"x-sluice-model": "gpt-4o-mini"},
			Sent: []Sent{{To: "alpha", JSON: fields{"model": "gpt-4o-mini"}}}, Record: fields{"model_asked": "house", "model": "gpt-4o-mini"},
		}}},
	},
	{
		Name: "a model that only the default provider knows", On: Plain,
		Steps: []Step{{chat("gpt-4.1-nano", "Say it.", `"max_tokens":50`), Want{
			Status: 200, Text: saying("open"), Header: fields{"x-sluice-provider": "open"},
			Sent:   []Sent{{To: "open", Path: "/v1/chat/completions", Body: chat("gpt-4.1-nano", "Say it.", `"max_tokens":50`).Body}},
			Record: fields{"model_asked": "gpt-4.1-nano", "provider": "open", "end": "complete"},
		}}},
	},
	{
		Name: "the client's own credential, where the gateway has none", On: Plain,
		Steps: []Step{{chat("gpt-4.1-nano", "Say it."), Want{
			Status: 200, Sent: []Sent{{To: "open", Header: fields{"authorization": "Bearer " + clientKey}}}, Record: fields{"end": "complete"},
		}}},
	},
	{
		Name: "the list of models", On: Plain,
		Steps: []Step{
			{Request{Method: "GET", Path: "/v1/models"}, Want{Status: 200, JSON: fields{"object": "list", "data.0.id": "gpt-4o-mini"}, Hides: []string{"alpha"}}},
			{Request{Method: "GET", Path: "/v1/models/house"}, Want{Status: 200, JSON: fields{"id": "house"}}},
		},
	},
	{
		Name: "what is no call passes as it came", On: Plain,
		Steps: []Step{
			{Request{Method: "GET", Path: "/v1/files?x=%2F", Header: fields{"x-other": "kept", "x-sluice-provider": "evil"}}, Want{
				Status: 200, Header: fields{"x-sluice-id": ""}, JSON: fields{"method": "GET"},
				Sent: []Sent{{To: "open", Path: "/v1/files?x=%2F", Header: fields{"authorization": "Bearer " + clientKey, "x-other": "kept", "x-sluice-provider": ""}}}}},
			{Request{Path: "/v1/files", Body: "not { JSON", Header: fields{"content-type": "text/plain"}}, Want{
				Status: 200, Sent: []Sent{{To: "open", Path: "/v1/files", Body: "not { JSON"}}}},
			{Request{Path: "/v1/files", Body: "in pieces", Header: fields{"content-type": "text/plain"}}.chunked(9), Want{
				Status: 200, Sent: []Sent{{To: "open", Path: "/v1/files", Body: "in pieces"}}}},
		},
	},
	{
		Name: "nor does an answer without a body get one", On: Plain, Providers: fields{"open": "rules: [{match: {path: /v1/messages/count_tokens}, fault: {status: 204, body: ''}}]"},
		Steps: []Step{
			{Request{Method: "HEAD", Path: "/v1/files/f"}, Want{Status: 200, Sent: []Sent{{To: "open", Path: "/v1/files/f"}}}},
			{Request{Path: "/v1/messages/count_tokens", Body: body("gpt-4.1-nano", "Say it.", nil)}, Want{Status: 204, Sent: []Sent{{To: "open", Path: "/v1/messages/count_tokens"}}}},
			{Request{Method: "GET", Path: "/v1/files/f"}, Want{Status: 200, JSON: fields{"method": "GET"}, Sent: []Sent{{To: "open"}}}},
		},
	},
}
