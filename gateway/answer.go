package gateway

import (
	"strconv"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/sse"
)

// streamed passes on what can be passed of the events that have arrived, each as soon
// as it is whole, and meters them.
func (r *Request) streamed(now int64, chunk []byte, end bool) Outcome {
	r.out = r.out[:0]
	changed := r.events.Held() > 0
	r.events.Feed(chunk)
	for event, ok := r.events.Next(); ok && r.phase == streaming; event, ok = r.events.Next() {
		if r.dropped {
			// The LF at its start is the second half of a line that was left out.
			changed = changed || event.Lead() > 0
			event, r.dropped = event.WithoutLead(), false
		}
		if event.Oversize || !event.HasData {
			r.out = add(r.out, event.Raw)
			continue
		}
		before := int64(0)
		if r.output.bound()+int64(len(event.Data)) > r.spend.allowed {
			before = r.output.total() // only where this event may be the one too many
		}
		effect := r.stream.Event(event.Type, event.Data, &r.output)
		if r.attempt.firstToken == 0 && r.stream.Began {
			r.attempt.firstToken = now
		}
		if effect != dialect.Failed && effect != dialect.Malformed && !r.affords(now) {
			r.cut(now, before)
			changed = true
			break
		}
		if e := r.endsMisshapen(); e != nil {
			r.endMisshapen(now, e)
			changed = true
			break
		}
		switch effect {
		case dialect.Pass:
			r.out = add(r.out, event.Raw)
		case dialect.Drop:
			r.out = add(r.out, event.Raw[:event.Lead()])
			r.dropped = event.Raw[len(event.Raw)-1] == '\r'
			changed = true
		case dialect.Rewritten:
			r.out = sse.AppendRewritten(r.out, event, r.stream.Data)
			changed = true
		case dialect.Failed:
			r.out = add(r.out, event.Raw)
			reason := "error_event"
			if r.attempt.unreadable {
				reason = "malformed_event" // and ours is the event that says so
			}
			r.broken(now, reason)
		case dialect.Malformed:
			r.out = r.breakOff(r.out, "the provider sent an event that is not JSON")
			r.broken(now, "malformed_event")
			changed = true
		}
	}
	switch {
	case r.phase != streaming:
		changed = true
	case end:
		changed = r.ended(now) || changed
	case r.events.Held() > 0:
		changed = true
	}
	out := Outcome{}
	if changed {
		out.Body, out.Replace = r.out, true
	}
	return out
}

// ended ends a stream whose upstream has ended, and tells whether it changed what is
// sent.
func (r *Request) ended(now int64) (changed bool) {
	if rest, ok := r.events.Close(); ok {
		if r.dropped {
			rest, r.dropped = rest.WithoutLead(), false
		}
		// A block without its blank line: clients do not see it, but it may have the
		// usage. It goes out as it came where that cannot make an end look clean.
		finished, effect := r.stream.Finished, dialect.Pass
		if rest.HasData && !rest.Oversize {
			effect = r.stream.Event(rest.Type, rest.Data, unseen{})
		}
		if finished && effect == dialect.Pass {
			r.out = add(r.out, rest.Raw)
		}
		r.stream.Finished = finished
		changed = true
	}
	if !r.stream.Finished {
		r.out = r.breakOff(r.out, "the provider ended the stream before the answer was finished")
		r.broken(now, "truncated")
		r.finish(now, EndError)
		return true
	}
	if !r.stream.InputKnown || !r.stream.OutputKnown {
		r.fail(usageMissing)
	}
	r.settle(now, settleUsed)
	r.finish(now, EndComplete)
	return changed
}

// unseen is the output of an event that the client does not see.
type unseen struct{}

func (unseen) Delta(int, []byte) {}

// breakOff ends a stream that cannot be finished, in the client's dialect.
func (r *Request) breakOff(out []byte, why string) []byte {
	e := dialect.Error{Kind: dialect.Internal, Code: "upstream_broken", Message: why + "; the text so far is not the whole answer (request " + r.id + ")"}
	return add(out, e.Event(r.op, r.stream.Sequence()))
}

