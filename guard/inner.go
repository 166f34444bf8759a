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
	before findings
	broken bool // it is no JSON
}

var innerPaths = jsonscan.NewPaths(map[string]int{"": 1, "**": 1})

func newInner(p *Prompt) *inner {
	i := &inner{p: p}
	i.scan = jsonscan.New(i, jsonscan.Options{Paths: innerPaths})
	return i
}

// shortestNumber is the least that a number can have that is somebody's, in bytes. One that
// is replaced becomes a string: no number could say what it stands for.
const shortestNumber = 8

func (i *inner) begin() {
	i.scan.Reset(i)
	i.edits, i.broken = i.edits[:0], false
	i.before = append(i.before[:0], i.p.found...)
}

func (i *inner) write(piece []byte) {
	i.broken = i.broken || i.scan.Write(piece) != nil
}

// end is the edits of the text. Where it is broken they mean nothing, nor does what was
// found in it.
func (i *inner) end() []jsonscan.Edit {
	i.broken = i.broken || i.scan.Close() != nil
	if i.broken {
		i.p.found = append(i.p.found[:0], i.before...)
	}
	return i.edits
}

// Event makes it a jsonscan.Handler.
func (i *inner) Event(e *jsonscan.Event) error {
	switch e.Kind {
	case jsonscan.EndObject, jsonscan.EndArray, jsonscan.StringChunk, jsonscan.EndString:
	default:
		if len(e.Key) > 0 {
			i.look(e.Key, e.Member, -1)
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

// look looks at one string, that stands at [start, end); end < 0: it is a name, that ends
// with its quote.
func (i *inner) look(text []byte, start, end int64) {
	p := i.p
	p.g.pii.scanner.Reset()
	finds, _ := p.g.pii.scanner.Scan(text, true)
	p.spans = p.spans[:0]
	for _, f := range finds {
		p.note(f)
		p.spans = append(p.spans, placeholder.Span{Start: f.Start, End: f.End, Name: p.g.pii.names[f.Kind]})
	}
	out, changed := p.redacted(text, p.spans)
	if !changed {
		return
	}
	if end < 0 {
		end = start + endOfName(p.text[start:])
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
