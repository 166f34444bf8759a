package gateway

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/sse"
	"github.com/sluice-gateway/sluice/tokenizer"
)

// Request is one stream's life. Its methods are the host's events in the order in
// which they come; phase says which of them still matter.
type Request struct {
	g       *Gateway
	phase   phase
	id      string
	began   int64
	holds   bool // see Arrival.HoldsAnswers
	fixed   bool // see Arrival.FixedTarget
	ahead   bool // its headers go before its body has been read
	slices  bool // see Arrival.Slices
	resumes bool // see Arrival.CallsResume
	breaks  bool // see Arrival.CallsBreak
	op      dialect.Op
	path    string
	method  string
	end     End
	refused *dialect.Error
	failure failure // the failure mode that the request met, 0 = none

	identity []part
	sent     clientHeaders
	reader   *dialect.RequestReader
	input    *inputCounter
	size     int // bytes of the body that the host has
	seen     int // of these, what has been read

	headers  Headers // as the client sent them, for the policy's rules; nil where it has none
	asked    *dialect.Request
	format   []byte // the schema that an answer has to fit, as written; nil = none
	model    *model
	routing  routing
	spend    spend
	caching  caching
	asking   questions
	armed    armed
	guarding guarding
	attempts []*Attempt
	attempt  *Attempt // the one at hand; nil before the first
	target   *target  // its target; before it, the one that it will go to first
	reported reported
	answer   *dialect.AnswerReader
	stream   *dialect.Stream
	events   *sse.Reader
	out      []byte // what a streaming step sends instead of what it was shown
	dropped  bool   // the last event was left out, and the LF of its last line may still come
	cutAt    int64
	output   outputCounter

	answerSeen int
	finished   int64
}

type phase uint8

const (
	passing    phase = iota // not ours: everything goes on untouched
	reading                 // the request's body is arriving
	consulting              // the companion is asked what services say of the prompt, which they may change
	looking                 // the companion is asked for an answer that is kept, and services that change nothing
	waiting                 // sent on, and perhaps again; no answer yet
	answering               // an answer that is held until its end, for its usage
	streaming               // a stream of events
	cutting                 // the stream's end has been sent; what still comes is swallowed
	relaying                // an answer that cannot be read passes as it is
	replacing               // an error's body has been replaced; what still comes of it is dropped
	over                    // answered or ended: nothing more to do but to record it
)

// End is how a request ended, as its record says.
type End string

// The ends.
const (
	EndComplete   End = "complete"
	EndCut        End = "cut"
	EndRefused    End = "refused"
	EndBlocked    End = "blocked"
	EndClientGone End = "client_gone"
	EndError      End = "error"
)

// cutGrace is for how long a stream that was cut may go on being swallowed, in
// milliseconds. The client has its end by then; a clean close of the connection has
// to wait for the upstream, but not for ever.
const cutGrace = 5000

// Arrival is a request as it comes in.
type Arrival struct {
	Now     int64  // milliseconds since the epoch, as all times here
	ID      string // new, and not to be guessed
	Headers Headers
	// Cut tells that the request has more headers than the host shows.
	Cut bool
	// Property finds one of the host's properties by its path.
	Property func(path []string) (string, bool)
	// EndOfStream tells that no body will come.
	EndOfStream bool
	// HoldsAnswers tells that the host can hold an answer's headers and body until a
	// step lets them go.
	HoldsAnswers bool
	// FixedTarget tells that the host's own route says where a request goes: there is one
	// attempt, at one provider. Whatever is translated, the edge role translates.
	FixedTarget bool
	// CallsResume tells that the host lets a request go by itself when a call of it is over,
	// also when it has failed, and that its body can then be neither read nor changed.
	CallsResume bool
	// CallsBreak tells that the host answers a request itself, with 500, whose call has failed.
	CallsBreak bool
	// Slices tells that a step may be left unfinished and called again: see Outcome.More.
	Slices bool
}

// The most bytes of a body that one step reads, where the host has Slices: guards look at
// each byte more often than counting does, and words and patterns more often than what looks
// for personal data. So that no step takes 5 ms in Envoy: docs/pii-quality.md has the measure.
const (
	Slice        = 64 << 10
	GuardedSlice = 8 << 10
	MatchedSlice = 4 << 10
)

