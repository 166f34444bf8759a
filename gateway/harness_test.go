package gateway_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/budget/storetest"
	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/normal"
	"github.com/sluice-gateway/sluice/policy/source"
)

// start is a time on a working day, in milliseconds; no test looks at a clock.
const start = int64(1_795_000_000_000)

// providers is the part of a policy that most tests share.
const providers = `
version: 1
providers:
  openai:    {dialect: openai,    endpoint: "https://api.openai.com", credential: {env: OPENAI_API_KEY}}
  anthropic: {dialect: anthropic, endpoint: "https://api.anthropic.com", credential: {env: ANTHROPIC_API_KEY}}
  plain:     {dialect: openai,    endpoint: "http://127.0.0.1:8080/base"}
models:
  claude-haiku-4-5: {targets: [{provider: anthropic, model: claude-haiku-4-5}]}
  claude-sonnet-4-5: {targets: [{provider: anthropic, model: claude-sonnet-4-5}]}
  house:            {targets: [{provider: openai, model: gpt-4o-mini}]}
  local:            {targets: [{provider: plain, model: gpt-4o}]}
default_provider: openai
identity:
  key:  {header: authorization, hash: true}
  team: {header: x-team, verified: true}
`

// world is a gateway with everything around it.
type world struct {
	t       testing.TB
	gateway *gateway.Gateway
	store   budget.Store
	now     int64
	calls   int

	fixed bool   // the host's route says where a request goes, as on Kong
	route string // the provider that it leads to; "" = nobody says

	resumes, breaks bool // what the host does about calls: see gateway.Arrival

	properties map[string]string // of the host, by their paths with a space between the steps
}

func newWorld(t testing.TB, text string) *world {
	w := &world{t: t, now: start, store: budget.NewSharedStore(storetest.NewEnvoy(), budget.EnvoyRules)}
	w.load(text)
	return w
}

// decoded are the policies of this package's tests, which nobody changes.
var decoded = map[string]*policy.Policy{}

// load puts a policy in place of the one that is there.
func (w *world) load(text string) {
	p := decoded[text]
	if p == nil {
		asWritten, err := source.Policy([]byte(text))
		require.NoError(w.t, err)
		p, err = normal.Read(normal.Append(nil, asWritten)) // as it reaches the module
		require.NoError(w.t, err)
		decoded[text] = p
	}
	var err error
	w.gateway, err = gateway.New(p, gateway.Options{
		Store: w.store, Provider: w.route,
		Env: func(name string) string {
			return map[string]string{"OPENAI_API_KEY": "sk-ours", "ANTHROPIC_API_KEY": "sk-ant-ours", "SECOND_API_KEY": "key-second"}[name]
		},
	})
	require.NoError(w.t, err)
}

// call is one request on its way through a gateway, with both ends of it.
type call struct {
	w        *world
	request  *gateway.Request
	body     []byte            // what the host has buffered of the request's body
	sent     string            // the body that the provider got
	headers  map[string]string // the headers that the provider got
	reply    *gateway.Reply    // the gateway's own answer
	seen     map[string]string // the headers that the client got
	client   strings.Builder   // the body that the client got
	held     []byte            // what the host holds of the answer
	holding  bool
	closed   bool
	replaced int           // how often a piece of the answer was replaced
	tries    []*try        // what follow has done
	broke    bool          // the upstream broke off what was let go
	asks     *gateway.Call // a call of the gateway's own, which waits for its answer
	tells    *gateway.Call // one that nobody waits for, made when the stream was over
	toldOf   *gateway.Call // one that nobody waits for, made while it went on
	log      string
	called   bool // a call has been made
}

// begin sends the headers of a request. More headers are name, value, name, value, …
func (w *world) begin(path string, more ...string) *call {
	w.calls++
	c := &call{w: w, headers: map[string]string{}, seen: map[string]string{}}
	h := gateway.Headers{{":method", "POST"}, {":path", path}, {":authority", "gateway.example"}}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i] == ":method" {
			h[0][1] = more[i+1]
			continue
		}
		h = append(h, [2]string{more[i], more[i+1]})
	}
	for _, p := range h {
		c.headers[p[0]] = p[1]
	}
	var out gateway.Outcome
	c.request, out = w.gateway.Begin(gateway.Arrival{
		Now: w.now, ID: "id-1", Headers: h, HoldsAnswers: !w.fixed, FixedTarget: w.fixed, CallsResume: w.resumes, CallsBreak: w.breaks,
		Property: func(path []string) (string, bool) {
			value, ok := w.properties[strings.Join(path, " ")]
			return value, ok
		},
	})
	c.toProvider(out)
	return c
}

func (c *call) toProvider(out gateway.Outcome) {
	c.asks, c.log = out.Call, out.Log
	if out.Tell != nil {
		c.toldOf = out.Tell
	}
	if out.Reply != nil {
		c.reply = out.Reply
		return
	}
	for _, name := range out.Remove {
		delete(c.headers, name)
	}
	for _, h := range out.Set {
		c.headers[h[0]] = h[1]
	}
	if out.Request != nil {
		c.body = out.Request
	}
	body := jsonscan.Apply(nil, c.body, out.Edits)
	if c.w.resumes {
		require.False(c.w.t, c.called && (out.Request != nil || len(out.Edits) > 0), "the body can be changed no more")
		require.Zero(c.w.t, out.After, "nothing can wait there")
		c.body = body
		c.called = c.called || out.Call != nil
	}
	if out.Action == gateway.Continue {
		c.sent = string(body)
	}
}

