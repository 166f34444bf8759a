package gateway

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/dialect/translate"
	"github.com/sluice-gateway/sluice/jsontree"
	"github.com/sluice-gateway/sluice/policy"
)

// translator turns the provider's stream into the client's dialect; nil where it is that.
func (r *Request) translator(now int64, a *Attempt) translator {
	switch {
	case a.native:
		return nil
	case a.op == dialect.Messages:
		return translate.NewMessageStream(r.context(now, a))
	}
	return translate.NewCompletionStream(r.context(now, a))
}

func (r *Request) context(now int64, a *Attempt) translate.Context {
	return translate.Context{Created: now / 1000, Model: a.target.model, ID: r.id}
}

// gate reads a stream whose headers are held, up to its first content, or to the reason
// why there will be none.
func (a *Attempt) gate(now int64, size int, end bool, read Read) Outcome {
	r := a.r
	chunk := read(a.seen, size-a.seen)
	a.seen = size
	a.events.Feed(chunk)
	for !a.begun() || a.watches(now) {
		event, ok := a.events.Next()
		if !ok {
			break
		}
		a.gated += len(event.Raw)
		if event.Oversize {
			// It cannot be looked at, nor told in another dialect. In the client's own it goes
			// on as it is.
			if a.translate != nil {
				return a.fail(now, "malformed_event", policy.InvalidOutput)
			}
			a.stream.Began, a.watch = true, nil
			break
		}
		if !event.HasData {
			continue
		}
		switch a.stream.Event(event.Type, event.Data, &r.output) {
		case dialect.Failed:
			return a.fail(now, "error_event", policy.Unavailable)
		case dialect.Malformed:
			return a.fail(now, "malformed_event", policy.InvalidOutput)
		}
		if a.translate != nil {
			var err error
			if a.out, err = a.translate.Event(a.out, event.Type, event.Data); err != nil {
				return a.fail(now, "malformed_event", policy.InvalidOutput)
			}
		}
		if a.watch != nil {
			a.watch.pass(event)
			if rule := a.draft.Rejected(); rule != "" {
				return a.reject(now, rule)
			}
		}
		if a.stream.Empty() && (a.stream.OutputKnown || a.stream.Ended) && r.model.validates() {
			return a.fail(now, "empty", policy.InvalidOutput) // and what it cost has been said, or will not be
		}
	}
	if a.firstToken == 0 && a.begun() {
		a.firstToken = now
	}
	switch {
	case a.begun() && a.watches(now) && end:
		return a.fail(now, "truncated", policy.InvalidOutput)
	case a.begun() && a.watch != nil:
		return Outcome{Action: Hold}
	case a.begun():
	case end && a.stream.Finished:
		if a.stream.Empty() && r.model.validates() {
			return a.fail(now, "empty", policy.InvalidOutput)
		}
	case end:
		return a.fail(now, "truncated", policy.InvalidOutput)
	case int64(size) > maxGated:
		// So much without content is nothing that any of the APIs sends.
		return a.fail(now, "malformed_event", policy.InvalidOutput)
	default:
		return Outcome{Action: Hold}
	}
	if a.firstToken == 0 {
		a.firstToken = now
	}
	r.countsAt(a.target) // the edge role counts it all, from the start
	out := a.letGo(now)
	if a.translate == nil {
		a.events, a.stream, a.watch = nil, nil, nil // the edge role reads it on
		return out
	}
	a.translateOn()
	out.Body, out.Replace = a.out, true
	out.Remove = []string{"content-length"}
	a.forwardEnd(&out, end)
	return out
}

// watches tells whether a stream that has begun is still held: as long as it may be taken back
// for what it says. That is until as much has been said as the edge role would hold back in
// any case, or the stream has finished. Not for longer than half of the patience for a first
// token: an answer that is slow is not one that has stalled. Nor for more of it than is held of
// one that says nothing.
//
//go:noinline
func (a *Attempt) watches(now int64) bool {
	if a.watch == nil {
		return false
	}
	patience := a.r.model.retry.firstToken / 2
	if a.r.output.bytes > int64(a.r.g.guards.RetryWindow()) || a.stream.Finished || a.draft.Blocking() != "" || a.gated > maxGated || patience > 0 && now-a.began > patience {
		a.watch = nil
	}
	return a.watch != nil
}

// begun tells whether a stream has come to what the client is to see. What is behind it is
// not looked at before it is let go: how the bytes were cut must not decide whether there is
// another attempt.
//
//go:noinline
func (a *Attempt) begun() bool {
	return a.stream.Began || a.stream.Finished && !a.stream.Empty()
}

// maxGated bounds what is held of a stream that has no content so far, or that may still be taken
// back, in bytes.
const maxGated = 1 << 20