func (g *Gateway) slice() int {
	switch {
	case g.guards == nil || !g.guards.LooksAtPrompts():
		return Slice
	case g.guards.Matches():
		return MatchedSlice
	}
	return GuardedSlice
}

// Begin starts a request: its headers are here.
//
// Numbers in comments from here on are the steps in the README.
func (g *Gateway) Begin(a Arrival) (*Request, Outcome) {
	h := a.Headers
	r := &Request{g: g, id: a.ID, began: a.Now, end: EndError, slices: a.Slices, resumes: a.CallsResume, breaks: a.CallsBreak}
	r.ahead = g.ahead != nil && !a.FixedTarget // Kong has the body before anything goes out
	r.fixed = a.FixedTarget || r.ahead
	r.holds = a.HoldsAnswers && !r.fixed
	r.method, _ = h.Get(":method")
	r.path, _ = h.Get(":path")

	// 1. Whatever the client says in our name is not heard.
	var out Outcome
	for i := range h {
		if isOurs(h[i][0]) || steersHost(h[i][0]) || r.ahead && g.endsHere(h[i][0]) {
			out.Remove = append(out.Remove, h[i][0])
		}
	}
	var form dialect.Reading
	r.op, form = dialect.Classify(r.method, r.path)
	if v := g.fallback; form == dialect.Other && v != nil && v.Endpoint.BasePath != "" {
		// What passes is sent with the base path in front, and must be no call there either.
		if _, there := dialect.Classify(r.method, v.Endpoint.BasePath+r.path); there != dialect.Other {
			form = dialect.Disguised
		}
	}
	if a.Cut {
		return r, r.refuse(r.tooManyHeaders())
	}
	switch form {
	case dialect.Other:
		if reply := r.listModels(h); reply != nil {
			r.phase, r.end = passing, EndComplete
			return r, Outcome{Reply: reply}
		}
		_, upgrade := a.Headers.Get("upgrade")
		return r, r.pass(out, upgrade)
	case dialect.Disguised:
		return r, r.refuse(&dialect.Error{Status: 404, Kind: dialect.NotFound, Code: "path_not_canonical",
			Message: "write the path of this call plainly: an upstream may take " + strconv.Quote(r.path) + " for an LLM call, which the gateway would not have counted"})
	case dialect.Unbuilt:
		return r, r.refuse(&dialect.Error{Status: 404, Kind: dialect.NotFound, Code: "not_supported_yet",
			Message: "the gateway does not support " + strconv.Quote(r.path) + " yet, and does not let by what it cannot count"})
	}
	r.identify(h, a.Property)
	r.sent.read(h)
	r.caching.refused = g.cache != nil && refusesCache(h)
	if g.wantsHeaders {
		r.headers = h
	}
	if e := r.unreadable(a.EndOfStream); e != nil {
		return r, r.refuse(e)
	}
	r.phase = reading
	if g.policy.Counting == policy.CountLazy {
		r.count(newByteCounter())
	} else {
		r.count(newInputCounter(g.memo, g.guess))
	}
	if r.ahead {
		return r, r.goAhead(out.Remove)
	}
	out.Action = Hold
	return r, out
}

// pass lets what is no LLM call through to the default provider as it came: no
// credential of ours is added, so what it may do there is the client's own affair. With upgrade it
// asks for another protocol.
func (r *Request) pass(out Outcome, upgrade bool) Outcome {
	r.phase = passing
	v := r.g.fallback
	if v == nil {
		return r.refuse(&dialect.Error{Status: 404, Kind: dialect.NotFound, Code: "not_found",
			Message: strconv.Quote(r.path) + " is not an LLM call that the gateway knows, and its policy has no default_provider for others"})
	}
	if at := r.g.routed; r.fixed && at != nil && at != v {
		return r.refuse(&dialect.Error{Status: 404, Kind: dialect.NotFound, Code: "not_found",
			Message: "others than LLM calls go to the default provider, and this route leads to another"})
	}
	if guards := r.g.policy.Guards; guards != nil && guards.HoldPrompts() && (brings(r.method) || upgrade) && dialect.Prompts(v.Endpoint.BasePath+r.path) {
		return r.refuse(&dialect.Error{Status: 404, Kind: dialect.NotFound, Code: "not_guarded",
			Message: strconv.Quote(r.path) + " takes prompts, and the guards of the gateway's policy cannot look at them there"})
	}
	r.end = EndComplete
	if !r.ahead {
		out.Set = append(out.Set, [2]string{ClusterHeader, v.cluster}, [2]string{":authority", v.authority})
	}
	if v.Endpoint.BasePath != "" {
		out.Set = append(out.Set, [2]string{":path", v.Endpoint.BasePath + r.path})
	}
	return out
}

