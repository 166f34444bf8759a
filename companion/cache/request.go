package cache

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"crypto/rand"

	"github.com/sluice-gateway/sluice/companion/normal"
	"github.com/sluice-gateway/sluice/companion/store"
)

// Request is a look-up, as it stands in JSON. All but the body of the client's request comes
// from the gateway's policy: no client can widen a scope or lower a threshold.
type Request struct {
	ID             string     `json:"id"` // that no other look-up has; see AbandonLookup
	API            normal.API `json:"api"`
	Policy         string     `json:"policy"` // version of the policy
	Tenant         Pairs      `json:"tenant"` // name and value, in the policy's order
	Other          Pairs      `json:"other"`  // what else changes the answer, such as the header anthropic-beta
	Model          string     `json:"model"`  // as the client asked for it
	Exact          bool       `json:"exact"`
	Semantic       bool       `json:"semantic"`
	Threshold      float64    `json:"threshold"` // least cosine of a proposal
	TTL            int64      `json:"ttl_ms"`
	MaxTemperature float64    `json:"max_temperature"`
	MaxAnswer      int        `json:"max_answer"` // bytes
	Judge          *JudgeBy   `json:"judge"`
	Within         int64      `json:"within_ms"` // for how long the caller waits for an answer; 0 = as long as it takes
	// Body is what the client sent.
	Body json.RawMessage `json:"request"`
}

// JudgeBy names who is asked where a comparison cannot decide.
type JudgeBy struct {
	Model   string `json:"model"`
	Timeout int64  `json:"timeout_ms"`
}

func (r *Request) ttl() time.Duration { return time.Duration(r.TTL) * time.Millisecond }

// BadRequest is an error of whoever calls, as 400 is.
type BadRequest struct{ Reason string }

func (b *BadRequest) Error() string { return "cache: " + b.Reason }

func bad(format string, args ...any) error { return &BadRequest{fmt.Sprintf(format, args...)} }

// The most that a look-up may name. Policies are far below.
const (
	maxLabels = 64
	maxLabel  = 512
	maxModel  = 256
	maxID     = 64
	maxTTL    = 366 * 24 * time.Hour
	maxJudge  = time.Minute
	maxWithin = 10 * time.Minute
)

func (r *Request) check() error {
	switch {
	case r.API != normal.Chat && r.API != normal.Messages:
		return bad("api %q; there are %s and %s", r.API, normal.Chat, normal.Messages)
	case len(r.ID) > maxID:
		return bad("id of %d bytes; it has at most %d", len(r.ID), maxID)
	case r.Policy == "" || len(r.Policy) > maxModel:
		return bad("policy of %d bytes; it has 1 to %d", len(r.Policy), maxModel)
	case r.Model == "" || len(r.Model) > maxModel:
		return bad("model of %d bytes; it has 1 to %d", len(r.Model), maxModel)
	case !(r.Threshold >= -1 && r.Threshold <= 1):
		return bad("threshold %g is no cosine", r.Threshold)
	case r.TTL < 1000 || r.TTL > maxTTL.Milliseconds():
		return bad("ttl_ms %d; it is 1000 to %d", r.TTL, maxTTL.Milliseconds())
	case r.MaxTemperature < 0:
		return bad("max_temperature %g < 0", r.MaxTemperature)
	case r.MaxAnswer < 1:
		return bad("max_answer %d < 1", r.MaxAnswer)
	case r.Within < 0 || r.Within > maxWithin.Milliseconds():
		return bad("within_ms %d; it is 0 to %d", r.Within, maxWithin.Milliseconds())
	case len(r.Body) == 0:
		return bad("no request")
	}
	if j := r.Judge; j != nil && (j.Model == "" || len(j.Model) > maxModel || j.Timeout < 1 || j.Timeout > maxJudge.Milliseconds()) {
		return bad("judge: a model and timeout_ms of 1 to %d are needed", maxJudge.Milliseconds())
	}
	for _, list := range []Pairs{r.Tenant, r.Other} {
		if err := checkLabels(list); err != nil {
			return err
		}
	}
	return nil
}