// forward turns what comes of a stream that was let go into the client's dialect.
func (a *Attempt) forward(now int64, chunk []byte, end bool) Outcome {
	a.out = a.out[:0]
	if a.events != nil {
		a.events.Feed(chunk)
		a.translateOn()
	}
	out := Outcome{Body: a.out, Replace: true}
	a.forwardEnd(&out, end)
	return out
}

// translateOn translates the events that are there.
func (a *Attempt) translateOn() {
	for {
		event, ok := a.events.Next()
		if !ok {
			return
		}
		if !event.HasData && !event.Oversize {
			continue
		}
		broken := event.Oversize // what cannot be looked at cannot be told either
		if !broken {
			// What the events mean the edge role sees for itself; here they are read for the
			// usage, of which the client's dialect has no place for all.
			a.stream.Event(event.Type, event.Data, unseen{})
			out, err := a.translate.Event(a.out, event.Type, event.Data)
			a.out, broken = out, err != nil
		}
		if broken {
			e := dialect.Error{Kind: dialect.Internal, Code: "upstream_broken", Message: "the provider sent an event that cannot be read; the text so far is not the whole answer (request " + a.r.id + ")"}
			a.out = append(a.out, e.Event(a.r.op, 0)...)
			a.events, a.unreadable = nil, true // nothing behind it is to be believed
			return
		}
	}
}

// forwardEnd ends what is forwarded where the upstream has ended.
func (a *Attempt) forwardEnd(out *Outcome, end bool) {
	if last, ok := a.translate.(*translate.CompletionStream); ok && end && a.events != nil {
		a.out = last.End(a.out)
		out.Body = a.out
	}
}

// judge takes an answer that has been held to its end for good, or does not.
func (a *Attempt) judge(now int64, body []byte) Outcome {
	r := a.r
	reader := r.g.answers.take()
	defer r.g.answers.put(&reader)
	reader.Reset(a.op)
	err := reader.Write(body)
	answer, ok := dialect.Answer{}, false
	if err == nil {
		answer, ok = reader.Close(&r.output)
	}
	r.reported = reported{usage: answer.Usage, input: answer.UsageKnown, output: answer.UsageKnown, final: true}
	if !ok && a.native && !r.model.validates() {
		return a.letGo(now) // and the edge role has its rule for what cannot be read
	}
	if !ok {
		reader.Text(&r.output)
		return a.fail(now, "truncated", policy.InvalidOutput)
	}
	if answer.Failed {
		return a.fail(now, "error_body", policy.Unavailable)
	}
	if r.model.validates() {
		own, retries := r.retriesMisshapen()
		whole, err := jsontree.Parse(body) // fails where there is more than can be looked at
		switch {
		case err != nil:
		case answer.Empty && !dialect.Says(a.op, whole):
			return a.fail(now, "empty", policy.InvalidOutput)
		case retries && r.unfit(own, a.op, whole):
			return a.fail(now, "schema", policy.InvalidOutput)
		}
		if a.drafts() {
			lookAt(a.draft, a.op, body)
			if rule := a.draft.Rejected(); rule != "" {
				return a.reject(now, rule)
			}
		}
	}
	if a.native {
		return a.letGo(now)
	}
	var translated []byte
	if a.op == dialect.Messages {
		translated, err = translate.MessageToCompletion(nil, body, r.context(now, a))
	} else {
		translated, err = translate.CompletionToMessage(nil, body, r.context(now, a))
	}
	if err != nil {
		return a.fail(now, "unreadable", policy.InvalidOutput)
	}
	out := a.letGo(now)
	out.Body, out.Replace = translated, true
	out.Set = [][2]string{contentLength(int64(len(translated)))}
	return out
}

// drafts tells whether what the answer says may be a reason for another attempt.
//
//go:noinline
func (a *Attempt) drafts() bool {
	g := a.r.g.guards
	if g == nil || !g.Retries() || !a.op.Generates() || !a.r.model.validates() {
		return false
	}
	if a.draft == nil {
		a.draft = g.Answer()
		a.draft.Draft = true
	}
	return true
}

// reject ends an attempt whose answer breaks a rule that wants another one.
//
//go:noinline
func (a *Attempt) reject(now int64, rule string) Outcome {
	a.rule = rule
	out := a.fail(now, "guard", policy.InvalidOutput)
	if a.another {
		a.r.guarding.over.Add(rule, policy.GuardRetry, false)
	}
	return out
}

// errorBody gives an error the client's dialect.
func (a *Attempt) errorBody(body []byte) []byte {
	if a.op == dialect.Messages {
		return translate.ErrorToOpenAI(nil, a.status, body)
	}
	return translate.ErrorToAnthropic(nil, a.status, body)
}
