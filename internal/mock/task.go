package mock

import (
	"math"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// task is a request with everything that is needed to answer it.
type task struct {
	*query
	Behaviour
	say     Answer
	fault   Fault
	seed    uint64 // of the answer: model and prompt decide
	id      uint64 // of identifiers: another one for each request
	created int64  // seconds since the epoch
	input   int64  // input tokens
}

func newTask(q *query, b Behaviour, seed, id uint64, now int64) *task {
	t := &task{query: q, Behaviour: b, id: id, created: now}
	if b.Answer != nil {
		t.say = *b.Answer
	}
	if b.Fault != nil {
		t.fault = *b.Fault
	}
	t.seed = q.seed(seed)
	return t
}

// parse reads the body for the operation. An error is one that the vendor answers.
func (q *query) parse(body []byte) *problem {
	switch q.op {
	case opChat, opCompletions, opEmbeddings:
		return parseOpenAI(q, body)
	case opResponses:
		return parseResponses(q, body)
	case opMessages, opCountTokens:
		return parseAnthropic(q, body)
	}
	return nil
}

// answer makes the reply: a scripted error, a refusal for a reason, or an answer.
func (t *task) answer(r *http.Request, body []byte, script *Script, bad *problem) *reply {
	if t.fault.Status >= 300 || t.fault.ErrorBody {
		return t.scripted()
	}
	switch {
	case t.op == opOther:
		return echo(r, body)
	case len(script.Keys) > 0 && !slices.Contains(script.Keys, t.key):
		return t.refuse(wrongKey(t.op, t.key))
	case bad != nil:
		return t.refuse(bad)
	case t.op == opModels:
		return t.models(r, script.Models)
	case len(script.Models) > 0 && !slices.Contains(script.Models, t.model):
		return t.refuse(unknownModel(t.op, t.model))
	}
	t.input = inputTokens(t.query)
	if scale := t.say.InputScale; scale != 0 {
		t.input = int64(math.Round(float64(t.input) * scale))
	}
	var made *reply
	switch t.op {
	case opChat:
		made = t.chat()
	case opCompletions:
		made = t.completions()
	case opEmbeddings:
		made = t.embeddings()
	case opResponses:
		made = t.responsesReply()
	case opMessages:
		made = t.messagesReply()
	default: // opCountTokens
		made = bodyReply(http.StatusOK, marshal(map[string]int64{"input_tokens": t.input}))
	}
	if t.fault.Body != nil {
		made.events, made.stream = []event{{data: []byte(*t.fault.Body)}}, false
	}
	if t.fault.Status != 0 {
		made.status = t.fault.Status
	}
	return made
}

// scripted is the error that the fault asks for.
func (t *task) scripted() *reply {
	p := problem{status: t.fault.Status, kind: t.fault.Type, message: t.fault.Message}
	if t.fault.ErrorBody {
		p.status = http.StatusInternalServerError
	}
	made := t.refuse(&p)
	if t.fault.ErrorBody {
		made.status = http.StatusOK
		made.header = http.Header{"Content-Type": {"application/json"}}
	}
	if t.fault.Body != nil {
		made.events[0].data = []byte(*t.fault.Body)
	}
	return made
}

func (t *task) refuse(p *problem) *reply {
	made := bodyReply(p.status, p.body(t.op.anthropic(), t.requestID()))
	p.headers(made.header, t.op.anthropic())
	return made
}

// billed is what the provider charges: all of a whole answer; of one that was broken
// off the input and what had been generated; nothing for an error.
func (t *task) billed(r *reply, output int64, end End) Tokens {
	if r.free || end == EndRefused {
		return Tokens{}
	}
	bill := r.bill
	if end != EndComplete {
		bill.Output = min(bill.Output, output)
		bill.Reasoning = min(bill.Reasoning, output)
	}
	return bill
}

func (t *task) requestID() string {
	if t.op.anthropic() {
		return identifier("req_01", t.id, 22)
	}
	return identifier("req_", t.id, 32)
}

// vendorHeaders are on every answer of an API, good or bad.
func (t *task) vendorHeaders(h http.Header) {
	set := func(name, value string) {
		if h.Get(name) == "" {
			h.Set(name, value)
		}
	}
	switch t.op {
	case opOther:
	case opMessages, opCountTokens:
		set("Request-Id", t.requestID())
		set("Anthropic-Organization-Id", "00000000-0000-4000-8000-000000000000")
		set("Anthropic-Ratelimit-Requests-Limit", "4000")
		set("Anthropic-Ratelimit-Requests-Remaining", "3999")
	default:
		set("X-Request-Id", t.requestID())
		set("Openai-Organization", "mock")
		set("Openai-Processing-Ms", "12")
		set("Openai-Version", "2020-10-01")
		set("X-Ratelimit-Limit-Requests", "10000")
		set("X-Ratelimit-Remaining-Requests", "9999")
		set("X-Ratelimit-Limit-Tokens", "2000000")
		set("X-Ratelimit-Remaining-Tokens", "1999000")
	}
}

// echo answers what it received, for requests that are no API calls.
func echo(r *http.Request, body []byte) *reply {
	received := map[string]any{
		"method": r.Method, "path": r.RequestURI, "host": r.Host, "proto": r.Proto, "headers": r.Header,
	}
	if utf8.Valid(body) {
		received["body"] = string(body)
	} else {
		received["body_base64"] = body
	}
	return bodyReply(http.StatusOK, marshal(received))
}

// wrongKey is the answer to a key that the script does not list.
func wrongKey(op op, key string) *problem {
	p := &problem{status: http.StatusUnauthorized}
	switch {
	case op.anthropic() && key == "":
		p.message = "x-api-key header is required"
	case op.anthropic():
		p.message = "invalid x-api-key"
	case key == "":
		p.kind = "invalid_request_error"
		p.message = "You did not provide an API key. Send it as a bearer token in the Authorization header."
	default:
		p.message = "Incorrect API key provided: " + masked(key) + "."
	}
	return p
}

func masked(key string) string {
	if len(key) <= 12 {
		return strings.Repeat("*", len(key))
	}
	return key[:8] + strings.Repeat("*", len(key)-12) + key[len(key)-4:]
}

// models lists the models, or shows one, in the shape of the vendor whose headers the
// request has.
func (t *task) models(r *http.Request, names []string) *reply {
	if len(names) == 0 {
		names = []string{"gpt-4o", "gpt-4o-mini", "text-embedding-3-small", "claude-sonnet-4-5", "claude-haiku-4-5"}
	}
	anthropic := r.Header.Get("Anthropic-Version") != ""
	show := func(name string) map[string]any {
		if anthropic {
			return map[string]any{"type": "model", "id": name, "display_name": name, "created_at": "2025-01-01T00:00:00Z"}
		}
		return map[string]any{"id": name, "object": "model", "created": 1735689600, "owned_by": "mock"}
	}
	_, name, one := strings.Cut(r.URL.Path[strings.LastIndex(r.URL.Path, "/v1/"):], "/models/")
	if one {
		if !slices.Contains(names, name) {
			if anthropic {
				t.op = opMessages // its error shape
			}
			return t.refuse(unknownModel(t.op, name))
		}
		return bodyReply(http.StatusOK, marshal(show(name)))
	}
	list := make([]map[string]any, 0, len(names))
	for _, n := range names {
		list = append(list, show(n))
	}
	all := map[string]any{"object": "list", "data": list}
	if anthropic {
		all = map[string]any{"data": list, "has_more": false, "first_id": names[0], "last_id": names[len(names)-1]}
	}
	return bodyReply(http.StatusOK, marshal(all))
}
