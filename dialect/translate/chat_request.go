package translate

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsontree"
)

// ChatToMessages translates the body of an OpenAI chat completions call into one for
// Anthropic's messages:
// https://platform.openai.com/docs/api-reference/chat/create and
// https://platform.claude.com/docs/en/api/messages.
// What the client can mend is a *dialect.FieldError.
func ChatToMessages(body []byte, o Options) (Request, error) {
	root, err := chatRoot(body)
	if err != nil {
		return Request{}, err
	}
	c := chatBody{
		root:   root,
		there:  "Anthropic's API",
		o:      o,
		drops:  drops{may: o.Drop},
		target: claudeOf(o.Model),
		out:    make(chatText, 0, 256+len(body)+len(body)/8),
	}
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
	c.out.put("}")
	return Request{Body: c.out, Dropped: c.drops.dropped}, nil
}

// chatRoot reads a body.
func chatRoot(body []byte) (jsontree.Value, error) {
	root, err := jsontree.Parse(body)
	problem := "the body is not a JSON object"
	if err != nil {
		problem = "the body cannot be read: " + err.Error()
	} else if chatKind(root) == jsontree.Object {
		return root, nil
	}
	return root, &dialect.FieldError{Problem: problem}
}

// chatBody is a request on its way from chat completions to messages.
type chatBody struct {
	root   jsontree.Value
	there  string // the API that the request is translated for, in words
	o      Options
	drops  drops
	target claude
	out    chatText
	err    error // the first thing wrong; what is written after it is for nothing

	outputCap int64
	index     [2]int // the places in the lists around what is at hand: see place

	// The conversation: see chat_messages.go.
	system  []chatSystem
	cached  bool     // something of it is to be cached
	spoke   bool     // a turn is in out
	role    string   // of the turn at hand
	results chatText // its results of tools, which Anthropic wants in front
	blocks  chatText // its other blocks
	said    chatText // the blocks of the message at hand
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
		if !chatThere(v) {
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
	if chatKind(c.root.Get("stream")) == jsontree.True {
		c.out.put(`,"stream":true`)
	}
	c.members(c.root.Get("stream_options"), "stream_options", streamOptionsMembers[:])

	// safety_identifier is the successor of user.
	who, old := c.root.Get("safety_identifier"), c.root.Get("user")
	if !chatThere(who) {
		who = old
	} else if chatThere(old) && old.Text() != who.Text() {
		c.without("user", "is another than safety_identifier, and Anthropic takes one")
	}
	if chatString(who) {
		c.out.raw(`,"metadata":{"user_id":`, who)
		c.out.put("}")
	}

	switch tier := c.root.Get("service_tier"); {
	case !chatThere(tier) || chatWord(tier, "auto"):
	case chatWord(tier, "default"):
		c.out.put(`,"service_tier":"standard_only"`)
	default:
		c.without("service_tier", "has no equal of this value at Anthropic; auto and default have")
	}
}

// stop writes the sequences that end an answer. Anthropic takes none that is blank.
func (c *chatBody) stop() {
	stop := c.root.Get("stop")
	if !chatThere(stop) {
		return
	}
	list, path := []jsontree.Value{stop}, "stop"
	if chatKind(stop) == jsontree.Array {
		list, path = chatList(stop), "stop[]"
	}
	before := `,"stop_sequences":[`
	for i, v := range list {
		c.index[0] = i
		if !chatString(v) {
			c.wrong(path, "is not a string")
			return
		}
		if chatBlank(v) {
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

// without leaves out what stands at a path: see drops. A path has [] where the place in
// a list belongs.
//
//go:noinline
func (c *chatBody) without(path, why string) {
	if err := c.drops.without(c.place(path), strings.ReplaceAll(path, "[]", ""), why); err != nil && c.err == nil {
		c.err = err
	}
}

//go:noinline
func (c *chatBody) wrong(path, problem string) {
	if c.err == nil {
		c.err = &dialect.FieldError{Field: c.place(path), Problem: problem}
	}
}

// place is a path with the places in lists: messages[3].content[0].
func (c *chatBody) place(path string) string {
	for _, i := range c.index {
		path = strings.Replace(path, "[]", "["+strconv.Itoa(i)+"]", 1)
	}
	return path
}