// broken records that the upstream failed in mid-answer: the client has its error
// event, and whatever else comes is not shown. An error event in place of any content is
// an error like one that its status tells, and costs as much: nothing, unless it says what
// it costs.
func (r *Request) broken(now int64, reason string) {
	r.attempt.reason = reason
	r.broke(now)
	how := settleUsed
	if reason == "error_event" && !r.stream.Began && !r.stream.OutputKnown {
		how = settleNothing
	}
	r.settle(now, how)
	r.end = EndError
	r.phase = cutting
	r.cutAt = now
}

// affords tells whether the output so far is within what is reserved, having reserved
// more if there is more.
func (r *Request) affords(now int64) bool {
	s := &r.spend
	if s.reserved == nil || !r.g.policy.Budget.Cutoff {
		return true
	}
	if r.output.bound() <= s.allowed {
		return true
	}
	output := r.output.total()
	if !s.exact {
		// An estimate may run over the cap that the provider keeps to. To cut an
		// answer short for that would be worse than to be late.
		output = output * 2 / 3
	}
	return output <= s.allowed || r.extend(now, output)
}

// cut ends the stream as the dialect ends one that has reached its cap. The event at
// hand is not sent, so output is what was counted before it.
func (r *Request) cut(now, output int64) {
	used, _ := r.usage()
	used.Output = output
	r.out = add(r.out, r.stream.End(used, r.asked.WantsUsage))
	r.phase = cutting
	r.end = EndCut
	r.cutAt = now
	r.spend.used = used
}

// swallow drops what comes after the end that the client was given, and reads it only
// for its usage. A host cannot end a response cleanly before its upstream does, so
// this goes on for as long as a client can be expected to wait.
func (r *Request) swallow(now int64, chunk []byte, end bool) Outcome {
	if r.end == EndCut || r.end == EndBlocked {
		events := r.events
		if s := r.guarding.checking; s != nil { // which has what came behind the end
			events = s.events
		}
		events.Feed(chunk)
		r.readOn(events)
	}
	out := Outcome{Replace: len(chunk) > 0}
	if end || now-r.cutAt > cutGrace {
		how := r.end
		r.settle(now, settleUsed)
		r.finish(now, how)
		if !end {
			out.Action = Close
		}
	}
	return out
}

// readsWhole begins to read an answer that is no stream.
func (r *Request) readsWhole() {
	r.phase = answering
	r.answer = r.g.answers.take()
	op := r.op
	if r.foreign() {
		op = r.attempt.op
	}
	r.answer.Reset(op)
}

// readOn reads for its usage what the client does not see.
func (r *Request) readOn(events *sse.Reader) {
	for event, ok := events.Next(); ok; event, ok = events.Next() {
		if event.HasData && !event.Oversize {
			r.stream.Event(event.Type, event.Data, &r.output)
		}
	}
}

// answered reads an answer for its usage and, where the host could hold it, lets it go
// when it is whole.
func (r *Request) answered(now int64, size int, end bool, read Read) Outcome {
	if r.guarding.gathering {
		return r.gathered(now, read(0, size), end)
	}
	from := 0
	if r.holds {
		from = r.answerSeen
	} else {
		size += r.answerSeen // what is shown has not been seen and will not be again
	}
	if int64(size) > r.g.policy.Limits.ResponseBody {
		r.fail(answerTooLarge)
		return r.unread(now, end)
	}
	if size > r.answerSeen {
		chunk := read(from, size-r.answerSeen)
		if len(chunk) != size-r.answerSeen || r.answer.Write(chunk) != nil {
			return r.noAnswer(now, end)
		}
		r.answerSeen = size
	}
	if !end {
		if r.holds {
			return Outcome{Action: Hold}
		}
		return Outcome{}
	}
	out := r.wholeAnswer(now)
	if r.holds && (r.checks() || r.onInvalid() != "" || r.caching.ticket != nil || r.restores()) {
		r.letGo(&out, read(0, size))
	}
	return out
}

// letGo lets an answer go of which the client has seen nothing: checked, kept and restored.
func (r *Request) letGo(out *Outcome, body []byte) {
	if r.end == EndComplete {
		e := r.unfitToSay(body, false)
		if e == nil {
			e = r.misshapen(body)
		}
		if e != nil {
			*out = r.replaceAnswer(e, body)
			return
		}
		r.keep(body)
	}
	if !r.restores() || !mayRestore(body) {
		return
	}
	out.Body, out.Replace = r.restoredWhole(body), true
	if r.holds {
		out.Set = append(out.Set, contentLength(int64(len(out.Body))))
	}
}

