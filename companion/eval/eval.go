// Package eval asks the engine that decides in production about pairs of prompts: would the
// second be answered with what is kept for the first?
//
// Nothing is decided here. For each pair an engine keeps an answer to the first, in a scope
// of the pair's own, and looks the second up.
package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/companion/cache"
	"github.com/sluice-gateway/sluice/companion/compare"
	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/companion/normal"
	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/memory"
)

// Pair is two prompts.
type Pair struct{ A, B string }

// Decision is whether A's answer would be given for B.
type Decision struct {
	Hit        bool    `json:"hit"`
	Similarity float64 `json:"similarity"` // cosine; 1 for an exact hit, 0 where there is none
	Reason     string  `json:"reason"`
}

// Evaluator decides about pairs, one at a time.
type Evaluator struct {
	engine    *cache.Engine
	toEmbed   func(prompt string) string
	embedder  embed.Embedder
	store     store.Store
	threshold float64
	pairs     int // so far
}

// Within is how long a step may take: an evaluation wants an answer, and no miss for want
// of time.
const Within = time.Minute

// New makes an evaluator. The embedder has to remember what Decide has it make at once, as
// embed.Memo does. toEmbed gives the form of a prompt that is embedded; nil is as it stands.
// Close ends the evaluator.
func New(embedder embed.Embedder, decide func(a, b string) compare.Verdict, toEmbed func(prompt string) string, threshold float64) *Evaluator {
	e := &Evaluator{embedder: embedder, toEmbed: toEmbed, store: memory.New(), threshold: threshold}
	e.engine = cache.New(cache.Config{Store: e.store, Embedder: e.embedder, Compare: decide, ToEmbed: toEmbed,
		Limits: cache.Limits{Embed: Within, Get: Within, Nearest: Within, Put: Within}})
	return e
}

// Close ends the evaluator's work.
func (e *Evaluator) Close() { e.engine.Close() }

// Decide decides about pairs, in their order.
func (e *Evaluator) Decide(ctx context.Context, pairs []Pair) ([]Decision, error) {
	texts := make([]string, 0, 2*len(pairs))
	for _, p := range pairs {
		for _, text := range []string{p.A, p.B} {
			if text != "" && e.toEmbed != nil {
				text = e.toEmbed(text)
			}
			if text != "" {
				texts = append(texts, text)
			}
		}
	}
	if len(texts) > 0 {
		if _, err := e.embedder.Embed(ctx, texts); err != nil {
			return nil, err
		}
	}
	decisions := make([]Decision, len(pairs))
	for i, p := range pairs {
		var err error
		if decisions[i], err = e.decide(ctx, p); err != nil {
			return nil, err
		}
	}
	return decisions, nil
}

const model = "evaluated"

// answer is what is kept: any will do.
var answer = cache.Answer{ContentType: "application/json", Body: []byte(`{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"` + model +
	`","choices":[{"index":0,"message":{"role":"assistant","content":"."},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`)}

func (e *Evaluator) decide(ctx context.Context, p Pair) (Decision, error) {
	e.pairs++
	request := func(prompt string) *cache.Request {
		body, err := json.Marshal(map[string]any{"model": model, "messages": []map[string]string{{"role": "user", "content": prompt}}})
		if err != nil {
			panic(err) // it is made of strings
		}
		return &cache.Request{API: normal.Chat, Policy: "pair " + strconv.Itoa(e.pairs), Model: model, Exact: true, Semantic: true,
			Threshold: e.threshold, TTL: time.Hour.Milliseconds(), MaxTemperature: 1, MaxAnswer: 4096, Body: body}
	}
	first, err := e.engine.Lookup(ctx, request(p.A), 0)
	if err != nil {
		return Decision{}, err
	}
	if first.Outcome != cache.Miss {
		return Decision{Reason: "a: " + first.Reason}, nil
	}
	kept, err := e.engine.Keep(ctx, first.Ticket, &answer)
	if err != nil {
		return Decision{}, err
	}
	if !kept.Stored {
		return Decision{}, fmt.Errorf("eval: the answer was not kept: %s", kept.Reason)
	}
	second, err := e.engine.Lookup(ctx, request(p.B), 0)
	if err != nil {
		return Decision{}, err
	}
	if _, err := e.store.Delete(ctx, store.Filter{Model: model}); err != nil {
		return Decision{}, err
	}
	if len(second.Ticket) > 0 {
		if _, err := e.engine.Abandon(second.Ticket, false); err != nil {
			return Decision{}, err
		}
	}
	for _, part := range []string{"embedder: ", "store: "} {
		if second.Outcome == cache.Miss && strings.HasPrefix(second.Reason, part) {
			return Decision{}, fmt.Errorf("eval: %s", second.Reason)
		}
	}
	d := Decision{Hit: second.Outcome == cache.Hit || second.Outcome == cache.SemanticHit, Similarity: second.Similarity, Reason: second.Reason}
	if second.Outcome == cache.Hit {
		d.Similarity = 1
	}
	return d, nil
}
