package dialect

import "github.com/sluice-gateway/sluice/jsonscan"

// Request is what an LLM call asks for, and where in its body that stands.
type Request struct {
	Op     Op
	Model  Field // its value, decoded, is ModelName
	Stream bool

	ModelName           string
	MaxTokens           Int // OpenAI responses: max_output_tokens
	MaxCompletionTokens Int // OpenAI chat's successor of max_tokens
	N                   Int
	BestOf              Int // OpenAI completions: generated and billed, though only N are sent

	StreamOptions Field // OpenAI
	IncludeUsage  Field // OpenAI: stream_options.include_usage
	WantsUsage    bool  // its value

	Messages  int64  // elements of messages (OpenAI responses: items of input, and instructions)
	Names     int64  // messages with a name
	Prompts   int64  // OpenAI completions: how many prompts, each of which is answered
	TokenIDs  int64  // input given as token ids, each of which is one token
	Tools     []byte // the tools member as written; nil = none
	Functions []byte // tools' predecessor in OpenAI chat, as written; nil = none
	// WritesCache tells that the request asks for its prompt to be cached, which
	// Anthropic charges for.
	WritesCache bool
	// LongTools tells that tools, functions or the format were too long to be kept, and
	// have gone to Content as text.
	LongTools bool
	// ToolForced tells that tool_choice makes the model use a tool: the model is then
	// shown another prompt than where it may choose.
	ToolForced bool
	HasSystem  bool   // it has a system prompt: a message, or the member of that name, or instructions
	ToolCount  int64  // tools and functions that it offers
	HasTools   bool   // it offers tools; set by who has counted Tools and Functions
	Pictures   int64  // set by who has counted them
	Format     []byte // response_format (Anthropic: output_config, OpenAI responses: text.format) as written; nil = none
	// Elsewhere tells that a part of the input is kept by the provider and is not in the
	// request: the answer before, a conversation, a template of the prompt.
	Elsewhere bool

	streamOptionsLen int
	newCap           int64 // where the name of max_completion_tokens stands
	firstMessage     int64 // where the first message begins
	firstTurn        int64 // where the first message of the user's ends

	open int64 // offset just behind the body's first brace
	Size int64 // bytes of the body

	talk   span // messages (OpenAI responses: input)
	system span // Anthropic: system; OpenAI responses: instructions
}

// span is a member that may be a list, and how many elements it has then.
type span struct {
	Field
	len int
}

func (s *span) read(e *jsonscan.Event) {
	switch e.Kind {
	case jsonscan.StringChunk:
	case jsonscan.EndString, jsonscan.EndArray, jsonscan.EndObject:
		s.End, s.len = e.End, e.Len
	default:
		s.Field = Field{e.Kind, e.Start, e.End}
	}
}

// Field is a member of the body. The zero value is a member that is absent.
type Field struct {
	Kind       jsonscan.Kind // Null where the client wrote null
	Start, End int64         // the value as written
}

// Present tells whether the client sent the field with a value other than null.
func (f Field) Present() bool { return f.Kind != 0 && f.Kind != jsonscan.Null }

// Int is a whole number in the body.
type Int struct {
	Field
	Value int64
}

// FirstTurn is the part of the body from the first message to the end of the first one
// that is the user's: what every later turn of the conversation sends again. Both are 0
// where there is no such message.
func (q *Request) FirstTurn() (start, end int64) {
	if q.firstTurn == 0 {
		return 0, 0
	}
	return q.firstMessage, q.firstTurn
}

// Turns is how many turns the conversation has: messages, or items of input, of which a text
// is one. It is 0 where the operation has none.
func (q *Request) Turns() int64 {
	if q.talk.Kind == jsonscan.BeginString {
		return 1
	}
	return int64(q.talk.len)
}

// Move has the request be of the body that these edits make of the one it was read from.
// They are in order, and inside of values that are none of its fields, or insert at the
// edge of one: what is inserted belongs to no field.
func (q *Request) Move(edits []jsonscan.Edit) {
	moved := func(at int64, end bool) int64 {
		to := at
		for _, e := range edits {
			if e.End > at || end && e.Start == at {
				break
			}
			to += int64(len(e.With)) - (e.End - e.Start)
		}
		return to
	}
	for _, f := range [...]*Field{&q.Model, &q.MaxTokens.Field, &q.MaxCompletionTokens.Field, &q.N.Field, &q.BestOf.Field, &q.StreamOptions, &q.IncludeUsage, &q.talk.Field, &q.system.Field} {
		f.Start, f.End = moved(f.Start, false), moved(f.End, true)
	}
	for _, at := range [...]*int64{&q.newCap, &q.firstMessage, &q.open} {
		*at = moved(*at, false)
	}
	for _, at := range [...]*int64{&q.firstTurn, &q.Size} {
		*at = moved(*at, true)
	}
}

// Choices is how many choices the answer has: `n` for each prompt.
func (q *Request) Choices() int64 {
	choices := max(1, q.Prompts)
	if q.N.Present() {
		choices *= max(1, q.N.Value)
	}
	return choices
}

// OutputCap is the most output tokens that the request allows for one choice, and
// how many choices it pays for. capped is false when the client set no cap. The
// product of the two is at most 1<<50.
//
// Both caps given, the larger counts: which of them an upstream obeys is the
// upstream's affair, and a budget must hold in any case.
func (q *Request) OutputCap() (tokens int64, choices int64, capped bool) {
	choices = q.Choices()
	if q.BestOf.Present() {
		choices = max(choices, max(1, q.Prompts)*q.BestOf.Value)
	}
	if q.MaxTokens.Present() {
		tokens, capped = q.MaxTokens.Value, true
	}
	if q.MaxCompletionTokens.Present() {
		tokens, capped = max(tokens, q.MaxCompletionTokens.Value), true
	}
	return tokens, choices, capped
}
