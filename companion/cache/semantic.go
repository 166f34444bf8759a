package cache

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/sluice-gateway/sluice/companion/compare"
	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/companion/store"
)

// proposals is how many of the nearest entries are compared. The right one of a scope is
// nearly always the first; more than a few cost time and add ways to be wrong.
const proposals = 8

// neighbour is what is known of the entry that is nearest.
type neighbour struct {
	any        bool
	similarity float64
	reason     string // why it is no hit
	judging    bool   // a judge is being asked
	judgeCost  int64
}

// nearest looks for an entry of the scope whose prompt means the same.
func (e *Engine) nearest(ctx context.Context, a *asked, lead string) (*found, neighbour) {
	var n neighbour
	vector, err := e.embed(ctx, a.prompt, a.within(e, e.limits.Embed))
	if err != nil {
		n.reason = "embedder: " + failure(err)
		return nil, n
	}
	var matches []store.Match
	space := e.space()
	err = e.step(ctx, "nearest", a.within(e, e.limits.Nearest), func(ctx context.Context) (err error) {
		q := store.Query{Scope: a.scope, Space: space, Vector: vector.Values, K: proposals}
		matches, err = e.c.Store.Nearest(ctx, q, e.c.Now())
		return err
	})
	if err != nil {
		n.reason = "store: " + failure(err)
		return nil, n
	}
	n.reason = "no entry"
	var doubt *found // the nearest that a judge might know more about
	for _, m := range matches {
		if m.Entry == nil {
			continue
		}
		f, why := e.open(a, m.Entry, m.Entry.Key)
		if f != nil && m.Entry.Space != space {
			f, why = nil, "space"
		}
		if f == nil {
			e.c.Observer.Failed("distrust", why, nil)
			continue
		}
		f.similarity = similarity(m, vector.Values)
		first := !n.any
		if first {
			n.any, n.similarity = true, f.similarity
		}
		if !(f.similarity >= a.request.Threshold) { // also where it is no number
			if first {
				n.reason = fmt.Sprintf("similarity %.4f < %.4f", f.similarity, a.request.Threshold)
			}
			continue
		}
		verdict := e.compare(m.Entry.Prompt, a.prompt)
		f.outcome, f.reason = SemanticHit, verdict.Reason
		if verdict.Same {
			if why := a.refuses(f); why != "" {
				n.reason = why
				continue
			}
			return f, n
		}
		if first {
			n.reason = verdict.Reason
		}
		if !verdict.Veto && doubt == nil && a.refuses(f) == "" {
			doubt = f
		}
	}
	switch {
	case doubt == nil || a.request.Judge == nil:
		return nil, n
	case e.judge == nil:
		n.reason += "; no judge is set up"
		e.c.Observer.Failed("judge", "none", nil)
		return nil, n
	}
	return e.judge.decide(a, doubt, lead, n)
}

// space names what vectors are made by. Those of folded prompts are no neighbours of those of
// the prompts as they stand.
func (e *Engine) space() string {
	if e.c.ToEmbed == nil {
		return e.c.Embedder.Space()
	}
	return e.c.Embedder.Space() + "+" + compare.EmbedForm
}

// embed makes the vector of a prompt. The embedder remembers it, so that Keep, which comes
// when the answer is there, has it at once.
func (e *Engine) embed(ctx context.Context, prompt string, limit time.Duration) (embed.Vector, error) {
	var vectors []embed.Vector
	if e.c.ToEmbed != nil {
		prompt = e.c.ToEmbed(prompt)
	}
	err := e.step(ctx, "embed", limit, func(ctx context.Context) (err error) {
		vectors, err = e.c.Embedder.Embed(ctx, []string{prompt})
		if err == nil && (len(vectors) != 1 || len(vectors[0].Values) == 0) {
			err = fmt.Errorf("cache: %d vectors for one text", len(vectors))
		}
		return err
	})
	if err != nil {
		return embed.Vector{}, err
	}
	return vectors[0], nil
}

// similarity is worked out again where the store gave the vector back, since a store may
// keep it in fewer bits, or be wrong.
func similarity(m store.Match, vector []float32) float64 {
	if len(m.Entry.Vector) == 0 {
		return m.Similarity
	}
	if len(m.Entry.Vector) != len(vector) {
		return math.NaN()
	}
	var dot float64
	for i, x := range m.Entry.Vector {
		dot += float64(x) * float64(vector[i])
	}
	return max(-1, min(1, dot)) // vectors are of unit length to within their own digits
}
