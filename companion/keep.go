package companion

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/sluice-gateway/sluice/companion/cache"
	"github.com/sluice-gateway/sluice/companion/store"
)

// storeCall is the body of POST /v1/store.
type storeCall struct {
	Ticket      ticket       `json:"ticket"`
	Lookup      string       `json:"lookup"` // with abandon, for a look-up whose ticket did not come: its id
	Abandon     bool         `json:"abandon"`
	Final       bool         `json:"final"` // with abandon: another's answer would not be kept either
	ContentType string       `json:"content_type"`
	Answer      string       `json:"answer"`
	Usage       *cache.Usage `json:"usage"`
	Cost        int64        `json:"cost_microusd"`
	Provider    string       `json:"provider"`
	Model       string       `json:"model"`
}

// ticket is one that a look-up's miss had, which is looked into only if it may be one: other
// texts could be as long as the body, and deep.
type ticket []byte

// UnmarshalJSON takes a ticket as it is.
func (t *ticket) UnmarshalJSON(text []byte) error {
	if len(text) > cache.MaxTicket {
		return fmt.Errorf("ticket of %d bytes; it has 1 to %d", len(text), cache.MaxTicket)
	}
	*t = append(ticket{}, text...)
	return nil
}

// storeReply is its answer.
type storeReply struct {
	Stored bool   `json:"stored"`
	Reason string `json:"reason"`
}

// shortStore is the longest store call that has room of its own, in bytes: a give-up has a
// ticket at most.
const shortStore = cache.MaxTicket + 1<<10

// keep answers POST /v1/store. Others wait for what it says. So look-ups, however many, take
// none of its room, and to give up takes no place: it is done at once.
func (s *Server) keep(w http.ResponseWriter, r *http.Request) {
	room, full := s.bodies, s.unkept
	if n := r.ContentLength; 0 <= n && n <= shortStore {
		room, full = s.short, nil
	}
	body, release := s.bodyIn(room, full, w, r, "application/json", s.limits.StoreBody)
	if release == nil {
		return
	}
	defer release()
	var call storeCall
	if err := decode(body, &call); err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	switch {
	case call.Lookup != "" && (!call.Abandon || call.Final || call.Ticket != nil):
		fail(w, http.StatusBadRequest, "lookup goes with abandon alone: whoever has the ticket says it by that")
		return
	case call.Abandon:
		led, err := s.abandon(&call)
		if err != nil {
			s.failed(w, r, err)
			return
		}
		s.metrics.stores.WithLabelValues("abandoned").Inc()
		reason := "abandoned"
		if !led {
			reason = "abandoned; it did not lead, or no longer"
		}
		reply(w, http.StatusOK, storeReply{false, reason})
		return
	}
	if why := call.check(); why != "" {
		fail(w, http.StatusBadRequest, why)
		return
	}
	if !s.stores.TryAcquire(1) {
		if _, err := s.engine.Abandon(call.Ticket, false); err != nil {
			s.failed(w, r, err)
			return
		}
		s.busy(w, "answers")
		return
	}
	defer s.stores.Release(1)
	kept, err := s.engine.Keep(r.Context(), call.Ticket, &cache.Answer{
		ContentType: call.ContentType, Body: []byte(call.Answer),
		Usage: call.Usage, Cost: call.Cost, Provider: call.Provider, Model: call.Model,
	})
	if err != nil {
		s.failed(w, r, err)
		return
	}
	result := "refused"
	if kept.Stored {
		result = "stored"
	}
	s.metrics.stores.WithLabelValues(result).Inc()
	reply(w, http.StatusOK, storeReply(kept))
}

// unkept ends the lead of an answer that there is no room to read: its ticket comes first.
func (s *Server) unkept(body io.Reader) {
	if !s.short.TryAcquire(shortStore) {
		return
	}
	defer s.short.Release(shortStore)
	d := json.NewDecoder(io.LimitReader(body, shortStore))
	for _, want := range []json.Token{json.Delim('{'), "ticket"} {
		if got, err := d.Token(); err != nil || got != want {
			return
		}
	}
	var t ticket
	if d.Decode(&t) == nil {
		_, _ = s.engine.Abandon(t, false) // what is wrong with it is told to a call that is read
	}
}

