package translate

import "github.com/sluice-gateway/sluice/jsontree"

// ChatToMessages translates the body of an OpenAI chat completions call into one for
// Anthropic's messages:
// https://platform.openai.com/docs/api-reference/chat/create and
// https://platform.claude.com/docs/en/api/messages.
// What the client can mend is a *dialect.FieldError.
func ChatToMessages(body []byte, o Options) (Request, error) {
	read, err := readRequest(body, "Anthropic's API", o)
	if err != nil {
		return Request{}, err
	}
	c := chatBody{requestBody: read, target: claudeOf(o.Model)}
	// Later steps rest on earlier ones: thinking on the cap and on what tool is asked
	// for, the temperature on thinking.
	for _, step := range [...]func(*chatBody){
		(*chatBody).begin, (*chatBody).messages, (*chatBody).tools, (*chatBody).thinking,
		(*chatBody).toolChoice, (*chatBody).output, (*chatBody).sampling, (*chatBody).rest,
	} {
		if step(&c); c.err != nil {
			return Request{}, c.err
		}
	}
	return c.translated(), nil
}

// chatBody is a request on its way from chat completions to messages.
type chatBody struct {
	requestBody
	target    claude
	outputCap int64

	// The conversation: see chat_messages.go.
	system  []chatSystem
	cached  bool     // something of it is to be cached
	spoke   bool     // a turn is in out
	role    string   // of the turn at hand
	results jsonText // its results of tools, which Anthropic wants in front
	blocks  jsonText // its other blocks
	said    jsonText // the blocks of the message at hand
	marked  int      // its length behind the last block with a cache_control
	calls   int      // of functions, as they were before tools

	toolCount int
	choice    string // the type of tool_choice, "" = none
	chosen    jsontree.Value
	effort    string // what the model is to spend on thinking, "" = not said
	thinks    bool
}

// begin checks that every member is known, and writes what comes first.
func (c *chatBody) begin() {
	c.members(c.root, "", chatMembers[:])
	c.outputCap = -1
	// Both given, the larger counts, as in dialect.Request.OutputCap: so much was reserved.
	for _, name := range [...]string{"max_completion_tokens", "max_tokens"} {
		v := c.root.Get(name)
		if !isPresent(v) {
			continue
		}
		n, ok := v.Int()
		if !ok || n < 0 {
			c.wrong(name, "is not a whole number of at least 0")
			return
		}
		c.outputCap = max(c.outputCap, n)
	}
	switch {
	case c.outputCap >= 0:
	case c.o.OutputCap > 0:
		c.outputCap = c.o.OutputCap
	default:
		c.wrong("max_tokens", "missing; Anthropic requires a cap, as max_tokens or max_completion_tokens")
		return
	}
	c.out.quoted(`{"model":`, c.o.Model)
	c.out.number(`,"max_tokens":`, c.outputCap)
}

// rest writes what stands for itself.
func (c *chatBody) rest() {
	c.stop()
	if kindOf(c.root.Get("stream")) == jsontree.True {
		c.out.put(`,"stream":true`)
	}
	c.members(c.root.Get("stream_options"), "stream_options", streamOptionsMembers[:])

	// safety_identifier is the successor of user.
	who, old := c.root.Get("safety_identifier"), c.root.Get("user")
	if !isPresent(who) {
		who = old
	} else if isPresent(old) && old.Text() != who.Text() {
		c.without("user", "is another than safety_identifier, and Anthropic takes one")
	}
	if isText(who) {
		c.out.raw(`,"metadata":{"user_id":`, who)
		c.out.put("}")
	}

	switch tier := c.root.Get("service_tier"); {
	case !isPresent(tier) || isWord(tier, "auto"):
	case isWord(tier, "default"):
		c.out.put(`,"service_tier":"standard_only"`)
	default:
		c.without("service_tier", "has no equal of this value at Anthropic; auto and default have")
	}
}

// stop writes the sequences that end an answer. Anthropic takes none that is blank.
func (c *chatBody) stop() {
	stop := c.root.Get("stop")
	if !isPresent(stop) {
		return
	}
	list, path := []jsontree.Value{stop}, "stop"
	if kindOf(stop) == jsontree.Array {
		list, path = elements(stop), "stop[]"
	}
	before := `,"stop_sequences":[`
	for i, v := range list {
		c.index[0] = i
		if !isText(v) {
			c.wrong(path, "is not a string")
			return
		}
		if isBlank(v) {
			c.without(path, "is blank, and Anthropic takes no such sequence")
			continue
		}
		c.out.raw(before, v)
		before = ","
	}
	if before == "," {
		c.out.put("]")
	}
}
