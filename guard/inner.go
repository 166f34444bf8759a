package guard

import "github.com/sluice-gateway/sluice/jsonscan"

// inner looks into a text that is JSON itself: the arguments of a tool's call. What its
// strings say is looked at, each by itself, and the names of its members too: an object may
// well be a list of people by their addresses.
//
// Where it turns out to be no JSON, as where a model's cap has cut it short, what is left of it is a text like
// others: from the last name on, since that may tell what the value is, or from within a value that is long.
//
//	{"to":"ann@example.com","password":"Tr0ub
//	 looked at as it says   ^ from here on as it stands
type inner struct {
	p      *Prompt
	scan   *jsonscan.Scanner
	edits  []jsonscan.Edit
	name   string   // of the member whose value is at hand; "" = there is none
	done   int64    // what stands before it is looked at once
	before Findings // there
	string int64    // where the string begins that is being looked at; < 0 = none is
	broken bool     // it is no JSON, or none any more
}

// lookedAgain is so much of a text that is looked at twice where it proves to be no JSON, in bytes, but for a name and the space beside it.
const lookedAgain = 4 << 10

// maxNames bounds the names of the objects that are open at once, in bytes: one is looked at in a step.
// Arguments with more are taken for no JSON.
const maxNames = 16 << 10

var innerPaths = jsonscan.NewPaths(map[string]int{"": 1, "**": 1})

func (i *inner) init() {
	i.scan = jsonscan.New(i, jsonscan.Options{Paths: innerPaths, MaxKeyBytes: maxNames})
}

func (i *inner) begin(p *Prompt) {
	i.p = p
	i.scan.Reset(i)
	i.edits, i.name, i.string, i.broken = i.edits[:0], "", -1, false
	i.mark(0)
	p.reader.begin()
}

// write looks at the next piece, which the reader has in raw already.
func (i *inner) write(piece []byte) {
	if i.broken {
		i.p.look(piece, false)
	} else {
		i.check(i.scan.Write(piece))
	}
}

// end is the edits of the text, and of one that is broken what stands behind them.
func (i *inner) end() (edits []jsonscan.Edit, rest []byte, changed bool) {
	if !i.broken {
		i.check(i.scan.Close())
	}
	if i.broken {
		i.p.look(nil, true)
		rest, changed = i.p.replaced()
	}
	i.p, i.name = nil, ""
	return i.edits, rest, changed
}

// mark has what stands before a place not be looked at again.
func (i *inner) mark(at int64) {
	i.done, i.before = at, append(i.before[:0], i.p.Found...)
}

// check has what is left of the text be looked at as one like others, where it is no JSON.
func (i *inner) check(err error) {
	e, ok := err.(*jsonscan.Error)
	if !ok {
		return
	}
	p := i.p
	from := i.done
	if i.string >= 0 && e.Offset-i.string > lookedAgain {
		i.done, from = i.string+1, e.Offset // what has come of it stays in the reader
	} else {
		p.reader.begin()
		n := len(i.edits)
		for n > 0 && i.edits[n-1].Start >= from {
			n--
		}
		i.edits, p.Found = i.edits[:n], append(p.Found[:0], i.before...)
	}
	i.broken, i.name = true, ""
	p.look(p.reader.raw[from:], false)
}

// Event makes it a jsonscan.Handler.
func (i *inner) Event(e *jsonscan.Event) error {
	switch e.Kind {
	case jsonscan.EndObject, jsonscan.EndArray:
		i.mark(e.End)
	case jsonscan.StringChunk:
		i.p.look(e.Text, false)
	case jsonscan.EndString:
		i.ended(e.Start, e.End)
		i.string = -1
		if e.End-i.done > lookedAgain {
			i.mark(e.End)
		}
	default:
		if e.Member < 0 {
			i.mark(e.Start)
		} else {
			i.mark(e.Member)
		}
		if i.name = ""; len(e.Key) > 0 {
			name := e.Key
			if string(name) == "value" { // its name is the string before it: {"name":"DB_PASSWORD","value":"…"}
				name = i.p.reader.text[:min(len(i.p.reader.text), longestNamed)]
			}
			named := string(name)
			i.p.reader.begin()
			i.p.look(e.Key, false)
			i.ended(e.Member, -1)
			i.name = named
		}
	}
	switch e.Kind {
	case jsonscan.BeginString:
		i.string = e.Start
		i.p.reader.begin()
	case jsonscan.Number:
		if len(e.Text) >= shortestNumber {
			i.p.reader.begin()
			i.p.look(e.Text, false)
			i.ended(e.Start, e.End)
		}
	}
	return nil
}

// shortestNumber is the least that a number can have that is somebody's, in bytes. One that
// is replaced becomes a string: no number could say what it stands for.
const shortestNumber = 8

// ended ends the string, which stands at [start, end); end < 0: it is a name, that ends with
// its quote.
func (i *inner) ended(start, end int64) {
	p, r := i.p, i.p.reader
	p.look(nil, true)
	r.said()
	out, changed := p.replaced()
	if !changed {
		return
	}
	if end < 0 {
		end = start + endOfName(r.raw[start:])
	}
	i.edits = jsonscan.AppendEdit(i.edits, start, end, jsonscan.AppendQuoted(nil, string(out)))
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
