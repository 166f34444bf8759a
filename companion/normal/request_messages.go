package normal

import "github.com/sluice-gateway/sluice/jsontree"

// readMessages reads Anthropic's messages.
func (q *query) readMessages() {
	if q.system.Present() {
		q.messageTurn("system", q.system, nil)
	}
	if q.messages.Kind() != jsontree.Array {
		q.wrong("messages")
	}
	for _, m := range q.messages.Elements() {
		role := m.Get("role").Text()
		switch role {
		case "user", "assistant", "system":
		default:
			q.wrong("messages[].role")
		}
		var rest encoding
		q.rest(&rest, "message", m, "role", "content")
		q.messageTurn(role, m.Get("content"), rest)
	}
}

// messageTurn reads a message: as one turn, or where it has results of tools, each as a
// turn of its own and what is around them as others.
func (q *query) messageTurn(role string, content jsontree.Value, rest encoding) {
	t := turn{role: role, rest: rest}
	switch content.Kind() {
	case jsontree.String:
		t.parts = []part{q.textPart(content)}
		q.turns = append(q.turns, t)
		return
	case jsontree.Array:
	default:
		q.wrong("messages[].content")
		return
	}
	split := false
	for _, b := range content.Elements() {
		if b.Get("type").Is("tool_result") && role == "user" {
			if len(t.parts) > 0 {
				q.turns = append(q.turns, t)
			}
			result := q.messageResult(b)
			result.rest = append(result.rest, rest...)
			q.turns = append(q.turns, result)
			t, split = turn{role: role, rest: rest}, true
			continue
		}
		t.parts = append(t.parts, q.messagePart(b, role))
	}
	if len(t.parts) > 0 || !split {
		q.turns = append(q.turns, t)
	}
}

func (q *query) messageResult(v jsontree.Value) turn {
	t := turn{role: "tool", parts: []part{q.resultOf(v.Get("tool_use_id"))}}
	switch content := v.Get("content"); content.Kind() {
	case jsontree.String:
		t.parts = append(t.parts, q.textPart(content))
	case jsontree.Array:
		for _, b := range content.Elements() {
			t.parts = append(t.parts, q.messagePart(b, "tool"))
		}
	case jsontree.Absent, jsontree.Null:
	default:
		q.wrong("messages[].content[].content")
	}
	known := []string{"type", "tool_use_id", "content"}
	if v.Get("is_error").Kind() == jsontree.False {
		known = append(known, "is_error")
	}
	q.rest(&t.rest, "result", v, known...)
	return t
}

func (q *query) messagePart(v jsontree.Value, role string) (p part) {
	const place = "messages[].content[]"
	switch kind := v.Get("type").Text(); kind {
	case "text":
		text := v.Get("text")
		if text.Kind() != jsontree.String {
			q.wrong(place + ".text")
		}
		p = q.textPart(text)
		known := []string{"type", "text"}
		if isEmpty(v.Get("citations")) {
			known = append(known, "citations")
		}
		q.rest(&p.code, "block", v, known...)
		return p
	case "image":
		source := v.Get("source")
		if !source.Get("type").Is("base64") {
			q.refuse(Reference, "an image whose bytes are not there")
		}
		media, data := source.Get("media_type"), source.Get("data")
		if media.Kind() != jsontree.String || data.Kind() != jsontree.String {
			q.wrong(place + ".source")
		}
		p = image(media.Text(), textOf(data))
		q.rest(&p.code, "source", source, "type", "media_type", "data")
		q.rest(&p.code, "block", v, "type", "source")
	case "document":
		switch source := v.Get("source").Get("type"); {
		case source.Is("base64") || source.Is("text"):
		default: // url, file, and content, whose blocks may be images by their URL
			q.refuse(Reference, "a document whose bytes are not there")
		}
		p.code.open("document")
		q.rest(&p.code, "block", v, "type")
	case "thinking", "redacted_thinking":
		p.code.open(kind)
		q.rest(&p.code, "block", v, "type")
	case "tool_use":
		if role != "assistant" || v.Get("input").Kind() != jsontree.Object {
			q.wrong(place)
			return p
		}
		p = q.callPart(v.Get("id"), v.Get("name"), v.Get("input"), place)
		known := []string{"type", "id", "name", "input"}
		if caller := v.Get("caller"); caller.Get("type").Is("direct") && caller.Len() == 1 {
			known = append(known, "caller")
		}
		q.rest(&p.code, "block", v, known...)
	default:
		q.refuse(UnknownContent, "a block of type "+quoted(kind))
	}
	p.code.close()
	return p
}
