package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/companion/normal"
	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/memory"
)

// words is an embedder that makes texts alike that have words in common.
type words struct {
	mu    sync.Mutex
	fails error
	slow  bool // waits until its context is over
	calls int
	space string
}

func (w *words) Embed(ctx context.Context, texts []string) ([]embed.Vector, error) {
	w.mu.Lock()
	w.calls++
	fails, slow := w.fails, w.slow
	w.mu.Unlock()
	if slow {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if fails != nil {
		return nil, fails
	}
	out := make([]embed.Vector, len(texts))
	for i, text := range texts {
		v := make([]float32, 64)
		for word := range strings.FieldsSeq(strings.ToLower(text)) {
			h := fnv.New32a()
			h.Write([]byte(word))
			v[h.Sum32()%64]++
		}
		var norm float64
		for _, x := range v {
			norm += float64(x) * float64(x)
		}
		for j := range v {
			v[j] /= float32(math.Sqrt(max(norm, 1)))
		}
		out[i].Values = v
	}
	return out, nil
}

func (w *words) Space() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return "words" + w.space
}

// comparing is a comparison by a rule that tests can see through: case and "please" make no
// difference, another digit is a veto, all else is a doubt.
func comparing(a, b string) compare.Verdict {
	plain := func(s string) string {
		return strings.TrimSpace(strings.ReplaceAll(strings.ToLower(s), "please", ""))
	}
	a, b = plain(a), plain(b)
	if a == b {
		return compare.Verdict{Same: true, Reason: "same but for: politeness"}
	}
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
	}
	if digits(a) != digits(b) {
		return compare.Verdict{Veto: true, Reason: "number: " + digits(a) + " / " + digits(b)}
	}
	return compare.Verdict{Reason: "cannot explain the difference"}
}

// clock is the tests' time.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// seen counts what an engine tells its observer.
type seen struct {
	mu     sync.Mutex
	counts map[string]int
}

func (s *seen) Failed(place, why string, _ error) { s.count(place + ": " + why) }
func (s *seen) Took(step string, _ time.Duration) { s.count("took " + step) }
func (s *seen) Judged(verdict string, cost int64) { s.count(fmt.Sprint("judged ", verdict, " ", cost)) }
func (s *seen) count(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[what]++
}
func (s *seen) of(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[what]
}

// bench is an engine with all that it needs.
type bench struct {
	*Engine
	t     testing.TB
	store *memory.Store
	words *words
	clock *clock
	seen  *seen
}

func newBench(t testing.TB, change ...func(*Config)) *bench {
	b := &bench{t: t, store: memory.New(), words: &words{}, seen: &seen{counts: map[string]int{}},
		clock: &clock{now: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)}}
	c := Config{Store: b.store, Embedder: b.words, Compare: comparing, Observer: b.seen, Now: b.clock.Now}
	for _, f := range change {
		f(&c)
	}
	b.Engine = New(c)
	t.Cleanup(b.Close)
	return b
}

// ask is a look-up of a prompt by team a.
func ask(prompt string, change ...func(*Request)) *Request {
	r := &Request{API: normal.Chat, Policy: "p1", Tenant: Pairs{{"team", "a"}}, Model: "gpt-4o-mini",
		Exact: true, Semantic: true, Threshold: 0.5, TTL: 3_600_000, MaxTemperature: 1, MaxAnswer: 65536}
	for _, f := range change {
		f(r)
	}
	if r.Body == nil {
		r.Body = chat(r.Model, prompt, "")
	}
	return r
}

func chat(model, prompt, more string) json.RawMessage {
	text, _ := json.Marshal(prompt)
	return json.RawMessage(fmt.Sprintf(`{"model":%q,"messages":[{"role":"user","content":%s}]%s}`, model, text, more))
}

// completion is the answer of a provider.
func completion(text string) *Answer {
	quoted, _ := json.Marshal(text)
	return &Answer{ContentType: "application/json", Cost: 1234, Provider: "openai", Model: "gpt-4o-mini", Body: fmt.Appendf(nil,
		`{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}`, quoted)}
}

func (b *bench) look(r *Request) *Result {
	b.t.Helper()
	result, err := b.Lookup(context.Background(), r, 0)
	require.NoError(b.t, err)
	return result
}

// put makes the entry of a prompt.
func (b *bench) put(r *Request, text string) {
	b.t.Helper()
	miss := b.look(r)
	require.Equal(b.t, Miss, miss.Outcome, miss.Reason)
	kept, err := b.Keep(context.Background(), miss.Ticket, completion(text))
	require.NoError(b.t, err)
	require.Equal(b.t, Kept{true, "kept"}, kept)
}

// broken is a store of which one method does not work.
type broken struct {
	store.Store
	slow              bool
	get, nearest, put bool
}

var errBroken = errors.New("the cable is cut")

func (s *broken) fail(ctx context.Context) error {
	if s.slow {
		<-ctx.Done()
		return ctx.Err()
	}
	return errBroken
}

func (s *broken) Get(ctx context.Context, k store.Key, now time.Time) (*store.Entry, error) {
	if s.get {
		return nil, s.fail(ctx)
	}
	return s.Store.Get(ctx, k, now)
}

func (s *broken) Nearest(ctx context.Context, q store.Query, now time.Time) ([]store.Match, error) {
	if s.nearest {
		return nil, s.fail(ctx)
	}
	return s.Store.Nearest(ctx, q, now)
}

func (s *broken) Put(ctx context.Context, e *store.Entry) error {
	if s.put {
		return s.fail(ctx)
	}
	return s.Store.Put(ctx, e)
}
