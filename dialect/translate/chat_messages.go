package translate

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsontree"
)

// messages writes the conversation. Anthropic's has turns of the user and the assistant
// only. The messages of one role that follow each other are one turn, as its API would
// make them; the results of tools are in the user's; and what the system says, wherever
// it stands, is a member of its own.
func (c *chatBody) messages() error {
	list := c.root.Get("messages")
	if list.Kind() != jsontree.Array {
		return c.wrong("messages", "is not a list")
	}
	c.out = append(c.out, `,"messages":[`...)
	for i, m := range list.Elements() {
		c.index[0] = i
		if err := c.message(m); err != nil {
			return err
		}
	}
	c.endTurn()
	if c.turns == 0 {
		return c.wrong("messages", "has no message of user or assistant that says anything, and Anthropic needs one")
	}
	c.out = append(c.out, ']')
	c.putSystem()
	return nil
}

func (c *chatBody) message(m jsontree.Value) error {
	const path = "messages[]"
	if m.Kind() != jsontree.Object {
		return c.wrong(path, "is not an object")
	}
	role := m.Get("role").Text()
	known := chatMessageMembers[:]
	if role == "assistant" {
		known = chatAssistantMembers[:]
	}
	if err := c.members(m, path, known); err != nil {
		return err
	}
	// The name of a tool or function is known from its call.
	if m.Get("name").Present() && role != "tool" && role != "function" {
		if err := c.without(path+".name", "has no equal in Anthropic's API"); err != nil {
			return err
		}
	}
	c.said = c.said[:0]
	var err error
	switch role {
	case "system", "developer":
		return c.systemMessage(m)
	case "user":
		c.said, err = c.parts(c.said, m.Get("content"))
	case "assistant":
		err = c.assistant(m)
	case "tool":
		err = c.result(m, m.Get("tool_call_id"))
	case "function":
		err = c.result(m, jsontree.Value{})
	default:
		return c.wrong(path+".role", "is none of system, developer, user, assistant, tool and function")
	}
	if err == nil {
		err = c.cacheMessage(m)
	}
	if err == nil {
		c.say(role)
	}
	return err
}

// cacheMessage puts the cache_control of a message on the last of its blocks.
func (c *chatBody) cacheMessage(m jsontree.Value) error {
	mark := m.Get("cache_control")
	if n := len(c.said); n > 0 && mark.Present() {
		var err error
		if c.said, err = c.cache(c.said[:n-1], m, "messages[]"); err != nil {
			return err
		}
		c.said = append(c.said, '}')
	}
	return nil
}

// cache writes the cache_control of a message, a part or a tool, which is no member of
// OpenAI's but is known by it in front of Anthropic's models.
func (c *chatBody) cache(dst []byte, v jsontree.Value, path string) ([]byte, error) {
	mark := v.Get("cache_control")
	if !mark.Present() {
		return dst, nil
	}
	if mark.Kind() != jsontree.Object {
		return dst, c.wrong(path+".cache_control", "is not an object")
	}
	return append(append(dst, `,"cache_control":`...), mark.Raw()...), nil
}

// say adds what the message said to the turn at hand, or to a new one.
func (c *chatBody) say(role string) {
	to := &c.blocks
	if role == "tool" || role == "function" {
		role, to = "user", &c.results
	}
	if len(c.said) == 0 {
		return // Anthropic has no empty messages
	}
	if role != c.role {
		c.endTurn()
		c.role = role
	}
	*to = append(chatComma(*to), c.said...)
}

func (c *chatBody) endTurn() {
	if c.role == "" {
		return
	}
	if c.turns > 0 {
		c.out = append(c.out, ',')
	}
	c.turns++
	c.out = append(c.out, `{"role":"`...)
	c.out = append(c.out, c.role...)
	c.out = append(c.out, `","content":[`...)
	c.out = append(c.out, c.results...)
	if len(c.blocks) > 0 {
		c.out = append(chatComma(c.out), c.blocks...)
	}
	c.out = append(c.out, ']', '}')
	c.role, c.results, c.blocks = "", c.results[:0], c.blocks[:0]
}

// chatComma separates an object from the one that dst ends with.
func chatComma(dst []byte) []byte {
	if n := len(dst); n > 0 && dst[n-1] == '}' {
		return append(dst, ',')
	}
	return dst
}

// assistant writes what the model said: what it thought, its words, its calls of tools.
// In this order it said them; and a turn with thoughts must begin with them.
func (c *chatBody) assistant(m jsontree.Value) error {
	if err := c.thoughts(m); err != nil {
		return err
	}
	var err error
	if c.said, err = c.parts(c.said, m.Get("content")); err != nil {
		return err
	}
	if refusal := m.Get("refusal"); refusal.Present() {
		if c.said, err = c.text(c.said, refusal, jsontree.Value{}, "messages[].refusal"); err != nil {
			return err
		}
	}
	return c.toolCalls(m)
}

