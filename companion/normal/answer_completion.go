package normal

import (
	"bytes"

	"github.com/sluice-gateway/sluice/jsontree"
	"github.com/sluice-gateway/sluice/sse"
)

// completion reads a whole answer of OpenAI's.
func (s *said) completion(body []byte) {
	root, no := s.json.object(body)
	if no != nil {
		s.no = no
		return
	}
	if !s.envelope(root) {
		return
	}
	choices := root.Get("choices")
	if choices.Kind() != jsontree.Array || choices.Len() != 1 {
		s.refuse(Choices, "there is not one choice")
		return
	}
	choice := choices.Elements()[0]
	s.delta(choice, "message")
	s.ended(choice.Get("finish_reason"))
	if s.answer.End == "" {
		s.refuse(Incomplete, "no finish_reason")
	}
}

// completionStream reads a streamed one.
func (s *said) completionStream(body []byte) {
	done := false
	s.events(body, func(typ, data []byte) {
		switch {
		case done:
			s.refuse(Malformed, "more behind [DONE]")
		case string(bytes.TrimSpace(data)) == "[DONE]":
			done = true
		case len(bytes.TrimSpace(data)) == 0:
		default:
			s.chunk(typ, data)
		}
	})
	if !done || s.answer.End == "" {
		s.refuse(Incomplete, "the stream has no finish_reason, or no [DONE]")
	}
}

// events gives what a client sees of a stream, up to the first reason to refuse it.
func (s *said) events(body []byte, each func(typ, data []byte)) {
	r := sse.NewReader(0)
	r.Feed(body)
	for ev, ok := r.Next(); ok && s.no == nil; ev, ok = r.Next() {
		if ev.Oversize {
			s.refuse(Malformed, "an event of more than 1 MiB")
			return
		}
		if ev.HasData {
			each(ev.Type, ev.Data)
		}
	}
	if s.no != nil {
		return
	}
	if ev, ok := r.Close(); ok && ev.Incomplete {
		s.refuse(Incomplete, "the stream ends within an event")
	}
}

func (s *said) chunk(typ, data []byte) {
	root, no := s.json.object(data)
	if no != nil {
		s.no = no
		return
	}
	if string(typ) == "error" {
		s.refuse(Failed, "an error event")
	}
	if !s.envelope(root) {
		return
	}
	choices := root.Get("choices")
	if choices.Present() && choices.Kind() != jsontree.Array || choices.Len() > 1 {
		s.refuse(Choices, "a chunk has more than one choice")
		return
	}
	for _, choice := range choices.Elements() {
		if index := choice.Get("index"); index.Present() && string(index.Raw()) != "0" {
			s.refuse(Choices, "a choice that is not the first")
			return
		}
		s.delta(choice, "delta")
		s.ended(choice.Get("finish_reason"))
	}
}

// envelope reads what is around the choices of an answer or a chunk. What servers add
// there of their own is about the very request, and is left out; but sources that a text
// cites are a part of what was said.
func (s *said) envelope(root jsontree.Value) bool {
	if e := root.Get("error"); !isEmpty(e) {
		s.refuse(Failed, "an error in place of an answer")
		return false
	}
	for _, name := range [...]string{"citations", "search_results", "moderation"} {
		if !isEmpty(root.Get(name)) {
			s.refuse(UnknownContent, "`"+name+"` cannot be replayed")
		}
	}
	s.named(root.Get("model"))
	s.chatUsage(root.Get("usage"))
	return s.no == nil
}

