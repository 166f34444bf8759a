package translate

import "github.com/sluice-gateway/sluice/jsontree"

// conversation writes the messages. What Anthropic has in blocks of one message may be
// several at OpenAI:
//
//	system                            {"role":"system",…}
//	user: tool_result, tool_result    {"role":"tool",…}, {"role":"tool",…}
//	      text, image                 {"role":"user","content":[…]}
//	assistant: text, tool_use         {"role":"assistant","content":…,"tool_calls":[…]}
func (m *messagesBody) conversation() {
	m.out.put(`,"messages":[`)
	if system := m.root.Get("system"); isPresent(system) {
		m.turn("system", system, "system")
	}
	list := m.root.Get("messages")
	if kindOf(list) != jsontree.Array || len(elements(list)) == 0 {
		m.wrong("messages", "is not a list with a message in it")
		return
	}
	for i, message := range elements(list) {
		m.index = [2]int{i}
		m.members(message, "messages[]", messagesTurnMembers[:])
		switch role := message.Get("role").Text(); role {
		case "user", "assistant", "system":
			m.turn(role, message.Get("content"), "messages[].content")
		default:
			m.wrong("messages[].role", "is none of user, assistant and system")
		}
		if m.err != nil {
			return
		}
	}
	m.closeTurn("user", jsontree.Value{})
	m.out.put("]")
}

// The values of `type` that are known, in one list: a look at each in its place is 100
// bytes of WebAssembly.
const (
	noType = iota
	ofText
	ofImage
	ofDocument
	ofThinking
	ofRedacted
	ofToolUse
	ofToolResult
	ofBase64
	ofURL
	ofContent
	ofAdaptive
	ofEnabled
	ofDisabled
)

var messagesTypes = [...]string{
	ofText: "text", ofImage: "image", ofDocument: "document", ofThinking: "thinking", ofRedacted: "redacted_thinking",
	ofToolUse: "tool_use", ofToolResult: "tool_result", ofBase64: "base64", ofURL: "url", ofContent: "content",
	ofAdaptive: "adaptive", ofEnabled: "enabled", ofDisabled: "disabled",
}

func messagesType(v jsontree.Value) int {
	typ := v.Get("type")
	for i := ofText; i < len(messagesTypes); i++ {
		if typ.Is(messagesTypes[i]) {
			return i
		}
	}
	return noType
}

// turn writes a message that is a string or blocks. At OpenAI nothing may stand between
// calls and their results, and some clients send each result in a turn of its own: so what
// else is in a turn with results is kept until no more of them follow.
func (m *messagesBody) turn(role string, content jsontree.Value, path string) {
	results := false
	for _, b := range elements(content) {
		results = results || role == "user" && messagesType(b) == ofToolResult
	}
	if !results {
		m.closeTurn("user", jsontree.Value{})
	}
	if !isText(content) {
		m.parts(role, content, path)
	}
	if !results {
		m.closeTurn(role, content)
	}
}

// closeTurn writes the message of a string, or of the blocks and calls that are kept. One
// of which nothing is left, as one that has thoughts alone, is none.
func (m *messagesBody) closeTurn(role string, content jsontree.Value) {
	if !isText(content) && len(m.blocks)+len(m.calls) == 0 {
		return
	}
	m.out.object(`{"role":"`)
	m.out.put(role)
	switch {
	case isText(content):
		m.out.raw(`","content":`, content)
	case len(m.blocks) == 0:
		m.out.put(`","content":null`)
	default:
		m.out.bytes(`","content":[`, m.blocks)
		m.out.put("]")
	}
	if len(m.calls) > 0 {
		m.out.bytes(`,"tool_calls":[`, m.calls)
		m.out.put("]")
	}
	m.out.put("}")
	m.blocks, m.calls = m.blocks[:0], m.calls[:0]
}

