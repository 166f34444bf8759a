package cache

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sluice-gateway/sluice/companion/normal"
	"github.com/sluice-gateway/sluice/companion/store"
)

// Answer is one that a provider gave, as the client got it.
type Answer struct {
	ContentType string
	Body        []byte
	Usage       *Usage // the gateway's figures, which go before those in Body; nil = it has none
	Cost        int64  // micro-dollars
	Provider    string // that answered, by the policy's name
	Model       string // that answered
}

// Kept says what became of an answer.
type Kept struct {
	Stored bool
	Reason string // why not; one line of ASCII
}

// Keep keeps the answer to what a ticket stands for, and ends its flight. An error is the
// ticket's (see BadRequest) or the context's; what may not be kept is none.
func (e *Engine) Keep(ctx context.Context, rawTicket []byte, a *Answer) (Kept, error) {
	t, err := readTicket(rawTicket, e.c.Now())
	if err != nil {
		return Kept{}, err
	}
	landed := false
	defer func() {
		if !landed {
			e.flights.giveUp(t.key, t.Lead, e.c.Now())
		}
	}()
	entry, why := e.entry(ctx, t, a)
	if why != "" {
		landed = e.flights.dismiss(t.key, t.Lead, e.c.Now())
		return Kept{Reason: line(why)}, nil
	}
	err = e.step(ctx, "put", e.limits.Put, func(ctx context.Context) error { return e.c.Store.Put(ctx, entry) })
	if err != nil {
		return Kept{Reason: "store: " + failure(err)}, nil
	}
	landed = true
	e.flights.land(t.key, nil)
	return Kept{Stored: true, Reason: "kept"}, nil
}

// Abandon ends the lead of a ticket whose answer does not come. final: another's would not
// be kept either.
func (e *Engine) Abandon(rawTicket []byte, final bool) (led bool, err error) {
	t, err := readTicket(rawTicket, e.c.Now())
	if err != nil {
		return false, err
	}
	if final {
		return e.flights.dismiss(t.key, t.Lead, e.c.Now()), nil
	}
	return e.flights.giveUp(t.key, t.Lead, e.c.Now()), nil
}

// AbandonLookup ends the lead of a look-up whose caller has not got its ticket, since it did
// not wait for as long as the way back took.
func (e *Engine) AbandonLookup(id string) (led bool, err error) {
	if id == "" || len(id) > maxID {
		return false, bad("lookup of %d bytes; it has 1 to %d", len(id), maxID)
	}
	return e.flights.giveUpLookup(id, e.c.Now()), nil
}

// entry makes the entry of an answer; why not, otherwise.
func (e *Engine) entry(ctx context.Context, t *ticket, a *Answer) (entry *store.Entry, why string) {
	limit := min(t.MaxAnswer, e.limits.Answer)
	if len(a.Body) > limit {
		return nil, fmt.Sprintf("answer of %d bytes > %d", len(a.Body), limit)
	}
	answer, err := normal.ReadAnswer(t.API, a.ContentType, a.Body)
	if err != nil {
		return nil, notCacheable(err)
	}
	u := &answer.Usage
	if a.Usage != nil {
		*u = normal.Usage{Known: true, Input: a.Usage.Input, Output: a.Usage.Output, Cached: min(a.Usage.Cached, a.Usage.Input),
			Written: min(u.Written, max(0, a.Usage.Input-a.Usage.Cached)), Reasoning: min(a.Usage.Reasoning, a.Usage.Output)}
	}
	meta := Meta{Usage: Usage{u.Input, u.Output, u.Cached, u.Reasoning}, Provider: a.Provider, Model: a.Model}
	body, err := answer.Marshal()
	if err != nil {
		return nil, notCacheable(err)
	}
	if len(body) > limit {
		return nil, fmt.Sprintf("answer of %d bytes > %d", len(body), limit)
	}
	now := time.Unix(e.c.Now().Unix(), 0).UTC() // whole seconds: see sum
	entry = &store.Entry{Key: t.key, Scope: t.scope, Model: t.Model, Labels: labels(t.Tenant),
		Created: now, Expires: now.Add((time.Duration(t.TTL) * time.Millisecond).Truncate(time.Second)), Saves: a.Cost}
	if t.Prompt != "" && e.Semantic() {
		// Without a vector the entry still answers its exact request.
		if v, err := e.embed(ctx, t.Prompt, e.limits.Put); err == nil {
			entry.Space, entry.Vector, entry.Prompt = e.space(), v.Values, t.Prompt
		}
	}
	if err := seal(e.c.Seal, entry, &meta, body); err != nil {
		return nil, "seal: failed"
	}
	return entry, ""
}

