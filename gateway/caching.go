package gateway

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/cacheclient"
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy"
)

// cache is the policy's cache. What is kept there, and whether it answers a request, is
// the companion's affair; here it is decided which requests are looked up, how long that
// may take, and which answers are offered to it.
type cache struct {
	*policy.Cache
	client *cacheclient.Client
	byText *cacheclient.Client // of requests that are not found by meaning
	parts  []int               // of cache.scope: places in policy.Identity
	held   int64               // bytes of answers that are on their way to clients and may be kept
	untold int64               // bytes of calls with answers that the companion has not taken yet
	waits  int                 // requests that wait for an answer to the same
}

// maxWaits bounds the requests of one gateway that wait for an answer to the same: each is
// a call to the companion. Others go to a provider.
const maxWaits = 1024

// maxHeld bounds the answers that one gateway copies while they pass, in bytes: what does
// not fit is not cached.
const maxHeld = 6 << 20

// maxUntold bounds the answers that are on their way from one gateway to the companion, in
// bytes: a host keeps a copy of each until a companion that is slow has taken it, or the
// call's time is over. What does not fit is not cached.
const maxUntold = 8 << 20

// notKept is why an answer is not offered to the companion.
type notKept uint8

const (
	tooLong  notKept = iota + 1 // over cache.max_answer
	heldFull                    // maxHeld is reached
	sentFull                    // maxUntold is reached
)

// notKeptWords are they in the words of the record, and of the metric.
var notKeptWords = [...][2]string{{}, {"the answer is over cache.max_answer", "max_answer"},
	{"too many answers are under way", "held"}, {"too many answers are on their way to the companion", "untold"}}

// caching is a request's part in the cache.
type caching struct {
	refused bool // the client wants nothing of the cache
	waited  bool
	waiting bool // it has a place among cache.waits
	began   int64
	reply   cacheclient.Reply
	ticket  []byte  // by which an answer is brought; nil = none is wanted
	answer  []byte  // what the client got of the answer so far
	given   notKept // why the answer is not offered; 0 = it is
}

// The results of a look-up, beside the companion's own, in the metric's words.
const (
	lookupFailed = "error"        // the companion did not answer, or not sensibly
	lookupOpen   = "circuit_open" // it has not for a while, and was not asked
)

func (g *Gateway) newCache() *cache {
	p := g.policy.Cache
	if p == nil || !p.Enabled {
		return nil
	}
	c := &cache{Cache: p}
	for _, name := range p.Scope {
		for i := range g.policy.Identity {
			if g.policy.Identity[i].Name == name {
				c.parts = append(c.parts, i)
			}
		}
	}
	rules := cacheclient.Rules{
		Version: g.answersVersion(), Exact: p.Exact, Semantic: p.Semantic, Threshold: p.Threshold, TTL: p.TTL.Milliseconds(),
		MaxTemperature: p.MaxTemperature, MaxAnswer: p.MaxAnswer, Within: p.LookupTimeout.Milliseconds(),
	}
	if p.Judge != nil {
		rules.JudgeModel, rules.JudgeTimeout = p.Judge.Model, p.Judge.Timeout.Milliseconds()
	}
	c.client = cacheclient.New(rules)
	rules.Semantic = false
	c.byText = cacheclient.New(rules)
	return c
}

// answersVersion stands for the part of the policy that answers depend on: who answers
// which name, and whose answers are kept apart. An answer that was kept under another is
// not found any more. A new budget or price leaves it as it is.
func (g *Gateway) answersVersion() string {
	var parts []budget.Part
	add := func(name string, values ...string) {
		for _, value := range values {
			parts = append(parts, budget.Part{Name: name, Value: value, Present: true})
		}
	}
	p := g.policy
	add("scope", p.Cache.Scope...)
	for i := range p.Identity {
		add("identity", p.Identity[i].Name, strconv.FormatBool(p.Identity[i].Hash))
	}
	for i := range p.Providers {
		v := &p.Providers[i]
		add("provider", v.Name, string(v.Dialect), strconv.FormatBool(v.Endpoint.TLS), v.Endpoint.Host, strconv.Itoa(v.Endpoint.Port), v.Endpoint.BasePath, v.APIPath)
		for _, q := range v.Query {
			add("query", q.Name, q.Value)
		}
	}
	for i := range p.Models {
		m := &p.Models[i]
		add("model", m.Name)
		for _, t := range m.Targets {
			add("target", t.Name())
		}
		add("drop", m.Drop...)
		for j := range m.Rules {
			add("rule", m.Rules[j].Name)
			for _, at := range m.Rules[j].Targets {
				add("to", m.Targets[at].Name())
			}
		}
	}
	add("default", p.DefaultProvider, g.shape.Schema, g.shape.OnInvalid.Told(g.shape.Shadow), strings.Join(g.shape.Models, "\n"))
	d := budget.Key("answers", parts)
	return hexadecimal(d[:])
}

