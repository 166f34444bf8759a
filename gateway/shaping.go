package gateway

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsonschema"
	"github.com/sluice-gateway/sluice/jsontree"
	"github.com/sluice-gateway/sluice/policy"
)

// shape is the policy's `guards.output`, with its schema read once. Without one it is zero.
type shape struct {
	policy.OutputRule
	schema jsontree.Value // absent: there is only what a request names
	kept   int64          // bytes of what streams that are under way have said
}

func (s *shape) load(p *policy.Guards) (err error) {
	if p == nil || p.Output == nil {
		return nil
	}
	s.OutputRule = *p.Output
	if s.Schema != "" {
		s.schema, err = jsontree.Parse([]byte(s.Schema))
	}
	return err
}

// onInvalid is what becomes of an answer of that model that is not of the schema that it
// should be, or "" where the policy has no rule for that.
//
//go:noinline
func (s *shape) onInvalid(model string) policy.GuardAction {
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

//go:noinline
func (r *Request) onInvalid() policy.GuardAction { return r.g.shape.onInvalid(r.asked.ModelName) }

// retriesMisshapen tells whether a whole answer that is not of its schemas is tried again, where
// the model's retries say so, and whether the policy's is one of them. A rule in shadow is none.
//
//go:noinline
func (r *Request) retriesMisshapen() (own, retries bool) {
	on := r.onInvalid()
	own = on != "" && !r.g.shape.Shadow
	return own, !own || on == policy.GuardRetry
}

// schemas are what the texts of an answer have to fit: the schema that the request names, and
// the policy's own. Where there is none it is nil.
func (r *Request) schemas(own bool) *[2]jsontree.Value {
	all := new([2]jsontree.Value)
	if r.format != nil {
		if format, err := jsontree.Parse(r.format); err == nil {
			all[0] = dialect.Schema(r.op, format)
		}
	}
	if own {
		all[1] = r.g.shape.schema
	}
	if !r.op.Generates() || !all[0].Present() && !all[1].Present() {
		return nil
	}
	return all
}

// fit tells whether a text is of all schemas, or of none that could be decided.
func fit(schemas *[2]jsontree.Value, text []byte) bool {
	value, err := jsontree.Parse(text)
	if err != nil || !readOneWay(text) {
		return false
	}
	for _, schema := range schemas {
		if schema.Present() && jsonschema.Check(schema, value) != nil {
			return false
		}
	}
	return true
}

// readOneWay tells whether all readers of a text understand the same: of a name that an
// object has twice the schema sees the first, and most clients the last.
func readOneWay(text []byte) bool {
	s := jsonscan.New(nil, jsonscan.Options{Paths: silent, MaxDepth: jsontree.MaxDepth, MaxKeys: jsontree.MaxValues, MaxKeyBytes: 1 << 30})
	return s.Write(text) == nil && s.Close() == nil
}

// silent has the scanner check all and report nothing.
var silent = jsonscan.NewPaths(nil)

// unfit tells that a whole answer is not of the schemas that it should be.
func (r *Request) unfit(own bool, op dialect.Op, answer jsontree.Value) bool {
	schemas := r.schemas(own)
	if schemas == nil {
		return false
	}
	fits := true
	dialect.Texts(op, answer, func(text []byte) { fits = fits && fit(schemas, text) })
	return !fits
}

// misshapen is the error in place of a whole answer that is not of its schemas, or nil.
// Where there were attempts left it was tried again before.
func (r *Request) misshapen(body []byte) *dialect.Error {
	if r.onInvalid() == "" || r.schemas(true) == nil {
		return nil
	}
	whole, err := jsontree.Parse(body)
	if err != nil { // there is more than can be looked at
		return r.toldUnchecked()
	}
	if !r.unfit(true, r.op, whole) {
		return nil
	}
	return r.toldMisshapen()
}

// toldMisshapen notes that an answer is misshapen; without a result it goes on.
func (r *Request) toldMisshapen() *dialect.Error {
	action, shadow := r.onInvalid(), r.g.shape.Shadow
	if action == policy.GuardRetry && !(shadow && r.stream == nil && r.model.retries()) {
		action = policy.GuardBlock // nothing is left to try, or would have been
	}
	r.guarding.over.Add(outputKind, action, shadow)
	if shadow || action == policy.GuardFlag {
		return nil
	}
	return &dialect.Error{Status: 502, Kind: dialect.Unavailable, Code: "invalid_output",
		Message: "the answer is not of the JSON schema that it should be (request " + r.id + ")"}
}

// toldUnchecked notes that an answer is not looked at: it goes on.
func (r *Request) toldUnchecked() *dialect.Error {
	r.guarding.over.Add(uncheckedKind, policy.GuardFlag, r.g.shape.Shadow)
	return nil
}

// The kinds under which an answer of another form is told, and one that was not looked at.
const (
	outputKind    = "output"
	uncheckedKind = "output.unchecked"
)

// The most that is kept of what streams say, in bytes: of one, and of all that are under way
// in a VM. What is longer is not looked at, and told so.
const (
	maxKept    = 256 << 10
	maxKeptAll = 4 << 20
)

// keepsSaid has what the stream says kept for its end, where it has to fit.
func (r *Request) keepsSaid() {
	if r.op != dialect.Completions && r.onInvalid() != "" {
		if r.guarding.schemas = r.schemas(true); r.guarding.schemas != nil {
			r.stream.Keeps = maxKept
		}
	}
}

// endsMisshapen tells, at each event, whether the stream ends with it and what it has said
// does not fit: then the end is not to be shown.
func (r *Request) endsMisshapen() *dialect.Error {
	s, schemas := r.stream, r.guarding.schemas
	if schemas == nil {
		return nil
	}
	all := &r.g.shape.kept
	*all += int64(len(s.Said)) - r.guarding.kept
	if *all > maxKeptAll {
		*all -= int64(len(s.Said))
		s.Said, s.Lost = nil, true
	}
	if r.guarding.kept = int64(len(s.Said)); !s.Finished {
		return nil
	}
	r.guarding.schemas = nil
	switch {
	case !s.SaidAll():
		return nil
	case s.Lost:
		return r.toldUnchecked()
	case fit(schemas, s.Said):
		return nil
	}
	return r.toldMisshapen()
}

// endMisshapen ends such a stream as one that is broken: what went before has been seen, and
// must not look like a whole answer.
func (r *Request) endMisshapen(now int64, e *dialect.Error) {
	sequence := r.stream.Sequence()
	r.readOn(r.events)
	used, _ := r.usage()
	r.out = add(r.out, e.Event(r.op, sequence))
	r.phase, r.end, r.refused = cutting, EndBlocked, e
	r.cutAt = now
	r.spend.used = used
}
