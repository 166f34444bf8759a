package translate

import "github.com/sluice-gateway/sluice/jsontree"

// messages writes the conversation. Anthropic's has turns of the user and the assistant
// only. The messages of one role that follow each other are one turn, as its API would
// make them; the results of tools are in the user's; and what the system says, wherever
// it stands, is a member of its own.
func (c *chatBody) messages() {
	list := c.root.Get("messages")
	if kindOf(list) != jsontree.Array {
		c.wrong("messages", "is not a list")
		return
	}
	c.out.put(`,"messages":[`)
	for i, m := range elements(list) {
		c.index[0] = i
		c.message(m)
	}
	c.endTurn()
	if !c.spoke {
		c.wrong("messages", "has no message of user or assistant that says anything, and Anthropic needs one")
		return
	}
	c.out.put("]")
	c.putSystem()
}

func (c *chatBody) message(m jsontree.Value) {
	const path = "messages[]"
	if kindOf(m) != jsontree.Object {
		c.wrong(path, "is not an object")
		return
	}
	role := m.Get("role").Text()
	known := chatMessageMembers[:]
	if role == "assistant" {
		known = chatAssistantMembers[:]
	}
	c.members(m, path, known)
	// The name of a tool or function is known from its call.
	if isPresent(m.Get("name")) && role != "tool" && role != "function" {
		c.without(path+".name", "has no equal in Anthropic's API")
	}
	c.said, c.marked = c.said[:0], 0
	switch role {
	case "system", "developer":
		c.systemMessage(m)
	case "user":
		c.parts(&c.said, m.Get("content"))
	case "assistant":
		c.assistant(m)
	case "tool", "function":
		c.result(m, role)
		role = "tool"
	default:
		c.wrong(path+".role", "is none of system, developer, user, assistant, tool and function")
		return
	}
	n := len(c.said)
	if n == 0 { // Anthropic has no empty messages
		return
	}
	if n != c.marked { // its last block has the message's cache_control
		c.said = c.said[:n-1]
		c.closeCached(&c.said, m)
	}
	c.say(role)
}

// say adds what the message said to the turn at hand, or to a new one.
func (c *chatBody) say(role string) {
	to := &c.blocks
	if role == "tool" {
		role, to = "user", &c.results
	}
	if role != c.role {
		c.endTurn()
		c.role = role
	}
	to.object("")
	to.bytes("", c.said)
}

func (c *chatBody) endTurn() {
	if c.role == "" {
		return
	}
	c.spoke = true
	c.out.object(`{"role":"`)
	c.out.put(c.role)
	c.out.bytes(`","content":[`, c.results)
	if len(c.blocks) > 0 {
		c.out.object("")
		c.out.bytes("", c.blocks)
	}
	c.out.put("]}")
	c.role, c.results, c.blocks = "", c.results[:0], c.blocks[:0]
}

// assistant writes what the model said: what it thought, its words, its calls of tools.
// In this order it said them; and a turn with thoughts must begin with them.
func (c *chatBody) assistant(m jsontree.Value) {
	c.thoughts(m)
	c.parts(&c.said, m.Get("content"))
	if refusal := m.Get("refusal"); isPresent(refusal) {
		c.text(&c.said, refusal, jsontree.Value{}, "messages[].refusal")
	}
	c.toolCalls(m)
}

// thoughts writes thinking blocks, as LiteLLM has them beside OpenAI's members
// (https://docs.litellm.ai/docs/reasoning_content): each is Anthropic's own. Thoughts
// without a signature Anthropic does not take back.
func (c *chatBody) thoughts(m jsontree.Value) {
	const path = "messages[].thinking_blocks"
	blocks := m.Get("thinking_blocks")
	list := elements(blocks)
	for i, b := range list {
		c.index[1] = i
		c.members(b, path+"[]", chatThoughtMembers[:])
		if !c.said.thought(b, true) {
			c.without(path+"[]", "is no block of Anthropic's with its signature, and without that it takes none back")
		}
	}
	// Beside blocks it is the same text again, also where a guard has left them out.
	if text := m.Get("reasoning_content"); !isPresent(blocks) && isPresent(text) && !isWord(text, "") {
		c.without("messages[].reasoning_content", "has no signature, which stands in thinking_blocks, and without that Anthropic takes no thoughts back")
	}
}