// parts writes the blocks of a message: into blocks, calls of tools into calls, and
// what tools returned as messages of their own.
func (m *messagesBody) parts(role string, content jsontree.Value, path string) {
	if kindOf(content) != jsontree.Array {
		m.wrong(path, "is neither a string nor a list")
		return
	}
	level := 1
	if path == "system" {
		level = 0
	}
	path += "[]"
	for i, b := range elements(content) {
		m.index[level] = i
		switch typ := messagesType(b); {
		case typ == ofToolResult && role == "user":
			m.result(b, path)
		case typ == ofToolUse && role == "assistant":
			m.members(b, path, messagesBlockMembers[:])
			if kindOf(b.Get("input")) != jsontree.Object {
				m.wrong(path+".input", "is not an object")
				return
			}
			m.need(b, path, "id")
			m.need(b, path, "name")
			m.calls.object("{")
			m.calls.call(b, true)
			m.calls.put("}}")
		default:
			m.part(b, path)
		}
	}
}

// part writes a block of content, into blocks.
func (m *messagesBody) part(b jsontree.Value, path string) {
	m.members(b, path, messagesBlockMembers[:])
	source := b.Get("source")
	from := messagesType(source)
	at := path + ".source"
	switch messagesType(b) {
	case ofText:
		if text := b.Get("text"); isText(text) {
			m.say(text)
		} else {
			m.wrong(path+".text", "is not a string")
		}
	case ofImage:
		m.members(source, at, messagesSourceMembers[:])
		switch from {
		case ofBase64:
			m.blocks.object(`{"type":"image_url","image_url":{"url":"`)
			m.data(source, at)
		case ofURL:
			m.need(source, at, "url")
			m.blocks.object(`{"type":"image_url","image_url":{"url":`)
			m.blocks.or("", source.Get("url"), "")
			m.blocks.put("}}")
		default:
			m.without(at, "is of a type that OpenAI has no equal for; base64 and url have")
		}
	case ofDocument:
		m.members(source, at, messagesSourceMembers[:])
		m.document(b, source, from, path)
	case ofToolUse, ofToolResult:
		m.wrong(path+".type", "is out of place here")
	case ofThinking, ofRedacted:
		// What a model has thought is its own: OpenAI's take none back.
	default:
		m.without(path+".type", "has no equal in "+m.there)
	}
}

// say writes a part with a text, if there is any.
func (m *messagesBody) say(text jsontree.Value) {
	if hasText(text) {
		m.blocks.object(`{"type":"text","text":`)
		m.blocks.raw("", text)
		m.blocks.put("}")
	}
}

// data writes a source in base64 as a URL, and the end of its part.
func (m *messagesBody) data(source jsontree.Value, path string) {
	m.need(source, path, "media_type")
	m.need(source, path, "data")
	m.blocks.inside("data:", source.Get("media_type"))
	m.blocks.inside(";base64,", source.Get("data"))
	m.blocks.put(`"}}`)
}

// need refuses an object in which a member has to be a string with something in it, and is
// not.
func (m *messagesBody) need(of jsontree.Value, path, member string) {
	if !hasText(of.Get(member)) {
		m.wrong(path+"."+member, "is not a string with something in it")
	}
}

// document writes a PDF as a file, and anything else as what it says, behind its title.
// Its context stands in front of it in any case.
func (m *messagesBody) document(b, source jsontree.Value, from int, path string) {
	if kindOf(memberOf(b, "citations", "enabled")) == jsontree.True {
		m.without(path+".citations", "asks for citations, which have no equal in "+m.there)
	}
	pdf := from == ofBase64 && memberIs(source, "media_type", "application/pdf")
	if !pdf && from != ofText && from != ofContent {
		m.without(path+".source", "is of a type that OpenAI has no equal for; a PDF in base64, text and content have")
		return
	}
	title := b.Get("title")
	if !pdf {
		m.say(title)
	}
	m.say(b.Get("context"))
	if pdf {
		m.blocks.object(`{"type":"file","file":{"filename":`)
		m.blocks.or("", title, "document.pdf")
		m.blocks.put(`,"file_data":"`)
		m.data(source, path+".source")
		return
	}
	m.say(source.Get("data"))
	content := source.Get("content")
	m.say(content)
	for _, inner := range elements(content) {
		m.part(inner, path+".source.content")
	}
}

