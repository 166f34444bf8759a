package conformance

const umlauts = "Grüße aus Zürich, 世界 und 🦊."

func says(text, fault string) string {
	return "defaults: {answer: {text: '" + text + "'}, fault: {" + fault + "}}"
}

// streamed is a stream that is whole, whatever way it comes in.
func streamed(fault string) Scenario {
	s := Scenario{On: Plain, Providers: fields{"alpha": says(umlauts, fault), "claude": says(umlauts, fault)}}
	for _, r := range []Request{chat("gpt-4o-mini", "Say it.", stream), message("claude-haiku-4-5", "Say it.", stream)} {
		to := map[string]string{chatPath: "alpha", messagesPath: "claude"}[r.Path]
		s.Steps = append(s.Steps, Step{r, Want{Status: 200, Text: umlauts, Sent: []Sent{{To: to}}, Record: fields{"end": "complete", "tokens.source": "provider"}}})
	}
	return s
}

func (s Scenario) named(name string) Scenario { s.Name = name; return s }

// What becomes of answers that are not as they should be, or come in an odd way.
var answers = []Scenario{
	streamed("crlf: true").named("a stream whose lines end in CRLF"),
	streamed("split_bytes: 1").named("a stream that comes byte by byte"),
	streamed("join_events: 50").named("a stream that comes in one piece"),
	streamed("trailers: {x-late: '1'}").named("a stream with trailers"),
	streamed("no_done: true").unfinished().named("a stream with a finish and without its API's end"),
	{Name: "a stream that ends without a finish never looks whole", On: Plain, Providers: fields{"alpha": says("Half of it", "no_finish: true"), "claude": says("Half of it", "no_finish: true")}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it.", stream), Want{Status: 200, Text: "Half of it", Error: "upstream_broken", Unfinished: true, Sent: []Sent{{To: "alpha"}},
			Record: fields{"end": "error", "attempts.0.reason": "truncated", "budgets.0.settled": ">0"}}},
		{message("claude-haiku-4-5", "Say it.", stream), Want{Status: 200, Text: "Half of it", Says: []string{"event: error"}, Unfinished: true, Sent: []Sent{{To: "claude"}}, Record: fields{"end": "error"}}},
	}},
	{Name: "a connection that breaks in a stream breaks the client's", On: Plain, Providers: fields{"alpha": says("one two three four five six", "cut: {after_events: 4, how: close}")}, Needs: []Feature{WhoBroke}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it.", stream), broken("error")},
	}, Without: map[Feature][]Want{WhoBroke: {broken("client_gone")}}},
	{Name: "an error event in a stream is the last that the client sees", On: Plain, Providers: fields{"alpha": says("one two three four five six", "error_event: {after_events: 4}, message: Oh no")}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it.", stream), Want{Status: 200, Says: []string{"Oh no"}, Unfinished: true, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "error", "attempts.0.reason": "error_event"}}},
	}},
	{Name: "an event that cannot be read ends a stream with an error", On: Plain, Providers: fields{"alpha": says("one two three four five six", "malformed: {after_events: 4}")}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it.", stream), Want{Status: 200, Error: "upstream_broken", Unfinished: true, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "error", "attempts.0.reason": "malformed_event"}}},
	}},
	{Name: "a whole answer, in one piece, in many, with trailers", On: Plain, Providers: fields{"alpha": whole, "claude": whole}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it."), wholly("alpha")}, {chat("gpt-4o-mini", "In pieces."), wholly("alpha")}, {chat("gpt-4o-mini", "With trailers."), wholly("alpha")},
		{message("gpt-4o-mini", "Say it."), wholly("alpha")}, {message("gpt-4o-mini", "In pieces."), wholly("alpha")}, {message("gpt-4o-mini", "With trailers."), wholly("alpha")},
		{chat("claude-haiku-4-5", "In pieces."), wholly("claude")},
	}},
	{Name: "a whole answer that breaks off never looks whole", On: Plain, Providers: fields{"alpha": says("one two three four", "cut: {after_bytes: 40, how: close}")}, Needs: []Feature{WhoBroke}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it."), Want{Status: 502, Hides: []string{"one"}, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "error", "attempts.0.reason": "truncated"}}},
	}, Without: map[Feature][]Want{WhoBroke: {{Status: 200, Broken: true, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "client_gone"}}}}},
	{Name: "an answer that is no whole JSON passes, as long as was announced", On: Guarded, Providers: fields{"alpha": "defaults: {fault: {body: '" + halfAnswer + "', content_type: application/json}}"}, Steps: []Step{
		{chat("gpt-4o-mini", "Say half of it."), Want{Status: 200, Body: halfAnswer, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "error", "tokens.source": "reserved", "failure": "unreadable_answer"}}},
	}},
	{Name: "an error without a body", On: Plain, Providers: fields{"alpha": "defaults: {fault: {status: 503, body: ''}}"}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it."), Want{Status: 503, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "error", "attempts.0.status": "503", "budgets.0.settled": "0"}}},
		{message("gpt-4o-mini", "Say it."), Want{Status: 503, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "error", "attempts.0.status": "503", "budgets.0.settled": "0"}}},
	}},
	{Name: "an answer of status 204", On: Plain, Providers: fields{"alpha": "defaults: {fault: {status: 204, body: ''}}"}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it."), Want{Status: 204, Sent: []Sent{{To: "alpha"}}, Record: fields{"tokens.source": "reserved", "failure": "unreadable_answer"}}},
	}},
	{Name: "a client that leaves in the middle of its body", On: Plain, Steps: []Step{
		{Request{Path: chatPath, Body: chat("gpt-4o-mini", "Say it.").Body, LeavesEarly: true}, Want{Record: fields{"end": "client_gone", "attempts.#": "0", "tokens.source": "none"}}},
		{chat("gpt-4o-mini", "Say it.", `"max_tokens":200000`), Want{Status: 429, Header: fields{"x-ratelimit-remaining-tokens": "100000"}, Record: fields{"end": "refused"}}},
	}},
	{Name: "a client that leaves before there is an answer", On: Plain, Providers: fields{"alpha": "defaults: {fault: {delay: 1h}}"}, Steps: []Step{
		{Request{Path: chatPath, Body: chat("gpt-4o-mini", "Say it.", `"max_tokens":50`).Body, LeavesFirst: true}, Want{Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "client_gone", "tokens.output": "0"}}},
	}},
	{Name: "an answer that cannot be read passes and costs what was reserved", On: Plain, Providers: fields{"alpha": "defaults: {fault: {body: '<html>', content_type: text/html}}"}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it."), Want{Status: 200, Body: "<html>", Sent: []Sent{{To: "alpha"}}, Record: fields{"tokens.source": "reserved", "failure": "unreadable_answer"},
			Metrics: map[string]int64{`sluice_failures_total{kind="unreadable_answer"}`: 1}}},
	}},
	{Name: "a compressed answer that nobody has asked for passes and costs what was reserved", On: Plain, Providers: fields{"alpha": says("Squeezed.", "gzip: true")}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it."), Want{Status: 200, Header: fields{"content-encoding": "gzip"}, Sent: []Sent{{To: "alpha"}}, Record: fields{"tokens.source": "reserved", "failure": "unreadable_answer"}}},
	}},
	{Name: "an error page of a provider's proxy is put in the client's API", On: Plain, Providers: fields{"alpha": errorPage, "claude": errorPage}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it."), Want{Status: 502, Error: "upstream_unavailable", Hides: []string{"<html>"}, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "error", "budgets.0.settled": "0"}}},
		{message("claude-haiku-4-5", "Say it."), Want{Status: 502, JSON: fields{"type": "error", "error.type": "overloaded_error"}, Sent: []Sent{{To: "claude"}}, Record: fields{"end": "error"}}},
	}},
	{Name: "a refusal of the gateway's own credential is none of the client's business", On: Plain, Providers: fields{"alpha": "defaults: {fault: {status: 401, message: 'bad key sk-provider-key-of-alpha'}}"}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it."), Want{Status: 401, Error: "upstream_credential_refused", Sent: []Sent{{To: "alpha"}}, Record: fields{"end": "error", "attempts.0.status": "401"}}},
	}},
	{Name: "a provider's rate limit passes with its headers", On: Plain, Providers: fields{"alpha": "defaults: {fault: {status: 429, headers: {retry-after: '7'}}}"}, Steps: []Step{
		{chat("gpt-4o-mini", "Say it."), Want{Status: 429, Header: fields{"retry-after": "7", "x-sluice-provider": "alpha"}, Sent: []Sent{{To: "alpha"}},
			Record: fields{"end": "error", "attempts.0.reason": "rate_limited", "tokens.source": "none"}, Metrics: map[string]int64{`sluice_attempts_total{provider="alpha",reason="rate_limited"}`: 1}}},
	}},
	{Name: "a provider that nobody can reach", On: Plain, Steps: []Step{
		{chat("down-only", "Say it."), Want{Status: Unreachable, Error: "*", JSON: fields{"error.message": "*"}, Record: fields{"end": "error", "attempts.0.reason": "unavailable", "budgets.0.settled": "0"}}},
		{chat("down-only", "Say it.", stream), Want{Status: Unreachable, Error: "*", JSON: fields{"error.message": "*"}, Record: fields{"end": "error", "attempts.0.reason": "unavailable"}}},
		{message("down-only", "Say it."), Want{Status: Unreachable, JSON: fields{"error.message": "*"}, Record: fields{"end": "error", "budgets.0.settled": "0"}}},
	}},
}

// whole is a provider whose whole answers come as they are asked for.
const whole = "rules: [{match: {body: In pieces}, answer: {text: '" + umlauts + "'}, fault: {split_bytes: 5}}, {match: {body: With trailers}, answer: {text: '" + umlauts + "'}, fault: {trailers: {x-late: '1'}}}, {answer: {text: '" + umlauts + "'}}]"

func wholly(to string) Want {
	return Want{Status: 200, Text: umlauts, Sent: []Sent{{To: to}}, Record: fields{"end": "complete", "tokens.source": "provider"}}
}

// halfAnswer ends in the middle of a text.
const halfAnswer = `{"id":"1","choices":[{"index":0,"message":{"role":"assistant","content":"It is`

func broken(end string) Want {
	return Want{Status: 200, Broken: true, Sent: []Sent{{To: "alpha"}}, Record: fields{"end": end, "tokens.source": "counted", "budgets.0.settled": ">0"}}
}

const errorPage = "defaults: {fault: {status: 502, content_type: text/html, body: '<html>bad gateway</html>'}}"

func (s Scenario) unfinished() Scenario {
	for i := range s.Steps {
		s.Steps[i].Unfinished = true
	}
	return s
}