// brings tells whether a request of a method has a body that a server may take for a prompt.
func brings(method string) bool {
	switch method {
	case "GET", "HEAD", "DELETE", "OPTIONS":
		return false
	}
	return true
}

// Body brings the request's body. size is what the host has buffered of it so far,
// end whether that is all. Where the outcome says More, it is to be called again, with
// the same, when the host has had time for others.
func (r *Request) Body(now int64, size int, end bool, read Read) Outcome {
	if r.phase != reading {
		return Outcome{}
	}
	if r.guarding.body == nil && int64(size) > r.g.policy.Limits.RequestBody {
		return r.refuse(r.tooLarge(int64(size)))
	}
	size, read = r.bodyAsSent(size, read)
	r.size = size

	// 2. Count what has arrived, a slice at a time, so that no step is long.
	if size > r.seen {
		n := size - r.seen
		if r.slices {
			n = min(n, r.g.slice())
		}
		chunk := read(r.seen, n)
		if len(chunk) != n {
			return r.refuse(r.hostTooSmall(size))
		}
		r.seen += n
		if err := r.reader.Write(chunk); err != nil {
			return r.refuse(badRequest(err))
		}
	}
	if r.seen < size {
		return Outcome{Action: Hold, More: true}
	}
	if !end {
		return Outcome{Action: Hold}
	}

	// 3. Read what it asks for, whether it may be said, and where that is served.
	asked, err := r.reader.Close()
	r.g.requests.put(&r.reader)
	if err != nil {
		return r.refuse(badRequest(err))
	}
	if r.guarding.decorated {
		asked.KeepTurn(r.asked)
	}
	r.asked = asked
	if r.g.guards != nil && !r.guarding.settled {
		if !r.guarding.looked {
			if e := r.guarded(); e != nil {
				return r.block(e)
			}
		}
		return r.everywhere(now, size, read)
	}
	return r.understood(now, size, read)
}

// understood goes on with a request whose whole body has been read and may be sent.
func (r *Request) understood(now int64, size int, read Read) Outcome {
	const end = true
	size, read = r.bodyAsSent(size, read)
	r.size = size
	m, e := r.g.resolve(r.asked.ModelName)
	if e != nil {
		return r.refuse(e)
	}
	r.model, r.target = m, r.firstOf(m)
	family := r.target.family
	switch {
	case r.decorated(size, read):
		// It says more now, which is read and counted as what the client wrote was.
		encoding := family.Encoding
		if r.input.text == nil {
			encoding = nil
		}
		return r.recount(now, encoding, size, end, read)
	case r.input.text == nil && !r.roomy(now):
		// Near a limit bytes are too many. Count them after all.
		return r.recount(now, family.Encoding, size, end, read)
	case r.input.text != nil && r.input.encoding != family.Encoding:
		// The messages came before the model and were counted with another
		// vocabulary. Again, then; the next request is guessed better.
		r.g.guess = family.Encoding
		return r.recount(now, family.Encoding, size, end, read)
	}
	r.countInput(family)
	if r.tooLong() {
		if r.spend.bytes {
			return r.recount(now, family.Encoding, size, end, read)
		}
		if e := r.restrictLength(); e != nil {
			return r.block(e)
		}
	}

	// 4. Choose where it may go, and in which order.
	if e := r.route(now, read); e != nil {
		r.target = r.routing.first()
		return r.refuse(e)
	}
	r.target = r.routing.first()

	// 5. Reserve the input and the most that the answer may cost, or refuse. What is looked up
	// is mostly found, and costs nothing then: it is reserved when it is not. So it is when
	// services have let it pass. (Bytes may have to be counted when there is no room for them,
	// which is done now or never.)
	r.phase = waiting
	bytes := r.spend.bytes
	reserved, ok := r.reserve(now, (r.notLookedUp() == "" || r.consultsBeside()) && !bytes && (!r.resumes || r.mayCall()))
	if !ok {
		if bytes && r.spend.refusal != nil {
			// Others have taken the room that there was for bytes a moment ago.
			r.phase, r.refused, r.spend, r.routing = reading, nil, spend{}, routing{}
			r.input = newByteCounter()
			return r.recount(now, family.Encoding, size, end, read)
		}
		return reserved
	}

	// 6. See whether it may be sent, and whether an answer to it is kept.
	out, ok := r.ask(now, read)
	if !ok {
		out = r.release(now, read)
	}
	if r.resumes && out.Call != nil && !r.armed.done {
		out = r.arm(now, out.Call, read)
	}
	return out.logging(reserved.Log)
}