// whileCalling reads the request's body when a call is over, as far as the host lets it.
func (c *call) whileCalling(from, size int) []byte {
	require.False(c.w.t, c.w.resumes, "the body can be read no more")
	return c.body[from:min(from+size, len(c.body))]
}

// goesOn is the host going on with a request of whose call it has heard nothing good, and
// nothing has told.
func (c *call) goesOn() *call {
	require.NotNil(c.w.t, c.asks)
	require.Nil(c.w.t, c.reply)
	c.sent, c.asks = string(c.body), nil
	return c
}

// write brings the pieces of a body; the last one is the end.
func (c *call) write(pieces ...string) *call {
	for i, piece := range pieces {
		if c.reply != nil {
			return c
		}
		c.body = append(c.body, piece...)
		read := func(from, size int) []byte { return c.body[from:min(from+size, len(c.body))] }
		c.toProvider(c.request.Body(c.w.now, len(c.body), i == len(pieces)-1, read))
	}
	return c
}

// post is begin and write.
func (w *world) post(path, body string, more ...string) *call {
	return w.begin(path, more...).write(body)
}

// respond brings the headers of an answer.
func (c *call) respond(status, contentType string, more ...string) *call {
	require.Nil(c.w.t, c.reply, "the gateway answered by itself: %s", c.replyBody())
	h := gateway.Headers{{":status", status}}
	if contentType != "" {
		h = append(h, [2]string{"content-type", contentType})
	}
	for i := 0; i+1 < len(more); i += 2 {
		h = append(h, [2]string{more[i], more[i+1]})
	}
	for _, p := range h {
		c.seen[p[0]] = p[1]
	}
	c.toClient(c.request.ResponseHeaders(c.w.now, h, false), nil)
	return c
}

// stream brings the pieces of an answer; the last one is the end if end says so.
func (c *call) stream(end bool, pieces ...string) *call {
	for i, piece := range pieces {
		shown := []byte(piece)
		if c.holding {
			c.held = append(c.held, piece...)
			shown = c.held
		}
		read := func(from, size int) []byte { return shown[from:min(from+size, len(shown))] }
		c.toClient(c.request.ResponseBody(c.w.now, len(shown), end && i == len(pieces)-1, read), shown)
	}
	return c
}

func (c *call) toClient(out gateway.Outcome, shown []byte) {
	if c.w.fixed && out.Reply != nil {
		c.reply = out.Reply
		return
	}
	require.Nil(c.w.t, out.Reply)
	for _, name := range out.Remove {
		delete(c.seen, name)
	}
	for _, h := range out.Set {
		c.seen[h[0]] = h[1]
	}
	c.holding = out.Action == gateway.Hold
	if out.Replace {
		c.replaced++
		shown = out.Body
	}
	if !c.holding {
		c.client.Write(shown)
	}
	c.closed = c.closed || out.Action == gateway.Close
}

// done ends the stream and returns its decision record.
func (c *call) done() record {
	report := c.request.Done(c.w.now, c.broke)
	c.tells = report.Call
	var r record
	require.NoError(c.w.t, json.Unmarshal(report.Record, &r), "%s", report.Record)
	r.samples = map[string]int64{}
	for _, s := range report.Samples {
		r.samples[s.Name] += s.Value
	}
	return r
}

func (c *call) replyBody() string {
	if c.reply == nil {
		return ""
	}
	return string(c.reply.Body)
}

func (c *call) replyHeader(name string) string {
	for _, h := range c.reply.Headers {
		if h[0] == name {
			return h[1]
		}
	}
	return ""
}

// record is a decision record as its readers have it.
type record struct {
	ID, Time, Dialect, Operation, Model, Provider, End, Code, Failure string
	Identity                                                          map[string]string
	ModelAsked                                                        string `json:"model_asked"`
	Stream                                                            bool
	Tokens                                                            struct {
		Input, Output, Cached, Reasoning int64
		Source                           string
	}
	Cost  *json.Number `json:"cost_usd"`
	Cache struct {
		Result, Reason, Entry string
		Similarity            *json.Number
		SavedTokens           int64        `json:"saved_tokens"`
		Saved                 *json.Number `json:"saved_usd"`
		NotKept               string       `json:"not_kept"`
	}
	Budgets []struct {
		Name, Unit                   string
		Reserved, Settled, Remaining json.Number
		Shadow, Refused              bool
		WouldRefuse                  bool `json:"would_refuse"`
	}
	Attempts []struct {
		Provider, Model, Reason string
		Status                  int
		Tokens                  int64
		Cost                    *json.Number `json:"cost_usd"`
	}
	samples map[string]int64
}

// brokenStore fails every call.
type brokenStore struct{}

func (brokenStore) Get(string) ([]byte, budget.Version, error) {
	return nil, budget.Absent, errors.New("no shared data here")
}
func (brokenStore) Set(string, []byte, budget.Version) error {
	return errors.New("no shared data here")
}
