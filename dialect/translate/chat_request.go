package translate

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// ChatToMessages translates the body of an OpenAI chat completions call into one for
// Anthropic's messages:
// https://platform.openai.com/docs/api-reference/chat/create and
// https://platform.claude.com/docs/en/api/messages.
// What the client can mend is a *dialect.FieldError.
func ChatToMessages(body []byte, o Options) (Request, error) {
	root, err := jsontree.Parse(body)
	if err != nil {
		return Request{}, &dialect.FieldError{Problem: "the body cannot be read: " + err.Error()}
	}
	if root.Kind() != jsontree.Object {
		return Request{}, &dialect.FieldError{Problem: "the body is not a JSON object"}
	}
	c := chatBody{
		root:   root,
		o:      o,
		drops:  drops{may: o.Drop},
		target: claudeOf(o.Model),
		out:    make([]byte, 0, 256+len(body)+len(body)/8),
	}
	// Later steps rest on earlier ones: thinking on the cap and on what tool is asked
	// for, the temperature on thinking.
	for _, step := range [...]func(*chatBody) error{
		(*chatBody).begin, (*chatBody).messages, (*chatBody).tools, (*chatBody).thinking,
		(*chatBody).toolChoice, (*chatBody).output, (*chatBody).sampling, (*chatBody).rest,
	} {
		if err := step(&c); err != nil {
			return Request{}, err
		}
	}
	c.out = append(c.out, '}')
	return Request{Body: c.out, Dropped: c.drops.dropped}, nil
}

// chatBody is a request on its way from chat completions to messages.
type chatBody struct {
	root   jsontree.Value
	o      Options
	drops  drops
	target claude
	out    []byte

	outputCap int64
	index     [2]int // the places in the lists around what is at hand: see place

	// The conversation: see chat_messages.go.
	system  []chatSystem
	turns   int    // how many are in out
	role    string // of the turn at hand
	results []byte // its results of tools, which Anthropic wants in front
	blocks  []byte // its other blocks
	said    []byte // the blocks of the message at hand
	calls   int    // of functions, as they were before tools

	toolCount int
	choice    string // the type of tool_choice, "" = none
	chosen    jsontree.Value
	effort    string // what the model is to spend on thinking, "" = not said
	thinks    bool
}

// begin checks that every member is known, and writes what comes first.
func (c *chatBody) begin() error {
	if err := c.members(c.root, "", chatMembers[:]); err != nil {
		return err
	}
	c.outputCap = -1
	// Both given, the larger counts, as in dialect.Request.OutputCap: so much was reserved.
	for _, name := range [...]string{"max_completion_tokens", "max_tokens"} {
		v := c.root.Get(name)
		if !v.Present() {
			continue
		}
		n, ok := v.Int()
		if !ok || n < 0 {
			return c.wrong(name, "is not a whole number of at least 0")
		}
		c.outputCap = max(c.outputCap, n)
	}
	switch {
	case c.outputCap >= 0:
	case c.o.OutputCap > 0:
		c.outputCap = c.o.OutputCap
	default:
		return c.wrong("max_tokens", "missing; Anthropic requires a cap, as max_tokens or max_completion_tokens")
	}
	c.out = append(c.out, `{"model":`...)
	c.out = jsonscan.AppendQuoted(c.out, c.o.Model)
	c.out = append(c.out, `,"max_tokens":`...)
	c.out = strconv.AppendInt(c.out, c.outputCap, 10)
	return nil
}

// rest writes what stands for itself.
func (c *chatBody) rest() error {
	if err := c.stop(); err != nil {
		return err
	}
	if stream := c.root.Get("stream"); stream.Bool() {
		c.out = append(c.out, `,"stream":true`...)
	} else if stream.Present() && stream.Kind() != jsontree.False {
		return c.wrong("stream", "is neither true nor false")
	}
	if err := c.members(c.root.Get("stream_options"), "stream_options", streamOptionsMembers[:]); err != nil {
		return err
	}

	// safety_identifier is the successor of user.
	who, old := c.root.Get("safety_identifier"), c.root.Get("user")
	if !who.Present() {
		who = old
	} else if old.Present() && old.Text() != who.Text() {
		if err := c.without("user", "is another than safety_identifier, and Anthropic takes one"); err != nil {
			return err
		}
	}
	if who.Kind() == jsontree.String {
		c.out = append(c.out, `,"metadata":{"user_id":`...)
		c.out = append(c.out, who.Raw()...)
		c.out = append(c.out, '}')
	} else if who.Present() {
		return c.wrong(who.Name(), "is not a string")
	}

	switch tier := c.root.Get("service_tier"); {
	case !tier.Present() || tier.Is("auto"):
	case tier.Is("default"):
		c.out = append(c.out, `,"service_tier":"standard_only"`...)
	default:
		return c.without("service_tier", "has no equal of this value at Anthropic; auto and default have")
	}
	return nil
}

// stop writes the sequences that end an answer. Anthropic takes none that is blank.
func (c *chatBody) stop() error {
	stop := c.root.Get("stop")
	from := len(c.out)
	c.out = append(c.out, `,"stop_sequences":[`...)
	empty := len(c.out)
	one := func(v jsontree.Value, path string) error {
		switch {
		case v.Kind() != jsontree.String:
			return c.wrong(path, "is not a string")
		case chatBlank(v):
			return c.without(path, "is blank, and Anthropic takes no such sequence")
		}
		if len(c.out) > empty {
			c.out = append(c.out, ',')
		}
		c.out = append(c.out, v.Raw()...)
		return nil
	}
	switch {
	case !stop.Present():
	case stop.Kind() == jsontree.Array:
		for i, v := range stop.Elements() {
			c.index[0] = i
			if err := one(v, "stop[]"); err != nil {
				return err
			}
		}
	default:
		if err := one(stop, "stop"); err != nil {
			return err
		}
	}
	if len(c.out) == empty {
		c.out = c.out[:from]
		return nil
	}
	c.out = append(c.out, ']')
	return nil
}

// without leaves out what stands at a path: see drops. A path has [] where the place in
// a list belongs.
func (c *chatBody) without(path, why string) error {
	return c.drops.without(c.place(path), strings.ReplaceAll(path, "[]", ""), why)
}

func (c *chatBody) wrong(path, problem string) error {
	return &dialect.FieldError{Field: c.place(path), Problem: problem}
}

// place is a path with the places in lists: messages[3].content[0].
func (c *chatBody) place(path string) string {
	for _, i := range c.index {
		path = strings.Replace(path, "[]", "["+strconv.Itoa(i)+"]", 1)
	}
	return path
}

// put writes a member that is to be copied as it is.
func (c *chatBody) put(name string, raw []byte) {
	c.out = append(c.out, ',', '"')
	c.out = append(c.out, name...)
	c.out = append(c.out, '"', ':')
	c.out = append(c.out, raw...)
}