// release lets a request go to its providers.
func (r *Request) release(now int64, read Read) Outcome {
	var reserved Outcome
	if r.spend.looked {
		var ok bool
		if reserved, ok = r.reserve(now, false); !ok {
			return reserved
		}
	}

	// 7. Send it on.
	if r.calls() {
		return r.call(now, read).logging(reserved.Log)
	}
	if r.armed.done {
		reserved.Set = r.goes(now)
		return reserved
	}
	out := r.send(now, read).logging(reserved.Log)
	if body := r.guarding.body; body != nil && out.Request == nil && out.Reply == nil {
		out.Request, out.Edits = jsonscan.Apply(nil, body, out.Edits), nil
		r.guarding.body = nil // the host has it
	}
	return out
}

// count begins to read and count the body, from its first byte.
func (r *Request) count(c *inputCounter) {
	r.input = c
	r.read(c)
}

// read begins to read the body, from its first byte.
func (r *Request) read(texts dialect.Content) {
	r.seen = 0
	r.reader = r.g.requests.take()
	r.reader.Reset(r.op, r.looksAt(texts))
}

// recount reads and counts the body again, from its first byte: in an encoding, or in bytes
// where that is nil.
func (r *Request) recount(now int64, e *tokenizer.Encoding, size int, end bool, read Read) Outcome {
	if r.input != nil {
		r.input.release()
	}
	if e == nil {
		r.count(newByteCounter())
	} else {
		r.count(newInputCounter(r.g.memo, e))
	}
	return r.Body(now, size, end, read)
}

// ID is the request's: new, and not to be guessed.
func (r *Request) ID() string { return r.id }

// BodyOverdue tells that the host has not brought the body that is waited for.
func (r *Request) BodyOverdue() Outcome {
	if r.phase != reading {
		return Outcome{}
	}
	r.fail(bodyOverdue)
	return r.refuse(&dialect.Error{Status: 408, Kind: dialect.InvalidRequest, Code: "body_timeout", Message: "the body did not arrive"})
}

// Overdue tells whether a stream that the client has its end of has been swallowed for
// long enough, also where nothing more comes that could be.
func (r *Request) Overdue(now int64) bool { return r.phase == cutting && now-r.cutAt > cutGrace }

