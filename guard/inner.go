package guard

import (
	"github.com/sluice-gateway/sluice/guard/placeholder"
	"github.com/sluice-gateway/sluice/jsonscan"
)

// inner looks into a text that is JSON itself: the arguments of a tool's call. What its
// strings say is looked at, each by itself, and the names of its members too: an object may
// well be a list of people by their addresses.
type inner struct {
	p      *Prompt
	scan   *jsonscan.Scanner
	edits  []jsonscan.Edit
	text   []byte // of the string at hand
	name   string // of the member that it is the value of; empty = of none
	spans  []placeholder.Span
	before Findings
	broken bool // it is no JSON
}

var innerPaths = jsonscan.NewPaths(map[string]int{"": 1, "**": 1})

func (i *inner) init() {
	i.scan = jsonscan.New(i, jsonscan.Options{Paths: innerPaths})
}

func (i *inner) begin(p *Prompt) {
	i.p = p
	i.scan.Reset(i)
	i.edits, i.broken = i.edits[:0], false
	i.before = append(i.before[:0], p.Found...)
}

func (i *inner) write(piece []byte) {
	i.broken = i.broken || i.scan.Write(piece) != nil
}

// end is the edits of the text. Where it is broken they mean nothing, nor does what was
// found in it.
func (i *inner) end() []jsonscan.Edit {
	i.broken = i.broken || i.scan.Close() != nil
	if i.broken {
		i.p.Found = append(i.p.Found[:0], i.before...)
	}
	i.p = nil
	return i.edits
}

// Event makes it a jsonscan.Handler.
func (i *inner) Event(e *jsonscan.Event) error {
	switch e.Kind {
	case jsonscan.EndObject, jsonscan.EndArray, jsonscan.StringChunk, jsonscan.EndString:
	default:
		if i.name = ""; len(e.Key) > 0 {
			i.look(e.Key, e.Member, -1)
			i.name = string(e.Key)
		}
	}
	switch e.Kind {
	case jsonscan.BeginString:
		i.text = i.text[:0]
	case jsonscan.StringChunk:
		i.text = append(i.text, e.Text...)
	case jsonscan.EndString:
		i.look(i.text, e.Start, e.End)
	case jsonscan.Number:
		if len(e.Text) >= shortestNumber {
			i.look(e.Text, e.Start, e.End)
		}
	}
	return nil
}

// shortestNumber is the least that a number can have that is somebody's, in bytes. One that
// is replaced becomes a string: no number could say what it stands for.
const shortestNumber = 8

// look looks at one string, that stands at [start, end); end < 0: it is a name, that ends
// with its quote.
func (i *inner) look(text []byte, start, end int64) {
	p, r := i.p, i.p.reader
	r.restart()
	r.say(text)
	r.said()
	if p.g.pii == nil {
		return
	}
	whole := r.text
	r.text = text
	r.find(true)
	r.named(i.name, text)
	r.text = whole
	i.spans = i.spans[:0]
	for _, f := range r.finds {
		p.Found.Add(f.kind, p.g.pii.Action, p.g.pii.Shadow)
		i.spans = append(i.spans, f.Span)
	}
	out, changed := p.redacted(text, i.spans)
	if !changed {
		return
	}
	if end < 0 {
		end = start + endOfName(r.text[start:])
	}
	i.edits = append(i.edits, jsonscan.Edit{Start: start, End: end, With: jsonscan.AppendQuoted(nil, string(out))})
}

// endOfName is where a quoted name at the beginning of a text ends.
func endOfName(text []byte) int64 {
	for at := 1; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return int64(at + 1)
		}
	}
	return int64(len(text))
}
