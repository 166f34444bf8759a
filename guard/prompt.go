package guard

import (
	"bytes"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard/placeholder"
	"github.com/sluice-gateway/sluice/jsonscan"
)

// Prompt looks at a request's texts while they arrive, and hands them on as they are to
// leave. It is a dialect.Content in front of another one.
//
// A text is looked at piece by piece, so that no step is long, and what in it is decided is
// handed on at once. What is to be changed in the body is told at the end.
type Prompt struct {
	Found Findings
	Vault placeholder.Vault // what was replaced
	Edits []jsonscan.Edit   // of the body, in their order, before Changes; empty With: a block that is left out

	// Other tells that Edits make more of the texts than was handed on: of those that are JSON,
	// which are handed on as they were written, of what looks like a placeholder, and of thoughts
	// that are left out.
	Other bool

	g      *Guards
	said   []said // where others are asked about it
	asked  []int  // the places in said of the texts that were shown to them
	heard  bool   // of services: what is read again is shown to nobody
	next   dialect.Content
	at     dialect.Text
	signed bool    // and nobody may change it: at.Start is that of its block
	reader *reader // nil after End
	values *values // what is to be sought in all of the request; nil = nothing
	sought int     // so many values of the vault have been, or are
}

// Prompt begins to look at a request, whose texts go on to next.
func (g *Guards) Prompt(next dialect.Content) *Prompt {
	return &Prompt{g: g, next: next, reader: g.take()}
}

// End ends the request, whether or not all of it was read.
func (p *Prompt) End() {
	if p.reader != nil {
		p.reader.seek = nil
		p.g.give(p.reader)
		p.reader, p.next = nil, nil
	}
}

// BeginText and the methods behind it make it a dialect.Content.
func (p *Prompt) BeginText(t dialect.Text) {
	p.next.BeginText(t)
	p.at, p.signed = t, false
	r := p.reader
	r.begin()
	if r.account = &r.message; t.Speaker != dialect.InMessage {
		r.account = &r.alone
	}
	switch t.Form {
	case dialect.JSONText, dialect.JSON:
		r.raw = r.raw[:0]
		r.inner.begin(p)
	}
}

// Text takes the next piece of the text.
func (p *Prompt) Text(piece []byte) {
	r := p.reader
	switch p.at.Form {
	case dialect.Framing:
		p.next.Text(piece)
	case dialect.JSONText, dialect.JSON:
		// Counted as it was written: what is replaced in it is known only at its end.
		p.next.Text(piece)
		r.raw = add(r.raw, piece)
		r.inner.write(piece)
	default:
		p.look(piece, false)
	}
}

// EndText ends the text, of which [at.Start, end) is the body's part: where it is signed, its block.
func (p *Prompt) EndText(signed, end int64) {
	r := p.reader
	if signed > 0 {
		p.at.Start, p.signed = signed, true
	}
	switch p.at.Form {
	case dialect.Framing:
	case dialect.JSON:
		// Its strings stand in the body as they were written.
		edits, _, _ := r.inner.end()
		for _, e := range edits {
			p.Edits = jsonscan.AppendEdit(p.Edits, p.at.Start+e.Start, p.at.Start+e.End, e.With)
		}
		p.Other = p.Other || len(edits) > 0
	case dialect.JSONText:
		edits, rest, changed := r.inner.end()
		text := r.raw
		switch {
		case changed:
			text = add(jsonscan.Apply(nil, r.raw[:r.inner.done], edits), rest)
		case len(edits) > 0:
			text = jsonscan.Apply(nil, r.raw, edits)
		}
		if changed || len(edits) > 0 {
			p.replace(end, text)
			p.Other = true
		}
		if r.inner.broken {
			p.keep(end, text)
		}
	default:
		p.look(nil, true)
		p.finish(end)
	}
	if p.at.Form != dialect.Framing && p.at.Form != dialect.Label {
		r.said()
	}
	if p.at.Speaker != dialect.InMessage {
		p.judge(&r.alone, p.at.Speaker)
	}
	p.next.EndText(signed, end)
	r.shrink()
}

// EndMessage ends a message.
func (p *Prompt) EndMessage(by dialect.Speaker) {
	p.judge(&p.reader.message, by)
	for i := len(p.said) - 1; i >= 0 && p.said[i].speaker == dialect.InMessage; i-- {
		p.said[i].speaker = by
	}
	p.next.EndMessage(by)
}

// Attach is an attachment, which nobody looks into.
func (p *Prompt) Attach(a dialect.Attachment) { p.next.Attach(a) }

// judge holds what was said to the rules for whoever said it.
func (p *Prompt) judge(a *account, by dialect.Speaker) {
	if !a.spoke {
		return
	}
	role := uint16(1) << by
	if s := p.g.prompts; s != nil {
		for i := range s.Rules {
			rule := &s.Rules[i]
			if s.roles[i]&role != 0 && (a.denied[i] || rule.Allow > 0 && !a.allowed[i]) {
				p.Found.Add(rule.Name, rule.Action, rule.Shadow)
			}
		}
	}
	if in := p.g.injection; in != nil && in.roles&role != 0 && float64(a.score) >= in.Threshold*100 {
		p.Found.Add(InjectionKind, in.Action, in.Shadow)
	}
	a.begin()
}

