package gateway

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/dialect/rewrite"
	"github.com/sluice-gateway/sluice/jsonschema"
	"github.com/sluice-gateway/sluice/jsontree"
	"github.com/sluice-gateway/sluice/policy"
)

// shape is the policy's `guards.output`, with its schema read once.
type shape struct {
	*policy.OutputRule
	schema  jsontree.Value // absent: there is only what a request names
	gathers int64          // bytes of the streams that are under way
}

func newShape(p *policy.Guards) (*shape, error) {
	if p == nil || p.Output == nil {
		return nil, nil
	}
	s := &shape{OutputRule: p.Output}
	if p.Output.Schema == "" {
		return s, nil
	}
	var err error
	s.schema, err = jsontree.Parse([]byte(p.Output.Schema))
	return s, err
}

// onInvalid is what becomes of an answer of that model that is not of the schema that it
// should be, or "" where the policy has no rule for that.
func (s *shape) onInvalid(model string) policy.OnInvalid {
	if s == nil {
		return ""
	}
	for _, name := range s.Models {
		if name == model {
			return s.OnInvalid
		}
	}
	if len(s.Models) > 0 {
		return ""
	}
	return s.OnInvalid
}

func (r *Request) onInvalid() policy.OnInvalid { return r.g.shape.onInvalid(r.asked.ModelName) }

// retriesMisshapen tells whether such an answer is tried again, where the model's retries
// say so.
func (r *Request) retriesMisshapen() bool {
	on := r.onInvalid()
	return on == "" || on == policy.RetryInvalid
}

// schemas are what the texts of an answer have to fit: the schema that the request names,
// and the policy's.
func (r *Request) schemas() (all [2]jsontree.Value) {
	if !r.op.Generates() {
		return all
	}
	if r.format != nil {
		if format, err := jsontree.Parse(r.format); err == nil {
			all[0] = dialect.Schema(r.op, format)
		}
	}
	if r.onInvalid() != "" {
		all[1] = r.g.shape.schema
	}
	return all
}

// shapes tells whether there is any.
func shapes(schemas [2]jsontree.Value) bool { return schemas[0].Present() || schemas[1].Present() }

// fit tells whether a text is of all schemas, or of none that could be decided.
func fit(schemas [2]jsontree.Value, text []byte) bool {
	value, err := jsontree.Parse(text)
	if err != nil {
		return false
	}
	for _, schema := range schemas {
		if schema.Present() && jsonschema.Check(schema, value) != nil {
			return false
		}
	}
	return true
}

// unfit tells that a whole answer is not of the schemas that it should be.
func (r *Request) unfit(op dialect.Op, answer jsontree.Value) bool {
	schemas := r.schemas()
	if !shapes(schemas) {
		return false
	}
	fits := true
	dialect.Texts(op, answer, func(text []byte) { fits = fits && fit(schemas, text) })
	return !fits
}

// misshapen is the error in place of a whole answer that is not of its schemas, or nil.
// Where there were attempts left it was tried again before.
func (r *Request) misshapen(body []byte) *dialect.Error {
	if r.onInvalid() == "" || !shapes(r.schemas()) {
		return nil
	}
	whole, err := jsontree.Parse(body)
	if err != nil { // there is more than can be looked at
		r.guarding.over.Add(uncheckedKind, policy.GuardFlag, false)
		return nil
	}
	if !r.unfit(r.op, whole) {
		return nil
	}
	return r.toldMisshapen()
}

// toldMisshapen notes that an answer is misshapen; without a result it goes on.
func (r *Request) toldMisshapen() *dialect.Error {
	if r.onInvalid() == policy.FlagInvalid {
		r.guarding.over.Add(outputKind, policy.GuardFlag, false)
		return nil
	}
	r.guarding.over.Add(outputKind, policy.GuardBlock, false)
	return &dialect.Error{Status: 502, Kind: dialect.Unavailable, Code: "invalid_output",
		Message: "the answer is not of the JSON schema that it should be (request " + r.id + ")"}
}

// The kinds under which an answer of another form is told, and one that was not looked at.
const (
	outputKind    = "output"
	uncheckedKind = "output.unchecked"
)

// gathering keeps what a stream says until its end, where it is known whether it fits.
type gathering struct {
	schemas [2]jsontree.Value
	texts   []gathered
	size    int64
	lost    bool // there was more than is kept
	refused bool // the model says why it does not answer
	told    bool
}

