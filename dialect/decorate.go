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
	var front, back, systemFront, systemBack []Turn
	for _, t := range before {
		if t.Role == "system" && q.Op != ChatCompletions {
			systemFront = appendTurn(systemFront, t)
		} else {
			front = appendTurn(front, t)
		}
	}
	for _, t := range after {
		if t.Role == "system" && q.Op == Messages {
			systemBack = appendTurn(systemBack, t)
		} else {
			back = appendTurn(back, t)
		}
	}
	switch {
	case q.Op == Messages:
		d.list(&q.system, "system", beginBlock, systemFront, systemBack)
	case q.system.Kind == jsonscan.BeginArray:
		d.list(&q.system, "instructions", beginMessage, systemFront, nil)
	default:
		d.instructions(systemFront)
	}
	switch {
	case q.Op != Responses:
		if q.talk.Kind == jsonscan.BeginArray {
			d.list(&q.talk, "messages", beginMessage, front, back)
		}
	case q.talk.Present() || q.Elsewhere: // what the provider keeps may be all of the input
		d.list(&q.talk, "input", beginMessage, front, back)
	}
	d.insert(q.open, d.members)
	sortEdits(d.edits)
	return d.edits
}

func appendTurn(to []Turn, t Turn) []Turn {
	if t.Text == "" {
		return to
	}
	return append(to, t)
}

// decorating collects the edits of one request.
type decorating struct {
	q       *Request
	edits   []jsonscan.Edit
	members []byte // new ones, put in front of all others, each with its comma
}

func (d *decorating) insert(at int64, with []byte) {
	if len(with) > 0 {
		d.edits = append(d.edits, jsonscan.Edit{Start: at, End: at, With: with})
	}
}

// set gives a member that is absent or null its value.
func (d *decorating) set(f Field, name string, value []byte) {
	if f.Kind != 0 {
		d.edits = append(d.edits, jsonscan.Edit{Start: f.Start, End: f.End, With: value})
		return
	}
	d.members = append(append(appendString(d.members, name), ':'), value...)
	d.members = append(d.members, ',')
}

// list puts elements in front of a list and behind it. What was a text becomes one. begin
// appends an element up to its text, behind which is a brace.
func (d *decorating) list(s *span, name string, begin func(out []byte, role string) []byte, before, after []Turn) {
	if len(before)+len(after) == 0 {
		return
	}
	var front, back []byte // each element with the comma between it and what was there
	for _, t := range before {
		front = append(appendString(begin(front, t.Role), t.Text), "},"...)
	}
	for _, t := range after {
		back = append(appendString(begin(append(back, ','), t.Role), t.Text), '}')
	}
	switch {
	case s.Kind == jsonscan.BeginArray && s.len > 0:
		d.insert(s.Start+1, front)
		d.insert(s.End-1, back)
	case s.Kind == jsonscan.BeginArray:
		d.insert(s.Start+1, between(front, back))
	case s.Kind == jsonscan.BeginString && !s.emptyText():
		d.insert(s.Start, begin(append([]byte{'['}, front...), "user"))
		d.insert(s.End, append(append([]byte{'}'}, back...), ']'))
	case !s.Present() || s.Kind == jsonscan.BeginString:
		d.set(s.Field, name, append(append([]byte{'['}, between(front, back)...), ']'))
	}
}

// between is the elements of a list in which there was nothing.
func between(front, back []byte) []byte {
	if len(front) > 0 {
		front = front[:len(front)-1]
	} else {
		back = back[1:]
	}
	return append(front, back...)
}

// instructions puts texts in front of the instructions of a response, which are one text.
func (d *decorating) instructions(before []Turn) {
	if len(before) == 0 {
		return
	}
	text := ""
	for i, t := range before {
		if i > 0 {
			text += paragraph
		}
		text += t.Text
	}
	switch s := &d.q.system; {
	case s.Kind == jsonscan.BeginString && !s.emptyText():
		quoted := appendString(nil, text+paragraph)
		d.insert(s.Start+1, quoted[1:len(quoted)-1])
	case !s.Present() || s.Kind == jsonscan.BeginString:
		d.set(s.Field, "instructions", appendString(nil, text))
	}
}

// paragraph stands between two texts that become one.
const paragraph = "\n\n"

// emptyText tells whether a text says nothing.
func (f Field) emptyText() bool { return f.End-f.Start == int64(len(`""`)) }

// beginMessage begins a message, or an item of input.
func beginMessage(out []byte, role string) []byte {
	return append(appendString(append(out, `{"role":`...), role), `,"content":`...)
}

// beginBlock begins a block of Anthropic's system prompt.
func beginBlock(out []byte, _ string) []byte { return append(out, `{"type":"text","text":`...) }

// KeepTurn has FirstTurn be where it is in other, which is the same request: what was put in
// front of the conversation tells it from no other one.
func (q *Request) KeepTurn(other *Request) {
	q.firstMessage, q.firstTurn = other.firstMessage, other.firstTurn
}