// thought writes a block of thinking, which is the same in both APIs, and tells whether
// it is one.
func (t *jsonText) thought(b jsontree.Value, signed bool) bool {
	thinking, signature, data := b.Get("thinking"), b.Get("signature"), b.Get("data")
	switch {
	case memberIs(b, "type", "redacted_thinking") && isText(data):
		t.object(`{"type":"redacted_thinking"`)
		t.raw(`,"data":`, data)
	case memberIs(b, "type", "thinking") && isText(thinking) && (hasText(signature) || !signed):
		t.object(`{"type":"thinking"`)
		t.raw(`,"thinking":`, thinking)
		if hasText(signature) {
			t.raw(`,"signature":`, signature)
		}
	default:
		return false
	}
	t.put("}")
	return true
}

// result writes the result of a tool. That of a function, which has no id, belongs to
// the last call of one.
func (c *chatBody) result(m jsontree.Value, role string) {
	c.said.put(`{"type":"tool_result","tool_use_id":`)
	id := m.Get("tool_call_id")
	switch {
	case role == "function" && c.calls == 0:
		c.wrong("messages[]", "is the result of a function that no message before it calls")
		return
	case role == "function":
		c.functionID()
	case !hasText(id):
		c.wrong("messages[].tool_call_id", "is not a string that names a call")
		return
	default:
		c.said = chatID(c.said, id)
	}
	content := m.Get("content")
	if isText(content) {
		if hasText(content) {
			c.said.raw(`,"content":`, content)
		}
	} else {
		from := len(c.said)
		c.said.put(`,"content":[`)
		empty := len(c.said)
		c.parts(&c.said, content)
		if len(c.said) == empty {
			c.said = c.said[:from]
		} else {
			c.said.put("]")
		}
	}
	c.said.put("}")
}

// chatID writes the id of a call. Anthropic takes letters, digits, - and _ only, and a
// conversation may have begun with another model, whose ids are like functions.get:0.
func chatID(dst jsonText, id jsontree.Value) jsonText {
	dst = append(dst, '"')
	for _, b := range id.Inside() {
		switch {
		case 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '-':
		default:
			b = '_'
		}
		dst = append(dst, b)
	}
	return append(dst, '"')
}

// functionID writes the id of the last call of a function.
func (c *chatBody) functionID() {
	c.said.number(`"function_call_`, int64(c.calls))
	c.said.put(`"`)
}

// systemMessage keeps what the system says for the end of the conversation: strings,
// and parts of type text, which may have a cache_control.
func (c *chatBody) systemMessage(m jsontree.Value) {
	const path = "messages[].content"
	from := len(c.system)
	content := m.Get("content")
	switch kindOf(content) {
	case jsontree.Absent, jsontree.Null:
	case jsontree.String:
		c.addSystem(content, jsontree.Value{})
	case jsontree.Array:
		for i, p := range elements(content) {
			c.index[1] = i
			c.members(p, path+"[]", chatPartMembers[:])
			if text := p.Get("text"); memberIs(p, "type", "text") && isText(text) {
				c.addSystem(text, p.Get("cache_control"))
			} else {
				c.without(path+"[]", "is no text, and Anthropic's system takes nothing else")
			}
		}
	default:
		c.wrong(path, "is neither a string nor a list of parts")
		return
	}
	if mark := m.Get("cache_control"); isPresent(mark) && len(c.system) > from {
		c.system[len(c.system)-1].cache = mark
	}
	for _, s := range c.system[from:] {
		c.cached = c.cached || isPresent(s.cache)
	}
}

// chatSystem is a piece of what the system says.
type chatSystem struct{ text, cache jsontree.Value }

func (c *chatBody) addSystem(text, cache jsontree.Value) {
	if !isBlank(text) {
		c.system = append(c.system, chatSystem{text, cache})
	}
}

// putSystem writes what the system says: as one text, or where there is something to be
// cached, as blocks.
func (c *chatBody) putSystem() {
	before, after := `,"system":"`, `"`
	if c.cached {
		before, after = "", "]"
		c.out.put(`,"system":[`)
	}
	for _, s := range c.system {
		if !c.cached {
			c.out.inside(before, s.text)
			before = `\n\n`
			continue
		}
		c.out.object(`{"type":"text"`)
		c.out.raw(`,"text":`, s.text)
		if isPresent(s.cache) {
			c.out.raw(`,"cache_control":`, s.cache)
		}
		c.out.put("}")
	}
	if len(c.system) > 0 {
		c.out.put(after)
	}
}
