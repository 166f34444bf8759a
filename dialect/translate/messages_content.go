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
	if system := m.root.Get("system"); chatThere(system) {
		m.turn("system", system, "system")
	}
	list := m.root.Get("messages")
	if len(chatList(list)) == 0 || chatKind(list) != jsontree.Array {
		m.wrong("messages", "is not a list with a message in it")
		return
	}
	for i, message := range chatList(list) {
		m.index = [2]int{i}
		m.members(message, "messages[]", messagesTurnMembers[:])
		role, content := message.Get("role"), message.Get("content")
		switch {
		case chatWord(role, "user"):
			m.turn("user", content, "messages[].content")
		case chatWord(role, "system"):
			m.turn("system", content, "messages[].content")
		case chatWord(role, "assistant"):
			m.assistant(content)
		default:
			m.wrong("messages[].role", "is none of user, assistant and system")
		}
		if m.err != nil {
			return
		}
	}
	m.say("user")
	m.out.put("]")
}

// turn writes a message that is a string or blocks. Calls and their results are not to be
// parted at OpenAI, and some clients send each result in a turn of its own: so what else is
// in a turn with results is kept until it is known that no more follow.
func (m *messagesBody) turn(role string, content jsontree.Value, path string) {
	results := false
	for _, block := range chatList(content) {
		results = results || role == "user" && chatIs(block, "type", "tool_result")
	}
	if !results {
		m.say("user")
	}
	if chatString(content) {
		m.out.object(`{"role":"` + role + `","content":`)
		m.out.raw("", content)
		m.out.put("}")
		return
	}
	if chatKind(content) != jsontree.Array {
		m.wrong(path, "is neither a string nor a list")
		return
	}
	for i, block := range chatList(content) {
		if path == "system" {
			m.index[0] = i
		} else {
			m.index[1] = i
		}
		if chatIs(block, "type", "tool_result") && role == "user" {
			m.result(block, path+"[]")
		} else {
			m.part(block, path+"[]")
		}
	}
	if !results {
		m.say(role)
	}
}

// say writes the blocks that are kept as a message.
func (m *messagesBody) say(role string) {
	if len(m.blocks) > 0 {
		m.out.object(`{"role":"` + role + `","content":[`)
		m.out.bytes("", m.blocks)
		m.out.put("]}")
	}
	m.blocks = m.blocks[:0]
}

// need refuses what has to be a string with something in it, and is not.
func (m *messagesBody) need(v jsontree.Value, path, name string) {
	if !chatFull(v) {
		m.wrong(path+name, "is not a string that says something")
	}
}

// part writes a block of content, into blocks.
func (m *messagesBody) part(b jsontree.Value, path string) {
	m.members(b, path, messagesBlockMembers[:])
	source := b.Get("source")
	switch {
	case chatIs(b, "type", "text") && chatString(b.Get("text")):
		m.textPart(b.Get("text"))
	case chatIs(b, "type", "image"):
		m.members(source, path+".source", messagesSourceMembers[:])
		switch {
		case chatIs(source, "type", "base64"):
			m.need(source.Get("media_type"), path, ".source.media_type")
			m.need(source.Get("data"), path, ".source.data")
			m.blocks.object(`{"type":"image_url","image_url":{"url":"data:`)
			m.blocks.inside("", source.Get("media_type"))
			m.blocks.inside(";base64,", source.Get("data"))
			m.blocks.put(`"}}`)
		case chatIs(source, "type", "url") && chatString(source.Get("url")):
			m.blocks.object(`{"type":"image_url","image_url":{"url":`)
			m.blocks.raw("", source.Get("url"))
			m.blocks.put("}}")
		default:
			m.without(path+".source", "is of a type that OpenAI has no equal for; base64 and url have")
		}
	case chatIs(b, "type", "document"):
		m.document(b, source, path)
	case chatIs(b, "type", "tool_use"), chatIs(b, "type", "tool_result"):
		m.wrong(path+".type", "is out of place here")
	case chatIs(b, "type", "thinking"), chatIs(b, "type", "redacted_thinking"):
		// What a model has thought is its own: OpenAI's take none back.
	case chatIs(b, "type", "text"):
		m.wrong(path+".text", "is not a string")
	default:
		m.without(path+".type", "has no equal in "+m.there)
	}
}

func (m *messagesBody) textPart(text jsontree.Value) {
	m.blocks.object(`{"type":"text","text":`)
	m.blocks.raw("", text)
	m.blocks.put("}")
}

// document writes a PDF as a file, and anything else as what it says, behind its title.
// Its context stands in front of it in any case.
func (m *messagesBody) document(b, source jsontree.Value, path string) {
	m.members(source, path+".source", messagesSourceMembers[:])
	if chatKind(chatGet(b, "citations", "enabled")) == jsontree.True {
		m.without(path+".citations", "asks for citations, which have no equal in "+m.there)
	}
	pdf := chatIs(source, "type", "base64") && chatIs(source, "media_type", "application/pdf")
	if !pdf && !chatIs(source, "type", "text") && !chatIs(source, "type", "content") {
		m.without(path+".source", "is of a type that OpenAI has no equal for; a PDF in base64, text and content have")
		return
	}
	if title := b.Get("title"); !pdf && chatFull(title) {
		m.textPart(title)
	}
	if about := b.Get("context"); chatFull(about) {
		m.textPart(about)
	}
	switch {
	case pdf:
		m.need(source.Get("data"), path, ".source.data")
		m.blocks.object(`{"type":"file","file":{"filename":`)
		m.blocks.or("", b.Get("title"), "document.pdf")
		m.blocks.inside(`,"file_data":"data:`, source.Get("media_type"))
		m.blocks.inside(";base64,", source.Get("data"))
		m.blocks.put(`"}}`)
	case chatIs(source, "type", "text") && chatString(source.Get("data")):
		m.textPart(source.Get("data"))
	case chatIs(source, "type", "content") && chatString(source.Get("content")):
		m.textPart(source.Get("content"))
	case chatIs(source, "type", "content"):
		for _, inner := range chatList(source.Get("content")) {
			if chatIs(inner, "type", "document") {
				m.without(path+".source", "is a document within a document")
				return
			}
			m.part(inner, path+".source.content")
		}
	}
}