// lookUp begins to look for an answer that is kept. False tells that the request goes to
// a provider at once.
func (r *Request) lookUp(now int64, read Read) (Outcome, bool) {
	if why := r.notLookedUp(); why != "" {
		r.caching.reply.Reason = why
		return Outcome{}, false
	}
	if !r.g.companion.circuit.Allow(now) {
		r.caching.reply = cacheclient.Reply{Result: lookupOpen, Reason: "the companion has not answered lately"}
		r.fail(companionError)
		return Outcome{}, false
	}
	r.phase = looking
	r.caching.began = now
	return r.askCache(cacheclient.LookupPath, r.g.cache.LookupTimeout.Milliseconds(), read), true
}

// notLookedUp says why a request is not looked up; "" = it is.
func (r *Request) notLookedUp() string {
	switch c := r.g.cache; {
	case c == nil:
		return "off"
	case r.caching.refused:
		return "the client wants none"
	case r.op != dialect.ChatCompletions && r.op != dialect.Messages:
		return "not for this operation"
	case len(r.asked.ModelName) > longestValue:
		return "the model's name is too long"
	case int64(r.size) > c.MaxRequest:
		return "the request is over cache.max_request"
	case r.numbered() && !c.Exact:
		return "several values of one kind are redacted, and cache.exact is false"
	}
	return ""
}

// numbered tells whether placeholders of one kind are told apart by their numbers, which are
// of their order: another prompt of the same meaning may name the values in another order, and
// its answer would have each in the other's place. Such a request is looked up by its text.
func (r *Request) numbered() bool {
	p := r.guarding.prompt
	return p != nil && p.Vault.Numbered()
}

// refusesCache tells whether a client's headers say that it wants no answer from a cache,
// or that its own is kept in none.
func refusesCache(h Headers) bool {
	if ours, _ := h.Get("x-sluice-cache"); ours == "bypass" {
		return true
	}
	control, _ := h.Get("cache-control")
	for directive := range strings.SplitSeq(control, ",") {
		if d := strings.ToLower(strings.TrimSpace(directive)); d == "no-store" || d == "no-cache" {
			return true
		}
	}
	return false
}

func (r *Request) askCache(path string, timeout int64, read Read) Outcome {
	body := read(0, r.size)
	if len(body) != r.size { // it could be read a moment ago
		r.phase = reading
		return r.refuse(r.hostTooSmall(r.size))
	}
	request := cacheclient.Request{ID: r.id, API: cacheclient.ChatCompletions, Model: r.asked.ModelName, Body: body}
	if r.op == dialect.Messages {
		request.API = cacheclient.Messages
	}
	for _, at := range r.g.cache.parts {
		if part := r.identity[at]; part.present {
			request.Tenant = append(request.Tenant, short(r.g.policy.Identity[at].Name, part.value))
		}
	}
	if r.routing.rule != "" {
		request.Other = append(request.Other, short("rule", r.routing.rule))
	}
	if beta, ok := Headers(r.sent.versions).Get("anthropic-beta"); ok {
		request.Other = append(request.Other, short("anthropic-beta", beta))
	}
	if _, query, _ := strings.Cut(r.path, "?"); query != "" {
		request.Other = append(request.Other, short("query", query))
	}
	client := r.g.cache.client
	if r.numbered() {
		client = r.g.cache.byText
	}
	r.asking.lookup = r.g.toCompanion(path, client.Lookup(request), timeout)
	return Outcome{Action: Hold, Call: r.asking.lookup}
}

// longestValue is the longest value that the companion takes, in bytes.
const longestValue = 256

// digested begins what stands for a value that cannot be sent as it is.
const digested = "blake2b:"

