package gateway

import (
	"bytes"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/tokenizer"
)

// inputCounter counts a request's texts while they are read.
type inputCounter struct {
	encoding    *tokenizer.Encoding
	text        *textCounter // nil: bytes are taken for tokens
	tokens      int64
	attachments []attached
	unseen      bool // the text at hand is one that the model is not shown
}

func newInputCounter(m *memo, e *tokenizer.Encoding) *inputCounter {
	return &inputCounter{encoding: e, text: newTextCounter(m, e)}
}

// newByteCounter takes every byte for a token. No tokenizer makes more tokens of a text
// than it has bytes.
func newByteCounter() *inputCounter { return &inputCounter{} }

// BeginText and the methods behind it make it a dialect.Content.
func (c *inputCounter) BeginText(t dialect.Text) { c.unseen = t.Form == dialect.Label }

func (c *inputCounter) Text(p []byte) {
	switch {
	case c.unseen:
	case c.text == nil:
		c.tokens += int64(len(p))
	default:
		c.text.write(p)
	}
}

func (c *inputCounter) EndText(int64, int64) {
	if c.text != nil && !c.unseen {
		c.tokens += c.text.end()
	}
}

func (c *inputCounter) EndMessage(dialect.Speaker) {}

// release gives up what the counter has borrowed.
func (c *inputCounter) release() {
	if c.text != nil {
		c.text.release()
	}
}

func (c *inputCounter) Attach(a dialect.Attachment) {
	width, height, _ := tokenizer.ImageSize(a.Head)
	c.attachments = append(c.attachments, attached{a.Kind, width, height, a.Size, a.Detail})
}

// pictures is how many of the attachments are some.
func (c *inputCounter) pictures() (n int64) {
	for i := range c.attachments {
		if c.attachments[i].kind == dialect.Picture {
			n++
		}
	}
	return n
}

// countInput adds up what the request's input comes to, by the way that its model's first
// target counts.
func (r *Request) countInput(family tokenizer.Family) {
	s := &r.spend
	s.base = r.input.tokens + r.asked.TokenIDs + r.overhead(family)
	s.bytes, s.encoding = r.input.text == nil, family.Encoding
	s.input = r.inputAt(r.model.targets[0])
	q := r.asked
	// What is learned is about texts. The figures for all else are estimates of
	// another kind, and a file must not teach what a word is worth; nor must what the
	// provider keeps.
	s.plain = len(r.input.attachments) == 0 && q.Tools == nil && q.Functions == nil && q.Format == nil && !q.LongTools && !q.Elsewhere
	q.HasTools = q.Tools != nil || q.Functions != nil || q.LongTools
	q.Pictures = r.input.pictures()
	if q.Format != nil && (r.model.validates() || r.onInvalid() != "") {
		r.format = q.Format
	}
	r.guarding.json = bytes.Contains(q.Format, jsonFormats)
	q.Tools, q.Functions, q.Format = nil, nil, nil // counted
	r.input.release()
	r.input = nil
}

// jsonFormats begins the types json_object and json_schema. Of the formats in which a model is
// asked for something else none has it.
var jsonFormats = []byte(`"json_`)

// countsAt has the answer counted as a target's model counts.
func (r *Request) countsAt(t *target) {
	r.spend.exact, r.spend.factor = t.family.Exact, r.factorAt(t)
	r.output = outputCounter{encoding: t.family.Encoding, factor: r.spend.factor}
}

// overhead is what a request costs beside its texts: the framing of messages, names
// and tools, and what it carries along.
func (r *Request) overhead(family tokenizer.Family) int64 {
	q, o := r.asked, family.Overhead
	if !q.Op.Chat() {
		return 0
	}
	n := int64(o.PerMessage)*q.Messages + int64(o.PerName)*q.Names + int64(o.PerReply)
	for _, tools := range [...][]byte{q.Tools, q.Functions} {
		if tools != nil {
			n += int64(o.Tools.Tokens(family.Encoding, tools, q.ToolForced))
		}
	}
	if q.Format != nil {
		// Nobody publishes how a model is shown a response's schema: as it is written.
		n += int64(family.Encoding.Count(q.Format))
	}
	for _, a := range r.input.attachments {
		n += a.tokens(o)
	}
	return n
}

