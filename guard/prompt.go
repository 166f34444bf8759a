package guard

import (
	"bytes"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard/pii"
	"github.com/sluice-gateway/sluice/guard/placeholder"
	"github.com/sluice-gateway/sluice/jsonscan"
)

// Prompt looks at a request's texts while they arrive, and hands them on as they are to
// leave. It is a dialect.Content in front of another one.
//
// A text is looked at piece by piece, so that no step is long, and what in it is decided is
// handed on at once. What is to be changed in the body is told at the end.
type Prompt struct {
	g     *Guards
	next  dialect.Content
	vault placeholder.Vault
	found findings
	edits []jsonscan.Edit

	at    dialect.Text
	text  []byte             // of the text at hand, as far as it is here
	shown int                // so much of it has been handed on
	spans []placeholder.Span // what of it is to be replaced
	inner *inner             // reads it where it is JSON; nil before the first that is
}

// Prompt begins to look at a request, whose texts go on to next.
func (g *Guards) Prompt(next dialect.Content) *Prompt { return &Prompt{g: g, next: next} }

// Edits are the edits of the body that replace what was found, in their order.
func (p *Prompt) Edits() []jsonscan.Edit { return p.edits }

// Findings are what was found.
func (p *Prompt) Findings() []Finding { return p.found }

// Blocking names what the request is to be refused for; "" = nothing.
func (p *Prompt) Blocking() string { return p.found.blocking() }

// Vault has what was replaced.
func (p *Prompt) Vault() *placeholder.Vault { return &p.vault }

// BeginText and the methods behind it make it a dialect.Content.
func (p *Prompt) BeginText(t dialect.Text) {
	p.next.BeginText(t)
	p.at, p.text, p.shown, p.spans = t, p.text[:0], 0, p.spans[:0]
	switch t.Form {
	case dialect.JSONText, dialect.JSON:
		if p.inner == nil {
			p.inner = newInner(p)
		}
		p.inner.begin()
	case dialect.Plain, dialect.Label:
		p.g.pii.scanner.Reset()
	}
}

// Text takes the next piece of the text.
func (p *Prompt) Text(piece []byte) {
	switch p.at.Form {
	case dialect.Framing:
		p.next.Text(piece)
	case dialect.JSONText, dialect.JSON:
		// Counted as it was written: what is replaced in it is known only at its end.
		p.next.Text(piece)
		p.text = append(p.text, piece...)
		p.inner.write(piece)
	default:
		p.text = append(p.text, piece...)
		p.look(false)
	}
}

// EndText ends the text, of which [at.Start, end) is the body's part.
func (p *Prompt) EndText(end int64) {
	switch p.at.Form {
	case dialect.Framing:
	case dialect.JSON:
		// Its strings stand in the body as they were written.
		for _, e := range p.inner.end() {
			p.edits = append(p.edits, jsonscan.Edit{Start: p.at.Start + e.Start, End: p.at.Start + e.End, With: e.With})
		}
	case dialect.JSONText:
		if edits := p.inner.end(); p.inner.broken {
			p.plain(end)
		} else if len(edits) > 0 {
			p.replace(end, jsonscan.Apply(nil, p.text, edits))
		}
	default:
		p.look(true)
		p.redact(end)
	}
	p.next.EndText(end)
	if cap(p.text) > usualText {
		p.text = nil
	}
}

// usualText is the longest text whose memory is kept for the next, in bytes.
const usualText = 64 << 10

// EndMessage ends a message.
func (p *Prompt) EndMessage(by dialect.Speaker) { p.next.EndMessage(by) }

// Attach is an attachment, which nobody looks into.
func (p *Prompt) Attach(a dialect.Attachment) { p.next.Attach(a) }

// look looks at what is new of the text, and hands on what is decided.
func (p *Prompt) look(end bool) {
	finds, done := p.g.pii.scanner.Scan(p.text, end)
	redacts := p.g.pii.redacts()
	for _, f := range finds {
		p.note(f)
		if !redacts {
			continue
		}
		name := p.g.pii.names[f.Kind]
		p.hand(p.text[p.shown:f.Start])
		p.hand(p.vault.Placeholder(nil, name, p.text[f.Start:f.End]))
		p.shown = f.End
		p.spans = append(p.spans, placeholder.Span{Start: f.Start, End: f.End, Name: name})
	}
	if done > p.shown {
		p.hand(p.text[p.shown:done])
		p.shown = done
	}
}

func (p *Prompt) hand(piece []byte) {
	if len(piece) > 0 {
		p.next.Text(piece)
	}
}

// note counts a find.
func (p *Prompt) note(f pii.Find) {
	p.found.add(f.Kind.String(), p.g.pii.Action, p.g.pii.Shadow)
}

// redact replaces in the body what was found in the text.
func (p *Prompt) redact(end int64) {
	if text, changed := p.redacted(p.text, p.spans); changed {
		p.replace(end, text)
	}
}

// redacted is a text with placeholders for the spans, and for what a user has written that
// looks like one.
func (p *Prompt) redacted(text []byte, spans []placeholder.Span) (out []byte, changed bool) {
	if !p.g.pii.redacts() {
		return nil, false
	}
	if len(spans) == 0 && bytes.IndexByte(text, '[') < 0 {
		return nil, false
	}
	r := placeholder.Redactor{Vault: &p.vault, Names: p.g.pii.all}
	out, n := r.Append(nil, text, spans)
	return out, n > 0
}

func (p *Prompt) replace(end int64, with []byte) {
	p.edits = append(p.edits, jsonscan.Edit{Start: p.at.Start, End: end, With: jsonscan.AppendQuoted(nil, string(with))})
}

// plain looks at the text as a whole: what should have been JSON is none.
func (p *Prompt) plain(end int64) {
	p.g.pii.scanner.Reset()
	finds, _ := p.g.pii.scanner.Scan(p.text, true)
	p.spans = p.spans[:0]
	for _, f := range finds {
		p.note(f)
		p.spans = append(p.spans, placeholder.Span{Start: f.Start, End: f.End, Name: p.g.pii.names[f.Kind]})
	}
	p.redact(end)
}
