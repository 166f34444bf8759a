package gateway

import (
	"bytes"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/dialect/rewrite"
	"github.com/sluice-gateway/sluice/guard/placeholder"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/sse"
)

// rewriting changes the texts of a streamed answer.
type rewriting struct {
	events *sse.Reader
	stream *rewrite.Stream
	out    []byte // what goes on
	gone   int    // of it has gone: see checked
	past   []byte // the data of the last event that has been left out: see restored
}

func newRewriting(op dialect.Op, open rewrite.Open) *rewriting {
	return &rewriting{events: sse.NewReader(0), stream: rewrite.NewStream(op, open)}
}

// pass lets an event go on, with what its texts have become.
func (s *rewriting) pass(event sse.Event) {
	if event.Oversize || !event.HasData {
		s.out = add(s.out, event.Raw)
		return
	}
	before, with := s.stream.Event(event.Type, event.Data)
	s.out = add(s.out, before)
	if with == nil {
		s.out = add(s.out, event.Raw)
	} else {
		s.out = sse.AppendRewritten(s.out, event, with)
	}
}

// end lets go what is held.
func (s *rewriting) end() {
	s.out = add(s.out, s.stream.End())
	if rest, ok := s.events.Close(); ok {
		s.out = add(s.out, rest.Raw)
	}
}

// What was redacted comes back last: what is metered, and what is kept in the cache, has
// placeholders.

// restores tells whether the answer may have something to put back.
func (r *Request) restores() bool {
	p := r.guarding.prompt
	if r.asked != nil && r.asked.Elsewhere {
		return false // the provider keeps placeholders of earlier requests, whose values nobody has
	}
	return p != nil && p.Vault.Len() > 0 && (r.g.policy.Guards.PII == nil || r.g.policy.Guards.PII.Restore)
}

// restorer begins to restore one text of the answer. One that is to be JSON stays so.
func (r *Request) restorer(c rewrite.Channel) rewrite.Writer {
	form := placeholder.Text
	if c.Kind == rewrite.Arguments || c.Kind == rewrite.Content && (r.guarding.json || r.g.shape.Schema != "" && !r.g.shape.Shadow && r.onInvalid() != "") {
		form = placeholder.JSON
	}
	w := r.guarding.prompt.Vault.Restorer(form)
	return &w
}

// restoredWhole is an answer that is no stream, with what was redacted. An answer that is
// no JSON object stays as it is.
func (r *Request) restoredWhole(body []byte) []byte {
	edits, err := rewrite.Whole(r.op, body, r.restorer)
	if err != nil || len(edits) == 0 {
		return body
	}
	return jsonscan.Apply(nil, body, edits)
}

// restored passes on what can be passed of a stream, with what was redacted. The result is
// valid until the next call.
func (r *Request) restored(chunk []byte, end bool) []byte {
	s := r.guarding.restoring
	if s == nil {
		s = newRewriting(r.op, r.restorer)
		// OpenAI's dialect has no signatures; of a kept answer nobody says whose it was.
		s.stream.Unsigned = r.attempt != nil && !r.nativeAt(r.target)
		r.guarding.restoring = s
	}
	s.out = s.out[:0]
	s.events.Feed(chunk)
	for event, ok := s.events.Next(); ok; event, ok = s.events.Next() {
		if s.stream.Held() == 0 && s.stream.Inserted() == 0 && !mayRestore(event.Data) {
			s.out = add(s.out, event.Raw)
			if len(event.Data) > 0 {
				s.past = add(s.past[:0], event.Data)
			}
			continue
		}
		if len(s.past) > 0 { // what a bracket stands behind decides whether it may be a placeholder
			s.stream.Event(nil, s.past)
			s.past = s.past[:0]
		}
		s.pass(event)
	}
	if end {
		s.end()
	}
	return s.out
}

// mayRestore tells whether an event, or an answer, can have the beginning of a placeholder in a
// text: a bracket that is not one of JSON's own in front of an object or of nothing; an escape that
// can be one, of the event or of JSON within its text, also where the text ends in the middle of
// it; or half a character, of which the other half may have one behind it. Most have none and need
// not be read again.
func mayRestore(data []byte) bool {
	for rest := data; ; {
		at := bytes.IndexByte(rest, '[')
		if at < 0 {
			break
		}
		rest = rest[at+1:]
		if len(rest) == 0 || rest[0] != '{' && rest[0] != ']' {
			return true
		}
	}
	for rest := data; ; {
		at := bytes.IndexByte(rest, '\\')
		if at < 0 || len(rest) < at+3 {
			return false
		}
		is := rest[at+1]
		rest = rest[at+2:]
		if is == '\\' { // one of the text's own
			if is = rest[0]; is == '"' {
				return true
			}
			if is == 'u' {
				rest = rest[1:]
			}
		}
		if is == 'u' && mayBeBracket(rest) {
			return true
		}
	}
}

// mayBeBracket tells whether the digits of an escape, or what its text has of them, can be those
// of a bracket or of half a character.
//
//go:noinline
func mayBeBracket(digits []byte) bool {
	const bracket = "005"
	for i, d := range digits[:min(len(digits), len(bracket))] {
		if d != bracket[i] {
			return d == '"' || i == 0 && d|0x20 == 'd'
		}
	}
	return true
}