// result writes the result of a tool as a message of its own. There it is text; what is
// not goes into the user's message behind it. OpenAI has no place to say that it is an
// error, so its text does.
func (m *messagesBody) result(b jsontree.Value, path string) {
	m.members(b, path, messagesBlockMembers[:])
	m.need(b, path, "tool_use_id")
	m.out.object(`{"role":"tool","tool_call_id":`)
	m.out.or("", b.Get("tool_use_id"), "")
	failed := ""
	if kindOf(b.Get("is_error")) == jsontree.True {
		failed = "Error: "
	}
	content := b.Get("content")
	m.out.put(`,"content":`)
	path += ".content"
	before := "["
	for _, inner := range elements(content) {
		if messagesType(inner) != ofText {
			m.part(inner, path)
			continue
		}
		m.members(inner, path, messagesBlockMembers[:])
		if !isText(inner.Get("text")) {
			m.wrong(path+".text", "is not a string")
		}
		m.out.put(before)
		m.out.put(`{"type":"text","text":"`)
		m.out.inside(failed, inner.Get("text"))
		m.out.put(`"}`)
		before, failed = ",", ""
	}
	if before == "," {
		m.out.put("]}")
		return
	}
	m.out.put(`"`)
	m.out.inside(failed, content)
	m.out.put(`"}`)
}

// messagesFunction has the members of a tool that go as they are.
var messagesFunction = [...][2]string{
	{"description", `,"description":`}, {"input_schema", `,"parameters":`}, {"strict", `,"strict":`},
}

// tools writes the tools that the model may call.
func (m *messagesBody) tools() {
	list := elements(m.root.Get("tools"))
	before := `,"tools":[`
	for i, tool := range list {
		m.index[0] = i
		if typ := tool.Get("type"); isPresent(typ) && !isWord(typ, "custom") {
			m.without("tools[].type", "is a tool that Anthropic runs or defines, which has no equal in "+m.there)
			continue
		}
		m.members(tool, "tools[]", messagesToolMembers[:])
		m.need(tool, "tools[]", "name")
		m.out.put(before)
		m.out.or(`{"type":"function","function":{"name":`, tool.Get("name"), "")
		for _, member := range messagesFunction {
			if v := tool.Get(member[0]); isPresent(v) {
				m.out.raw(member[1], v)
			}
		}
		m.out.put("}}")
		before = ","
		m.toolCount++
	}
	if m.toolCount > 0 {
		m.out.put("]")
	}
}

// toolChoice writes which tool is to be called.
func (m *messagesBody) toolChoice() {
	choice := m.root.Get("tool_choice")
	m.members(choice, "tool_choice", messagesChoiceMembers[:])
	if !isPresent(choice) {
		return
	}
	is := -1
	for i := range messagesChoices {
		if memberIs(choice, "type", messagesChoices[i][0]) {
			is = i
		}
	}
	if is < 0 {
		m.wrong("tool_choice.type", "is none of auto, any, tool and none")
		return
	}
	if m.toolCount == 0 { // OpenAI takes none without tools
		if is > 1 {
			m.wrong("tool_choice", "asks for the use of a tool, and there are none that OpenAI has an equal for")
		}
		return
	}
	m.out.put(messagesChoices[is][1])
	if is == 3 {
		m.need(choice, "tool_choice", "name")
		m.out.or("", choice.Get("name"), "")
		m.out.put("}}")
	}
	if kindOf(choice.Get("disable_parallel_tool_use")) == jsontree.True {
		m.out.put(`,"parallel_tool_calls":false`)
	}
}

// messagesChoices are the types of tool_choice, the last two of which force a tool.
var messagesChoices = [...][2]string{
	{"auto", ""}, {"none", `,"tool_choice":"none"`},
	{"any", `,"tool_choice":"required"`}, {"tool", `,"tool_choice":{"type":"function","function":{"name":`},
}
