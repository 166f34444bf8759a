package guard

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard/match"
)

// Again is what the request is to be read with once more, as Edits have it, after End: what a
// value is known by may stand in one place, as the word in front of a password, and the value
// in others too. It is nil where no value is left to seek. What is found so is replaced, and
// not counted in Found.
func (p *Prompt) Again() dialect.Content {
	seek := p.Vault.Seeker(match.InWord)
	if seek == nil {
		return nil
	}
	p.g, p.next, p.said = p.g.again, unheard{}, nil
	p.reader = p.g.take()
	p.reader.seek = seek
	return p
}

// again is find where the request is read again.
func (r *reader) again(end bool) int {
	r.seek.Read(r.text, end)
	if !end {
		return 0
	}
	for _, span := range r.seek.Found {
		r.finds.finds = append(r.finds.finds, find{span, ""})
	}
	return len(r.text)
}

// unheard is a Content that hears nothing.
type unheard struct{}

func (unheard) BeginText(dialect.Text)     {}
func (unheard) Text([]byte)                {}
func (unheard) EndText(int64)              {}
func (unheard) EndMessage(dialect.Speaker) {}
func (unheard) Attach(dialect.Attachment)  {}