// thoughts writes thinking blocks, as LiteLLM has them beside OpenAI's members
// (https://docs.litellm.ai/docs/reasoning_content): each is Anthropic's own. Thoughts
// without a signature Anthropic does not take back.
func (c *chatBody) thoughts(m jsontree.Value) error {
	const path = "messages[].thinking_blocks"
	blocks := m.Get("thinking_blocks")
	if blocks.Present() && blocks.Kind() != jsontree.Array {
		return c.wrong(path, "is not a list")
	}
	n := 0
	for i, b := range blocks.Elements() {
		c.index[1] = i
		if err := c.members(b, path+"[]", chatThoughtMembers[:]); err != nil {
			return err
		}
		thinking, signature, data := b.Get("thinking"), b.Get("signature"), b.Get("data")
		switch {
		case b.Get("type").Is("redacted_thinking") && data.Kind() == jsontree.String:
			c.said = append(chatComma(c.said), `{"type":"redacted_thinking","data":`...)
			c.said = append(c.said, data.Raw()...)
		case b.Get("type").Is("thinking") && thinking.Kind() == jsontree.String && len(signature.Inside()) > 0:
			c.said = append(chatComma(c.said), `{"type":"thinking","thinking":`...)
			c.said = append(c.said, thinking.Raw()...)
			c.said = append(c.said, `,"signature":`...)
			c.said = append(c.said, signature.Raw()...)
		default:
			if err := c.without(path+"[]", "is no block of Anthropic's with its signature, and without that it takes none back"); err != nil {
				return err
			}
			continue
		}
		c.said = append(c.said, '}')
		n++
	}
	// Beside blocks it is the same text again.
	if text := m.Get("reasoning_content"); n == 0 && text.Present() && !text.Is("") && blocks.Len() == 0 {
		return c.without("messages[].reasoning_content", "has no signature, which stands in thinking_blocks, and without that Anthropic takes no thoughts back")
	}
	return nil
}

// result writes the result of a tool. That of a function, which has no id, belongs to
// the last call of one.
func (c *chatBody) result(m, id jsontree.Value) error {
	c.said = append(c.said, `{"type":"tool_result","tool_use_id":`...)
	switch {
	case len(id.Inside()) > 0:
		c.said = chatID(c.said, id)
	case m.Get("role").Is("tool"):
		return c.wrong("messages[].tool_call_id", "is not a string that names a call")
	case c.calls == 0:
		return c.wrong("messages[]", "is the result of a function that no message before it calls")
	default:
		c.said = c.functionID(c.said)
	}
	content := m.Get("content")
	if content.Kind() == jsontree.String {
		if len(content.Inside()) > 0 {
			c.said = append(append(c.said, `,"content":`...), content.Raw()...)
		}
	} else {
		from := len(c.said)
		c.said = append(c.said, `,"content":[`...)
		empty := len(c.said)
		var err error
		if c.said, err = c.parts(c.said, content); err != nil {
			return err
		}
		if len(c.said) == empty {
			c.said = c.said[:from]
		} else {
			c.said = append(c.said, ']')
		}
	}
	c.said = append(c.said, '}')
	return nil
}

// chatID writes the id of a call. Anthropic takes letters, digits, - and _ only, and a
// conversation may have begun with another model, whose ids are like functions.get:0.
func chatID(dst []byte, id jsontree.Value) []byte {
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

// functionID is the id of the last call of a function.
func (c *chatBody) functionID(dst []byte) []byte {
	dst = append(dst, `"function_call_`...)
	dst = strconv.AppendInt(dst, int64(c.calls), 10)
	return append(dst, '"')
}

// chatSystem is a piece of what the system says.
type chatSystem struct{ text, cache jsontree.Value }

// systemMessage keeps what the system says for the end of the conversation.
func (c *chatBody) systemMessage(m jsontree.Value) error {
	const path = "messages[].content"
	before := len(c.system)
	content := m.Get("content")
	switch content.Kind() {
	case jsontree.Absent, jsontree.Null:
	case jsontree.String:
		c.addSystem(content, m)
	case jsontree.Array:
		for i, p := range content.Elements() {
			c.index[1] = i
			if err := c.members(p, path+"[]", chatPartMembers[:]); err != nil {
				return err
			}
			if text := p.Get("text"); p.Get("type").Is("text") && text.Kind() == jsontree.String {
				c.addSystem(text, p)
			} else if err := c.without(path+"[]", "is no text, and Anthropic's system takes nothing else"); err != nil {
				return err
			}
		}
	default:
		return c.wrong(path, "is neither a string nor a list of parts")
	}
	if mark := m.Get("cache_control"); mark.Present() && len(c.system) > before {
		c.system[len(c.system)-1].cache = mark
	}
	for _, s := range c.system[before:] {
		if s.cache.Present() && s.cache.Kind() != jsontree.Object {
			return c.wrong("messages[].cache_control", "is not an object")
		}
	}
	return nil
}

func (c *chatBody) addSystem(text, of jsontree.Value) {
	if !chatBlank(text) {
		c.system = append(c.system, chatSystem{text, of.Get("cache_control")})
	}
}

// putSystem writes what the system says: as one text, or where there is something to be
// cached, as blocks.
func (c *chatBody) putSystem() {
	if len(c.system) == 0 {
		return
	}
	cached := false
	for _, s := range c.system {
		cached = cached || s.cache.Present()
	}
	if !cached {
		c.out = append(c.out, `,"system":"`...)
		for i, s := range c.system {
			if i > 0 {
				c.out = append(c.out, `\n\n`...)
			}
			c.out = append(c.out, s.text.Inside()...)
		}
		c.out = append(c.out, '"')
		return
	}
	c.out = append(c.out, `,"system":[`...)
	for _, s := range c.system {
		c.out = append(chatComma(c.out), `{"type":"text","text":`...)
		c.out = append(c.out, s.text.Raw()...)
		if s.cache.Present() {
			c.out = append(append(c.out, `,"cache_control":`...), s.cache.Raw()...)
		}
		c.out = append(c.out, '}')
	}
	c.out = append(c.out, ']')
}
