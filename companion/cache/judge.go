package cache

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"
)

// Asker asks a model whether one answer does for two questions. Its cost is in
// micro-dollars, and may have come up though there is an error.
type Asker interface {
	Ask(ctx context.Context, model, entry, asked string) (same bool, cost int64, err error)
}

// judge has the last word where a comparison has none: nothing vetoed, and not everything
// explained. A model takes longer than a look-up may, so it is asked beside: the flight of
// the question goes on, whoever asks is told to wait, and finds the verdict in the memo.
type judge struct {
	e    *Engine
	room chan struct{}

	mu       sync.Mutex
	now, old map[pair]*verdict // two generations: what is not asked for again is forgotten
}

type pair [sha256.Size]byte

// verdict is what a judge has said, or that it did not say anything.
type verdict struct {
	same   bool
	failed string // why it said nothing; "" = it did
	until  time.Time
	cost   int64 // not yet told to anybody
}

const (
	verdictsKept   = 20_000    // in two generations
	verdictHolds   = time.Hour // the prompts do not change, but models do
	failureHolds   = 10 * time.Second
	judgeSaysSame  = "judge: same"
	judgeSaysOther = "judge: different"
)

func newJudge(e *Engine) *judge {
	return &judge{e: e, room: make(chan struct{}, e.limits.Judging), now: map[pair]*verdict{}}
}

// decide uses what the judge has said about an entry and a prompt, or has it asked, in
// which case the lead is the judge's.
func (j *judge) decide(a *asked, doubt *found, lead string, n neighbour) (*found, neighbour) {
	by := a.request.Judge
	key := pairOf(by.Model, doubt.entry.Prompt, a.prompt)
	if v, ok := j.recall(key); ok {
		n.judgeCost = v.cost
		switch {
		case v.failed != "":
			n.reason = "judge: " + v.failed + "; " + doubt.reason
		case v.same:
			doubt.reason = judgeSaysSame + "; " + doubt.reason
			return doubt, n
		default:
			n.reason = judgeSaysOther + "; " + doubt.reason
		}
		return nil, n
	}
	select {
	case j.room <- struct{}{}:
	default:
		j.e.c.Observer.Failed("judge", "busy", nil)
		n.reason = "judge: busy; " + doubt.reason
		return nil, n
	}
	n.judging = true
	j.e.flights.handOver(a.key, lead)
	timeout := time.Duration(by.Timeout) * time.Millisecond
	entry, prompt := doubt.entry.Prompt, a.prompt
	j.e.work.Go(func() {
		defer func() { <-j.room }()
		defer func() { j.e.flights.giveUp(a.key, lead, j.e.c.Now()) }()
		j.ask(key, by.Model, entry, prompt, timeout)
	})
	return nil, n
}

func (j *judge) ask(key pair, model, entry, prompt string, timeout time.Duration) {
	v := &verdict{until: j.e.c.Now().Add(verdictHolds)}
	err := j.e.step(j.e.background, "judge", timeout, func(ctx context.Context) (err error) {
		v.same, v.cost, err = j.e.c.Asker.Ask(ctx, model, entry, prompt)
		return err
	})
	word := "different"
	switch {
	case err != nil:
		v.same, v.failed, v.until = false, failure(err), j.e.c.Now().Add(failureHolds)
		word = "failed"
	case v.same:
		word = "same"
	}
	j.e.c.Observer.Judged(word, v.cost)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.keep(key, v)
}

func (j *judge) keep(key pair, v *verdict) {
	if len(j.now) >= verdictsKept/2 {
		j.old, j.now = j.now, map[pair]*verdict{}
	}
	j.now[key] = v
}

// recall gives a verdict that holds, and its cost to the first that hears of it.
func (j *judge) recall(key pair) (verdict, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	v := j.now[key]
	if v == nil {
		if v = j.old[key]; v == nil {
			return verdict{}, false
		}
		delete(j.old, key)
		j.keep(key, v)
	}
	if j.e.c.Now().After(v.until) {
		delete(j.now, key)
		return verdict{}, false
	}
	told := *v
	v.cost = 0
	return told, true
}

func pairOf(model, entry, asked string) pair {
	h := sha256.New()
	for _, s := range []string{model, entry, asked} {
		sum := sha256.Sum256([]byte(s))
		h.Write(sum[:])
	}
	return pair(h.Sum(nil))
}
