package companion

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/companion/cache"
)

// lookup answers POST /v1/lookup.
func (s *Server) lookup(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	wait, err := waitOf(r)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	places := s.lookups
	if wait > 0 {
		places = s.waits
	}
	if !s.enter(w, places) {
		return
	}
	defer places.Release(1)
	body, release := s.body(w, r, "application/json", s.limits.LookupBody)
	if release == nil {
		return
	}
	defer release()
	asked, ok := cache.ReadCall(body)
	if !ok {
		asked = &cache.Request{}
		if err := decode(body, asked); err != nil {
			s.metrics.refused.WithLabelValues("lookup").Inc()
			fail(w, http.StatusBadRequest, err.Error())
			return
		}
	}
	result, err := s.engine.Lookup(r.Context(), asked, wait)
	if err != nil {
		s.metrics.refused.WithLabelValues("lookup").Inc()
		s.failed(w, r, err)
		return
	}
	s.metrics.looked(result, time.Since(began), wait > 0)
	s.tell(w, result)
}

// maxWait is the largest ?wait= that is understood; the engine grants its own limit.
const maxWait = 10 * time.Minute

func waitOf(r *http.Request) (time.Duration, error) {
	text := r.URL.Query().Get("wait")
	if text == "" {
		return 0, nil
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms < 0 || ms > maxWait.Milliseconds() {
		return 0, fmt.Errorf("wait=%.20q; it is milliseconds, 0 to %d", text, maxWait.Milliseconds())
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// decode reads one JSON value, all of whose members are known and there once: a word that is
// not understood may be a restriction.
func decode(body []byte, to any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(to); err != nil {
		return fmt.Errorf("the body is not as openapi.yaml has it: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("the body has more than one JSON value")
	}
	return unambiguous(body, "request")
}

// tell writes a result as headers and a body.
func (s *Server) tell(w http.ResponseWriter, result *cache.Result) {
	h := w.Header()
	h.Set("x-sluice-cache", string(result.Outcome))
	h.Set("x-sluice-reason", result.Reason)
	if result.HasNearest {
		h.Set("x-sluice-similarity", strconv.FormatFloat(result.Similarity, 'f', 4, 64))
	}
	if result.JudgeCost > 0 {
		h.Set("x-sluice-judge-microusd", strconv.FormatInt(result.JudgeCost, 10))
	}
	switch result.Outcome {
	case cache.Hit, cache.SemanticHit:
		u := result.Meta.Usage
		h.Set("x-sluice-entry", result.Key.String())
		h.Set("x-sluice-age", strconv.FormatInt(int64(result.Age/time.Second), 10))
		h.Set("x-sluice-usage", fmt.Sprintf("input=%d,output=%d,cached=%d,reasoning=%d", u.Input, u.Output, u.Cached, u.Reasoning))
		h.Set("x-sluice-saved-microusd", strconv.FormatInt(result.Saves, 10))
		h.Set("x-sluice-target", headerText(result.Meta.Provider+"/"+result.Meta.Model))
		send(w, http.StatusOK, result.ContentType, result.Body)
	case cache.Wait:
		send(w, http.StatusAccepted, "application/json", nil)
	default:
		send(w, http.StatusOK, "application/json", result.Ticket)
	}
}

// headerText keeps a value to what may stand in a header.
func headerText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
