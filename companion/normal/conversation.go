package normal

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/jsontree"
)

// turn is one message, as both APIs would say it. What Anthropic has in one message of
// the user, results of tools and what else is said, is OpenAI's messages of tool and user.
type turn struct {
	role  string // system, developer, user, assistant, tool
	parts []part
	rest  encoding // what else the message has
}

// part is a piece of content.
type part struct {
	text   string
	isText bool
	code   encoding // of a text, what else it has; else all of it
}

// conversation reads the turns and writes them into the scope, but for the texts of the
// last, which is what is asked.
func (q *query) conversation() {
	q.calls = map[string]string{}
	if q.api == Messages {
		q.readMessages()
	} else {
		q.readChat()
	}
	if q.no != nil {
		return
	}
	last := len(q.turns) - 1
	if last < 0 || q.turns[last].role != "user" {
		q.refuse(NotUsersTurn, "the last message is not the user's")
		return
	}
	for i := last; i >= 0 && q.turns[i].role != "assistant"; i-- {
		if q.turns[i].role == "tool" {
			q.refuse(ToolResults, "message "+strconv.Itoa(i)+" of "+strconv.Itoa(last+1)+" is a tool's")
			return
		}
	}
	for _, t := range q.turns[:last] {
		t.write(&q.scope, nil)
	}
	q.turns[last].write(&q.scope, &q.request.texts)

	var texts []string
	for _, p := range q.turns[last].parts {
		if p.isText {
			texts = append(texts, p.text)
		}
	}
	q.request.Prompt = strings.Join(texts, "\n")
	if strings.TrimSpace(q.request.Prompt) == "" {
		q.refuse(NoText, "the last message has no text")
	}
}

// write appends the turn to e, and the texts to another encoding if there is one.
func (t *turn) write(e, texts *encoding) {
	e.open("turn")
	e.text(t.role)
	for _, p := range t.parts {
		switch {
		case !p.isText:
			*e = append(*e, p.code...)
			continue
		case texts == nil:
			e.open("text")
			e.text(p.text)
		default:
			e.open("asked")
			texts.text(p.text)
		}
		*e = append(*e, p.code...)
		e.close()
	}
	*e = append(*e, t.rest...)
	e.close()
}

func (q *query) textPart(v jsontree.Value) part { return part{text: textOf(v), isText: true} }

// callPart is a call that the assistant made. Ids are random, and say only which result
// is whose: a call is known by its number.
func (q *query) callPart(id, name, input jsontree.Value, place string) part {
	if id.Kind() != jsontree.String || name.Kind() != jsontree.String || !input.Present() {
		q.wrong(place)
	}
	if _, again := q.calls[id.Text()]; !again {
		q.calls[id.Text()] = strconv.Itoa(len(q.calls))
	}
	var p part
	p.code.open("call")
	p.code.text(q.calls[id.Text()])
	p.code.text(name.Text())
	p.code.value(input)
	return p // its group is open
}

// resultOf names the call that a tool's turn answers.
func (q *query) resultOf(id jsontree.Value) part {
	var p part
	if number, known := q.calls[id.Text()]; known && id.Kind() == jsontree.String {
		p.code.open("result of")
		p.code.text(number)
	} else {
		p.code.open("result of what no message calls")
		if id.Present() {
			p.code.value(id)
		}
	}
	p.code.close()
	return p
}

// image is one whose bytes are there.
func image(media, data string) part {
	var p part
	p.code.open("image")
	p.code.text(media)
	p.code.text(data)
	return p // its group is open
}
