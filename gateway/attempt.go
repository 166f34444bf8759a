package gateway

import (
	"strconv"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/route"
	"github.com/sluice-gateway/sluice/sse"
)

// Attempt is one try at one target. Where a request is tried once, in its own dialect, it
// is only what is known of that. Else it is the provider role as well: the host calls its
// methods in the filter chain in front of that one provider, once for each attempt.
//
//	client ──▶ Request (edge role) ──▶ host's router ──┬─▶ Attempt 1 ──▶ provider a
//	                                                   └─▶ Attempt 2 ──▶ provider b
//
// It gives the request the provider's dialect, path and credential. Of the answer it
// holds the headers back until the first content, or for an answer that is no stream
// until its end. Until then a failure is nothing that the client has to know of: the
// attempt asks the host for another one. What it lets go is in the client's dialect, so
// that the edge role never knows that another was spoken.
type Attempt struct {
	r      *Request
	target *target
	op     dialect.Op // as the target's API has it

	began, answered, firstToken, ended int64

	status  int
	reason  string // why it failed; "" = it did not
	class   string // of the failure, in the words of retry.on; "" = not one that is tried again
	decided bool   // it was let go, or it failed: nothing more can be decided about it
	charged bool   // what it used is known
	another bool   // the host was asked for another attempt
	unseen  bool   // the host has told nothing of its end

	unreadable bool // an event behind its beginning could not be translated

	used   dialect.Usage
	source source
	cost   int64

	// Of the provider role alone.
	phase     attemptPhase
	native    bool
	events    *sse.Reader
	stream    *dialect.Stream
	translate translator
	out       []byte        // what the client gets of the answer so far, and has not got yet
	draft     *guard.Answer // what the answer says, while another one may be wanted for it; else nil
	watch     *rewriting    // of a stream: it is still held for that
	rule      string        // for which another one was wanted; "" = none
	seen      int           // bytes of the held answer that were read
	gated     int           // of these, of the events that were looked at while it was held
	wait      int64         // when the next attempt may begin, wherever it goes
	alone     int64         // until when the provider wants to be left alone
}

// attemptPhase is how far the provider role has come with an attempt.
type attemptPhase uint8

const (
	asking    attemptPhase = iota // the request is on its way
	gating                        // a stream without content so far; its headers are held
	whole                         // an answer that is held to its end
	refusing                      // an error in the provider's dialect, held to its end
	letGo                         // what comes is the client's
	discarded                     // what still comes is dropped
)

// translator turns the events of one dialect's stream into the other's.
type translator interface {
	Event(out, typ, data []byte) ([]byte, error)
}

// begin notes that an attempt begins.
func (r *Request) begin(now int64, t *target) *Attempt {
	a := &Attempt{r: r, target: t, op: r.opAt(t), native: r.nativeAt(t), began: now, source: fromNothing}
	r.attempts = append(r.attempts, a)
	r.attempt, r.target, r.reported = a, t, reported{}
	r.countsAt(t)
	return a
}

// Attempt begins attempt number n, counted from 1: the host has chosen a provider and
// says which. Its headers are held until the body has been seen, where that has to be
// changed.
func (r *Request) Attempt(now int64, n int, provider string) (*Attempt, Outcome) {
	order := r.routing.order
	if r.phase != waiting || n <= len(r.attempts) || n > len(order) {
		return nil, Outcome{Reply: replyWith(r.misrouted("attempt "+strconv.Itoa(n)+" was not expected"), r.dialect(), r.answerHeaders())}
	}
	// An attempt for which there was not even a connection to ask for has left no trace.
	for len(r.attempts) < n-1 {
		r.lost(now)
		r.begin(now, order[len(r.attempts)])
		r.lost(now)
	}
	wait := int64(0)
	if last := r.attempt; last != nil {
		if !last.another {
			r.lost(now)
			if !r.again(now, last) {
				return nil, Outcome{Reply: replyWith(r.exhausted(last), r.dialect(), r.answerHeaders())}
			}
		}
		if now >= last.ended { // a clock that goes back makes no wait longer
			wait = last.wait - now // nothing is left of it, unless the host has cut it short
		}
	}
	// A host that finds a provider's cluster empty may have gone on to the next one.
	for _, t := range order[n-1:] {
		if t.provider.Name == provider {
			a := r.begin(now, t)
			out := a.request()
			out.After = max(0, wait)
			return a, out
		}
	}
	return nil, Outcome{Reply: replyWith(r.misrouted("attempt "+strconv.Itoa(n)+" came to provider "+strconv.Quote(provider)), r.dialect(), r.answerHeaders())}
}

// misrouted is an attempt that the host makes where it should not: nothing may be sent,
// a credential least of all.
func (r *Request) misrouted(what string) *dialect.Error {
	r.fail(hostMisrouted)
	return &dialect.Error{Status: 500, Kind: dialect.Internal, Code: "misrouted",
		Message: "the gateway's configuration is not of one piece: " + what + " (request " + r.id + "); render it again"}
}