// result writes the result of a tool as a message of its own. There it is text; what is
// not goes into the user's message behind it. OpenAI has no place to say that it is an
// error, so its text does.
func (m *messagesBody) result(b jsontree.Value, path string) {
	m.members(b, path, messagesBlockMembers[:])
	m.need(b.Get("tool_use_id"), path, ".tool_use_id")
	m.out.object(`{"role":"tool","tool_call_id":`)
	m.out.or("", b.Get("tool_use_id"), "")
	failed := ""
	if chatKind(b.Get("is_error")) == jsontree.True {
		failed = "Error: "
	}
	content := b.Get("content")
	if chatString(content) {
		m.out.inside(`,"content":"`+failed, content)
		m.out.put(`"}`)
		return
	}
	before := `,"content":[`
	for _, inner := range chatList(content) {
		if !chatIs(inner, "type", "text") {
			m.part(inner, path+".content")
			continue
		}
		m.members(inner, path+".content", messagesBlockMembers[:])
		if !chatString(inner.Get("text")) {
			m.wrong(path+".content.text", "is not a string")
		}
		m.out.inside(before+`{"type":"text","text":"`+failed, inner.Get("text"))
		m.out.put(`"}`)
		before, failed = ",", ""
	}
	if before == "," {
		m.out.put("]}")
		return
	}
	m.out.quoted(`,"content":`, failed)
	m.out.put("}")
}

// assistant writes what the model has said and which tools it has called.
func (m *messagesBody) assistant(content jsontree.Value) {
	if chatString(content) {
		m.turn("assistant", content, "messages[].content")
		return
	}
	if chatKind(content) != jsontree.Array {
		m.wrong("messages[].content", "is neither a string nor a list")
		return
	}
	const path = "messages[].content[]"
	m.say("user")
	m.results = m.results[:0]
	for i, b := range chatList(content) {
		m.index[1] = i
		if !chatIs(b, "type", "tool_use") {
			m.part(b, path)
			continue
		}
		m.members(b, path, messagesBlockMembers[:])
		if chatKind(b.Get("input")) != jsontree.Object {
			m.wrong(path+".input", "is not an object")
			return
		}
		m.need(b.Get("id"), path, ".id")
		m.need(b.Get("name"), path, ".name")
		m.results.object("{")
		m.results.call(b, true)
		m.results.put("}}")
	}
	said := m.blocks
	m.blocks = m.blocks[:0]
	if len(said) == 0 && len(m.results) == 0 {
		return // thoughts alone
	}
	m.out.object(`{"role":"assistant","content":`)
	if len(said) > 0 {
		m.out.bytes("[", said)
		m.out.put("]")
	} else {
		m.out.put("null")
	}
	if len(m.results) > 0 {
		m.out.bytes(`,"tool_calls":[`, m.results)
		m.out.put("]")
	}
	m.out.put("}")
}

// tools writes the tools that the model may call.
func (m *messagesBody) tools() {
	list := chatList(m.root.Get("tools"))
	before := `,"tools":[`
	for i, tool := range list {
		m.index[0] = i
		if typ := tool.Get("type"); chatThere(typ) && !chatWord(typ, "custom") {
			m.without("tools[].type", "is a tool that Anthropic runs or defines, which has no equal in "+m.there)
			continue
		}
		m.members(tool, "tools[]", messagesToolMembers[:])
		m.need(tool.Get("name"), "tools[]", ".name")
		m.out.put(before)
		m.out.or(`{"type":"function","function":{"name":`, tool.Get("name"), "")
		if text := tool.Get("description"); chatThere(text) {
			m.out.raw(`,"description":`, text)
		}
		if schema := tool.Get("input_schema"); chatThere(schema) {
			m.out.raw(`,"parameters":`, schema)
		}
		if strict := tool.Get("strict"); chatThere(strict) {
			m.out.raw(`,"strict":`, strict)
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
	if chatThere(choice) && m.toolCount == 0 { // OpenAI takes it beside tools only
		if chatIs(choice, "type", "any") || chatIs(choice, "type", "tool") {
			m.wrong("tool_choice", "asks for the use of a tool, and there are none that OpenAI has an equal for")
		}
		return
	}
	if !chatThere(choice) {
		return
	}
	switch {
	case chatIs(choice, "type", "auto"):
	case chatIs(choice, "type", "any"):
		m.out.put(`,"tool_choice":"required"`)
	case chatIs(choice, "type", "none"):
		m.out.put(`,"tool_choice":"none"`)
	case chatIs(choice, "type", "tool"):
		m.need(choice.Get("name"), "tool_choice", ".name")
		m.out.or(`,"tool_choice":{"type":"function","function":{"name":`, choice.Get("name"), "")
		m.out.put("}}")
	default:
		m.wrong("tool_choice.type", "is none of auto, any, tool and none")
	}
	if chatKind(choice.Get("disable_parallel_tool_use")) == jsontree.True {
		m.out.put(`,"parallel_tool_calls":false`)
	}
}
