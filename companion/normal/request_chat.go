package normal

import (
	"strings"

	"github.com/sluice-gateway/sluice/jsontree"
)

// readChat reads OpenAI's messages.
func (q *query) readChat() {
	if q.messages.Kind() != jsontree.Array {
		q.wrong("messages")
	}
	for _, m := range q.messages.Elements() {
		role := m.Get("role").Text()
		t := turn{role: role}
		known := []string{"role", "content"}
		switch role {
		case "system", "developer", "user":
			t.parts = q.chatContent(m.Get("content"), false)
		case "assistant":
			if m.Get("audio").Present() {
				q.refuse(Audio, "a message of the assistant has audio")
			}
			t.parts = append(q.chatContent(m.Get("content"), true), q.chatCalls(m.Get("tool_calls"))...)
			known = append(known, "tool_calls")
			// A client sends an answer back whole: what it says nothing by is nothing.
			for _, name := range [...]string{"audio", "function_call", "refusal", "annotations"} {
				if v := m.Get(name); !v.Present() || name == "annotations" && isEmpty(v) {
					known = append(known, name)
				}
			}
		case "tool":
			t.parts = append([]part{q.resultOf(m.Get("tool_call_id"))}, q.chatContent(m.Get("content"), false)...)
			known = append(known, "tool_call_id")
		case "function": // the older form, for this API alone
			t.role, known = "tool", nil
		default:
			q.wrong("messages[].role")
		}
		if !m.Get("name").Present() {
			known = append(known, "name")
		}
		q.rest(&t.rest, "message", m, known...)
		q.turns = append(q.turns, t)
	}
}

// chatContent reads a message's content: a string is one part of text.
func (q *query) chatContent(v jsontree.Value, mayLack bool) (parts []part) {
	switch v.Kind() {
	case jsontree.String:
		return []part{q.textPart(v)}
	case jsontree.Array:
		for _, p := range v.Elements() {
			parts = append(parts, q.chatPart(p))
		}
		return parts
	case jsontree.Absent, jsontree.Null:
		if mayLack {
			return nil
		}
	}
	q.wrong("messages[].content")
	return nil
}

func (q *query) chatPart(v jsontree.Value) (p part) {
	const place = "messages[].content[]"
	switch kind := v.Get("type").Text(); kind {
	case "text":
		text := v.Get("text")
		if text.Kind() != jsontree.String {
			q.wrong(place + ".text")
		}
		p = q.textPart(text)
		q.rest(&p.code, "part", v, "type", "text")
		return p
	case "refusal":
		p.code.open("refusal")
		q.rest(&p.code, "part", v, "type")
	case "image_url":
		p = q.chatImage(v.Get("image_url"), place+".image_url")
		q.rest(&p.code, "part", v, "type", "image_url")
	case "file":
		file := v.Get("file")
		if file.Get("file_id").Present() || file.Get("file_data").Kind() != jsontree.String {
			q.refuse(Reference, "a file whose bytes are not there")
		}
		p.code.open("file")
		q.rest(&p.code, "part", v, "type")
	case "input_audio":
		q.refuse(Audio, "a part of a message is audio")
	default:
		q.refuse(UnknownContent, "a part of type "+quoted(kind))
	}
	p.code.close()
	return p
}

// chatImage reads a data URL, data:image/png;base64,…, as what Anthropic has in two
// members. detail "auto" is the default.
func (q *query) chatImage(v jsontree.Value, place string) part {
	url := v.Get("url")
	if url.Kind() != jsontree.String {
		q.wrong(place)
	}
	rest, isData := strings.CutPrefix(textOf(url), "data:")
	media, data, inBase64 := strings.Cut(rest, ";base64,")
	if !isData || !inBase64 {
		q.refuse(Reference, "an image by its URL")
	}
	p := image(media, data)
	known := []string{"url"}
	if detail := v.Get("detail"); !detail.Present() || detail.Is("auto") {
		known = append(known, "detail")
	}
	q.rest(&p.code, "image", v, known...)
	return p
}

// chatCalls reads the calls of an assistant's message. Arguments that are JSON are what
// they say, as Anthropic has them; others are the text that they are.
func (q *query) chatCalls(v jsontree.Value) (parts []part) {
	const place = "messages[].tool_calls"
	if v.Present() && v.Kind() != jsontree.Array {
		q.wrong(place)
	}
	for _, call := range v.Elements() {
		f := call.Get("function")
		if kind := call.Get("type"); kind.Present() && !kind.Is("function") || f.Kind() != jsontree.Object {
			q.refuse(UnknownContent, "a call of type "+quoted(kind.Text()))
			return nil
		}
		arguments := f.Get("arguments")
		if arguments.Kind() != jsontree.String {
			q.wrong(place + "[].function.arguments")
			return nil
		}
		if input, no := q.json.object([]byte(textOf(arguments))); no == nil {
			arguments = input
		}
		p := q.callPart(call.Get("id"), f.Get("name"), arguments, place+"[]")
		q.rest(&p.code, "call", call, "id", "type", "function")
		q.rest(&p.code, "function", f, "name", "arguments")
		p.code.close()
		parts = append(parts, p)
	}
	return parts
}