// ResponseHeaders brings the answer's headers.
func (r *Request) ResponseHeaders(now int64, h Headers, endOfStream bool) Outcome {
	if r.resumes && r.calling() {
		return r.wentOn(now, h, endOfStream)
	}
	switch r.phase {
	case reading, consulting:
		// Somebody else has answered: the host out of patience, another filter or, on
		// Kong, an upstream that was sent a request without a body.
		r.finish(now, EndError)
	case looking: // likewise, in mid-look-up: nothing was sent
		r.settle(now, settleNothing)
		r.forgetReply()
		r.finish(now, EndError)
		return Outcome{Set: r.answerHeaders()}
	}
	if r.phase != waiting {
		return Outcome{}
	}
	r.answeredBy(now, h)
	out := Outcome{Set: r.answerHeaders()}
	if length, _ := h.Get("content-length"); length == "0" || r.attempt.status == 204 {
		endOfStream = true // Kong tells no end with the headers
	}

	// 8. Choose how the answer is to be read.
	contentType, _ := h.Get("content-type")
	encoding, _ := h.Get("content-encoding")
	readable := encoding == "" || encoding == "identity"
	switch {
	case r.attempt.another:
		return r.notRetried(now, out, endOfStream)
	case r.attempt.reason != "" && r.attempt.status < 300:
		// The provider role has put an error in the place of the answer.
		r.settle(now, settleNothing)
		r.finish(now, r.endInVain())
	case r.attempt.status >= 300:
		return r.failed(now, out, h, endOfStream)
	case r.foreign() && !(readable && (isMediaType(contentType, "text/event-stream") || isMediaType(contentType, "application/json"))):
		return r.untranslatable(now)
	case readable && isMediaType(contentType, "text/event-stream"):
		r.phase = streaming
		r.stream = dialect.NewStream(r.op)
		r.stream.Choices = int(r.asked.Choices())
		r.stream.HideUsage = r.asked.Stream && r.op.AsksUsage() && !r.asked.WantsUsage
		r.keepsSaid()
		r.events = sse.NewReader(0)
		if r.foreign() {
			r.attempt.phase = letGo
			r.attempt.readEvents(now)
		}
		if _, ok := h.Get("content-length"); ok {
			out.Remove = append(out.Remove, "content-length")
		}
	case readable && isMediaType(contentType, "application/json") && !endOfStream:
		r.readsWhole()
		if r.gathers() {
			r.gather(h, &out)
		} else if r.holds {
			out.Action = Hold
		}
	default:
		// An answer in an encoding or a form that nobody asked for. What it used
		// cannot be told, so it costs what was reserved.
		r.phase = relaying
		r.fail(unreadableAnswer)
		r.relayed(now, endOfStream)
	}
	return out
}

// answeredBy notes which attempt an answer is of. Where the last one came to nothing, or
// there never was any, the host has answered in its place.
func (r *Request) answeredBy(now int64, h Headers) {
	r.lost(now)
	if r.attempt == nil {
		_, ours := h.Get("x-sluice-id")
		r.begin(now, r.routing.first()).unseen = !ours
		r.attempts = nil
	}
	a := r.attempt
	if a.answered == 0 {
		a.answered = now
	}
	if a.status == 0 || a.reason == "" || a.unseen {
		status, _ := h.Get(":status")
		a.status, _ = strconv.Atoi(status)
	}
}

// metered is what follows the provider's stream where that is of another dialect than the
// client's, else the one that the client sees.
func (r *Request) metered() *dialect.Stream {
	if a := r.attempt; a != nil && a.stream != nil {
		return a.stream
	}
	return r.stream
}

// ResponseBody brings bytes of the answer: while it is held all that is buffered, else
// those that have just arrived.
func (r *Request) ResponseBody(now int64, size int, end bool, read Read) (out Outcome) {
	switch r.phase {
	case streaming:
		chunk, checks, blocked := read(0, size), r.checks(), false
		foreign := r.foreign()
		if foreign {
			chunk = r.attempt.forward(now, chunk, end).Body
		}
		if checks {
			chunk, blocked = r.checked(chunk, end)
		}
		out := r.streamed(now, chunk, end && !blocked)
		if (checks || foreign) && !out.Replace {
			out.Body, out.Replace = chunk, true
		}
		if blocked && r.phase == streaming {
			r.filter(now, &out)
		}
		if r.phase == cutting {
			r.swallow(now, nil, end) // the usage may have come behind it in the same piece
		}
		if out.Replace {
			chunk = out.Body
		}
		r.keep(chunk)
		if r.restores() {
			out.Body, out.Replace = r.restored(chunk, end || r.phase != streaming), true
		}
		return out
	case cutting:
		chunk := read(0, size)
		if r.foreign() {
			chunk = r.attempt.forward(now, chunk, end).Body
			defer func() { out.Replace = size > 0 }()
		}
		return r.swallow(now, chunk, end)
	case answering:
		return r.answered(now, size, end, read)
	case replacing:
		out := Outcome{Body: r.out, Replace: true}
		r.out = nil // the rest of the old body is dropped
		if end {
			r.finish(now, r.endInVain())
		}
		return out
	case relaying:
		return r.relayed(now, end)
	}
	return Outcome{}
}

// ResponseEnd tells that the answer ended with trailers, so that no body event said so.
func (r *Request) ResponseEnd(now int64, size int, read Read) Outcome {
	switch r.phase {
	case answering:
		return r.answered(now, size, true, read)
	case streaming:
		r.streamed(now, nil, true)
		if r.end == EndError {
			// The body's last bytes have gone, so that no error event can follow
			// them. What is broken must not look whole.
			return Outcome{Action: Close}
		}
	case cutting:
		r.swallow(now, nil, true)
	case relaying:
		r.relayed(now, true)
	}
	return Outcome{}
}

