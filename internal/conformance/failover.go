package conformance

// rescued is what a client sees whose first provider has failed: the second one's answer.
func rescued(reason string) Want {
	return Want{Status: 200, Text: saying("beta"), Header: fields{"x-sluice-provider": "beta", "x-sluice-attempts": "2"}, Hides: []string{"alpha"},
		Sent: []Sent{{To: "alpha", Path: "/base/v1/chat/completions", Header: fields{"authorization": "Bearer sk-provider-key-of-alpha"}},
			{To: "beta", Path: "/v1/chat/completions", Header: fields{"authorization": "Bearer sk-provider-key-of-beta"}}},
		Record: fields{"end": "complete", "provider": "beta", "attempts.#": "2", "attempts.0.reason": reason, "attempts.1.reason": "", "tokens.source": "*"}}
}

// fails is a provider that does, and does not ask to be left alone for some time: other
// scenarios have the same targets.
func fails(status string) string {
	return "defaults: {fault: {status: " + status + ", headers: {retry-after: '', retry-after-ms: ''}}}"
}

// A provider that fails before any content is followed by the next one.
var failover = []Scenario{
	{Name: "after a 503", On: Plain, Providers: fields{"alpha": fails("503")},
		Steps: []Step{{chat("two", "Say it."), rescued("unavailable")}, {chat("two", "Say it.", stream), rescued("unavailable")}}},
	{Name: "after a rate limit", On: Plain, Providers: fields{"alpha": fails("429")},
		Steps: []Step{{chat("two", "Say it."), counting(rescued("rate_limited"), `sluice_attempts_total{provider="alpha",reason="rate_limited"}`, `sluice_attempts_total{provider="beta",reason="ok"}`)}}},
	{Name: "where the first cannot be reached", On: Plain,
		Steps: []Step{{chat("down-two", "Say it."), Want{Status: 200, Text: saying("beta"), Header: fields{"x-sluice-attempts": "2"}, Sent: []Sent{{To: "beta"}},
			Record: fields{"end": "complete", "attempts.#": "2", "attempts.0.provider": "down", "attempts.0.reason": "unavailable", "attempts.0.tokens": "0"}}}}},
	{Name: "where the first does not answer in time", On: Plain, Providers: fields{"alpha": "defaults: {fault: {delay: 1h}}"},
		Steps: []Step{{chat("hurried", "Say it."), rescued("timeout")}}},
	{Name: "where a stream begins and has no content in time", On: Plain, Providers: fields{"alpha": "defaults: {fault: {stall: {after_events: 1}}}"},
		Steps: []Step{{chat("hurried", "Say it.", stream), rescued("stalled")}}},
	{Name: "after an error event under status 200", On: Plain, Providers: fields{"alpha": says("alpha", "error_event: {after_events: 1}")},
		Steps: []Step{{chat("two", "Say it.", stream), rescued("error_event")}}},
	{Name: "after a connection that breaks before any content", On: Plain, Providers: fields{"alpha": says("alpha", "cut: {after_events: 1, how: close}")},
		Steps: []Step{{chat("two", "Say it.", stream), rescued("unavailable")}}},
	{Name: "after an answer that is cut short", On: Plain, Providers: fields{"alpha": says("alpha", "cut: {after_bytes: 40, how: end}, content_type: application/json, body: '{\"id\":\"1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\"}}]}'")},
		Steps: []Step{{chat("two", "Say it."), rescued("*")}}},
	{Name: "after an answer that breaks the JSON schema of the request", On: Plain,
		Providers: fields{"alpha": says(`{"town":"alpha"}`, ""), "beta": says(`{"city":"Oslo"}`, "")},
		Steps: []Step{{chat("two", "Where?", schema), Want{Status: 200, Text: `{"city":"Oslo"}`, Sent: []Sent{{To: "alpha"}, {To: "beta"}},
			Record: fields{"end": "complete", "attempts.0.reason": "schema", "attempts.0.tokens": ">0"}}}}},
	{Name: "to a provider of the other API, whole and as a stream", On: Plain, Providers: fields{"alpha": fails("500")},
		Steps: []Step{
			{chat("both", "Say it."), Want{Status: 200, Text: saying("claude"), Finish: "stop", Sent: []Sent{{To: "alpha"}, {To: "claude", Path: "/v1/messages"}}, Record: fields{"end": "complete", "provider": "claude"}}},
			{chat("both", "Say it.", stream), Want{Status: 200, Text: saying("claude"), Finish: "stop", Sent: []Sent{{To: "alpha"}, {To: "claude"}}, Record: fields{"end": "complete"}}},
		}},
	{Name: "a provider that asks to be left alone is asked after the others", On: Plain, Providers: fields{"alpha": "defaults: {fault: {status: 429, headers: {retry-after: '60', retry-after-ms: ''}}}"},
		Steps: []Step{
			{chat("tired", "Say it."), rescued("rate_limited")},
			{chat("tired", "Say it."), Want{Status: 200, Text: saying("beta"), Header: fields{"x-sluice-attempts": "1"}, Sent: []Sent{{To: "beta"}}, Record: fields{"attempts.#": "1", "provider": "beta"}}},
		}},
	{Name: "with nothing left to try, the last one's error", On: Plain, Providers: fields{"alpha": fails("503"), "beta": fails("529, message: Busy")},
		Steps: []Step{{chat("two", "Say it."), Want{Status: 529, Says: []string{"Busy"}, Sent: []Sent{{To: "alpha"}, {To: "beta"}},
			Record: fields{"end": "error", "attempts.#": "2", "budgets.0.settled": "0"}, Metrics: map[string]int64{`sluice_requests_total{outcome="error"}`: 1}}}}},
	{Name: "never after content: a stream that breaks then is broken", On: Plain, Providers: fields{"alpha": says("one two three four five", "no_finish: true")},
		Steps: []Step{{chat("two", "Say it.", stream), Want{Status: 200, Error: "upstream_broken", Unfinished: true, Text: "one two three four five", Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "error", "attempts.#": "1"}}}}},
	{Name: "by the filter itself (failover: inline)", On: Plain, Providers: fields{"alpha": fails("503")},
		Steps: []Step{{chat("inline", "Say it."), rescued("unavailable")}}},
	{Name: "by the filter itself, after an answer that is cut short", On: Plain, Providers: fields{"alpha": says("alpha", "cut: {after_bytes: 40, how: end}, content_type: application/json, body: '{\"id\":\"1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\"}}]}'")},
		Steps: []Step{{chat("inline", "Say it."), rescued("*")}}},
}