// gathered is one text: a choice's, a message's, or a part of a response.
type gathered struct {
	channel rewrite.Channel
	text    []byte
}

// The most that is gathered, in bytes: of one stream, and of all that are under way in a
// VM. What is longer is not looked at, and told so.
const (
	maxGathered    = 256 << 10
	maxGatheredAll = 4 << 20
)

// gathers tells whether what a stream says is to be kept for its end.
func (r *Request) gathers() bool {
	s := &r.guarding
	if !s.shaped {
		s.shaped = true
		if r.stream != nil && r.op != dialect.Completions && r.onInvalid() != "" {
			if schemas := r.schemas(); shapes(schemas) {
				s.gathering = &gathering{schemas: schemas}
			}
		}
	}
	return s.gathering != nil
}

// gather begins to keep a text of the stream, where it is one that has to fit.
func (r *Request) gather(c rewrite.Channel, next rewrite.Writer) rewrite.Writer {
	g := r.guarding.gathering
	switch {
	case c.Kind == rewrite.Refusal:
		g.refused = true
		return next
	case c.Kind != rewrite.Content:
		return next
	}
	if r.op == dialect.Messages {
		c = rewrite.Channel{} // the blocks are one text
	}
	at := 0
	for at < len(g.texts) && g.texts[at].channel != c {
		at++
	}
	if at == len(g.texts) {
		g.texts = append(g.texts, gathered{channel: c})
	} else if r.op == dialect.Responses { // which says each text once more as a whole
		r.forget(int64(len(g.texts[at].text)))
		g.texts[at].text = nil
	}
	return &gatherer{r: r, at: at, next: next}
}

// forget takes back what was gathered.
func (r *Request) forget(n int64) {
	r.guarding.gathering.size -= n
	r.g.shape.gathers -= n
}

// gatherer gathers one text on its way.
type gatherer struct {
	r    *Request
	at   int
	next rewrite.Writer // nil: the text stays as it is
}

func (w *gatherer) Write(out, piece []byte) []byte {
	g, all := w.r.guarding.gathering, w.r.g.shape
	n := int64(len(piece))
	switch {
	case g.lost:
	case g.size+n > maxGathered, all.gathers+n > maxGatheredAll:
		w.r.forget(g.size)
		g.texts, g.lost = nil, true
	default:
		g.texts[w.at].text = append(g.texts[w.at].text, piece...)
		g.size += n
		all.gathers += n
	}
	if w.next == nil {
		return append(out, piece...)
	}
	return w.next.Write(out, piece)
}

func (w *gatherer) End(out []byte) []byte {
	if w.next == nil {
		return out
	}
	return w.next.End(out)
}

func (w *gatherer) Held() int {
	if w.next == nil {
		return 0
	}
	return w.next.Held()
}

// endsMisshapen tells, at the event with which a stream ends, that what it has said does not
// fit and that the end is not to be shown.
func (r *Request) endsMisshapen() *dialect.Error {
	g := r.guarding.gathering
	if g == nil || g.told || !r.stream.Finished {
		return nil
	}
	g.told = true
	if !r.stream.SaidAll() || g.refused {
		return nil
	}
	if g.lost {
		r.guarding.over.Add(uncheckedKind, policy.GuardFlag, false)
		return nil
	}
	if len(g.texts) == 0 {
		g.texts = append(g.texts, gathered{}) // nothing is no JSON
	}
	for i := range g.texts {
		if !fit(g.schemas, g.texts[i].text) {
			return r.toldMisshapen()
		}
	}
	return nil
}

// endMisshapen ends such a stream as one that is broken: what went before has been seen, and
// must not look like a whole answer.
func (r *Request) endMisshapen(now int64, e *dialect.Error) {
	sequence := r.stream.Sequence()
	for event, ok := r.events.Next(); ok; event, ok = r.events.Next() {
		if event.HasData && !event.Oversize {
			r.stream.Event(event.Type, event.Data, unseen{}) // for its usage
		}
	}
	used, _ := r.usage()
	r.out = append(r.out, e.Event(r.op, sequence)...)
	r.phase, r.end, r.refused = cutting, EndBlocked, e
	r.cutAt = now
	r.spend.used = used
}

// gatheredNoMore gives back the room of a stream that is over.
func (r *Request) gatheredNoMore() {
	if g := r.guarding.gathering; g != nil {
		r.forget(g.size)
		g.texts = nil
	}
}