// Open tells whether a step can still matter to the request, Done apart: not to one that
// passes by untouched, nor to one whose end is known.
func (r *Request) Open() bool { return r.phase != passing && r.phase != over }

// Done tells that the stream is over, in whatever way. It may come at any time, and
// comes once. upstreamBroke tells that it was the upstream and not the client that
// broke it off.
func (r *Request) Done(now int64, upstreamBroke bool) Report {
	// 9. Whatever was not settled by then was broken off.
	if r.phase == answering && !r.holds {
		// Such a host does not always say when an answer ends. If what came is no
		// whole answer it was broken off, and the rules below apply.
		if answer, ok := r.answer.Close(&r.output); ok {
			r.settleAnswer(now, answer)
		}
	}
	if r.phase == looking {
		r.forgetReply()
	}
	switch {
	case r.phase == passing || r.phase == over:
	case r.phase == reading || r.phase == consulting:
		r.finish(now, EndClientGone)
	case r.phase == cutting || r.phase == replacing:
		r.settle(now, settleUsed)
		r.finish(now, r.end)
	case r.stream != nil && (r.stream.Ended || r.stream.Finished && r.stream.OutputKnown):
		// The client has all that there was to have, and did not wait for the
		// upstream to close.
		r.settle(now, settleUsed)
		r.finish(now, EndComplete)
	default:
		if r.answer != nil {
			r.answer.Text(&r.output)
		}
		end, how := EndClientGone, r.onDisconnect()
		if r.phase == relaying {
			how = settleReserved
		}
		if upstreamBroke && r.phase == relaying {
			end = EndError
			r.brokeOff(now)
		} else if upstreamBroke {
			end, how = EndError, settleUsed
			r.brokeOff(now)
		}
		r.settle(now, how)
		r.finish(now, end)
	}
	call := r.offer() // which the report may have something to say about
	out := r.report(now)
	out.Call = call
	return out
}

// Panicked tells that a step of this request failed in a way that it should not have.
// What was reserved counts as spent: nobody knows any more what was used.
func (r *Request) Panicked(now int64) {
	r.fail(panicked)
	r.settle(now, settleReserved)
	r.finish(now, EndError)
}

// onDisconnect is the policy's rule for a client that hung up.
func (r *Request) onDisconnect() settlement {
	if r.g.policy.Budget.SettleOnDisconnect == policy.SettleReserved {
		return settleReserved
	}
	return settleUsed
}

// finish ends the request's life. The first end counts.
func (r *Request) finish(now int64, end End) {
	if r.phase == over {
		return
	}
	r.phase = over
	r.end = end
	r.finished = now
	r.waitsNoMore()
	r.g.shape.kept -= r.guarding.kept
	r.guarding.kept = 0
	if r.attempt != nil && r.attempt.ended == 0 {
		r.attempt.ended = now
	}
	if end == EndComplete {
		r.succeeded(now)
	}
	r.events = nil
	if p := r.guarding.prompt; p != nil {
		p.End()
	}
	r.g.requests.put(&r.reader)
	r.g.answers.put(&r.answer)
}

// brokeOff notes that the upstream broke off its answer.
func (r *Request) brokeOff(now int64) {
	if r.attempt != nil {
		r.attempt.reason = "truncated"
		r.broke(now)
	}
}

// refuse answers the client from here.
func (r *Request) refuse(e *dialect.Error) Outcome {
	r.waitsNoMore()
	if p := r.guarding.prompt; p != nil {
		p.End()
	}
	r.phase = over
	r.refused = e
	r.end = EndRefused
	if e.Status >= 500 {
		r.end = EndError
	}
	return Outcome{Reply: replyWith(e, r.dialect(), r.refusalHeaders())}
}

// dialect is the dialect that the client speaks: that of its call, or of the API that the
// path belongs to.
func (r *Request) dialect() policy.Dialect {
	if r.op == dialect.NoOp && strings.HasPrefix(r.path, "/v1/messages") {
		return policy.Anthropic
	}
	return r.op.Dialect()
}
