package companion

import (
	"context"
	_ "embed"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// healthz answers GET /healthz: the process lives.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
}

// part is the state of one part of the service.
type part struct {
	Ready  bool   `json:"ready"`
	Detail string `json:"detail"`
}

// readiness remembers what the parts said for a moment, so that probes cost nothing.
type readiness struct {
	mu              sync.Mutex
	asked           time.Time
	store, embedder part
	embedded        time.Time // when the embedder last made a vector
	stopping        bool
}

const (
	readyHolds  = time.Second
	embedHolds  = 30 * time.Second // a vector costs milliseconds here, and money elsewhere
	readyWithin = 3 * time.Second
)

// Stopping makes /readyz say no from now on.
func (s *Server) Stopping() {
	s.ready.mu.Lock()
	defer s.ready.mu.Unlock()
	s.ready.stopping = true
}

// readyz answers GET /readyz: 200 once store and embedder serve. Without an embedder there
// are exact hits only, which is ready, and said.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	state := &s.ready
	state.mu.Lock()
	defer state.mu.Unlock()
	if now := time.Now(); now.Sub(state.asked) > readyHolds {
		// Not the caller's context: what one probe has found is for the next as well.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), readyWithin)
		s.ask(ctx, state, now)
		cancel()
		state.asked = time.Now()
	}
	answer := struct {
		Ready    bool   `json:"ready"`
		Mode     string `json:"mode"`
		Store    part   `json:"store"`
		Embedder part   `json:"embedder"`
	}{state.store.Ready && state.embedder.Ready && !state.stopping, "exact and semantic", state.store, state.embedder}
	if s.embed == nil {
		answer.Mode = "exact only"
	}
	if state.stopping {
		answer.Mode = "stopping"
	}
	status := http.StatusOK
	if !answer.Ready {
		status = http.StatusServiceUnavailable
	}
	reply(w, status, answer)
}

func (s *Server) ask(ctx context.Context, state *readiness, now time.Time) {
	state.store = part{true, "serves"}
	if err := s.store.Ready(ctx); err != nil {
		s.log.Warn("the store is not ready", "error", err)
		state.store = part{false, "does not serve; the log says why"}
	}
	switch {
	case s.embed == nil:
		state.embedder = part{true, s.c.ExactWhy}
	case now.Sub(state.embedded) < embedHolds:
	default:
		// Another text each time: a memo's answer would say nothing of what is behind it.
		if _, err := s.embed.Embed(ctx, []string{"ready " + strconv.FormatInt(now.Unix(), 36)}); err != nil {
			s.log.Warn("the embedder is not ready", "error", err)
			state.embedder = part{false, "does not serve; the log says why"}
			return
		}
		state.embedded, state.embedder = now, part{true, s.embed.Space()}
	}
}

// stats answers GET /v1/stats.
func (s *Server) stats(w http.ResponseWriter, r *http.Request) {
	if !s.enter(w, s.others) {
		return
	}
	defer s.others.Release(1)
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	kept, err := s.store.Stats(ctx)
	if err != nil {
		s.metrics.Failed("stats", "failed", err)
		s.failed(w, r, err)
		return
	}
	type storeStats struct {
		Entries  int64 `json:"entries"`
		Bytes    int64 `json:"bytes"`
		Evicted  int64 `json:"evicted"`
		Damaged  int64 `json:"damaged"`
		Capacity int64 `json:"capacity"`
	}
	flying, waiting := s.engine.Waiting()
	answer := struct {
		Store       storeStats `json:"store"`
		Embedder    string     `json:"embedder"` // "" = exact hits only
		Flying      int        `json:"flying"`
		Waiting     int        `json:"waiting"`
		LedgerBytes int64      `json:"ledger_bytes"` // 0 = no ledger
		Uptime      int64      `json:"uptime_s"`
	}{Store: storeStats(kept), Flying: flying, Waiting: waiting, Uptime: int64(s.c.Now().Sub(s.began) / time.Second)}
	if s.embed != nil {
		answer.Embedder = s.embed.Space()
	}
	if s.ledger != nil {
		answer.LedgerBytes = s.ledger.Size()
	}
	reply(w, http.StatusOK, answer)
}

//go:embed openapi.yaml
var openAPI []byte

// openapi answers GET /openapi.yaml.
func (s *Server) openapi(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, "application/yaml", openAPI)
}
