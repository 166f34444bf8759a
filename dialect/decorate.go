package dialect

import "github.com/sluice-gateway/sluice/jsonscan"

// Turn is one message that is put into a request.
type Turn struct {
	Role string // system, user or assistant
	Text string
}

// Decorate are the edits of the body that put turns in front of the conversation and behind
// it, in their order, as the operation has them:
//
//	                    system, in front   system, behind   user and assistant
//	chat completions    messages           messages         messages
//	messages            system             system           messages
//	responses           instructions       input            input
//
// A text that becomes a list stands in it as it was written. A turn without a text is none:
// Anthropic refuses it. Where there is nothing to put a turn in front of (no messages; a
// member that is no text and no list), nothing is: the provider is to refuse that, and not
// to answer the decoration. Completions and embeddings have no turns.
func (q *Request) Decorate(before, after []Turn) []jsonscan.Edit {
	if !q.Op.Chat() {
		return nil
	}
	d := decorating{q: q}
	systemFront, front := divide(before, q.Op != ChatCompletions)
	systemBack, back := divide(after, q.Op == Messages)
	switch {
	case q.Op == Messages:
		d.list(&q.system, "system", true, systemFront, systemBack)
	case q.system.Kind == jsonscan.BeginArray:
		d.list(&q.system, "instructions", false, systemFront, nil)
	default:
		d.instructions(systemFront)
	}
	switch {
	case q.Op != Responses:
		if q.talk.Kind == jsonscan.BeginArray {
			d.list(&q.talk, "messages", false, front, back)
		}
	case q.talk.Present() || q.Elsewhere: // what the provider keeps may be all of the input
		d.list(&q.talk, "input", false, front, back)
	}
	d.replace(q.open, q.open, d.members)
	sortEdits(d.edits)
	return d.edits
}

// divide takes the system's turns apart from the others, where they go elsewhere. It leaves
// out those that say nothing.
//
//go:noinline
func divide(turns []Turn, apart bool) (system, others []Turn) {
	for _, t := range turns {
		to := &others
		if apart && t.Role == "system" {
			to = &system
		}
		if t.Text != "" {
			*to = append(*to, t)
		}
	}
	return system, others
}

// decorating collects the edits of one request. It makes them of strings: each append of Go's
// is more code than what it saves here.
type decorating struct {
	q       *Request
	edits   []jsonscan.Edit
	members string // new ones, put in front of all others, each with its comma
}

//go:noinline
func (d *decorating) replace(start, end int64, with string) {
	if start < end || with != "" {
		d.edits = jsonscan.AppendEdit(d.edits, start, end, []byte(with))
	}
}

// set gives a member that is absent or null its value.
func (d *decorating) set(f Field, name, value string) {
	if f.Kind != 0 {
		d.replace(f.Start, f.End, value)
		return
	}
	d.members += quoted(name) + ":" + value + ","
}

// list puts elements in front of a list and behind it. What was a text becomes one. blocks
// tells that the elements are Anthropic's blocks of text, and not messages or items of input.
func (d *decorating) list(s *span, name string, blocks bool, before, after []Turn) {
	if len(before)+len(after) == 0 {
		return
	}
	front, back := elements(blocks, before), elements(blocks, after)
	text := s.Kind == jsonscan.BeginString && !s.emptyText()
	between := text || s.Kind == jsonscan.BeginArray && s.len > 0 // something is
	if front != "" && (between || back != "") {
		front += ","
	}
	if back != "" && between {
		back = "," + back
	}
	switch {
	case text:
		d.replace(s.Start, s.Start, "["+front+element(blocks, "user"))
		d.replace(s.End, s.End, "}"+back+"]")
	case s.Kind == jsonscan.BeginArray && s.len > 0:
		d.replace(s.Start+1, s.Start+1, front)
		d.replace(s.End-1, s.End-1, back)
	case s.Kind == jsonscan.BeginArray:
		d.replace(s.Start+1, s.Start+1, front+back)
	case !s.Present() || s.Kind == jsonscan.BeginString:
		d.set(s.Field, name, "["+front+back+"]")
	}
}

// element is one, from its brace to its text: behind that is the other brace.
//
//go:noinline
func element(blocks bool, role string) string {
	if blocks {
		return `{"type":"text","text":`
	}
	return `{"role":` + quoted(role) + `,"content":`
}

// elements are turns, with commas between them.
//
//go:noinline
func elements(blocks bool, turns []Turn) string {
	out, comma := "", ""
	for _, t := range turns {
		out += comma + element(blocks, t.Role) + quoted(t.Text) + "}"
		comma = ","
	}
	return out
}

// instructions puts texts in front of the instructions of a response, which are one text.
func (d *decorating) instructions(before []Turn) {
	text, between := "", ""
	for _, t := range before {
		text += between + t.Text
		between = paragraph
	}
	switch s := &d.q.system; {
	case text == "":
	case s.Kind == jsonscan.BeginString && !s.emptyText():
		inside := quoted(text + paragraph)
		d.replace(s.Start+1, s.Start+1, inside[1:len(inside)-1])
	case !s.Present() || s.Kind == jsonscan.BeginString:
		d.set(s.Field, "instructions", quoted(text))
	}
}

// paragraph stands between two texts that become one.
const paragraph = "\n\n"

// emptyText tells whether a text says nothing.
func (f Field) emptyText() bool { return f.End-f.Start == int64(len(`""`)) }

// KeepTurn has FirstTurn be where it is in other, which is the same request: what was put in
// front of the conversation tells it from no other one.
func (q *Request) KeepTurn(other *Request) {
	q.firstMessage, q.firstTurn = other.firstMessage, other.firstTurn
}
