package conformance

// spent has a provider report so much input that little is left of a team's tokens.
const spent = "rules: [{match: {body: Spend}, answer: {text: Done., input_scale: 9900}}, {match: {body: Go on}, answer: {tokens: 3000}, fault: {ignore_max_tokens: true}}]"

// What budgets do.
var budgets = []Scenario{
	{Name: "a request that does not fit", On: Plain, Steps: []Step{
		{chat("gpt-4o-mini", "Say it.", `"max_tokens":200000`), over429(refused(429, "budget_exceeded"), fields{
			"retry-after": ">0", "x-should-retry": "false", "x-ratelimit-limit-tokens": "100000", "x-ratelimit-remaining-tokens": "100000"},
			map[string]int64{`sluice_budget_denied_total{budget="tokens"}`: 1, `sluice_requests_total{outcome="refused"}`: 1})},
	}},
	{Name: "a message that does not fit", On: Plain, Steps: []Step{
		{message("claude-haiku-4-5", "Say it.", `"max_tokens":200000`), Want{Status: 429, Error: "rate_limit_error", JSON: fields{"type": "error"}, Says: []string{"tokens left"},
			Record: fields{"end": "refused", "code": "budget_exceeded", "budgets.0.refused": "true"}}},
	}},
	{Name: "the most that a request may use is reserved, and what it has used is settled", On: Plain, Steps: []Step{
		{chat("gpt-4o-mini", "Say it.", `"max_tokens":100`, `"n":3`), Want{Status: 200, JSON: fields{"choices.#": "3"}, Sent: []Sent{{To: "alpha"}}, Record: fields{"budgets.0.reserved": "310", "budgets.0.settled": "31"}}},
		{chat("gpt-4o-mini", "Say it.", `"max_tokens":1`, `"max_completion_tokens":10000`), Want{Status: 200, Sent: []Sent{{To: "alpha"}}, Record: fields{"budgets.0.reserved": "10010", "budgets.0.settled": "17"}}},
		{chat("gpt-4o-mini", "Say it.", `"max_tokens":200000`), Want{Status: 429, Header: fields{"x-ratelimit-remaining-tokens": "99952"}, Record: fields{"end": "refused"}}},
	}},
	{Name: "a cap that fits what is left", On: Plain, Providers: fields{"alpha": spent}, Steps: []Step{
		{chat("gpt-4o-mini", "Spend it.", `"max_tokens":50`), Want{Status: 200, Text: "Done.", Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "complete"}}},
		{chat("gpt-4o-mini", "Say it."), Want{Status: 200, Header: fields{"x-ratelimit-remaining-tokens": "0"},
			Sent: []Sent{{To: "alpha", JSON: fields{"max_completion_tokens": ">0"}}}, Record: fields{"end": "complete"}}},
		{chat("gpt-4o-mini", "Say it.", `"max_tokens":9000`), Want{Status: 429, Error: "budget_exceeded", Record: fields{"end": "refused"}}},
	}},
	{Name: "a stream that uses up its budget is ended as its API ends one", On: Plain, Providers: fields{"alpha": spent}, Steps: []Step{
		{chat("gpt-4o-mini", "Spend it.", `"max_tokens":50`), Want{Status: 200, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "complete"}}},
		{chat("gpt-4o-mini", "Go on.", stream), Want{Status: 200, Finish: "length", Text: "*", Sent: []Sent{{To: "alpha"}},
			Record: fields{"end": "cut", "tokens.output": ">0"}, Metrics: map[string]int64{`sluice_requests_total{outcome="cut"}`: 1}}},
	}},
	{Name: "a message's stream that uses up its budget is ended likewise", On: Plain, Providers: fields{"claude": spent}, Steps: []Step{
		{message("claude-haiku-4-5", "Spend it."), Want{Status: 200, Sent: []Sent{{To: "claude"}}, Record: fields{"end": "complete"}}},
		{message("claude-haiku-4-5", "Go on.", stream), Want{Status: 200, Finish: "max_tokens", Text: "*", Says: []string{"event: message_stop"}, Sent: []Sent{{To: "claude"}}, Record: fields{"end": "cut"}}},
	}},
	{Name: "all budgets or none: dollars are short, and no tokens are held", On: Plain, Steps: []Step{
		{chat("dear", "Say it.", `"max_tokens":50`), Want{Status: 429, Error: "budget_exceeded", Says: []string{`\"dollars\"`}, Record: fields{
			"budgets.0.reserved": "0", "budgets.0.remaining": "100000", "budgets.1.refused": "true"}}},
		{chat("gpt-4o-mini", "Say it.", `"max_tokens":50`), Want{Status: 200, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "complete", "budgets.1.settled": ">0"}}},
	}},
	{Name: "a model without a price, under a budget of dollars", On: Plain, Steps: []Step{
		{chat("unpriced", "Say it."), Want{Status: 400, Error: "price_unknown", Record: fields{"end": "refused", "failure": "price_unknown"}, Metrics: map[string]int64{`sluice_failures_total{kind="price_unknown"}`: 1}}},
	}},
	{Name: "a budget in shadow counts and refuses nothing", On: Plain, Steps: []Step{
		{chat("gpt-4o-mini", "Say it."), Want{Status: 200, Sent: []Sent{{To: "alpha"}}, Record: fields{"budgets.2.shadow": "true", "budgets.2.would_refuse": "false"}}},
		{chat("gpt-4o-mini", "Say it."), Want{Status: 200, Sent: []Sent{{To: "alpha"}}, Record: fields{"budgets.2.shadow": "true", "budgets.2.would_refuse": "true"},
			Metrics: map[string]int64{`sluice_budget_shadow_denied_total{budget="trial"}`: 1}}},
	}},
	{Name: "a client that hangs up pays for what it was sent", On: Plain,
		Providers: fields{"alpha": "defaults: {answer: {text: one two three four five six seven}, fault: {stall: {after_events: 4}}}"}, Steps: []Step{
			{Request{Path: chatPath, Body: chat("gpt-4o-mini", "Say it.", stream, `"max_tokens":5000`).Body, Leaves: "two"}, Want{Status: 200, Unfinished: true, Sent: []Sent{{To: "alpha"}},
				Record: fields{"end": "client_gone", "tokens.source": "counted", "tokens.output": ">0", "budgets.0.settled": ">0"}}},
			{chat("gpt-4o-mini", "Say it.", `"max_tokens":200000`), Want{Status: 429, Header: fields{"x-ratelimit-remaining-tokens": "*999*"}, Record: fields{"end": "refused"}}},
		}},
	{Name: "a provider's refusal costs nothing", On: Plain, Providers: fields{"alpha": "defaults: {fault: {status: 400}}"}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it."), Want{Status: 400, JSON: fields{"error.message": "*"}, Sent: []Sent{{To: "alpha"}},
			Record: fields{"end": "error", "tokens.source": "none", "budgets.0.settled": "0", "attempts.0.status": "400", "attempts.0.reason": "rejected"}}},
	}},
	{Name: "usage that the provider does not report is counted", On: Plain, Providers: fields{"alpha": "defaults: {answer: {text: Counted by us.}, fault: {usage: missing}}"}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it."), Want{Status: 200, Text: "Counted by us.", Sent: []Sent{{To: "alpha"}},
			Record: fields{"tokens.source": "counted", "tokens.output": ">0", "failure": "usage_missing"}, Metrics: map[string]int64{`sluice_failures_total{kind="usage_missing"}`: 1}}},
		{chat("gpt-4o-mini", "Say it.", stream), Want{Status: 200, Text: "Counted by us.", Sent: []Sent{{To: "alpha"}}, Record: fields{"tokens.source": "counted", "failure": "usage_missing"}}},
	}},
}

// over429 adds what headers a refusal has and what it counts.
func over429(w Want, headers fields, metrics map[string]int64) Want {
	w.Header, w.Metrics = over(w.Header, headers), metrics
	return w
}