// delta reads the message of a choice, or the next piece of it.
func (s *said) delta(choice jsontree.Value, member string) {
	v := choice.Get(member)
	if v.Kind() != jsontree.Object {
		if v.Present() || member == "message" {
			s.wrong("choices[]." + member)
		}
		return
	}
	if role := v.Get("role"); !isEmpty(role) && !role.Is("assistant") {
		s.wrong("choices[]." + member + ".role")
	}
	if !isEmpty(v.Get("refusal")) {
		s.refuse(Refusal, "the model refused")
	}
	s.none(v, member, "role", "content", "refusal", "tool_calls")
	s.none(choice.Get("logprobs"), "logprobs")

	content := v.Get("content")
	if content.Present() && content.Kind() != jsontree.String {
		s.refuse(UnknownContent, "the content is not a text")
		return
	}
	calls := v.Get("tool_calls")
	if s.answer.End != "" && !(isEmpty(content) && isEmpty(calls)) {
		s.refuse(Malformed, "more behind the finish_reason")
		return
	}
	if !isEmpty(content) && len(s.calls) > 0 {
		s.refuse(UnknownContent, "a text behind calls")
		return
	}
	s.text.WriteString(textOf(content))
	if calls.Present() && calls.Kind() != jsontree.Array {
		s.wrong("tool_calls")
	}
	for i, call := range calls.Elements() {
		if s.no != nil {
			return
		}
		s.call(call, i, member == "message")
	}
}

// call reads a call, or a piece of one: the first has the id and the name, all have more
// of the arguments.
func (s *said) call(v jsontree.Value, place int, whole bool) {
	f := v.Get("function")
	if kind := v.Get("type"); !isEmpty(kind) && !kind.Is("function") {
		s.refuse(UnknownContent, "a call of type "+quoted(kind.Text()))
		return
	}
	s.none(v, "tool_calls", "id", "type", "index", "function")
	s.none(f, "function", "name", "arguments")
	at := int64(place)
	if !whole {
		var ok bool
		if at, ok = v.Get("index").Int(); !ok {
			s.wrong("tool_calls[].index")
			return
		}
	}
	switch at {
	case int64(len(s.calls)):
		s.calls = append(s.calls, heard{})
	case int64(len(s.calls)) - 1:
	default:
		s.refuse(Malformed, "a piece of a call that is neither the last nor the next")
		return
	}
	c := &s.calls[at]
	for _, part := range [...]struct {
		to   *string
		v    jsontree.Value
		name string
	}{{&c.id, v.Get("id"), "id"}, {&c.name, f.Get("name"), "name"}} {
		switch text := s.string(part.v, "tool_calls[]."+part.name); {
		case text == "" || text == *part.to:
		case *part.to == "":
			*part.to = text
		default:
			s.refuse(Malformed, "a call with two values of its "+part.name)
		}
	}
	c.arguments = append(c.arguments, s.string(f.Get("arguments"), "tool_calls[].function.arguments")...)
}

// ended reads a finish_reason: https://platform.openai.com/docs/api-reference/chat/object.
func (s *said) ended(v jsontree.Value) {
	var end End
	switch word := s.string(v, "finish_reason"); word {
	case "":
		return
	case "stop", "tool_calls":
		end = End(word)
	case "length", "model_length":
		s.refuse(Length, quoted(word))
	case "content_filter":
		s.refuse(Refusal, quoted(word))
	case "error":
		s.refuse(Failed, quoted(word))
	default:
		s.refuse(Finish, quoted(word))
	}
	if s.answer.End != "" && s.answer.End != end {
		s.refuse(Malformed, "two finish reasons")
	}
	s.answer.End = end
}

// chatUsage reads a usage, which a later one replaces. Some leave the reasoning out of the
// output, and have it in the total: see package dialect.
func (s *said) chatUsage(v jsontree.Value) {
	if !v.Present() {
		return
	}
	var u Usage
	var total int64
	input := s.tokens(v.Get("prompt_tokens"), &u.Input)
	output := s.tokens(v.Get("completion_tokens"), &u.Output)
	s.tokens(v.Get("total_tokens"), &total)
	in, out := v.Get("prompt_tokens_details"), v.Get("completion_tokens_details")
	s.tokens(in.Get("cached_tokens"), &u.Cached)
	s.tokens(in.Get("cache_write_tokens"), &u.Written)
	s.tokens(out.Get("reasoning_tokens"), &u.Reasoning)
	if !input || !output {
		return
	}
	u.Output = max(u.Output, total-u.Input)
	s.answer.Usage = u.bounded()
}

// bounded is the usage with no part larger than the whole, as package dialect counts.
func (u Usage) bounded() Usage {
	u.Known = true
	u.Cached = min(u.Cached, u.Input)
	u.Written = min(u.Written, u.Input-u.Cached)
	u.Reasoning = min(u.Reasoning, u.Output)
	return u
}
