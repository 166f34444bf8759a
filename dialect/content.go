package dialect

import "github.com/sluice-gateway/sluice/jsontree"

// Says tells whether a whole answer has any content, of whatever kind: a picture, which no
// reader of texts has seen, is some.
func Says(op Op, answer jsontree.Value) bool {
	switch op {
	case ChatCompletions:
		for _, choice := range answer.Get("choices").Elements() {
			for _, member := range choice.Get("message").Elements() {
				if member.Name() != "role" && (len(member.Inside()) > 0 || member.Len() > 0) {
					return true
				}
			}
		}
		return false
	case Messages:
		for _, block := range answer.Get("content").Elements() {
			if !block.Get("type").Is("text") || len(block.Get("text").Inside()) > 0 {
				return true
			}
		}
		return false
	}
	return true // not to be told so simply
}

// ordinaryEnd tells whether a finish reason is that of a model which had no more to say.
// An answer that ends so and says nothing is none; one that was cut short, or refused, may
// well be empty.
func ordinaryEnd(reason string) bool {
	switch reason {
	case "stop", "end_turn":
		return true
	}
	return false
}

// Empty tells that the answer has come to its end in good order, or to one without any
// reason, and has no content. (Of a response the items would have to be looked at.)
func (s *Stream) Empty() bool {
	return s.Finished && !s.Began && s.op != Responses && (len(s.reason) == 0 || ordinaryEnd(string(s.reason)))
}

// SaidAll tells that the answer has come to its end because the model had no more to say: it
// was not cut short or refused, and is no call of a tool.
func (s *Stream) SaidAll() bool {
	if s.op == Responses {
		return !s.otherwise && string(s.kind) == "response.completed"
	}
	return s.Finished && !s.otherwise && ordinaryEnd(string(s.reason))
}

// Schema is the JSON schema that a request's format member asks for, absent where it
// asks for none.
func Schema(op Op, format jsontree.Value) jsontree.Value {
	switch op {
	case ChatCompletions: // response_format
		if format.Get("type").Is("json_schema") {
			return format.Get("json_schema").Get("schema")
		}
	case Responses: // text.format
		if format.Get("type").Is("json_schema") {
			return format.Get("schema")
		}
	case Messages: // output_config
		return format.Get("format").Get("schema")
	}
	return jsontree.Value{}
}

// Texts calls f with each text of a whole answer that has to fit the schema which the
// request asked for: not with refusals, nor with answers that were cut short.
func Texts(op Op, answer jsontree.Value, f func(text []byte)) {
	switch op {
	case ChatCompletions:
		for _, choice := range answer.Get("choices").Elements() {
			message := choice.Get("message")
			if choice.Get("finish_reason").Is("stop") && !message.Get("refusal").Present() {
				f(message.Get("content").AppendText(nil))
			}
		}
	case Responses:
		if !answer.Get("status").Is("completed") {
			return
		}
		for _, item := range answer.Get("output").Elements() {
			for _, part := range item.Get("content").Elements() {
				if part.Get("type").Is("output_text") {
					f(part.Get("text").AppendText(nil))
				}
			}
		}
	case Messages:
		if !answer.Get("stop_reason").Is("end_turn") {
			return
		}
		var text []byte
		for _, block := range answer.Get("content").Elements() {
			if block.Get("type").Is("text") {
				text = block.Get("text").AppendText(text)
			}
		}
		f(text)
	}
}
