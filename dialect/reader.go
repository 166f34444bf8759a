package dialect

import (
	"bytes"
	"strconv"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// RequestReader reads a request's body while it arrives. The zero value is ready for Reset.
type RequestReader struct {
	req       Request
	content   Content
	scan      *jsonscan.Scanner // for the paths of req.Op
	attached  attached
	model     []byte
	choice    []byte // of a tool
	role      []byte // of the message at hand
	kind      []byte // of the item at hand, in OpenAI responses
	inMessage bool
	spoke     bool  // the message at hand has a text that is not empty
	fromUser  bool  // the message at hand is the first of the user's
	signed    bool  // the block at hand is
	texts     int   // that have begun in it
	thought   int64 // the end of one in it, which is known to be signed or not at the block's end; 0 = none
	overflow  bool  // the member being captured is too long for it
}

// The limits of what a request reader takes.
const (
	maxModelName   = 256     // bytes
	maxKeys        = 1 << 14 // names of the objects that are open at once
	maxKeyBytes    = 1 << 19 // of these names
	maxPaidChoices = 1 << 20 // OpenAI takes 128 choices for each of 2048 prompts
)

// NewRequestReader begins to read a request of operation op. content may be nil.
func NewRequestReader(op Op, content Content) *RequestReader {
	r := new(RequestReader)
	r.Reset(op, content)
	return r
}

// Reset begins to read another request, or what was read so far again. Nothing is kept of
// the one before but buffers of the usual size.
func (r *RequestReader) Reset(op Op, content Content) {
	if r.scan == nil || r.req.Op != op {
		r.scan = jsonscan.New(r, jsonscan.Options{Paths: requestPaths[op], MaxKeys: maxKeys, MaxKeyBytes: maxKeyBytes})
	} else {
		r.scan.Reset(r)
	}
	*r = RequestReader{req: Request{Op: op}, content: content, scan: r.scan, model: r.model[:0], choice: r.choice[:0], role: r.role[:0], kind: r.kind[:0]}
}

// Write reads the next chunk of the body. An error is the client's: bad JSON, or a
// field that cannot be read in one way only.
func (r *RequestReader) Write(chunk []byte) error {
	r.req.Size += int64(len(chunk))
	return r.scan.Write(chunk)
}

// Close ends the body and returns the request, which is the caller's.
func (r *RequestReader) Close() (*Request, error) {
	if err := r.scan.Close(); err != nil {
		return nil, err
	}
	if r.req.open == 0 {
		return nil, &FieldError{Problem: "the body is not a JSON object"}
	}
	if !r.req.Model.Present() {
		return nil, &FieldError{Field: "model", Problem: "missing; say which model is to answer"}
	}
	if _, choices, _ := r.req.OutputCap(); choices > maxPaidChoices {
		return nil, &FieldError{"n", strconv.FormatInt(choices, 10) + " choices in all, over all prompts; at most " + strconv.Itoa(maxPaidChoices) + " are taken"}
	}
	r.req.ModelName = string(r.model)
	if r.req.Op.Chat() && bytes.Contains(r.req.Tools, []byte(`"cache_control"`)) {
		r.req.WritesCache = true
	}
	req := r.req
	return &req, nil
}

// FieldError is a member of a request that is valid JSON and yet cannot be used.
type FieldError struct {
	Field   string
	Problem string
}

func (e *FieldError) Error() string {
	if e.Field == "" {
		return e.Problem
	}
	return e.Field + ": " + e.Problem
}

// Event handles one event of the scanner: see jsonscan.Handler.
func (r *RequestReader) Event(e *jsonscan.Event) error {
	if e.Path < len(takes) && takes[e.Path].kinds != 0 && begins>>e.Kind&1&^(takes[e.Path].kinds>>e.Kind) != 0 {
		return r.mistyped(e)
	}
	switch e.Path {
	case atBody:
		if e.Kind == jsonscan.BeginObject {
			r.req.open = e.Start + 1
		}
	case atModel:
		return r.readModel(e)
	case atStream:
		return r.readBool(e, "stream", &r.req.Stream)
	case atMaxTokens:
		return readInt(e, "max_tokens", &r.req.MaxTokens)
	case atMaxCompletionTokens:
		r.req.newCap = e.Member
		return readInt(e, "max_completion_tokens", &r.req.MaxCompletionTokens)
	case atMaxOutputTokens:
		return readInt(e, "max_output_tokens", &r.req.MaxTokens)
	case atBackground:
		return r.readBackground(e)
	case atElsewhere:
		r.req.Elsewhere = r.req.Elsewhere || e.Kind == jsonscan.BeginObject || e.Kind == jsonscan.BeginString
	case atInput: // a text is one message, whose role is one word
		if e.Kind == jsonscan.BeginString {
			r.req.Messages++
			if r.content != nil {
				r.begin(Framing, InMessage, e)
				r.content.Text([]byte("user"))
				r.content.EndText(0, e.Start)
			}
		}
		if string(e.Key) == "instructions" {
			r.req.system.read(e)
			r.req.HasSystem = r.req.HasSystem || says(e)
			r.readText(e, Plain, System)
		} else {
			r.req.talk.read(e)
			r.readText(e, Plain, User)
		}
	case atN:
		return readInt(e, "n", &r.req.N)
	case atBestOf:
		return readInt(e, "best_of", &r.req.BestOf)
	case atStreamOptions:
		return r.readStreamOptions(e)
	case atIncludeUsage:
		r.req.IncludeUsage = Field{e.Kind, e.Start, e.End}
		return r.readBool(e, "stream_options.include_usage", &r.req.WantsUsage)
	case atCacheControl:
		r.req.WritesCache = r.req.WritesCache || e.Kind == jsonscan.BeginObject
	case atOther:
		return checkName(e)
	case atTools:
		if e.Kind == jsonscan.EndArray {
			r.req.ToolCount += int64(e.Len)
		}
		r.capture(e, &r.req.Tools)
	case atToolChoice:
		r.choice = appendWord(r.choice, e)
		if e.Kind == jsonscan.EndString {
			r.req.ToolForced = forcesTool(string(r.choice))
		}
	case atServers:
		if e.Kind == jsonscan.EndArray {
			r.req.ToolCount += int64(e.Len)
		}
	case atFunctions:
		if e.Kind == jsonscan.EndArray {
			r.req.ToolCount += int64(e.Len)
		}
		r.capture(e, &r.req.Functions)
	case atFormat:
		r.capture(e, &r.req.Format)
	case atMessages:
		r.req.talk.read(e)
	case atMessage:
		switch {
		case e.Kind == jsonscan.BeginObject:
			if r.req.firstMessage == 0 {
				r.req.firstMessage = e.Start
			}
			r.req.Messages++
			r.role, r.kind, r.inMessage, r.spoke = r.role[:0], r.kind[:0], true, false
		case e.Kind == jsonscan.EndObject:
			r.inMessage = false
			if r.fromUser {
				r.req.firstTurn, r.fromUser = e.End, false
			}
			by := SpeakerOf(r.role)
			if len(r.role) == 0 && r.req.Op == Responses {
				by = speakerOfItem(r.kind)
				// Without a type an item that nobody says is a reference too.
				r.req.Elsewhere = r.req.Elsewhere || len(r.kind) == 0 || string(r.kind) == "item_reference"
			}
			r.req.HasSystem = r.req.HasSystem || by == System && r.spoke
			if r.content != nil {
				r.content.EndMessage(by)
			}
		}
	case atRole:
		r.readRole(e)
	case atPrompts:
		if e.Kind == jsonscan.BeginString {
			r.req.Prompts = 1
		}
		r.readText(e, Plain, User)
	case atPrompt:
		switch e.Kind {
		case jsonscan.BeginString, jsonscan.BeginArray:
			r.req.Prompts++
		case jsonscan.Number: // one prompt, of token ids
			r.req.Prompts = max(1, r.req.Prompts)
		}
		r.readTokens(e)
	case atName:
		if e.Kind == jsonscan.BeginString {
			r.req.Names++
		}
		r.readText(e, Framing, InMessage)
	case atText:
		if r.inMessage {
			r.spoke = r.spoke || says(e)
			r.readText(e, Plain, InMessage)
		} else {
			r.readText(e, Plain, User)
		}
	case atThought:
		if e.Kind == jsonscan.EndString {
			r.thought = e.End
		} else {
			r.readText(e, Plain, InMessage)
		}
	case atSignature:
		r.signed = r.signed || e.Kind == jsonscan.StringChunk
	case atSealed:
		r.readText(e, Framing, InMessage)
	case atToolResult:
		r.readText(e, Plain, Tool)
	case atItemKind:
		switch e.Kind {
		case jsonscan.BeginString:
			r.kind = r.kind[:0]
		case jsonscan.StringChunk:
			r.kind = appendUpTo(r.kind, e.Text, maxWord)
		}
	case atSystem:
		if e.Depth == 1 {
			r.req.system.read(e)
		}
		r.req.HasSystem = r.req.HasSystem || says(e)
		r.readText(e, Plain, System)
	case atArguments:
		switch e.Kind {
		case jsonscan.BeginString, jsonscan.StringChunk, jsonscan.EndString:
			r.readText(e, JSONText, InMessage)
		default: // some servers take an object, which stands for what OpenAI has as a text
			r.readRawText(e)
		}
	case atUser, atLabel:
		r.readText(e, Label, OtherSpeaker)
	case atTokens:
		r.readTokens(e)
	case atToolInput:
		r.readRawText(e)
	default:
		return r.readAttachment(e)
	}
	return nil
}

// says tells whether an event is of a text that makes a message or a system prompt one: of its
// content, and more than white space.
func says(e *jsonscan.Event) bool {
	if e.Kind != jsonscan.StringChunk || len(bytes.TrimSpace(e.Text)) == 0 {
		return false
	}
	switch string(e.Key) {
	case "", "content", "text", "system", "instructions":
		return true
	}
	return false
}

// takes is what stands at places of which a lenient server would read what nobody has read here,
// if it were something else: null apart, that is refused.
var takes = [...]struct {
	kinds   uint16 // by 1 << jsonscan.Kind
	problem string
}{
	atMessages: {1 << jsonscan.BeginArray, "is not an array of messages"},
	atMessage:  {1 << jsonscan.BeginObject, "is not an object"},
	atInput:    {1<<jsonscan.BeginString | 1<<jsonscan.BeginArray, "is neither a string nor an array"},
	atPrompts:  {1<<jsonscan.BeginString | 1<<jsonscan.BeginArray, "is neither a string nor an array"},
	atPrompt:   {1<<jsonscan.BeginString | 1<<jsonscan.BeginArray | 1<<jsonscan.Number, "is neither a string nor tokens"},
	atUser:     {1<<jsonscan.BeginString | 1<<jsonscan.Number, "is not a string"},
	atMetadata: {1 << jsonscan.BeginObject, "is not an object"},
}

// begins are the kinds of event with which a value begins that is not null.
const begins uint16 = 1<<jsonscan.BeginObject | 1<<jsonscan.BeginArray | 1<<jsonscan.BeginString | 1<<jsonscan.Number | 1<<jsonscan.True | 1<<jsonscan.False

// mistyped is the refusal of a value that is none of those.
func (r *RequestReader) mistyped(e *jsonscan.Event) error {
	field := string(e.Key)
	if e.Key == nil {
		list := "messages"
		switch r.req.Op {
		case Completions:
			list = "prompt"
		case Responses:
			list = "input"
		}
		field = list + "[" + strconv.Itoa(e.Index) + "]"
	}
	return &FieldError{field, takes[e.Path].problem}
}

// names are the members of a body that somebody's budget rests on.
var names = [...]string{
	"model", "stream", "max_tokens", "max_completion_tokens", "n", "best_of", "stream_options", "messages",
	"system", "prompt", "suffix", "input", "tools", "functions", "response_format", "output_config", "prediction",
	"max_output_tokens", "instructions", "text", "background",
}

// checkName refuses a member that is one of names but for its letters' case. Most
// servers pass such a member over, and those that are written in Go take it for the
// real one (https://pkg.go.dev/encoding/json#Unmarshal).
func checkName(e *jsonscan.Event) error {
	if e.Depth != 1 {
		return nil
	}
	for _, name := range names {
		if string(e.Key) == name {
			return nil // not to be skipped: there may be text inside
		}
		if bytes.EqualFold(e.Key, []byte(name)) {
			return &FieldError{name, "is written " + strconv.Quote(string(e.Key)) + ", which some servers take for it and others do not; write it in lower case"}
		}
	}
	if e.Kind == jsonscan.BeginObject || e.Kind == jsonscan.BeginArray || e.Kind == jsonscan.BeginString {
		e.Skip()
	}
	return nil
}

// readRole finds the first message of the user's. In OpenAI's dialect a role is counted
// like text, as it always was.
func (r *RequestReader) readRole(e *jsonscan.Event) {
	switch e.Kind {
	case jsonscan.BeginString:
		r.role = r.role[:0]
	case jsonscan.StringChunk:
		r.role = appendUpTo(r.role, e.Text, maxRole)
	case jsonscan.EndString:
		for i, c := range r.role { // some servers take any case
			if 'A' <= c && c <= 'Z' {
				r.role[i] |= 0x20
			}
		}
		r.fromUser = r.req.firstTurn == 0 && string(r.role) == "user"
	}
	if r.req.Op != Messages {
		r.readText(e, Framing, InMessage)
	}
}

// maxRole bounds what is kept of a role, in bytes: more than the longest has.
const maxRole = 16

func (r *RequestReader) readModel(e *jsonscan.Event) error {
	switch e.Kind {
	case jsonscan.BeginString:
	case jsonscan.StringChunk:
		for _, c := range e.Text {
			if c < ' ' || c == 0x7F { // it becomes the value of a header
				return &FieldError{"model", "has a control character"}
			}
		}
		if len(r.model)+len(e.Text) > maxModelName {
			return &FieldError{"model", "longer than " + strconv.Itoa(maxModelName) + " bytes"}
		}
		r.model = append(r.model, e.Text...)
	case jsonscan.EndString:
		r.req.Model = Field{jsonscan.BeginString, e.Start, e.End}
		if len(r.model) == 0 {
			return &FieldError{"model", "empty; say which model is to answer"}
		}
	default:
		return &FieldError{"model", "is not a string"}
	}
	return nil
}

func (r *RequestReader) readBool(e *jsonscan.Event, field string, to *bool) error {
	switch e.Kind {
	case jsonscan.True:
		*to = true
	case jsonscan.False, jsonscan.Null:
		*to = false
	default:
		return &FieldError{field, "is neither true nor false"}
	}
	return nil
}

// readBackground refuses what is answered at once and generated later: the answer's usage
// is then in an object that the client fetches by itself, or nobody does, and a budget
// would never hear of it. https://platform.openai.com/docs/guides/background
func (r *RequestReader) readBackground(e *jsonscan.Event) error {
	var background bool
	if err := r.readBool(e, "background", &background); err != nil {
		return err
	}
	if background {
		return &FieldError{"background", "true is not taken: what such an answer costs never passes the gateway; leave it out, and stream the answer if it takes long"}
	}
	return nil
}

// readInt takes a whole number as written. `1e3` and `10.0` are refused, not
// rounded: not every server reads them alike, and a budget would rest on it.
func readInt(e *jsonscan.Event, field string, to *Int) error {
	to.Field = Field{e.Kind, e.Start, e.End}
	switch e.Kind {
	case jsonscan.Null:
		return nil
	case jsonscan.Number:
		for _, c := range e.Text {
			if c < '0' || c > '9' {
				return &FieldError{field, "is not a whole number of at least 0, in plain digits: " + string(appendUpTo(nil, e.Text, 32))}
			}
			to.Value = min(to.Value*10+int64(c-'0'), maxCount)
		}
		return nil
	}
	return &FieldError{field, "is not a whole number"}
}

func (r *RequestReader) readStreamOptions(e *jsonscan.Event) error {
	switch e.Kind {
	case jsonscan.BeginObject:
		r.req.StreamOptions = Field{e.Kind, e.Start, -1}
	case jsonscan.EndObject:
		r.req.StreamOptions.End = e.End
		r.req.streamOptionsLen = e.Len
	case jsonscan.Null:
		r.req.StreamOptions = Field{e.Kind, e.Start, e.End}
	default:
		return &FieldError{"stream_options", "is not an object"}
	}
	return nil
}

// capture copies a member as written, for what is counted from its whole.
func (r *RequestReader) capture(e *jsonscan.Event, to *[]byte) {
	switch e.Kind {
	case jsonscan.BeginObject, jsonscan.BeginArray:
		e.Raw()
	case jsonscan.RawChunk:
		if len(*to)+len(e.Text) <= maxCaptured && !r.overflow {
			*to = append(*to, e.Text...)
			return
		}
		// More than can be kept: it is counted as text, as it is written and while it
		// arrives, which is more than it costs.
		if r.content != nil {
			if !r.overflow {
				r.begin(Framing, InMessage, e)
				r.content.Text(*to)
			}
			r.content.Text(e.Text)
		}
		*to, r.overflow = nil, true
	case jsonscan.EndObject, jsonscan.EndArray:
		if !r.overflow {
			return
		}
		r.overflow, r.req.LongTools, r.req.WritesCache = false, true, true
		if r.content != nil {
			r.content.EndText(0, e.End)
		}
	}
}

// maxCaptured bounds what is kept of a member that is counted from its whole, in bytes.
const maxCaptured = 32 << 10

// forcesTool reads tool_choice: OpenAI's word or type of an object, or Anthropic's type.
func forcesTool(choice string) bool {
	switch choice {
	case "required", "function", "custom", "any", "tool":
		return true
	}
	return false
}

// readTokens takes a number for a token's id.
func (r *RequestReader) readTokens(e *jsonscan.Event) {
	if e.Kind == jsonscan.Number {
		r.req.TokenIDs++
		return
	}
	r.readText(e, Plain, User)
}

// begin begins a text.
//
//go:noinline
func (r *RequestReader) begin(form Form, by Speaker, e *jsonscan.Event) {
	r.texts++
	r.endThought(e)
	r.content.BeginText(Text{Form: form, Speaker: by, Start: e.Start})
}

// endThought ends the thought that is open, if there is one, where its block ends or another
// text begins. Beside another text it is none of Anthropic's, whatever its signature.
//
//go:noinline
func (r *RequestReader) endThought(block *jsonscan.Event) {
	start, end := int64(0), r.thought
	if r.signed && r.texts == 1 {
		start, end = block.Start, block.End
	}
	if r.thought != 0 && r.content != nil {
		r.content.EndText(start, end)
	}
	r.thought = 0
}

func (r *RequestReader) readText(e *jsonscan.Event, form Form, by Speaker) {
	if r.content == nil {
		return
	}
	switch e.Kind {
	case jsonscan.BeginString:
		r.begin(form, by, e)
	case jsonscan.StringChunk:
		r.content.Text(e.Text)
	case jsonscan.EndString:
		r.content.EndText(0, e.End)
	}
}

// readRawText takes a value as written for text: the input of a tool call, which
// the provider shows to the model in some form of its own.
func (r *RequestReader) readRawText(e *jsonscan.Event) {
	switch e.Kind {
	case jsonscan.BeginObject, jsonscan.BeginArray:
		e.Raw()
		if r.content != nil {
			r.begin(JSON, InMessage, e)
		}
	case jsonscan.RawChunk:
		if r.content != nil {
			r.content.Text(e.Text)
		}
	case jsonscan.EndObject, jsonscan.EndArray:
		if r.content != nil {
			r.content.EndText(0, e.End)
		}
	default:
		r.readText(e, Plain, InMessage)
	}
}