// wholeAnswer settles an answer that has been read to its end.
func (r *Request) wholeAnswer(now int64) Outcome {
	answer, ok := r.answer.Close(&r.output)
	if !ok {
		r.attempt.reason = "invalid_output"
		r.fail(unreadableAnswer)
		r.settle(now, settleReserved)
		r.finish(now, EndError)
		return Outcome{}
	}
	r.settleAnswer(now, answer)
	if r.spend.priced && r.holds && (answer.UsageKnown || !answer.Failed) {
		return Outcome{Set: [][2]string{{"x-sluice-cost-usd", dollars(r.spend.cost)}}}
	}
	return Outcome{}
}

// settleAnswer settles an answer that is whole.
func (r *Request) settleAnswer(now int64, answer dialect.Answer) {
	end := EndComplete
	if answer.Failed {
		end, r.attempt.reason = EndError, "error_body"
	}
	switch {
	case answer.UsageKnown: // an error may say all the same what it costs
	case answer.Failed:
		r.settle(now, settleNothing)
		r.finish(now, end)
		return
	default:
		r.fail(usageMissing)
	}
	r.believe(answer)
	r.settle(now, settleUsed)
	r.finish(now, end)
}

// believe takes an answer's word for its usage, unless the provider's own was read
// before it was translated.
func (r *Request) believe(answer dialect.Answer) {
	if !r.reported.final {
		r.reported = reported{usage: answer.Usage, input: answer.UsageKnown, output: answer.UsageKnown, final: true}
	}
}

// relayed passes on an answer that cannot be read. What it used cannot be told, so it
// costs what was reserved.
func (r *Request) relayed(now int64, end bool) Outcome {
	if end {
		how := EndComplete
		if r.attempt.reason != "" {
			how = EndError
		}
		r.settle(now, settleReserved)
		r.finish(now, how)
	}
	return Outcome{}
}

// failed handles an answer that is an error before any content. It costs nothing.
func (r *Request) failed(now int64, out Outcome, h Headers, endOfStream bool) Outcome {
	contentType, _ := h.Get("content-type")
	isJSON := isMediaType(contentType, "application/json")
	if r.attempt.reason == "" {
		r.attempt.reason, _ = r.attempt.statusClass()
	}
	r.settle(now, settleNothing)
	unauthorized := r.attempt.status == 401 && r.target.provider.CredentialEnv != ""
	hosts := r.attempt.unseen // the answer is the host's own, about a provider that gave none
	theirs := isJSON && !unauthorized && !hosts && !endOfStream
	// Kong's words are JSON for whom sends JSON, and its body alone tells them from the provider's.
	kongs := r.fixed && !r.ahead && r.attempt.status >= 500
	if theirs && (r.foreign() || kongs) {
		r.readsWhole()
		r.gather(h, &out)
		return out
	}
	if theirs || endOfStream {
		r.finish(now, EndError)
		return out
	}
	// The proxy's own words about an upstream that it could not reach, or the
	// provider's about a key that is not the client's: neither is in the client's
	// dialect, and the second is none of the client's business.
	why := ""
	if hosts {
		why = r.exhausted(r.attempt).Message
	}
	if unauthorized {
		why = "provider " + strconv.Quote(r.target.provider.Name) + " refused the gateway's credential (request " + r.id + ")"
	}
	out.Set = append(out.Set, [2]string{"content-type", "application/json"})
	out.Remove = append(out.Remove, "content-length", "content-encoding")
	r.out = r.upstreamError(why)
	r.phase = replacing
	return out
}

// upstreamError says in the client's dialect that an attempt has failed, and why; "" = by its
// status.
func (r *Request) upstreamError(why string) []byte {
	if why == "" {
		why = "provider " + strconv.Quote(r.target.provider.Name) + " answered " + strconv.Itoa(r.attempt.status) + " (request " + r.id + ")"
	}
	e := dialect.Error{Status: r.attempt.status, Kind: dialect.Unavailable, Code: "upstream_" + r.attempt.reason, Message: why}
	return e.Body(r.op.Dialect())
}

// isMediaType tells whether a content-type header names a media type, whatever its
// parameters.
func isMediaType(header, want string) bool {
	if len(header) < len(want) {
		return false
	}
	for i := range want {
		c := header[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != want[i] {
			return false
		}
	}
	return len(header) == len(want) || header[len(want)] == ';' || header[len(want)] == ' '
}
