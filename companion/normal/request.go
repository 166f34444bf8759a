package normal

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/jsontree"
)

// Request is a request that may be answered from the cache.
type Request struct {
	API    API
	Model  string // as the client asked for it
	Prompt string // the text of the last user message, its parts joined by line feeds

	// MaxOutput is the most output tokens that the client takes, 0 = it does not say. It is
	// in neither key: see Fits.
	MaxOutput int64

	// Tools tells that the model may call tools: then an order and a question about it have
	// answers that must not be taken for each other's.
	Tools bool

	Stream       bool
	IncludeUsage bool // OpenAI's stream_options.include_usage

	scope [32]byte // the sum of all but the last user message's texts
	texts encoding // those
}

// Settings are the operator's.
type Settings struct {
	MaxTemperature float64 // requests above it are not cacheable
}

// form is in front of all that is hashed, and changes when what is hashed does: keys of
// two releases that read requests in two ways never meet.
const form = "sluice cached conversation, form 1"

// ReadRequest reads the body of a request. The error is a *NotCacheable, always.
func ReadRequest(api API, body []byte, s Settings) (*Request, error) {
	q := query{api: api, settings: s, request: Request{API: api}, scope: make(encoding, 0, 512+len(body)+len(body)/8)}
	root, no := q.json.object(body)
	if no != nil {
		return nil, no
	}
	q.read(root)
	if q.no != nil {
		return nil, q.no
	}
	q.request.scope = sha256.Sum256(q.scope)
	return &q.request, nil
}

// query is a request on its way.
type query struct {
	api      API
	settings Settings
	json     reader
	request  Request
	scope    encoding
	heated   bool // it has a temperature
	choice   choice

	system, messages jsontree.Value
	turns            []turn
	calls            map[string]string // the ids of calls: their numbers, as they appear

	no *NotCacheable // the first reason
}

func (q *query) refuse(r Reason, detail string) {
	if q.no == nil {
		q.no = refuse(r, detail)
	}
}

func (q *query) wrong(place string) { q.refuse(Malformed, place+" is not as documented") }

// read goes through the fields in the order of their names, so that theirs in the body
// means nothing.
func (q *query) read(root jsontree.Value) {
	q.scope.open(form)
	for _, m := range others(root) {
		switch f, known := fieldOf(q.api, m.name); {
		case !known:
			q.own(m.name, m.Value)
		case m.Kind() == jsontree.Null: // says nothing, as in both APIs
		case f.read != nil:
			f.read(q, m.Value)
		case f.treatment == inScope:
			q.own(m.name, m.Value)
		}
	}
	q.request.Tools = root.Get("tools").Len() > 0 || root.Get("functions").Len() > 0
	if q.request.Model == "" {
		q.wrong("model")
	}
	if q.api == Messages && q.request.MaxOutput == 0 {
		q.wrong("max_tokens")
	}
	if !q.heated && q.settings.MaxTemperature < usualTemperature {
		q.refuse(Temperature, "absent, which is 1")
	}
	q.choice.write(&q.scope)
	q.conversation()
	q.scope.close()
}

// own puts a field into the scope that means something in this API alone, or that nobody
// here knows.
func (q *query) own(name string, v jsontree.Value) {
	q.scope.open("field of " + string(q.api))
	q.scope.text(name)
	q.scope.value(v)
	q.scope.close()
}

// shared puts a field into the scope that both APIs have.
func (q *query) shared(name string, words ...string) {
	q.scope.open(name)
	for _, w := range words {
		q.scope.text(w)
	}
	q.scope.close()
}

// Context is what decides about an answer beside the request's body.
type Context struct {
	// Policy names the version of the policy.
	Policy string
	// Tenant is who may be answered with it: the policy's cache.scope. A part that the
	// request lacks is left out, which is another tenant than one whose part is "". The
	// order means nothing.
	Tenant []store.Label
	// Other is what else of the request changes its answer, such as the header
	// anthropic-beta or a query, by its name. The order means nothing.
	Other []store.Label
}

// Keys are the sums under which an entry is kept: of the request as it is, and of its
// scope. Two that differ in anything that is hashed have different keys.
func (r *Request) Keys(in Context) (exact, scope store.Key) {
	var e encoding
	e.open(form)
	e.text(in.Policy)
	e.labels(in.Tenant)
	e.labels(in.Other)
	e.text(string(r.scope[:]))
	e.close()
	scope = sha256.Sum256(e)
	e = e[:0]
	e.open("exact")
	e.text(string(scope[:]))
	e = append(e, r.texts...)
	e.close()
	return sha256.Sum256(e), scope
}

func (e *encoding) labels(all []store.Label) {
	all = slices.SortedFunc(slices.Values(all), func(a, b store.Label) int {
		if a.Name != b.Name {
			return strings.Compare(a.Name, b.Name)
		}
		return strings.Compare(a.Value, b.Value)
	})
	e.open("labels")
	for _, l := range all {
		e.text(l.Name)
		e.text(l.Value)
	}
	e.close()
}

// Fits tells whether the client's cap lets an answer through that is whole: one that is
// longer would have been cut.
func (r *Request) Fits(a *Answer) bool {
	return r.MaxOutput == 0 || a.Usage.Known && a.Usage.Output <= r.MaxOutput
}

// Delivery is how the client wants its answer.
func (r *Request) Delivery() Delivery {
	return Delivery{API: r.API, Stream: r.Stream, IncludeUsage: r.IncludeUsage}
}

// sorted encodes each value by itself and appends them in an order of their own, for lists
// whose order says nothing. One that is there twice is there once if once is set.
func (e *encoding) sorted(list []encoding, once bool) {
	slices.SortFunc(list, func(a, b encoding) int { return bytes.Compare(a, b) })
	if once {
		list = slices.CompactFunc(list, func(a, b encoding) bool { return bytes.Equal(a, b) })
	}
	for _, one := range list {
		*e = append(*e, one...)
	}
}