func counting(w Want, counters ...string) Want {
	w.Metrics = map[string]int64{}
	for _, name := range counters {
		w.Metrics[name] = 1
	}
	return w
}

func among(model string) Want {
	return Want{Status: 200, Text: saying("alpha"), Header: fields{"x-sluice-model": model}, Sent: []Sent{{To: "alpha", JSON: fields{"model": model}}}, Record: fields{"model": model}}
}

// Which provider a request goes to.
var routing = []Scenario{
	{Name: "a rule that looks at a header", On: Plain,
		Steps: []Step{
			{chat("ruled", "Say it.").with("x-tier", "gold"), counting(Want{Status: 200, Text: saying("beta"), Header: fields{"x-sluice-rule": "gold"}, Sent: []Sent{{To: "beta"}}, Record: fields{"rule": "gold"}}, `sluice_rules_total{rule="gold"}`)},
			{chat("ruled", "Say it.").with("x-tier", "lead"), Want{Status: 200, Text: saying("alpha"), Header: fields{"x-sluice-rule": ""}, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "complete"}}},
		}},
	{Name: "a rule that looks at the body", On: Plain,
		Steps: []Step{{chat("ruled", "Say it.", chatTools), Want{Status: 200, Header: fields{"x-sluice-rule": "tools"}, Sent: []Sent{{To: "beta"}}, Record: fields{"rule": "tools"}}}}},
	{Name: "a conversation stays with the target that has answered it", On: Plain,
		Providers: fields{"alpha": "rules: [{match: {first: 1}, fault: {status: 503, headers: {retry-after: '', retry-after-ms: ''}}}]"},
		Steps: []Step{
			{chat("sticky", "Say it."), rescued("unavailable")},
			{chat("sticky", "Say it."), Want{Status: 200, Text: saying("beta"), Sent: []Sent{{To: "beta"}}, Record: fields{"attempts.#": "1", "provider": "beta"}}},
			{chat("sticky", "Say another."), Want{Status: 200, Text: saying("alpha"), Sent: []Sent{{To: "alpha"}}, Record: fields{"provider": "alpha"}}},
		}},
	{Name: "a conversation stays with the target that has answered it, by the filter itself (failover: inline)", On: Plain, // and another one of the same length does not
		Providers: fields{"alpha": "rules: [{match: {first: 1}, fault: {status: 503, headers: {retry-after: '', retry-after-ms: ''}}}]"},
		Steps: []Step{
			{chat("faithful", "Say it."), rescued("unavailable")},
			{chat("faithful", "Say it."), Want{Status: 200, Text: saying("beta"), Sent: []Sent{{To: "beta"}}, Record: fields{"attempts.#": "1", "provider": "beta"}}},
			{chat("faithful", "Say so."), Want{Status: 200, Text: saying("alpha"), Sent: []Sent{{To: "alpha"}}, Record: fields{"provider": "alpha"}}},
		}},
	{Name: "by rule, context window, weight and cost, among models of one provider", On: Plain, Steps: []Step{
		{chat("chosen-among", "Say it.", `"max_tokens":10`), among("gpt-4.1")},
		{chat("chosen-among", "Say it.", `"max_tokens":10`).with("x-tier", "gold"), among("gpt-4.1-mini")},
		{chat("chosen-among", "Say it.", `"max_tokens":200`), among("gpt-4.1-mini")},
		{chat("weighted-among", "Say it."), among("gpt-4.1-mini")},
		{chat("cheapest-among", "Say it."), among("gpt-4.1-mini")},
	}},
	{Name: "by weight", On: Plain,
		Steps: []Step{{chat("weighted", "Say it."), Want{Status: 200, Text: saying("beta"), Sent: []Sent{{To: "beta"}}, Record: fields{"provider": "beta"}}}}},
	{Name: "by cost", On: Plain,
		Steps: []Step{{chat("cheapest", "Say it."), Want{Status: 200, Header: fields{"x-sluice-model": "gpt-4.1-mini"}, Sent: []Sent{{To: "beta"}}, Record: fields{"provider": "beta"}}}}},
	{Name: "by the context window that a request needs", On: Plain,
		Steps: []Step{{chat("short", "Say it.", `"max_tokens":70`), Want{Status: 200, Sent: []Sent{{To: "beta"}}, Record: fields{"provider": "beta"}}}}},
}