// short has a digest in place of a value that is too long, or not UTF-8: JSON could not tell
// two such values apart. What looks like a digest is digested too, so that no value equals
// another's.
func short(name, value string) [2]string {
	if len(value) > longestValue || !utf8.ValidString(value) || strings.HasPrefix(value, digested) {
		value = digested + hashed(name, value)
	}
	return [2]string{name, value}
}

// lookedUp takes the companion's answer: its headers, none where there is no answer. What it
// returns is what is to be done beside what follows.
func (r *Request) lookedUp(now int64, h Headers, body []byte, read Read) Outcome {
	r.waitsNoMore()
	reply, err := cacheclient.ReadReply(func(name string) string { v, _ := h.Get(name); return v }, body)
	switch {
	case len(h) == 0 || err != nil:
		out := r.notFound(now, r.whyNot(now, h, err))
		out.Tell = r.leadsNot(h)
		return out
	case reply.Result.Served() && reply.Stream != r.asked.Stream:
		return r.notFound(now, "the companion's answer has not the form that was asked for")
	}
	r.g.companion.circuit.Succeeded()
	c := r.g.cache
	r.caching.reply = reply
	switch reply.Result {
	case cacheclient.Hit, cacheclient.SemanticHit:
		if r.asking.services != nil {
			r.caching.reply.Body = append([]byte(nil), reply.Body...) // it has to outlive this step
		}
		return Outcome{Action: Hold}
	case cacheclient.Miss:
		if len(reply.Body) > 0 {
			r.caching.ticket = append([]byte(nil), reply.Body...)
		}
	case cacheclient.Wait:
		wait := c.Wait.Milliseconds()
		if c.Judge != nil {
			wait = max(wait, c.Judge.Timeout.Milliseconds())
		}
		if !r.caching.waited && wait > 0 && c.waits < maxWaits {
			r.caching.waited, r.caching.waiting, r.caching.began = true, true, now
			c.waits++
			return r.askCache(cacheclient.WaitPath(wait), wait+c.LookupTimeout.Milliseconds(), read)
		}
		r.caching.reply.Result = cacheclient.Miss
	}
	r.caching.reply.Body = nil
	return Outcome{Action: Hold}
}

// whyNot says why a look-up has no answer. Envoy's own answers in the companion's place are
// 504 where the time is over, and 503 where there was nobody to ask; they are plain text, and
// all that the companion answers itself is JSON.
func (r *Request) whyNot(now int64, h Headers, err error) string {
	status, _ := h.Get(":status")
	contentType, _ := h.Get("content-type")
	_, theirs := h.Get("x-sluice-cache")
	switch {
	case theirs:
		return err.Error()
	case status == "503" && !isMediaType(contentType, "application/json"):
		return "the companion could not be reached"
	case status == "401":
		return "the companion refused the gateway's token"
	case status == "" || status == "504":
		return "the companion did not answer in " + strconv.FormatInt(now-r.caching.began, 10) + " ms"
	}
	return "the companion answered " + status
}

// notFound notes that it goes on without the cache, whose companion has failed.
func (r *Request) notFound(now int64, why string) Outcome {
	r.caching.reply = cacheclient.Reply{Result: lookupFailed, Reason: why}
	r.fail(companionError)
	out := Outcome{Action: Hold}
	if !r.caching.waited { // a wait that was too long says nothing of the companion
		out.Log = r.g.companionFailed(now, why)
	}
	return out
}

// leadsNot is the call that gives up what the companion's reply may have said, had it come:
// that others wait for this request's answer. One that could not be reached or that refused
// has said nothing of the kind.
func (r *Request) leadsNot(h Headers) *Call {
	status, _ := h.Get(":status")
	if _, theirs := h.Get("x-sluice-cache"); status != "" && status != "504" && !theirs {
		return nil
	}
	return r.g.toCompanion(cacheclient.StorePath, cacheclient.AbandonLookup(r.id), storeTimeout)
}

// waitsNoMore gives the place of one that waited back.
func (r *Request) waitsNoMore() {
	if r.caching.waiting {
		r.caching.waiting = false
		r.g.cache.waits--
	}
}

