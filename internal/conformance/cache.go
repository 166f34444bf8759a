package conformance

// kept is a question that is asked until its answer comes from the cache.
func kept(r Request) Request {
	r.Until = fields{"x-sluice-cache": "hit"}
	return r
}

const order = "How do I cancel my order 1234?"

func asked(how string) Want {
	return Want{Status: 200, Text: saying("alpha"), Header: fields{"x-sluice-cache": how}, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "complete", "cache.result": how}}
}

func hit(how string) Want {
	return Want{Status: 200, Text: saying("alpha"), Header: fields{"x-sluice-cache": how, "x-sluice-attempts": "0", "x-sluice-provider": "alpha"},
		Record: fields{"end": "complete", "cache.result": how, "attempts.#": "0", "cache.saved_tokens": ">0", "tokens.output": "0"}}
}

// Answers that are given again.
var cache = []Scenario{
	{Name: "the answer to an equal request", On: Guarded, Steps: []Step{
		{chat("gpt-4o-mini", order), counting(asked("miss"), `sluice_cache_total{result="miss"}`)},
		{kept(chat("gpt-4o-mini", order)), hit("hit")},
	}},
	{Name: "the answer to an equal request, as a stream", On: Guarded, Steps: []Step{
		{chat("gpt-4o-mini", order, stream), asked("miss")},
		{kept(chat("gpt-4o-mini", order, stream)), hit("hit")},
		{chat("gpt-4o-mini", order), hit("hit")},
	}},
	{Name: "a kept answer to a client of the other API", On: Guarded, Steps: []Step{
		{chat("gpt-4o-mini", order), asked("miss")},
		{kept(chat("gpt-4o-mini", order)), hit("hit")},
		{message("gpt-4o-mini", order), Want{Status: 200, Text: saying("alpha"), Finish: "end_turn", JSON: fields{"type": "message"}, Header: fields{"x-sluice-cache": "hit"}, Record: fields{"cache.result": "hit", "dialect": "anthropic"}}},
	}},
	{Name: "the answer to the same in other words, and not to another number", On: Guarded, Steps: []Step{
		{chat("gpt-4o-mini", order), asked("miss")},
		{kept(chat("gpt-4o-mini", order)), hit("hit")},
		{chat("gpt-4o-mini", "Hi! Could you tell me the steps to cancel my order 1234, please?"), hit("semantic-hit")},
		{chat("gpt-4o-mini", "How do I cancel my order 1243?"), asked("miss")},
	}},
	{Name: "a client that wants none of it", On: Guarded, Steps: []Step{
		{chat("gpt-4o-mini", order), asked("miss")},
		{kept(chat("gpt-4o-mini", order)), hit("hit")},
		{chat("gpt-4o-mini", order).with("x-sluice-cache", "bypass"), asked("bypass")},
		{chat("gpt-4o-mini", order).with("cache-control", "no-store"), asked("bypass")},
		{chat("gpt-4o-mini", order), hit("hit")},
	}},
	{Name: "nobody gets the answer of another tenant, or of another system prompt", On: Guarded, Steps: []Step{
		{chat("gpt-4o-mini", order), asked("miss")},
		{kept(chat("gpt-4o-mini", order)), hit("hit")},
		{Request{Path: chatPath, Body: `{"model":"gpt-4o-mini","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"` + order + `"}]}`}, asked("miss")},
		{chat("gpt-4o-mini", order).with("x-team", "{team}-too"), asked("miss")},
	}},
}