// request is what the request's headers become.
func (a *Attempt) request() Outcome {
	r := a.r
	out := r.headersTo(a.target)
	out.Remove = append(out.Remove, ClusterHeader, "x-envoy-expected-rq-timeout-ms")
	out.Set = out.Set[1:] // the cluster has been chosen
	if a.native {
		foreign := false
		for _, earlier := range r.attempts {
			foreign = foreign || !earlier.native
		}
		if foreign { // it has taken these away, or put others there
			out.Remove = append(out.Remove, versionHeaders[:]...)
			out.Set = append(out.Set, r.sent.versions...)
		}
		if out.Edits = r.editsFor(a.target); len(out.Edits) == 0 {
			if len(r.attempts) > 1 {
				out.Set = append(out.Set, contentLength(r.asked.Size))
			}
			return out
		}
		out.Edits = nil
	} else {
		r.foreignHeaders(a.target, &out)
	}
	out.Action = Hold
	return out
}

// Body brings the request's body, all of which is there at once or soon.
func (a *Attempt) Body(size int, end bool, read Read) Outcome {
	r := a.r
	if a.phase != asking {
		return Outcome{}
	}
	var edits []Edit
	if a.native {
		if edits = r.editsFor(a.target); len(edits) == 0 {
			return Outcome{} // its headers have gone on, and can be changed no more
		}
	}
	if !end {
		return Outcome{Action: Hold}
	}
	if a.native {
		return Outcome{Edits: edits, Set: [][2]string{contentLength(r.edited(edits))}}
	}
	sent, e := r.translatedFor(a.target, size, read)
	if e != nil {
		return a.refuse(e)
	}
	return Outcome{Request: sent, Set: [][2]string{contentLength(int64(len(sent)))}}
}

// refuse answers in the provider's place: it is not asked.
func (a *Attempt) refuse(e *dialect.Error) Outcome {
	a.reason, a.decided, a.charged = "rejected", true, true
	return Outcome{Reply: replyWith(e, a.r.dialect(), a.r.answerHeaders())}
}

// ResponseHeaders brings the headers of the provider's answer.
func (a *Attempt) ResponseHeaders(now int64, h Headers, endOfStream bool) Outcome {
	if a.phase != asking || !a.awaited() {
		return Outcome{}
	}
	status, _ := h.Get(":status")
	a.status, _ = strconv.Atoi(status)
	out := a.judgeHeaders(now, h, endOfStream)
	if _, ok := h.Get(RetryHeader); ok && !a.another {
		out.Remove = append(out.Remove, RetryHeader) // the word is ours, not the provider's
	}
	return out
}

func (a *Attempt) judgeHeaders(now int64, h Headers, endOfStream bool) Outcome {
	r := a.r
	a.answered = now
	contentType, _ := h.Get("content-type")
	encoding, _ := h.Get("content-encoding")
	isJSON := isMediaType(contentType, "application/json")
	readable := encoding == "" || encoding == "identity"
	if a.status >= 300 {
		a.reason, a.class = a.statusClass()
		if r.failedAt(now, a, waitOf(now, h)) {
			return a.retry(now)
		}
		if a.native || !isJSON || !readable || endOfStream {
			a.phase = letGo // the edge role gives it a form
			return Outcome{}
		}
		a.phase = refusing
		return Outcome{Action: Hold}
	}
	r.limited(now, a.target, h)
	switch {
	case endOfStream:
		out := a.fail(now, "empty", policy.InvalidOutput)
		if !a.another { // there is no body to put an error in
			out.Set = [][2]string{{":status", "502"}}
		}
		return out
	case readable && isMediaType(contentType, "text/event-stream"):
		a.phase = gating
		a.readEvents(now)
		if a.drafts() {
			a.watch = newChecking(a.op, a.draft)
		}
		return Outcome{Action: Hold}
	case readable && isJSON:
		a.phase = whole
		return Outcome{Action: Hold}
	case a.native && !r.model.validates():
		return a.letGo(now)
	}
	return a.fail(now, "unreadable", policy.InvalidOutput)
}

// readEvents begins to read a stream.
func (a *Attempt) readEvents(now int64) {
	a.stream = dialect.NewStream(a.op)
	a.stream.Choices = int(a.r.asked.Choices())
	a.events = sse.NewReader(0)
	a.translate = a.r.translator(now, a)
}