func (s *Server) abandon(call *storeCall) (led bool, err error) {
	if call.Lookup != "" {
		return s.engine.AbandonLookup(call.Lookup)
	}
	return s.engine.Abandon(call.Ticket, call.Final)
}

// maxFigure bounds tokens and micro-dollars of one answer.
const maxFigure = 1 << 40

func (c *storeCall) check() string {
	var u cache.Usage
	if c.Usage != nil {
		u = *c.Usage
	}
	for _, n := range []int64{u.Input, u.Output, u.Cached, u.Reasoning, c.Cost} {
		if n < 0 || n > maxFigure {
			return "usage or cost_microusd out of its range"
		}
	}
	if len(c.Provider) > 256 || len(c.Model) > 256 || len(c.ContentType) > 256 {
		return "provider, model or content_type of more than 256 bytes"
	}
	return ""
}

// invalidation is the body of POST /v1/invalidate. What is set must hold for an entry to be
// deleted.
type invalidation struct {
	Key       string      `json:"key"`
	Scope     string      `json:"scope"`
	Model     string      `json:"model"`
	Tenant    cache.Pairs `json:"tenant"`
	OlderThan *int64      `json:"older_than_s"`
	All       bool        `json:"all"`
}

// invalidated is its answer.
type invalidated struct {
	Deleted int      `json:"deleted"`
	Unknown []string `json:"unknown_parts,omitempty"`
}

// invalidate answers POST /v1/invalidate.
func (s *Server) invalidate(w http.ResponseWriter, r *http.Request) {
	if !s.enter(w, s.others) {
		return
	}
	defer s.others.Release(1)
	body, release := s.body(w, r, "application/json", 64<<10)
	if release == nil {
		return
	}
	defer release()
	var call invalidation
	if err := decode(body, &call); err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	filter, err := call.filter(s.c.Now())
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	if call.All && !filter.Everything() {
		fail(w, http.StatusBadRequest, `"all" is everything, and goes with no condition; nothing was deleted`)
		return
	}
	done, err := s.engine.Invalidate(r.Context(), filter, call.All)
	var part *cache.UnknownPart
	switch {
	case errors.As(err, &part):
		fail(w, http.StatusBadRequest, "nothing was deleted: "+unknownPart("no entry has", part.Unknown, part.Known))
	case errors.Is(err, cache.ErrEverything):
		fail(w, http.StatusBadRequest, `nothing is named; to delete everything, say "all": true`)
	case err != nil:
		s.failed(w, r, err)
	default:
		s.metrics.invalidated.Add(float64(done.Deleted))
		reply(w, http.StatusOK, invalidated(done))
	}
}

func (c *invalidation) filter(now time.Time) (store.Filter, error) {
	f := store.Filter{Model: c.Model}
	for _, k := range []struct {
		text string
		to   **store.Key
	}{{c.Key, &f.Key}, {c.Scope, &f.Scope}} {
		if k.text == "" {
			continue
		}
		key, err := store.ParseKey(k.text)
		if err != nil {
			return f, err
		}
		*k.to = &key
	}
	for _, l := range c.Tenant {
		if l[0] == "" {
			return f, errors.New("tenant: a part without a name")
		}
		f.Labels = append(f.Labels, store.Label{Name: l[0], Value: l[1]})
	}
	if c.OlderThan != nil {
		const century = 100 * 366 * 24 * 3600
		if *c.OlderThan < 0 || *c.OlderThan > century {
			return f, errors.New("older_than_s: it is 0 to 3162240000")
		}
		f.Before = now.Add(-time.Duration(*c.OlderThan) * time.Second)
	}
	return f, nil
}
