package gateway

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
	"github.com/sluice-gateway/sluice/policy"
)

// guarding is a request's part in the guards.
type guarding struct {
	prompt    *guard.Prompt  // nil before the body, and where there is nothing to look for
	looked    bool           // the whole body has been looked at
	json      bool           // the request asks for an answer in JSON
	consulted bool           // so have services that may change it, or there are none
	again     bool           // the body was read again, to replace what was found in all of it
	uncounted bool           // and has been changed since it was counted
	settled   bool           // what was found anywhere is replaced everywhere
	decorated bool           // the policy's own messages are in the body
	over      guard.Findings // the limits that the request is over
	body      []byte         // the body as it is to leave; nil = as it came

	answer    *guard.Answer      // nil before the answer, and where there is nothing to look for
	checking  *rewriting         // holds a stream to the rules; nil before its first piece
	restoring *rewriting         // of a stream; nil before its first piece
	schemas   *[2]jsontree.Value // that a stream has to fit, until it has finished; else nil
	kept      int64              // bytes that are kept of it

	gathering bool // the answer is taken out piece by piece until it is whole: see gathered
	notes     bool // it is gathered beside what the client sees
	whole     []byte
	length    int // of it, as announced; 0 = not
}

// looksAt puts the guards in front of what reads a request's texts.
func (r *Request) looksAt(next dialect.Content) dialect.Content {
	p := r.guarding.prompt
	if r.guarding.looked && p != nil && p.Reads(next) {
		return p
	}
	if r.g.guards == nil || !r.g.guards.LooksAtPrompts() || r.guarding.looked {
		return next
	}
	if p != nil { // the body is read again, from its first byte
		p.End()
	}
	r.guarding.prompt = r.g.guards.Prompt(next)
	return r.guarding.prompt
}

// guarded takes what the guards have found in a body that was read to its end: the request
// is refused, or goes on as they have left it.
func (r *Request) guarded() *dialect.Error {
	s := &r.guarding
	s.looked = true
	if s.prompt != nil {
		s.prompt.End()
	}
	if e := r.restrict(); e != nil || s.prompt == nil {
		return e
	}
	if e := r.tokenIDs(); e != nil {
		return e
	}
	return r.mayBeSent()
}

// tokenIDs notes text that no guard has seen, since it came as token ids. It is not sent where
// the guards may have had something against it.
func (r *Request) tokenIDs() *dialect.Error {
	if r.asked.TokenIDs == 0 {
		return nil
	}
	if !r.g.guards.Enforces() {
		r.guarding.prompt.Found.Add("token_ids", policy.GuardFlag, false)
		return nil
	}
	r.guarding.prompt.Found.Add("token_ids", policy.GuardBlock, false)
	return blocked("its input is token ids, which the gateway's guards cannot read; send it as text")
}

// mayBeSent refuses what no policy lets anybody send.
func (r *Request) mayBeSent() *dialect.Error {
	if kind := r.guarding.prompt.Found.Blocking(); kind != "" {
		return blocked("it has what the gateway's policy lets nobody send (" + kind + ")")
	}
	return nil
}

// everywhere has what was found anywhere in the request be replaced in all of it, for which it
// is read again, and services asked where they may find more. Then the request goes on: counted
// once more, where it says something else than what was counted.
func (r *Request) everywhere(now int64, size int, read Read) Outcome {
	s := &r.guarding
	for p := s.prompt; p != nil; s.consulted = true {
		again := p.Again()
		s.uncounted = s.uncounted || p.Other || (s.again || s.consulted) && len(p.Edits) > 0
		if again {
			s.again = true
			r.applyEdits(read)
			r.read(unheard{})
			return r.Body(now, size, true, read)
		}
		if s.consulted {
			break
		}
		if out, asks := r.consult(now); asks {
			s.consulted = true
			if r.resumes && out.Call != nil {
				_, read = r.bodyAsSent(size, read)
				return r.arm(now, out.Call, read)
			}
			return out
		}
	}
	s.settled = true
	r.applyEdits(read)
	if s.uncounted {
		return r.recount(now, r.input.encoding, size, true, read)
	}
	return r.understood(now, size, read)
}

// unheard is a dialect.Content to whom texts are nothing new.
type unheard struct{}

func (unheard) BeginText(dialect.Text)     {}
func (unheard) Text([]byte)                {}
func (unheard) EndText(int64, int64)       {}
func (unheard) EndMessage(dialect.Speaker) {}
func (unheard) Attach(dialect.Attachment)  {}

// applyEdits has the request be as the guards have left it.
func (r *Request) applyEdits(read Read) {
	s := &r.guarding
	if s.prompt == nil || len(s.prompt.Edits) == 0 {
		return
	}
	_, read = r.bodyAsSent(0, read)
	body := read(0, r.size)
	edits := s.prompt.Changes(r.op, body)
	s.body = jsonscan.Apply(nil, body, edits)
	r.size = len(s.body)
	r.asked.Move(edits)
}

func blocked(why string) *dialect.Error {
	return &dialect.Error{Status: 400, Kind: dialect.InvalidRequest, Code: "blocked_by_guard", Message: "the request was blocked: " + why}
}

// bodyAsSent is how the request's body is read, as the guards have left it, and its size.
func (r *Request) bodyAsSent(size int, read Read) (int, Read) {
	body := r.guarding.body
	if body == nil {
		return size, read
	}
	return len(body), func(start, n int) []byte {
		start = min(start, len(body))
		return body[start:min(start+n, len(body))]
	}
}

// found is what the guards have found: of the request, in the prompt and in the answer.
func (s *guarding) found() guard.Findings {
	all := append(guard.Findings(nil), s.over...)
	if s.prompt != nil {
		all = append(all, s.prompt.Found...)
	}
	if s.answer != nil {
		all = append(all, s.answer.Found...)
	}
	return all
}

// recordGuards writes the record's member about the guards.
func (r *Request) recordGuards(j *object) {
	j.key("guards")
	j.openList()
	for _, f := range r.guarding.found() {
		j.element()
		j.open()
		j.text("kind", f.Kind)
		j.text("action", string(f.Action))
		j.number("count", f.Count)
		if f.Shadow {
			j.boolean("shadow", true)
		}
		j.close()
	}
	j.closeList()
}

// block refuses a request for what it says.
func (r *Request) block(e *dialect.Error) Outcome {
	out := r.refuse(e)
	r.end = EndBlocked
	return out
}
