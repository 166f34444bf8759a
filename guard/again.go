package guard

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard/match"
	"github.com/sluice-gateway/sluice/guard/placeholder"
	"github.com/sluice-gateway/sluice/jsonscan"
)

// again reads a request again, as it is to leave so far. What a value is told by may stand in
// one place of it only, as the word before a password, and the value in others: behind, or in
// front. It is a dialect.Content that nobody is behind.
type again struct {
	p    *Prompt
	seek *placeholder.Seeker
	said int // of those, the first that has not been passed

	// A text that is JSON itself.
	scan   *jsonscan.Scanner
	text   []byte
	edits  []jsonscan.Edit
	broken bool
}

// Again is what the request is to be read with once more, after Made; nil where no value is
// left that could stand elsewhere. What it finds is told by Edits, and not counted in Found.
func (p *Prompt) Again() dialect.Content {
	seek := p.Vault.Seeker(match.InWord)
	if seek == nil {
		return nil
	}
	return &again{p: p, seek: seek}
}

// Made tells that the body is as Edits have it, so that what stands in it is elsewhere now.
func (p *Prompt) Made() {
	by, next := int64(0), 0
	until := func(end int64) {
		for ; next < len(p.Edits) && p.Edits[next].End <= end; next++ {
			e := &p.Edits[next]
			by += int64(len(e.With)) - (e.End - e.Start)
		}
	}
	for i := range p.said {
		s := &p.said[i]
		until(s.start)
		start := s.start + by
		until(s.end)
		s.start, s.end = start, s.end+by
	}
	p.Edits = nil
}

// BeginText and the methods behind it make it a dialect.Content.
func (a *again) BeginText(t dialect.Text) {
	a.p.at = t
	a.seek.Begin()
	switch t.Form {
	case dialect.JSONText, dialect.JSON:
		if a.scan == nil {
			a.scan = jsonscan.New(a, jsonscan.Options{Paths: innerPaths})
		}
		a.scan.Reset(a)
		a.text, a.edits, a.broken = a.text[:0], a.edits[:0], false
	}
}

// Text takes the next piece of the text.
func (a *again) Text(piece []byte) {
	switch a.p.at.Form {
	case dialect.Framing:
	case dialect.JSONText, dialect.JSON:
		a.text = append(a.text, piece...)
		a.broken = a.broken || a.scan.Write(piece) != nil
	default:
		a.seek.Write(piece)
	}
}

// EndText ends the text.
func (a *again) EndText(end int64) {
	p := a.p
	switch p.at.Form {
	case dialect.Framing:
		return
	case dialect.JSONText, dialect.JSON:
		a.broken = a.broken || a.scan.Close() != nil
		switch {
		case p.at.Form == dialect.JSON:
			for _, e := range a.edits {
				p.Edits = append(p.Edits, jsonscan.Edit{Start: p.at.Start + e.Start, End: p.at.Start + e.End, With: e.With})
			}
			return
		case !a.broken:
			if len(a.edits) > 0 {
				p.replace(end, jsonscan.Apply(nil, a.text, a.edits))
			}
			return
		}
		a.seek.Begin()
		a.seek.Write(a.text)
	}
	out, changed := a.seek.End()
	if !changed {
		return
	}
	p.replace(end, out)
	for ; a.said < len(p.said) && p.said[a.said].start <= p.at.Start; a.said++ {
		if p.said[a.said].start == p.at.Start {
			p.said[a.said].text = out
		}
	}
}

// EndMessage and Attach are nothing that anybody says.
func (a *again) EndMessage(dialect.Speaker) {}
func (a *again) Attach(dialect.Attachment)  {}

// Event makes it a jsonscan.Handler, which reads what inner does.
func (a *again) Event(e *jsonscan.Event) error {
	switch e.Kind {
	case jsonscan.EndObject, jsonscan.EndArray, jsonscan.StringChunk, jsonscan.EndString:
	default:
		if len(e.Key) > 0 {
			a.seek.Begin()
			a.seek.Write(e.Key)
			a.edit(e.Member, -1)
		}
	}
	switch e.Kind {
	case jsonscan.BeginString:
		a.seek.Begin()
	case jsonscan.StringChunk:
		a.seek.Write(e.Text)
	case jsonscan.EndString:
		a.edit(e.Start, e.End)
	case jsonscan.Number:
		if len(e.Text) >= shortestNumber {
			a.seek.Begin()
			a.seek.Write(e.Text)
			a.edit(e.Start, e.End)
		}
	}
	return nil
}

// edit ends a string, that stands at [start, end); end < 0: it is a name.
func (a *again) edit(start, end int64) {
	out, changed := a.seek.End()
	if !changed {
		return
	}
	if end < 0 {
		end = start + endOfName(a.text[start:])
	}
	a.edits = append(a.edits, jsonscan.Edit{Start: start, End: end, With: jsonscan.AppendQuoted(nil, string(out))})
}