// look looks at the next piece of the text, and hands on what is decided.
func (p *Prompt) look(piece []byte, end bool) {
	r := p.reader
	piece = r.read(piece, end)
	if p.at.Form == dialect.Label {
		r.sayOwn(piece) // nobody says it
	} else {
		r.say(piece)
	}
	own := p.g.pii
	if own == nil && r.seek == nil {
		p.show(len(r.text))
		return
	}
	done := r.find(end)
	redacts := own == nil || redacts(own.Action, own.Shadow)
	for q := r.first(); q != nil; q = r.first() {
		f := q.finds[q.next]
		if f.End > done {
			done = min(done, f.Start) // its end is not decided
			break
		}
		q.next++
		if own != nil {
			p.Found.Add(f.kind, own.Action, own.Shadow)
		}
		if f.Start = max(f.Start, r.shown); !redacts || f.Start >= f.End {
			continue
		}
		p.show(f.Start)
		from := len(r.out)
		r.out = p.Vault.Placeholder(r.out, f.Name, r.text[f.Start:f.End])
		f.With = r.out[from:len(r.out):len(r.out)]
		p.hand(f.With)
		r.shown = f.End
		f.Start, f.End = r.place(f.Start)-r.placed, r.place(f.End)-r.placed
		r.spans = append(r.spans, f.Span)
	}
	p.place()
	if done > r.shown {
		p.show(done)
	}
	if r.seek == nil {
		p.learn()
	}
}

// show hands on the text up to a place, as it was written.
func (p *Prompt) show(to int) {
	r := p.reader
	p.hand(r.written()[r.place(r.shown):r.place(to)])
	r.shown = to
}

// hand hands on a piece of a text. One that is, or should have been, JSON has gone already.
func (p *Prompt) hand(piece []byte) {
	if len(piece) > 0 && p.at.Form != dialect.JSONText && p.at.Form != dialect.JSON {
		p.next.Text(piece)
	}
}

// place writes what is to leave of the text up to the last find: at once, so that the end of a
// long text does not take long.
func (p *Prompt) place() {
	r := p.reader
	n := len(r.spans)
	if n == 0 {
		return
	}
	to := r.placed + r.spans[n-1].End
	p.append(r.written()[r.placed:to])
	r.placed, r.spans, r.out = to, r.spans[:0], r.out[:0]
}

// append writes what is to leave of the next part of the text, in which the spans are to be
// replaced, and tells whether any of it is another.
func (p *Prompt) append(part []byte) (changed bool) {
	r := p.reader
	redactor := placeholder.Redactor{Vault: &p.Vault, Names: p.g.names}
	var n int
	r.changed, n = redactor.Append(r.changed, part, r.spans)
	p.Other = p.Other || n > len(r.spans)
	return n > 0
}

// finish replaces in the body what was found in the text, and keeps the text where others
// are to be asked about it.
func (p *Prompt) finish(end int64) {
	if p.signed && p.reader.placed > 0 {
		p.replace(end, nil)
		p.Other = true
		return
	}
	text, changed := p.replaced()
	if changed {
		p.replace(end, text)
	}
	if p.at.Form != dialect.Label {
		p.keep(end, text)
	}
}

// keep keeps a text for others, if there are some who are to be asked about it.
func (p *Prompt) keep(end int64, text []byte) {
	if len(p.g.external) > 0 && !p.heard {
		p.said = append(p.said, said{speaker: p.at.Speaker, signed: p.signed, start: p.at.Start, end: end, text: add(nil, text)})
	}
}

// replaced is the text as it is to leave: with placeholders for what was found, and for what a
// user has written that looks like one.
func (p *Prompt) replaced() (text []byte, changed bool) {
	r := p.reader
	text = r.written()
	rest := text[r.placed:]
	if !p.g.redacts || p.signed || r.placed == 0 && bytes.IndexByte(rest, '[') < 0 {
		return text, false
	}
	changed = p.append(rest)
	return r.changed, changed || r.placed > 0
}

// Changes takes the edits, once the body that they are of is there, a request of operation op:
// what is left out goes with its comma.
func (p *Prompt) Changes(op dialect.Op, body []byte) []jsonscan.Edit {
	all := p.Edits
	p.Edits = nil
	var edits []jsonscan.Edit
	var instead []byte
	if op == dialect.Messages {
		instead = leftOut
	}
	for i := range all {
		if e := &all[i]; len(e.With) == 0 {
			edits = jsonscan.AppendRemoval(edits, body, e.Start, e.End, instead)
		} else {
			edits = jsonscan.AppendEdit(edits, e.Start, e.End, e.With)
		}
	}
	return edits
}

// leftOut is what a message has where nothing else of it is left: Anthropic answers 400 to one
// without content, "all messages must have non-empty content", and to a text of spaces alone.
var leftOut = []byte(`{"type":"text","text":"(left out)"}`)

func (p *Prompt) replace(end int64, with []byte) {
	var quoted []byte
	if with != nil {
		quoted = make([]byte, 0, len(with)+len(with)/16+64) // mostly enough, and a long text is not copied over and over
		quoted = jsonscan.AppendQuoted(quoted, string(with))
	}
	p.Edits = jsonscan.AppendEdit(p.Edits, p.at.Start, end, quoted)
}