func checkLabels(list Pairs) error {
	if len(list) > maxLabels {
		return bad("%d labels, more than %d", len(list), maxLabels)
	}
	for i, l := range list {
		if l[0] == "" || len(l[0]) > maxLabel || len(l[1]) > maxLabel {
			return bad("label %q: the name has 1 to %d bytes, the value at most so many", cut(l[0], 40), maxLabel)
		}
		for _, before := range list[:i] {
			if before[0] == l[0] {
				return bad("label %q twice", cut(l[0], 40))
			}
		}
	}
	return nil
}

func labels(list Pairs) []store.Label {
	out := make([]store.Label, len(list))
	for i, l := range list {
		out[i] = store.Label{Name: l[0], Value: l[1]}
	}
	return out
}

// asked is a request that has been read.
type asked struct {
	request    *Request
	body       *normal.Request
	bypass     string // why it is neither answered from the cache nor kept; "" = it may be
	key, scope store.Key
	labels     []store.Label
	prompt     string    // "" = exact hits only
	long       int       // bytes of a prompt that is too long to be found by meaning
	tools      bool      // they may be called, so that nothing is found by meaning
	until      time.Time // for when the caller wants an answer; zero = whenever
}

func (e *Engine) read(r *Request) (*asked, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	a := &asked{request: r, labels: labels(r.Tenant)}
	if r.Within > 0 {
		a.until = e.c.Now().Add(time.Duration(r.Within) * time.Millisecond * 4 / 5) // the rest is for the way back
	}
	body, err := normal.ReadRequest(r.API, r.Body, normal.Settings{MaxTemperature: r.MaxTemperature})
	if err != nil {
		a.bypass = notCacheable(err)
		return a, nil
	}
	a.body = body
	if body.Model != r.Model {
		return nil, bad("model %q, but the request asks for %q", r.Model, cut(body.Model, 80))
	}
	a.key, a.scope = body.Keys(normal.Context{Policy: r.Policy, Tenant: a.labels, Other: labels(r.Other)})
	if a.tools = body.Tools; !a.tools {
		a.prompt = body.Prompt
	}
	if len(a.prompt) > e.limits.Prompt || !utf8.ValidString(a.prompt) {
		a.prompt, a.long = "", len(body.Prompt)
	}
	return a, nil
}

func notCacheable(err error) string {
	var not *normal.NotCacheable
	if errors.As(err, &not) {
		return line(string(not.Reason) + ": " + not.Detail)
	}
	return line(err.Error())
}

// refuses says why what was found does not do for this caller; "" = it does.
func (a *asked) refuses(f *found) string {
	if len(f.entry.Answer) > a.request.MaxAnswer+sealHeader+1024 {
		return fmt.Sprintf("kept answer of %d bytes > %d", len(f.entry.Answer), a.request.MaxAnswer)
	}
	if !a.body.Fits(f.answer) {
		return fmt.Sprintf("kept answer of %d tokens > the request's cap of %d", f.answer.Usage.Output, a.body.MaxOutput)
	}
	return ""
}

// replay gives what was found to the caller, in its dialect; why not, otherwise.
func (e *Engine) replay(a *asked, f *found) (hit *Result, why string) {
	if why := a.refuses(f); why != "" {
		return nil, why
	}
	now := e.c.Now()
	contentType, body := normal.Replay(a.body.Delivery(), f.answer, normal.Fresh{ID: newID(), Created: now})
	e.noteUse(f.entry.Key, now)
	return &Result{Outcome: f.outcome, Reason: line(f.reason),
		Similarity: f.similarity, HasNearest: f.outcome == SemanticHit,
		Body: body, ContentType: contentType, Key: f.entry.Key,
		Age: max(0, now.Sub(f.entry.Created)), Saves: f.entry.Saves, Meta: f.meta}, ""
}

// newID is the fresh part of a replay's ids: 24 letters and digits, as providers' are.
func newID() string {
	var b [12]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// maxReason bounds a reason, which travels in a header and in a record.
const maxReason = 200

// line makes one line of printable ASCII of a reason. What quotes a prompt may have
// anything in it.
func line(s string) string {
	var b strings.Builder
	for _, r := range s {
		if b.Len() >= maxReason {
			break
		}
		if r < ' ' || r > '~' {
			r = '?'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
