package guard

import "github.com/sluice-gateway/sluice/jsonscan"

// inner looks into a text that is JSON itself: the arguments of a tool's call. What its
// strings say is looked at, each by itself, and the names of its members too: an object may
// well be a list of people by their addresses.
type inner struct {
	p      *Prompt
	scan   *jsonscan.Scanner
	edits  []jsonscan.Edit
	name   string // of the member whose value is at hand; "" = there is none
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
	i.p, i.name = nil, ""
	return i.edits
}

// Event makes it a jsonscan.Handler.
func (i *inner) Event(e *jsonscan.Event) error {
	switch e.Kind {
	case jsonscan.EndObject, jsonscan.EndArray, jsonscan.StringChunk, jsonscan.EndString:
	default:
		if i.name = ""; len(e.Key) > 0 {
			i.p.reader.begin()
			i.look(e.Key)
			i.ended(e.Member, -1)
			i.name = string(e.Key)
		}
	}
	switch e.Kind {
	case jsonscan.BeginString:
		i.p.reader.begin()
	case jsonscan.StringChunk:
		i.look(e.Text)
	case jsonscan.EndString:
		i.ended(e.Start, e.End)
	case jsonscan.Number:
		if len(e.Text) >= shortestNumber {
			i.p.reader.begin()
			i.look(e.Text)
			i.ended(e.Start, e.End)
		}
	}
	return nil
}

// shortestNumber is the least that a number can have that is somebody's, in bytes. One that
// is replaced becomes a string: no number could say what it stands for.
const shortestNumber = 8

// look looks at the next piece of a string: in pieces, as at all texts, so that no step is long.
func (i *inner) look(piece []byte) {
	r := i.p.reader
	r.text = append(r.text, piece...)
	r.say(piece)
	i.p.look(false)
}

// ended ends the string, which stands at [start, end); end < 0: it is a name, that ends with
// its quote.
func (i *inner) ended(start, end int64) {
	p, r := i.p, i.p.reader
	p.look(true)
	r.said()
	out, changed := p.replaced()
	if !changed {
		return
	}
	if end < 0 {
		end = start + endOfName(r.raw[start:])
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
