package companion

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/companion/guard"
)

// guardCall is the body of POST /v1/guard.
type guardCall struct {
	Texts  []guard.Text `json:"texts"`
	Guards []string     `json:"guards"`
	Within int64        `json:"within_ms"`
}

// verdict is what is told of one guard.
type verdict struct {
	Name   string       `json:"name"`
	Result guard.Result `json:"result"`
	Spans  []guard.Span `json:"spans"`
	Kinds  []string     `json:"kinds"`
	Reason string       `json:"reason"`
	Took   int64        `json:"ms"`
}

// guards answers POST /v1/guard.
func (s *Server) guards(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	if !s.enter(w, s.guarding) {
		return
	}
	defer s.guarding.Release(1)
	body, release := s.body(w, r, "application/json", s.limits.GuardBody)
	if release == nil {
		return
	}
	defer release()
	var call guardCall
	if why := call.read(body); why != "" {
		fail(w, http.StatusBadRequest, why)
		return
	}
	verdicts := s.c.Guards.Check(r.Context(), call.Guards, call.Texts, call.left(time.Since(began)))
	answer := struct {
		Verdicts []verdict `json:"verdicts"`
	}{make([]verdict, len(verdicts))}
	for i := range verdicts {
		v := &verdicts[i]
		s.metrics.guarded(v)
		answer.Verdicts[i] = verdict{v.Name, v.Result, v.Spans, v.Kinds, v.Reason, v.Took.Milliseconds()}
		if v.Spans == nil {
			answer.Verdicts[i].Spans = []guard.Span{}
		}
		if v.Kinds == nil {
			answer.Verdicts[i].Kinds = []string{}
		}
	}
	reply(w, http.StatusOK, answer)
}

// maxGuardWithin is the longest that a caller may wait, in milliseconds.
const maxGuardWithin = 60_000

// read reads and checks the call. What it says of a bad one has nothing of the texts, not
// even of a member's name.
func (c *guardCall) read(body []byte) (why string) {
	// encoding/json would read such bytes as three others, and every offset after them was wrong.
	if !utf8.Valid(body) {
		return "the body is not UTF-8"
	}
	if err := decode(body, c); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return fmt.Sprintf("the body is not as openapi.yaml has it: at byte %d there is a value of another type", kind.Offset)
		}
		return "the body is not as openapi.yaml has it"
	}
	if c.Texts == nil || len(c.Texts) > guard.MaxTexts {
		return fmt.Sprintf("texts: %d; it is a list of at most %d", len(c.Texts), guard.MaxTexts)
	}
	for i := range c.Texts {
		if !slices.Contains([]string{"system", "user", "assistant", "tool"}, c.Texts[i].Role) {
			return fmt.Sprintf("texts[%d].role is not system, user, assistant or tool", i)
		}
	}
	if len(c.Guards) < 1 || len(c.Guards) > guard.MaxGuards {
		return fmt.Sprintf("guards: %d names; it is 1 to %d", len(c.Guards), guard.MaxGuards)
	}
	for i, name := range c.Guards {
		if name == "" || len(name) > 256 || slices.Contains(c.Guards[:i], name) {
			return fmt.Sprintf("guards[%d] is a name twice, or not of 1 to 256 bytes", i)
		}
	}
	if c.Within < 0 || c.Within > maxGuardWithin {
		return fmt.Sprintf("within_ms: it is 0 to %d", maxGuardWithin)
	}
	return ""
}

// wayBack is what is kept of the caller's time for the answer to reach it, and at most a
// fifth: verdicts that are there are not to be lost for one that is not.
const wayBack = 20 * time.Millisecond

// left is the time that guards have; 0 = their own.
func (c *guardCall) left(gone time.Duration) time.Duration {
	if c.Within == 0 {
		return 0
	}
	within := time.Duration(c.Within) * time.Millisecond
	return max(time.Millisecond, within-min(wayBack, within/5)-gone)
}