// hit answers with what was kept, for which nothing is reserved, or with an error in its place.
func (r *Request) hit(now int64, e *dialect.Error) Outcome {
	reply := &r.caching.reply
	r.settle(now, settleNothing)
	r.finish(now, EndComplete)
	contentType := "application/json"
	if reply.Stream {
		contentType = "text/event-stream"
	}
	if e != nil {
		out := r.refuse(e)
		r.end = EndBlocked
		return out
	}
	if r.restores() {
		if reply.Stream {
			reply.Body = r.restored(reply.Body, true)
		} else {
			reply.Body = r.restoredWhole(reply.Body)
		}
	}
	out := &Reply{Status: 200, Headers: append([][2]string{{"content-type", contentType}}, r.answerHeaders()...), Body: reply.Body, Details: detailsPrefix + "cache"}
	if r.spend.priced && !reply.Stream {
		out.Headers = append(out.Headers, [2]string{"x-sluice-cost-usd", "0"})
	}
	reply.Body = nil
	return Outcome{Reply: out}
}

// keep copies what the client gets of an answer that may be kept.
func (r *Request) keep(p []byte) {
	c, s := r.g.cache, &r.caching
	if s.ticket == nil || s.given != 0 || len(p) == 0 {
		return
	}
	switch n := int64(len(p)); {
	case int64(len(s.answer))+n > c.MaxAnswer:
		s.given = tooLong
	case c.held+n > maxHeld:
		s.given = heldFull
	default:
		s.answer = append(s.answer, p...)
		c.held += n
		return
	}
	c.held -= int64(len(s.answer))
	s.answer = nil
}

// offer is the call that brings an answer to the companion, or tells it that none will
// come; nil where it expects none.
func (r *Request) offer() *Call {
	c, s := r.g.cache, &r.caching
	switch {
	case r.asking.lookup != nil: // the client, or the host, had no patience, or a service denied it
		r.asking.lookup = nil
		return r.leadsNot(nil)
	case s.ticket == nil:
		return nil
	}
	var call *Call
	if r.end == EndComplete && len(s.answer) > 0 {
		u := r.spend.used
		call = r.g.toCompanion(cacheclient.StorePath, cacheclient.Store(s.ticket, cacheclient.Answer{
			Stream: r.stream != nil, Body: s.answer, Cost: r.spend.cost,
			Usage:    cacheclient.Usage{Input: u.Input, Output: u.Output, Cached: u.Cached, Reasoning: u.Reasoning},
			Provider: r.target.provider.Name, Model: r.target.model,
		}), storeTimeout)
		call.untold = int64(len(call.Body))
		if c.untold+call.untold > maxUntold {
			s.given, call = sentFull, nil
		} else {
			c.untold += call.untold
		}
	}
	if call == nil {
		// Another's answer may well be kept where this one's client has gone, or its budgets, or
		// where it was never sent.
		final := r.attempt != nil && r.end != EndClientGone && r.end != EndRefused && r.refused != budgetUnavailable
		call = r.g.toCompanion(cacheclient.StorePath, cacheclient.Abandon(s.ticket, final), storeTimeout)
	}
	c.held -= int64(len(s.answer))
	s.answer, s.ticket = nil, nil
	return call
}

// storeTimeout is how long a call may take that nobody waits for, in milliseconds.
const storeTimeout = 5000

// cacheResult is what the cache did for the request, in the words of the x-sluice-cache
// header.
func (r *Request) cacheResult() string {
	switch result := r.caching.reply.Result; result {
	case "", lookupFailed, lookupOpen:
		return string(cacheclient.Bypass)
	default:
		return string(result)
	}
}

// cacheMetric is the same in the words of the metric.
func (r *Request) cacheMetric() string {
	if result := r.caching.reply.Result; result != "" {
		return string(result)
	}
	return string(cacheclient.Bypass)
}

// recordCache writes the record's member about the cache.
func (r *Request) recordCache(j *object) {
	reply := &r.caching.reply
	j.key("cache")
	j.open()
	j.text("result", r.cacheResult())
	if reply.Similarity != "" {
		j.raw("similarity", reply.Similarity)
	} else {
		j.raw("similarity", "null")
	}
	reason := reply.Reason
	if r.g.cache == nil {
		reason = "off"
	}
	j.text("reason", reason)
	if reply.Result.Served() {
		j.number("saved_tokens", reply.Usage.Input+reply.Usage.Output)
		j.dollars("saved_usd", reply.Saved, true)
		j.text("entry", reply.Entry)
	}
	if reply.Judged > 0 {
		j.dollars("judge_usd", reply.Judged, true)
	}
	if why := r.caching.given; why != 0 {
		j.text("not_kept", notKeptWords[why][0])
	}
	j.close()
}