// ResponseBody brings bytes of the answer: while it is held all that is buffered, else
// those that have just arrived.
func (a *Attempt) ResponseBody(now int64, size int, end bool, read Read) Outcome {
	if (a.phase == gating || a.phase == whole) && !a.awaited() {
		return Outcome{}
	}
	switch a.phase {
	case gating:
		return a.gate(now, size, end, read)
	case whole:
		if int64(size) > a.r.g.policy.Limits.ResponseBody {
			if a.native {
				return a.letGo(now)
			}
			a.r.fail(answerTooLarge)
			return a.fail(now, "too_large", "")
		}
		if !end {
			return Outcome{Action: Hold}
		}
		out := a.judge(now, read(0, size))
		if a.decided && a.reason == "" {
			a.r.countsAt(a.target) // the edge role reads it again
		}
		return out
	case refusing:
		large := int64(size) > a.r.g.policy.Limits.ResponseBody
		if !large && !end {
			return Outcome{Action: Hold}
		}
		a.phase = letGo
		if large {
			a.phase, size = discarded, 0 // what it says is not worth the room
		}
		body := a.errorBody(read(0, size))
		return Outcome{Body: body, Replace: true, Set: [][2]string{contentLength(int64(len(body)))}}
	case letGo:
		if a.translate != nil {
			return a.forward(now, read(0, size), end)
		}
	case discarded:
		out := Outcome{Body: a.out, Replace: true}
		a.out = nil
		return out
	}
	return Outcome{}
}

// ResponseEnd tells that the answer ended with trailers, so that no body event said so.
func (a *Attempt) ResponseEnd(now int64, size int, read Read) Outcome {
	if a.phase == letGo || a.phase == discarded {
		return Outcome{}
	}
	return a.ResponseBody(now, size, true, read)
}

// Done tells that the host is through with the attempt, in whatever way. What it means is
// for the next attempt, or for the request's own end: the client may just have hung up.
func (a *Attempt) Done(now int64) {
	if a.ended == 0 {
		a.ended = now
	}
	a.phase, a.events, a.translate, a.out, a.watch, a.draft = letGo, nil, nil, nil, nil, nil
}

// awaited tells whether the request has nothing but this attempt to hope for: it is not
// over, and the host has not gone on to another attempt.
func (a *Attempt) awaited() bool { return a.r.phase == waiting && a.r.attempt == a && !a.decided }

// Open tells whether a step can still matter to the attempt, Done apart.
func (a *Attempt) Open() bool { return a.phase != letGo || a.translate != nil }

// retry asks the host for another attempt: now, or when it is time.
func (a *Attempt) retry(now int64) Outcome {
	a.phase, a.another = letGo, true
	a.translate, a.events = nil, nil
	out := Outcome{Set: [][2]string{{RetryHeader, "1"}}}
	if a.wait > now {
		out.After = a.wait - now
	}
	return out
}

// fail ends an attempt whose answer has begun and is none. The client gets another one, or
// an error where there is nothing left to try: never a status that says success.
func (a *Attempt) fail(now int64, reason, class string) Outcome {
	a.reason, a.class = reason, class
	if a.r.failedAt(now, a, 0) {
		return a.retry(now)
	}
	e := a.r.exhausted(a)
	body := e.Body(a.r.dialect())
	out := Outcome{
		Set:    append([][2]string{{":status", strconv.Itoa(e.Status)}, contentLength(int64(len(body)))}, e.Headers()...),
		Remove: []string{"content-encoding"},
	}
	if a.phase == asking { // the body is still to come
		a.out = body
	} else {
		a.out, out.Body, out.Replace = nil, body, true
	}
	a.phase, a.translate, a.events = discarded, nil, nil
	return out
}

// letGo lets the answer go as it came.
func (a *Attempt) letGo(now int64) Outcome {
	a.phase, a.decided = letGo, true
	return Outcome{}
}

// statusClass is why an answer with an error's status failed, and the class of that.
func (a *Attempt) statusClass() (reason, class string) {
	switch s := a.status; {
	case s == 429:
		return policy.RateLimited, policy.RateLimited
	case s == 408 || s == 504:
		return policy.Timeout, policy.Timeout
	case s >= 500:
		return policy.Unavailable, policy.Unavailable
	case (s == 401 || s == 402 || s == 403) && a.target.provider.CredentialEnv != "":
		// Our key, not the client's: nothing that it could mend.
		return "credential_refused", policy.Unavailable
	}
	return "rejected", ""
}

// waitOf is how long a provider wants to be left alone, in milliseconds; 0 = it does not say.
func waitOf(now int64, h Headers) int64 {
	for _, name := range [...]string{"retry-after-ms", "retry-after"} {
		value, ok := h.Get(name)
		if !ok {
			continue
		}
		if name == "retry-after-ms" { // OpenAI's, Azure's
			if ms, err := strconv.ParseInt(value, 10, 64); err == nil && ms > 0 {
				return ms
			}
			continue
		}
		if ms, ok := route.ParseWait(now, value); ok {
			return ms
		}
	}
	return 0
}

// Panicked tells that a step of this attempt failed in a way that it should not have.
func (a *Attempt) Panicked(now int64) {
	a.r.fail(panicked)
	a.reason, a.another = "panic", false
	a.r.close(now, a, settleReserved, 0)
}

// Stray is the answer to an attempt whose request nobody knows by the id that it brings.
func Stray(id string) *Reply {
	e := &dialect.Error{Status: 500, Kind: dialect.Internal, Code: "misrouted",
		Message: "the gateway has an attempt at a provider without the request that it belongs to; render its configuration again"}
	return replyWith(e, policy.OpenAI, [][2]string{{"x-sluice-id", id}})
}