// attached is what counting needs to know of an attachment.
type attached struct {
	kind          dialect.AttachmentKind
	width, height int // of a picture that could be seen
	size          int64
	detail        string
}

// bytesPerToken is what a file that is no picture is taken to cost. Providers publish
// tokens per page or per second, which nobody can tell from outside the file.
const bytesPerToken = 16

// unseenFile is what a file is taken to cost that the request only names.
const unseenFile = 1500

func (a attached) tokens(o tokenizer.Overhead) int64 {
	switch {
	case a.width > 0 || a.kind == dialect.Picture:
		return int64(o.Images.Tokens(a.width, a.height, a.detail))
	case a.size > 0:
		return a.size / bytesPerToken
	}
	return unseenFile
}

// outputCounter counts an answer's texts while they arrive, each choice apart. What an
// event costs does not depend on how many choices there are.
type outputCounter struct {
	encoding *tokenizer.Encoding
	choices  []choiceCounter
	factor   int64 // per mille
	bytes    int64 // of all texts
	counted  int64 // tokens of the choices, but for those that are stale
	stale    []int // choices that have grown since they were counted
}

type choiceCounter struct {
	counter *tokenizer.Counter
	counted int64
	stale   bool
}

// maxCounted bounds the choices that are counted apart, at 6 to 42 KB each. It is the
// most that a chat may have; what a completion with many prompts has beyond it is counted
// as one text.
const maxCounted = 128

// Delta makes it a dialect.Output.
func (c *outputCounter) Delta(choice int, p []byte) {
	choice = min(choice, maxCounted-1)
	for len(c.choices) <= choice {
		c.choices = append(c.choices, choiceCounter{})
	}
	one := &c.choices[choice]
	if one.counter == nil {
		one.counter = c.encoding.NewCounter()
	}
	one.counter.Write(p)
	c.bytes += int64(len(p))
	if !one.stale {
		one.stale = true
		c.stale = append(c.stale, choice)
	}
}

// total is the count up to here, as if every text ended here.
func (c *outputCounter) total() int64 {
	for _, choice := range c.stale {
		one := &c.choices[choice]
		n := int64(one.counter.Count())
		c.counted += n - one.counted
		one.counted, one.stale = n, false
	}
	c.stale = c.stale[:0]
	return scale(c.counted, c.factor)
}

// bound is more than the count, or as much, without counting: a token has a byte at
// least.
func (c *outputCounter) bound() int64 { return scale(c.bytes, c.factor) }

// scale applies a factor in per mille, rounded up; 0 is none.
func scale(n, factor int64) int64 {
	if factor == 0 {
		return n
	}
	return (n*factor + 999) / 1000
}

// reported is what the provider has said of an answer's usage so far.
type reported struct {
	usage         dialect.Usage
	input, output bool // which of the two it has said
	final         bool // the answer is finished, so that this is the last word
}

// usage is what the answer used: what the provider reported, where it did, else what
// was counted. Until an answer is finished a provider's output figure may be no more
// than a first one, so the larger of the two counts.
func (r *Request) usage() (dialect.Usage, source) {
	said := r.reported
	if s := r.metered(); s != nil {
		said = reported{s.Usage, s.InputKnown, s.OutputKnown, s.Finished}
	}
	u := dialect.Usage{Input: r.inputAt(r.target), Output: r.output.total()}
	from := fromCount
	if said.input {
		output := u.Output
		u = said.usage
		u.Output, u.Reasoning = output, 0
	}
	if said.output && (said.final || said.usage.Output >= u.Output) {
		u.Output, u.Reasoning = said.usage.Output, said.usage.Reasoning
		if said.input {
			from = fromProvider
		}
	}
	return u, from
}