// uses are those that the store has not been told of: of each entry the last.
type uses struct {
	mu sync.Mutex
	of map[store.Key]time.Time
}

// take returns what was noted and begins anew. Nobody else writes to what it returns: while
// that is gone through, hits are noted.
func (u *uses) take() map[store.Key]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.of) == 0 {
		return nil
	}
	taken := u.of
	u.of = map[store.Key]time.Time{}
	return taken
}

// noteEvery is how often the store is told of uses. To tell it of each would wake another
// thread in the middle of every hit, which costs as much as the hit.
const noteEvery = time.Second

// noteUse has the store told, when there is time, that an entry was of use. A store that
// evicts by value can do without a note more easily than a client without its answer.
func (e *Engine) noteUse(key store.Key, at time.Time) {
	e.used.mu.Lock()
	_, known := e.used.of[key]
	room := known || len(e.used.of) < e.limits.Used
	if room {
		e.used.of[key] = at
	}
	e.used.mu.Unlock()
	if !room {
		e.c.Observer.Failed("used", "dropped", nil)
	}
}

func (e *Engine) noteUses() {
	tick := time.NewTicker(noteEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-e.background.Done():
			return
		}
		for key, at := range e.used.take() {
			if e.background.Err() != nil {
				return
			}
			_ = e.step(e.background, "used", e.limits.Put, func(ctx context.Context) error {
				return e.c.Store.Used(ctx, key, at)
			}) // step has counted an error; an entry that is gone meanwhile is none
		}
	}
}

// ErrEverything is returned for a filter that selects everything without saying so.
var ErrEverything = errors.New("cache: an invalidation that names nothing needs all")

// Invalidated is what became of an invalidation.
type Invalidated struct {
	Deleted int
	Unknown []string // parts of the tenant that nothing has, as far as is known
}

// UnknownPart is the error of an invalidation that names parts of the tenant which no entry
// has. Nothing was deleted.
type UnknownPart struct{ Unknown, Known []string }

func (u *UnknownPart) Error() string { return fmt.Sprintf("cache: no part %q", u.Unknown) }

// Invalidate deletes what a filter selects. all has to be set for one that selects
// everything. A part of the tenant that is misspelt would select nothing, and whoever
// deletes counts on what is deleted: where the store can say so it is an error, else what is
// known from look-ups since the start is told.
func (e *Engine) Invalidate(ctx context.Context, f store.Filter, all bool) (Invalidated, error) {
	if f.Everything() && !all {
		return Invalidated{}, ErrEverything
	}
	var done Invalidated
	known, certain := e.parts.names(), false
	if namer, ok := e.c.Store.(store.Namer); ok {
		if kept, err := namer.LabelNames(ctx); err == nil {
			known, certain = append(known, kept...), true
		}
	}
	for _, l := range f.Labels {
		if !slices.Contains(known, l.Name) {
			done.Unknown = append(done.Unknown, l.Name)
		}
	}
	if certain && len(done.Unknown) > 0 && len(known) > 0 {
		slices.Sort(known)
		return done, &UnknownPart{done.Unknown, slices.Compact(known)}
	}
	err := e.step(ctx, "delete", e.limits.Delete, func(ctx context.Context) (err error) {
		done.Deleted, err = e.c.Store.Delete(ctx, f)
		return err
	})
	if done.Deleted > 0 {
		done.Unknown = nil
	}
	return done, err
}

// parts are the names of tenants' parts that look-ups have named since the start.
type parts struct {
	mu   sync.RWMutex
	seen map[string]bool
}

// mostParts bounds them. Policies have a few.
const mostParts = 256

func (p *parts) note(tenant Pairs) {
	for _, l := range tenant {
		p.mu.RLock()
		known := p.seen[l[0]] || len(p.seen) >= mostParts
		p.mu.RUnlock()
		if known {
			continue
		}
		p.mu.Lock()
		if p.seen == nil {
			p.seen = map[string]bool{}
		}
		p.seen[l[0]] = true
		p.mu.Unlock()
	}
}

func (p *parts) names() []string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.Collect(maps.Keys(p.seen))
}
